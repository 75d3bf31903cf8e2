"""Contractions with weights that are vectors from tables, or sums of such, in sizes around
a byte of numbers, a vector and a panel; see execution.py.
"""

import random
import sys

from execution import I32, Cases, Format, dense, parse_arguments, tensor

#: rows, columns, terms; then coordinates, stages, entries, and whether all places share tables.
SIZES = [(1, 37, 301, 4, 1, 16, False), (3, 131, 33, 8, 1, 16, True), (2, 130, 71, 5, 2, 7, False),
         (5, 64, 128, 4, 2, 16, False), (1, 1, 2, 3, 1, 2, False), (2, 33, 3, 4, 1, 16, True),
         (1, 70, 517, 2, 1, 16, False), (2, 40, 96, 16, 3, 16, True), (3, 29, 31, 31, 1, 3, False)]
CODES = [Format("u8", 0.5), Format("u8", 0.5, 128), Format("u4", 0.5), Format("i8", 0.5)]
#: Words of weights, and the greatest entry of a stage.
WORDS = [("i8", 127), ("i8", 3), ("i16", 2**15 - 1)]


def draw(rng, columns, inputs, sizes, most):
    """Tables, and weights column by column. Some tables have entries at the ends only."""
    dim, stages, entries, shared = sizes
    places = -(-inputs // dim)
    most //= stages
    pick = lambda: rng.choice([-most, most]) if rng.random() < 0.3 else rng.randint(-most, most)
    tables = [[[[pick() for _ in range(dim)] for _ in range(entries)] for _ in range(stages)]
              for _ in range(1 if shared else places)]
    weights = []
    for _ in range(columns):
        column = []
        for place in range(places):
            found = [rng.choice(stage) for stage in tables[0 if shared else place]]
            column += [sum(numbers) for numbers in zip(*found)]
        weights.append(column[:inputs])
    return tables, weights


def add(cases, sizes, format, words, most, rng):
    m, n, k, dim, stages, entries, _ = sizes
    tables, weights = draw(rng, n, k, sizes[3:], most)
    codes = [[format.random(rng, extreme=rng.random() < 0.3) for _ in range(k)] for _ in range(m)]
    codes[0] = [format.high] * k
    expected = [sum(map(int.__mul__, row, column)) for row in codes for column in weights]
    expected = [(value + 2**31) % 2**32 - 2**31 for value in expected]
    if cases.skips():
        return
    shape = [len(tables), stages, entries, dim]
    flat = [x for place in tables for stage in place for entry in stage for x in entry]
    word = Format(words, 0.25)
    result = tensor([m, n], "i32")
    maps = ", ".join(f"affine_map<(m, n, k) -> {map_}>" for map_ in ("(m, k)", "(n, k)", "(m, n)"))
    lines = [
        f"%w = lowbit.constant {dense(sum(weights, []), [n, k])} : {tensor([n, k], words)} "
        f"{{lowbit.tables = {dense(flat, shape)} : {tensor(shape, 'i16')}}} as {word.tensor([n, k])}",
        f"%i = tensor.empty() : {result}",
        f"%y = lowbit.contract ins(%0, %w : {format.tensor([m, k])}, {word.tensor([n, k])}) "
        f"outs(%i : {result}) maps [{maps}] {{", "^bb0(%acc: i32):", "lowbit.yield %acc : i32", f"}} -> {result}"]
    name = f"{sizes} {format} {words} up to {most}"
    cases.add(name, [(sum(codes, []), [m, k], format)], lines, [m, n], I32, expected)


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(1), Cases(arguments.every)
    for i, sizes in enumerate(SIZES):
        for j, format in enumerate(CODES):
            add(cases, sizes, format, *WORDS[(i + j) % len(WORDS)], rng)
    return cases.check(arguments)


if __name__ == "__main__":
    sys.exit(main())
