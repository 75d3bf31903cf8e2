"""Products of bits as counts of bits: contractions of bit planes and of codes of
at most 2 bits with small weights, in sizes around a word, a vector and a tile; see
execution.py. Pairs of layers, whose bits in between are packed where they are made.
Also that bits are counted where they should be, and nowhere else.
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


def count(format, weights):
    """How many counts of bits a contraction takes."""
    if set(weights) <= {-1, 1}:
        return format.width
    return format.width * (2 if min(weights) < 0 else 1)


def contract(cases, name, form, sizes, format, values, rng, extreme):
    if cases.skips():
        return 0
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
    return count(format, weights)


def layers(cases, name, sizes, rng):
    if cases.skips():
        return []
    """Signs of numbers, a layer, a threshold for each channel, some falling, and a layer."""
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
    return [1, 1]


def padded(cases, name, format, sizes, rng):
    if cases.skips():
        return 0
    """A convolution over zeros around signs, which have none of their own."""
    b, y, x, o, u, v, c = sizes
    shape, low, high = [b, y, x, c], (0, 1, 2, 0), (0, 1, 0, 0)
    wide = [size + l + h for size, l, h in zip(shape, low, high)]
    weight_shape, out_shape = [o, u, v, c], [b, wide[1] - u + 1, wide[2] - v + 1, o]
    codes = [format.random(rng) for _ in range(math.prod(shape))]
    weights = [rng.choice([-1, 1]) for _ in range(math.prod(weight_shape))]

    def read(n, i, j, k):
        i, j = i - low[1], j - low[2]
        inside = 0 <= i < y and 0 <= j < x
        return format.step(codes[((n * y + i) * x + j) * c + k]) if inside else 0

    def weight(m, i, j, k):
        return weights[((m * u + i) * v + j) * c + k]

    expected = [
        sum(read(n, i + p, j + q, k) * weight(m, p, q, k)
            for p, q, k in itertools.product(range(u), range(v), range(c)))
        for n, i, j, m in itertools.product(*map(range, out_shape))]
    kind, words = format.steps(), Format("i8", 0.25, 0, -1, 1)
    dims = "(b, y, x, o, u, v, c)"
    maps = ", ".join(f"affine_map<{dims} -> {m}>" for m in (
        "(b, y + u, x + v, c)", "(o, u, v, c)", "(b, y, x, o)"))
    result = tensor(out_shape, "i32")
    lines = [
        f"%s = lowbit.steps %0 : {format.tensor(shape)} to {kind.tensor(shape)}",
        f"%p = lowbit.pad %s {{low = array<i64: {', '.join(map(str, low))}>, high = array<i64: {', '.join(map(str, high))}>}} "
        f": {kind.tensor(shape)} to {kind.tensor(wide)}",
        f"%i = tensor.empty() : {result}",
        f"%y = lowbit.contract ins(%p, %1 : {kind.tensor(wide)}, {words.tensor(weight_shape)}) outs(%i : {result}) "
        f"maps [{maps}] {{",
        "^bb0(%acc: i32):", "lowbit.yield %acc : i32", f"}} -> {result}"]
    arguments = [(codes, shape, format), (weights, weight_shape, words)]
    cases.add(name, arguments, lines, out_shape, I32, expected, inline=(1,))
    return count(format, [-1, 1])


def main():
    arguments = parse_arguments(__doc__)
    rng = random.Random(1)
    cases, counts, bytes_only = Cases(arguments.every), [], []
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
    for format, sizes in ((SIGN, (2, 3, 4, 5, 3, 3, 9)), (SIGN, (1, 1, 1, 33, 3, 2, 200)), (FORMATS[2], (1, 2, 2, 3, 2, 3, 5))):
        bytes_only.append(padded(cases, f"padded {format} {sizes}", format, sizes, rng))

    def inspect(_):
        first = arguments.pipeline.split()[0]
        if "bitwise" not in first:
            first = "lowbit-to-bitwise=word=8" if "cpu" in first else ""
        most = 4 if "max-counts=4" in first else 1 if first else 0
        found = 0
        if first:
            name = "-" + first.replace("+", " ")
            module = subprocess.run(["lowbit-opt", name], input=cases.module(), capture_output=True, text=True)
            found = module.stdout.count("_popcount>")
        counted = counts + (bytes_only if "word=8" in first else [])
        expected = sum(count for count in counted if count <= most)
        return "" if found == expected else f"{found} counts of bits instead of {expected}"

    return cases.check(arguments, inspect)


if __name__ == "__main__":
    sys.exit(main())
