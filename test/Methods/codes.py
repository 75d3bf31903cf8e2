"""Reads the weights that MLIR holds as codes, by the descriptions of the formats.

read_weights(text) gives the decoded numbers of each lowbit.decode of a constant, in
order, with the bits that its codes and the parameters beside them take.
"""

import dataclasses
import math
import re

import numpy as np

WORDS = {"i8": np.int8, "i16": np.int16, "i32": np.int32, "f32": np.float32, "f64": np.float64}


@dataclasses.dataclass
class Weights:
    values: np.ndarray
    #: Of a code, and of all parameters.
    bits: int
    parameter_bits: int


def closing(text, start):
    """The end of the bracket that `start` opens. Strings hold no brackets here."""
    depth = 0
    for i in range(start, len(text)):
        depth += {"<": 1, ">": -1}.get(text[i], 0)
        if depth == 0:
            return i
    raise ValueError("no closing bracket")


def read_resources(text):
    found = re.findall(r'(?:"([^"]+)"|([\w.$-]+)): "0x([0-9A-Fa-f]*)"', text)
    return {quoted or plain: data for quoted, plain, data in found}


def read_elements(text, shape, word, resources):
    """The elements of dense<...> or dense_resource<...>."""
    kind, body = text[: text.index("<")], text[text.index("<") + 1 : -1]
    dtype = np.dtype(WORDS[word])
    if kind == "dense_resource":
        return np.frombuffer(bytes.fromhex(resources[body.strip('"')])[4:], dtype).reshape(shape)
    if body.startswith('"0x'):
        data = bytes.fromhex(body[3:-1])
        count = len(data) // dtype.itemsize
        values = np.frombuffer(data, dtype)
        return np.broadcast_to(values, shape) if count == 1 else values.reshape(shape)
    numbers = [number(part, dtype) for part in re.findall(r"[^\[\],\s]+", body)]
    values = np.array(numbers, dtype)
    return np.broadcast_to(values, shape) if len(numbers) == 1 else values.reshape(shape)


def number(text, dtype):
    if text.startswith("0x") and dtype.kind == "f":
        return np.array(int(text, 16), f"u{dtype.itemsize}").view(dtype)
    return float(text) if dtype.kind == "f" else int(text)


def read_type(text, start):
    """The shape, and the element type, of tensor<...> at `start`."""
    open_at = text.index("<", start)
    body = text[open_at + 1 : closing(text, open_at)]
    sizes = re.match(r"(?:\d+x)*", body).group()
    return [int(s) for s in sizes.split("x")[:-1]], body[len(sizes):]


def floats(text):
    return [float(number(part.strip(), np.dtype(np.float32))) for part in text.split(",")]


def option(text, name):
    found = re.search(rf"\b{name} = (\d+)", text)
    return int(found.group(1)) if found else None


def along(axis, shape, numbers):
    """One number for all, or for each index along `axis`, to multiply with."""
    if axis is None:
        return np.float64(numbers[0])
    numbers = np.array(numbers, np.float64)
    return numbers.reshape([-1 if i == axis else 1 for i in range(len(shape))])


def decode_planes(text, codes):
    head, scales = re.match(r"!lowbit.planes<(.*)\[(.*)\]>", text).groups()
    alphabet, count = re.match(r"(\w+) x (\d+)", head).groups()
    count, axis = int(count), option(head, "axis")
    scales = np.array(floats(scales)).reshape(-1, count)
    total = np.zeros(codes.shape)
    for plane in range(count):
        bits = codes.astype(np.int64) >> plane & 1
        digits = 2 * bits - 1 if alphabet == "sign" else bits
        total += digits * along(axis, codes.shape, scales[:, plane])
    return total, count, 32 * scales.size


def decode_pow2(text, codes):
    head, scales = re.match(r"!lowbit.pow2<(.*)\[(.*)\]>", text).groups()
    width = int(re.match(r"[iu](\d+)", head).group(1))
    fields = re.match(r"[iu]\d+ x (\d+)", head)
    drop, least = re.search(r"drop (\d+)", head), int(re.search(r"(-?\d+) : ", head).group(1))
    total = np.zeros(codes.shape)
    fields, drop = int(fields.group(1)) if fields else 1, int(drop.group(1)) if drop else 0
    for field in range(fields):
        bits = codes.astype(np.int64) >> field * width & (1 << width) - 1
        magnitude = bits & (1 << width - 1) - 1
        power = np.exp2(least + magnitude - 1.0 - drop * field) * (magnitude > 0)
        total += np.where(bits >> width - 1, -power, power)
    scales = floats(scales)
    total = total * along(option(head, "axis"), codes.shape, scales)
    return total, fields * width, 32 * len(scales)


