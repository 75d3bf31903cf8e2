"""Every number format, computed from its description.

Nothing here comes from the compiler or knows how it works: codes are decoded by
the formulas of docs/reference/Dialect.md, and encoded by looking for the nearest
number in exact fractions. Real numbers are Python floats that hold f32 values; the
product or sum of two, rounded once to f32, is what one f32 operation gives.
"""

import functools
import math
import struct
from fractions import Fraction

from execution import tensor, wrap

INF = math.inf


def r32(value):
    """`value` rounded to f32, to nearest even; denormals and signs of zero are kept."""
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(INF, value)


def mul(a, b):
    return r32(a * b)


def add(a, b):
    return r32(a + b)


def from_bits(bits):
    return struct.unpack("<f", struct.pack("<I", bits))[0]


def to_bits(value):
    return struct.unpack("<I", struct.pack("<f", value))[0]


def neighbours(value):
    """An f32 with those next to it, below and above."""
    if math.isnan(value):
        return [value]
    if value == 0:
        return [-from_bits(1), value, from_bits(1)]
    bits = to_bits(value)
    around = [from_bits(bits + d) for d in (-1, 0, 1) if bits + d not in (0x7F800001, 0xFF800001)]
    return sorted(around)


def literal(value):
    """An f32 as MLIR reads it exactly."""
    if not math.isfinite(value):
        return f"0x{to_bits(value):08X}"
    text = repr(float(value))
    return text if "." in text or "e" not in text else text.replace("e", ".0e")


def floats(values):
    return f"[{', '.join(literal(v) for v in values)}]"


class Coded:
    """What execution.py asks of a format: no plain one, words of 8, 16 or 32 bits."""

    plain, storage, zero = False, None, 0
    axis, channels, signed = None, 1, False
    #: Names and element types of the tensors beside the codes.
    parameters = ()

    def tensor(self, shape):
        return tensor(shape, str(self))

    @property
    def word(self):
        return next(w for w in (8, 16, 32) if self.width <= w)

    @property
    def low(self):
        return -(2 ** (self.width - 1)) if self.signed else 0

    @property
    def high(self):
        return 2 ** (self.width - self.signed) - 1

    def codes(self):
        return range(self.low, self.high + 1)

    def random(self, rng, extreme=False):
        return rng.choice((self.low, self.high)) if extreme else rng.randint(self.low, self.high)

    def along(self):
        return "" if self.axis is None else f"axis = {self.axis}, "

    # Formats without parameters: terms() lists (step, scale) of a code.

    def real(self, code, channel=0):
        total = None
        for step, scale in self.terms(code, channel):
            product = mul(r32(step), scale)
            total = product if total is None else add(total, product)
        return total

    @functools.cache
    def numbers(self, channel=0):
        """(number, code) in ascending order; of equal numbers the least code."""
        found = {}
        for code in self.codes():
            found.setdefault(self.real(code, channel) + 0.0, code)
        return sorted(found.items())

    def encode(self, x, channel=0):
        """The code of the nearest number, of two the greater one."""
        numbers = self.numbers(channel)
        if math.isnan(x):
            x = 0.0
        if math.isinf(x):
            return numbers[-1 if x > 0 else 0][1]
        exact = Fraction(x)
        return min(numbers, key=lambda pair: (abs(Fraction(pair[0]) - exact), -pair[0]))[1]


class Planes(Coded):
    """`scales` is a list of the planes' scales for each channel."""

    def __init__(self, alphabet, scales, axis=None):
        self.alphabet, self.axis = alphabet, axis
        self.scales = [[r32(s) for s in row] for row in scales]
        self.width, self.channels = len(scales[0]), len(scales)
        self.multiples = self.common_multiples()

    def __str__(self):
        flat = [s for row in self.scales for s in row]
        return f"!lowbit.planes<{self.alphabet} x {self.width}, {self.along()}{floats(flat)}>"

    def common_multiples(self):
        """The integers below 2^15 that all channels' scales are of their least; or None."""
        rows = []
        for row in self.scales:
            unit = min(abs(Fraction(s)) for s in row)
            rows.append([Fraction(s) / unit for s in row])
        whole = all(m.denominator == 1 and abs(m) < 2**15 for row in rows for m in row)
        return [int(m) for m in rows[0]] if whole and all(row == rows[0] for row in rows) else None

    def terms(self, code, channel=0):
        row = self.scales[channel]
        bits = [code >> p & 1 for p in range(self.width)]
        if self.alphabet == "sign":
            bits = [2 * b - 1 for b in bits]
        if self.multiples:
            return [(sum(b * m for b, m in zip(bits, self.multiples)), min(map(abs, row)))]
        return [(b if s > 0 else -b, abs(s)) for b, s in zip(bits, row)]


