"""Gradient codecs in NumPy, after the publications and #lowbit.codec's description.

Nothing here is shared with the compiler: the generator is written out after Salmon and
others (2011), sums follow the stated chains, words the stated fields.
"""

import dataclasses

import numpy as np

f32, u32, u64 = np.float32, np.uint32, np.uint64
FLT_MAX = np.finfo(f32).max


def philox(counter, key):
    """Philox4x32-10 of counters, arrays of u64 below 2^32, in four lists."""
    c = [np.asarray(word, u64) for word in counter]
    k = [int(word) for word in key]
    low = u64(0xFFFFFFFF)
    for _ in range(10):
        a, b = u64(0xD2511F53) * c[0], u64(0xCD9E8D57) * c[2]
        c = [(b >> u64(32)) ^ c[1] ^ u64(k[0]), b & low, (a >> u64(32)) ^ c[3] ^ u64(k[1]), a & low]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return np.stack(np.broadcast_arrays(*c), axis=-1)


def uniforms(size, seed, tensor, step, sample=0):
    """u of each of `size` elements."""
    blocks = np.arange(-(-size // 4), dtype=u64)
    words = philox((blocks & u64(0xFFFFFFFF), blocks >> u64(32), u64(step), u64(sample)),
                   (seed, tensor)).reshape(-1)[:size]
    return (words >> u64(8)).astype(f32) * f32(2**-24)


def chain_sum(values):
    """The sum of f64 in 16 chains."""
    rows = -(-len(values) // 16)
    padded = np.zeros(16 * rows)
    padded[:len(values)] = values
    chains = np.zeros(16)
    for row in padded.reshape(rows, 16):
        chains = chains + row
    while len(chains) > 1:
        half = len(chains) // 2
        chains = chains[:half] + chains[half:]
    return chains[0]


def optimal_multiples(x, distance, count):
    """The `count` of -128 ... 128 between which numbers have the least variance, after Zhang and
    others (2017): exact sums over all pairs of candidates, then dynamic programming."""
    y = np.trunc(np.clip(x / (distance or f32(1)) * f32(64), -8192, 8192)).astype(np.int64)
    places = np.arange(-128, 129) * 64
    below = np.minimum((y + 8192) >> 6, 255)[:, None] < np.arange(257)
    counts, sums, squares = (np.array([part[column].sum() for column in below.T])
                             for part in (np.ones_like(y), y, y * y))
    low, high = places[:, None], places[None, :]
    variance = ((low + high) * (sums[None] - sums[:, None]) - (squares[None] - squares[:, None])
                - low * high * (counts[None] - counts[:, None]))
    none = 2**61
    variance[np.tril_indices(257)] = none
    costs, choices = np.where(np.arange(257) == 0, 0, none), []
    for _ in range(count - 1):
        ways = costs[:, None] + variance
        choices.append(ways.argmin(axis=0))  # the first of several
        costs = np.minimum(ways.min(axis=0), none)
    way = [256]
    for choice in reversed(choices):
        way.insert(0, int(choice[way[0]]))
    return np.array(way) - 128


@dataclasses.dataclass
class Codec:
    kind: str
    bucket: int = 0
    scale: str = "max"
    levels: int = 1
    mid_rise: bool = False
    samples: int = 1
    elias: bool = False
    ranks: int = 1
    clip: float = 0
    momentum: float = 0
    count: int = 0
    feedback: bool = False
    optimal: bool = False

    # Sizes.

    def buckets(self, size):
        step = self.bucket or size
        return [(first, min(step, size - first)) for first in range(0, size, step)]

    @property
    def bits(self):
        if self.kind == "signs":
            return 1
        largest = (1 if self.mid_rise else 2) * self.levels * self.ranks
        return next(b for b in (2, 4, 8, 16) if largest < 2**b)

    @property
    def parameters_each(self):
        if self.optimal:
            return 2 * self.levels + 1
        return {"signs": 2, "levels": 1}[self.kind]

    def bucket_words(self, count):
        block = 8 * (32 // self.bits)
        return 8 * (count // block) + min(8, count % block)

    def wire_words(self, size):
        if self.kind == "largest":
            return 2 * self.count
        parts = self.buckets(size)
        if self.elias:
            per_number = 3 + 2 * (self.levels.bit_length() - 1)
            return len(parts) + 2 + -(-size * per_number // 32)
        parameters = self.parameters_each * len(parts)
        words = sum(self.bucket_words(count) for _, count in parts)
        return parameters + (self.ranks > 1) + self.samples * words

    # Numbers and codes.

    def parameters(self, x):
        """Those of a bucket, f32."""
        wide = x.astype(np.float64)
        if self.kind == "signs":
            positive = x >= 0
            return [f32(chain_sum(np.where(side, wide, 0)) / max(1, np.count_nonzero(side)))
                    for side in (~positive, positive)]
        scale = np.abs(x).max()
        if self.scale == "norm":
            scale = f32(min(np.sqrt(chain_sum(wide * wide)), float(FLT_MAX)))
        elif self.scale == "clipped":
            mean = chain_sum(wide) / len(x)
            variance = chain_sum(wide * wide) / len(x) - mean * mean
            bound = f32(min(np.sqrt(max(variance, 0.0)) * self.clip, float(FLT_MAX)))
            if bound > 0:
                scale = min(scale, bound)
        if self.scale == "shift":
            return [self.shift_step(float(scale))]
        if self.optimal:
            distance = self.even_step(scale, 128)
            return (optimal_multiples(x, distance, 2 * self.levels + 1).astype(f32) * distance).tolist()
        return [self.even_step(scale, self.levels)]

    def shift_step(self, scale):
        if scale == 0:
            return f32(0)
        exponent = int(np.rint(np.log2(scale))) - int(np.floor(np.log2(self.levels / np.sqrt(2))))
        exponent = min(exponent, 127 - (self.levels.bit_length() - 1))
        return f32(2.0**max(exponent, -149))

    @staticmethod
    def even_step(scale, levels):
        # The least number whose product is not below the scale, or the largest finite.
        step, levels = f32(scale / f32(levels)), f32(levels)
        with np.errstate(over="ignore"):
            above = np.nextafter(step, f32(np.inf))
            if np.isinf(step * levels):
                step = np.nextafter(step, f32(0))
            elif step * levels < scale and np.isfinite(above * levels):
                step = above
        return step

    def encode_bucket(self, x, parameters, u):
        if self.kind == "signs":
            return (x >= 0).astype(np.int64)
        if self.optimal:
            distance = self.even_step(np.abs(x).max(), 128)
            m = optimal_multiples(x, distance, len(parameters)).astype(f32)
            a = x / (distance or f32(1))
            k = np.clip(np.searchsorted(m, a, side="right") - 1, 0, len(m) - 2)
            return k + (u * (m[k + 1] - m[k]) < a - m[k])
        step = parameters[0] if parameters[0] != 0 else f32(1)
        if self.mid_rise:
            a = x / step * f32(0.5) + f32(self.levels / 2)
            a = np.clip(a, f32(0), f32(self.levels))
        else:
            a = np.minimum(np.abs(x) / step, f32(self.levels))
        k = np.floor(a) + (u < a - np.floor(a))
        if self.mid_rise:
            return k.astype(np.int64)
        return self.levels + np.where(x < 0, -k, k).astype(np.int64)

    def decode_bucket(self, codes, parameters, gradients=1):
        if self.kind == "signs":
            return np.where(codes == 0, parameters[0], parameters[1]).astype(f32)
        if self.optimal:
            return np.array(parameters, f32)[codes]
        steps = (2 if self.mid_rise else 1) * codes - gradients * self.levels
        return steps.astype(f32) * parameters[0]

    # Codes and words.

    def pack(self, codes):
        words = [0] * self.bucket_words(len(codes))
        fields = 32 // self.bits
        for i, code in enumerate(codes.tolist()):
            words[i // (8 * fields) * 8 + i % 8] |= code << self.bits * (i % (8 * fields) // 8)
        return np.array(words, u32)

    def unpack(self, words, count):
        fields = 32 // self.bits
        i = np.arange(count)
        word = words[i // (8 * fields) * 8 + i % 8].astype(np.int64)
        return word >> (self.bits * (i % (8 * fields) // 8)) & (2**self.bits - 1)

    def stream(self, levels):
        """The bits of all levels, a list, and how many are not 0."""
        def gamma(value):
            n = value.bit_length() - 1
            return [0] * n + [1] + [value >> i & 1 for i in range(n)]

        bits, last, places = [], -1, np.flatnonzero(levels)
        for place in places.tolist():
            level = int(levels[place])
            bits += gamma(place - last) + [int(level < 0)] + gamma(abs(level))
            last = place
        return bits, len(places)

    # The codec. What it keeps is `state`, an array, which encode changes.

    def state(self, size):
        if self.kind == "largest":
            return np.zeros((2 if self.momentum else 1) * size, f32)
        return np.zeros(size if self.feedback else 0, f32)

    def encode(self, g, state, seed, tensor, step, steps=None):
        with np.errstate(over="ignore"):
            if self.kind == "largest":
                return self.encode_largest(g, state)
            size = len(g)
            x = np.clip(g + state, -FLT_MAX, FLT_MAX) if self.feedback else g
        parts = self.buckets(size)
        parameters = [[steps[i]] if steps is not None else self.parameters(x[f:f + c])
                      for i, (f, c) in enumerate(parts)]
        samples = []
        for sample in range(self.samples):
            u = uniforms(size, seed, tensor, step, sample)
            samples.append([self.encode_bucket(x[f:f + c], p, u[f:f + c])
                            for (f, c), p in zip(parts, parameters)])
        if self.feedback:
            state[:] = x - np.concatenate([self.decode_bucket(codes, p)
                                           for codes, p in zip(samples[0], parameters)])
        head = np.array(parameters, f32).ravel().view(u32)
        if self.elias:
            bits, count = self.stream(np.concatenate(samples[0]) - self.levels)
            padded = np.array(bits + [0] * (-len(bits) % 32), np.uint8)
            words = np.packbits(padded, bitorder="little").view("<u4")
            return np.concatenate([head, np.array([len(bits), count], u32), words])
        counts = np.ones(int(self.ranks > 1), u32)
        return np.concatenate([head, counts] + [self.pack(codes) for codes in sum(samples, [])])

    def encode_largest(self, g, state):
        size = len(g)
        v, value = state[:size], g
        if self.momentum:
            u = state[size:]
            u[:] = value = np.clip(f32(self.momentum) * u + g, -FLT_MAX, FLT_MAX)
        v[:] = np.clip(v + value, -FLT_MAX, FLT_MAX)
        places = np.sort(np.argsort(-np.abs(v), kind="stable")[:self.count])
        wire = np.concatenate([places.astype(u32), v[places].view(u32)])
        for part in range(0, len(state), size):
            state[part + places] = 0
        return wire

    def decode(self, wire, size):
        if self.kind == "largest":
            numbers = np.zeros(size, f32)
            numbers[wire[:self.count]] = wire[self.count:].view(f32)
            return numbers
        parts = self.buckets(size)
        each = self.parameters_each
        parameters = wire[:each * len(parts)].view(f32).reshape(len(parts), each)
        at = each * len(parts) + (2 if self.elias else self.ranks > 1)
        if self.elias:
            levels = self.read_stream(wire[at:], int(wire[len(parts)]), size)
            return np.concatenate([self.decode_bucket(levels[f:f + c] + self.levels, p)
                                   for (f, c), p in zip(parts, parameters)])
        gradients = int(wire[len(parts)]) if self.ranks > 1 else 1
        numbers = []
        for _ in range(self.samples):
            for (_, count), p in zip(parts, parameters):
                words = self.bucket_words(count)
                codes = self.unpack(wire[at:at + words], count)
                numbers.append(self.decode_bucket(codes, p, gradients))
                at += words
        return np.concatenate(numbers)

    def read_stream(self, words, length, size):
        bits = np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little")[:length].tolist()
        at, place, levels = 0, -1, np.zeros(size, np.int64)

        def gamma():
            nonlocal at
            n = bits.index(1, at) - at
            at += 2 * n + 1
            return 2**n + sum(bits[at - n + i] << i for i in range(n))

        while at < length:
            place += gamma()
            at += 1
            sign = -1 if bits[at - 1] else 1
            levels[place] = sign * gamma()
        return levels


def named(text, size):
    """The codec that --codec=TEXT means."""
    name, _, rest = text.partition(":")
    given = dict(part.split("=") for part in rest.split(",") if part)
    numbers = {key: float(value) for key, value in given.items() if value not in ("on", "off")}

    def number(key, default):
        return numbers.get(key, default)

    share = dict(feedback=given.get("feedback") == "on", ranks=int(number("ranks", 1)))
    if name == "onebit":
        return Codec("signs", bucket=int(number("bucket", 1024)),
                     feedback=given.get("feedback") != "off")
    if name == "qsgd":
        return Codec("levels", bucket=int(number("bucket", 512)), scale="norm",
                     levels=int(number("levels", 7)), elias=given.get("elias") == "on", **share)
    if name == "terngrad":
        return Codec("levels", bucket=int(number("bucket", 0)), scale="clipped",
                     clip=number("clip", 2.5), **share)
    if name == "dorefa":
        return Codec("levels", bucket=int(number("bucket", 0)), mid_rise=True,
                     levels=2**int(number("bits", 4)) - 1, **share)
    if name == "zipml":
        return Codec("levels", bucket=int(number("bucket", 0)), levels=int(number("levels", 7)),
                     samples=2, ranks=share["ranks"], optimal=given.get("optimal") == "on")
    if name == "wage":
        return Codec("levels", bucket=int(number("bucket", 0)), scale="shift",
                     levels=int(np.ceil(np.sqrt(2) * number("rate", 8))),
                     elias=given.get("elias") == "on", **share)
    ratio = number("ratio", {"topk": 0.01, "dgc": 0.001}[name])
    count = int(number("count", max(1, np.ceil(ratio * size))))
    return Codec("largest", count=count, momentum=number("momentum", 0.9) if name == "dgc" else 0,
                 feedback=True)
