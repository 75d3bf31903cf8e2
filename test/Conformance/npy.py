"""Arrays in .npy files, and how ONNX compares them."""

import ast
import math
import struct

from protobuf import NPY, Tensor

CODES = dict(NPY.values())
RELATIVE, ABSOLUTE = 1e-3, 1e-7  # of ONNX's own test runner


def write(path, tensor):
    header = repr({"descr": tensor.type, "fortran_order": False, "shape": tensor.shape})
    header = header + " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack(f"<{len(tensor.values)}{CODES[tensor.type]}", *tensor.values))


def read(path):
    data = path.read_bytes()
    (size,) = struct.unpack("<H", data[8:10])
    header = ast.literal_eval(data[10 : 10 + size].decode())
    values = struct.unpack(f"<{math.prod(header['shape'])}{CODES[header['descr']]}",
                           data[10 + size :])
    return Tensor(header["shape"], header["descr"], list(values))


def is_close(got, expected):
    if math.isnan(expected) or math.isinf(expected):
        return got == expected or math.isnan(got) and math.isnan(expected)
    return abs(got - expected) <= ABSOLUTE + RELATIVE * abs(expected)


def describe_difference(got, expected):
    """Nothing where the arrays agree."""
    if got.type != expected.type:
        return f"elements are {got.type}, not {expected.type}"
    if got.shape != expected.shape:
        return f"the shape is {got.shape}, not {expected.shape}"
    same = is_close if "f" in got.type else lambda a, b: a == b
    wrong = [(a, b) for a, b in zip(got.values, expected.values) if not same(a, b)]
    if wrong:
        return (f"{len(wrong)} of {len(got.values)} values differ, first {wrong[0][0]}, "
                f"not {wrong[0][1]}")
    return ""
