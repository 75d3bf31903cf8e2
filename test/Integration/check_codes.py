"""lowbit.encode, decode and rescale at their edges; see execution.py."""

import itertools
import math
import random
import sys
from fractions import Fraction

import tflite
from execution import F32, I32, INT32, Cases, Format, clamp, f32, parse_arguments, rescale, tensor, wrap

ROUNDINGS = {
    "nearest_even": round,
    "nearest_away": lambda x: math.floor(abs(x) + Fraction(1, 2)) * (1 if x > 0 else -1),
    "floor": math.floor,
    "ceil": math.ceil,
    "toward_zero": math.trunc,
    "away_from_zero": lambda x: math.ceil(x) if x > 0 else math.floor(x),
    "nearest_toward_zero": lambda x: (math.ceil(x - Fraction(1, 2)) if x > 0
                                      else math.floor(x + Fraction(1, 2))),
}
FORMATS = [
    Format("u8", 0.5, 3), Format("i8", 0.25, -7), Format("i8", 0.3, 0, -127, 127),
    Format("i16", 0.001), Format("u16", 1.52587890625e-05), Format("i4", 0.5),
    Format("u4", 0.5, 2, 1, 5), Format("u2", 1.5), Format("i32", 2.0**-20),
    Format("u8", 1e-30, 200), Format("u8", 3e30, 128), Format("i16", 7e-40, 5),
    Format("u8", 0.5, 300), Format("u16", 0.5, -20000000),
]
PER_AXIS = [
    Format("i8", [0.5, 0.3, 2.0], [0, 0, 0], -127, 127, axis=0),
    Format("u8", [0.5, 0.3, 2.0], [0, 3, 255], axis=0),
]
LIMIT = 2**31


def reals(rng):
    """Ties, extremes, and what lies around them, as f32."""
    values = [Fraction(n, 4) for n in range(-20, 21)]
    values += [Fraction(n, 2) * 127 for n in (-4, -3, -2, -1, 1, 2, 3, 4)]
    values += [f32(Fraction(s * 3, 10) * n) for n in (1, 5, 127, 128, 1000) for s in (-1, 1)]
    values += [s * Fraction(2) ** e for e in (-149, -140, -126, 23, 24, 30, 31, 32, 62, 63, 64, 127) for s in (-1, 1)]
    values += [s * (Fraction(2) ** 127 * (2 - Fraction(1, 2**23))) for s in (-1, 1)]
    values += [f32(Fraction(10) ** 30), -f32(Fraction(10) ** 30), math.inf, -math.inf, math.nan]
    values += [f32(Fraction(rng.randint(-10**6, 10**6), 10**rng.randint(1, 6))) for _ in range(30)]
    return values


def times(x, factor):
    """One f32 multiplication."""
    if isinstance(x, float) or isinstance(factor, float):
        return math.nan if x == 0 or factor == 0 else float(x) * float(factor)
    return f32(x * factor)


def over(x, divisor):
    """One f32 division."""
    return x if isinstance(x, float) else f32(Fraction(x) / Fraction(divisor))


def encode(x, format, scale, zero, rounding, wrapping=False, scaling="multiply"):
    scale = f32(Fraction(scale))
    scaled = times(x, f32(1 / scale)) if scaling == "multiply" else over(x, scale)
    if scaling == "divide_shift" and not isinstance(scaled, float):
        scaled, zero = f32(scaled + f32(zero)), 0
    if isinstance(scaled, float):
        if math.isnan(scaled):
            return clamp(zero, format.low, format.high)
        return format.high if scaled > 0 else format.low
    code = ROUNDINGS[rounding](scaled) + zero
    if wrapping:
        code &= (1 << format.width) - 1
        return wrap(code, format.width) if format.signed else code
    return clamp(code, format.low, format.high)


def axis_values(value, rows):
    return value if isinstance(value, list) else [value] * rows


def add_encode(cases, format, xs, rounding, wrapping=False, scaling="multiply"):
    shape = [3, len(xs)] if format.axis is not None else [len(xs)]
    scales, zeros = axis_values(format.scale, 1), axis_values(format.zero, 1)
    expected = [encode(x, format, s, z, rounding, wrapping, scaling) for s, z in zip(scales, zeros) for x in xs]
    data = [x if isinstance(x, float) else Fraction(x) for x in xs] * len(scales)
    saturation = ", saturation = #lowbit.saturation<wrap>" if wrapping else ""
    scaling = "" if scaling == "multiply" else f", scaling = #lowbit.scaling<{scaling}>"
    code = f"lowbit.encode %0 {{rounding = #lowbit.rounding<{rounding}>{saturation}{scaling}}}"
    code += f" : {F32.tensor(shape)} to {format.tensor(shape)}"
    name = f"encode {format} {rounding}{saturation}{scaling}"
    if format.axis is None:
        cases.add(name, [(data, shape, F32)], [f"%y = {code}"], shape, format, expected)
        return
    # Codes per axis are printed as words.
    word = f"tensor<3x{len(xs)}xi8>"
    wide = I32.tensor(shape)
    lines = [f"%q = {code}", f"%w = quant.scast %q : {format.tensor(shape)} to {word}",
             f"%y = arith.extsi %w : {word} to {wide}"]
    cases.add(name, [(data, shape, F32)], lines, shape, I32, [wrap(c, 8) for c in expected])


