#!/usr/bin/env python3
"""check.py PLUGIN: compares !posit.p5 as Lowbit computes it with a model in Python.

Runs lowbit-opt, which loads the plugin, and MLIR's mlir-runner; both are on PATH.
The model decodes posits by their definition, encodes to the nearest number, and
computes a layer in fractions. All results must be the same, bit by bit.
"""

import itertools
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
from fractions import Fraction


def f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def posit(code):
    """The number of a code from -15 to 15."""
    if code < 0:
        return -posit(-code)
    if code == 0:
        return Fraction(0)
    pattern = f"{code:04b}"
    regime = pattern[:len(pattern) - len(pattern.lstrip(pattern[0]))]
    rest = pattern[len(regime) + 1:]
    k = len(regime) - 1 if regime[0] == "1" else -len(regime)
    exponent = int(rest[:1] or "0")
    fraction = 1 + Fraction(int(rest[1:] or "0", 2), 2 ** len(rest[1:]))
    return Fraction(4) ** k * 2**exponent * fraction


CODES = range(-15, 16)


def encode(x, scale):
    """The code of the nearest number, of two the greater one."""
    return min(CODES, key=lambda code: (abs(posit(code) * Fraction(scale) - Fraction(x)), -code))


def tensor(shape, element):
    return f"tensor<{''.join(f'{size}x' for size in shape)}{element}>"


class Module:
    """Functions without arguments, which print, and what they must print."""

    def __init__(self):
        self.functions, self.expected = [], []

    def add(self, lines, shape, kind, expected):
        """`lines` define %y of `kind`, i32 or f32, as one row."""
        index = len(self.expected)
        printer = f"printMemref{kind.upper()}"
        lines = [*lines, f"%u = tensor.cast %y : {tensor(shape, kind)} to tensor<*x{kind}>",
                 f"call @{printer}(%u) : (tensor<*x{kind}>) -> ()", "return"]
        self.functions.append(f"func.func private @f{index}() {{\n  " + "\n  ".join(lines) + "\n}")
        self.expected.append(list(expected))

    def __str__(self):
        calls = "\n".join(f"  call @f{i}() : () -> ()" for i in range(len(self.expected)))
        return "\n".join(["func.func private @printMemrefI32(tensor<*xi32>)",
                          "func.func private @printMemrefF32(tensor<*xf32>)", *self.functions,
                          f"func.func @main() {{\n{calls}\n  return\n}}"])


def as_integers(name, shape, format, word):
    """Lines that make %y of codes."""
    size = tensor(shape, word)
    return [f"%w = lowbit.reinterpret {name} : {tensor(shape, format)} to {size}",
            f"%y = arith.extsi %w : {size} to {tensor(shape, 'i32')}"]


def add_encode(module, scale):
    numbers = [posit(code) * Fraction(scale) for code in CODES]
    xs = numbers + [(a + b) / 2 for a, b in zip(numbers, numbers[1:])] + [numbers[0] * 2, numbers[-1] * 2]
    # What lies next to each of them.
    xs = [f32(float(x)) for x in xs]
    xs += [f32(x * (1 + sign * 2.0**-22)) for x in xs for sign in (-1, 1)]
    shape, format = [len(xs)], f"!posit.p5<{scale}>"
    module.add([f"%x = arith.constant dense<{xs}> : {tensor(shape, 'f32')}",
                f"%q = lowbit.encode %x : {tensor(shape, 'f32')} to {tensor(shape, format)}",
                *as_integers("%q", shape, format, "i8")], shape, "i32", [encode(x, scale) for x in xs])
    return len(xs)


def add_decode(module, scale):
    shape, format = [len(CODES)], f"!posit.p5<{scale}>"
    real = tensor(shape, "f32")
    module.add([f"%q = lowbit.constant dense<{list(CODES)}> : {tensor(shape, 'i8')} as {tensor(shape, format)}",
                f"%x = lowbit.decode %q : {tensor(shape, format)} to {real}",
                f"%y = arith.bitcast %x : {real} to {tensor(shape, 'i32')}"], shape, "i32",
               [struct.unpack("<i", struct.pack("<f", posit(c) * Fraction(scale)))[0] for c in CODES])


