"""lowbit.contract in many shapes, formats and epilogues; see execution.py.

Most weights are constants, as kernels ask. Which cases must become kernels is
known here, and the remarks of -lowbit-select-primitive are held to it.
"""

import itertools
import math
import random
import sys
from fractions import Fraction

from execution import F32, I32, Cases, Format, clamp, f32, parse_arguments, rescale

SIZES = (1, 2, 3, 5, 7, 17)
U8, I8 = Format("u8", 0.5, 3), Format("i8", 0.5, -3)
I8N, I4 = Format("i8", 0.25, 0, -127, 127), Format("i4", 0.25)
I8F, U7 = Format("i8", 0.25), Format("u7", 0.5)
I16, U4 = Format("i16", 0.125), Format("u4", 0.5, 2)
LHS, RHS = (U8, I8, U4, I4), (I8N, I8F, U8, I4)
ROWS = (1, 2, 3, 4, 5, 6, 7, 8, 13, 64)
COLUMNS = (1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65)
TERMS = (1, 2, 3, 5, 16, 17, 63, 64)
RESULTS = (U8, I8, I16, Format("i8", 0.5, 0, -127, 127), I4, U4)


class Shape:
    """Loops, their sizes, and maps as lists of {loop: factor}."""

    def __init__(self, loops, sizes, lhs, rhs, out):
        self.loops, self.sizes = loops.split(), sizes
        self.lhs, self.rhs, self.out, self.steps = lhs, rhs, out, None

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
            result = result * size + sum(f * at.get(l, 0) for l, f in index.items())
        return result

    def terms(self):
        """What each term of a sum adds to the offsets in lhs and rhs."""
        if self.steps is None:
            kept = {loop for index in self.out for loop in index}
            self.steps = [(self.offset(self.lhs, at), self.offset(self.rhs, at))
                          for at in self.points([l for l in self.loops if l not in kept])]
        return self.steps

    def is_kernel(self, left, right, is_constant):
        """Whether a primitive computes it, or plain loops do."""
        lane = self.out[-1]
        narrow = left is F32 or (left.word == 8 and (right.word == 8 or right is I16))
        if lane in self.lhs:  # channels
            return narrow and self.lhs[-1] == self.rhs[-1] == lane
        return narrow and lane in self.rhs and is_constant

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


def depthwise(oh, ow, c, kh, kw, stride=(1, 1), n=1, dilation=(1, 1), multiplier=None):
    window = [{"n": 1}, {"oh": stride[0], "kh": dilation[0]}, {"ow": stride[1], "kw": dilation[1]}, {"c": 1}]
    sizes = dict(n=n, oh=oh, ow=ow, c=c, kh=kh, kw=kw)
    if multiplier is None:
        return Shape("n oh ow c kh kw", sizes, window, single("kh kw c"), single("n oh ow c"))
    return Shape("n oh ow c m kh kw", sizes | dict(m=multiplier), window,
                 single("kh kw c m"), single("n oh ow c m"))


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


def kernel_shapes():
    """Every number of rows, columns and terms around a tile's; windows; channels."""
    for number, (m, n) in enumerate(itertools.product(ROWS, COLUMNS)):
        if number % 5 in (0, 3):
            k = TERMS[number % 8]
            yield matmul(m, n, k if m * n * k < 40000 else 5, number % 3 != 0)
    for k in TERMS:
        yield matmul(5, 9, k)
    yield conv(5, 4, 16, 3, 3, 3, stride=(2, 2))
    yield conv(4, 4, 8, 5, 5, 1, n=2)
    yield conv(3, 4, 17, 3, 3, 1, stride=(2, 1))
    yield conv(3, 3, 9, 3, 5, 3, dilation=(2, 1))
    yield conv(2, 3, 33, 1, 7, 5, stride=(1, 2), dilation=(1, 3), n=2)
    yield conv(4, 4, 24, 1, 1, 17, n=2)
    yield conv(1, 1, 10, 5, 5, 16)
    for c in (1, 3, 8, 9, 17):
        yield depthwise(3, 4, c, 3, 3, n=2)
        yield depthwise(2, 3, c, 3, 5, stride=(2, 2), dilation=(1, 2))
        yield depthwise(3, 3, c, 3, 3, multiplier=2)
    for c, stride in itertools.product((16, 19, 33), ((1, 1), (2, 2), (1, 2), (3, 1), (1, 4))):
        yield depthwise(3, 4, c, 3, 3, stride=stride)
        yield depthwise(2, 5, c, 3 if c == 16 else 5, 5, stride=stride)
    yield depthwise(1, 7, 16, 3, 3)
    yield depthwise(5, 1, 17, 3, 3, n=2)
    yield depthwise(3, 6, 32, 4, 2, n=2, dilation=(2, 1))
    yield depthwise(3, 3, 16, 2, 3, dilation=(1, 2))
    yield depthwise(2, 2, 32, 1, 1)
    yield grouped(3, 3, 2, 9, 3, 3, 4)
    yield Shape("b m n k", dict(b=3, m=7, n=18, k=5), single("b m k"), single("b k n"), single("b m n"))
    yield Shape("b c m n k", dict(b=2, c=3, m=2, n=9, k=4), single("b m c k"), single("c b n k"), single("c m b n"))
    yield Shape("m p n k", dict(m=5, p=3, n=9, k=7), single("m k"), single("p n k"), single("m p n"))


def float_windows():
    """Of which sums of f32 share what they read: of tiles of rows and columns of the image."""
    for c, stride in itertools.product((3, 17), ((1, 1), (2, 2), (1, 2), (3, 1))):
        yield depthwise(4, 4, c, 3, 3, stride=stride, n=2)
        yield depthwise(3, 7, c, 3, 3, stride=stride)
    yield depthwise(9, 4, 9, 3, 3)
    yield depthwise(9, 4, 16, 3, 3, stride=(2, 2))
    yield depthwise(4, 8, 9, 5, 5)
    yield depthwise(4, 5, 16, 5, 5, stride=(2, 2))
    yield depthwise(1, 9, 8, 3, 3, n=2)
    yield depthwise(9, 1, 8, 3, 3)
    yield depthwise(1, 1, 24, 3, 3)
    yield depthwise(2, 4, 17, 7, 7)
    yield depthwise(4, 4, 9, 3, 3, dilation=(2, 2))
    yield depthwise(3, 11, 8, 1, 5, dilation=(1, 3))
    yield depthwise(4, 4, 16, 1, 1)


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
