"""encode, decode and steps of every number format; see formats.py and execution.py."""

import itertools
import math
import random
import sys

from execution import F32, I32, Cases, parse_arguments, tensor, wrap
from formats import INF, MINIFLOATS, Affine, Block, Codebook, Planes, Pow2, Uniform, floats, neighbours, r32, words_of

DENORMALS = [2.0**-149, 2.0**-140, 2.0**-127]
SPECIALS = [0.0, -0.0, INF, -INF, math.nan, *DENORMALS, *(-x for x in DENORMALS), 2.0**-126,
            -(2.0**-126), r32(3.4028234663852886e38), -r32(3.4028234663852886e38), 1.0, -1.0, r32(0.1), r32(-123.456)]

#: Per tensor. In ranges of codes that are not small only decode and steps are tested.
FORMATS = [
    # Binary, ternary, two levels, an asymmetric pair.
    Planes("sign", [[0.5]]), Planes("bit", [[0.7]]), Planes("bit", [[-0.7]]),
    Planes("bit", [[0.3, -0.3]]), Planes("bit", [[0.7, -0.3]]), Planes("bit", [[0.3, -0.9]]),
    # k bits, the odd grid, and multiples in another order.
    Planes("bit", [[0.1 * 2**p for p in range(4)]]), Planes("sign", [[0.25, 0.5]]),
    Planes("sign", [[0.75, 0.25, 1.25]]), Planes("bit", [[r32(0.1) * 2, r32(0.1), -4 * r32(0.1)]]),
    Planes("bit", [[2.0**p for p in range(8)]]), Planes("bit", [[1.0, 32767.0]]), Planes("bit", [[1.0, 32768.0]]),
    # Several bases.
    Planes("sign", [[0.9, 0.41]]), Planes("sign", [[0.9, 0.41, 0.17]]), Planes("sign", [[0.1, 0.23, 0.61, 1.9]]),
    Planes("bit", [[0.9, 0.41, -0.17]]), Planes("sign", [[0.1 * 1.7**p for p in range(8)]]),
    Planes("sign", [[1e-38 * 1.3, 1e-38 * 2]]), Planes("bit", [[2.0**125, -(2.0**124) * 1.1]]),
    Planes("bit", [[2.0**p for p in range(15)]]), Planes("sign", [[0.01 * 1.3**p for p in range(16)]]),
    # Powers of two: with and without sign, of one exponent, in several fields.
    Pow2("i4", -6, 0, [0.5]), Pow2("u4", -7, 7, [0.3]), Pow2("i2", 0, 0, [1.5]), Pow2("u1", 3, 3, [0.1]),
    Pow2("i5", -7, 0, [0.9]), Pow2("u3", -2, 2, [0.77]), Pow2("i8", -29, 0, [1.0]), Pow2("i3", -100, -98, [1.0]),
    Pow2("i4", -6, 0, [0.5], fields=2, drop=1), Pow2("i4", -3, 3, [0.3], fields=2), Pow2("u2", 0, 2, [0.1], fields=3, drop=2),
    Pow2("i3", -2, 0, [1.1], fields=2, drop=3), Pow2("i4", -6, 0, [0.5], fields=4, drop=2), Pow2("u5", -10, 19, [0.7], fields=3),
]
#: Along the axis named; three indices each.
PER_AXIS = [
    lambda axis: Planes("sign", [[0.5], [0.25], [0.3]], axis),
    lambda axis: Planes("bit", [[0.5, -0.5], [0.3, -0.3], [7.0, -7.0]], axis),
    lambda axis: Planes("bit", [[0.5, -0.25], [0.3, -0.4], [7.0, -1.0]], axis),
    lambda axis: Planes("sign", [[0.5, 0.25, 0.1], [0.25, 0.5, 0.2], [0.1, 0.2, 0.9]], axis),
    # The order of numbers, and how many there are, differ between channels.
    lambda axis: Planes("bit", [[1.0, 2.0, 3.0], [3.0, 2.0, 1.1], [1.0, 1.5, 1.0]], axis),
    lambda axis: Pow2("i4", -6, 0, [0.5, 0.3, 12.5], axis=axis),
    lambda axis: Pow2("u3", -1, 3, [0.5, 0.3, 12.5], fields=2, drop=1, axis=axis),
    lambda axis: Uniform("u3", [(0.5, 3), (0.3, 0), (2.0, 7)], axis=axis),
    lambda axis: Uniform("i1", [(0.5, 0), (0.3, -1), (2.0, 0)], axis=axis),
]
UNIFORM = [Uniform(f"{sign}{width}", [(0.3, zero)]) for width in range(1, 17) for sign, zero in
           (("u", 0), ("u", 2 ** (width - 1)), ("i", 0), ("i", -(2 ** (width - 1))))]