def add_layer(module, rng, rows, depth, columns):
    """A fully connected layer on posits, in integers; its result has 16 bits."""
    x, w = ([rng.choice(CODES) for _ in range(n)] for n in (rows * depth, depth * columns))
    result, expected = "!quant.uniform<i16:f32, 0.25>", []
    for i, j in itertools.product(range(rows), range(columns)):
        total = sum(posit(x[i * depth + k]) * posit(w[k * columns + j]) for k in range(depth)) / 2
        # Halves go up, as lowbit.rescale says.
        expected.append(min(max((total * 4 + Fraction(1, 2)).__floor__(), -(2**15)), 2**15 - 1))
    shapes = [1, rows, depth], [1, depth, columns], [1, rows, columns]
    formats = "!posit.p5<0.5>", "!posit.p5<1.0>", result
    types = [tensor(shape, format) for shape, format in zip(shapes, formats)]
    reals = [tensor(shape, "f32") for shape in shapes]

    def constant(name, codes, i):
        return f"{name} = lowbit.constant dense<{nested(codes, shapes[i])}> : {tensor(shapes[i], 'i8')} as {types[i]}"

    # x arrives as an argument: a layer of constants would be folded.
    layer = [f"%xr = lowbit.decode %x : {types[0]} to {reals[0]}",
             constant("%w", w, 1), f"%wr = lowbit.decode %w : {types[1]} to {reals[1]}",
             '%zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>',
             f"%m = tosa.matmul %xr, %wr, %zero, %zero : ({reals[0]}, {reals[1]}, tensor<1xf32>, tensor<1xf32>)"
             f" -> {reals[2]}",
             f"%q = lowbit.encode %m : {reals[2]} to {types[2]}", f"return %q : {types[2]}"]
    module.functions.append(f"func.func private @layer(%x: {types[0]}) -> {types[2]} {{\n  "
                            + "\n  ".join(layer) + "\n}")
    row = [rows * columns]
    module.add([constant("%x", x, 0), f"%q = call @layer(%x) : ({types[0]}) -> {types[2]}",
                f"%r = tensor.collapse_shape %q [[0, 1, 2]] : {types[2]} into {tensor(row, result)}",
                *as_integers("%r", row, result, "i16")], row, "i32", expected)
    return rows * columns


def nested(values, shape):
    if len(shape) == 1:
        return str(values)
    size = len(values) // shape[0]
    return "[" + ", ".join(nested(values[i * size:(i + 1) * size], shape[1:]) for i in range(shape[0])) + "]"


def run(command, text):
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[-4000:])
    return done.stdout


def main():
    plugin, = sys.argv[1:]
    module, rng = Module(), random.Random(1)
    numbers = sum(add_encode(module, scale) for scale in (1.0, 0.3125))
    add_decode(module, 1.0)
    add_decode(module, 0.3125)
    results = add_layer(module, rng, 3, 7, 5)
    load = f"--load-dialect-plugin={plugin}"
    integers = run(["lowbit-opt", load, "-lowbit-integerize"], str(module))
    if "tosa.matmul" in integers:
        sys.exit("error: the layer stays in float")
    lowered = run(["lowbit-opt", load, "-lowbit-reference-pipeline"], integers)
    runner = shutil.which("mlir-runner") or shutil.which("mlir-runner-22")
    libraries = pathlib.Path(runner).resolve().parent.parent / "lib"
    shared = ",".join(str(libraries / f"libmlir_{name}.so") for name in ("runner_utils", "c_runner_utils"))
    printed = run([runner, "-e", "main", "-entry-point-result=void", f"-shared-libs={shared}"], lowered)
    rows = [[int(n) for n in row.split(",")] for row in re.findall(r"data =\s*\n?\[(.*?)\]", printed, re.S)]
    if rows != module.expected:
        for row, expected in zip(rows, module.expected):
            if row != expected:
                print(f"expected {expected}\ngot      {row}")
        sys.exit("error: the results differ")
    print(f"{len(CODES)} codes, {numbers} numbers and {results} results of a layer agree")


if __name__ == "__main__":
    main()
