"""Scales from the numbers themselves, and layers that read such codes; see execution.py.

Everything is recomputed here, one f32 operation after the other.
"""

import itertools
import math
import random
import sys
from fractions import Fraction

from execution import F32, I32, Cases, Format, bits, clamp, constant, dense, f32, parse_arguments, tensor, wrap
from network import tosa_constant

LARGEST = Fraction(2) ** 127 * (2 - Fraction(1, 2**23))
SPECIAL = [math.inf, -math.inf, math.nan]


def as_words(source, type_, shape, width, name="%y"):
    """Lines from codes to the i32 that their words are, with their sign."""
    words, wide = tensor(shape, f"i{width}"), tensor(shape, "i32")
    return [f"%words = lowbit.reinterpret {source} : {tensor(shape, type_)} to {words}",
            f"{name} = arith.extsi %words : {words} to {wide}"]


# -------------------------------------------------- scales from the numbers


def limit(x):
    if isinstance(x, float):
        return Fraction(0) if math.isnan(x) else LARGEST if x > 0 else -LARGEST
    return Fraction(x)


class Affine:
    """!lowbit.affine per tensor or along dimension 0 of a matrix, or of axis."""

    options = ""

    def __init__(self, storage, low, high, axis=None, zero=False):
        self.low, self.high, self.axis, self.zero = low, high, axis, zero
        self.word = 8 if int(storage[1:]) <= 8 else 16
        self.text = f"!lowbit.affine<{storage}<{low}:{high}>"
        self.text += f", axis = {axis}" if axis is not None else ""
        self.text += ", zero>" if zero else ">"

    def parameters(self, count):
        return [(f"tensor<{count}xf32>")] + ([f"tensor<{count}xi32>"] if self.zero else [])

    def encode(self, xs):
        """Codes, scale and zero point of one slice."""
        xs = [limit(x) for x in xs]
        if self.zero:
            low, high = min([0, *xs]), max([0, *xs])
            scale = f32(limit(f32(high - low)) / (self.high - self.low))
        else:
            scale = f32(max([0, *map(abs, xs)]) / self.high)
        scale = scale if scale != 0 else Fraction(1)
        zero = 0
        if self.zero:
            zero = round(clamp(f32(self.low - f32(low / scale)), self.low, self.high))
        return [clamp(round(f32(x / scale)) + zero, self.low, self.high) for x in xs], scale, zero


class Planes:
    """!lowbit.planes with scales that are found plane by plane, and then in rounds."""

    def __init__(self, planes, axis=None, rounds=0):
        self.planes, self.axis, self.rounds = planes, axis, rounds
        self.word = 8 if planes <= 8 else 16
        self.options = f"{{rounds = {rounds}}} " if rounds else ""
        self.text = f"!lowbit.planes<sign x {planes}, " + (f"axis = {axis}, " if axis is not None else "") + "dynamic>"

    def parameters(self, count):
        return [f"tensor<{count}x{self.planes}xf32>"]

    def encode(self, xs):
        rest, codes, scales = [limit(x) for x in xs], [0] * len(xs), []
        for plane in range(self.planes):
            total = Fraction(0)
            for x in rest:
                total = f32(total + abs(x)) if not isinstance(total, float) else total
            scale = limit(f32(limit(total) / len(rest))) if not isinstance(total, float) else LARGEST
            scales.append(scale)
            codes = [code | (x >= 0) << plane for code, x in zip(codes, rest)]
            rest = [f32(x - scale if x >= 0 else x + scale) for x in rest]
        for _ in range(self.rounds):
            codes, scales = self.refine([limit(x) for x in xs], codes, scales)
        return codes, scales

    def refine(self, xs, codes, scales):
        """The scales of least squares for these signs, and the nearest sums."""
        k = self.planes
        signs = [[1 if code >> p & 1 else -1 for code in codes] for p in range(k)]
        scales = self.solve(signs, xs) or scales

        def distance(x, code):
            total = Fraction(0)
            for p, scale in enumerate(scales):
                total = f32(total + scale if code >> p & 1 else total - scale)
            return abs(f32(x - total))

        return [min(range(2**k), key=lambda code: distance(x, code)) for x in xs], scales

    def solve(self, signs, xs):
        """By L D L^T, one f32 operation after the other; None for small pivots."""
        def total(values):
            result = Fraction(0)
            for value in values:
                result = f32(result + value)
            return result

        lower, pivots, y = [], [], []
        for i, row in enumerate(signs):
            pivot, rest = Fraction(len(xs)), total(b * x for b, x in zip(row, xs))
            lower.append([])
            for j in range(i):
                product = total(a * b for a, b in zip(row, signs[j]))
                for m in range(j):
                    product = f32(product - f32(f32(lower[i][m] * lower[j][m]) * pivots[m]))
                lower[i].append(f32(product / pivots[j]))
                pivot = f32(pivot - f32(lower[i][j] * product))
                rest = f32(rest - f32(lower[i][j] * y[j]))
            if pivot < Fraction(len(xs), 1024):
                return None
            pivots.append(pivot)
            y.append(rest)
        for i in reversed(range(len(signs))):
            y[i] = f32(y[i] / pivots[i])
            for m in range(i + 1, len(signs)):
                y[i] = f32(y[i] - f32(lower[m][i] * y[m]))
        return y


