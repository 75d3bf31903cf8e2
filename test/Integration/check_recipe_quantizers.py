"""Activation quantizers that a recipe names, from real numbers on; see execution.py.

Each case is a layer with weights in codes whose steps are a power of two, and the
recipe's rules give its input, by name, a quantizer. What that does is computed here
from the definitions of the literature; sums are exact or rounded once.
"""

import itertools
import math
import random
import sys
from fractions import Fraction

from execution import F32, Cases, clamp, f32, parse_arguments, tensor
from network import tosa_constant

ROWS, DEPTH, COLUMNS = 3, 8, 2
WEIGHT_STEP = Fraction(1, 64)
CONV = "{acc_type = f32, pad = array<i64: 1, 0, 0, 0>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}"


# ---------------------------------------------------------------- quantizers


def sign(x):
    return 1 if x >= 0 else -1


def clip(x, bound, levels):
    """DoReFa, WRPN and PACT: round(clip(x, 0, a) (2^k - 1) / a); an integer."""
    return round(clamp(x / bound, 0, 1) * levels)


def half_wave(x, step):
    """HWGQ: 0, and then the first level for any x > 0."""
    return 0 if x <= 0 else clamp(math.ceil(x / step - Fraction(1, 2)), 1, 3)


def logarithmic(x, low, high, signed):
    """LogNet: 2^round(log2 |x|), and 0 below."""
    if x < 0 and not signed:
        return Fraction(0)
    exponents = [e for e in range(low, high + 1) if x * x >= Fraction(2) ** (2 * e - 1)]
    return sign(x) * Fraction(2) ** exponents[-1] if exponents else Fraction(0)


def shifted(x, pairs):
    """ABC-Net: sign n of clip(x + v[n], 0, 1) >= 1/2."""
    return sum(b if clamp(x + v, 0, 1) >= Fraction(1, 2) else -b for v, b in pairs)


def symmetric(xs):
    """Codes of 8 bits and their scale."""
    scale = f32(max(map(abs, xs)) / 127)
    return [clamp(round(f32(x / scale)), -127, 127) for x in xs], scale


def asymmetric(xs):
    low, high = min(0, *xs), max(0, *xs)
    scale = f32(f32(high - low) / 255)
    zero = round(clamp(f32(0 - f32(low / scale)), 0, 255))
    return [clamp(round(f32(x / scale)) + zero, 0, 255) for x in xs], scale, zero


def residual(xs, planes):
    """HORQ: (signs, scale) of each plane, with f32 sums from the first element on."""
    rest, terms = list(xs), []
    for _ in range(planes):
        total = Fraction(0)
        for x in rest:
            total = f32(total + abs(x))
        scale = f32(total / len(rest))
        signs = [sign(x) for x in rest]
        terms.append((signs, scale))
        rest = [f32(x - scale * s) for x, s in zip(rest, signs)]
    return terms


def alternating(xs, rounds):
    """Two planes, in rounds: scales of least squares, then the nearest sums."""
    def add(values):
        total = Fraction(0)
        for value in values:
            total = f32(total + value)
        return total

    (b, s), (c, t) = residual(xs, 2)
    for _ in range(rounds):
        cross, h, g = add(x * y for x, y in zip(b, c)), add(x * y for x, y in zip(b, xs)), add(x * y for x, y in zip(c, xs))
        ratio = f32(cross / len(xs))
        pivot = f32(len(xs) - f32(ratio * cross))
        if pivot >= Fraction(len(xs), 1024):
            t = f32(f32(g - f32(ratio * h)) / pivot)
            s = f32(f32(h / len(xs)) - f32(ratio * t))
        pairs = [(-1, -1), (1, -1), (-1, 1), (1, 1)]
        nearest = [min(pairs, key=lambda pair: abs(f32(x - f32(pair[0] * s + pair[1] * t)))) for x in xs]
        b, c = zip(*nearest)
    return [(b, s), (c, t)]


# -------------------------------------------------------------------- layers


def observe(name, source, target, type_, role="activation", stats=""):
    return f'{target} = lowbit.observe {source} {{name = "{name}", role = #lowbit.role<{role}>{stats}}} : {type_}'


def random_weights(rng, count):
    """Codes with one of 127 in each half, so that their step is WEIGHT_STEP."""
    codes = [rng.randint(-127, 127) for _ in range(count)]
    codes[0] = codes[-1] = 127
    return codes