def add_decode(cases, rng, format):
    span = format.high - format.low
    codes = [format.low + i for i in range(span + 1)] if span < 256 else (
        [format.low, format.low + 1, format.high - 1, format.high]
        + [rng.randint(format.low, format.high) for _ in range(100)])
    scales, zeros = axis_values(format.scale, 1), axis_values(format.zero, 1)
    rows = len(scales)
    shape = [rows, len(codes)] if format.axis is not None else [len(codes)]
    expected = [f32(f32(c - z) * f32(Fraction(s))) for s, z in zip(scales, zeros) for c in codes]
    lines = [f"%y = lowbit.decode %0 : {format.tensor(shape)} to {F32.tensor(shape)}"]
    cases.add(f"decode {format}", [(codes * rows, shape, format)], lines, shape, F32, expected)


def add_rescale(cases, values, from_, to, factors, double=False, low=None, high=None, wrapping=False, axis=False):
    """`factors` are pairs: one for all values, or one for each row of values."""
    rows = len(factors)
    shape = [rows, len(values)] if axis else [len(values)]
    zero_in, zero_out = (0 if f.plain else f.zero for f in (from_, to))
    low = (INT32[0] if to.plain else to.low) if low is None else low
    high = (INT32[1] if to.plain else to.high) if high is None else high
    expected = [rescale(v, m, s, double, zero_in, zero_out, low, high, wrapping) for m, s in factors for v in values]
    if wrapping and not to.plain:
        expected = [e & 255 for e in expected]
    mode = f"rounding = #lowbit.rescale_mode<{'double_round' if double else 'single_round'}>"
    saturation = "saturation = #lowbit.saturation<wrap>, " if wrapping else ""
    along = ", axis = 0 : i64" if axis else ""
    lines = [f"%y = lowbit.rescale %0, %1, %2 {{{mode}, {saturation}input_zero_point = {zero_in} : i32,"
             f" output_zero_point = {zero_out} : i32, min = {low} : i32, max = {high} : i32{along}}}"
             f" : {from_.tensor(shape)}, tensor<{rows}xi32> to {to.tensor(shape)}"]
    arguments = [(values * rows, shape, from_), ([m for m, _ in factors], [rows], I32),
                 ([s for _, s in factors], [rows], I32)]
    name = f"rescale {from_} -> {to} by {factors} double={double} wrap={wrapping}"
    cases.add(name, arguments, lines, shape, to, expected)


def add_rescales(cases, rng):
    extremes = [INT32[0], INT32[0] + 1, -(2**30), -3, -2, -1, 0, 1, 2, 3, 2**30, INT32[1] - 1, INT32[1]]
    extremes += [rng.randint(*INT32) for _ in range(7)]
    shifts = (2, 3, 29, 30, 31, 32, 33, 40, 61, 62)
    factors = [(m, s) for m in (0, 1, 2**30, 2**31 - 1) for s in shifts]
    u8, i8, i16 = Format("u8", 0.5, 3), Format("i8", 0.5, -3), Format("i16", 0.25)
    every = list(range(256))
    for double in (False, True):
        for wrapping in (False, True):
            add_rescale(cases, extremes, I32, I32, factors, double, wrapping=wrapping, axis=True)
        for m, s in ((1518500250, 31), (2**31 - 1, 30), (1100000000, 33), (2**30, 30)):
            add_rescale(cases, every, u8, i8, [(m, s)], double)
            add_rescale(cases, every, u8, i16, [(m, s - 6)], double, low=-1000, high=12345)
            add_rescale(cases, list(range(-128, 128)), i8, u8, [(m, s)], double)
        add_rescale(cases, every, u8, Format("i4", 0.5, 1), [(2**30, 34)], double)
        add_rescale(cases, extremes, I32, u8, [(2**30 + 12345, 52)], double, low=3)
    add_rescale(cases, extremes, I32, u8, [(2**30, 30)], wrapping=True)