class Pow2(Coded):
    def __init__(self, storage, low, high, scales, fields=1, drop=0, axis=None):
        self.field_signed, self.field = storage[0] == "i", int(storage[1:])
        self.storage_name, self.fields, self.drop, self.axis = storage, fields, drop, axis
        self.least, self.most = low, high
        self.scales = [r32(s) for s in scales]
        self.width, self.channels = self.field * fields, len(scales)

    def __str__(self):
        fields = (f" x {self.fields}" if self.fields > 1 else "") + (f" drop {self.drop}" if self.drop else "")
        return (f"!lowbit.pow2<{self.storage_name}{fields}, {self.least} : {self.most}, "
                f"{self.along()}{floats(self.scales)}>")

    def steps(self, code):
        """The number of a code, as a multiple of the least field's least power of two."""
        total = 0
        for t in range(self.fields):
            field = code >> (t * self.field) & (2**self.field - 1)
            sign = self.field_signed and field >> (self.field - 1)
            m = field & (2 ** (self.field - self.field_signed) - 1)
            if m:
                exponent = min(m - 1, self.most - self.least) + self.drop * (self.fields - 1 - t)
                total += (-1 if sign else 1) * 2**exponent
        return total

    def terms(self, code, channel=0):
        unit = Fraction(2) ** (self.least - self.drop * (self.fields - 1))
        return [(self.steps(code), r32(float(Fraction(self.scales[channel]) * unit)))]


class Uniform(Coded):
    """!quant.uniform; one (scale, zero point) for each channel."""

    def __init__(self, storage, pairs, low=None, high=None, axis=None):
        self.signed, self.width = storage[0] == "i", int(storage[1:])
        self.storage_name, self.axis, self.channels = storage, axis, len(pairs)
        self.pairs = [(r32(s), z) for s, z in pairs]
        self.range = super().low if low is None else low, super().high if high is None else high

    low = property(lambda self: self.range[0])
    high = property(lambda self: self.range[1])

    def __str__(self):
        full = Coded.low.fget(self), Coded.high.fget(self)
        limits = "" if self.range == full else f"<{self.low}:{self.high}>"
        pairs = ", ".join(f"{literal(s)}:{z}" for s, z in self.pairs)
        if self.axis is None:
            return f"!quant.uniform<{self.storage_name}{limits}:f32, {pairs}>"
        return f"!quant.uniform<{self.storage_name}{limits}:f32:{self.axis}, {{{pairs}}}>"

    def terms(self, code, channel=0):
        scale, zero = self.pairs[channel]
        return [(code - zero, scale)]

    def encode(self, x, channel=0):
        scale, zero = self.pairs[channel]
        if math.isnan(x):
            return min(max(zero, self.low), self.high)
        t = mul(x, r32(1 / scale))
        if math.isinf(t):
            return self.high if t > 0 else self.low
        return min(max(round(t) + zero, self.low), self.high)


