"""TFLite's reference kernels for int8, in exact Python integers.

Written from the published formulas. `double` is the rounding of a library built
as it is by default: a doubling high product and a division by a power of two,
each rounded. Without it, one rounding of the 64-bit product.
"""

import itertools
import math
from fractions import Fraction

from execution import clamp, f32

INT32_MAX = 2**31 - 1


# -------------------------------------------------------------- fixed point


def high_product(a, b):
    """a * b / 2^31 with a division toward 0 after a nudge of half a step."""
    if a == b == -(2**31):
        return INT32_MAX
    product = a * b
    product += 2**30 if product >= 0 else 1 - 2**30
    return product // 2**31 if product >= 0 else -(-product // 2**31)


def divide_by_power(x, exponent):
    """x / 2^exponent, to nearest, ties away from 0."""
    mask = (1 << exponent) - 1
    return (x >> exponent) + ((x & mask) > (mask >> 1) + (x < 0))


def quantize_multiplier(real):
    """The multiplier and the shift to the left of a real factor."""
    if real == 0:
        return 0, 0
    mantissa, shift = math.frexp(real)
    multiplier = math.floor(Fraction(mantissa) * 2**31 + Fraction(1, 2))
    if multiplier == 2**31:
        multiplier, shift = multiplier // 2, shift + 1
    return (0, 0) if shift < -31 else (multiplier, shift)


def multiply(x, multiplier, shift, double):
    if not double:
        total = 31 - shift
        return (x * multiplier + (1 << (total - 1))) >> total
    left, right = max(shift, 0), max(-shift, 0)
    return divide_by_power(high_product(x << left, multiplier), right)


def rescale(x, real, double):
    return multiply(x, *quantize_multiplier(real), double)


def float32(value):
    return float(f32(Fraction(value)))


def round_away(value):
    return math.floor(abs(value) + Fraction(1, 2)) * (1 if value >= 0 else -1)


def interval(case):
    """The codes that the fused activation leaves."""
    low, high = -128, 127
    if case["relu6"]:
        y = case["y"]
        quantize = lambda x: y["zero"] + round_away(f32(Fraction(x) / Fraction(y["scale"])))
        low, high = max(low, quantize(0)), min(high, quantize(6))
    return low, high


# ------------------------------------------------------------------- layers


def layer(case, double):
    x, y, weights = case["x"], case["y"], case["weights"]
    channels = y["shape"][-1]
    scales = weights["scales"] * (channels if len(weights["scales"]) == 1 else 1)
    low, high = interval(case)
    result = []
    for at in itertools.product(*map(range, y["shape"])):
        total = case["bias"][at[-1]]
        for code, weight in products(case, at):
            total += (code - x["zero"]) * weight
        product = x["scale"] * scales[at[-1]]  # exact
        if case["op"] == "fully_connected" and len(weights["scales"]) == 1:
            product = float32(product)
        value = rescale(total, product / y["scale"], double) + y["zero"]
        result.append(clamp(value, low, high))
    return result


def products(case, at):
    """The codes and weights that meet in the element `at` of the result."""
    x, weights = case["x"], case["weights"]
    if case["op"] == "fully_connected":
        depth = weights["shape"][1]
        for i in range(depth):
            yield x["codes"][at[0] * depth + i], weights["codes"][at[1] * depth + i]
        return
    _, height, width, depth = weights["shape"]
    _, _, columns, inputs = x["shape"]
    for row, column in itertools.product(range(height), range(width)):
        pixel = ((at[1] + row) * columns + at[2] + column) * inputs
        tap = (row * width + column) * depth
        if case["op"] == "depthwise":
            yield x["codes"][pixel + at[3]], weights["codes"][tap + at[3]]
            continue
        for i in range(depth):
            yield x["codes"][pixel + i], weights["codes"][at[3] * height * width * depth + tap + i]


# -------------------------------------------------------------- elementwise


def add(case, double, sign=1):
    left, right, y = case["x"], case["x2"], case["y"]
    twice = 2 * max(left["scale"], right["scale"])
    low, high = interval(case)
    result = []
    for a, b in zip(left["codes"], right["codes"]):
        terms = [rescale((code - x["zero"]) << 20, x["scale"] / twice, double)
                 for code, x in ((a, left), (b, right))]
        total = terms[0] + sign * terms[1]
        value = rescale(total, twice / (2**20 * y["scale"]), double) + y["zero"]
        result.append(clamp(value, low, high))
    return result


