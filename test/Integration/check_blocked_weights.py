"""Layers of quantized ONNX models whose weights have blocked scales, bit by bit.

    check_blocked_weights.py WORK    with lowbit-run and lowbit-compile in PATH

DequantizeLinear with `block_size`, of 4 and 8 bits, before Conv, Gemm and MatMul. Each
group of products that shares a scale is added up in integers, multiplied by one f32, and
added to the others in f32, in ascending order. NumPy does the same here on codes that it
computes itself. Everything must compile with --require-integer.
"""

import itertools
import pathlib
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

F32 = np.float32
X_SCALE, X_ZERO, Y_SCALE, Y_ZERO = F32(0.05), 120, F32(0.35), 131
TYPES = {"int4": (TensorProto.INT4, -8, 7), "uint4": (TensorProto.UINT4, 0, 15),
         "int8": (TensorProto.INT8, -128, 127)}


class Case:
    """A layer: shapes, the axis of blocks, and attributes."""

    def __init__(self, op, x, w, axis, block, bias=0, **attributes):
        self.op, self.x, self.w, self.axis, self.block = op, x, w, axis, block
        self.bias, self.attributes = bias, attributes


CASES = {
    "matmul": Case("MatMul", (3, 16), (16, 6), 0, 4),
    "matmul of three dimensions": Case("MatMul", (2, 3, 16), (16, 6), 0, 8),
    "gemm": Case("Gemm", (3, 12), (12, 5), 0, 4, bias=5),
    "gemm transposed": Case("Gemm", (3, 16), (6, 16), 1, 4, bias=6, transB=1),
    "convolution": Case("Conv", (2, 8, 6, 5), (4, 8, 3, 2), 1, 4, bias=4, pads=[1, 0, 1, 1],
                        strides=[2, 1]),
    "a block for all channels": Case("Conv", (1, 8, 5, 5), (3, 8, 3, 3), 1, 8, dilations=[2, 2]),
    "grouped convolution": Case("Conv", (1, 16, 5, 5), (6, 8, 3, 3), 1, 4, bias=6, group=2),
}


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")


