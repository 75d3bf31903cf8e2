"""The other operations of the integer graph; see execution.py."""

import itertools
import math
import random
import sys

from execution import I32, INT32, Cases, Format, parse_arguments, rescale, tensor, wrap

U8, I8 = Format("u8", 0.5, 3), Format("i8", 0.25, -7)
I8N, I16 = Format("i8", 0.5, 0, -127, 127), Format("i16", 0.001)


def indices(shape):
    return itertools.product(*map(range, shape))


def fill(rng, format, shape):
    return {at: format.random(rng) for at in indices(shape)}


def values(elements, shape):
    return [elements[at] for at in indices(shape)]


def array(numbers, kind="i64"):
    return f"array<{kind}: {', '.join(str(n) for n in numbers)}>"


def add_concat(cases, rng, format, shapes, axis):
    parts = [fill(rng, format, shape) for shape in shapes]
    result = list(shapes[0])
    result[axis] = sum(shape[axis] for shape in shapes)
    joined, offset = {}, 0
    for part, shape in zip(parts, shapes):
        for at, code in part.items():
            joined[at[:axis] + (at[axis] + offset,) + at[axis + 1:]] = code
        offset += shape[axis]
    names = ", ".join(f"%{i}" for i in range(len(shapes)))
    types = ", ".join(format.tensor(shape) for shape in shapes)
    lines = [f"%y = lowbit.concat {names} {{axis = {axis} : i64}} : {types} to {format.tensor(result)}"]
    data = [(values(p, s), s, format) for p, s in zip(parts, shapes)]
    cases.add(f"concat {shapes} along {axis}", data, lines, result, format, values(joined, result))


def add_pad(cases, rng, format, shape, low, high):
    result = [s + l + h for s, l, h in zip(shape, low, high)]
    codes = fill(rng, format, shape)
    expected = [codes.get(tuple(i - l for i, l in zip(at, low)), format.zero) for at in indices(result)]
    lines = [f"%y = lowbit.pad %0 {{low = {array(low)}, high = {array(high)}}}"
             f" : {format.tensor(shape)} to {format.tensor(result)}"]
    cases.add(f"pad {shape} by {low} {high}", [(values(codes, shape), shape, format)], lines, result, format, expected)


def add_transpose(cases, rng, format, shape, permutation):
    result = [shape[d] for d in permutation]
    codes = fill(rng, format, shape)
    expected = []
    for at in indices(result):
        source = [0] * len(shape)
        for i, d in enumerate(permutation):
            source[d] = at[i]
        expected.append(codes[tuple(source)])
    lines = [f"%y = lowbit.transpose %0 {{permutation = {array(permutation)}}}"
             f" : {format.tensor(shape)} to {format.tensor(result)}"]
    cases.add(f"transpose {shape} by {permutation}", [(values(codes, shape), shape, format)], lines, result, format, expected)


def add_gather(cases, rng, format, shape, indices_):
    codes, count = fill(rng, format, shape), len(indices_[0])
    result = [shape[0], count, shape[2]]
    expected = []
    for n, i, c in indices(result):
        position = indices_[n if len(indices_) > 1 else 0][i]
        expected.append(codes[n, min(max(position, 0), shape[1] - 1), c])
    kind = tensor([len(indices_), count], "i32")
    lines = [f"%y = lowbit.gather %0, %1 : {format.tensor(shape)}, {kind} to {format.tensor(result)}"]
    data = [(values(codes, shape), shape, format), (sum(indices_, []), [len(indices_), count], I32)]
    cases.add(f"gather {shape} {indices_}", data, lines, result, format, expected)


def add_sum(cases, rng, from_, shape, dimensions):
    codes = fill(rng, from_, shape)
    result = [1 if d in dimensions else size for d, size in enumerate(shape)]
    sums = {at: 0 for at in indices(result)}
    for at, code in codes.items():
        sums[tuple(0 if d in dimensions else i for d, i in enumerate(at))] += code - from_.zero
    to = Format("i32", from_.scale)
    lines = [f"%y = lowbit.sum %0 {{dimensions = {array(dimensions)}}} : {from_.tensor(shape)} to {to.tensor(result)}"]
    cases.add(f"sum {from_} {shape} {dimensions}", [(values(codes, shape), shape, from_)], lines, result, to,
              values(sums, result))


