"""lowbit.contract in many shapes, formats and epilogues; see execution.py.

Most weights are constants, as kernels ask. Which cases must become kernels is
known here, and the remarks of -lowbit-select-primitive are held to it.
"""

import itertools
import math
import random
import sys
from fractions import Fraction

from contract_shapes import (I16, conv, depthwise, float_windows, kernel_shapes, matmul, shapes)
from execution import F32, I32, Cases, Format, clamp, f32, parse_arguments, rescale

U8, I8 = Format("u8", 0.5, 3), Format("i8", 0.5, -3)
I8N, I4 = Format("i8", 0.25, 0, -127, 127), Format("i4", 0.25)
I8F, U7 = Format("i8", 0.25), Format("u7", 0.5)
U4 = Format("u4", 0.5, 2)
LHS, RHS = (U8, I8, U4, I4), (I8N, I8F, U8, I4)
RESULTS = (U8, I8, I16, Format("i8", 0.5, 0, -127, 127), I4, U4)


class Epilogue:
    """Operands, lines, and what they compute of acc and the operands."""

    #: Off where an emulator cannot convert vectors to or from float.
    floats = True

    def __init__(self, rng, shape, result):
        self.rng, self.shape, self.result = rng, shape, result
        self.operands, self.lines = [], []
        self.steps = []

    def operand(self, values_of, format, map):
        size = self.shape.dims(map)
        values = [values_of() for _ in range(math.prod(size))]
        self.operands.append((values, size, format, map))
        return len(self.operands) - 1

    def value(self, i, at):
        values, _, _, map = self.operands[i]
        return values[self.shape.offset(map, at)]

    def build(self, floats):
        rng, out = self.rng, self.shape.out
        channel, current = [out[-1]], "%acc"
        if floats:
            i = self.operand(lambda: F32.random(rng), F32, channel)
            self.lines.append(f"%biased = arith.addf {current}, %e{i} : f32")
            self.steps.append(lambda acc, at: f32(acc + self.value(i, at)))
            return "%biased"
        if rng.random() < 0.8:
            i = self.operand(lambda: rng.randint(-3000, 3000), I32, channel)
            self.lines.append(f"%biased = arith.addi {current}, %e{i} : i32")
            self.steps.append(lambda acc, at, i=i: acc + self.value(i, at))
            current = "%biased"
        if self.result is I32:
            return current
        if self.result is F32:
            i = self.operand(lambda: f32(1 / rng.randint(1, 1000)), F32, channel)
            self.lines.append(f"%real = arith.sitofp {current} : i32 to f32")
            self.lines.append(f"%scaled = arith.mulf %real, %e{i} : f32")
            self.steps.append(lambda acc, at, i=i: f32(f32(acc) * self.value(i, at)))
            return "%scaled"
        if rng.random() < 0.3:  # residual: codes of the result's shape
            i = self.operand(lambda: U8.random(rng), U8, out)
            self.lines.append(f"%shifted = arith.constant 64 : i32")
            self.lines.append(f"%residual = arith.muli %e{i}, %shifted : i32")
            self.lines.append(f"%sum = arith.addi {current}, %residual : i32")
            self.steps.append(lambda acc, at, i=i: acc + 64 * self.value(i, at))
            current = "%sum"
        double = rng.random() < 0.4
        low = clamp(self.result.zero if rng.random() < 0.5 else self.result.low,
                    self.result.low, self.result.high)
        high, zero = self.result.high, self.result.zero
        along = channel if rng.random() < 0.7 else None
        bits = 8 - min(self.result.width, 12)
        multiplier = lambda: rng.randint(2**30, 2**31 - 1)
        shift = lambda: rng.randint(36, 40) + bits
        if rng.random() < 0.2 and self.floats:  # by a real number; Python's floats are f64
            i = self.operand(lambda: f32(Fraction(multiplier(), 2 ** shift())), F32, channel)
            self.lines.append(f"%code = lowbit.requantize {current}, %e{i} {{output_zero_point = {zero} : i32,"
                              f" min = {low} : i32, max = {high} : i32}} : i32, f32 to i32")
            self.steps.append(lambda acc, at: round(clamp(float(acc) * float(self.value(i, at)) + zero, low, high)))
            return "%code"
        if along:
            m, s = self.operand(multiplier, I32, along), self.operand(shift, I32, along)
            names = f"%e{m}, %e{s}"
            factors = lambda at: (self.value(m, at), self.value(s, at))
        else:
            both = multiplier(), shift()
            self.lines.append(f"%multiplier = arith.constant {both[0]} : i32")
            self.lines.append(f"%shift = arith.constant {both[1]} : i32")
            names, factors = "%multiplier, %shift", lambda at: both
        mode = "rounding = #lowbit.rescale_mode<double_round>, " if double else ""
        self.lines.append(f"%code = lowbit.rescale {current}, {names} {{{mode}output_zero_point = {zero} : i32,"
                          f" min = {low} : i32, max = {high} : i32}} : i32, i32 to i32")
        self.steps.append(lambda acc, at: rescale(acc, *factors(at), double, 0, zero, low, high))
        return "%code"

    def apply(self, acc, at):
        for step in self.steps:
            acc = step(acc, at)
        return acc


