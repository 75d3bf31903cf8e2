"""Writes and prints .npy files without NumPy.

    npy.py write FILE TYPE SHAPE VALUE...   TYPE as in '<f4'; values repeat
    npy.py print FILE                       type, shape and values
"""

import ast
import itertools
import struct
import sys

CODES = {"<f4": "f", "<f8": "d", "|i1": "b", "|u1": "B", "|b1": "?", "<i2": "h",
         "<u2": "H", "<i4": "i", "<i8": "q"}


def write(path, descr, shape, values):
    shape = tuple(int(size) for size in shape.split("x"))
    count = 1
    for size in shape:
        count *= size
    number = float if CODES[descr] in "fd" else int
    values = itertools.islice(itertools.cycle(number(v) for v in values), count)
    header = repr({"descr": descr, "fortran_order": False, "shape": shape})
    header = header.ljust(117) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)))
        file.write(header.encode())
        file.write(struct.pack(f"<{count}{CODES[descr]}", *values))


def show(path):
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10 : 10 + size].decode())
    code = CODES[header["descr"]]
    body = data[10 + size :]
    values = struct.unpack(f"<{len(body) // struct.calcsize(code)}{code}", body)
    print(header["descr"], "x".join(map(str, header["shape"])),
          *(f"{value:g}" for value in values))


if sys.argv[1] == "write":
    write(sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:])
else:
    show(sys.argv[2])