UNIFORM += [Uniform("i4", [(0.25, 0)], -7, 7), Uniform("u8", [(0.0371, 121)], 3, 250)]


def indices(shape):
    return itertools.product(*map(range, shape))


def interesting(format, channel, limit=40):
    """Numbers of the format, decision thresholds, what lies around both, and specials."""
    numbers = [x for x, _ in format.numbers(channel)]
    if len(numbers) > limit:
        numbers = numbers[:limit // 2] + numbers[-limit // 2:]
    values = numbers + [r32((a + b) / 2) for a, b in zip(numbers, numbers[1:])]
    return [y for x in values for y in neighbours(x)] + SPECIALS


def sample(format, rng, count=300):
    codes = list(format.codes()) if format.width <= 10 else []
    return codes or [format.low, format.low + 1, format.high - 1, format.high] + [
        rng.randint(format.low, format.high) for _ in range(count)]


def arrange(rows, axis, rank=3):
    """`rows`, one for each channel, as a tensor with the channels along `axis`."""
    count, size = len(rows), len(rows[0])
    shape = [1] * rank
    shape[axis] = count
    # The elements of a row lie along another dimension.
    along = (axis + 1) % rank
    shape[along] = size
    return shape, [rows[at[axis]][at[along]] for at in indices(shape)]


def laid_out(format, rows):
    """Shape and values of what is the same for each channel's own row."""
    if format.axis is None:
        return [len(rows[0])], rows[0]
    return arrange(rows, format.axis)


def equal_length(rows):
    size = max(map(len, rows))
    return [row + row[:1] * (size - len(row)) for row in rows]


def add_encode(cases, format):
    rows = equal_length([interesting(format, c) for c in range(format.channels)])
    expected = [[format.encode(x, c) for x in row] for c, row in enumerate(rows)]
    shape, xs = laid_out(format, rows)
    codes = laid_out(format, expected)[1]
    lines = [f"%q = lowbit.encode %0 : {F32.tensor(shape)} to {format.tensor(shape)}"]
    cases.add(f"encode {format}", [(xs, shape, F32)], lines + words_of("%q", format, shape), shape, I32, codes)


def add_ranks(cases, format, thresholds, codes=None):
    """encode by thresholds that are given, and perhaps codes."""
    xs = [y for t in thresholds for y in neighbours(r32(t))] + SPECIALS
    thresholds = [r32(t) for t in thresholds]
    ranked = codes or [code for _, code in format.numbers()]
    expected = [ranked[sum((0.0 if math.isnan(x) else x) >= t for t in thresholds)] for x in xs]
    attributes = f"thresholds = array<f32{': ' if thresholds else ''}{floats(thresholds)[1:-1]}>"
    attributes += f", codes = array<i64: {', '.join(map(str, codes))}>" if codes else ""
    shape = [len(xs)]
    lines = [f"%q = lowbit.encode %0 {{{attributes}}} : {F32.tensor(shape)} to {format.tensor(shape)}"]
    cases.add(f"encode {format} {attributes}", [(xs, shape, F32)], lines + words_of("%q", format, shape), shape, I32,
              expected)


def add_decode(cases, rng, format):
    codes = sample(format, rng)
    rows = [codes] * format.channels
    shape, data = laid_out(format, rows)
    expected = laid_out(format, [[format.real(code, c) for code in codes] for c in range(format.channels)])[1]
    lines = [f"%y = lowbit.decode %0 : {format.tensor(shape)} to {F32.tensor(shape)}"]
    cases.add(f"decode {format}", [(data, shape, format)], lines, shape, F32, expected)


def steps_type(format, term, steps):
    """The affine format of a term's steps: as narrow as they need, 0 among them."""
    low, high = min(0, *steps), max(0, *steps)
    high = 1 if low == high else high
    width = next(w for w in (8, 16, 32) if -(2 ** (w - 1)) <= low and high < 2 ** (w - 1))
    scales = [format.terms(0, c)[term][1] for c in range(format.channels)]
    return Uniform(f"i{width}", [(s, 0) for s in scales], low, high, format.axis)


def add_steps(cases, rng, format):
    codes = sample(format, rng)
    every = [format.terms(code) for code in format.codes()]
    for term in range(len(every[0])):
        shape, data = laid_out(format, [codes] * format.channels)
        to = steps_type(format, term, [terms[term][0] for terms in every])
        expected = laid_out(format, [[format.terms(code, c)[term][0] for code in codes]
                                     for c in range(format.channels)])[1]
        attribute = f"{{term = {term} : i64}} " if term else ""
        lines = [f"%q = lowbit.steps %0 {attribute}: {format.tensor(shape)} to {to.tensor(shape)}"]
        cases.add(f"steps {term} of {format}", [(data, shape, format)], lines + words_of("%q", to, shape), shape, I32,
                  expected)


class Plain:
    """Integers of 8 bits that stand for nothing."""

    plain, storage, word = True, "i8", 8

    def tensor(self, shape):
        return tensor(shape, "i8")


KINDS = {"f32": F32, "i32": I32, "i8": Plain()}


def parameter_value(rng, kind, number):
    if kind == "f32":
        return SPECIALS[number % 11 - 5] if number % 17 == 5 else r32(rng.uniform(-2, 2))
    if kind == "i32":
        return rng.choice([-(2**31), 2**31 - 1]) if number % 13 == 7 else rng.randint(-40, 40)
    return rng.choice([-128, -127, -126, 127, 126, 0]) if number % 3 == 0 else rng.randint(-20, 20)


def add_parameterized(cases, rng, format, coded, real=None, dynamic=False):
    """decode with random parameters: codes of shape `coded`, numbers of shape `real`."""
    real = real or coded
    codes = {at: format.random(rng, rng.random() < 0.2) for at in indices(coded)}
    arguments, parameters = [(list(codes.values()), coded, format)], []
    for kind, shape in zip(format.parameters, format.parameter_shapes(coded)):
        values = {at: parameter_value(rng, kind, i) for i, at in enumerate(indices(shape))}
        parameters.append(values)
        arguments.append((list(values.values()), shape, KINDS[kind]))
    if format.width <= 8 and len(codes) >= 2**format.width:  # all of them
        codes = dict(zip(codes, itertools.cycle(format.codes())))
        arguments[0] = (list(codes.values()), coded, format)
    result = format.decode(codes, real, parameters)
    expected = [wrap(0x7FC00000, 32) if math.isnan(result[at]) else result[at] for at in indices(real)]
    lines, names, types = [], [], []
    sizes = lambda shape: ["?"] * len(shape) if dynamic else shape
    for i, (_, shape, kind) in enumerate(arguments):
        # Codebooks are static.
        to = kind.tensor(shape if isinstance(format, Codebook) and i else sizes(shape))
        names.append(f"%d{i}")
        types.append(to)
        lines.append(f"%d{i} = tensor.cast %{i} : {kind.tensor(shape)} to {to}" if to != kind.tensor(shape) else None)
        names[i] = f"%d{i}" if lines[i] else f"%{i}"
    lines = [line for line in lines if line]
    to = F32.tensor(sizes(real) if not isinstance(format, Codebook) or format.dim == 1 else real)
    lines.append(f"%x = lowbit.decode {names[0]} with {', '.join(names[1:])} : {', '.join(types[1:])}"
                 f" : {types[0]} to {to}")
    name = "%x"
    if to != F32.tensor(real):
        lines.append(f"%z = tensor.cast %x : {to} to {F32.tensor(real)}")
        name = "%z"
    # Which NaN it is depends on the processor.
    kind = F32.tensor(real)
    lines += [f"%is = arith.cmpf uno, {name}, {name} : {kind}",
              f"%nan = arith.constant dense<0x7FC00000> : {kind}",
              f"%y = arith.select %is, %nan, {name} : tensor<{'x'.join(map(str, real))}xi1>, {kind}"]
    expected = [math.nan if isinstance(e, int) else e for e in expected]
    cases.add(f"decode {format} {coded} {'dynamic' if dynamic else ''}", arguments, lines, real, F32, expected)


def add_all_parameterized(cases, rng):
    for number, (width, sign) in enumerate(itertools.product(range(1, 17), "iu")):
        storage, zero = f"{sign}{width}", number % 3 == 1
        add_parameterized(cases, rng, Affine(storage, zero=zero), [7, 11], dynamic=number % 4 == 1)
        add_parameterized(cases, rng, Affine(storage, axis=number % 2, zero=zero), [5, 7], dynamic=number % 4 == 2)
        # 13 is no multiple of 4, 5 and 6, and shorter than 20.
        group = (4, 5, 6, 1, 13, 20)[number % 6]
        add_parameterized(cases, rng, Affine(storage, axis=1, group=group, zero=zero), [3, 13], dynamic=number % 4 == 3)
    add_parameterized(cases, rng, Affine("i8", low=-127, high=127, axis=2, group=3, zero=True), [2, 1, 10, 3])
    add_parameterized(cases, rng, Affine("u4", axis=0, group=2), [9])
    for width in range(2, 17):
        add_parameterized(cases, rng, Block(f"i{width}", width % 2, 4), [11, 9], dynamic=width % 3 == 0)
    for kind, (axis, size) in itertools.product(MINIFLOATS, ((0, 32), (1, 3), (2, 7))):
        add_parameterized(cases, rng, Block(kind, axis, size), [8, 5, 9], dynamic=size == 3)
    for width, entries in ((1, 2), (2, 3), (4, 16), (4, 9), (5, 1), (8, 200), (12, 17), (16, 5)):
        add_parameterized(cases, rng, Codebook(width, entries), [3, 37], dynamic=width == 2)
        add_parameterized(cases, rng, Codebook(width, entries, axis=1, per_vector=True), [3, 5])
    for dim, size in ((2, 10), (3, 10), (4, 3), (64, 65)):
        for bits, stages in ((2, 1), (3, 2), (4, 4)):
            for per_vector in (False, True):
                count = -(-size // dim)
                add_parameterized(cases, rng, Codebook(bits, 2**bits - 1, stages, dim, 1, per_vector), [3, count, 2],
                                  [3, size, 2])
                add_parameterized(cases, rng, Codebook(bits, 2**bits, stages, dim, 0, per_vector), [count], [size])


def add_all_ranks(cases):
    u2, sign = Uniform("u2", [(0.538, 0)]), Planes("sign", [[0.5]])
    # HWGQ: the first level for whatever is above 0.
    add_ranks(cases, u2, [2.0**-149, 0.807, 1.345])
    add_ranks(cases, Uniform("i2", [(0.5, 1)]), [-1.0, 0.0, 1.0])
    add_ranks(cases, sign, [0.0])
    add_ranks(cases, sign, [-0.0])
    add_ranks(cases, sign, [0.1], [1, 0])
    # LogNet rounds logarithms; ABC-Net shifts signs, one plane for each shift.
    add_ranks(cases, Pow2("u3", -2, 2, [1.0]), [2.0 ** (e - 0.5) for e in range(-2, 3)])
    add_ranks(cases, Planes("sign", [[0.9, 0.41, 0.17]]), [-0.3, 0.1, 0.6], [0, 1, 3, 7])
    # Thresholds that are equal leave out codes; infinite ones are reached by infinities only.
    add_ranks(cases, u2, [0.5, 0.5, 1.0])
    add_ranks(cases, u2, [-INF, 0.0, INF])
    add_ranks(cases, Uniform("u4", [(0.5, 3)]), [0.25], [9, 2])
    add_ranks(cases, Uniform("i8", [(0.5, 0)]), [x / 7 for x in range(-100, 155)])
    add_ranks(cases, Planes("bit", [[2.0**p for p in range(8)]]), [], [77])


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases()
    # Each axis of three, in turn.
    per_axis = [make(axis) for make, axis in itertools.product(PER_AXIS, range(3))]
    for format in FORMATS + per_axis:
        if format.width <= 8:
            add_encode(cases, format)
        add_decode(cases, rng, format)
        if not isinstance(format, Uniform):
            add_steps(cases, rng, format)
    for format in UNIFORM:
        add_encode(cases, format)
        add_decode(cases, rng, format)
    add_all_ranks(cases)
    add_all_parameterized(cases, rng)
    return cases.check(arguments)


sys.exit(main())
