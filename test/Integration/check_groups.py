"""Products with scales of groups, whose sums kernels add up in f32, with inputs whose
scales are known before or made of each row; see execution.py.

Everything is recomputed here, one f32 operation after the other.
"""

import itertools
import random
import sys
from fractions import Fraction

from check_dynamic import Affine, encode_slices, encoded_input, slice_of
from execution import F32, Cases, Format, dense, f32, parse_arguments, tensor
from network import tosa_constant

WEIGHTS = {"i4": range(-8, 8), "i8": range(-128, 128), "i2": (-1, 0, 1)}
# Rows, terms, columns, terms in a group: around a tile, a vector, a group.
SIZES = [(1, 100, 40, 32), (5, 33, 17, 32), (13, 128, 64, 32), (3, 300, 33, 64), (6, 260, 20, 128), (2, 64, 72, 64),
         (4, 70, 65, 5)]
INPUTS = [Format("u8", 0.5, 128), Format("i8", 0.25, 3), Affine("u8", 0, 255, 1, True), Affine("i8", -127, 127, 1),
          Affine("u8", 0, 255, None, True)]


def decoded_input(rng, input, shape):
    """An argument, lines that make %x of it, and for each row its codes, their zero point,
    and the scale that is known before or at run time."""
    rows, terms = shape[-2:] if len(shape) == 3 else (shape[0], shape[3])
    if isinstance(input, Format):
        codes = [input.random(rng, extreme=rng.random() < 0.3) for _ in range(rows * terms)]
        lines = [f"%x = lowbit.decode %0 : {input.tensor(shape)} to {F32.tensor(shape)}"]
        known = [(codes[r * terms:(r + 1) * terms], input.zero, Fraction(input.scale), None) for r in range(rows)]
        return (codes, shape, input), lines, known
    xs = [f32(Fraction(rng.randint(-10**6, 10**6), 10**5)) for _ in range(rows * terms)]
    codes, parameters = encode_slices(input, xs, shape)
    known = []
    for r in range(rows):
        scale, zero = parameters[slice_of(input, (0, r) if len(shape) == 3 else (r,))]
        known.append((codes[r * terms:(r + 1) * terms], zero, Fraction(1), scale))
    return (xs, shape, F32), encoded_input(input, shape), known


def add_up(row, weights, scales, group):
    """The f32 that the sums of groups make."""
    codes, zero, before, runtime = row
    y = Fraction(0)
    for g, scale in enumerate(scales):
        terms = range(g * group, min((g + 1) * group, len(codes)))
        total = sum((codes[t] - zero) * weights[t] for t in terms)
        y = f32(y + f32(f32(total) * f32(before * scale)))
    return y if runtime is None else f32(y * runtime)


def add_layer(cases, rng, storage, sizes, input, is_layer):
    """A matrix product, or a fully connected layer with a bias."""
    m, k, n, group = sizes
    groups = -(-k // group)
    values = list(WEIGHTS[storage])
    weights = [[rng.choice([values[0], values[-1]] if t // group % 3 == 1 else values) for t in range(k)] for _ in range(n)]
    scales = [[f32(Fraction(rng.randint(100, 1000) * rng.choice([1, 1, -1]), 10**5)) for _ in range(groups)]
              for _ in range(n)]
    if is_layer:
        shape, weight_shape, scale_shape, axis = [m, 1, 1, k], [n, 1, 1, k], [n, 1, 1, groups], 3
        words, factors = sum(weights, []), sum(scales, [])
    else:
        shape, weight_shape, scale_shape, axis = [1, m, k], [1, k, n], [1, groups, n], 1
        words, factors = ([row[i] for i in range(len(rows[0])) for row in rows] for rows in (weights, scales))
    if is_layer and isinstance(input, Affine) and input.axis is not None:
        input = Affine("u8" if input.zero else "i8", input.low, input.high, 0, input.zero)
    argument, lines, rows = decoded_input(rng, input, shape)
    format = f"!lowbit.affine<{storage}, axis = {axis}, group = {group}>"
    bias = [f32(Fraction(rng.randint(-10**4, 10**4), 10**3)) for _ in range(n)]
    lines += [
        f"%w = lowbit.constant {dense(words, weight_shape)} : {tensor(weight_shape, 'i8')} as {tensor(weight_shape, format)}",
        f"%ws = arith.constant {dense(factors, scale_shape)} : {F32.tensor(scale_shape)}",
        f"%wr = lowbit.decode %w with %ws : {F32.tensor(scale_shape)} : {tensor(weight_shape, format)} to "
        f"{F32.tensor(weight_shape)}",
        '%zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>']
    types = f"({F32.tensor(shape)}, {F32.tensor(weight_shape)}"
    result = [m, 1, 1, n] if is_layer else [1, m, n]
    if is_layer:
        lines += [tosa_constant("%b", bias, [n]),
                  "%y = tosa.conv2d %x, %wr, %b, %zp, %zp {acc_type = f32, pad = array<i64: 0, 0, 0, 0>, stride = "
                  f"array<i64: 1, 1>, dilation = array<i64: 1, 1>}} : {types}, tensor<{n}xf32>, tensor<1xf32>, "
                  f"tensor<1xf32>) -> {F32.tensor(result)}"]
    else:
        lines.append(f"%y = tosa.matmul %x, %wr, %zp, %zp : {types}, tensor<1xf32>, tensor<1xf32>) -> {F32.tensor(result)}")
    expected = []
    for row, o in itertools.product(rows, range(n)):
        y = add_up(row, weights[o], scales[o], group)
        expected.append(f32(y + bias[o]) if is_layer else y)
    name = input.text if isinstance(input, Affine) else str(input)
    cases.add(f"{storage} {sizes} {name} {is_layer}", [argument], lines, result, F32, expected)


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases()
    for i, sizes in enumerate(SIZES):
        for j, input in enumerate(INPUTS):
            storage = list(WEIGHTS)[(i + j) % 3]
            add_layer(cases, rng, storage, sizes, input, is_layer=(i + j) % 2 == 1)
    # Signed codes times numbers of weights that are packed.
    for j, input in enumerate(INPUTS[1::2]):
        for i, sizes in enumerate([(1, 300, 40, 32), (6, 297, 40, 64), (1, 640, 33, 128)]):
            add_layer(cases, rng, ("i4", "i2")[(i + j) % 2], sizes, input, is_layer=i == 1)
    # So many rows that panels of numbers are unpacked for all of them.
    for j, input in enumerate(INPUTS):
        for i, sizes in enumerate([(19, 300, 40, 32), (17, 320, 33, 64), (18, 288, 40, 128)]):
            add_layer(cases, rng, ("i4", "i2")[(i + j) % 2], sizes, input, is_layer=i == 1)
    # One row, whose panels have scales among their weights.
    for input in INPUTS[2:4]:
        for i, sizes in enumerate([(1, 128, 128, 32), (1, 192, 160, 64), (1, 96, 128, 32)]):
            add_layer(cases, rng, ("i4", "i2", "i8")[i], sizes, input, is_layer=i == 1)
    return cases.check(arguments)


if __name__ == "__main__":
    sys.exit(main())