def slices(shape, axis):
    """The positions of each slice's elements, in row-major order."""
    count = 1 if axis is None else shape[axis]
    found = [[] for _ in range(count)]
    for position, at in enumerate(itertools.product(*map(range, shape))):
        found[0 if axis is None else at[axis]].append(position)
    return found


def encode_slices(format, xs, shape):
    """Codes in the order of `xs`, and what belongs to each slice."""
    codes, parameters = [0] * len(xs), []
    for positions in slices(shape, format.axis):
        part, *rest = format.encode([xs[p] for p in positions])
        parameters.append(rest)
        for position, code in zip(positions, part):
            codes[position] = code
    return codes, parameters


def add_encode_dynamic(cases, format, xs, shape):
    codes, parameters = encode_slices(format, xs, shape)
    count = len(parameters)
    types = ", ".join([tensor(shape, format.text), *format.parameters(count)])
    isPlanes = isinstance(format, Planes)
    results = "%q, %s" + (", %z" if not isPlanes and format.zero else "")
    encode = f"{results} = lowbit.encode_dynamic %0 {format.options}: {F32.tensor(shape)} to {types}"
    name = f"encode_dynamic {format.text} {shape}"
    arguments = [(xs, shape, F32)]
    cases.add(name + " codes", arguments, [encode, *as_words("%q", format.text, shape, format.word)], shape, I32,
              [wrap(code, format.word) for code in codes])
    flat = [s for row in parameters for s in (row[0] if isPlanes else [row[0]])]
    sizes = [count, format.planes] if isPlanes else [count]
    cases.add(name + " scales", arguments, [encode.replace("%s", "%y")], sizes, F32, flat)
    if not isPlanes and format.zero:
        cases.add(name + " zero points", arguments, [encode.replace("%z", "%y")], sizes, I32, [z for _, z in parameters])
    # The numbers that the codes stand for.
    row_of = {p: i for i, positions in enumerate(slices(shape, format.axis)) for p in positions}
    reals = []
    for position, code in enumerate(codes):
        row = parameters[row_of[position]]
        if isPlanes:
            number = None
            for plane, scale in enumerate(row[0]):
                term = scale if code >> plane & 1 else -scale
                number = term if number is None else f32(number + term)
        else:
            number = f32((code - row[1]) * row[0])
        reals.append(number)
    given = ", ".join(results.split(", ")[1:])
    decode = f"%y = lowbit.decode %q with {given} : {', '.join(format.parameters(count))} : {tensor(shape, format.text)} to {F32.tensor(shape)}"
    cases.add(name + " decoded", arguments, [encode, decode], shape, F32, reals)


AFFINE = [("i8", -127, 127, False), ("i8", -128, 127, True), ("u8", 0, 255, True), ("i4", -7, 7, False),
          ("u2", 0, 3, True), ("i16", -32767, 32767, False), ("u8", 0, 255, False)]


