"""Products of computed matrices, sums and what moves codes along a dimension,
through -lowbit-integerize, compared with real numbers; see network.py."""

import random
import sys
from fractions import Fraction

from execution import Cases, Format, f32, parse_arguments, tensor
from network import I8, I8N, I16, U4, U8, Network, indices, shape_constant

PROBABILITY = Format("u8", 1 / 256)


def add_matmul(cases, rng, formats, storage, b, m, n, k, clamped):
    net = Network(cases, rng, f"matmul {[str(f) for f in formats]} {b} {m} {n} {k}")
    x, xs = net.input([b, m, k], formats[0])
    y, ys = net.input([b, k, n], formats[1])
    reals = {(i, r, c): sum(xs[i, r, t] * ys[i, t, c] for t in range(k)) for i, r, c in indices([b, m, n])}
    types = f"({tensor([b, m, k], 'f32')}, {tensor([b, k, n], 'f32')}, tensor<1xf32>, tensor<1xf32>)"
    net.define(f"tosa.matmul {x}, {y}, %zero, %zero : {types}", [b, m, n], reals)
    if clamped:
        top = max(abs(x) for x in reals.values())
        net.clamp(-top / 3, top / 2)
    net.finish(storage)


def add_sum(cases, rng, from_, storage, shape, axes, factor):
    net = Network(cases, rng, f"sum {from_} {shape} {axes} {factor}")
    net.current, net.reals = net.input(shape, from_)
    for axis in axes:
        before, text = list(shape), tensor(shape, "f32")
        shape = [1 if d == axis else size for d, size in enumerate(shape)]
        previous = net.reals
        net.define(f"tosa.reduce_sum {net.current} {{axis = {axis} : i32}} : ({text})", shape,
                   {at: sum(previous[at[:axis] + (i,) + at[axis + 1:]] for i in range(before[axis]))
                    for at in indices(shape)})
    if factor is not None:
        factor, one = f32(factor), [1] * len(shape)
        kind, text = tensor(one, "f32"), tensor(shape, "f32")
        net.lines += [f'%f = "tosa.const"() {{values = dense<{float(factor):e}> : {kind}}} : () -> {kind}',
                      '%shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>']
        net.define(f"tosa.mul {net.current}, %f, %shift : ({text}, {kind}, tensor<1xi8>)", shape,
                   {at: x * factor for at, x in net.reals.items()})
    net.finish(storage)


def add_movement(cases, rng, from_, storage):
    """reverse, tile, gather and reduce_max, one after the other."""
    net = Network(cases, rng, f"movement {from_} {storage}")
    x, xs = net.input([2, 3, 5], from_)
    net.lines += [shape_constant("%twice", [1, 2, 2]),
                  '%at = "tosa.const"() {values = dense<[[5, 0, 2], [1, 1, 3]]> : tensor<2x3xi32>} : () -> tensor<2x3xi32>']
    net.define(f"tosa.reverse {x} {{axis = 2 : i32}} : (tensor<2x3x5xf32>)", [2, 3, 5],
               {(n, i, c): xs[n, i, 4 - c] for n, i, c in indices([2, 3, 5])})
    before = net.reals
    net.define(f"tosa.tile {net.current}, %twice : (tensor<2x3x5xf32>, !tosa.shape<3>)", [2, 6, 10],
               {(n, i, c): before[n, i % 3, c % 5] for n, i, c in indices([2, 6, 10])})
    tiled = net.reals
    rows = [[5, 0, 2], [1, 1, 3]]
    net.define(f"tosa.gather {net.current}, %at : (tensor<2x6x10xf32>, tensor<2x3xi32>)", [2, 3, 10],
               {(n, i, c): tiled[n, rows[n][i], c] for n, i, c in indices([2, 3, 10])})
    taken = net.reals
    net.define(f"tosa.reduce_max {net.current} {{axis = 1 : i32}} : (tensor<2x3x10xf32>)", [2, 1, 10],
               {(n, 0, c): max(taken[n, i, c] for i in range(3)) for n in range(2) for c in range(10)})
    net.finish(storage)


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases()
    pairs = [(U8, U8), (U8, I8), (I8, U8), (I8N, I8), (U8, I8N), (I8N, I8N), (PROBABILITY, U8), (U4, PROBABILITY)]
    for number, formats in enumerate(pairs):
        for b, m, n, k in ((1, 5, 7, 20), (3, 4, 9, 8), (2, 1, 1, 1)):
            add_matmul(cases, rng, formats, ("u8", "i8", "i16")[number % 3], b, m, n, k, number % 2 == 0)
    for number, from_ in enumerate((U8, I8, I8N, U4, I16)):
        storage = ("u8", "i8", "i16")[number % 3]
        add_sum(cases, rng, from_, storage, [3, 7, 5], [1], None)
        add_sum(cases, rng, from_, storage, [3, 7, 5], [2, 0], Fraction(1, 15))
        add_sum(cases, rng, from_, storage, [3, 7, 5], [0, 1, 2], Fraction(1, 105))
        add_sum(cases, rng, from_, storage, [300], [0], Fraction(1, 300))
        add_movement(cases, rng, from_, storage)
    return cases.check(arguments)


sys.exit(main())