def decode_uniform(text, codes):
    storage, axis, scales = re.match(
        r"!quant.uniform<([iu]\d+)(?:<.*?>)?:f32(?::(\d+))?, \{?(.*?)\}?>$", text).groups()
    pairs = [part.strip().split(":") for part in scales.split(",")]
    numbers = [float(pair[0]) for pair in pairs]
    zeros = [int(pair[1]) if len(pair) > 1 else 0 for pair in pairs]
    axis = None if axis is None else int(axis)
    if storage[0] == "u":
        codes = codes.view(f"u{codes.dtype.itemsize}")
    values = (codes - along(axis, codes.shape, zeros)) * along(axis, codes.shape, numbers)
    return values, int(storage[1:]), 32 * len(pairs) + int(storage[1:]) * sum(map(bool, zeros))


def decode_affine(text, codes, scales, zeros=None):
    axis, group = option(text, "axis"), option(text, "group")
    width = int(re.match(r"!lowbit.affine<[iu](\d+)", text).group(1))

    def spread(numbers):
        return np.repeat(numbers, group, axis).take(np.arange(codes.shape[axis]), axis)

    values = (codes - (0 if zeros is None else spread(zeros))) * spread(scales).astype(np.float64)
    return values, width, 32 * scales.size + (0 if zeros is None else width * zeros.size)


def decode_codebook(text, codes, book, shape):
    width = int(re.match(r"!lowbit.codebook<u(\d+)", text).group(1))
    axis = option(text, "axis") or 0
    books, stages, centroids, dim = book.shape
    places = np.arange(codes.shape[axis])
    places = places.reshape([-1 if i == axis else 1 for i in range(codes.ndim)])
    table = np.broadcast_to(0 if books == 1 else places, codes.shape)
    codes = codes.astype(np.int64)
    total = np.zeros([*codes.shape, dim])
    for stage in range(stages):
        index = np.minimum(codes >> stage * width & (1 << width) - 1, centroids - 1)
        total += book.astype(np.float64)[table, stage, index]
    vectors = np.moveaxis(total, -1, axis + 1)
    values = vectors.reshape([*codes.shape[:axis], -1, *codes.shape[axis + 1 :]])
    return values.take(np.arange(shape[axis]), axis), width * stages, 32 * book.size


def decode(kind, codes, parameters, shape):
    family = re.match(r"!(?:lowbit|quant)\.(\w+)", kind).group(1)
    if family == "codebook":
        return decode_codebook(kind, codes, *parameters, shape)
    if family == "affine":
        return decode_affine(kind, codes, *parameters)
    others = {"planes": decode_planes, "pow2": decode_pow2, "uniform": decode_uniform}
    return others[family](kind, codes)


def read_weights(text):
    resources, constants, found = read_resources(text), {}, []
    for line in text.splitlines():
        match = re.match(r"\s*(%[\w#]+) = (\S+)\s+(.*)", line)
        if not match:
            continue
        name, op, rest = match.groups()
        if op in ("lowbit.constant", "arith.constant") and rest.startswith("dense"):
            end = closing(rest, rest.index("<")) + 1
            shape, word = read_type(rest, end)
            if word not in WORDS:
                continue
            kind = read_type(rest, rest.index(" as ", end))[1] if op == "lowbit.constant" else None
            constants[name] = read_elements(rest[:end], shape, word, resources), kind
        elif op == "lowbit.decode":
            operands = re.findall(r"%[\w#]+", rest[: rest.index(" : ")])
            codes, kind = constants.get(operands[0], (None, None))
            if kind is None:
                continue
            shape = read_type(rest, rest.rindex("tensor<"))[0]
            values, bits, more = decode(kind, codes, [constants[o][0] for o in operands[1:]], shape)
            # Of vectors, a code is for several weights.
            found.append(Weights(values, bits * codes.size / math.prod(shape), more))
    return found
