"""Runs many small functions of the integer graph and compares their results.

Each case is a function with constant inputs and the results that it must have,
computed here in Python's exact integers and fractions. All cases of a script
go through one pipeline and one process. Scripts that import this file take the
name of the pipeline, so that every way down is held to the same numbers.
"""

import argparse
import json
import math
import pathlib
import re
import struct
import subprocess
import sys
from fractions import Fraction

INT32 = (-(2**31), 2**31 - 1)


# ---------------------------------------------------------------- arithmetic


def wrap(value, width):
    """The low bits of `value` as a signed integer."""
    value &= (1 << width) - 1
    return value - (1 << width) if value >> (width - 1) else value


def clamp(value, low, high):
    return min(max(value, low), high)


def rescale(value, multiplier, shift, double=False, input_zero=0, output_zero=0,
            low=INT32[0], high=INT32[1], wrapping=False):
    """lowbit.rescale's formula."""
    u = wrap(value - input_zero, 32)
    t = u * multiplier + (1 << (shift - 1))
    if double and shift > 31:
        t += 2**30 if u >= 0 else -(2**30)
    t = (t >> shift) + output_zero
    return wrap(t, 32) if wrapping else clamp(t, low, high)


def f32(value):
    """`value` rounded to f32: a Fraction, or an infinity."""
    if isinstance(value, float) and not math.isfinite(value):
        return value
    numerator, denominator = value.as_integer_ratio()
    if not numerator:
        return Fraction(0)
    magnitude = abs(numerator)
    exponent = magnitude.bit_length() - denominator.bit_length()  # or one too many
    if magnitude << max(-exponent, 0) < denominator << max(exponent, 0):
        exponent -= 1
    last = max(exponent, -126) - 23  # of the last place
    divisor = denominator << max(last, 0)
    quotient, rest = divmod(magnitude << max(-last, 0), divisor)
    if (2 * rest, quotient % 2) > (divisor, 0):  # to nearest, ties to even
        quotient += 1
    rounded = Fraction(quotient << max(last, 0), 1 << max(-last, 0))
    if rounded >= 2**128:
        rounded = math.inf
    return rounded if numerator > 0 else -rounded


def bits(value):
    """The bits of an f32 as a signed integer."""
    return struct.unpack("<i", struct.pack("<f", float(value)))[0]


# ------------------------------------------------------------------- formats


class Format:
    """An affine format, or a plain i32 or f32. `zero` and `scale` are lists
    where the format is per axis."""

    def __init__(self, storage, scale=0.5, zero=0, low=None, high=None, axis=None):
        self.storage, self.scale, self.zero, self.axis = storage, scale, zero, axis
        self.plain = storage in ("i32", "f32") and scale is None
        self.signed = storage[0] != "u"
        self.width = int(storage[1:])
        full = (-(2 ** (self.width - 1)), 2 ** (self.width - 1) - 1)
        if not self.signed:
            full = (0, 2**self.width - 1)
        self.low = full[0] if low is None else low
        self.high = full[1] if high is None else high
        self.narrow = (self.low, self.high) != full
        self.word = next((w for w in (8, 16, 32) if self.width <= w))

    def __str__(self):
        if self.plain:
            return self.storage
        text = self.storage
        if self.narrow:
            text += f"<{self.low}:{self.high}>"
        text += ":f32"
        if self.axis is None:
            return f"!quant.uniform<{text}, {real(self.scale)}:{self.zero}>"
        pairs = ", ".join(f"{real(s)}:{z}" for s, z in zip(self.scale, self.zero))
        return f"!quant.uniform<{text}:{self.axis}, {{{pairs}}}>"

    def tensor(self, shape):
        return tensor(shape, str(self))

    def random(self, random, extreme=False):
        if self.storage == "f32":
            return f32(Fraction(random.randint(-(2**24), 2**24), 2 ** random.randint(20, 26)))
        if extreme:
            return random.choice([self.low, self.high])
        return random.randint(self.low, self.high)


I32, F32 = Format("i32", None), Format("f32", None)


def real(scale):
    """A literal that MLIR reads as a float of the same value."""
    text = repr(float(scale))
    return text if "." in text or "e" not in text else text.replace("e", ".0e")


def tensor(shape, element):
    return "tensor<" + "".join(f"{size}x" for size in shape) + element + ">"


def dense(values, shape):
    """A literal of nested lists; fractions and floats as bits of an f32."""
    def element(value):
        if isinstance(value, int):
            return str(value)
        return f"0x{bits(value) & 0xFFFFFFFF:08X}"

    if math.prod(shape) == 0:
        return "dense<>"

    def nested(values, shape):
        if not shape:
            return element(values[0])
        size = len(values) // shape[0]
        parts = [nested(values[i * size:(i + 1) * size], shape[1:]) for i in range(shape[0])]
        return "[" + ", ".join(parts) + "]"

    return f"dense<{nested(values, list(shape))}>"


