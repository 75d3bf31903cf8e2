"""The ranges of -lowbit-print-accumulator-ranges against codes at their ends.

For each channel there is a row of codes that makes its sum greatest, and one that
makes it least: they must be the bounds that the pass prints, no other row may exceed
them, and kernels that add up in 16 bits must compute them exactly.
"""

import random
import re
import subprocess
import sys

from check_contract import Epilogue, contraction, matmul
from execution import I32, Cases, Format, parse_arguments

LEFT = (Format("u8", 0.5, 3), Format("u7", 0.5), Format("u4", 0.5, 2), Format("i8", 0.5, -3))
# The largest weight: full range; what pairs allow; sums of two, four and eight steps.
LARGEST = (128, 64, 32, 16, 7, 1)


def find_ends(weights, left):
    """The codes that make the sum of products with `weights` least, and greatest."""
    least = [left.high if weight < 0 else left.low for weight in weights]
    return least, [left.low if weight < 0 else left.high for weight in weights]


def dot(weights, codes):
    return sum(weight * code for weight, code in zip(weights, codes))


def add_case(cases, rng, columns, terms, left, largest):
    right = Format("i8", 0.25)
    draw = lambda: max(-128, min(127, rng.choice((-1, 1)) * rng.choice(
        (largest, largest, rng.randint(0, largest), 0))))
    weights = [[draw() for _ in range(terms)] for _ in range(columns)]
    rows, bounds = [], []
    for column in weights:
        ends = find_ends(column, left)
        rows += ends
        bounds.append([dot(column, end) for end in ends])
    rows += [[left.random(rng) for _ in range(terms)] for _ in range(3)]
    shape = matmul(len(rows), columns, terms, True)
    assert shape.rhs == [{"n": 1}, {"k": 1}], "weights are columns of terms"
    arguments = [(sum(rows, []), [len(rows), terms], left),
                 (sum(weights, []), [columns, terms], right)]
    lines = contraction(shape, [format.tensor(size) for _, size, format in arguments],
                        ["%0", "%1"], Epilogue(rng, shape, I32), "%acc", I32, "%y")
    expected = [dot(column, row) for row in rows for column in weights]
    cases.add(f"{columns} columns, {terms} terms, weights to {largest}", arguments, lines,
              [len(rows), columns], I32, expected, {1})
    for column in range(columns):
        low, high = bounds[column]
        assert all(low <= sums <= high for sums in expected[column::columns])
    return [min(low for low, _ in bounds), max(high for _, high in bounds)]


def main():
    arguments = parse_arguments(__doc__)
    rng, cases, expected = random.Random(arguments.seed), Cases(), []
    for left in LEFT:
        for largest in LARGEST:
            for columns, terms in ((9, 35), (1, 2), (17, 64), (8, rng.randint(1, 130))):
                expected.append(add_case(cases, rng, columns, terms, left, largest))
    printed = subprocess.run(["lowbit-opt", "-lowbit-print-accumulator-ranges", "-o", "/dev/null"],
                             input=cases.module(), capture_output=True, text=True)
    found = [[int(low), int(high)] for low, high in re.findall(
        r"remark: sums lie in \[(-?\d+), (-?\d+)\]", printed.stderr)]
    if found != expected:
        print(f"the pass prints other bounds:\n{found}\nthan are attained:\n{expected}")
        return 1
    print(f"{len(found)} bounds are attained, and not exceeded")
    return cases.check(arguments)


if __name__ == "__main__":
    sys.exit(main())
