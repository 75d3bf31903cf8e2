#!/usr/bin/env python3
"""Networks whose tensors are padded, joined, sliced, pooled and enlarged for
several readers, by kernels and by plain loops: the same bits. No sums are in memory, those of
average pooling included, and nothing is copied but what several readers want in several
places."""

import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RANDOM = np.random.default_rng(11)


class Model:
    """An ONNX graph under construction. Values are (name, channels)."""

    def __init__(self, shape):
        self.nodes, self.weights = [], []
        self.input = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)

    def add(self, kind, values, channels, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, [value[0] for value in values], [name], **attributes))
        return name, channels

    def constant(self, array):
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array, name))
        return name, None

    def conv(self, x, channels, kernel=3, pads=None, stride=1, relu=True, group=1):
        pads = [kernel // 2] * 4 if pads is None else pads
        shape = (channels, x[1] // group, kernel, kernel)
        weights = RANDOM.normal(size=shape) / np.sqrt(np.prod(shape[1:]))
        bias = RANDOM.normal(size=channels) * 0.1
        y = self.add("Conv", [x, self.constant(weights.astype(np.float32)),
                              self.constant(bias.astype(np.float32))], channels,
                     kernel_shape=[kernel] * 2, pads=pads, strides=[stride] * 2, group=group)
        return self.add("Relu", [y], channels) if relu else y

    def concat(self, *parts, axis=1):
        channels = sum(part[1] for part in parts) if axis == 1 else parts[0][1]
        return self.add("Concat", parts, channels, axis=axis)

    def build(self, y):
        y = self.add("GlobalAveragePool", [y], y[1])
        y = self.add("Flatten", [self.conv(y, 5, 1, relu=False)], 5)
        output = helper.make_tensor_value_info(y[0], TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "net", [self.input], [output], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def fire(model, x):
    """One tensor with and without padding, two that are joined."""
    squeezed = model.conv(x, 6, 1)
    return model.concat(model.conv(squeezed, 9, 1), model.conv(squeezed, 17))


def residual(model, x):
    """A sum with what is padded; a slice of it by steps of two."""
    x = model.conv(x, x[1])
    y = model.conv(model.conv(x, x[1]), x[1], relu=False)
    x = model.add("Relu", [model.add("Add", [x, y], x[1])], x[1])
    y = model.conv(model.conv(x, 18, stride=2), 18, relu=False)
    y = model.add("Add", [y, model.conv(x, 18, 1, stride=2, relu=False)], 18)
    return model.add("Relu", [y], 18)


def inception(model, x):
    """Four branches, one of them pooled with padding, another depthwise."""
    pooled = model.add("MaxPool", [x], x[1], kernel_shape=[3, 3], pads=[1] * 4, strides=[1, 1])
    depthwise = model.conv(model.conv(x, 16, 1), 16, group=16)
    return model.concat(model.conv(x, 7, 1), model.conv(model.conv(x, 5, 1), 11, 5), depthwise,
                        model.conv(pooled, 3, 1))


def dense(model, x):
    """Joined again and again, and read in between."""
    for _ in range(3):
        x = model.concat(x, model.conv(model.conv(x, 12, 1), 4))
    return model.add("AveragePool", [x], x[1], kernel_shape=[2, 2], strides=[2, 2])


def enlarged(model, x):
    """An image made small and large again, beside itself; padded unevenly, by two kernels."""
    y = model.conv(x, 8, stride=2)
    scales = model.constant(np.array([1, 1, 2, 2], np.float32))
    y = model.add("Resize", [y, ("", 0), scales], 8, mode="nearest",
                  coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    y = model.concat(y, x)
    z = model.concat(model.conv(y, 10, 2, [0, 1, 1, 0]), model.conv(y, 10, 4, [2, 1, 1, 2]))
    return model.concat(z, z, axis=2)


def averaged(model, x):
    """Averages over windows that reach out of the image, whose padding counts or not; channels
    that fill no whole vectors."""
    y = model.conv(x, 37, 1)
    y = model.add("AveragePool", [y], 37, kernel_shape=[3, 3], pads=[1, 1, 0, 1], strides=[1, 2])
    z = model.add("AveragePool", [y], 37, kernel_shape=[2, 3], pads=[1, 1, 1, 1], count_include_pad=1)
    return model.concat(model.conv(z, 33), model.add("MaxPool", [z], 37, kernel_shape=[1, 1]))


def two_inputs_apart(model, x):
    """Rows and columns joined of tensors that others read, too."""
    y, z = model.conv(x, 8), model.conv(x, 8, 1, relu=False)
    joined = model.concat(y, z, axis=3)
    return model.add("Add", [model.conv(joined, 8), model.concat(y, y, axis=3)], 8)


# Full range, signed activations and weights of seven bits, on processors that read words of 16
# and of 8 bits.
FULL, SIGNED, SMALL = "int8", "int8:activations.storage=i8", "int8:weights.storage=i7"
# Name, blocks, shape of the input, most copies, recipes and processors.
CASES = [("residual", [residual, fire], (3, 7, 5, 7), 0, [(FULL, "x86-64-v3"), (SIGNED, "x86-64-v3")]),
         ("averaged", [averaged, residual], (3, 5, 7, 6), 0, [(FULL, "x86-64-v3"), (SIGNED, "x86-64-v3")]),
         ("inception", [inception, fire], (1, 4, 6, 7), 0, [(FULL, "x86-64-v3"), (SMALL, "native")]),
         ("joined again", [enlarged, two_inputs_apart, dense], (1, 3, 6, 8), 12, [(FULL, "x86-64-v3")])]


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stderr}")
    return result


def check_memory(name, path, copies):
    text = path.read_text()
    if text.count("memref.copy") > copies:
        sys.exit(f"{name}: {text.count('memref.copy')} copies, not {copies}")
    for line in text.splitlines():
        if re.search(r"= memref\.(view|alloc|alloca)\b.*memref<\w*xi32", line):
            sys.exit(f"{name}: sums in memory\n{line}")


def check(folder, name, blocks, shape, copies, programs):
    model = Model(shape)
    x = "x", shape[1]
    for block in blocks:
        x = block(model, x)
    onnx.save(model.build(x), folder / "net.onnx")
    np.save(folder / "x.npy", RANDOM.normal(size=(4 * shape[0], *shape[1:])).astype(np.float32))
    run("lowbit-compile", folder / "net.onnx", f"--calibrate={folder / 'x.npy'}",
        f"--save-statistics={folder / 'statistics.json'}", "--emit=observed", "-o", folder / "net.mlir")
    source = folder / "net.onnx", f"--statistics={folder / 'statistics.json'}", f"--input={folder / 'x.npy'}"
    run("lowbit-compile", *source[:2], "--cpu=x86-64-v3", "--emit=buffers", "-o", folder / "buffers.mlir")
    check_memory(name, folder / "buffers.mlir", copies)
    for recipe, cpu in programs:
        run("lowbit-run", *source, f"--recipe={recipe}", "--lowering=reference",
            f"--output={folder / 'expected.npy'}")
        run("lowbit-run", *source, f"--recipe={recipe}", f"--cpu={cpu}", f"--output={folder / 'y.npy'}")
        expected = np.load(folder / "expected.npy")
        if len(np.unique(expected)) <= expected.size // 2:
            sys.exit(f"{name}: its outputs say nothing")
        if not np.array_equal(np.load(folder / "y.npy"), expected):
            sys.exit(f"{name}: other bits with {recipe} on {cpu}")
    print(f"{name}: the same bits")


with tempfile.TemporaryDirectory() as directory:
    for case in CASES:
        check(pathlib.Path(directory), *case)