def constant(name, values, shape, format):
    """A line that defines `name`: codes, i32 or f32."""
    if format.plain:
        return f"{name} = arith.constant {dense(values, shape)} : {format.tensor(shape)}"
    words = [wrap(value, format.word) for value in values]
    word = tensor(shape, f"i{format.word}")
    return f"{name} = lowbit.constant {dense(words, shape)} : {word} as {format.tensor(shape)}"


# --------------------------------------------------------------------- cases


class Cases:
    """A module of functions, and what each must return."""

    def __init__(self, every=1):
        """Of `every` cases in a row `skips` lets the first pass."""
        self.every, self.asked = every, 0
        self.aliases, self.functions, self.calls, self.expected = [], [], [], []
        self.results = []  # of each case: its lines in `calls`, its value and type

    def skips(self):
        self.asked += 1
        return (self.asked - 1) % self.every != 0

    def add(self, name, arguments, lines, shape, format, expected, inline=(), slack=None):
        """`arguments` are (values, shape, format) and arrive as %0, %1, ...;
        those with an index in `inline` are constants in the function itself.
        `lines` define %y, of `shape` and `format`, whose codes are `expected`.
        With a `slack`, `expected` are real numbers of codes: each result must
        be within 1/2 + slack of its one."""
        index, first = len(self.expected), len(self.calls)
        parameters, inside, values = [], [], []
        for i, (data, size, kind) in enumerate(arguments):
            if i in inline:
                inside.append(constant(f"%{i}", data, size, kind))
                continue
            parameters.append((f"%a{i}" if inline else f"%{i}", kind.tensor(size)))
            self.calls.append(constant(f"%c{index}_{i}", data, size, kind))
            values.append(f"%c{index}_{i}")
        if inline:  # numbered values must appear in order, so name all of them
            rename = lambda text: re.sub(r"%(\d+)\b", r"%a\1", text)
            inside, lines = [rename(l) for l in inside], [rename(l) for l in lines]
        result = format.tensor(shape)
        body = "\n".join("  " + line for line in [*inside, *lines])
        signature = ", ".join(f"{n}: {t}" for n, t in parameters)
        self.functions.append(f"func.func private @f{index}({signature}) -> {result} {{\n"
                              f"{body}\n  return %y : {result}\n}}")
        types = ", ".join(t for _, t in parameters)
        self.calls.append(f"%r{index} = call @f{index}({', '.join(values)}) : ({types}) -> {result}")
        self.print(index, shape, format, first)
        if format.storage == "f32":
            expected = [bits(value) for value in expected]
        elif not format.plain:
            # Codes are printed as their difference from the zero point.
            expected = [(value if slack is not None else wrap(value, 32)) - format.zero
                        for value in expected]
        self.expected.append((name, expected, slack))

    def print(self, index, shape, format, first):
        """The elements as i32, as one row. Lines of the case start at `first`."""
        values, number = f"%r{index}", tensor(shape, "i32")
        if format.storage == "f32":
            self.calls.append(f"%i{index} = arith.bitcast {values} : {format.tensor(shape)} to {number}")
            values = f"%i{index}"
        elif not format.plain:
            self.calls.append(
                f"%i{index} = lowbit.rescale {values}, %one, %thirty {{input_zero_point = {format.zero} : i32}}"
                f" : {format.tensor(shape)}, tensor<1xi32> to {number}")
            values = f"%i{index}"
        if len(shape) > 1:
            dims = ", ".join(str(i) for i in range(len(shape)))
            row = tensor([math.prod(shape)], "i32")
            self.calls.append(f"%l{index} = tensor.collapse_shape {values} [[{dims}]] : {number} into {row}")
            values, number = f"%l{index}", row
        self.results.append((self.calls[first:], values, number))
        self.calls.append(f"%u{index} = tensor.cast {values} : {number} to tensor<*xi32>")
        self.calls.append(f"call @printMemrefI32(%u{index}) : (tensor<*xi32>) -> ()")

    def write_programs(self, folder, stride, size=30):
        """Programs of some cases each, for lowbit-compile, and what they return."""
        exact = [i for i, (_, _, slack) in enumerate(self.expected) if slack is None][::stride]
        for first in range(0, len(exact), size):
            wanted = exact[first:first + size]
            path = folder / f"{first // size}.mlir"
            path.write_text(self.program(wanted))
            path.with_suffix(".json").write_text(json.dumps([self.expected[i][1] for i in wanted]))
        return 0

    def program(self, wanted):
        """A module whose @main returns the results of the cases with these numbers."""
        lines = ["%one = arith.constant dense<1073741824> : tensor<1xi32>",
                 "%thirty = arith.constant dense<30> : tensor<1xi32>"]
        for index in wanted:
            for line in self.results[index][0]:
                call = re.match(r"%r\d+ = call @f\d+\((.*?)\) : ", line)
                lines += self.inline(index, call[1].split(", ")) if call else [line]
        name = lambda index: self.results[index][1].replace(f"%r{index}", f"%f{index}_y")
        values = ", ".join(name(index) for index in wanted)
        types = ", ".join(self.results[index][2] for index in wanted)
        body = "\n".join("  " + re.sub(r"%r(\d+)\b", r"%f\1_y", line) for line in lines)
        return "\n".join([*self.aliases, 'module attributes {lowbit.stage = "encoded"} {',
                          f"func.func @main() -> ({types}) {{\n{body}\n  return {values} : {types}\n}}", "}", ""])

    def inline(self, index, values):
        """The lines of a case's function, on these values."""
        head, *body = self.functions[index].split("\n")[:-2]
        names = re.findall(r"(%\w+): ", head)
        rename = lambda text: re.sub(r"%(\w+)", rf"%f{index}_\1", text)
        known = dict(zip(map(rename, names), [v for v in values if v]))
        replace = lambda match: known.get(match[0], match[0])
        return [re.sub(r"%\w+", replace, rename(line)) for line in body]

    def module(self):
        calls = "\n".join("  " + line for line in [
            "%one = arith.constant dense<1073741824> : tensor<1xi32>",
            "%thirty = arith.constant dense<30> : tensor<1xi32>", *self.calls])
        return "\n".join([*self.aliases, "func.func private @printMemrefI32(tensor<*xi32>)",
                          *self.functions, f"func.func @main() {{\n{calls}\n  return\n}}", ""])

    def check(self, arguments, inspect=None):
        """Compiles, runs, compares; the exit code. `inspect` takes what the
        compiler reported and returns what is wrong with it, or nothing."""
        if arguments.programs:
            return self.write_programs(arguments.programs, arguments.stride)
        module = self.module()
        if arguments.emit:
            print(module)
            return 0
        passes = [f"-{name}".replace("+", " ") for name in arguments.pipeline.split()]
        compiled = subprocess.run(["lowbit-opt", *passes], input=module, capture_output=True, text=True)
        if compiled.returncode:
            sys.stderr.write(compiled.stderr[-4000:])
            return 1
        complaint = inspect(compiled.stderr) if inspect else ""
        if complaint:
            print(complaint)
            return 1
        ran = subprocess.run(arguments.run.split(), input=compiled.stdout, capture_output=True, text=True)
        rows = re.findall(r"data =\s*\n?\[(.*?)\]", ran.stdout, re.S)
        if ran.returncode or len(rows) != len(self.expected):
            sys.stderr.write(f"{ran.stderr[-4000:]}\nexpected {len(self.expected)} results, got {len(rows)}\n")
            return 1
        wrong, elements, nearest = 0, 0, 0
        for index, (row, (name, expected, slack)) in enumerate(zip(rows, self.expected)):
            actual = [int(number) for number in row.split(",")]
            limit = 0 if slack is None else Fraction(1, 2) + slack
            at = next((i for i, (a, e) in enumerate(zip(actual, expected)) if abs(a - e) > limit), None)
            if at is not None or len(actual) != len(expected):
                wrong += 1
                expected = expected if slack is None else [round(float(e), 3) for e in expected]
                print(f"@f{index} {name}: differs at element {at}\n  expected {expected}\n  got      {actual}")
            elif slack is not None:
                elements += len(actual)
                nearest += sum(abs(a - e) <= Fraction(1, 2) for a, e in zip(actual, expected))
        print(f"{len(rows) - wrong} of {len(rows)} cases agree")
        if elements:
            print(f"{nearest} of {elements} codes are the nearest ones")
        return 1 if wrong or nearest < 0.95 * elements else 0


def parse_arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--pipeline", default="lowbit-reference-pipeline", help="passes, apart by spaces, with + between options")
    parser.add_argument("--run", default="mlir-runner", help="the command that runs @main")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="take one of so many cases, where the script knows it")
    parser.add_argument("--integers", action="store_true", help="no float, where the script knows it")
    parser.add_argument("--emit", action="store_true", help="only print the module")
    parser.add_argument("--programs", type=pathlib.Path, help="only write programs into this folder")
    parser.add_argument("--stride", type=int, default=1, help="of every so many cases")
    return parser.parse_args()