class Affine(Coded):
    """Scales, and perhaps zero points, in tensors beside the codes."""

    def __init__(self, storage, axis=None, group=0, zero=False, low=None, high=None):
        self.signed, self.width = storage[0] == "i", int(storage[1:])
        self.storage_name, self.axis, self.group, self.has_zero = storage, axis, group, zero
        self.range = super().low if low is None else low, super().high if high is None else high
        self.parameters = ("f32", "i32") if zero else ("f32",)

    low = property(lambda self: self.range[0])
    high = property(lambda self: self.range[1])

    def __str__(self):
        full = Coded.low.fget(self), Coded.high.fget(self)
        text = self.storage_name + ("" if self.range == full else f"<{self.low}:{self.high}>")
        text += f", axis = {self.axis}" if self.axis is not None else ""
        text += f", group = {self.group}" if self.group else ""
        return f"!lowbit.affine<{text}{', zero' if self.has_zero else ''}>"

    def parameter_shapes(self, shape):
        if self.group:
            sizes = [-(-n // self.group) if d == self.axis else n for d, n in enumerate(shape)]
        else:
            sizes = [1] if self.axis is None else [shape[self.axis]]
        return [sizes] * len(self.parameters)

    def place(self, at):
        """The index of the parameters of the element at index `at`."""
        if self.group:
            return tuple(i // self.group if d == self.axis else i for d, i in enumerate(at))
        return (0,) if self.axis is None else (at[self.axis],)

    def decode(self, codes, shape, parameters):
        """`codes` and each of the parameters by index."""
        scales = parameters[0]
        zeros = parameters[1] if self.has_zero else dict.fromkeys(scales, 0)
        return {at: mul(r32(wrap(code - zeros[self.place(at)], 32)), scales[self.place(at)])
                for at, code in codes.items()}


#: Exponent bits, mantissa bits, bias, and whether there are infinities.
MINIFLOATS = {"f4E2M1FN": (2, 1, 1), "f6E2M3FN": (2, 3, 1), "f6E3M2FN": (3, 2, 3),
              "f8E4M3FN": (4, 3, 7), "f8E5M2": (5, 2, 15)}


def minifloat(kind, code):
    exponent_bits, mantissa_bits, bias = MINIFLOATS[kind]
    sign = -1.0 if code >> (exponent_bits + mantissa_bits) & 1 else 1.0
    exponent = code >> mantissa_bits & (2**exponent_bits - 1)
    mantissa = code & (2**mantissa_bits - 1)
    last = exponent == 2**exponent_bits - 1
    if kind == "f8E5M2" and last:
        return math.nan if mantissa else sign * INF
    if kind == "f8E4M3FN" and last and mantissa == 7:
        return math.nan
    if exponent == 0:
        return sign * math.ldexp(mantissa, 1 - bias - mantissa_bits)
    return sign * math.ldexp(2**mantissa_bits + mantissa, exponent - bias - mantissa_bits)


class Block(Coded):
    parameters = ("i8",)

    def __init__(self, element, axis, size):
        self.element, self.axis, self.size = element, axis, size
        self.signed = element[0] == "i"
        self.width = int(element[1:]) if self.signed else sum(MINIFLOATS[element][:2]) + 1

    def __str__(self):
        return f"!lowbit.block<{self.element}, axis = {self.axis}, size = {self.size}>"

    def parameter_shapes(self, shape):
        return [[-(-n // self.size) if d == self.axis else n for d, n in enumerate(shape)]]

    def decode(self, codes, shape, parameters):
        exponents, = parameters
        result = {}
        for at, code in codes.items():
            exponent = exponents[tuple(i // self.size if d == self.axis else i for d, i in enumerate(at))]
            element = r32(code) if self.signed else minifloat(self.element, code)
            result[at] = mul(element, math.ldexp(1.0, exponent))
        return result


class Codebook(Coded):
    """`entries` centroids of `dim` numbers for each stage."""

    parameters = ("f32",)

    def __init__(self, bits, entries, stages=1, dim=1, axis=None, per_vector=False):
        self.bits, self.entries, self.stages, self.dim, self.axis = bits, entries, stages, dim, axis
        self.per_vector, self.width = per_vector, bits * stages

    def __str__(self):
        text = f"u{self.bits}" + (f", stages = {self.stages}" if self.stages > 1 else "")
        text += f", dim = {self.dim}" if self.dim > 1 else ""
        text += f", axis = {self.axis}" if self.axis is not None else ""
        return f"!lowbit.codebook<{text}>"

    def parameter_shapes(self, shape):
        return [[shape[self.axis] if self.per_vector else 1, self.stages, self.entries, self.dim]]

    def decode(self, codes, shape, parameters):
        """`shape` is that of the real numbers."""
        book, = parameters
        result = {}
        for at, code in codes.items():
            for d in range(self.dim):
                where = at
                if self.dim > 1:
                    along = at[self.axis] * self.dim + d
                    if along >= shape[self.axis]:
                        continue
                    where = at[:self.axis] + (along,) + at[self.axis + 1:]
                total = None
                for s in range(self.stages):
                    index = min(code >> (s * self.bits) & (2**self.bits - 1), self.entries - 1)
                    entry = book[at[self.axis] if self.per_vector else 0, s, index, d]
                    total = entry if total is None else add(total, entry)
                result[where] = total
        return result


def words_of(name, format, shape):
    """Lines that make %y, i32, of codes."""
    word = tensor(shape, f"i{format.word}")
    lines = [f"%word = lowbit.reinterpret {name} : {format.tensor(shape)} to {word}"]
    if format.word == 32:
        return [lines[0].replace("%word", "%y")]
    extend = "extsi" if format.signed else "extui"
    return lines + [f"%y = arith.{extend} %word : {word} to {tensor(shape, 'i32')}"]