def accumulate(shape, lhs, rhs, at, floats):
    left, right = shape.offset(shape.lhs, at), shape.offset(shape.rhs, at)
    products = (lhs[left + i] * rhs[right + j] for i, j in shape.terms())
    if not floats:
        return sum(products)
    acc = 0
    for product in products:
        acc = f32(acc + product)
    return acc


def random_codes(rng, shape, left, right, extreme):
    """Operands; `extreme` picks among the ends of their ranges, or fixes them."""
    if isinstance(extreme, tuple):
        return [[code] * math.prod(shape.dims(map)) for code, map in zip(extreme, (shape.lhs, shape.rhs))]
    return [[format.random(rng, extreme) for _ in range(math.prod(shape.dims(map)))]
            for format, map in ((left, shape.lhs), (right, shape.rhs))]


def contraction(shape, tensors, names, epilogue, yielded, result, to):
    """Lines that define `to`; `tensors` and `names` are those of all operands."""
    out = result.tensor(shape.dims(shape.out))
    maps = [shape.lhs, shape.rhs, *(map for *_, map in epilogue.operands), shape.out]
    extra, floats = "", "xf32>" in tensors[0]
    if epilogue.operands:
        extra = f"epilogue({', '.join(names[2:])} : {', '.join(tensors[2:])}) "
    scalars = ["%acc: f32" if floats else "%acc: i32"]
    scalars += [f"%e{i}: {'f32' if o[2] is F32 else 'i32'}" for i, o in enumerate(epilogue.operands)]
    return [f"{to}_init = tensor.empty() : {out}",
            f"{to} = lowbit.contract ins({names[0]}, {names[1]} : {tensors[0]}, {tensors[1]}) {extra}"
            f"outs({to}_init : {out}) maps [{', '.join(shape.text(map) for map in maps)}] {{",
            f"^bb0({', '.join(scalars)}):", *epilogue.lines,
            f"lowbit.yield {yielded} : {'f32' if result is F32 else 'i32'}", f"}} -> {out}"]


def compute(shape, lhs, rhs, epilogue, floats):
    kept = [loop for index in shape.out for loop in index]
    return [epilogue.apply(accumulate(shape, lhs, rhs, at, floats), at) for at in shape.points(kept)]


def add_case(cases, rng, shape, left, right, result, extreme, is_constant=True):
    if cases.skips() or (not Epilogue.floats and F32 in (left, result)):
        return 0
    lhs, rhs = random_codes(rng, shape, left, right, extreme)
    floats = left is F32
    epilogue = Epilogue(rng, shape, result)
    yielded = epilogue.build(floats)
    arguments = [(lhs, shape.dims(shape.lhs), left), (rhs, shape.dims(shape.rhs), right)]
    arguments += [(values, size, format) for values, size, format, _ in epilogue.operands]
    tensors = [format.tensor(size) for _, size, format in arguments]
    names = [f"%{i}" for i in range(len(arguments))]
    lines = contraction(shape, tensors, names, epilogue, yielded, result, "%y")
    inline = set(range(2, len(arguments))) if rng.random() < 0.5 else set()
    if is_constant:
        inline.add(1)
    name = f"{shape.sizes} {left} * {right} -> {result}{' extreme' if extreme else ''}"
    cases.add(name, arguments, lines, shape.dims(shape.out), result, compute(shape, lhs, rhs, epilogue, floats), inline)
    return 0 if shape.is_kernel(left, right, is_constant) else 1


def add_chain(cases, rng, first, second, pad, left, middle, result):
    """Two layers, with padding between them, and the first one's codes added to
    the second one's result where the shapes agree."""
    if cases.skips():
        return 0
    codes, weights = random_codes(rng, first, left, I8N, False)
    more = [I8N.random(rng) for _ in range(math.prod(second.dims(second.rhs)))]
    one, two = Epilogue(rng, first, middle), Epilogue(rng, second, result)
    yields = one.build(False), two.build(False)
    between = compute(first, codes, weights, one, False)
    size, padded = first.dims(first.out), second.dims(second.lhs)
    assert padded == [s + 2 * p for s, p in zip(size, pad)]
    input = []
    for at in itertools.product(*map(range, padded)):
        inner = [i - p for i, p in zip(at, pad)]
        offset = 0
        for i, s in zip(inner, size):
            offset = offset * s + i
        input.append(between[offset] if all(0 <= i < s for i, s in zip(inner, size)) else middle.zero)
    arguments = [(codes, first.dims(first.lhs), left), (weights, first.dims(first.rhs), I8N),
                 (more, second.dims(second.rhs), I8N)]
    count = len(arguments) + len(one.operands)
    arguments += [(values, size, format) for values, size, format, _ in one.operands + two.operands]
    tensors = [format.tensor(size) for _, size, format in arguments]
    names = [f"%{i}" for i in range(len(arguments))]
    array = f"array<i64: {', '.join(map(str, pad))}>"
    lines = contraction(first, tensors[:2] + tensors[3:count], names[:2] + names[3:count], one, yields[0], middle, "%x")
    lines.append(f"%p = lowbit.pad %x {{low = {array}, high = {array}}} : {middle.tensor(size)} to {middle.tensor(padded)}")
    lines += contraction(second, [middle.tensor(padded), tensors[2], *tensors[count:]],
                         ["%p", names[2], *names[count:]], two, yields[1], result, "%y")
    cases.add(f"{first.sizes} then {second.sizes}", arguments, lines, second.dims(second.out), result,
              compute(second, input, more, two, False), {1, 2})
    return 0


