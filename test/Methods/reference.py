"""Published quantizers of weights, written out in NumPy from the publications.

Nothing here comes from the compiler. A method takes the weights of a layer, a row for
each output channel, as f64, and returns the numbers that it stores for them.
"""

import math

import numpy as np


def rows_of(method):
    """`method` of a vector, for each output channel."""
    return lambda w, *options: np.stack([method(row, *options) for row in w])


def whole(method):
    """`method` of a vector, for the layer as one."""
    return lambda w, *options: method(w.ravel(), *options).reshape(w.shape)


def sign(w):
    return np.where(w >= 0, 1.0, -1.0)


def nearest(levels, w):
    """The nearest of ascending levels, of two the greater one."""
    levels = np.unique(levels)
    return levels[np.searchsorted((levels[1:] + levels[:-1]) / 2, w, side="right")]


# ------------------------------------------------------------ signs, ternary


def bwn(w):
    """Rastegari 2016: sign(w) times the mean magnitude."""
    return sign(w) * np.abs(w).mean()


def twn(w):
    """Li 2016: 0 up to 0.7 of the mean magnitude, else the mean of those beyond."""
    beyond = np.abs(w) > 0.7 * np.abs(w).mean()
    return np.sign(w) * beyond * np.abs(w[beyond]).mean()


def ternary(w):
    """The ternary numbers of least squared error: all prefixes of the sorted magnitudes."""
    order = np.sort(np.abs(w))[::-1]
    gains = np.cumsum(order) ** 2 / np.arange(1, len(w) + 1)
    # Equal magnitudes are on one side of the threshold.
    gains[:-1][order[:-1] == order[1:]] = -1
    count = int(gains.argmax()) + 1
    return np.sign(w) * (np.abs(w) >= order[count - 1]) * order[:count].mean()


def ttq(w):
    """Zhu 2017 before training: a mean for each side of 0.05 of the largest magnitude."""
    border = 0.05 * np.abs(w).max()
    up, down = w > border, w < -border
    return up * w[up].mean() + down * w[down].mean()


def lab(w, curvature):
    """Hou 2017: sign(w) times the mean magnitude, weighted by curvature."""
    return sign(w) * (curvature * np.abs(w)).sum() / curvature.sum()


def lat(w, curvature):
    """Hou 2018, exact: of all prefixes of the sorted magnitudes, the one of least weighted
    error."""
    order = np.argsort(-np.abs(w), kind="stable")
    sizes, costs = np.abs(w)[order], curvature[order]
    sums, totals = np.cumsum(sizes * costs), np.cumsum(costs)
    gains = np.where(totals > 0, sums**2 / np.where(totals > 0, totals, 1), 0)
    gains[:-1][sizes[:-1] == sizes[1:]] = -1
    last = int(gains.argmax())
    return np.sign(w) * (np.abs(w) >= sizes[last]) * sums[last] / totals[last]


# ------------------------------------------------------------ powers of two


def inq(w, bits=5):
    """Zhou 2017: 0 and the powers of two from 2^n2 to 2^n1."""
    high = int(np.floor(np.log2(4 * np.abs(w).max() / 3)))
    low = high + 1 - 2 ** (bits - 1) // 2
    return np.sign(w) * nearest([0, *(2.0**e for e in range(low, high + 1))], np.abs(w))


def lognet(w, bits=5):
    """Miyashita 2016: the exponent is the rounded logarithm; too small ones are 0."""
    exponents = np.floor(np.log2(np.abs(np.where(w == 0, 1, w))) + 0.5)
    high = exponents[w != 0].max()
    low = high - (2 ** (bits - 1) - 1) + 1
    return np.where((w == 0) | (exponents < low), 0, np.sign(w) * 2.0**exponents)


