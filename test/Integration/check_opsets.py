#!/usr/bin/env python3
"""Compares ONNX ops in the form of each opset with ONNX Runtime.

    check_opsets.py FOLDER [OPSET...]     with lowbit-compile and lowbit-run on PATH

Each opset from 7 to 21 is one model, with a node for each op whose definition is new in
it; opset 7 has all that are older. So each form of attributes, inputs and defaults is
there once.
"""

import pathlib
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

RANDOM = np.random.default_rng(11)
INPUTS = {
    "x": RANDOM.standard_normal((2, 4, 6, 5)).astype(np.float32),
    "l": RANDOM.standard_normal((2, 4, 9)).astype(np.float32),
    "m": RANDOM.standard_normal((3, 4)).astype(np.float32),
    "n": RANDOM.standard_normal((3, 4)).astype(np.float32),
    "p": RANDOM.uniform(0.1, 3, (3, 4)).astype(np.float32),
    "i": RANDOM.integers(-9, 9, (3, 4)),
    "b": RANDOM.integers(0, 2, (3, 4)).astype(bool),
}
FUNCTIONS = ("Abs Elu Erf Exp HardSigmoid HardSwish Identity LeakyRelu Neg Relu Sigmoid Tanh").split()


def normal(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


class Model:
    """Nodes that read INPUTS; all that they compute are outputs."""

    def __init__(self, opset):
        self.opset = opset
        self.nodes, self.constants, self.outputs = [], [], []

    def has(self, op):
        """True if the definition of `op` is new in this opset."""
        try:
            since = onnx.defs.get_schema(op, self.opset).since_version
        except onnx.defs.SchemaError:
            return False
        return since == self.opset or self.opset == 7

    def constant(self, value):
        name = f"k{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def add(self, op, *inputs, outputs=1, **attributes):
        if not self.has(op):
            return
        names = [v if isinstance(v, str) else "" if v is None else self.constant(v)
                 for v in inputs]
        results = [f"y{len(self.outputs) + i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, names, results, **attributes))
        self.outputs += [(result, f"{op} {attributes or ''}") for result in results]

    def listed(self, op, first, values, inputs, since, **attributes):
        """Lists that were attributes, and are inputs since an opset."""
        if self.opset < since:
            self.add(op, first, **inputs, **attributes)
        else:
            self.add(op, first, *map(np.array, values), **attributes)

    def build(self):
        used = {name for node in self.nodes for name in node.input}
        info = helper.make_tensor_value_info
        inputs = [info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
                  for name, array in INPUTS.items() if name in used]
        outputs = [info(name, TensorProto.UNDEFINED, None) for name, _ in self.outputs]
        for output in outputs:
            output.ClearField("type")
        graph = helper.make_graph(self.nodes, "opset", inputs, outputs, self.constants)
        model = helper.make_model(graph, ir_version=8,
                                  opset_imports=[helper.make_opsetid("", self.opset)])
        # ONNX Runtime wants types.
        return onnx.shape_inference.infer_shapes(model)


def add_layers(model):
    weights, bias = normal(6, 2, 3, 2), normal(6)
    for attributes in ({"pads": [1, 0, 2, 1], "strides": [2, 1]}, {"dilations": [2, 1]},
                       {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
                       {"auto_pad": "SAME_LOWER"}, {"auto_pad": "VALID"}):
        model.add("Conv", "x", weights, bias, group=2, **attributes)
    model.add("Conv", "l", normal(3, 4, 3), pads=[1, 1])
    for attributes in ({}, {"strides": [2, 2], "pads": [1, 0, 0, 1]},
                       {"strides": [2, 2], "output_padding": [1, 1]}):
        model.add("ConvTranspose", "x", normal(4, 3, 3, 2), normal(3), **attributes)
    model.add("Gemm", "m", normal(4, 5), normal(5), alpha=0.5, beta=2.0)
    model.add("Gemm", "m", normal(3, 5), normal(1, 1), transA=1)
    model.add("Gemm", "m", "n", normal(3, 3), transB=1)
    if model.opset >= 11:
        model.add("Gemm", "m", normal(4, 5))
    model.add("MatMul", "x", normal(5, 3))
    model.add("MatMul", "m", normal(4))
    model.add("BatchNormalization", "x", normal(4), normal(4), normal(4), np.abs(normal(4)))
    model.add("InstanceNormalization", "x", normal(4), normal(4))
    model.add("LayerNormalization", "x", normal(5), normal(5))
    model.add("LayerNormalization", "x", normal(6, 5), axis=-2)


def add_functions(model):
    for op in FUNCTIONS:
        model.add(op, "x")
    for op in ("Log", "Sqrt"):
        model.add(op, "p")
    model.add("Gelu", "x")
    model.add("Gelu", "x", approximate="tanh")
    model.add("HardSigmoid", "x", alpha=0.3, beta=0.4)
    model.add("PRelu", "x", np.abs(normal(4, 1, 1)))
    for op in ("Add", "Sub", "Mul", "Div"):
        model.add(op, "x", normal(4, 1, 1))
        if model.opset >= 13:
            model.add(op, "i", np.array([3, 2, 5, 1]))
    model.add("Pow", "p", np.float32(1.7))
    model.add("Pow", "p", "m")
    if model.opset >= 12:
        model.add("Pow", "p", np.int64(3))
    for op in ("Max", "Min"):
        model.add(op, "m", "n", "p")
        if model.opset >= 8:
            model.add(op, "m", normal(4), normal(3, 1))
        if model.opset >= 12:
            model.add(op, "i", np.array([1, 2, 3, 4]))
    if model.opset < 11:
        model.add("Clip", "x", min=-0.5, max=0.7)
        model.add("Clip", "x", max=0.7)
    else:
        model.add("Clip", "x", np.float32(-0.5), np.float32(0.7))
        model.add("Clip", "x", None, np.float32(0.7))
        model.add("Clip", "x")
    model.add("Softmax", "x")
    for axis in (1, 2, -1) if model.opset >= 11 else (1, 2, 3):
        model.add("Softmax", "x", axis=axis)
    if model.opset < 12:
        model.add("Dropout", "x", **({"ratio": 0.3}))
    else:
        model.add("Dropout", "x", np.float32(0.3))
        model.add("Dropout", "x", np.float32(0.3), np.array(False))
        model.add("Dropout", "x")


def add_pools(model):
    window = {"kernel_shape": [3, 2], "strides": [2, 1], "pads": [1, 0, 1, 1]}
    model.add("MaxPool", "x", **window)
    model.add("MaxPool", "l", kernel_shape=[3], auto_pad="SAME_UPPER")
    for count in (0, 1):
        model.add("AveragePool", "x", count_include_pad=count, **window)
    if model.opset >= 10:
        model.add("MaxPool", "x", ceil_mode=1, kernel_shape=[2, 2], strides=[2, 2])
        model.add("MaxPool", "x", dilations=[2, 1], kernel_shape=[2, 2])
        model.add("AveragePool", "x", ceil_mode=1, kernel_shape=[2, 2], strides=[2, 2])
    if model.opset >= 19:
        model.add("AveragePool", "x", dilations=[2, 1], kernel_shape=[2, 2])
    model.add("GlobalAveragePool", "x")
    for op in ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSumExp", "SumSquare"):
        op = f"Reduce{op}"
        since = 13 if op == "ReduceSum" else 18
        for axes in ([1, 2], [3]) if model.opset < 11 else ([1, -1],):
            for keep in (0, 1):
                model.listed(op, "x", [axes], {"axes": axes}, since, keepdims=keep)
        model.add(op, "x", keepdims=0)
        if model.opset >= since:
            model.add(op, "x", noop_with_empty_axes=1)
    for axis in (0, 1):
        model.add("ArgMax", "m", axis=axis, keepdims=axis)
    if model.opset >= 12:
        model.add("ArgMax", "m", axis=-1, select_last_index=1)


def add_shapes(model):
    for axis in (0, 2, 4) if model.opset < 11 else (2, -1):
        model.add("Flatten", "x", axis=axis)
    model.add("Reshape", "x", np.array([0, -1, 10]))
    if model.opset >= 14:
        model.add("Reshape", "x", np.array([2, 24, 5]), allowzero=1)
    model.add("Transpose", "x", perm=[0, 2, 3, 1])
    model.add("Transpose", "m")
    model.listed("Squeeze", np.ones((1, 3, 1), np.float32), [[2]], {"axes": [2]}, 13)
    model.listed("Unsqueeze", "m", [[0, 3]], {"axes": [0, 3]}, 13)
    if model.opset >= 11:
        model.listed("Unsqueeze", "m", [[-1]], {"axes": [-1]}, 13)
    model.add("Expand", "m", np.array([2, 1, 4]))
    model.add("Tile", "m", np.array([2, 3]))
    model.add("Concat", "m", "n", axis=1)
    model.add("Concat", "i", "i", axis=0 if model.opset < 11 else -2)
    bounds = {"starts": [1, -3], "ends": [3, 100], "axes": [1, 2]}
    model.listed("Slice", "x", bounds.values(), bounds, 10)
    if model.opset >= 10:
        model.add("Slice", "x", *map(np.array, ([4, 0], [0, 5], [2, 3], [-2, 3])))
    model.listed("Split", "x", [[1, 3]], {"split": [1, 3]}, 13, axis=1, outputs=2)
    if model.opset < 18:
        model.add("Split", "x", axis=1, outputs=2)
    else:
        model.add("Split", "x", axis=3, outputs=3, num_outputs=3)
    pads = [0, 0, 1, 2, 0, 0, 3, 0]
    for mode in ("constant", "reflect", "edge"):
        if model.opset < 11:
            model.add("Pad", "x", pads=pads, mode=mode, value=1.5 if mode == "constant" else 0.0)
        else:
            model.add("Pad", "x", np.array(pads), np.float32(1.5), mode=mode)
    if model.opset >= 18:
        model.add("Pad", "x", np.array([1, 2, 0, 1]), None, np.array([2, -1]))
    if model.opset >= 19:
        model.add("Pad", "x", np.array(pads), mode="wrap")
    model.add("Gather", "x", np.array([[0, 2], [1, 1]]), axis=2)
    model.add("Gather", "i", np.array(1), axis=1)
    if model.opset >= 11:
        model.add("Gather", "m", np.array([-1, 0]))
    model.add("Shape", "x")
    if model.opset >= 15:
        model.add("Shape", "x", start=1, end=-1)


def add_resizes(model):
    scales = np.float32([1, 1, 2, 1.5])
    if model.opset == 10:
        for mode in ("nearest", "linear"):
            model.add("Resize", "x", np.float32([1, 1, 2, 2]), mode=mode)
        return
    region = np.zeros(0, np.float32)
    for mode in ("nearest", "linear", "cubic"):
        model.add("Resize", "x", region if model.opset < 13 else None, scales, mode=mode)
        model.add("Resize", "x", region, np.zeros(0, np.float32) if model.opset < 13 else None,
                  np.array([2, 4, 9, 7]), mode=mode,
                  coordinate_transformation_mode="align_corners")
    if model.opset >= 18:
        model.add("Resize", "x", None, None, np.array([9, 7]), axes=[2, 3], mode="linear")
        model.add("Resize", "x", None, None, np.array([3, 3]), axes=[2, 3], mode="linear",
                  antialias=1)
    if model.opset >= 19:
        model.add("Resize", "x", None, scales, mode="linear",
                  coordinate_transformation_mode="half_pixel_symmetric")


def add_choices(model):
    for op in ("Less", "Greater"):
        model.add(op, "m", "n")
        if model.opset >= 9:
            model.add(op, "i", np.array([1, 2, 3, 4]))
    for op in ("LessOrEqual", "GreaterOrEqual"):
        model.add(op, "m", "n")
    model.add("Equal", "i", np.array([1, 2, 3, 4]))
    if model.opset >= 11:
        model.add("Equal", "m", np.float32(0.5))
    for op in ("And", "Or"):
        model.add(op, "b", np.array([True, False, True, False]))
    model.add("Not", "b")
    model.add("Where", "b", "m", normal(4))
    model.add("Where", "b", "i", np.array(3))
    for target in (TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL):
        for source in ("m", "i", "b"):
            model.add("Cast", source, to=target)
    model.add("Constant", value=numpy_helper.from_array(normal(2, 3)))
    if model.opset >= 12:
        model.add("Constant", value_float=1.5)
        model.add("Constant", value_floats=[1.5, 2.5])
        model.add("Constant", value_int=3)
        model.add("Constant", value_ints=[3, 4])
    model.add("ConstantOfShape", np.array([2, 3]))
    model.add("ConstantOfShape", np.array([2]), value=numpy_helper.from_array(np.array([7])))


def run(model, proto, folder):
    """The results of the compiled model by name."""
    path = folder / f"opset{model.opset}.onnx"
    onnx.save(proto, path)
    library = path.with_suffix(".so")
    subprocess.run(["lowbit-compile", path, "--recipe=float", "-o", library], check=True)
    command = ["lowbit-run", library]
    for value in proto.graph.input:
        np.save(folder / f"{value.name}.npy", INPUTS[value.name])
        command.append(f"--input={value.name}:{folder}/{value.name}.npy")
    command += [f"--output={name}:{folder}/{name}.npy" for name, _ in model.outputs]
    subprocess.run(command, check=True)
    return [np.load(folder / f"{name}.npy") for name, _ in model.outputs]


def check(model, folder):
    """The number of results unlike ONNX Runtime's."""
    proto = model.build()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options)
    feed = {value.name: INPUTS[value.name] for value in proto.graph.input}
    expected = session.run(None, feed)
    failures = 0
    for (_, label), got, wanted in zip(model.outputs, run(model, proto, folder), expected):
        same = got.shape == wanted.shape and got.dtype == wanted.dtype and (
            np.allclose(got, wanted, 1e-4, 1e-5) if got.dtype == np.float32
            else np.array_equal(got, wanted))
        if not same:
            print(f"opset {model.opset}, {label}: expected\n{wanted}\nbut got\n{got}")
            failures += 1
    return failures


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    count = failures = 0
    for opset in map(int, sys.argv[2:] or range(7, 22)):
        model = Model(opset)
        for add in (add_layers, add_functions, add_pools, add_shapes, add_choices):
            add(model)
        if opset >= 10:
            add_resizes(model)
        failures += check(model, folder)
        count += len(model.outputs)
    print(f"{count} results compared, {failures} wrong")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
