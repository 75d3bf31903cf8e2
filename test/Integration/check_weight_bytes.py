"""Layers of a million weights and more take the bytes of their formats' formulas, and at
most one percent besides, in the artefact. So they do in memory, where nothing is unpacked,
but for codebooks of many values that one row multiplies: those are decoded once, to words.

    check_weight_bytes.py WORK

The constants of an object are what its sections hold that are neither code nor words of
channels, their biases and factors.
"""

import json
import math
import pathlib
import random
import re
import struct
import sys

from check_storage import read_sections, run

INPUTS = OUTPUTS = 1024
GROUP, DIM = 32, 4


def unsigned(count):
    """Codes from 0 on, `count` of them."""
    return lambda generator: [generator.randrange(count) for _ in range(INPUTS * OUTPUTS)]


def signed(bits):
    half = 1 << (bits - 1)
    return lambda generator: [generator.randrange(-half, half) for _ in range(INPUTS * OUTPUTS)]


ROOTS = ", ".join(f"[{(i - 7) * abs(i - 7)}.0]" for i in range(16))
BYTES = ", ".join(f"[{i * abs(i) // 9 - 3}.0]" for i in range(-32, 32))
SCALES = '"0x' + b"".join(struct.pack("<f", 0.01 + i / 2**22) for i in range(OUTPUTS * INPUTS // GROUP)).hex().upper() + '"'


def book(count):
    return '"0x' + b"".join(struct.pack("<f", i * 37 % 101 - 50) for i in range(count)).hex().upper() + '"'


def numbers_of(count):
    """Numbers of a float codebook, no multiples of one step."""
    numbers = ", ".join(f"[{(-1) ** i * 0.013 * math.sqrt(i + 2):.9e}]" for i in range(count))
    return (f"1x1x{count}x1xf32", f"[[[{numbers}]]]")


#: name: type, codes, bits, bytes of parameters, and the parameter of its decode. Vectors have DIM
#: numbers.
FORMATS = {
    "signs": ("!lowbit.planes<sign x 1, [0.01]>", unsigned(2), 1, 0, None),
    "ternary": ("!lowbit.planes<bit x 2, [0.01, -0.01]>", unsigned(3), 2, 0, None),
    "two planes": ("!lowbit.planes<bit x 2, [0.01, 0.02]>", unsigned(4), 2, 0, None),
    "2 bits": ("!quant.uniform<i2:f32, 0.01>", signed(2), 2, 0, None),
    "3 bits": ("!quant.uniform<i3:f32, 0.01>", signed(3), 3, 0, None),
    "three planes": ("!lowbit.planes<sign x 3, [0.01, 0.02, 0.04]>", unsigned(8), 3, 0, None),
    "powers of 3 bits": ("!lowbit.pow2<i3, -2 : 0, [0.01]>", unsigned(8), 3, 0, None),
    "4 bits": ("!quant.uniform<i4:f32, 0.01>", signed(4), 4, 0, None),
    "powers of 4 bits": ("!lowbit.pow2<i4, -6 : 0, [0.01]>", unsigned(16), 4, 0, None),
    "codebook": ("!lowbit.codebook<u4>", unsigned(16), 4, 16, ("1x1x16x1xf32", f"[[[{ROOTS}]]]")),
    "float codebook": ("!lowbit.codebook<u4>", unsigned(16), 4, 32, numbers_of(16)),
    "float codebook of 32": ("!lowbit.codebook<u5>", unsigned(32), 5, 64, numbers_of(32)),
    "float codebook of 100": ("!lowbit.codebook<u7>", unsigned(100), 7, 200, numbers_of(100)),
    "float codebook of 256": ("!lowbit.codebook<u8>", unsigned(256), 8, 512, numbers_of(256)),
    "codebook of 64": ("!lowbit.codebook<u6>", unsigned(64), 6, 64, ("1x1x64x1xf32", f"[[[{BYTES}]]]")),
    "product codebook": (f"!lowbit.codebook<u4, dim = {DIM}, axis = 3>", unsigned(16), 4 / DIM, INPUTS * 16,
                         (f"{INPUTS // DIM}x1x16x{DIM}xf32", book(INPUTS * 16))),
    "product codebook of 64": (f"!lowbit.codebook<u6, dim = {DIM}, axis = 3>", unsigned(64), 6 / DIM, INPUTS * 64,
                               (f"{INPUTS // DIM}x1x64x{DIM}xf32", book(INPUTS * 64))),
    "product codebook of 256": (f"!lowbit.codebook<u8, dim = {DIM}, axis = 3>", unsigned(256), 8 / DIM, INPUTS * 256,
                                (f"{INPUTS // DIM}x1x256x{DIM}xf32", book(INPUTS * 256))),
    "residual codebook": (f"!lowbit.codebook<u8, stages = 2, dim = {DIM}, axis = 3>", unsigned(2**16), 16 / DIM, 2 * 256 * DIM,
                          (f"1x2x256x{DIM}xf32", book(2 * 256 * DIM))),
    "groups": (f"!lowbit.affine<i4, axis = 3, group = {GROUP}>", signed(4), 4, INPUTS // GROUP * OUTPUTS * 4,
               (f"{OUTPUTS}x1x1x{INPUTS // GROUP}xf32", SCALES)),
}


#: More than 16 values are looked up for many rows at once, and decoded for few.
MANY_ROWS = 96
SCALARS = [name for name in FORMATS if "codebook of" in name and "product" not in name]


def write_program(path, type_, codes, parameter, dim, rows):
    shape, coded = (f"{OUTPUTS}x1x1x{count}" for count in (INPUTS, INPUTS // dim))
    codes = codes[:len(codes) // dim]
    word = 16 if max(codes) > 255 else 8
    text = b"".join((code & (1 << word) - 1).to_bytes(word // 8, "little") for code in codes).hex().upper()
    with_, list_ = "", ""
    if parameter:
        list_ = f"  %p = arith.constant dense<{parameter[1]}> : tensor<{parameter[0]}>\n"
        with_ = f" with %p : tensor<{parameter[0]}>"
    path.write_text(f"""!x = !quant.uniform<u8:f32, 0.5>
!y = !quant.uniform<i8:f32, 4.0>
!w = {type_}
module attributes {{lowbit.stage = "encoded", lowbit.recipe = "imported", lowbit.interface = {{
  inputs = [{{name = "x", type = tensor<1x{rows}x1x{INPUTS}x!x>}}],
  outputs = [{{name = "y", type = tensor<1x{rows}x1x{OUTPUTS}x!y>}}]}}}} {{
func.func @main(%q: tensor<1x{rows}x1x{INPUTS}x!x>) -> tensor<1x{rows}x1x{OUTPUTS}x!y> {{
  %x = lowbit.decode %q : tensor<1x{rows}x1x{INPUTS}x!x> to tensor<1x{rows}x1x{INPUTS}xf32>
  %wq = lowbit.constant dense<"0x{text}"> : tensor<{coded}xi{word}> as tensor<{coded}x!w>
{list_}  %w = lowbit.decode %wq{with_} : tensor<{coded}x!w> to tensor<{shape}xf32>
  %b = "tosa.const"() {{values = dense<1.0> : tensor<{OUTPUTS}xf32>}} : () -> tensor<{OUTPUTS}xf32>
  %z = "tosa.const"() {{values = dense<0.0> : tensor<1xf32>}} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {{acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}} : (tensor<1x{rows}x1x{INPUTS}xf32>, tensor<{shape}xf32>,
    tensor<{OUTPUTS}xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x{rows}x1x{OUTPUTS}xf32>
  %o = lowbit.encode %c : tensor<1x{rows}x1x{OUTPUTS}xf32> to tensor<1x{rows}x1x{OUTPUTS}x!y>
  return %o : tensor<1x{rows}x1x{OUTPUTS}x!y>
}}
}}
""")


def check_decoded(name, sections, report, formula):
    """Scalar codebooks for one row: in few bits on disk only, which is said."""
    on_disk = sum(size for section, size in sections.items()
                  if re.match(r"\.l?(rodata|data)", section) and size != OUTPUTS * 4)
    (stored,) = report["storage"]
    assert stored["storage"] == "packed" and stored["disk_bytes"] <= on_disk, report["storage"]
    assert stored["memory_bytes"] == INPUTS * OUTPUTS * (2 if "float" in name else 1), stored
    assert any(stored["memory_bytes"] <= size < stored["memory_bytes"] + 4096 for section, size in sections.items()
               if re.match(r"\.l?bss", section)), sections
    print(f"{name}, one row: {on_disk} bytes, {100 * (on_disk / formula - 1):.2f} % more than {formula}", flush=True)
    assert formula <= on_disk <= formula * 1.01, sections


def main():
    work, generator = pathlib.Path(sys.argv[1]), random.Random(2026)
    for name, (type_, draw, bits, parameters, parameter) in FORMATS.items():
        source, program, report = work / "w.mlir", work / "w.o", work / "w.json"
        dim = DIM if "axis" in type_ and parameter and "codebook" in type_ else 1

        def compile_for(rows):
            write_program(source, type_, draw(generator), parameter, dim, rows)
            run("lowbit-compile", source, "--cpu=x86-64-v3", "--explain", f"--report={report}", "-o", program)
            return read_sections(program), json.loads(report.read_text())

        sections, said = compile_for(MANY_ROWS if "codebook of" in name else 1)
        constants = sum(size for section, size in sections.items()
                        if re.match(r"\.l?(rodata|data|bss)", section) and size != OUTPUTS * 4)
        formula = int(INPUTS * OUTPUTS * bits) // 8 + parameters
        texts = [choice["text"] for choice in said["primitives"]]
        # Words of numbers that are loaded end inside.
        number = bits * dim / (2 if "stages" in type_ else 1)
        found = re.search(rf"of {number:.0f} bits in (\d+) bytes, (\d+) of them padding", " ".join(texts))
        assert found and int(found[1]) - int(found[2]) == formula - parameters and int(found[2]) < 8, texts
        print(f"{name}: {constants} bytes, {100 * (constants / formula - 1):.2f} % more than {formula}", flush=True)
        assert formula <= constants <= formula * 1.01, sections
        if name in SCALARS:
            check_decoded(name, *compile_for(1), formula)


if __name__ == "__main__":
    main()
