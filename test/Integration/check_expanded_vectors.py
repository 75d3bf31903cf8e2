"""Contractions with weights that are vectors from tables, whose panels kernels make of numbers and
tables: in sizes around a block of numbers, a step, a vector and a panel; see execution.py. With
`explain` in the pipeline, every kernel must do so.
"""

import math
import random
import re
import sys

import check_weight_vectors
from check_contract import accumulate
from contract_shapes import conv, grouped, matmul
from execution import I32, Cases, Format, dense, parse_arguments, tensor, wrap

#: A shape; then coordinates, stages, entries, and whether all places share tables.
CASES = [
    (matmul(1, 64, 128), 4, 1, 17, True), (matmul(3, 129, 96), 4, 1, 64, True),
    (matmul(70, 72, 128), 2, 1, 256, True), (matmul(2, 130, 71), 5, 2, 7, False),
    (matmul(17, 130, 99), 8, 1, 100, True), (matmul(1, 520, 64), 4, 1, 64, False),
    (matmul(5, 300, 37), 3, 1, 20, False), (matmul(2, 203, 40), 16, 1, 31, True),
    (matmul(1, 90, 121), 1, 2, 5, True), (matmul(4, 90, 130), 2, 3, 32, True),
    (matmul(1, 1030, 31), 8, 1, 700, True), (matmul(9, 296, 64), 4, 2, 255, True),
    (matmul(2, 700, 15), 4, 1, 300, True), (matmul(6, 177, 100), 31, 1, 1, True),
    (matmul(130, 41, 150), 4, 4, 2, False), (conv(4, 4, 40, 3, 3, 16), 4, 1, 64, True),
    (conv(3, 5, 37, 3, 3, 20, n=2), 8, 1, 100, True), (conv(3, 3, 90, 3, 3, 7, stride=(2, 2)), 4, 1, 50, True),
    (conv(2, 3, 64, 3, 2, 24, stride=(2, 1), dilation=(1, 2)), 3, 2, 16, False),
    (conv(2, 3, 130, 1, 5, 9, stride=(1, 3), dilation=(3, 2)), 2, 1, 40, False),
    (conv(5, 5, 65, 1, 1, 80), 4, 1, 33, True), (conv(2, 2, 50, 5, 3, 17), 8, 3, 9, True),
    (conv(3, 3, 70, 3, 3, 64), 4, 1, 80, False), (grouped(3, 3, 2, 40, 3, 3, 8), 4, 1, 60, True),
]
CODES = [Format("u8", 0.5), Format("u8", 0.5, 128), Format("i8", 0.5), Format("u4", 0.5)]
#: Words of weights, and the greatest sum; whether tables have numbers that no byte holds.
WORDS = [("i8", 127, False), ("i8", 30, False), ("i16", 2**15 - 1, False), ("i8", 100, True), ("i16", 254, False)]


def draw(rng, shape, sizes, most, spares):
    """Tables and weights."""
    inputs = shape.sizes["ic" if "ic" in shape.sizes else "k"]
    columns = math.prod(shape.dims(shape.rhs)) // inputs
    tables, weights = check_weight_vectors.draw(rng, columns, inputs, sizes, most)
    if spares:  # of which no weight is made
        dim = sizes[0]
        tables[0][0].append([300] * dim)
        for stage in [stage for place in tables for stage in place][1:]:
            stage.append([-300] * dim)
    return tables, sum(weights, [])


def add(cases, shape, sizes, format, words, most, spares, rng):
    tables, weights = draw(rng, shape, sizes, most, spares)
    codes = [format.random(rng, extreme=rng.random() < 0.3) for _ in range(math.prod(shape.dims(shape.lhs)))]
    if cases.skips():
        return
    out = shape.out
    expected = [wrap(accumulate(shape, codes, weights, at, False), 32)
                for at in shape.points([loop for index in out for loop in index])]
    size = [len(tables), len(tables[0]), len(tables[0][0]), sizes[0]]
    flat = [x for place in tables for stage in place for entry in stage for x in entry]
    word, result = Format(words, 0.25), tensor(shape.dims(out), "i32")
    left, right = shape.dims(shape.lhs), shape.dims(shape.rhs)
    maps = ", ".join(shape.text(map) for map in (shape.lhs, shape.rhs, out))
    lines = [
        f"%w = lowbit.constant {dense(weights, right)} : {tensor(right, words)} "
        f"{{lowbit.tables = {dense(flat, size)} : {tensor(size, 'i16')}}} as {word.tensor(right)}",
        f"%i = tensor.empty() : {result}",
        f"%y = lowbit.contract ins(%0, %w : {format.tensor(left)}, {word.tensor(right)}) "
        f"outs(%i : {result}) maps [{maps}] {{", "^bb0(%acc: i32):", "lowbit.yield %acc : i32", f"}} -> {result}"]
    name = f"{shape.sizes} {sizes} {format} {words} up to {most}"
    cases.add(name, [(codes, left, format)], lines, shape.dims(out), I32, expected)


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases(arguments.every)
    for i, (shape, *sizes) in enumerate(CASES):
        for j, format in enumerate(CODES):
            add(cases, shape, sizes, format, *WORDS[(i + j) % len(WORDS)], rng)

    def inspect(text):
        made, every = text.count("which are looked up in"), len(cases.expected)
        # Sums of few values, by chance, are numbers themselves.
        few = text.count("as its weights have fewer than 4096 bytes") + len(re.findall(r"numbers of \d+ values", text))
        return "" if made + few == every and few <= every // 20 else f"{made} of {every} kernels look vectors up"
    return cases.check(arguments, inspect if "explain" in arguments.pipeline else None)


if __name__ == "__main__":
    sys.exit(main())
