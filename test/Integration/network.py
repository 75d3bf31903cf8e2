"""Encoded networks as cases of execution.py: decode -> TOSA -> encode.

The real result of a case is computed in fractions from the codes and scales,
and each code must be within half a step of it, plus what fixed point may lose.
"""

import itertools
import math
from fractions import Fraction

from execution import Format, clamp, constant, dense, f32, tensor

U8, I8 = Format("u8", 0.0371, 121), Format("i8", 0.0523, -13)
I8N, U4, I16 = Format("i8", 0.03125, 0, -127, 127), Format("u4", 0.31, 5), Format("i16", 0.000711)
INPUTS = (U8, I8, I8N, U4)
TINY = Fraction(1, 2**20)
ZERO = '%zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>'


def array(numbers, kind="i64"):
    return f"array<{kind}: {', '.join(map(str, numbers))}>"


def indices(shape):
    return itertools.product(*map(range, shape))


def decode(value, name, shape, format):
    return f"{name} = lowbit.decode {value} : {format.tensor(shape)} to {tensor(shape, 'f32')}"


def tosa_constant(name, values, shape):
    kind = tensor(shape, "f32")
    return f'{name} = "tosa.const"() {{values = {dense(values, shape)} : {kind}}} : () -> {kind}'


def shape_constant(name, values):
    count = len(values)
    return (f"{name} = tosa.const_shape {{values = dense<{list(values)}> : tensor<{count}xindex>}}"
            f" : () -> !tosa.shape<{count}>")


def real_of(code, format):
    return (code - format.zero) * Fraction(format.scale)


def magnitude(format):
    return max(format.zero - format.low, format.high - format.zero) * Fraction(format.scale)


def choose_format(rng, reals, storage):
    """A format that most of `reals` fit into; zero is one of its codes."""
    low, high = min(min(reals), 0), max(max(reals), 0)
    low, high = low * Fraction(9, 10), high * Fraction(9, 10)
    full = Format(storage, 1.0)
    if storage == "i16":
        return Format(storage, float(max(-low, high, Fraction(1, 10)) / full.high))
    scale = float(max(high - low, Fraction(1, 10)) / (full.high - full.low))
    return Format(storage, scale, clamp(full.low - round(low / Fraction(scale)), full.low, full.high))


def encoded(reals, format):
    """Real codes, saturated."""
    return [clamp(x / Fraction(format.scale) + format.zero, format.low, format.high) for x in reals]


class Network:
    """A case under construction: arguments, lines, and the real numbers of the
    last value."""

    def __init__(self, cases, rng, name):
        self.cases, self.rng, self.name = cases, rng, name
        self.arguments, self.lines = [], [ZERO]
        self.values, self.shape, self.reals, self.loss = 0, [], {}, Fraction(0)
        self.current = None

    def fresh(self):
        self.values += 1
        return f"%v{self.values}"

    def input(self, shape, format):
        """A decoded argument: its name and its real numbers by index."""
        codes = [format.random(self.rng, self.rng.random() < 0.1) for _ in range(math.prod(shape))]
        name = self.fresh()
        self.lines.append(decode(f"%{len(self.arguments)}", name, shape, format))
        self.arguments.append((codes, shape, format))
        return name, {at: real_of(code, format) for at, code in zip(indices(shape), codes)}

    def weights(self, shape, axis, format):
        """Decoded constants, with a scale for each index along `axis`, if any."""
        codes = [format.random(self.rng) for _ in range(math.prod(shape))]
        scales = [format.scale]
        if axis is not None:
            scales = [format.scale * self.rng.uniform(0.3, 1.0) for _ in range(shape[axis])]
            format = Format(format.storage, scales, [0] * len(scales), format.low, format.high, axis)
        words, name = self.fresh(), self.fresh()
        self.lines += [constant(words, codes, shape, format), decode(words, name, shape, format)]
        reals = {at: code * Fraction(scales[at[axis] if axis is not None else 0])
                 for at, code in zip(indices(shape), codes)}
        return name, reals, [Fraction(s) for s in scales]

    def define(self, text, shape, reals, arrow=" -> "):
        self.current = self.fresh()
        self.lines.append(f"{self.current} = {text}{arrow}{tensor(shape, 'f32')}")
        self.shape, self.reals = list(shape), reals

    def clamp(self, low, high):
        kind = tensor(self.shape, "f32")
        bounds = [f"{'-' if x < 0 else ''}{float(abs(x)):e}" for x in (low, high)]
        text = f"tosa.clamp {self.current} {{min_val = {bounds[0]} : f32, max_val = {bounds[1]} : f32}} : ({kind})"
        self.define(text, self.shape, {at: clamp(x, f32(low), f32(high)) for at, x in self.reals.items()})

    def finish(self, storage, slack=TINY, format=None):
        reals = [self.reals[at] for at in indices(self.shape)]
        format = format or choose_format(self.rng, reals, storage)
        if self.loss > Fraction(format.scale) / 8:  # 16 bits, but few terms to sum
            format = choose_format(self.rng, reals, "u8")
        step = Fraction(format.scale)
        if callable(slack):
            slack = slack(format)
        # A clamp's bounds are rounded as encode rounds: in f32.
        slack += self.loss / step + Fraction(format.high - format.low, 2**23)
        kind = tensor(self.shape, "f32")
        self.lines.append(f"%y = lowbit.encode {self.current} : {kind} to {format.tensor(self.shape)}")
        self.cases.add(self.name, self.arguments, self.lines, self.shape, format, encoded(reals, format), slack=slack)

    def finish_layer(self, storage, number, scales):
        """Residual, clamp, encode, in turn."""
        # The bias is rounded in the scale of the sums.
        self.loss += max(scales) / 2
        residual = None
        if number % 3 == 1:
            residual = (U8, I8, I16)[number % 9 // 3]
            name, reals = self.input(self.shape, residual)
            kind = tensor(self.shape, "f32")
            pair = [self.current, name] if number % 2 else [name, self.current]
            self.define(f"tosa.add {', '.join(pair)} : ({kind}, {kind})", self.shape,
                        {at: x + reals[at] for at, x in self.reals.items()})
        if number % 4 == 1:
            self.clamp(Fraction(0), Fraction(2) ** 127)
        elif number % 4 == 3:
            top = max(abs(x) for x in self.reals.values())
            self.clamp(-top / 3, top / 2)
        def slack(format):
            if not residual:
                return TINY
            # Three roundings to the grid of Contraction.cpp.
            grid = (magnitude(residual) + 2 * magnitude(format)) / 2**28
            return TINY + 3 * grid / Fraction(format.scale)
        self.finish(storage, slack)