def add_dynamic_encodes(cases, rng):
    def numbers(count):
        return [f32(Fraction(rng.randint(-10**6, 10**6), 10**5)) for _ in range(count)]

    tiny, huge = Fraction(2) ** -149, Fraction(2) ** 127
    data = [numbers(12), [abs(x) for x in numbers(12)], [-abs(x) for x in numbers(12)], [Fraction(0)] * 12,
            [tiny, -tiny] * 6, [190 * tiny, 3 * tiny, -7 * tiny] * 4, [huge, -huge, LARGEST, -LARGEST] * 3,
            SPECIAL * 4, [math.nan] * 11 + [Fraction(5, 2)], [Fraction(1, 2), Fraction(3, 2), Fraction(5, 2), Fraction(127)] * 3]
    for number, xs in enumerate(data):
        for axis in (None, 0):
            for storage, low, high, zero in AFFINE[:3] + [AFFINE[3 + number % 4]]:
                add_encode_dynamic(cases, Affine(storage, low, high, axis, zero), xs, [3, 4])
            add_encode_dynamic(cases, Planes(1 + number % 3, axis), xs, [3, 4])
    xs = numbers(2 * 3 * 5)
    add_encode_dynamic(cases, Affine("i8", -127, 127, 1), xs, [2, 3, 5])
    add_encode_dynamic(cases, Affine("u8", 0, 255, 2, True), xs, [2, 3, 5])
    add_encode_dynamic(cases, Planes(2, 1), xs, [2, 3, 5])
    add_encode_dynamic(cases, Planes(9, 1), xs, [2, 3, 5])
    for planes, axis, rounds in itertools.product((2, 3, 4), (None, 0), (1, 2)):
        add_encode_dynamic(cases, Planes(planes, axis, rounds), numbers(3 * 20), [3, 20])
    # Planes that depend on each other, in all slices and in one: scales stay.
    add_encode_dynamic(cases, Planes(2, 0, 2), [Fraction(-1)] * 8 + [Fraction(3)] * 8, [2, 8])
    add_encode_dynamic(cases, Planes(4, 0, 1), [Fraction(n % 3) for n in range(8)] + numbers(8), [2, 8])


# -------------------------------------------------------------------- layers


def weights_of(rng, shape, axis, signs=False):
    """Lines for constant codes, their steps and the f32 scale of each channel."""
    count = shape[axis]
    scales = [f32(Fraction(rng.randint(100, 1000), 10**5)) for _ in range(count)]
    if signs:
        format = f"!lowbit.planes<sign x 1, axis = {axis}, [{', '.join(str(float(s)) for s in scales)}]>"
        words = [rng.randint(0, 1) for _ in range(math.prod(shape))]
        codes = [2 * word - 1 for word in words]
        line = f"%w = lowbit.constant {dense(words, shape)} : {tensor(shape, 'i8')} as {tensor(shape, format)}"
    else:
        format = Format("i8", [float(s) for s in scales], [0] * count, -127, 127, axis=axis)
        codes = [rng.randint(-127, 127) for _ in range(math.prod(shape))]
        line = constant("%w", codes, shape, format)
    lines = [line, f"%wr = lowbit.decode %w : {tensor(shape, str(format))} to {F32.tensor(shape)}",
             '%zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>']
    return lines, codes, scales


def finish_sum(terms, weight_scale, bias, clamped):
    """`terms` are integer sums with their scales."""
    y = None
    for total, scale in terms:
        part = f32(f32(total) * f32(scale * weight_scale))
        y = f32(part + bias) if y is None else f32(part + y)
    return clamp(y, *clamped) if clamped else y


def encoded_input(format, shape):
    count = 1 if format.axis is None else shape[format.axis]
    types = format.parameters(count)
    names = ["%s", "%z"][:len(types)]
    return [f"%q, {', '.join(names)} = lowbit.encode_dynamic %0 {format.options}: {F32.tensor(shape)} to "
            f"{tensor(shape, format.text)}, {', '.join(types)}",
            f"%x = lowbit.decode %q with {', '.join(names)} : {', '.join(types)} : "
            f"{tensor(shape, format.text)} to {F32.tensor(shape)}"]


def slice_of(format, at):
    return 0 if format.axis is None else at[format.axis]


def terms_of(format, codes, row, pairs):
    """The sums over `pairs` of positions (None for padding) and weights."""
    if isinstance(format, Planes):
        return [(sum((1 if codes[p] >> plane & 1 else -1) * w for p, w in pairs if p is not None), scale)
                for plane, scale in enumerate(row[0])]
    return [(sum((codes[p] - row[1]) * w for p, w in pairs if p is not None), row[0])]