def add_arg_max(cases, rng, format, shape, axis):
    codes = fill(rng, format, shape)
    few = [format.low, format.low + 1, format.high]  # several largest ones
    codes = {at: code if rng.random() < 0.5 else rng.choice(few) for at, code in codes.items()}
    result = shape[:axis] + shape[axis + 1:]
    expected = []
    for at in indices(result):
        row = [codes[at[:axis] + (i,) + at[axis:]] for i in range(shape[axis])]
        expected.append(row.index(max(row)))
    lines = [f"%y = lowbit.arg_max %0 {{axis = {axis} : i64}} : {format.tensor(shape)} to {tensor(result, 'i32')}"]
    cases.add(f"arg_max {format} {shape} {axis}", [(values(codes, shape), shape, format)], lines, result, I32, expected)


class Pool:
    def __init__(self, shape, kernel, stride, pad):
        self.shape, self.kernel, self.stride, self.pad = shape, kernel, stride, pad
        self.result = list(shape)
        for i in (0, 1):
            self.result[1 + i] = (shape[1 + i] + pad[2 * i] + pad[2 * i + 1] - kernel[i]) // stride[i] + 1

    def window(self, codes, at):
        """The codes inside the input."""
        n, oh, ow, c = at
        positions = ((n, oh * self.stride[0] + kh - self.pad[0], ow * self.stride[1] + kw - self.pad[2], c)
                     for kh, kw in indices(self.kernel))
        return [codes[p] for p in positions if p in codes]

    def __str__(self):
        return f"{{kernel = {array(self.kernel)}, stride = {array(self.stride)}, pad = {array(self.pad)}"


def add_max_pool(cases, rng, format, pool):
    codes = fill(rng, format, pool.shape)
    expected = [max(pool.window(codes, at)) for at in indices(pool.result)]
    lines = [f"%y = lowbit.max_pool2d %0 {pool}}} : {format.tensor(pool.shape)} to {format.tensor(pool.result)}"]
    cases.add(f"max_pool2d {pool}", [(values(codes, pool.shape), pool.shape, format)], lines, pool.result, format, expected)


def add_avg_pool(cases, rng, from_, to, pool, counted, double):
    """`counted`: padding takes part in the number of elements."""
    codes = fill(rng, from_, pool.shape)
    size = [1, 1] if counted else pool.result[1:3]
    shift, factors = 40, {}
    for at in indices(size):
        count = math.prod(pool.kernel) if counted else len(pool.window(codes, (0, *at, 0)))
        factors[at] = round(2**38 * 1.7 / count / 256) if count > 1 else 2**30
    mode = "double_round" if double else "single_round"
    expected = []
    for at in indices(pool.result):
        total = sum(code - from_.zero for code in pool.window(codes, at))
        m = factors[(0, 0) if counted else at[1:3]]
        expected.append(rescale(total, m, shift - 8, double, 0, to.zero, to.low, to.high))
    factor = tensor(size, "i32")
    lines = [f"%y = lowbit.avg_pool2d %0, %1, %2 {pool}, rounding = #lowbit.rescale_mode<{mode}>}}"
             f" : {from_.tensor(pool.shape)}, {factor} to {to.tensor(pool.result)}"]
    data = [(values(codes, pool.shape), pool.shape, from_), (values(factors, size), size, I32),
            ([shift - 8] * len(factors), size, I32)]
    cases.add(f"avg_pool2d {pool}", data, lines, pool.result, to, expected)


def add_mean_pool(cases, rng, format, pool):
    codes = fill(rng, format, pool.shape)
    expected = []
    for at in indices(pool.result):
        window = pool.window(codes, at)
        total, count = sum(window), len(window)
        rounded = (2 * abs(total) + count) // (2 * count)  # ties go up
        expected.append(rounded if total > 0 else -rounded)
    lines = [f"%y = lowbit.mean_pool2d %0 {pool}}} : {format.tensor(pool.shape)} to {format.tensor(pool.result)}"]
    cases.add(f"mean_pool2d {pool}", [(values(codes, pool.shape), pool.shape, format)], lines, pool.result, format, expected)


