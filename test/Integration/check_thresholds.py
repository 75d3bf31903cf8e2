"""Layers of few codes through -lowbit-integerize, compared with exact fractions.

A layer of one position, with all inputs or many of them, the extremes included; then a chain of
factors, terms and clamps for each channel, and a quantizer. The code of each sum is that of the
real number: ties are decided, not tolerated.
"""

import itertools
import math
import random
import sys
from fractions import Fraction

from execution import Cases, Format, clamp, dense, f32, parse_arguments, tensor, wrap
from network import ZERO, array, decode, encoded, tosa_constant


class Coded:
    """A format that is not affine, in the place of execution.Format: code `c` is
    `exact[c]`, and `numbers[c]` after lowbit.decode, which rounds to f32."""

    plain, storage, zero, axis = False, "u8", 0, None

    def __init__(self, text, width, numbers):
        self.text, self.width, self.exact = text, width, [Fraction(n) for n in numbers]
        self.numbers = [f32(n) for n in self.exact]
        self.low, self.high, self.word = 0, 2**width - 1, 8

    def __str__(self):
        return self.text

    def tensor(self, shape):
        return tensor(shape, self.text)


def number_of(code, format):
    if isinstance(format, Coded):
        return format.exact[code]
    return Fraction(code - format.zero) * f32(format.scale)


BINARY = Coded("!lowbit.planes<sign x 1, [0.5]>", 1, [-0.5, 0.5])
TWO = Coded("!lowbit.planes<bit x 2, [0.25, 0.5]>", 2, [0, 0.25, 0.5, 0.75])
ODD = Coded("!lowbit.planes<sign x 2, [0.3, 0.6]>", 2,
            [sum(f32(0.3) * m for m in step) for step in ((-1, -2), (1, -2), (-1, 2), (1, 2))])
# Code 3 is 0, as code 0 is; encoding does not make it.
TERNARY = Coded("!lowbit.planes<bit x 2, [0.5, -0.5]>", 2, [0, 0.5, -0.5, 0])
# Scales that are no multiples of each other: a term for each plane.
TTQ = Coded("!lowbit.planes<bit x 2, [0.5, -0.3]>", 2, [0, 0.5, -f32(0.3), f32(0.5) - f32(0.3)])
ABC = Coded("!lowbit.planes<sign x 3, [0.7, 0.3, 0.1]>", 3,
            [sum(f32(a) if code >> i & 1 else -f32(a) for i, a in enumerate((0.7, 0.3, 0.1))) for code in range(8)])
LOGARITHMIC = Coded("!lowbit.pow2<u3, -3 : 3, [0.5]>", 3, [0, *(2.0**e / 2 for e in range(-3, 4))])


def least_reaching(middle):
    """The least f32 that is at least `middle`."""
    candidate = f32(middle)
    if candidate >= middle:
        return candidate
    exponent = math.frexp(float(candidate))[1]
    return candidate + Fraction(2) ** (max(exponent, -125) - 24)


ROUNDINGS = {
    "nearest_even": round, "floor": math.floor, "ceil": math.ceil, "toward_zero": math.trunc,
    "nearest_away": lambda t: math.floor(abs(t) + Fraction(1, 2)) * (1 if t > 0 else -1),
    "nearest_toward_zero": lambda t: math.ceil(abs(t) - Fraction(1, 2)) * (1 if t > 0 else -1),
    "away_from_zero": lambda t: math.ceil(abs(t)) * (1 if t > 0 else -1)}


def encode(x, format, rounding="nearest_even", thresholds=None, divides=False):
    """lowbit.encode of a real number, without the rounding of f32."""
    if isinstance(format, Coded) or thresholds is not None:
        if isinstance(format, Coded):
            order = sorted({n: c for c, n in reversed(list(enumerate(format.numbers)))}.items())
            codes = [code for _, code in order]
            numbers = [number for number, _ in order]
        else:
            codes = list(range(format.low, format.high + 1))
        if thresholds is None:
            thresholds = [least_reaching((a + b) / 2) for a, b in zip(numbers, numbers[1:])]
        return codes[sum(x >= t for t in thresholds)]
    t = x / f32(format.scale) if divides else x * f32(1 / f32(format.scale))
    return clamp(ROUNDINGS[rounding](t) + format.zero, format.low, format.high)