def add_tflite_rescales(cases):
    """Where the shifted value fits 32 bits, both roundings are TFLite's."""
    values = [INT32[0], INT32[0] + 1, -(2**30), INT32[1], 2**30, 2**30 + 1]
    values += [sign * x for x in (0, 1, 2, 3, 5, 7, 127, 128, 2**16 - 1, 2**16) for sign in (1, -1)]
    # Multiples of powers of two meet ties at every shift.
    values += [sign * x << k for k in range(4, 28, 3) for x in (1, 3, 5) for sign in (1, -1)]
    for shift, multiplier in itertools.product(range(2, 63), (2**30, 3 * 2**29, 2**31 - 1, 1234567891)):
        left = 31 - shift
        inside = [v for v in values if left <= 0 or INT32[0] <= v << left <= INT32[1]]
        for double in (False, True):
            expected = [tflite.multiply(v, multiplier, left, double) for v in inside]
            expected = [clamp(e, *INT32) for e in expected]
            mode = "double_round" if double else "single_round"
            lines = [f"%y = lowbit.rescale %0, %1, %2 {{rounding = #lowbit.rescale_mode<{mode}>}}"
                     f" : {tensor([len(inside)], 'i32')}, tensor<1xi32> to {tensor([len(inside)], 'i32')}"]
            data = [(inside, [len(inside)], I32), ([multiplier], [1], I32), ([shift], [1], I32)]
            cases.add(f"rescale as TFLite by {multiplier} >> {shift} {mode}", data, lines, [len(inside)], I32, expected)


def add_requantize(cases, values, from_, to, scales, axis=False, low=None, high=None):
    """Python's floats are f64, and round() goes to nearest even."""
    rows = len(scales)
    shape = [rows, len(values)] if axis else [len(values)]
    zero_in, zero_out = (0 if f.plain else f.zero for f in (from_, to))
    low = (INT32[0] if to.plain else to.low) if low is None else low
    high = (INT32[1] if to.plain else to.high) if high is None else high
    scales = [f32(Fraction(s)) for s in scales]
    expected = [round(clamp(float(v - zero_in) * float(s) + float(zero_out), low, high))
                for s in scales for v in values]
    along = ", axis = 0 : i64" if axis else ""
    lines = [f"%y = lowbit.requantize %0, %1 {{input_zero_point = {zero_in} : i32,"
             f" output_zero_point = {zero_out} : i32, min = {low} : i32, max = {high} : i32{along}}}"
             f" : {from_.tensor(shape)}, tensor<{rows}xf32> to {to.tensor(shape)}"]
    arguments = [(values * rows, shape, from_), (scales, [rows], F32)]
    cases.add(f"requantize {from_} -> {to} by {scales}", arguments, lines, shape, to, expected)


def add_requantizes(cases, rng):
    extremes = [INT32[0], INT32[0] + 1, -(2**30), -3, -2, -1, 0, 1, 2, 3, 2**30, INT32[1] - 1, INT32[1]]
    extremes += [rng.randint(*INT32) for _ in range(7)]
    factors = [0, 2.0**-149, 1e-9, 2.0**-31, 0.1, 0.25, 0.5, 1, 1.5, 3, 1e30, 3.4e38]
    add_requantize(cases, extremes, I32, I32, factors, axis=True)
    every, signed = list(range(256)), list(range(-128, 128))
    u8, i8, i16 = Format("u8", 0.5, 3), Format("i8", 0.5, -3), Format("i16", 0.25)
    for factor in (0.5, 0.25, 1.5, 0.3, 0.0078125):  # ties, and none
        add_requantize(cases, every, u8, i8, [factor])
        add_requantize(cases, signed, i8, u8, [factor], low=4, high=200)
        add_requantize(cases, signed, i8, i16, [factor * 100])
    add_requantize(cases, extremes, I32, Format("i4", 0.5, 1), [2.0**-29])


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases()
    xs = reals(rng)
    for rounding in ROUNDINGS:
        for format in FORMATS + PER_AXIS:
            add_encode(cases, format, xs, rounding)
        for format in (Format("u8", 0.5, 3), Format("i8", 0.25, -7), Format("u4", 0.5), Format("i4", 0.5), Format("i32", 0.5)):
            reciprocal = 1 / Fraction(format.scale)
            inside = [x for x in xs if not isinstance(x, float) and abs(x * reciprocal) + 1 < LIMIT]
            add_encode(cases, format, inside, rounding, wrapping=True)
    for format in FORMATS + PER_AXIS:
        add_encode(cases, format, xs, "nearest_even", scaling="divide")
        for rounding in ("nearest_even", "floor", "away_from_zero", "nearest_toward_zero"):
            add_encode(cases, format, xs, rounding, scaling="divide_shift")
    add_encode(cases, Format("u8", 0.5, 3), [x for x in xs if not isinstance(x, float) and abs(x) < 2**20],
               "floor", wrapping=True, scaling="divide_shift")
    for format in FORMATS + PER_AXIS + [Format("u32", 0.5, 7)]:
        add_decode(cases, rng, format)
    add_rescales(cases, rng)
    add_tflite_rescales(cases)
    add_requantizes(cases, rng)
    return cases.check(arguments)


sys.exit(main())
