"""add, mul, maximum and minimum of codes; see execution.py."""

import itertools
import math
import random
import sys

from execution import INT32, Cases, Format, parse_arguments, rescale

U8, I8 = Format("u8", 0.5, 3), Format("i8", 0.25, -100)
I8N, U4 = Format("i8", 0.5, 0, -127, 127), Format("u4", 0.5, 2)
I16, U16 = Format("i16", 0.001), Format("u16", 2.0**-16)
# Shapes of operands: equal, a row, a column, a gate, each other's, a scalar.
SHAPES = [([3, 17], [3, 17]), ([3, 17], [1, 17]), ([3, 1], [3, 17]), ([2, 3, 4, 5], [2, 1, 1, 5]),
          ([1, 7, 1], [5, 1, 3]), ([33], [1]), ([1, 1], [1, 1]), ([], [])]


def indices(shape):
    return list(itertools.product(*map(range, shape)))


def element(values, shape, at):
    """The value at `at`, where sizes of 1 are repeated."""
    position = 0
    for size, i in zip(shape, at):
        position = position * size + (i if size > 1 else 0)
    return values[position]


def codes(rng, format, shape):
    """Random codes that begin with the extremes."""
    values = [format.low, format.high, format.zero] + [format.random(rng) for _ in range(math.prod(shape))]
    return values[:math.prod(shape)] if rng.random() < 0.5 else values[-math.prod(shape):]


def add_case(cases, rng, name, text, formats, to, shapes, compute, values=None):
    """`text` is what stands between the operands and the types; `compute` makes
    a code from two."""
    values = values or [codes(rng, format, shape) for format, shape in zip(formats, shapes)]
    result = [max(pair) for pair in zip(*shapes)]
    expected = [compute(*(element(v, s, at) for v, s in zip(values, shapes))) for at in indices(result)]
    types = ", ".join(format.tensor(shape) for format, shape in zip(formats, shapes))
    lines = [f"%y = lowbit.{name} %0, %1{text} : {types} to {to.tensor(result)}"]
    case = f"{name} {formats[0]} {formats[1]} -> {to} {shapes}"
    cases.add(case, list(zip(values, shapes, formats)), lines, result, to, expected)


def add_sum(cases, rng, formats, to, shapes, double=False, subtract=False, low=None, high=None, values=None):
    low, high = to.low if low is None else low, to.high if high is None else high
    multipliers = [2**30, 1610612736, 1431655766]
    shifts = [20 if format.width > 8 else 12 for format in formats] + [49]
    mode = "double_round" if double else "single_round"
    text = (f" {{multipliers = array<i32: {str(multipliers)[1:-1]}>, shifts = array<i32: {str(shifts)[1:-1]}>,"
            f" rounding = #lowbit.rescale_mode<{mode}>, min = {low} : i32, max = {high} : i32"
            f"{', subtract' if subtract else ''}}}")

    def compute(*pair):
        left, right = (rescale(v, m, s, double, f.zero, wrapping=True)
                       for v, f, m, s in zip(pair, formats, multipliers, shifts))
        total = left - right if subtract else left + right
        assert INT32[0] <= total <= INT32[1], "the sum overflows: not a valid case"
        return rescale(total, multipliers[2], shifts[2], double, 0, to.zero, low, high)

    add_case(cases, rng, "add", text, formats, to, shapes, compute, values)


def add_product(cases, rng, formats, to, shapes, factor, double=False, low=None, high=None, values=None):
    low, high = to.low if low is None else low, to.high if high is None else high
    multiplier, shift = factor
    mode = "double_round" if double else "single_round"
    text = (f" {{multiplier = {multiplier} : i32, shift = {shift} : i32,"
            f" rounding = #lowbit.rescale_mode<{mode}>, min = {low} : i32, max = {high} : i32}}")

    def compute(left, right):
        product = (left - formats[0].zero) * (right - formats[1].zero)
        assert INT32[0] <= product <= INT32[1], "the product overflows: not a valid case"
        return rescale(product, multiplier, shift, double, 0, to.zero, low, high)

    add_case(cases, rng, "mul", text, formats, to, shapes, compute, values)


def every_pair(left, right, step=1):
    """All codes of `left` down, of `right` across."""
    rows, columns = list(range(left.low, left.high + 1, step)), list(range(right.low, right.high + 1, step))
    return [rows, columns], [[len(rows), 1], [1, len(columns)]]


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases()
    for number, shapes in enumerate(SHAPES):
        for formats, to, low, high in (((U8, U8), U8, 0, 255), ((U8, I8), I8, None, None), ((I8, U8), U8, 3, 200),
                                       ((I16, I8), I16, None, None), ((I8, I8), I8N, None, None)):
            add_sum(cases, rng, formats, to, shapes, number % 2 == 0, False, low, high)
            add_sum(cases, rng, formats, to, shapes, number % 3 == 0, True, low, high)
            factor = (1431655766, 40 if I16 in formats else 37)
            add_product(cases, rng, formats, to, shapes, factor, number % 2 == 0, low, high)
        for format, op in itertools.product((U8, I8, I8N, U4, I16, U16), ("maximum", "minimum")):
            add_case(cases, rng, op, "", (format, format), format, shapes, max if op == "maximum" else min)
    for formats in ((U8, I8), (I8N, U8), (U4, I8), (U4, U4)):
        values, shapes = every_pair(*formats, step=1 if U4 in formats else 3)
        for subtract in (False, True):
            add_sum(cases, rng, formats, I8, shapes, subtract=subtract, values=values)
        for to, shift in ((U8, 36), (I8N, 38), (I16, 30)):
            add_product(cases, rng, formats, to, shapes, (1500000001, shift), values=values)
    # The widest products, and shifts at both ends.
    values, shapes = every_pair(I16, U16, step=4095)
    for factor in ((2**31 - 1, 62), (2**30, 46), (3, 2), (0, 30)):
        for double in (False, True):
            add_product(cases, rng, (I16, U16), I16, shapes, factor, double, values=values)
    return cases.check(arguments)


sys.exit(main())