def add_table(cases, rng, from_, to):
    codes = list(range(from_.low, from_.high + 1))
    table = [to.random(rng) for _ in codes]
    word = f"tensor<{len(codes)}xi{to.word}>"
    words = ", ".join(str(wrap(code, to.word)) for code in table)
    lines = [f"%t = arith.constant dense<[{words}]> : {word}",
             f"%y = lowbit.table %0, %t : {from_.tensor([len(codes)])}, {word} to {to.tensor([len(codes)])}"]
    cases.add(f"table {from_} -> {to}", [(codes, [len(codes)], from_)], lines, [len(codes)], to, table)


def add_threshold(cases, rng, to, shape, axis, rows, columns, falling):
    thresholds = {(r, t): v for r in range(rows) for t, v in
                  enumerate(sorted(rng.choice([INT32[0], INT32[1], *range(-9, 10)]) for _ in range(columns)))}
    ties = sorted(set(thresholds.values())) + [INT32[0], INT32[1], 0]
    inputs = {at: rng.choice(ties) + rng.choice((0, 0, 1, -1)) for at in indices(shape)}
    inputs = {at: min(max(v, INT32[0]), INT32[1]) for at, v in inputs.items()}
    expected = []
    for at in indices(shape):
        row = at[axis] if rows > 1 else 0
        falls = bool(falling) and falling[row]
        reached = sum(inputs[at] <= thresholds[row, t] if falls else inputs[at] >= thresholds[row, t]
                      for t in range(columns))
        expected.append(to.low + reached)
    falls = f", falling = {array([str(f).lower() for f in falling], 'i1')}" if falling else ""
    lines = [f"%y = lowbit.threshold %0, %1 {{axis = {axis} : i64{falls}}}"
             f" : {I32.tensor(shape)}, tensor<{rows}x{columns}xi32> to {to.tensor(shape)}"]
    data = [(values(inputs, shape), shape, I32), (values(thresholds, [rows, columns]), [rows, columns], I32)]
    cases.add(f"threshold {shape} {rows}x{columns}{falls}", data, lines, shape, to, expected)


