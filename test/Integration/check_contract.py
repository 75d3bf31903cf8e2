"""lowbit.contract in many shapes, formats and epilogues; see execution.py."""

import itertools
import math
import random
import sys

from execution import F32, I32, Cases, Format, clamp, f32, parse_arguments, rescale

SIZES = (1, 2, 3, 5, 7, 17)
U8, I8 = Format("u8", 0.5, 3), Format("i8", 0.5, -3)
I8N, I4 = Format("i8", 0.25, 0, -127, 127), Format("i4", 0.25)
I16, U4 = Format("i16", 0.125), Format("u4", 0.5, 2)
LHS, RHS = (U8, I8), (I8N, Format("i8", 0.25), U8)
RESULTS = (U8, I8, I16, Format("i8", 0.5, 0, -127, 127), I4, U4)


class Shape:
    """Loops, their sizes, and maps as lists of {loop: factor}."""

    def __init__(self, loops, sizes, lhs, rhs, out):
        self.loops, self.sizes = loops.split(), sizes
        self.lhs, self.rhs, self.out = lhs, rhs, out

    def extent(self, index):
        return 1 + sum(f * (self.sizes[l] - 1) for l, f in index.items())

    def dims(self, map):
        return [self.extent(index) for index in map]

    def text(self, map):
        def one(index):
            return " + ".join(l if f == 1 else f"{l} * {f}" for l, f in index.items())
        return f"affine_map<({', '.join(self.loops)}) -> ({', '.join(one(i) for i in map)})>"

    def offset(self, map, at):
        result = 0
        for index, size in zip(map, self.dims(map)):
            result = result * size + sum(f * at[l] for l, f in index.items())
        return result

    def points(self, loops):
        for values in itertools.product(*(range(self.sizes[l]) for l in loops)):
            yield dict(zip(loops, values))


def single(text):
    return [{loop: 1} for loop in text.split()]


def matmul(m, n, k, transposed=True, flipped=False):
    return Shape("m n k", dict(m=m, n=n, k=k), single("m k"),
                 single("n k" if transposed else "k n"), single("n m" if flipped else "m n"))


def conv(oh, ow, oc, kh, kw, ic, stride=(1, 1), dilation=(1, 1), n=1):
    window = [{"n": 1}, {"oh": stride[0], "kh": dilation[0]}, {"ow": stride[1], "kw": dilation[1]}, {"ic": 1}]
    return Shape("n oh ow oc kh kw ic", dict(n=n, oh=oh, ow=ow, oc=oc, kh=kh, kw=kw, ic=ic),
                 window, single("oc kh kw ic"), single("n oh ow oc"))


def depthwise(oh, ow, c, kh, kw, stride=(1, 1), n=1):
    window = [{"n": 1}, {"oh": stride[0], "kh": 1}, {"ow": stride[1], "kw": 1}, {"c": 1}]
    return Shape("n oh ow c kh kw", dict(n=n, oh=oh, ow=ow, c=c, kh=kh, kw=kw),
                 window, single("kh kw c"), single("n oh ow c"))


def grouped(oh, ow, g, oc, kh, kw, ic):
    window = [{"n": 1}, {"oh": 1, "kh": 1}, {"ow": 1, "kw": 1}, {"g": ic, "ic": 1}]
    return Shape("n oh ow g oc kh kw ic", dict(n=1, oh=oh, ow=ow, g=g, oc=oc, kh=kh, kw=kw, ic=ic),
                 window, single("g oc kh kw ic"), single("n oh ow g oc"))


def shapes(rng):
    yield conv(4, 4, 8, 3, 3, 16)
    yield conv(3, 5, 7, 3, 3, 3, n=2)
    yield conv(3, 3, 5, 3, 3, 5, stride=(2, 2))
    yield conv(3, 2, 5, 3, 3, 5, stride=(2, 1), dilation=(1, 2))
    yield conv(3, 3, 17, 3, 3, 2, dilation=(2, 2))
    yield conv(2, 3, 3, 1, 5, 7, stride=(1, 3), dilation=(3, 2))
    yield conv(5, 5, 3, 1, 1, 17)
    yield conv(3, 3, 8, 1, 1, 8, stride=(2, 2))
    yield conv(1, 1, 5, 3, 3, 1)
    yield depthwise(4, 4, 17, 3, 3)
    yield depthwise(3, 2, 5, 3, 3, stride=(2, 2), n=2)
    yield depthwise(2, 2, 1, 5, 3)
    yield grouped(3, 3, 2, 3, 3, 3, 4)
    yield grouped(2, 2, 5, 1, 1, 2, 3)
    yield Shape("b m n k", dict(b=3, m=4, n=5, k=6), single("b m k"), single("b k n"), single("b m n"))
    yield Shape("n k", dict(n=17, k=35), single("k"), single("n k"), single("n"))
    yield Shape("m k", dict(m=19, k=33), single("m k"), single("k"), single("m"))
    yield Shape("k n", dict(n=9, k=3), single("k"), single("n k"), single("n"))
    yield matmul(1, 64, 128)
    yield matmul(33, 18, 40)
    for m, n, k in itertools.product(SIZES, repeat=3):
        if rng.random() < 0.3:
            yield matmul(m, n, k, rng.random() < 0.7, rng.random() < 0.2)


