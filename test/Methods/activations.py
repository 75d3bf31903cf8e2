"""Published quantizers of activations, written out in NumPy from the publications.

Nothing here comes from the compiler. A quantizer has these functions:

    value(x, low, high)   the numbers that stand for a value of the network, whose
                          range was found with samples
    read(x)               those that a layer gets for what it reads, sample by sample
    scale(x, kernel)      a factor for each output of a layer, or None
"""

import numpy as np


class Quantizer:
    #: True if values stay as they are, and layers encode what they read.
    is_dynamic = False
    #: True if values that no layer multiplies are quantized by it, too.
    is_for_all = False

    def value(self, x, low, high):
        return x

    def read(self, x):
        return x

    def scale(self, x, kernel):
        return None


def rows(x):
    """A row for each sample."""
    return x.reshape(len(x), -1)


def affine(x, low, high, levels):
    """Integers with a zero point, for a range that holds 0."""
    low, high = np.minimum(low, 0), np.maximum(high, 0)
    step = np.asarray((high - low) / levels).astype(np.float32).astype(np.float64)
    step = np.where(step == 0, 1, step)
    zero = np.clip(np.rint(-low / step), 0, levels)
    return (np.clip(np.rint(x / step) + zero, 0, levels) - zero) * step


class Affine(Quantizer):
    is_for_all = True

    def value(self, x, low, high):
        return affine(x, low, high, 255)


class FixedPoint(Quantizer):
    """Gupta 2015: a sign and 7 bits, with the least power of two that fits as step."""

    is_for_all = True

    def value(self, x, low, high):
        most = max(-low, high)
        step = 2.0 ** np.ceil(np.log2(most / 127)) if most > 0 else 1.0
        return np.clip(np.rint(x / step), -128, 127) * step


class Log2(Quantizer):
    """Miyashita 2016: the exponent is the rounded logarithm; too small numbers are 0."""

    def __init__(self, exponents=15):
        self.exponents = exponents

    def value(self, x, low, high):
        top = np.floor(np.log2(max(-low, high)) + 0.5)
        exponent = np.minimum(np.floor(np.log2(np.abs(np.where(x == 0, 1, x))) + 0.5), top)
        return np.where((x == 0) | (exponent <= top - self.exponents), 0, np.sign(x) * 2.0**exponent)


class Signs(Quantizer):
    """Rastegari 2016: signs, and the mean magnitude in the window of each output."""

    def value(self, x, low, high):
        return np.where(x >= 0, 1.0, -1.0)

    def scale(self, x, kernel):
        if x.ndim == 2:
            return np.abs(x).mean(1, keepdims=True)
        padded = np.pad(np.abs(x).mean(1, keepdims=True), ((0, 0), (0, 0), (1, 1), (1, 1)))
        height, width = x.shape[2:]
        return sum(padded[:, :, i:i + height, j:j + width]
                   for i in range(kernel) for j in range(kernel)) / kernel**2


class HalfWave(Quantizer):
    """Cai 2017: the best 4 levels of a half-normal variable; the first for any x > 0."""

    def value(self, x, low, high):
        step = np.float64(np.float32(3 * 0.538 / 3))
        level = np.clip(np.ceil(x / step - 0.5), 1, 3)
        return np.where(x > 0, level * step, 0)


class ShiftedSigns(Quantizer):
    """Lin 2017: +1 where clip(x + shift, 0, 1) is 1/2 or more, times a scale."""

    def __init__(self, pairs):
        self.pairs = pairs

    def value(self, x, low, high):
        return sum(scale * np.where(np.clip(x + shift, 0, 1) >= 0.5, 1.0, -1.0)
                   for shift, scale in self.pairs)


class Dynamic(Quantizer):
    """Integers of 8 bits up to the largest magnitude of the sample at hand."""

    is_dynamic = True

    def read(self, x):
        most = np.abs(rows(x)).max(1).reshape(-1, *[1] * (x.ndim - 1))
        step = (most / 127).astype(np.float32).astype(np.float64)
        step = np.where(step == 0, 1, step)
        return np.clip(np.rint(x / step), -127, 127) * step


class ResidualSigns(Quantizer):
    """Li 2017: signs of what is left times their mean magnitude, one after the other."""

    is_dynamic = True

    def __init__(self, count=2):
        self.count = count

    def read(self, x):
        rest = rows(x).copy()
        for _ in range(self.count):
            rest -= np.abs(rest).mean(1, keepdims=True) * np.where(rest >= 0, 1.0, -1.0)
        return x - rest.reshape(x.shape)


class AlternatingSigns(Quantizer):
    """Xu 2018: then scales of least squares and the nearest of all sums, in turn."""

    is_dynamic = True

    def __init__(self, rounds=2):
        self.rounds = rounds

    def read(self, x):
        return np.stack([self.encode(row) for row in rows(x)]).reshape(x.shape)

    def encode(self, x):
        first = np.where(x >= 0, 1.0, -1.0)
        rest = x - np.abs(x).mean() * first
        planes = np.array([first, np.where(rest >= 0, 1.0, -1.0)])
        scales = np.array([np.abs(x).mean(), np.abs(rest).mean()])
        signs = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]], float)
        for _ in range(self.rounds):
            # Equal or opposite planes have no scales of their own.
            if len(x) - abs(planes[0] @ planes[1]) ** 2 / len(x) >= len(x) / 1024:
                scales = np.linalg.solve(planes @ planes.T, planes @ x)
            else:
                scales[0] = planes[0] @ x / len(x) - planes[0] @ planes[1] / len(x) * scales[1]
            nearest = np.abs(x[:, None] - signs @ scales).argmin(1)
            planes = signs[nearest].T
        return scales @ planes
