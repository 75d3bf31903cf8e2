"""Products of bits as counts of bits: contractions of bit planes and of codes of
at most 2 bits with small weights, in sizes around a word, a vector and a tile; see
execution.py. Pairs of layers, whose bits in between are packed where they are made.
Also that bits are counted where they should be, and nowhere else, and that codes of two
bits are multiplied by tables where these are asked for.
"""

import itertools
import math
import random
import subprocess
import sys
from fractions import Fraction

from execution import F32, I32, Cases, Format, parse_arguments, tensor, wrap

MAPS = {
    "matmul": (("m", "n", "k"), "(m, k)", "(n, k)", "(n)", "(m, n)"),
    "conv": (("b", "y", "x", "o", "u", "v", "c"), "(b, y * 2 + u, x + v, c)", "(o, u, v, c)", "(o)", "(b, y, x, o)"),
}


class Signs(Format):
    """Bit planes of one term: what a code stands for, in steps."""

    def __init__(self, alphabet, multiples):
        super().__init__(f"u{len(multiples)}")
        self.alphabet, self.multiples = alphabet, multiples

    def __str__(self):
        scales = ", ".join(str(0.5 * m) for m in self.multiples)
        return f"!lowbit.planes<{self.alphabet} x {len(self.multiples)}, [{scales}]>"

    def step(self, code):
        bits = [code >> i & 1 for i in range(self.width)]
        if self.alphabet == "sign":
            bits = [2 * bit - 1 for bit in bits]
        return sum(m * bit for m, bit in zip(self.multiples, bits))

    def steps(self):
        """The affine format of the steps."""
        values = [self.step(code) for code in range(2**self.width)]
        return Format("i8", 0.5, 0, min(values + [0]), max(values + [0]))


SIGN = Signs("sign", [1])
FORMATS = [
    SIGN, Signs("bit", [1]), Signs("bit", [1, -1]), Signs("sign", [1, 2]), Signs("bit", [1, 2]), Signs("bit", [-1]),
    Format("u1", 0.5), Format("u2", 0.5, 1), Format("i2", 0.5), Format("i2", 0.5, 0, -1, 1),
]
WEIGHTS = {"signs": [-1, 1], "ternary": [-1, 0, 1], "bits": [0, 1], "minus": [-1], "two": [-2, -1, 0, 1]}


