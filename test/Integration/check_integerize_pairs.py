"""Arithmetic on pairs through -lowbit-integerize, compared with real numbers;
see network.py."""

import itertools
import random
import sys
from fractions import Fraction

from execution import Cases, parse_arguments, tensor
from network import I8, I8N, I16, TINY, U4, U8, Network, indices, magnitude

FUNCTIONS = {"add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y,
             "maximum": max, "minimum": min}
# Equal, a gate, a row, both, a scalar.
SHAPES = [([3, 17], [3, 17]), ([2, 3, 4, 5], [2, 1, 1, 5]), ([1, 13], [7, 13]), ([5, 1, 3], [1, 7, 1]), ([33], [1])]


def add_pair(cases, rng, name, formats, storage, shapes, clamped, constant):
    net = Network(cases, rng, f"{name} {[str(f) for f in formats]} {storage} {shapes}")
    (a, xs), = [net.input(shapes[0], formats[0])]
    if constant:
        b, ys, _ = net.weights(shapes[1], None, formats[1])
    else:
        b, ys = net.input(shapes[1], formats[1])
    operands = f"{a}, {b}"
    types = f"{tensor(shapes[0], 'f32')}, {tensor(shapes[1], 'f32')}"
    if name == "mul":
        net.lines.append('%shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>')
        operands, types = f"{operands}, %shift", f"{types}, tensor<1xi8>"
    result = [max(pair) for pair in zip(*shapes)]

    def pick(reals, shape, at):
        return reals[tuple(i if size > 1 else 0 for i, size in zip(at, shape))]

    net.define(f"tosa.{name} {operands} : ({types})", result,
               {at: FUNCTIONS[name](pick(xs, shapes[0], at), pick(ys, shapes[1], at)) for at in indices(result)})
    if clamped:
        top = max(abs(x) for x in net.reals.values())
        net.clamp(-top / 3, top / 2)
    grid = max(magnitude(format) for format in formats) / 2**28 if name in ("add", "sub") else Fraction(0)
    net.finish(storage, lambda format: TINY + 2 * grid / Fraction(format.scale))


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases()
    number = 0
    for formats in itertools.product((U8, I8N, I16), repeat=2):
        for name in FUNCTIONS:
            number += 1
            add_pair(cases, rng, name, formats, ("u8", "i8", "i16")[number % 3], SHAPES[number % len(SHAPES)],
                     clamped=number % 2 == 0, constant=number % 4 == 1 and formats[1].zero == 0)
    for name, shapes in itertools.product(FUNCTIONS, SHAPES):
        number += 1
        add_pair(cases, rng, name, (I8, U4), ("u8", "i8")[number % 2], shapes, number % 3 == 0, False)
    return cases.check(arguments)


sys.exit(main())
