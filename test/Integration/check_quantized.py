"""Quantized ONNX models against ONNX's reference evaluator, bit for bit.

    check_quantized.py --seed=1 --count=20    with lowbit-run in PATH

Makes random models of QLinearConv and QLinearMatMul, of DequantizeLinear, an op
and QuantizeLinear, and of integer products, with odd shapes, scales per channel,
zero points and extreme codes, and runs each in lowbit-run. What the standard's
own function expresses as a QLinear op is compared with that op: QDQ around a
convolution is the convolution on codes, not the float simulation.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

TYPES = {"u8": (np.uint8, TensorProto.UINT8), "i8": (np.int8, TensorProto.INT8)}


class Model:
    """A graph under construction: float input x, output y."""

    def __init__(self, rng):
        self.rng = rng
        self.nodes, self.constants = [], []

    def constant(self, array):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, op, inputs, domain="", **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], domain=domain, **attributes))
        return name

    def build(self, shape, result, in_type=TensorProto.FLOAT, out_type=TensorProto.FLOAT):
        graph = helper.make_graph(
            self.nodes, "g", [helper.make_tensor_value_info("x", in_type, shape)],
            [helper.make_tensor_value_info(result, out_type, None)], self.constants)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    # Random parts.

    def scale(self, size=(), low=-8, high=-3):
        return np.float32(2.0 ** self.rng.uniform(low, high, size))

    def codes(self, kind, shape):
        info = np.iinfo(TYPES[kind][0])
        return self.rng.integers(info.min, info.max, shape, endpoint=True).astype(TYPES[kind][0])

    def zero(self, kind, size=()):
        return self.codes(kind, size)

    def kind(self):
        return str(self.rng.choice(list(TYPES)))


def random_conv(model):
    """Attributes and the shapes of input and weights of a convolution."""
    rng = model.rng
    groups = int(rng.choice([1, 1, 1, 3]))
    channels = groups * int(rng.integers(1, 5)) if groups == 1 else groups
    outputs = int(rng.integers(1, 9)) if groups == 1 else groups * int(rng.integers(1, 3))
    kernel = [int(rng.integers(1, 4)), int(rng.integers(1, 4))]
    size = [int(rng.integers(k, 9)) for k in kernel]
    pads = [int(rng.integers(0, k)) for k in kernel] * 2
    strides = [int(rng.integers(1, 3)), int(rng.integers(1, 3))]
    attributes = dict(group=groups, kernel_shape=kernel, pads=pads, strides=strides)
    return attributes, [int(rng.integers(1, 3)), channels, *size], [outputs, channels // groups,
                                                                   *kernel]


def conv_parameters(model, x_shape, w_shape):
    """(x kind, scale, zero), (w codes, scale, zero), (y kind, scale, zero), bias."""
    rng = model.rng
    depth = int(np.prod(w_shape[1:]))
    per_channel = rng.random() < 0.5
    size = (w_shape[0],) if per_channel else ()
    x_kind, w_kind, y_kind = model.kind(), model.kind(), model.kind()
    w = model.codes(w_kind, w_shape)
    w_zero = model.zero(w_kind, size) if w_kind == "u8" else np.zeros(size, np.int8)
    x = (x_kind, model.scale(), model.zero(x_kind))
    w_scale = model.scale(size)
    y_scale = np.float32(float(x[1]) * float(np.max(w_scale)) * 128 * np.sqrt(depth) * 2)
    bias = rng.integers(-20000, 20000, w_shape[0]).astype(np.int32) if rng.random() < 0.7 else None
    return x, (w, w_scale, w_zero), (y_kind, y_scale, model.zero(y_kind)), bias


def q_linear_conv(model, as_qdq=False):
    attributes, x_shape, w_shape = random_conv(model)
    x, w, y, bias = conv_parameters(model, x_shape, w_shape)
    reference = Model(model.rng)
    inputs = ["x"] + [reference.constant(c) for c in (*x[1:], *w, *y[1:])]
    if bias is not None:
        inputs.append(reference.constant(bias))
    result = reference.node("QLinearConv", inputs, **attributes)
    types = TYPES[x[0]][1], TYPES[y[0]][1]
    expected = reference.build(x_shape, result, *types)
    codes = model.codes(x[0], x_shape)
    if not as_qdq:
        return expected, expected, codes
    value = model.node("DequantizeLinear", ["x", *map(model.constant, x[1:])])
    weights = model.node("DequantizeLinear", [*map(model.constant, w)], axis=0)
    inputs = [value, weights]
    if bias is not None:
        scale = np.float32(x[1]) * w[1]
        inputs.append(model.node("DequantizeLinear", [model.constant(bias), model.constant(scale)],
                                 axis=0))
    value = model.node("Conv", inputs, **attributes)
    value = model.node("QuantizeLinear", [value, *map(model.constant, y[1:])])
    return model.build(x_shape, value, *types), expected, codes


def qdq_conv(model):
    return q_linear_conv(model, as_qdq=True)


def q_linear_matmul(model, as_qdq=False):
    rng = model.rng
    rows, depth, columns = (int(rng.integers(1, 40)) for _ in range(3))
    batch = [int(rng.integers(1, 3))] if rng.random() < 0.3 else []
    kinds = [model.kind() for _ in range(3)]
    a_scale, b_scale = model.scale(), model.scale()
    y_scale = np.float32(float(a_scale) * float(b_scale) * 128 * np.sqrt(depth) * 2)
    b = model.codes(kinds[1], (depth, columns))
    parameters = [(a_scale, model.zero(kinds[0])), (b_scale, model.zero(kinds[1])),
                  (y_scale, model.zero(kinds[2]))]
    reference = Model(rng)
    inputs = ["x", *map(reference.constant, parameters[0]), reference.constant(b)]
    inputs += [*map(reference.constant, parameters[1]), *map(reference.constant, parameters[2])]
    shape = batch + [rows, depth]
    types = TYPES[kinds[0]][1], TYPES[kinds[2]][1]
    expected = reference.build(shape, reference.node("QLinearMatMul", inputs), *types)
    codes = model.codes(kinds[0], shape)
    if not as_qdq:
        return expected, expected, codes
    lhs = model.node("DequantizeLinear", ["x", *map(model.constant, parameters[0])])
    rhs = model.node("DequantizeLinear", [model.constant(b), *map(model.constant, parameters[1])])
    value = model.node("MatMul", [lhs, rhs])
    value = model.node("QuantizeLinear", [value, *map(model.constant, parameters[2])])
    return model.build(shape, value, *types), expected, codes


def qdq_matmul(model):
    return q_linear_matmul(model, as_qdq=True)


def large_codes(model, kind, shape):
    """Codes near the greatest: their sums are more than f32 holds."""
    codes = model.codes(kind, shape)
    return (np.iinfo(codes.dtype).max - abs(codes.astype(np.int64)) % 8).astype(codes.dtype)


def matmul_integer(model):
    rng = model.rng
    rows, depth, columns = int(rng.integers(1, 9)), int(rng.integers(1, 4000)), int(rng.integers(1, 9))
    kinds = [model.kind(), model.kind()]
    codes = large_codes if rng.random() < 0.5 else type(model).codes
    size = (columns,) if rng.random() < 0.5 else ()
    inputs = ["x", model.constant(codes(model, kinds[1], (depth, columns))),
              model.constant(model.zero(kinds[0])), model.constant(model.zero(kinds[1], size))]
    built = model.build([rows, depth], model.node("MatMulInteger", inputs), TYPES[kinds[0]][1],
                        TensorProto.INT32)
    return built, built, codes(model, kinds[0], (rows, depth))


def conv_integer(model):
    attributes, x_shape, w_shape = random_conv(model)
    kinds = [model.kind(), model.kind()]
    inputs = ["x", model.constant(model.codes(kinds[1], w_shape)),
              model.constant(model.zero(kinds[0])), model.constant(model.zero(kinds[1]))]
    built = model.build(x_shape, model.node("ConvInteger", inputs, **attributes),
                        TYPES[kinds[0]][1], TensorProto.INT32)
    return built, built, model.codes(kinds[0], x_shape)


def dynamic_product(model):
    """What dynamic quantization makes of a fully connected layer."""
    rng = model.rng
    rows, depth, columns = int(rng.integers(1, 9)), int(rng.integers(1, 700)), int(rng.integers(1, 9))
    model.nodes.append(helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]))
    kind = model.kind()
    zero = model.constant(model.zero(kind) if kind == "u8" else np.int8(0))
    codes = large_codes if rng.random() < 0.5 else type(model).codes
    sums = model.node("MatMulInteger", ["q", model.constant(codes(model, kind, (depth, columns))),
                                        "z", zero])
    real = model.node("Cast", [sums], to=TensorProto.FLOAT)
    scale = model.node("Mul", ["s", model.constant(model.scale())])
    built = model.build([rows, depth], model.node("Mul", [real, scale]))
    spread = np.float32(rng.normal(rng.normal(), 1, (rows, depth)))
    return built, built, spread


def blocked_product(model):
    """Weights with a scale for each block. Sums are exact, so their order is nothing."""
    rng = model.rng
    rows, depth, columns = int(rng.integers(1, 9)), int(rng.integers(2, 70)), int(rng.integers(1, 9))
    block, axis = int(rng.choice([4, 16, 32])), int(rng.integers(0, 2))
    low, high, kind = [(-8, 7, TensorProto.INT4), (0, 15, TensorProto.UINT4),
                       (-128, 127, TensorProto.INT8)][int(rng.integers(0, 3))]
    blocks = [depth, columns]
    blocks[axis] = -(-blocks[axis] // block)

    def constant(name, shape):
        codes = rng.integers(low, high, shape, endpoint=True)
        model.constants.append(helper.make_tensor(name, kind, shape, codes.ravel()))
        return name

    names = [constant("w", [depth, columns]), model.constant(model.rng.choice(
        np.float32([0.25, 0.5, 1, 2]), blocks))]
    if rng.random() < 0.5:
        names.append(constant("z", blocks))
    weights = model.node("DequantizeLinear", names, axis=axis, block_size=block)
    built = model.build([rows, depth], model.node("MatMul", ["x", weights]))
    return built, built, np.float32(rng.integers(-8, 8, (rows, depth)))


def quantize(model):
    """Ties, extremes and ordinary numbers, per tensor or along an axis."""
    rng = model.rng
    kind = model.kind()
    size = (4,) if rng.random() < 0.5 else ()
    scale, zero = model.scale(size), model.zero(kind, size)
    value = model.node("QuantizeLinear", ["x", model.constant(scale), model.constant(zero)], axis=1)
    values = np.float32(rng.normal(0, 30 * np.max(scale), (3, 4, 50)))
    steps = rng.integers(-300, 300, (3, 4, 50)) + np.float32(0.5)
    ties = steps * scale[:, None] if size else steps * scale
    values = np.where(rng.random(values.shape) < 0.5, values, np.float32(ties))
    built = model.build([3, 4, 50], value, TensorProto.FLOAT, TYPES[kind][1])
    return built, built, values


def dequantize(model):
    kind = model.kind()
    size = (4,) if model.rng.random() < 0.5 else ()
    value = model.node("DequantizeLinear", ["x", model.constant(model.scale(size)),
                                            model.constant(model.zero(kind, size))], axis=1)
    built = model.build([3, 4, 50], value, TYPES[kind][1])
    return built, built, model.codes(kind, (3, 4, 50))


CASES = [q_linear_conv, qdq_conv, q_linear_matmul, qdq_matmul, matmul_integer, conv_integer,
         dynamic_product, blocked_product, quantize, dequantize]


def run(model, value, folder):
    onnx.save(model, folder / "m.onnx")
    np.save(folder / "x.npy", value)
    subprocess.run(["lowbit-run", folder / "m.onnx", f"--input={folder}/x.npy",
                    f"--output={folder}/y.npy"], check=True, capture_output=True, text=True)
    return np.load(folder / "y.npy")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=4, help="models of each kind")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        for make in CASES:
            if arguments.only and arguments.only != make.__name__:
                continue
            for number in range(arguments.count):
                label = f"{make.__name__} {number}"
                rng = np.random.default_rng([arguments.seed, number])
                model, reference, value = make(Model(rng))
                expected = ReferenceEvaluator(reference).run(None, {"x": value})[0]
                try:
                    actual = run(model, value, pathlib.Path(name))
                except subprocess.CalledProcessError as error:
                    print(f"{label}: {error.stderr}")
                    failures += 1
                    continue
                same = actual.shape == expected.shape and np.array_equal(
                    actual.view(np.uint8), expected.astype(actual.dtype).view(np.uint8))
                if not same:
                    differ = np.argwhere(actual != expected) if actual.shape == expected.shape else []
                    print(f"{label}: {len(differ)} of {expected.size} elements differ")
                    failures += 1
    print("failures:", failures)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