def count(format, weights, columns):
    """How many counts of bits a contraction takes; and how many, and how many tables, where
    these replace counts: of codes of two bits and weights of at most four values, or of signs and
    codes of up to four bits, in columns enough."""
    # Bytes are multiplied as fast for few columns, and slower where they are signed.
    is_signed = (format.step(0) < 0 or min(format.multiples) < 0) if isinstance(format, Signs) else format.signed
    enough = columns >= (9 if is_signed else 17)
    signs = set(weights) <= {-1, 1}
    needed = format.width * (1 if signs or min(weights) >= 0 else 2)
    if enough and format.width == 2 and len(set(weights)) <= 4:
        return needed, (0, 1)
    if enough and 3 <= format.width <= 4 and signs:
        return needed, (format.width % 2, format.width // 2)
    return needed, None


def contract(cases, name, form, sizes, format, values, rng, extreme):
    if cases.skips():
        return 0, None
    loops, lhs_map, rhs_map, channel_map, out_map = MAPS[form]
    size = dict(zip(loops, sizes))
    if form == "matmul":
        shape = [size["m"], size["k"]]
        weight_shape, out_shape = [size["n"], size["k"]], [size["m"], size["n"]]
    else:
        shape = [size["b"], (size["y"] - 1) * 2 + size["u"], size["x"] + size["v"] - 1, size["c"]]
        weight_shape = [size["o"], size["u"], size["v"], size["c"]]
        out_shape = [size["b"], size["y"], size["x"], size["o"]]
    codes = [format.random(rng, extreme) for _ in range(math.prod(shape))]
    weights = [rng.choice([values[0], values[-1]] if extreme else values) for _ in range(math.prod(weight_shape))]
    bias = [rng.randint(-1000, 1000) for _ in range(weight_shape[0])]

    def at(data, dims, *index):
        position = 0
        for dim, i in zip(dims, index):
            position = position * dim + i
        return data[position]

    read = format.step if isinstance(format, Signs) else lambda code: code
    expected = []
    for index in itertools.product(*map(range, out_shape)):
        total = at(bias, [len(bias)], index[-1])
        if form == "matmul":
            m, n = index
            total += sum(read(at(codes, shape, m, k)) * at(weights, weight_shape, n, k) for k in range(size["k"]))
        else:
            b, y, x, o = index
            total += sum(
                read(at(codes, shape, b, 2 * y + u, x + v, c)) * at(weights, weight_shape, o, u, v, c)
                for u, v, c in itertools.product(range(size["u"]), range(size["v"]), range(size["c"])))
        expected.append(wrap(total, 32))

    words = Format("i8", 0.25, 0, -2, 2)
    dims = "(" + ", ".join(loops) + ")"
    maps = ", ".join(f"affine_map<{dims} -> {m}>" for m in (lhs_map, rhs_map, channel_map, out_map))
    lines, operand, kind = [], "%0", format
    if isinstance(format, Signs):
        kind = format.steps()
        lines.append(f"%s = lowbit.steps %0 : {format.tensor(shape)} to {kind.tensor(shape)}")
        operand = "%s"
    result = tensor(out_shape, "i32")
    lines += [
        f"%i = tensor.empty() : {result}",
        f"%y = lowbit.contract ins({operand}, %1 : {kind.tensor(shape)}, {words.tensor(weight_shape)}) "
        f"epilogue(%2 : {I32.tensor([len(bias)])}) outs(%i : {result}) maps [{maps}] {{",
        "^bb0(%acc: i32, %b: i32):",
        "%sum = arith.addi %acc, %b : i32",
        "lowbit.yield %sum : i32",
        f"}} -> {result}",
    ]
    arguments = [(codes, shape, format), (weights, weight_shape, words), (bias, [len(bias)], I32)]
    cases.add(name, arguments, lines, out_shape, I32, expected, inline=(1,))
    return count(format, weights, weight_shape[0])


def layers(cases, name, sizes, rng):
    """Signs of numbers, a layer, a threshold for each channel, some falling, and a layer."""
    if cases.skips():
        return []
    m, k, n, last = sizes
    numbers = [rng.choice([-3, -0.25, 0, 0.25, 0.5, 1]) for _ in range(m * k)]
    x = [int(number >= 0.25) for number in numbers]
    first, second = ([rng.choice([-1, 1]) for _ in range(size)] for size in (n * k, last * n))
    thresholds = [rng.randint(-k // 4, k // 4) for _ in range(n)]
    falling = [rng.random() < 0.3 for _ in range(n)]
    expected = []
    for row in range(m):
        codes = [2 * bit - 1 for bit in x[row * k:(row + 1) * k]]
        sums = [sum(a * b for a, b in zip(codes, first[i * k:(i + 1) * k])) for i in range(n)]
        hidden = [1 if (s <= t if f else s >= t) else -1 for s, t, f in zip(sums, thresholds, falling)]
        expected += [sum(a * b for a, b in zip(hidden, second[i * n:(i + 1) * n])) for i in range(last)]
    words, kind = Format("i8", 0.25, 0, -1, 1), SIGN.steps()
    maps = "maps [" + ", ".join(f"affine_map<(m, n, k) -> {m}>" for m in ("(m, k)", "(n, k)", "(m, n)")) + "]"
    falls = ", ".join(str(f).lower() for f in falling)

    def contract(result, steps, weights, rows, inputs, outputs):
        type = tensor([rows, outputs], "i32")
        return [
            f"%i{result} = tensor.empty() : {type}",
            f"%{result} = lowbit.contract ins({steps}, {weights} : {kind.tensor([rows, inputs])}, "
            f"{words.tensor([outputs, inputs])}) outs(%i{result} : {type}) {maps} {{",
            "^bb0(%acc: i32):", "lowbit.yield %acc : i32", f"}} -> {type}"]

    lines = [
        f"%e = lowbit.encode %0 {{codes = array<i64: 0, 1>, thresholds = array<f32: 0.25>}} : "
        f"{tensor([m, k], 'f32')} to {SIGN.tensor([m, k])}",
        f"%s = lowbit.steps %e : {SIGN.tensor([m, k])} to {kind.tensor([m, k])}",
        *contract("h", "%s", "%1", m, k, n),
        f"%q = lowbit.threshold %h, %2 {{axis = 1 : i64, falling = array<i1: {falls}>}} : "
        f"{tensor([m, n], 'i32')}, {tensor([n, 1], 'i32')} to {SIGN.tensor([m, n])}",
        f"%t = lowbit.steps %q : {SIGN.tensor([m, n])} to {kind.tensor([m, n])}",
        *contract("y", "%t", "%3", m, n, last)]
    arguments = [([Fraction(number) for number in numbers], [m, k], F32), (first, [n, k], words), (thresholds, [n, 1], I32), (second, [last, n], words)]
    cases.add(name, arguments, lines, [m, last], I32, expected, inline=(1, 2, 3))
    return [(1, None)] * 2


def tabled_layers(cases, name, format, sizes, rng):
    """Codes of two bits, a layer of ternary weights, thresholds, and such a layer again."""
    if cases.skips():
        return []
    m, k, n, last = sizes
    x = [format.random(rng) for _ in range(m * k)]
    first, second = ([rng.choice([-1, 0, 1]) for _ in range(size)] for size in (n * k, last * n))
    steps = format.high - format.low
    thresholds = [sorted(rng.randint(-k // 4, k // 4) for _ in range(steps)) for _ in range(n)]
    expected = []
    for row in range(m):
        codes = x[row * k:(row + 1) * k]
        sums = [sum(a * b for a, b in zip(codes, first[i * k:(i + 1) * k])) for i in range(n)]
        hidden = [format.low + sum(s >= t for t in limits) for s, limits in zip(sums, thresholds)]
        expected += [sum(a * b for a, b in zip(hidden, second[i * n:(i + 1) * n])) for i in range(last)]
    words = Format("i8", 0.25, 0, -1, 1)
    maps = "maps [" + ", ".join(f"affine_map<(m, n, k) -> {m}>" for m in ("(m, k)", "(n, k)", "(m, n)")) + "]"

    def contract(result, codes, weights, inputs, outputs):
        type = tensor([m, outputs], "i32")
        return [
            f"%i{result} = tensor.empty() : {type}",
            f"%{result} = lowbit.contract ins({codes}, {weights} : {format.tensor([m, inputs])}, "
            f"{words.tensor([outputs, inputs])}) outs(%i{result} : {type}) {maps} {{",
            "^bb0(%acc: i32):", "lowbit.yield %acc : i32", f"}} -> {type}"]

    lines = [
        *contract("h", "%0", "%1", k, n),
        f"%q = lowbit.threshold %h, %2 {{axis = 1 : i64}} : "
        f"{tensor([m, n], 'i32')}, {tensor([n, steps], 'i32')} to {format.tensor([m, n])}",
        *contract("y", "%q", "%3", n, last)]
    flat = [limit for limits in thresholds for limit in limits]
    arguments = [(x, [m, k], format), (first, [n, k], words), (flat, [n, steps], I32), (second, [last, n], words)]
    cases.add(name, arguments, lines, [m, last], I32, expected, inline=(1, 2, 3))
    return [count(format, [-1, 0, 1], columns) for columns in (n, last)]


def padded(cases, name, format, sizes, rng, values=(-1, 1)):
    """A convolution over zeros around codes; signs have none of their own."""
    if cases.skips():
        return 0, None
    b, y, x, o, u, v, c = sizes
    shape, low, high = [b, y, x, c], (0, 1, 2, 0), (0, 1, 0, 0)
    wide = [size + l + h for size, l, h in zip(shape, low, high)]
    weight_shape, out_shape = [o, u, v, c], [b, wide[1] - u + 1, wide[2] - v + 1, o]
    codes = [format.random(rng) for _ in range(math.prod(shape))]
    weights = [rng.choice(values) for _ in range(math.prod(weight_shape))]
    has_planes = isinstance(format, Signs)

    def read(n, i, j, k):
        i, j = i - low[1], j - low[2]
        if not (0 <= i < y and 0 <= j < x):
            return 0 if has_planes else format.zero
        code = codes[((n * y + i) * x + j) * c + k]
        return format.step(code) if has_planes else code

    def weight(m, i, j, k):
        return weights[((m * u + i) * v + j) * c + k]

    expected = [
        sum(read(n, i + p, j + q, k) * weight(m, p, q, k)
            for p, q, k in itertools.product(range(u), range(v), range(c)))
        for n, i, j, m in itertools.product(*map(range, out_shape))]
    kind, words = format.steps() if has_planes else format, Format("i8", 0.25, 0, -2, 1)
    dims = "(b, y, x, o, u, v, c)"
    maps = ", ".join(f"affine_map<{dims} -> {m}>" for m in (
        "(b, y + u, x + v, c)", "(o, u, v, c)", "(b, y, x, o)"))
    result = tensor(out_shape, "i32")
    read_codes = [f"%s = lowbit.steps %0 : {format.tensor(shape)} to {kind.tensor(shape)}"] if has_planes else []
    lines = [
        *read_codes,
        f"%p = lowbit.pad {'%s' if has_planes else '%0'} {{low = array<i64: {', '.join(map(str, low))}>, high = array<i64: {', '.join(map(str, high))}>}} "
        f": {kind.tensor(shape)} to {kind.tensor(wide)}",
        f"%i = tensor.empty() : {result}",
        f"%y = lowbit.contract ins(%p, %1 : {kind.tensor(wide)}, {words.tensor(weight_shape)}) outs(%i : {result}) "
        f"maps [{maps}] {{",
        "^bb0(%acc: i32):", "lowbit.yield %acc : i32", f"}} -> {result}"]
    arguments = [(codes, shape, format), (weights, weight_shape, words)]
    cases.add(name, arguments, lines, out_shape, I32, expected, inline=(1,))
    return count(format, values, o)


def pooled(cases, name, format, sizes, rng, falls):
    """Codes, a layer, the largest sums of windows, thresholds, and a layer. Of `falls` channels
    out of ten the thresholds fall."""
    if cases.skips():
        return []
    h, w, c, o, last = sizes
    x = [format.random(rng) for _ in range(h * w * c)]
    first, second = ([rng.choice([-1, 1]) for _ in range(size)] for size in (o * c, last * o))
    steps = 2**format.width - 1
    thresholds = [sorted(rng.randint(-c // 3, c // 3) for _ in range(steps)) for _ in range(o)]
    falling = [rng.random() < falls / 10 for _ in range(o)]
    read = format.step if isinstance(format, Signs) else lambda code: code
    pad, kernel, stride = (1, 0, 0, 1), 2, 2
    height, width = ((size + 1 - kernel) // stride + 1 for size in (h, w))
    sums = [[sum(read(x[p * c + k]) * first[n * c + k] for k in range(c)) for n in range(o)] for p in range(h * w)]
    expected = []
    for i, j in itertools.product(range(height), range(width)):
        window = [(i * stride + u - pad[0], j * stride + v - pad[2]) for u in range(kernel) for v in range(kernel)]
        inside = [y * w + z for y, z in window if 0 <= y < h and 0 <= z < w]
        hidden = []
        for n in range(o):
            most = max(sums[p][n] for p in inside)
            reached = sum(most <= t if falling[n] else most >= t for t in thresholds[n])
            hidden.append(read(reached))
        expected += [sum(a * b for a, b in zip(hidden, second[m * o:(m + 1) * o])) for m in range(last)]
    words, kind = Format("i8", 0.25, 0, -1, 1), format.steps() if isinstance(format, Signs) else format
    coded = Format("i32", 1.0)
    maps = "maps [" + ", ".join(f"affine_map<(b, y, x, n, k) -> {m}>" for m in ("(b, y, x, k)", "(n, k)", "(b, y, x, n)")) + "]"

    def contract(result, codes, weights, at, inputs, outputs, type):
        steps = [f"%s{result} = lowbit.steps {codes} : {format.tensor([*at, inputs])} to {kind.tensor([*at, inputs])}"]
        codes = f"%s{result}" if isinstance(format, Signs) else codes
        return [
            *(steps if isinstance(format, Signs) else []),
            f"%i{result} = tensor.empty() : {type}",
            f"%{result} = lowbit.contract ins({codes}, {weights} : {kind.tensor([*at, inputs])}, "
            f"{words.tensor([outputs, inputs])}) outs(%i{result} : {type}) {maps} {{",
            "^bb0(%acc: i32):", "lowbit.yield %acc : i32", f"}} -> {type}"]

    at, small = [1, h, w], [1, height, width]
    falls = f", falling = array<i1: {', '.join(str(f).lower() for f in falling)}>" if any(falling) else ""
    lines = [
        *contract("h", "%0", "%1", at, c, o, coded.tensor([*at, o])),
        f"%p = lowbit.max_pool2d %h {{kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, pad = array<i64: 1, 0, 0, 1>}} "
        f": {coded.tensor([*at, o])} to {coded.tensor([*small, o])}",
        f"%v = lowbit.reinterpret %p : {coded.tensor([*small, o])} to {tensor([*small, o], 'i32')}",
        f"%q = lowbit.threshold %v, %2 {{axis = 3 : i64{falls}}} : "
        f"{tensor([*small, o], 'i32')}, {tensor([o, steps], 'i32')} to {format.tensor([*small, o])}",
        *contract("y", "%q", "%3", small, o, last, tensor([*small, last], "i32"))]
    flat = [limit for limits in thresholds for limit in limits]
    arguments = [(x, [*at, c], format), (first, [o, c], words), (flat, [o, steps], I32), (second, [last, o], words)]
    cases.add(name, arguments, lines, [*small, last], I32, expected, inline=(1, 2, 3))
    return [count(format, [-1, 1], columns) for columns in (o, last)]


def add_counts(cases, rng):
    """What bits are counted for: how many counts each takes, in words of any size and of bytes."""
    counts, bytes_only = [], []
    for format, (kind, values) in itertools.product(FORMATS, WEIGHTS.items()):
        for k in (1, 64, 65, 130):
            counts.append(contract(cases, f"matmul {format} {kind} {k}", "matmul", (2, 3, k), format, values, rng, k == 64))
        counts.append(contract(cases, f"conv {format} {kind}", "conv", (1, 2, 2, 2, 2, 3, 67), format, values, rng, False))

    # Tiles of rows and vectors of columns, with and without rests; long sums.
    for format, (kind, values) in itertools.product((SIGN, FORMATS[1], FORMATS[2]), (("signs", [-1, 1]), ("bits", [0, 1]))):
        for sizes in ((9, 70, 130), (1, 257, 40), (5, 33, 521)):
            name = f"matmul {format} {kind} {sizes}"
            counts.append(contract(cases, name, "matmul", sizes, format, values, rng, sizes[0] == 5))
    counts.append(contract(cases, "conv tiles", "conv", (2, 3, 5, 40, 3, 3, 16), SIGN, [-1, 1], rng, False))
    for sizes in ((1, 5, 1, 1), (3, 70, 37, 10), (9, 64, 96, 33), (2, 300, 40, 8)):
        counts += layers(cases, f"layers {sizes}", sizes, rng)
    for format, sizes in ((SIGN, (2, 3, 4, 5, 3, 3, 9)), (SIGN, (1, 1, 1, 33, 3, 2, 200)), (FORMATS[2], (1, 2, 2, 3, 2, 3, 5)),
                          (Format("u2", 0.5, 1), (1, 2, 2, 3, 2, 3, 5))):
        bytes_only.append(padded(cases, f"padded {format} {sizes}", format, sizes, rng))

    # The largest sums of windows, in front of thresholds.
    for falls in (0, 3, 10):
        for sizes in ((3, 5, 9, 33, 10), (1, 1, 40, 5, 3)):
            counts += pooled(cases, f"pooled {falls} {sizes}", SIGN, sizes, rng, falls)
    return counts, bytes_only


def add_tables(cases, rng):
    """Codes of two bits: rests of words, vectors and tiles, one channel, one pixel."""
    counts = []
    twos = [format for format in FORMATS if format.width == 2]
    shapes = ((2, 17, 1), (1, 33, 5), (5, 40, 67))
    for i, (format, (kind, values)) in enumerate(itertools.product(twos, WEIGHTS.items())):
        name, sizes = f"{format} {kind}", shapes[i % 3]
        counts.append(contract(cases, f"matmul {name} {sizes}", "matmul", sizes, format, values, rng, i % 2 == 0))
        if kind in ("signs", "ternary"):
            counts.append(contract(cases, f"conv {name}", "conv", (1, 1, 2, 19, 2, 3, 7), format, values, rng, False))
    shapes = (((1, 1, 1, 18, 2, 2, 1), [-1, 0, 1]), ((2, 2, 3, 17, 3, 3, 5), [-2, -1, 0, 1]), ((1, 2, 2, 33, 3, 2, 12), [-1, 1]))
    for i, format in enumerate(twos):
        for sizes, values in shapes if i % 2 == 0 else shapes[:2]:
            counts.append(padded(cases, f"padded {format} {sizes}", format, sizes, rng, values))
    # Few columns and few values: counted.
    counts.append(contract(cases, "narrow", "matmul", (3, 16, 40), Format("u2"), [-1, 0, 1], rng, False))
    # Signs and codes of more bits: two tables, or one and a count.
    for format in (Format("u4"), Format("u3"), Format("i4", 0.5, 0, -7, 7), Signs("sign", [1, 2, 4]), Signs("bit", [1, 2, 4, 8])):
        for sizes in ((3, 33, 41), (1, 17, 530)):
            counts.append(contract(cases, f"wide {format} {sizes}", "matmul", sizes, format, [-1, 1], rng, False))
        counts.append(padded(cases, f"padded {format}", format, (1, 1, 2, 18, 2, 2, 3), rng))
    ternary = Format("i2", 0.5, 0, -1, 1)
    counts.append(contract(cases, "long", "matmul", (13, 40, 1031), ternary, [-1, 0, 1], rng, False))
    counts.append(contract(cases, "long and extreme", "matmul", (1, 70, 517), Format("u2"), [-1, 1], rng, True))
    for format in (Format("u2"), ternary, Format("i2")):
        for sizes in ((1, 5, 9, 9), (3, 70, 37, 10), (9, 64, 98, 33)):
            counts += tabled_layers(cases, f"layers {format} {sizes}", format, sizes, rng)
    for sizes in ((3, 5, 9, 33, 10), (1, 1, 40, 9, 9)):
        counts += pooled(cases, f"pooled {sizes}", Format("u2"), sizes, rng, 0)
    return counts, []


def main():
    arguments = parse_arguments(__doc__)
    cases, rng = Cases(arguments.every), random.Random(1)
    packs = "pack=true" in arguments.pipeline.split()[0]
    counts, bytes_only = add_tables(cases, rng) if packs else add_counts(cases, rng)

    def inspect(_):
        first = arguments.pipeline.split()[0]
        if "bitwise" not in first:
            first = "lowbit-to-bitwise=word=8" if "cpu" in first else ""
        most = 4 if "max-counts=4" in first else 1 if first else 0
        found = [0, 0]
        if first:
            name = "-" + first.replace("+", " ")
            module = subprocess.run(["lowbit-opt", name], input=cases.module(), capture_output=True, text=True)
            found = [module.stdout.count(text) for text in ("_popcount>", "multiply_packed>")]
        counted = counts + (bytes_only if "word=8" in first else [])
        taken = [replaced if packs and replaced else (needed if needed <= most else 0, 0) for needed, replaced in counted]
        expected = [sum(column) for column in zip(*taken)]
        return "" if found == expected else f"{found} counts of bits and tables instead of {expected}"

    return cases.check(arguments, inspect)


if __name__ == "__main__":
    sys.exit(main())