def shiftcnn(w, terms=2, bits=4):
    """Gudovskiy 2017: one after the other, the nearest of shrinking sets of powers of two."""
    scale = np.abs(w).max()
    rest, total = w / scale, np.zeros_like(w)
    for n in range(terms):
        powers = [2.0 ** -(n + i) for i in range((2**bits - 1) // 2)]
        term = np.sign(rest) * nearest([0, *powers], np.abs(rest))
        total, rest = total + term, rest - term
    return total * scale


# ------------------------------------------------------------ sums of signs


def solve(planes, w):
    return np.linalg.lstsq(planes.T, w, rcond=None)[0]


def sketch(w, count=3):
    """Guo 2017, refined: the sign of what is left, then all scales by least squares."""
    planes, rest = [], w
    for _ in range(count):
        planes.append(sign(rest))
        rest = w - solve(np.array(planes), w) @ np.array(planes)
    return w - rest


def sketch_directly(w, count=3):
    """Guo 2017, direct, and Li 2017: the scale of each sign is its mean magnitude."""
    rest = w.copy()
    for _ in range(count):
        rest = rest - sign(rest) * np.abs(rest).mean()
    return w - rest


def abc_net(w, count=5):
    """Lin 2017: signs of weights shifted by -1 to 1 standard deviations."""
    planes = np.array([sign(w - w.mean() + (-1 + 2 * i / (count - 1)) * w.std())
                       for i in range(count)])
    return solve(planes, w) @ planes


def alternating(w, count=2, rounds=2):
    """Xu 2018: after the greedy start, scales and then signs, in turn."""
    planes = []
    scales = np.zeros(0)
    for _ in range(count):
        planes.append(sign(w - (scales @ np.array(planes) if planes else 0)))
        scales = solve(np.array(planes), w)
    planes = np.array(planes)
    patterns = np.array([[1 if code >> i & 1 else -1 for i in range(count)]
                         for code in range(2**count)])
    for _ in range(rounds):
        scales = solve(planes, w)
        sums = patterns @ scales
        planes = patterns[np.abs(w[:, None] - sums).argmin(1)].T
    return scales @ planes


# ------------------------------------------------------------ grids


def project(w, grid, rounds=20):
    """Leng 2018: levels by the scale, the scale by least squares, in turn; of two starts
    the better one."""
    best = None
    for scale in (np.abs(w).max() / max(grid), np.abs(w).mean()):
        levels = nearest(grid, w / scale)
        for _ in range(rounds):
            scale = (w @ levels) / (levels @ levels)
            levels = nearest(grid, w / scale)
        error = ((w - scale * levels) ** 2).sum()
        if best is None or error < best[0]:
            best = error, scale * levels
    return best[1]


def admm(w, bits=4):
    powers = [2.0**i for i in range(2 ** (bits - 1) - 1)]
    return project(w, [0, *powers, *(-p for p in powers)])


def balanced(w, bits=4):
    """Zhou 2017: halves by the median, again and again; each part has the next odd level."""
    codes = np.zeros(len(w))

    def divide(members, depth):
        if depth == bits or len(members) == 0:
            return
        border = np.sort(w[members])[len(members) // 2]
        lower, upper = members[w[members] < border], members[w[members] >= border]
        codes[lower] *= 2
        codes[upper] = 2 * codes[upper] + 1
        divide(lower, depth + 1)
        divide(upper, depth + 1)

    divide(np.arange(len(w)), 0)
    odd = 2 * codes - (2**bits - 1)
    return odd * (odd @ w) / (odd @ odd)


def absmax(w, bits=8):
    top = 2 ** (bits - 1) - 1
    step = np.float64(np.float32(np.abs(w).max() / top))
    return np.clip(np.rint(w / step), -top, top) * step


def fixed_point(w, bits=8, rounding=None):
    """The least power of two as a step with which the largest magnitude fits."""
    top = 2 ** (bits - 1) - 1
    step = 2.0 ** np.ceil(np.log2(np.abs(w).max() / top))
    codes = w / step
    codes = np.sign(codes) * np.floor(np.abs(codes) + 0.5) if rounding == "away" else np.rint(codes)
    return np.clip(codes, -top, top) * step


def normal_step(w, bits=8):
    """Lin 2016: the uniform quantizer for normal weights; its range in deviations."""
    top = 2 ** (bits - 1) - 1

    def slope(clip):  # Of the error of clipping and rounding, by the range, over 2.
        density = (2 / math.pi) ** 0.5 * math.exp(-clip * clip / 2)
        outside = clip * math.erfc(clip / 2**0.5) - density
        return outside + clip / (3 * 4**bits)

    low, high = 0.0, 32.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    step = np.float64(np.float32(min(abs(w.mean()) + low * w.std(), np.abs(w).max()) / top))
    return np.clip(np.rint(w / step), -top, top) * step


def min_max(w, bits=8):
    """From the least to the greatest number, both with 0 between; 0 is a level."""
    low, high, top = min(w.min(), 0), max(w.max(), 0), 2**bits - 1
    step = np.float64(np.float32((high - low) / top))
    zero = np.clip(np.floor(-low / step + 0.5), 0, top)
    return (np.clip(np.rint(w / step) + zero, 0, top) - zero) * step


# ------------------------------------------------------------ tables


def round_entries(table, w, entries):
    """Numbers of `entries` bits times one step, which has so few digits that all of
    them are f32 numbers; 0 for any numbers."""
    if not entries:
        return table
    step = np.float64(np.float32(np.abs(w).max() / (2 ** (entries - 1) - 1)))
    unit = 2.0 ** (np.frexp(step)[1] - (24 - entries))
    step = np.ceil(step / unit) * unit
    return np.rint(table / step) * step


def lloyd(w, centroids, price=0.0, rounds=50, costs=None, entries=0, most=None):
    """Cluster means, from equal distances; with `price`, a bit of entropy costs that."""
    costs = np.ones_like(w) if costs is None else costs
    table = np.linspace(w.min(), w.max(), centroids)
    bits = np.zeros(centroids)

    def assign():
        return ((w[:, None] - table) ** 2 + bits).argmin(1)

    def measure(codes):
        with np.errstate(divide="ignore"):
            return -price * np.log2(np.bincount(codes, minlength=centroids) / len(w))

    codes = assign()
    if price:
        bits = measure(codes)
    for _ in range(rounds):
        before = codes
        for code in np.unique(codes):
            members = codes == code
            if costs[members].sum() > 0:
                table[code] = (costs * w)[members].sum() / costs[members].sum()
        if price:
            bits = measure(codes)
        codes = assign()
        if (codes == before).all():
            break
    used = np.unique(codes)
    table = round_entries(table, w if most is None else most, entries)
    if entries and not price:
        return table[used][np.abs(w[:, None] - table[used]).argmin(1)]
    return table[codes]


def kmeans(w, centroids=16, entries=0):
    return lloyd(w, centroids, entries=entries)


def hessian_kmeans(w, curvature, centroids=16):
    """Choi 2017: means that are weighted by the diagonal of the Hessian."""
    return lloyd(w, centroids, costs=curvature, entries=8)


def ecsq(w, price=0.00001, centroids=32, entries=0):
    return lloyd(w, centroids, price, entries=entries)


def deep_compression(w, centroids=32, prune=0.5, entries=0):
    """Han 2016: the smallest half is 0, the others share the rest of the table."""
    result = np.zeros_like(w)
    kept = np.argsort(np.abs(w), kind="stable")[int(prune * len(w)):]
    result[kept] = lloyd(w[kept], centroids - 1, entries=entries, most=w)
    return result


def weighted_entropy(w, centroids=16, rounds=50, entries=0):
    """Park 2017: the squares of weights of each sign are cut so that the sum of
    importance times log(1 / share) is high, border by border; each part stands for the
    root of its mean."""
    result = np.zeros_like(w)
    for side in (w < 0, w >= 0):
        magnitudes = np.sort(np.abs(w[side]))
        sums = np.concatenate([[0], np.cumsum(magnitudes**2)])
        size, count = len(magnitudes), min(centroids // 2, len(magnitudes))

        def gain(low, high):
            return (sums[high] - sums[low]) * np.log(size / (high - low))

        borders = np.arange(count + 1) * size // max(count, 1)
        for _ in range(rounds):
            before = borders.copy()
            for k in range(1, count):
                places = np.arange(borders[k - 1] + 1, borders[k + 1])
                gains = gain(borders[k - 1], places) + gain(places, borders[k + 1])
                if gains.max() > gains[borders[k] - borders[k - 1] - 1]:
                    borders[k] = places[gains.argmax()]
            if (borders == before).all():
                break
        levels = np.sqrt(np.diff(sums[borders]) / np.diff(borders))
        levels = round_entries(levels, w, entries)
        codes = np.searchsorted(magnitudes[borders[:-1]], np.abs(w[side]), side="right") - 1
        result[side] = np.where(w[side] < 0, -1, 1) * levels[codes]
    return result
