"""Quantizers of the literature, as thresholds and existing operations; see execution.py."""

import itertools
import math
import random
import sys
from fractions import Fraction

from execution import F32, Cases, clamp, f32, parse_arguments, tensor
from network import tosa_constant


def array(kind, values):
    def literal(x):
        text = repr(float(x))
        return text if "." in text or "e" not in text else text.replace("e", ".0e")
    return f"array<{kind}: {', '.join(literal(x) if kind == 'f32' else str(x) for x in values)}>"


def least_f32_above_root(square):
    """The least f32 whose square is at least `square`, a power of two."""
    x = f32(Fraction(math.sqrt(float(square))))
    step = x / 2**25
    while x * x >= square:
        x = f32(x - 2 * step)
    while x * x < square:
        x = f32(x + 2 * step)
    return x


def add_log_quantizers(cases, rng):
    """LogNet: round(log2 |x|), so that steps end at sqrt(2) 2^e; small ones are 0."""
    low, high = -6, 0
    edges = [least_f32_above_root(Fraction(2) ** (2 * e - 1)) for e in range(low, high + 1)]
    below = [f32(x - x / 2**24) for x in edges]
    xs = [s * x for x in edges + below for s in (-1, 1)] + [Fraction(0), Fraction(3, 2), Fraction(3, 4), Fraction(9), Fraction(-9)]
    xs += [f32(Fraction(rng.randint(-2**20, 2**20), 2**20)) for _ in range(21)]

    def quantize(x, signed):
        if x < 0 and not signed:
            return Fraction(0)
        exponents = [e for e in range(low, high + 1) if x * x >= Fraction(2) ** (2 * e - 1)]
        return (Fraction(2) ** exponents[-1] if exponents else Fraction(0)) * (-1 if x < 0 else 1)

    for storage, thresholds in (("u3", edges), ("i4", [-x for x in reversed(below)] + edges)):
        type_, shape = f"!lowbit.pow2<{storage}, {low} : {high}, [1.0]>", [len(xs)]
        lines = [f"%q = lowbit.encode %0 {{thresholds = {array('f32', thresholds)}}} : {F32.tensor(shape)} to {tensor(shape, type_)}",
                 f"%y = lowbit.decode %q : {tensor(shape, type_)} to {F32.tensor(shape)}"]
        cases.add(f"log2 {storage}", [(xs, shape, F32)], lines, shape, F32, [quantize(x, storage == "i4") for x in xs])


def add_shifted_signs(cases, rng):
    """ABC-Net: base n is +b[n] where clip(x + v[n], 0, 1) >= 1/2, else -b[n]."""
    shifts = [Fraction(1, 4), Fraction(-1, 2), Fraction(1)]
    scales = [Fraction(1), Fraction(5, 8), Fraction(3, 16)]
    xs = [Fraction(n, 8) for n in range(-12, 13)] + [Fraction(rng.randint(-999, 999), 512) for _ in range(11)]
    shape = [len(xs)]
    expected = [sum(b if clamp(x + v, 0, 1) >= Fraction(1, 2) else -b for v, b in zip(shifts, scales)) for x in xs]
    order = sorted(range(3), key=lambda n: Fraction(1, 2) - shifts[n])
    thresholds = [Fraction(1, 2) - shifts[n] for n in order]
    codes = [sum(1 << n for n in order[:rank]) for rank in range(4)]
    type_ = f"!lowbit.planes<sign x 3, [{', '.join(str(float(b)) for b in scales)}]>"
    lines = [f"%q = lowbit.encode %0 {{thresholds = {array('f32', thresholds)}, codes = {array('i64', codes)}}}"
             f" : {F32.tensor(shape)} to {tensor(shape, type_)}",
             f"%y = lowbit.decode %q : {tensor(shape, type_)} to {F32.tensor(shape)}"]
    cases.add("shifted signs", [(xs, shape, F32)], lines, shape, F32, expected)


def add_scale_map(cases, rng):
    """XNOR-Net: (sign(x) * sign(w)) K a, with K the box filter of the mean of |x|
    over channels. All numbers here are multiples of powers of two, and exact."""
    xs = [Fraction(rng.choice([n for n in range(-16, 17)]), 4) for _ in range(36)]
    words, scales = [rng.randint(0, 1) for _ in range(2 * 16)], [Fraction(1, 2), Fraction(3, 4)]
    expected = []
    for h, w, o in itertools.product(range(2), range(2), range(2)):
        window = [(h + y) * 3 + w + x for y in range(2) for x in range(2)]
        k = sum(abs(xs[p * 4 + c]) for p in window for c in range(4)) / 16
        total = sum((1 if xs[p * 4 + c] >= 0 else -1) * (1 if words[(o * 4 + i) * 4 + c] else -1)
                    for i, p in enumerate(window) for c in range(4))
        expected.append(total * scales[o] * k)
    signs, weights = "!lowbit.planes<sign x 1, [1.0]>", "!lowbit.planes<sign x 1, axis = 0, [0.5, 0.75]>"
    image, kernel, plane, out = [1, 3, 3, 4], [2, 2, 2, 4], [1, 3, 3, 1], [1, 2, 2, 2]
    nested = "[" + ", ".join("[" + ", ".join("[" + ", ".join(str(words[((o * 2 + y) * 2 + x) * 4:((o * 2 + y) * 2 + x) * 4 + 4])
             for x in range(2)) + "]" for y in range(2)) + "]" for o in range(2)) + "]"
    conv = "{acc_type = f32, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}"
    lines = [f"%q = lowbit.encode %0 : {F32.tensor(image)} to {tensor(image, signs)}",
             f"%x = lowbit.decode %q : {tensor(image, signs)} to {F32.tensor(image)}",
             f"%wq = lowbit.constant dense<{nested}> : {tensor(kernel, 'i8')} as {tensor(kernel, weights)}",
             f"%w = lowbit.decode %wq : {tensor(kernel, weights)} to {F32.tensor(kernel)}",
             tosa_constant("%zp", [Fraction(0)], [1]), tosa_constant("%quarter", [Fraction(1, 4)], [1, 1, 1, 1]),
             tosa_constant("%box", [Fraction(1, 4)] * 4, [1, 2, 2, 1]),
             '%shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>',
             f"%c = tosa.conv2d %x, %w, %zp, %zp, %zp {conv} : ({F32.tensor(image)}, {F32.tensor(kernel)}, tensor<1xf32>,"
             f" tensor<1xf32>, tensor<1xf32>) -> {F32.tensor(out)}",
             f"%a = tosa.abs %0 : ({F32.tensor(image)}) -> {F32.tensor(image)}",
             f"%r = tosa.reduce_sum %a {{axis = 3 : i32}} : ({F32.tensor(image)}) -> {F32.tensor(plane)}",
             f"%m = tosa.mul %r, %quarter, %shift : ({F32.tensor(plane)}, tensor<1x1x1x1xf32>, tensor<1xi8>) -> {F32.tensor(plane)}",
             f"%k = tosa.conv2d %m, %box, %zp, %zp, %zp {conv} : ({F32.tensor(plane)}, tensor<1x2x2x1xf32>, tensor<1xf32>,"
             f" tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>",
             f"%y = tosa.mul %c, %k, %shift : ({F32.tensor(out)}, tensor<1x2x2x1xf32>, tensor<1xi8>) -> {F32.tensor(out)}"]
    cases.add("scale map", [(xs, image, F32)], lines, out, F32, expected)


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases()
    add_log_quantizers(cases, rng)
    add_shifted_signs(cases, rng)
    add_scale_map(cases, rng)
    return cases.check(arguments)


sys.exit(main())
