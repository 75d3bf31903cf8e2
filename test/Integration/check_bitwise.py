"""Products of bits as counts of bits: contractions of bit planes and of codes of
at most 2 bits with small weights, in sizes around a word; see execution.py.
Also that bits are counted where they should be, and nowhere else.
"""

import itertools
import math
import random
import sys

from execution import I32, Cases, Format, parse_arguments, tensor, wrap

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
    if format is SIGN and set(weights) <= {-1, 1}:
        return 1
    return format.width * (2 if min(weights) < 0 else 1)


def contract(cases, name, form, sizes, format, values, rng, extreme):
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


def main():
    arguments = parse_arguments(__doc__)
    rng = random.Random(1)
    cases, counts = Cases(), []
    for format, (kind, values) in itertools.product(FORMATS, WEIGHTS.items()):
        for k in (1, 63, 64, 65, 130):
            counts.append(contract(cases, f"matmul {format} {kind} {k}", "matmul", (2, 3, k), format, values, rng, k == 64))
        counts.append(contract(cases, f"conv {format} {kind}", "conv", (1, 2, 2, 2, 2, 3, 67), format, values, rng, False))

    def inspect(reported):
        found = reported.count("it counts bits")
        most = 4 if "max-counts=4" in arguments.pipeline else 1 if "cpu" in arguments.pipeline else 0
        expected = sum(count for count in counts if count <= most)
        return "" if found == expected else f"{found} counts of bits instead of {expected}"

    return cases.check(arguments, inspect)


if __name__ == "__main__":
    sys.exit(main())