def add_matmul(cases, rng, name, xs, compute, stats=""):
    """`compute` takes a row and a column of weight codes."""
    lhs, rhs, out = [1, ROWS, DEPTH], [1, DEPTH, COLUMNS], [1, ROWS, COLUMNS]
    codes = random_weights(rng, DEPTH * COLUMNS)
    rows = [xs[i * DEPTH:(i + 1) * DEPTH] for i in range(ROWS)]
    expected = [compute(row, codes[column::COLUMNS]) for row in rows for column in range(COLUMNS)]
    lines = [observe(name, "%0", "%x", F32.tensor(lhs), stats=stats),
             tosa_constant("%wc", [code * WEIGHT_STEP for code in codes], rhs),
             observe(f"{name}.weight", "%wc", "%w", F32.tensor(rhs), role="weight"),
             tosa_constant("%zp", [Fraction(0)], [1]),
             f"%y = tosa.matmul %x, %w, %zp, %zp : ({F32.tensor(lhs)}, {F32.tensor(rhs)}, tensor<1xf32>, tensor<1xf32>)"
             f" -> {F32.tensor(out)}"]
    cases.add(name, [(xs, lhs, F32)], lines, out, F32, expected)


def add_convolution(cases, rng, name, xs, compute):
    """A kernel of 2x2 over 3x3 positions of 4 channels, with a row of padding above
    and a bias. `compute` takes a window, None where it is padding, and codes."""
    image, kernel, out = [1, 3, 3, 4], [2, 2, 2, 4], [1, 3, 2, 2]
    codes, bias = random_weights(rng, 2 * 16), [Fraction(1, 2), Fraction(-3, 4)]
    expected = []
    for h, w, o in itertools.product(range(3), range(2), range(2)):
        window = []
        for y, x, c in itertools.product(range(2), range(2), range(4)):
            row = h + y - 1
            window.append(xs[(row * 3 + w + x) * 4 + c] if row >= 0 else None)
        expected.append(f32(compute(window, codes[o * 16:(o + 1) * 16]) + bias[o]))
    lines = [observe(name, "%0", "%x", F32.tensor(image)),
             tosa_constant("%wc", [code * WEIGHT_STEP for code in codes], kernel),
             observe(f"{name}.weight", "%wc", "%w", F32.tensor(kernel), role="weight"),
             tosa_constant("%b", bias, [2]), tosa_constant("%zp", [Fraction(0)], [1]),
             f"%y = tosa.conv2d %x, %w, %b, %zp, %zp {CONV} : ({F32.tensor(image)}, {F32.tensor(kernel)}, tensor<2xf32>,"
             f" tensor<1xf32>, tensor<1xf32>) -> {F32.tensor(out)}"]
    cases.add(name, [(xs, image, F32)], lines, out, F32, expected)


def dot(left, right):
    return sum(x * y for x, y in zip(left, right))


def scaled(total, scale):
    """What one code of sums stands for: rounded once."""
    return f32(total * f32(scale * WEIGHT_STEP))


def statistics(low, high):
    return (f", stats = #lowbit.stats<count = 1, min = {float(low)} : f64, max = {float(high)} : f64, average_min = 0.0 : f64,"
            " average_max = 0.0 : f64, bin_width = 1.0 : f64, first_bin = 0, histogram = [1]>")


# --------------------------------------------------------------------- cases