class Chain:
    """TOSA and lowbit.batch_norm behind a value, and what they compute."""

    def __init__(self, lines, name, shape):
        self.lines, self.name, self.shape, self.count = lines, name, shape, 0
        self.steps = []  # functions of a number and a channel

    def fresh(self):
        self.count += 1
        return f"%s{self.count}"

    def apply(self, text, step, arrow=" -> "):
        name = self.fresh()
        self.lines.append(f"{name} = {text}{arrow}{tensor(self.shape, 'f32')}")
        self.name = name
        self.steps.append(step)

    def constant(self, values):
        name = self.fresh()
        shape = [1] * (len(self.shape) - 1) + [len(values)]
        self.lines.append(tosa_constant(name, values, shape))
        return name, tensor(shape, "f32")

    def pairwise(self, op, values, first=False):
        values = [f32(v) for v in values]
        name, kind = self.constant(values)
        pick = lambda c: values[c if len(values) > 1 else 0]
        mine = tensor(self.shape, "f32")
        operands, types = [self.name, name], [mine, kind]
        if first:
            operands, types = operands[::-1], types[::-1]
        function = {"add": lambda a, b: a + b, "mul": lambda a, b: a * b, "maximum": max, "minimum": min,
                    "sub": lambda a, b: b - a if first else a - b}[op]
        if op == "mul":
            operands.append("%shift")
            types.append("tensor<1xi8>")
        self.apply(f"tosa.{op} {', '.join(operands)} : ({', '.join(types)})",
                   lambda x, c: function(x, pick(c)))

    def clamp(self, low, high):
        text = f"tosa.clamp {self.name} {{min_val = {low:e} : f32, max_val = {high:e} : f32}}"
        self.apply(f"{text} : ({tensor(self.shape, 'f32')})",
                   lambda x, c: clamp(x, f32(low), f32(high)))

    def batch_norm(self, scale, offset, mean, variance, epsilon):
        names = []
        parts = [[f32(v) for v in values] for values in (scale, offset, mean, variance)]
        for values in parts:
            names.append(self.fresh())
            self.lines.append(tosa_constant(names[-1], values, [len(values)]))
        factors = [Fraction(float(s) / math.sqrt(float(v) + float(f32(epsilon)))) for s, v in zip(parts[0], parts[3])]
        name = self.fresh()
        self.lines.append(f"{name} = lowbit.batch_norm {self.name}, {', '.join(names)} {{epsilon = {epsilon:e} : f32}}"
                          f" : {tensor(self.shape, 'f32')}, {tensor([len(scale)], 'f32')}")
        self.name = name
        self.steps.append(lambda x, c: (x - parts[2][c]) * factors[c] + parts[1][c])

    def value(self, x, channel):
        for step in self.steps:
            x = step(x, channel)
        return x


def constant_of(name, codes, shape, format):
    words = [wrap(code, 8) for code in codes]
    return f"{name} = lowbit.constant {dense(words, shape)} : {tensor(shape, 'i8')} as {format.tensor(shape)}"


