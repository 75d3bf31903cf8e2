"""Contractions with weights of few values, which kernels keep in 1 to 4 bits, in
sizes around a block, a vector and a tile; see execution.py.
"""

import itertools
import random
import sys

from execution import I32, Cases, Format, parse_arguments, tensor

VALUES = {
    "signs": [-1, 1], "bits": [0, 1], "far": [-128, 127], "ternary": [-1, 0, 1], "two": [-2, -1, 0, 1],
    "steps": [-12, -4, 4, 12], "four": [-7, -3, 0, 5], "five": [-2, -1, 0, 1, 2], "threes": list(range(-4, 4)), "eight": [-100, -41, -13, -2, 4, 17, 52, 119],
    "small": [-8, -5, -2, -1, 0, 3, 4, 7], "gaps": [-4, -3, 1, 2, 3], "nibbles": list(range(-8, 8)),
    "two words": [-30000, 123], "three words": [-300, 0, 32767], "seven words": [-32768, -1, 0, 7, 255, 256, 30000],
    "words": [-32768, -20000, -9999, -4097, -513, -256, -129, 0, 1, 128, 255, 700, 5000, 11111, 26000, 32767],
    "20 words": [i * abs(i) * 300 + 7 for i in range(-10, 10)], "40 words": [i * 1600 + 9 for i in range(-20, 20)],
    "100 words": [i * 600 + i % 7 for i in range(-50, 50)], "256 words": [i * 255 - i % 3 for i in range(-128, 128)],
    "45 bytes": [i * abs(i) // 5 + i for i in range(-22, 23)],
    "powers": [0, *(s * 2**e for s in (-1, 1) for e in range(7))], "codebook": [-128, -90, -61, -37, -20, -9, -3, 0, 2, 5, 11, 23, 40, 66, 95, 127],
}
SIZES = [(1, 37, 301), (7, 16, 259), (5, 33, 128), (13, 70, 64)]
# Of two values, with columns enough that a table of sums of activations is worth it.
WIDE = [(1, 200, 1037), (3, 161, 5), (2, 300, 260), (4, 256, 64), (1, 131, 2)]
# Of values that are looked up, with rows enough to unpack a panel for all of them.
MANY = [(40, 37, 301), (26, 19, 260), (33, 70, 64)]
# Of more than 64 values.
MORE = [(43, 37, 301), (100, 19, 260), (97, 70, 64)]
CODES = [Format("u8", 0.5), Format("u8", 0.5, 128), Format("u4", 0.5), Format("i8", 0.5)]


def matmul(cases, name, sizes, format, values, rng):
    m, n, k = sizes
    codes = [format.random(rng, extreme=rng.random() < 0.3) for _ in range(m * k)]
    # Runs of one value reach the ends of 16 bits, where there are any.
    weights = [rng.choice([values[0], values[-1]] if i // k % 3 == 0 else values) for i in range(n * k)]
    weights[:len(values)] = values  # all of them, or bytes would do
    if n > 2:
        weights[k:2 * k], codes[:k] = [values[-1]] * k, [format.high] * k
        weights[2 * k:3 * k] = [values[0]] * k
    rows = [weights[j * k:(j + 1) * k] for j in range(n)]
    expected = [sum(map(int.__mul__, codes[i * k:(i + 1) * k], row)) for i in range(m) for row in rows]
    add(cases, name, [m, k], [n, k], [m, n], "(m, n, k)", ("(m, k)", "(n, k)", "(m, n)"), format, codes, weights, expected)


def convolution(cases, name, format, values, rng, width=2):
    b, y, x, o, u, v, c = 2, 3, width, 65, 3, 3, 9
    shape, weight_shape, out_shape = [b, y + u - 1, 2 * x + v - 2, c], [o, u, v, c], [b, y, x, o]
    codes = [format.random(rng, extreme=rng.random() < 0.3) for _ in range(b * shape[1] * shape[2] * c)]
    weights = [rng.choice(values) for _ in range(o * u * v * c)]
    expected = []
    for n, i, j, m in itertools.product(*map(range, out_shape)):
        total = 0
        for p, q in itertools.product(range(u), range(v)):
            at = ((n * shape[1] + i + p) * shape[2] + 2 * j + q) * c
            w = ((m * u + p) * v + q) * c
            total += sum(map(int.__mul__, codes[at:at + c], weights[w:w + c]))
        expected.append(total)
    maps = ("(b, y + u, x * 2 + v, c)", "(o, u, v, c)", "(b, y, x, o)")
    add(cases, name, shape, weight_shape, out_shape, "(b, y, x, o, u, v, c)", maps, format, codes, weights, expected)


def add(cases, name, shape, weight_shape, out_shape, dims, maps, format, codes, weights, expected):
    if cases.skips():
        return
    words, result = Format("i8" if -128 <= min(weights) and max(weights) <= 127 else "i16", 0.25), tensor(out_shape, "i32")
    maps = ", ".join(f"affine_map<{dims} -> {m}>" for m in maps)
    lines = [
        f"%i = tensor.empty() : {result}",
        f"%y = lowbit.contract ins(%0, %1 : {format.tensor(shape)}, {words.tensor(weight_shape)}) "
        f"outs(%i : {result}) maps [{maps}] {{",
        "^bb0(%acc: i32):", "lowbit.yield %acc : i32", f"}} -> {result}"]
    arguments = [(codes, shape, format), (weights, weight_shape, words)]
    expected = [(total + 2**31) % 2**32 - 2**31 for total in expected]  # as contractions add
    cases.add(name, arguments, lines, out_shape, I32, expected, inline=(1,))


def main():
    arguments = parse_arguments(__doc__)
    rng = random.Random(1)
    cases = Cases(arguments.every)
    for i, (kind, values) in enumerate(VALUES.items()):
        for j, format in enumerate(CODES):
            sizes = SIZES[(i + j) % len(SIZES)]
            matmul(cases, f"matmul {kind} {format} {sizes}", sizes, format, values, rng)
        for j in range(1, len(SIZES)):  # signed codes, in the other sizes
            sizes = SIZES[(i + len(CODES) - 1 + j) % len(SIZES)]
            matmul(cases, f"matmul {kind} {CODES[-1]} {sizes}", sizes, CODES[-1], values, rng)
        for j, sizes in enumerate(WIDE if len(values) == 2 else []):
            format = CODES[(i + j) % len(CODES)]
            matmul(cases, f"matmul {kind} {format} {sizes}", sizes, format, values, rng)
        is_book = kind in ("four", "powers", "codebook", "eight") or kind.endswith(("words", "bytes"))
        for j, sizes in enumerate((MORE if len(values) > 64 else MANY) if is_book else []):
            format = CODES[(i + j) % len(CODES)]
            matmul(cases, f"matmul {kind} {format} {sizes}", sizes, format, values, rng)
        for j in sorted({i % len(CODES), len(CODES) - 1}):
            format = CODES[j]
            convolution(cases, f"conv {kind} {format}", format, values, rng)
        if is_book:
            convolution(cases, f"conv {kind}, wide", CODES[i % len(CODES)], values, rng, 7)

    return cases.check(arguments)


if __name__ == "__main__":
    sys.exit(main())