def add_fixed(cases, rng):
    def numbers(count, *special):
        xs = [f32(Fraction(rng.randint(-3000, 3000), 1000)) for _ in range(count - len(special))]
        return list(map(f32, special)) + xs

    count = ROWS * DEPTH
    add_matmul(cases, rng, "sign", numbers(count, 0, Fraction(-1, 2**140), Fraction(1, 2**140)),
               lambda row, w: dot(map(sign, row), w) * WEIGHT_STEP)
    eighths = [Fraction(n, 8) for n in range(-8, 40, 2)]
    add_matmul(cases, rng, "unit", eighths, lambda row, w: scaled(dot([clip(x, 1, 3) for x in row], w), f32(Fraction(1, 3))))
    add_matmul(cases, rng, "clip", eighths, lambda row, w: dot([clip(x, 6, 3) * 2 for x in row], w) * WEIGHT_STEP)
    step = f32(Fraction(538, 1000))
    edges = [step / 2, step * Fraction(3, 2), step * Fraction(5, 2), Fraction(1, 2**149), 0, 9, -9]
    xs = numbers(count, *edges, *[x + Fraction(1, 2**20) for x in map(f32, edges[:3])])
    add_matmul(cases, rng, "hwgq", xs, lambda row, w: scaled(dot([half_wave(x, step) for x in row], w), step))
    # The largest magnitude, 2.9, is nearest to 2^2 where exponents are rounded.
    xs = numbers(count, 0, Fraction(29, 10), Fraction(11, 4), Fraction(14142135, 10**7), Fraction(14142137, 10**7))
    add_matmul(cases, rng, "log2", xs, lambda row, w: dot([logarithmic(x, -4, 2, False) for x in row], w) * WEIGHT_STEP,
               statistics(-1, 2.9))
    add_matmul(cases, rng, "log2-signed", xs, lambda row, w: dot([logarithmic(x, -4, 2, True) for x in row], w) * WEIGHT_STEP,
               statistics(-2.9, 1))
    pairs = [(Fraction(1, 4), Fraction(1)), (Fraction(-1, 2), Fraction(5, 8)), (Fraction(1), Fraction(3, 16))]
    xs = [Fraction(n, 8) for n in range(-12, 12)]
    add_matmul(cases, rng, "shifted", xs, lambda row, w: dot([shifted(x, pairs) for x in row], w) * WEIGHT_STEP)
    add_convolution(cases, rng, "sign-conv", numbers(36, 0),
                    lambda xs, w: dot([0 if x is None else sign(x) for x in xs], w) * WEIGHT_STEP)


def add_scale_maps(cases, rng):
    """XNOR-Net: the product with the mean of |x| in the window, exact here."""
    def compute(xs, w):
        xs = [Fraction(0) if x is None else x for x in xs], [0 if x is None else sign(x) for x in xs]
        return dot(xs[1], w) * WEIGHT_STEP * sum(map(abs, xs[0])) / len(xs[0])

    xs = [Fraction(rng.randint(-8, 8), 4) for _ in range(36)]
    add_convolution(cases, rng, "xnor-conv", xs, compute)
    add_matmul(cases, rng, "xnor", [Fraction(rng.randint(-8, 8), 4) for _ in range(ROWS * DEPTH)], compute)


def add_dynamic(cases, rng):
    count = ROWS * DEPTH
    numbers = lambda n: [f32(Fraction(rng.randint(-10**6, 10**6), 10**rng.randint(4, 6))) for _ in range(n)]
    xs = numbers(count)
    whole = symmetric(xs)
    position = {id(x): code for x, code in zip(xs, whole[0])}
    add_matmul(cases, rng, "dynamic", xs, lambda row, w: scaled(dot([position[id(x)] for x in row], w), whole[1]))
    xs = numbers(count)
    codes, scale, zero = asymmetric(xs)
    place = {id(x): code for x, code in zip(xs, codes)}
    add_matmul(cases, rng, "dynamic-u8", xs, lambda row, w: scaled(dot([place[id(x)] - zero for x in row], w), scale))

    def by_row(row, w):
        codes, scale = symmetric(row)
        return scaled(dot(codes, w), scale)

    def by_planes(planes, w):
        total = None
        for signs, scale in planes:
            term = scaled(dot(signs, w), scale)
            total = term if total is None else f32(total + term)
        return total

    add_matmul(cases, rng, "rows", numbers(count), by_row)
    add_matmul(cases, rng, "residual", numbers(count), lambda row, w: by_planes(residual(row, 2), w))
    add_matmul(cases, rng, "alternating", numbers(count), lambda row, w: by_planes(alternating(row, 2), w))
    xs = numbers(36)
    image = symmetric(xs)
    known = {id(x): code for x, code in zip(xs, image[0])}
    add_convolution(cases, rng, "rows-conv", xs,
                    lambda window, w: scaled(dot([0 if x is None else known[id(x)] for x in window], w), image[1]))


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases()
    add_fixed(cases, rng)
    add_scale_maps(cases, rng)
    add_dynamic(cases, rng)
    return cases.check(arguments)


sys.exit(main())