class Epilogue:
    """Operands, lines, and what they compute of acc and the operands."""

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

    def build(self):
        rng, out = self.rng, self.shape.out
        channel, current = [out[-1]], "%acc"
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
    acc = 0
    for point in shape.points([l for l in shape.loops if l not in at]):
        point.update(at)
        product = lhs[shape.offset(shape.lhs, point)] * rhs[shape.offset(shape.rhs, point)]
        acc = f32(acc + product) if floats else acc + product
    return acc


def add_case(cases, rng, shape, left, right, result, extreme):
    lhs = [left.random(rng, extreme) for _ in range(math.prod(shape.dims(shape.lhs)))]
    rhs = [right.random(rng, extreme) for _ in range(math.prod(shape.dims(shape.rhs)))]
    floats = left is F32
    epilogue = Epilogue(rng, shape, result)
    yielded = "%acc" if floats else epilogue.build()
    arguments = [(lhs, shape.dims(shape.lhs), left), (rhs, shape.dims(shape.rhs), right)]
    arguments += [(values, size, format) for values, size, format, _ in epilogue.operands]
    maps = [shape.lhs, shape.rhs, *(map for *_, map in epilogue.operands), shape.out]
    tensors = [format.tensor(size) for _, size, format in arguments]
    out = result.tensor(shape.dims(shape.out))
    extra = ""
    if epilogue.operands:
        names = ", ".join(f"%{i + 2}" for i in range(len(epilogue.operands)))
        extra = f"epilogue({names} : {', '.join(tensors[2:])}) "
    scalars = ["%acc: f32" if floats else "%acc: i32"]
    scalars += [f"%e{i}: {'f32' if o[2] is F32 else 'i32'}" for i, o in enumerate(epilogue.operands)]
    lines = [f"%init = tensor.empty() : {out}",
             f"%y = lowbit.contract ins(%0, %1 : {tensors[0]}, {tensors[1]}) {extra}outs(%init : {out})"
             f" maps [{', '.join(shape.text(map) for map in maps)}] {{",
             f"^bb0({', '.join(scalars)}):", *epilogue.lines,
             f"lowbit.yield {yielded} : {'f32' if result is F32 else 'i32'}", f"}} -> {out}"]
    kept = [loop for index in shape.out for loop in index]
    expected = [epilogue.apply(accumulate(shape, lhs, rhs, at, floats), at) for at in shape.points(kept)]
    inline = set(range(1, len(arguments))) if rng.random() < 0.5 else ()
    name = f"{shape.sizes} {left} * {right} -> {result}{' extreme' if extreme else ''}"
    cases.add(name, arguments, lines, shape.dims(shape.out), result, expected, inline)


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases()
    for number, shape in enumerate(shapes(rng)):
        result = rng.choice(RESULTS + (I32, F32))
        add_case(cases, rng, shape, LHS[number % 2], rng.choice(RHS), result, number % 5 == 0)
    for shape in (matmul(3, 5, 7), matmul(1, 17, 33, False), conv(2, 2, 3, 3, 3, 4)):
        add_case(cases, rng, shape, I16, I8N, I32, False)
        add_case(cases, rng, shape, U4, I4, U8, True)
        add_case(cases, rng, shape, F32, F32, F32, False)
    extreme = matmul(2, 3, 1000)  # |sum| <= 255 * 127 * 1000
    add_case(cases, rng, extreme, U8, I8N, I32, True)
    add_case(cases, rng, extreme, I8, I8N, I16, True)
    return cases.check(arguments)


sys.exit(main())