def main():
    arguments = parse_arguments(__doc__)
    Epilogue.floats = not arguments.integers
    rng, cases, plain = random.Random(arguments.seed), Cases(arguments.every), 0
    for number, shape in enumerate(shapes(rng)):
        result = rng.choice(RESULTS + (I32, F32))
        is_constant = rng.random() < 0.7
        plain += add_case(cases, rng, shape, LHS[number % 2], rng.choice(RHS), result, number % 5 == 0, is_constant)
    for number, shape in enumerate(kernel_shapes()):
        result = (RESULTS + (I32, F32))[number % 8]
        plain += add_case(cases, rng, shape, LHS[number % 4], RHS[number // 4 % 4], result, number % 7 == 0)
    for shape in (matmul(3, 5, 7), matmul(1, 17, 33, False), conv(2, 2, 3, 3, 3, 4), depthwise(2, 3, 9, 3, 3)):
        plain += add_case(cases, rng, shape, I16, I8N, I32, False)
        plain += add_case(cases, rng, shape, I8, I16, I32, False)
        plain += add_case(cases, rng, shape, U4, I4, U8, True)
        plain += add_case(cases, rng, shape, F32, F32, F32, False)
    for shape in (matmul(7, 9, 5, False), matmul(1, 65, 3), matmul(13, 8, 1), conv(3, 3, 9, 3, 3, 3, stride=(2, 1)),
                  depthwise(3, 3, 17, 3, 3, stride=(1, 2))):
        plain += add_case(cases, rng, shape, F32, F32, F32, False)
    # Programs are for devices, of which Vulkan has no multiply-add of f32.
    for shape in () if arguments.programs else float_windows():
        plain += add_case(cases, rng, shape, F32, F32, F32, False)
    # The largest sums: 255 * -127, -128 * -128, 255 * 255, 1000 times.
    extreme = matmul(2, 9, 1000)
    for left, right, codes in ((U8, I8N, (255, -127)), (I8, I8F, (-128, -128)), (U8, U8, (255, 255))):
        for shape in (extreme, depthwise(2, 2, 9, 5, 5)):
            plain += add_case(cases, rng, shape, left, right, I32, codes)
    # Around what 16 bits hold of one, two, four and eight steps of bytes.
    for weight, size in itertools.product((128, 65, 64, 33, 32, 17, 16, 9, 8, 1), (1, 3, 4, 31, 32, 33, 67)):
        codes = Format("i8", 0.25, 0, -weight, min(weight, 127))
        for rows in (1, 2, 3, 7):
            shape = matmul(rows, 9, size)
            plain += add_case(cases, rng, shape, U8, codes, I32, (255, -weight if rows % 2 else codes.high))
        plain += add_case(cases, rng, matmul(4, 17, size), U8, codes, I32, True)
        plain += add_case(cases, rng, conv(3, 2, 9, 3, 2, size), U7, codes, U8, False)
    # More of lhs, as words of 16 bits, than stays in a cache: in blocks of rows.
    plain += add_case(cases, rng, matmul(523, 33, 130), U8, I8N, U8, False)
    plain += add_case(cases, rng, extreme, U8, I8N, I32, True)
    plain += add_case(cases, rng, extreme, I8, I8N, I16, True)
    for left, middle in itertools.product((U8, I8), (U8, I8)):
        plain += add_chain(cases, rng, conv(5, 4, 9, 1, 1, 3), conv(5, 4, 8, 3, 3, 9), (0, 1, 1, 0), left, middle, U8)
    plain += add_chain(cases, rng, conv(4, 4, 9, 3, 3, 1), depthwise(4, 4, 9, 3, 3), (0, 1, 1, 0), U8, U8, I8)
    plain += add_chain(cases, rng, depthwise(4, 4, 9, 3, 3), conv(4, 4, 5, 1, 1, 9), (0, 0, 0, 0), U8, I8, U8)
    plain += add_chain(cases, rng, matmul(4, 9, 7), matmul(4, 5, 9), (0, 0), U8, U4, U8)

    def count_plain(messages):
        actual = messages.count("remark: is computed by plain loops")
        return "" if actual == plain else f"expected {plain} contractions in plain loops, got {actual}"

    return cases.check(arguments, count_plain if "cpu" in arguments.pipeline else None)


if __name__ == "__main__":
    sys.exit(main())
