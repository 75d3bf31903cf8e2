"""Codes at the interface of a program, computed without it.

    codes.py encode HEADER X.npy OUT.npy    codes of the float32 array X
    codes.py decode HEADER Y.npy OUT.npy    numbers of the codes Y

HEADER is the generated C header, whose table gives element type and scale of the
one input and the one output. Encoding is clamp(rne(x * r) + z) with r = 1 / scale,
product and reciprocal rounded to f32; decoding is (q - z) * scale, rounded to f32.
"""

import ast
import re
import struct
import sys

TYPES = {"u8": ("|u1", "B"), "i8": ("|i1", "b"), "u16": ("<u2", "H"), "i16": ("<i2", "h")}


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def read(path, code):
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<H", data[8:10])[0]
    shape = ast.literal_eval(data[10 : 10 + size].decode())["shape"]
    return shape, [x for (x,) in struct.iter_unpack("<" + code, data[10 + size :])]


def write(path, descr, code, shape, values):
    header = repr({"descr": descr, "fortran_order": False, "shape": shape})
    header = header.ljust(117) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)))
        file.write(header.encode())
        file.write(struct.pack(f"<{len(values)}{code}", *values))


def find(header, side):
    """The element type, scale and zero point in the header's table."""
    with open(header) as file:
        match = re.search(side + r"\[0\]  \S+  (\w+)  \S+  stands for (\S+) \* \(q - (-?\d+)\)",
                          file.read())
    return match[1], f32(float(match[2])), int(match[3])


def encode(header, source, target):
    kind, scale, zero = find(header, "inputs")
    descr, code = TYPES[kind]
    bits = int(kind[1:])
    low, high = (0, 2**bits - 1) if kind[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    shape, values = read(source, "f")
    factor = f32(1 / scale)
    # Python's round() rounds ties to even.
    codes = [min(max(round(f32(x * factor)) + zero, low), high) for x in values]
    write(target, descr, code, shape, codes)


def decode(header, source, target):
    kind, scale, zero = find(header, "outputs")
    shape, codes = read(source, TYPES[kind][1])
    write(target, "<f4", "f", shape, [f32((q - zero) * scale) for q in codes])


{"encode": encode, "decode": decode}[sys.argv[1]](*sys.argv[2:])