def add_softmax(cases, from_, to, levels, rows, tables=None, shape=None):
    shape = shape or [len(rows), len(rows[0])]
    tables = tables or [[round(2**30 * math.exp(-step * i * from_.scale)) for i in range(256)] for step in (256, 1)]
    expected = []
    for row in rows:
        distances = [max(row) - code for code in row]
        e = [(tables[0][d >> 8] * tables[1][d & 255] + 2**29) >> 30 for d in distances]
        total = sum(e)
        expected += [min(to.high, to.low + (x * levels + total // 2) // total) for x in e]
    lines = [f"%y = lowbit.table_softmax %0, %1, %2 {{levels = {levels} : i32}}"
             f" : {from_.tensor(shape)}, tensor<256xi32> to {to.tensor(shape)}"]
    data = [(sum(rows, []), shape, from_), *((table, [256], I32) for table in tables)]
    cases.add(f"table_softmax {shape} {from_} -> {to}", data, lines, shape, to, expected)


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases()
    for axis in range(3):
        shapes = [[2, 3, 5], [2, 3, 5], [2, 3, 5]]
        for i, shape in enumerate(shapes):
            shape[axis] = i + 1
        add_concat(cases, rng, (U8, I16, I8N)[axis], shapes, axis)
    add_concat(cases, rng, I8, [[4]], 0)
    add_pad(cases, rng, U8, [1, 3, 4, 2], [0, 1, 2, 0], [0, 2, 1, 0])
    add_pad(cases, rng, I8, [2, 3], [0, 0], [0, 0])
    add_pad(cases, rng, Format("u16", 0.5, 40000), [3], [2], [1])
    add_transpose(cases, rng, U8, [2, 3, 4, 5], [0, 2, 3, 1])
    add_transpose(cases, rng, I16, [3, 4], [1, 0])
    for format in (U8, I16):
        add_gather(cases, rng, format, [2, 5, 3], [[4, 3, 2, 1, 0]])
        add_gather(cases, rng, format, [2, 5, 3], [[0, 4, INT32[1], -1, INT32[0], 5, 2], [1] * 7])
        add_gather(cases, rng, format, [1, 1, 1], [[0, 0]])
    for format in (U8, I8, I8N, I16):
        for axis in range(3):
            add_arg_max(cases, rng, format, [3, 7, 5], axis)
            add_arg_max(cases, rng, format, [1, 1, 9], axis)
        for dimensions in ([0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]):
            add_sum(cases, rng, format, [3, 7, 5], dimensions)
        add_sum(cases, rng, format, [1000], [0])
    pools = [Pool([1, 6, 6, 3], [2, 2], [2, 2], [0, 0, 0, 0]), Pool([2, 7, 5, 1], [3, 3], [2, 2], [1, 1, 1, 1]),
             Pool([1, 5, 7, 17], [3, 2], [1, 3], [2, 0, 1, 1]), Pool([1, 5, 5, 8], [5, 5], [1, 1], [0, 0, 0, 0]),
             Pool([1, 1, 1, 2], [3, 3], [1, 1], [2, 2, 2, 2])]
    for number, pool in enumerate(pools):
        for format in (U8, I8, I8N, I16):
            add_max_pool(cases, rng, format, pool)
            add_mean_pool(cases, rng, format, pool)
        for from_, to in ((U8, U8), (I8, U8), (U8, I8N), (I16, I16)):
            add_avg_pool(cases, rng, from_, to, pool, number % 2 == 0, from_ is U8)
    for from_ in (U8, I8, I8N, Format("u4", 1.0, 2), Format("u2", 1.0), Format("i4", 1.0, 0, -7, 7)):
        for to in (U8, I8, I16, Format("i4", 1.0)):
            add_table(cases, rng, from_, to)
    for to in (U8, Format("u2", 1.0), Format("i4", 1.0)):
        columns = 20 if to is U8 else 3
        add_threshold(cases, rng, to, [13, 4], 1, 4, columns, [])
        add_threshold(cases, rng, to, [13, 4], 1, 4, columns, [False, True, True, False])
        add_threshold(cases, rng, to, [4, 13], 0, 4, columns, [True] * 4)
        add_threshold(cases, rng, to, [2, 5, 3], 1, 1, columns, [])
        add_threshold(cases, rng, to, [2, 5, 3], 2, 1, columns, [True])
    u16, u15 = Format("u16", 2.0**-16), Format("u16", 2.0**-15)
    for from_ in (Format("i8", 0.1), Format("u8", 0.05, 7), Format("i16", 0.001), Format("i16", 0.5), Format("u16", 2e-4)):
        ends, row = [from_.low, from_.high], lambda n: [from_.random(rng) for _ in range(n)]
        rows = [row(10), [from_.high] * 10, [from_.low] * 10, ends * 5, [from_.low] * 9 + [from_.high]]
        add_softmax(cases, from_, u16, 65536, rows)
        add_softmax(cases, from_, u15, 32768, [[from_.low], [from_.high], row(1)])
        add_softmax(cases, from_, u16, 65536, [row(1000), [from_.low] * 1000])
        add_softmax(cases, from_, Format("u8", 1 / 256), 256, [row(7)])
        add_softmax(cases, from_, Format("u8", 1 / 256), 256, [row(5)], shape=[5])
        add_softmax(cases, from_, Format("i8", 1 / 256, -128), 256, [row(7), ends * 3 + [0]])
    # Small entries, so that each rounding of a product and of a sum shows.
    small = [[2**15] + [rng.randint(0, 2**16) for _ in range(255)] for _ in range(2)]
    for from_, rows in ((Format("u8", 0.05), 4), (I16, 40)):
        add_softmax(cases, from_, u16, 65536, [[from_.random(rng) for _ in range(9)] for _ in range(rows)], small)
    return cases.check(arguments)


sys.exit(main())