class Weights:
    def __init__(self, rng, case, kind):
        self.type, low, high = TYPES[kind]
        self.codes = rng.integers(low, high + 1, case.w)
        shape = [n // case.block if d == case.axis else n for d, n in enumerate(case.w)]
        self.scales = rng.uniform(0.005, 0.05, shape).astype(F32)
        self.zeros = rng.integers(low, high + 1, shape) if kind == "uint4" else np.zeros(shape, int)
        self.has_zeros = kind == "uint4"

    def tensors(self):
        def coded(name, values):
            return helper.make_tensor(name, self.type, values.shape, values.flatten().tolist())

        result = [coded("wq", self.codes), numpy_helper.from_array(self.scales, "ws")]
        return [*result, coded("wz", self.zeros)] if self.has_zeros else result


def build(case, weights, bias):
    numbers = (("xs", X_SCALE, F32), ("xz", X_ZERO, np.uint8), ("ys", Y_SCALE, F32),
               ("yz", Y_ZERO, np.uint8))
    tensors = weights.tensors()
    tensors += [numpy_helper.from_array(np.asarray(value, kind), name) for name, value, kind in numbers]
    inputs = ["xd", "wd"]
    if case.bias:
        tensors.append(numpy_helper.from_array(bias, "b"))
        inputs.append("b")
    node = helper.make_node
    nodes = [node("QuantizeLinear", ["x", "xs", "xz"], ["xq"]),
             node("DequantizeLinear", ["xq", "xs", "xz"], ["xd"]),
             node("DequantizeLinear", [t.name for t in weights.tensors()], ["wd"], axis=case.axis,
                  block_size=case.block),
             node(case.op, inputs, ["r"], **case.attributes),
             node("QuantizeLinear", ["r", "ys", "yz"], ["y"])]
    graph = helper.make_graph(
        nodes, "blocked", [helper.make_tensor_value_info("x", TensorProto.FLOAT, case.x)],
        [helper.make_tensor_value_info("y", TensorProto.UINT8, None)], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def windows(case, x):
    """For each result position and group of channels, the steps of the input: an array
    [..., group, kernel positions..., input channels]."""
    if case.op != "Conv":
        return x[..., None, None, :]
    top, left, bottom, right = case.attributes.get("pads", [0] * 4)
    stride = case.attributes.get("strides", [1, 1])
    dilation = case.attributes.get("dilations", [1, 1])
    x = np.pad(x, [(0, 0), (0, 0), (top, bottom), (left, right)])  # the step 0
    kernel = case.w[2:]
    size = [(x.shape[2 + d] - (kernel[d] - 1) * dilation[d] - 1) // stride[d] + 1 for d in (0, 1)]
    groups = case.attributes.get("group", 1)
    result = np.zeros((x.shape[0], *size, groups, kernel[0] * kernel[1], case.w[1]), np.int64)
    for (i, j), g in itertools.product(np.ndindex(*kernel), range(groups)):
        rows = slice(i * dilation[0], i * dilation[0] + (size[0] - 1) * stride[0] + 1, stride[0])
        columns = slice(j * dilation[1], j * dilation[1] + (size[1] - 1) * stride[1] + 1, stride[1])
        part = x[:, g * case.w[1]:(g + 1) * case.w[1], rows, columns]
        result[:, :, :, g, i * kernel[1] + j] = part.transpose(0, 2, 3, 1)
    return result


def expect(case, weights, bias, image):
    steps = np.clip(np.rint(image / X_SCALE) + X_ZERO, 0, 255).astype(np.int64) - X_ZERO
    inputs = windows(case, steps)
    w = weights.codes - np.repeat(weights.zeros, case.block, case.axis)
    # [output, kernel position, input channel]
    def order(values):
        if case.op == "Conv":
            return values.reshape(*values.shape[:2], -1).transpose(0, 2, 1)
        return (values if case.attributes.get("transB") else values.T)[:, None, :]
    w, scales = order(w), order(weights.scales)
    outputs, groups = w.shape[0], case.attributes.get("group", 1)
    result = []
    for o in range(outputs):
        x = inputs[..., o // (outputs // groups), :, :]
        total = np.zeros(x.shape[:-2], F32)
        for position, block in np.ndindex(scales.shape[1:]):
            part = slice(block * case.block, (block + 1) * case.block)
            sums = (x[..., position, part] * w[o, position, part]).sum(axis=-1)
            total = total + sums.astype(F32) * (X_SCALE * scales[o, position, block])
        result.append(total + (bias[o] if case.bias else F32(0)))
    real = np.stack(result, axis=1 if case.op == "Conv" else -1)
    assert real.dtype == F32
    return np.clip(np.rint(real / Y_SCALE) + Y_ZERO, 0, 255).astype(np.uint8)


def main():
    work = pathlib.Path(sys.argv[1])
    work.mkdir(parents=True, exist_ok=True)
    rng, failures = np.random.default_rng(5), 0
    for (name, case), kind in itertools.product(CASES.items(), TYPES):
        weights, bias = Weights(rng, case, kind), rng.uniform(-1, 1, case.bias).astype(F32)
        image = rng.uniform(-6, 6, case.x).astype(F32)
        onnx.save(build(case, weights, bias), work / "model.onnx")
        np.save(work / "x.npy", image)
        run("lowbit-compile", work / "model.onnx", "--require-integer", "--emit=integer",
            "-o", work / "model.mlir")
        expected = expect(case, weights, bias, image)
        for lowering in ("reference", "kernels"):
            run("lowbit-run", work / "model.onnx", f"--lowering={lowering}",
                f"--input={work}/x.npy", f"--output={work}/y.npy")
            found = np.load(work / "y.npy")
            assert found.shape == expected.shape, (found.shape, expected.shape)
            wrong = np.count_nonzero(found != expected)
            print(f"{name}, {kind}, {lowering}: {wrong} of {expected.size} differ, "
                  f"{np.unique(expected).size} codes")
            failures += int(wrong)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
