"""Reads ONNX's messages without the onnx package: just what node tests need.

A message is its wire format: a sequence of fields, each a number and either an
integer or bytes. https://protobuf.dev/programming-guides/encoding describes it.
"""

import dataclasses
import math
import struct

# Names, .npy types and struct codes of TensorProto.DataType.
FLOAT, STRING, FLOAT16 = 1, 8, 10
NPY = {1: ("<f4", "f"), 2: ("|u1", "B"), 3: ("|i1", "b"), 4: ("<u2", "H"), 5: ("<i2", "h"),
       6: ("<i4", "i"), 7: ("<i8", "q"), 9: ("|b1", "?"), 10: ("<f2", "e"), 11: ("<f8", "d"),
       12: ("<u4", "I"), 13: ("<u8", "Q")}
# Types of which a byte holds several, lowest first: bits, and whether signed.
# Each value is a byte in an array.
PACKED = {21: (4, False), 22: (4, True), 25: (2, False), 26: (2, True)}


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data):
    """(number, value) of each field, in order."""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = read_varint(data, at)
        else:
            if kind == 2:
                size, at = read_varint(data, at)
            else:
                size = {1: 8, 5: 4}[kind]
            value, at = data[at : at + size], at + size
        yield number, value


def all_of(data, number):
    return [value for found, value in fields(data) if found == number]


def text(data, number):
    values = all_of(data, number)
    return bytes(values[-1]).decode() if values else ""


def signed(value):
    """What a varint of a signed field means."""
    return value - (1 << 64) if value >> 63 else value


def integers(data, number):
    """A repeated integer field, packed or not."""
    values = []
    for value in all_of(data, number):
        if isinstance(value, int):
            values.append(signed(value))
            continue
        at = 0
        while at < len(value):
            element, at = read_varint(value, at)
            values.append(signed(element))
    return values


def make_field(number, content):
    """One field: an integer, or bytes with their length."""
    def varint(value):
        out = bytearray()
        while value >= 0x80:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        return bytes(out) + bytes([value])

    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


@dataclasses.dataclass
class Tensor:
    """A TensorProto: its shape, the .npy type, and its values in C order."""
    shape: tuple
    type: str
    values: list

    @staticmethod
    def parse(data):
        """None where .npy files have no such type."""
        shape = tuple(integers(data, 1))
        count = math.prod(shape)
        (kind, *_) = all_of(data, 2) or [0]
        raw = all_of(data, 9)
        if kind in PACKED:
            bits, is_signed = PACKED[kind]
            storage = raw[0] if raw else bytes(byte & 0xFF for byte in integers(data, 5))
            values = [byte >> shift & (1 << bits) - 1
                      for byte in storage for shift in range(0, 8, bits)][:count]
            if is_signed:
                values = [v - (1 << bits) if v >> bits - 1 else v for v in values]
            return Tensor(shape, "|i1" if is_signed else "|u1", values)
        if kind not in NPY:
            return None
        descr, code = NPY[kind]
        if raw:
            values = struct.unpack(f"<{count}{code}", raw[0])
        elif code in "fd":
            packed = b"".join(all_of(data, 4 if code == "f" else 10))
            values = struct.unpack(f"<{count}{code}", packed)
        elif code in "IQ":
            values = integers(data, 11)
        else:
            values = integers(data, 7 if code == "q" else 5)
        if code == "e" and not raw:
            values = struct.unpack(f"<{count}e", struct.pack(f"<{count}H", *values))
        return Tensor(shape, descr, list(values))


def get_graph(model):
    """Fields that appear several times are merged: that is, strung together."""
    return b"".join(all_of(model, 7))


@dataclasses.dataclass
class Model:
    """A ModelProto: the names in its graph, and the operators of its nodes."""
    data: bytes
    opset: int
    operators: list  # (domain, name) of each node
    inputs: list  # names, without those of initializers
    outputs: list
    tensors: set  # the inputs and outputs that are tensors, not sequences or optional

    @staticmethod
    def parse(data):
        graph = get_graph(data)
        opsets = {text(opset, 1): integers(opset, 2)[0] for opset in all_of(data, 8)}
        nodes = [(text(node, 7) or "ai.onnx", text(node, 4)) for node in all_of(graph, 1)]
        constants = {text(tensor, 8) for tensor in all_of(graph, 5)}
        values = [value for number, value in fields(graph) if number in (11, 12)]
        return Model(data, opsets.get("", 0), nodes,
                     [text(value, 1) for value in all_of(graph, 11)
                      if text(value, 1) not in constants],
                     [text(value, 1) for value in all_of(graph, 12)],
                     {text(value, 1) for value in values
                      if any(all_of(declared, 1) for declared in all_of(value, 2))})

    def with_constants(self, tensors):
        """The model with initializers: encoded TensorProtos by name."""
        graph = b"".join(make_field(5, data + make_field(8, name.encode()))
                         for name, data in tensors.items())
        return dataclasses.replace(self, data=self.data + make_field(7, graph))

    def with_opset(self, opset):
        """The model with another opset of ONNX's own domain."""
        rest = b"".join(make_field(number, value) for number, value in fields(self.data)
                        if number != 8 or text(value, 1) not in ("", "ai.onnx"))
        return dataclasses.replace(self, data=rest + make_field(8, make_field(2, opset)),
                                   opset=opset)