def mul(case, double):
    left, right, y = case["x"], case["x2"], case["y"]
    real = float32(Fraction(float32(left["scale"] * right["scale"])) / Fraction(y["scale"]))
    low, high = interval(case)
    return [clamp(rescale((a - left["zero"]) * (b - right["zero"]), real, double) + y["zero"], low, high)
            for a, b in zip(left["codes"], right["codes"])]


def requantize(case, double):
    x, y = case["x"], case["y"]
    return [clamp(rescale(code - x["zero"], x["scale"] / y["scale"], double) + y["zero"], -128, 127)
            for code in range(-128, 128)]


# ------------------------------------------------------------------ windows


def average_pool(case, double):
    x, y = case["x"], case["y"]
    _, height, width, depth = x["shape"]
    result = []
    for _, row, column, channel in itertools.product(*map(range, y["shape"])):
        top = row * case["stride"] - case["pad"][0]
        left = column * case["stride"] - case["pad"][2]
        inside = [x["codes"][(r * width + c) * depth + channel]
                  for r in range(max(top, 0), min(top + case["kernel"], height))
                  for c in range(max(left, 0), min(left + case["kernel"], width))]
        total, count = sum(inside), len(inside)
        half = count // 2
        result.append((total + half) // count if total > 0 else -((half - total) // count))
    return result


def mean(case, double):
    x, y = case["x"], case["y"]
    depth, count = x["shape"][3], x["shape"][1] * x["shape"][2]
    multiplier, shift = quantize_multiplier(x["scale"] / y["scale"])
    bits = min(count.bit_length() - 1, 32, 31 + shift)
    multiplier, shift = (multiplier << bits) // count, shift - bits
    return [clamp(multiply(sum(x["codes"][channel::depth]) - x["zero"] * count, multiplier, shift, double)
                  + y["zero"], -128, 127) for channel in range(depth)]


# ---------------------------------------------------------------- functions


def shift_left(x, exponent):
    return clamp(x << exponent, -(2**31), INT32_MAX)


def exponential(a, bits):
    """exp(a) in steps of 2^-31, for a <= 0 in steps of 2^(bits - 31)."""
    if a == 0:
        return INT32_MAX
    fraction = 31 - bits
    quarter = 1 << (fraction - 2)
    part = (a & (quarter - 1)) - quarter
    x = shift_left(part, bits) + 2**28
    x2 = high_product(x, x)
    x3, x4 = high_product(x2, x), high_product(x2, x2)
    rest = divide_by_power(high_product(divide_by_power(x4, 2) + x3, 715827883) + x2, 1)
    result = 1895147668 + high_product(1895147668, x + rest)
    powers = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242]
    for i in range(-2, bits):
        if (part - a) & (1 << (fraction + i)):
            result = high_product(result, powers[i + 2])
    return result


def twice_reciprocal(a):
    half = (a + INT32_MAX + 1) // 2
    x = 1515870810 + high_product(half, -1010580540)
    for _ in range(3):
        x += shift_left(high_product(x, 2**29 - high_product(half, x)), 2)
    return x


def logistic_of(a):
    if a == 0:
        return 2**30
    value = shift_left(twice_reciprocal(exponential(-abs(a), 4)), 1)
    return value if a > 0 else INT32_MAX - value


def tanh_of(a):
    if a == 0:
        return 0
    value = shift_left(twice_reciprocal(exponential(-abs(a), 5)) - 2**29, 2)
    return value if a > 0 else -value


def function(case, double, of, bits, zero):
    x = case["x"]
    mantissa, shift = math.frexp(x["scale"] * 2**27)
    multiplier = math.floor(Fraction(mantissa) * 2**31 + Fraction(1, 2))
    radius = math.floor(Fraction(15 * 2**27) / Fraction(2) ** shift)
    result = []
    for code in range(-128, 128):
        steps = code - x["zero"]
        if abs(steps) >= radius:
            result.append(-128 if steps <= -radius else 127)
            continue
        value = of(multiply(steps, multiplier, shift, double))
        result.append(clamp(divide_by_power(value, 31 - bits) + zero, -128, 127))
    return result


KERNELS = {
    "conv": layer, "depthwise": layer, "fully_connected": layer, "add": add, "mul": mul,
    "sub": lambda case, double: add(case, double, -1), "requantize": requantize, "average_pool": average_pool, "mean": mean,
    "logistic": lambda case, double: function(case, double, logistic_of, 8, -128),
    "tanh": lambda case, double: function(case, double, tanh_of, 7, 0),
}


def compute(case, double):
    """The codes of the case's result."""
    return KERNELS[case["op"]](case, double)
