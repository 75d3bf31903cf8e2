"""Rounding at random, with every random word computed here; see execution.py."""

import math
import random
import sys
from fractions import Fraction

from execution import F32, I32, Cases, Format, clamp, f32, parse_arguments, tensor, wrap


def philox(counter, key):
    """Philox4x32-10: four words."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        first, second = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = ((second >> 32) ^ c1 ^ k0, second & 0xFFFFFFFF,
                          (first >> 32) ^ c3 ^ k1, first & 0xFFFFFFFF)
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def word(seed, tensor_id, index):
    block = index // 4
    return philox((block & 0xFFFFFFFF, block >> 32, 0, 0), (seed, tensor_id))[index % 4]


def check_known_answers():
    """Those that are published with Random123."""
    ones = 0xFFFFFFFF
    assert philox((0, 0, 0, 0), (0, 0)) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)
    assert philox((ones,) * 4, (ones,) * 2) == (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)
    assert philox((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0)) == (
        0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)


def round_randomly(t, seed, tensor_id, index):
    floor = math.floor(t)
    fraction = f32(t - floor)
    return floor + (Fraction(word(seed, tensor_id, index) >> 8, 2**24) < fraction)


def encode_randomly(x, index, format, scale, zero, seed, tensor_id, wrapping, dividing):
    scale = f32(Fraction(scale))
    if isinstance(x, float):
        return clamp(zero, format.low, format.high) if math.isnan(x) else format.high if x > 0 else format.low
    t = f32(x / scale) if dividing else f32(x * f32(1 / scale))
    if isinstance(t, float):
        return format.high if t > 0 else format.low
    code = round_randomly(t, seed, tensor_id, index) + zero
    if wrapping:
        code &= (1 << format.width) - 1
        return wrap(code, format.width) if format.signed else code
    return clamp(code, format.low, format.high)


def as_words(source, type_, shape, width, name="%y"):
    """Lines from codes to the i32 that their words are, with their sign."""
    words, wide = tensor(shape, f"i{width}"), tensor(shape, "i32")
    if width == 32:
        return [f"{name} = lowbit.reinterpret {source} : {tensor(shape, type_)} to {wide}"]
    return [f"%words = lowbit.reinterpret {source} : {tensor(shape, type_)} to {words}",
            f"{name} = arith.extsi %words : {words} to {wide}"]


def add_random(cases, format, xs, shape, seed, tensor_id, wrapping=False, dividing=False):
    scales = format.scale if format.axis is not None else [format.scale]
    zeros = format.zero if format.axis is not None else [format.zero]
    inner = math.prod(shape[1:]) if format.axis == 0 else len(xs)
    expected = [encode_randomly(x, i, format, scales[i // inner], zeros[i // inner], seed, tensor_id, wrapping, dividing)
                for i, x in enumerate(xs)]
    options = "rounding = #lowbit.rounding<stochastic>"
    options += f", seed = {seed} : i64, tensor_id = {tensor_id} : i64"
    options += ", saturation = #lowbit.saturation<wrap>" if wrapping else ""
    options += ", scaling = #lowbit.scaling<divide>" if dividing else ""
    lines = [f"%q = lowbit.encode %0 {{{options}}} : {F32.tensor(shape)} to {format.tensor(shape)}",
             *as_words("%q", str(format), shape, format.word)]
    cases.add(f"encode {format} {shape} {options}", [(xs, shape, F32)], lines, shape, I32,
              [wrap(code, format.word) for code in expected])
    return expected


def add_random_roundings(cases, rng):
    values = [Fraction(n, 4) for n in range(-20, 21)]
    values += [s * Fraction(2) ** e for e in (-149, -60, -25, -24, 23, 24, 31, 64, 127) for s in (-1, 1)]
    values += [math.inf, -math.inf, math.nan] + [f32(Fraction(rng.randint(-10**6, 10**6), 10**rng.randint(3, 6))) for _ in range(38)]
    finite = [x for x in values if not isinstance(x, float) and abs(x) < 2**20]
    u8, i8 = Format("u8", 0.5, 3), Format("i8", 0.3, 0, -127, 127)
    for format in (u8, i8, Format("i4", 0.5), Format("i16", 0.001), Format("i32", 2.0**-20)):
        add_random(cases, format, values, [len(values)], 7, 1)
        add_random(cases, format, values, [len(values)], 2**32 - 1, 2**32 - 1, dividing=True)
        add_random(cases, format, finite, [len(finite)], 0, 0, wrapping=True)
    # Rows that are no multiple of four words.
    rows = [f32(Fraction(rng.randint(-10**4, 10**4), 10**3)) for _ in range(3 * 5 * 7)]
    add_random(cases, Format("i8", [0.5, 0.3, 2.0], [0, 0, 0], -127, 127, axis=0), rows, [3, 5, 7], 5, 9)
    add_random(cases, i8, rows, [3, 5, 7], 5, 9)
    add_random(cases, i8, rows, [3, 1, 35], 5, 9)
    # On average it is the number itself: four standard deviations.
    count = 2000
    for fraction in (Fraction(1, 16), Fraction(5, 16), Fraction(-3, 4)):
        codes = add_random(cases, Format("i8", 1.0), [fraction] * count, [count], rng.getrandbits(32), rng.getrandbits(32))
        up = fraction - math.floor(fraction)
        deviation = math.sqrt(float(up * (1 - up)) / count)
        assert abs(float(Fraction(sum(codes), count) - fraction)) < 4 * deviation, fraction


def main():
    check_known_answers()
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases()
    add_random_roundings(cases, rng)
    return cases.check(arguments)


sys.exit(main())