def add_matmul(cases, rng, format, m, k, n, clamped):
    """One matrix product: [1, m, k] x [1, k, n]."""
    shape = [1, m, k]
    xs = [f32(Fraction(rng.randint(-10**6, 10**6), 10**5)) for _ in range(m * k)]
    codes, parameters = encode_slices(format, xs, shape)
    lines, weights, scales = weights_of(rng, [1, k, n], 2)
    expected = []
    for i, o in itertools.product(range(m), range(n)):
        row = parameters[slice_of(format, (0, i, 0))]
        terms = terms_of(format, codes, row, [(i * k + t, weights[t * n + o]) for t in range(k)])
        expected.append(finish_sum(terms, scales[o], 0, clamped))
    result = "%l" if clamped else "%y"
    lines = [*encoded_input(format, shape), *lines,
             f"{result} = tosa.matmul %x, %wr, %zp, %zp : ({F32.tensor(shape)}, {F32.tensor([1, k, n])},"
             f" tensor<1xf32>, tensor<1xf32>) -> {F32.tensor([1, m, n])}"]
    if clamped:
        lines.append(clamp_line(clamped, [1, m, n]))
    cases.add(f"matmul {format.text} {m} {k} {n} {clamped}", [(xs, shape, F32)], lines, [1, m, n], F32, expected)


def clamp_line(clamped, shape):
    low, high = (f"0x{bits(x) & 0xFFFFFFFF:08X}" for x in clamped)
    kind = F32.tensor(shape)
    return f"%y = tosa.clamp %l {{min_val = {low} : f32, max_val = {high} : f32}} : ({kind}) -> {kind}"


def add_conv(cases, rng, format, pad, clamped, signs=False):
    """3x3 weights over [2, 5, 5, 3] to 4 channels."""
    shape, channels, kernel = [2, 5, 5, 3], 4, [4, 3, 3, 3]
    xs = [f32(Fraction(rng.randint(-10**6, 10**6), 10**5)) for _ in range(math.prod(shape))]
    codes, parameters = encode_slices(format, xs, shape)
    lines, weights, scales = weights_of(rng, kernel, 0, signs)
    bias = [f32(Fraction(rng.randint(-10**4, 10**4), 10**3)) for _ in range(channels)]
    size = 3 + 2 * pad
    expected = []
    for b, h, w, o in itertools.product(range(2), range(size), range(size), range(channels)):
        pairs = []
        for y, x, i in itertools.product(range(3), range(3), range(3)):
            row, column = h + y - pad, w + x - pad
            inside = 0 <= row < 5 and 0 <= column < 5
            position = ((b * 5 + row) * 5 + column) * 3 + i if inside else None
            pairs.append((position, weights[((o * 3 + y) * 3 + x) * 3 + i]))
        terms = terms_of(format, codes, parameters[slice_of(format, (b,))], pairs)
        expected.append(finish_sum(terms, scales[o], bias[o], clamped))
    result, out = "%l" if clamped else "%y", [2, size, size, channels]
    lines = [*encoded_input(format, shape), *lines, tosa_constant("%b", bias, [channels]),
             f"{result} = tosa.conv2d %x, %wr, %b, %zp, %zp {{acc_type = f32, pad = array<i64: {pad}, {pad}, {pad}, {pad}>,"
             f" stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}} : ({F32.tensor(shape)}, {F32.tensor(kernel)},"
             f" tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> {F32.tensor(out)}"]
    if clamped:
        lines.append(clamp_line(clamped, out))
    cases.add(f"conv {format.text} {pad} {clamped} {signs}", [(xs, shape, F32)], lines, out, F32, expected)


def add_layers(cases, rng):
    relu = (Fraction(0), LARGEST)
    for m, k, n in ((5, 20, 7), (1, 9, 33), (17, 64, 16)):
        for storage, low, high, zero in AFFINE[:5]:
            for axis in (None, 1):
                add_matmul(cases, rng, Affine(storage, low, high, axis, zero), m, k, n, relu if zero else None)
        for planes, axis in itertools.product((1, 2, 3), (None, 1)):
            add_matmul(cases, rng, Planes(planes, axis), m, k, n, relu if planes == 2 else None)
        add_matmul(cases, rng, Planes(2, 1, 2), m, k, n, None)
    for pad, axis in itertools.product((0, 1), (None, 0)):
        add_conv(cases, rng, Affine("i8", -127, 127, axis), pad, (Fraction(-1), Fraction(6)))
        add_conv(cases, rng, Planes(2, axis), pad, relu)
        add_conv(cases, rng, Planes(3, axis), pad, None, signs=True)
    add_conv(cases, rng, Affine("u8", 0, 255, None, True), 0, None)


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases()
    if "integerize" in arguments.pipeline:
        add_layers(cases, rng)
    else:
        add_dynamic_encodes(cases, rng)
    return cases.check(arguments)


if __name__ == "__main__":
    sys.exit(main())