def add_layer(cases, name, from_, weights, width, channels, target, build, bias=None, rounding=None,
              thresholds=None, rng=None, pool=False, slack=None, divides=False):
    """All inputs of `width` codes in turn, or many. `build` adds the chain. With a `slack`, codes
    are compared with real numbers, as for formats of 8 bits."""
    if cases.skips():
        return
    codes = list(range(from_.low, from_.high + 1))
    if len(codes) ** width <= 100:
        rows = list(itertools.product(codes, repeat=width))
    else:
        rows = [[rng.choice(codes) for _ in range(width)] for _ in range(80)]
        rows += [[codes[0]] * width, [codes[-1]] * width]
    if pool and len(rows) % 2:
        rows.append(rows[0])
    count = len(rows)
    lines = [ZERO, '%shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>']
    input = [1, count, 1, width]
    lines.append(decode("%0", "%x", input, from_))
    shape = [channels, 1, 1, width]
    w = [rng.randint(weights.low, weights.high) for _ in range(channels * width)]
    lines += [constant_of("%wq", w, shape, weights), decode("%wq", "%w", shape, weights)]
    bias = [f32(b) for b in bias or [0] * channels]
    lines.append(tosa_constant("%b", bias, [channels]))
    kinds = [tensor(input, "f32"), tensor(shape, "f32"), tensor([channels], "f32"), "tensor<1xf32>", "tensor<1xf32>"]
    result = [1, count, 1, channels]
    lines.append(f"%c = tosa.conv2d %x, %w, %b, %zero, %zero {{acc_type = f32, pad = {array([0] * 4)},"
                 f" stride = {array([1, 1])}, dilation = {array([1, 1])}}} : ({', '.join(kinds)})"
                 f" -> {tensor(result, 'f32')}")
    current = "%c"
    sums = [[sum(number_of(q, from_) * number_of(w[c * width + k], weights) for k, q in enumerate(row)) + bias[c]
             for c in range(channels)] for row in rows]
    if pool:
        result = [1, count // 2, 1, channels]
        lines.append(f"%p = tosa.max_pool2d %c {{kernel = {array([2, 1])}, stride = {array([2, 1])},"
                     f" pad = {array([0] * 4)}}} : ({tensor([1, count, 1, channels], 'f32')})"
                     f" -> {tensor(result, 'f32')}")
        sums = [[max(pair) for pair in zip(sums[2 * i], sums[2 * i + 1])] for i in range(count // 2)]
        current = "%p"
    chain = Chain(lines, current, result)
    build(chain)
    attributes = []
    if thresholds is not None:
        thresholds = [f32(t) for t in thresholds]
        attributes.append(f"thresholds = array<f32: {', '.join(f'{float(t):e}' for t in thresholds)}>")
    if rounding:
        attributes.append(f"rounding = #lowbit.rounding<{rounding}>")
    if divides:
        attributes.append("scaling = #lowbit.scaling<divide>")
    attributes = f" {{{', '.join(attributes)}}}" if attributes else ""
    lines.append(f"%e = lowbit.encode {chain.name}{attributes} : {tensor(result, 'f32')} to {target.tensor(result)}")
    # Codes of any format are shown as integers.
    show = Format(f"u{target.width}", 1.0) if isinstance(target, Coded) else target
    lines.append(f"%y = lowbit.reinterpret %e : {target.tensor(result)} to {show.tensor(result)}")
    reals = [chain.value(x, c) for row in sums for c, x in enumerate(row)]
    if slack is None:
        expected = [encode(x, target, rounding or "nearest_even", thresholds, divides) for x in reals]
    else:
        expected = encoded(reals, target)
    flat = [code for row in rows for code in row]
    cases.add(name, [(flat, input, from_)], lines, result, show, expected, slack=slack)


def random_chain(rng, channels, kind):
    def build(chain):
        pick = lambda low, high: [rng.uniform(low, high) for _ in range(channels)]
        signed = [v * rng.choice((1, -1)) for v in pick(0.3, 3)]
        signed[0] = 0.0
        if kind == "batch_norm":
            chain.batch_norm(signed, pick(-1, 1), pick(-2, 2), pick(0.1, 4), 1e-5)
        elif kind == "arithmetic":
            chain.pairwise("sub", pick(-1, 1))
            chain.pairwise("mul", signed, first=True)
            chain.pairwise("add", pick(-1, 1), first=True)
        elif kind == "clamps":
            chain.clamp(-2.0, 1.5)
            chain.pairwise("sub", [0.25], first=True)
            chain.pairwise("maximum", pick(-1.5, -0.5))
            chain.batch_norm(pick(0.3, 3), pick(-1, 1), pick(-1, 1), pick(0.1, 4), 1e-3)
            chain.pairwise("minimum", [1.25])
        elif kind == "halves":  # ties at every other sum, in both directions
            chain.pairwise("mul", [(-1) ** c * 0.5 for c in range(channels)])
            chain.pairwise("add", [c % 3 / 4 for c in range(channels)])
        elif kind == "extremes":
            values = [2.0**120, 2.0**-120, -(2.0**120), -(2.0**-120), 0.0, -0.0, 1.0, 2.0**-140]
            chain.pairwise("mul", [values[c % len(values)] for c in range(channels)])
            chain.pairwise("add", [(-1) ** (c // 2) * 2.0**-130 for c in range(channels)])
    return build


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases(arguments.every)
    u2, i2n, u4 = Format("u2", 0.5), Format("i2", 0.5, 0, -1, 1), Format("u4", 0.25, 3)
    u1, i4, i3 = Format("u1", 1.0), Format("i4", 0.375, -2), Format("i3", 0.1)
    i8 = Format("i8", 0.03125, 0, -127, 127)
    inputs = ((BINARY, 8), (TWO, 4), (ODD, 4), (TERNARY, 4), (LOGARITHMIC, 3), (u2, 4), (i2n, 5), (u4, 2),
              (Format("u8", 0.02, 7), 3))
    weights = (BINARY, TERNARY, i2n, ODD, i8, LOGARITHMIC)
    targets = (BINARY, TWO, ODD, TERNARY, LOGARITHMIC, u1, u2, i2n, i3, i4, u4)
    kinds = ("batch_norm", "arithmetic", "clamps", "halves", "extremes")
    number = 0
    for (from_, width), target in itertools.product(inputs, targets):
        number += 1
        kind, weight = kinds[number % 5], weights[number % 6]
        add_layer(cases, f"{from_} {weight} {kind} {target}", from_, weight, width, 8, target,
                  random_chain(rng, 8, kind), [rng.uniform(-1, 1) for _ in range(8)], rng=rng)
    # No chain: ties of the quantizer itself, by each rounding.
    for number, rounding in enumerate(ROUNDINGS):
        for target in (Format("i4", 1.0, -2), Format("u2", 2.0, 1), Format("i3", 0.1)):
            add_layer(cases, f"{rounding} {target}", TWO, Format("i8", 1.0, 0, -3, 3), 4, 6, target,
                      lambda chain: chain.pairwise("mul", [1.0, -1.0, 0.5, -0.5, 0.0, 2.0]), rounding=rounding, rng=rng,
                      divides=number % 2 == 1)
    # HWGQ: the first level for everything above 0.
    hwgq = [1.4012984643e-45, 0.807, 1.345]
    for target in (Format("u2", 0.538), TWO):
        add_layer(cases, f"hwgq {target}", u2, BINARY, 4, 4, target, random_chain(rng, 4, "batch_norm"),
                  thresholds=hwgq, rng=rng)
    for target in (BINARY, u2, TERNARY):
        add_layer(cases, f"pool {target}", TWO, ODD, 4, 4, target, random_chain(rng, 4, "batch_norm"),
                  [0.5, 0.25, -1.0, 0.0], rng=rng, pool=True)
        add_layer(cases, f"pool alone {target}", TWO, BINARY, 4, 4, target, lambda chain: None, rng=rng, pool=True)
    # Factors in the scales of weights, terms one after the other on the common grid.
    for number, (from_, weight, target) in enumerate(itertools.product(
            (BINARY, u2, ABC, Format("u8", 0.02, 7)), (BINARY, TTQ, ABC, i8),
            (Format("i8", 0.05), Format("u8", 0.03, 100), u4))):
        kind = ("batch_norm", "arithmetic", "halves")[number % 3]
        if target is u4 and TTQ is not weight and ABC not in (weight, from_):
            continue  # exact, and above
        add_layer(cases, f"{from_} {weight} {kind} {target}", from_, weight, 3, 4, target,
                  random_chain(rng, 4, kind), [rng.uniform(-1, 1) for _ in range(4)], rng=rng, slack=Fraction(1, 8))
    return cases.check(arguments)


sys.exit(main())
