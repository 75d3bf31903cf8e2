"""Shapes of contractions: loops, sizes and maps, for check_contract.py and its like."""

import itertools

from execution import F32, Format

I16 = Format("i16", 0.125)
SIZES = (1, 2, 3, 5, 7, 17)
ROWS = (1, 2, 3, 4, 5, 6, 7, 8, 13, 64)
COLUMNS = (1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65)
TERMS = (1, 2, 3, 5, 16, 17, 63, 64)


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
