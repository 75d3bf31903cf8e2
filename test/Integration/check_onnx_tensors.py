#!/usr/bin/env python3
"""Compares imported ONNX ops with ONNX's reference evaluator.

    check_onnx_tensors.py FOLDER     with lowbit-compile and lowbit-run on PATH

Each opset is one model with a node for each case, so that it is compiled once.
The cases are forms that ONNX's own node tests do not have: other opsets,
constants instead of inputs, and tensors that are computed.
"""

import pathlib
import subprocess
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save
from onnx.reference import ReferenceEvaluator

RANDOM = np.random.default_rng(7)
INPUTS = {
    "x": RANDOM.standard_normal((1, 4, 6, 5)).astype(np.float32),
    "m": RANDOM.standard_normal((3, 4)).astype(np.float32),
    "i": RANDOM.integers(-9, 9, (3, 4)),
    "j": RANDOM.integers(-9, 9, (3, 4)),
    "n": RANDOM.integers(-9, 9, (3, 4)).astype(np.int32),
    "at": np.array([[2, -1], [0, -3]]),
    "b": RANDOM.integers(0, 2, (3, 4)).astype(bool),
    "c": RANDOM.integers(0, 2, (4,)).astype(bool),
}


class Model:
    """Nodes that read INPUTS; all that they compute are outputs."""

    def __init__(self, opset):
        self.opset = opset
        self.nodes, self.constants, self.outputs = [], [], []

    def add(self, op, *inputs, outputs=1, **attributes):
        names = []
        for value in inputs:
            if not isinstance(value, (str, type(None))):
                name = f"k{len(self.constants)}"
                self.constants.append(numpy_helper.from_array(np.asarray(value), name))
                value = name
            names.append(value or "")
        results = [f"y{len(self.outputs) + i}" for i in range(outputs)]
        name = f"{op}{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, names, results, name=name, **attributes))
        self.outputs += [(result, name) for result in results]
        return results[0]

    def build(self):
        used = {name for node in self.nodes for name in node.input}
        inputs = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype),
                                                array.shape)
                  for name, array in INPUTS.items() if name in used]
        outputs = [helper.make_tensor_value_info(name, TensorProto.UNDEFINED, None)
                   for name, _ in self.outputs]
        for output in outputs:
            output.ClearField("type")
        graph = helper.make_graph(self.nodes, "test", inputs, outputs, self.constants)
        return helper.make_model(graph, ir_version=8,
                                 opset_imports=[helper.make_opsetid("", self.opset)])


def run(model, folder):
    """The results of the compiled model by name."""
    path = folder / f"opset{model.opset}.onnx"
    proto = model.build()
    save(proto, path)
    library = path.with_suffix(".so")
    subprocess.run(["lowbit-compile", path, "--recipe=float", "-o", library], check=True)
    command = ["lowbit-run", library]
    for value in proto.graph.input:
        np.save(folder / f"{value.name}.npy", INPUTS[value.name])
        command.append(f"--input={value.name}:{folder}/{value.name}.npy")
    command += [f"--output={name}:{folder}/{name}.npy" for name, _ in model.outputs]
    subprocess.run(command, check=True)
    return {name: np.load(folder / f"{name}.npy") for name, _ in model.outputs}


def check(model, folder):
    """The names of the nodes with other results than the reference."""
    proto = model.build()
    feed = {value.name: INPUTS[value.name] for value in proto.graph.input}
    expected = ReferenceEvaluator(proto).run(None, feed)
    results = run(model, folder)
    failed = []
    for (name, node), wanted in zip(model.outputs, expected):
        got = results[name]
        isFloat = got.dtype == np.float32
        if (got.shape != wanted.shape or got.dtype != wanted.dtype
                or not (np.allclose(got, wanted, rtol=1e-5, atol=1e-5) if isFloat
                        else np.array_equal(got, wanted))):
            failed.append(node)
            print(f"opset {model.opset}, {node}: expected\n{wanted}\nbut got\n{got}")
    return failed


def add_old_forms(model):
    """Attributes that became inputs."""
    model.add("Slice", "x", starts=[1, -3], ends=[3, 100], axes=[1, 2])
    model.add("Slice", "i", starts=[-2], ends=[-1])
    model.add("Split", "m", outputs=2, axis=1)
    model.add("Split", "i", outputs=2, axis=0, split=[1, 2])
    model.add("Pad", "x", pads=[0, 0, 1, 2, 0, 0, 3, 0], mode="constant", value=1.5)
    model.add("Pad", "x", pads=[0, 0, 1, 2, 0, 0, 3, 0], mode="reflect")
    model.add("Squeeze", "x", axes=[0])
    model.add("Unsqueeze", "n", axes=[0, 3])


def add_slices(model):
    def lists(*values):
        return [np.array(value) for value in values]

    model.add("Slice", "x", *lists([-1, 0], [-100, 5], [2, 3], [-1, 2]))
    model.add("Slice", "x", *lists([4, 1], [0, 5], [2, 3], [-2, 3]))
    model.add("Slice", "i", *lists([0, 1], [3, 4]))
    model.add("Slice", "b", *lists([-1], [-9], [1], [-1]))
    for axis in (0, 1, -1):
        model.add("Gather", "m", np.array([[2, -1], [0, 1]]), axis=axis)
        model.add("Gather", "m", "at", axis=axis)
        model.add("Gather", "i", "at", axis=axis)
    model.add("Gather", RANDOM.standard_normal((5, 2)).astype(np.float32), "at")
    model.add("Gather", "x", np.array([3, 0, 2, 2, 1, 5, 1, 4, 0, 3, 5, 2]), axis=2)
    model.add("Gather", "x", np.array([3, 3, 1, 1]), axis=2)
    model.add("Gather", "x", np.array([3, 1, 3, 1]), axis=2)
    model.add("Gather", "x", np.array(-1), axis=1)
    if model.opset >= 13:
        model.add("GatherND", "x", np.array([[0, 1, -1], [0, -1, 2]]))
        model.add("GatherND", "i", "at", batch_dims=0)
        model.add("GatherND", np.arange(24).reshape(2, 3, 4), "at", batch_dims=1)
        model.add("GatherElements", "m", np.array([[2, -1], [0, 1], [3, -4]]), axis=1)
        model.add("GatherElements", "i", model.add("Max", model.add("Min", "j", np.array(3)),
                                                   np.array(-4)), axis=1)
    model.add("Concat", "i", "j", axis=1)
    model.add("Concat", "b", "b", axis=0)
    model.add("Expand", "c", np.array([2, 1, 4]))
    model.add("Expand", "m", np.array([2, 1, 1]))
    model.add("Tile", "i", np.array([2, 3]))
    model.add("DepthToSpace", "x", blocksize=2)
    model.add("DepthToSpace", "x", blocksize=2, mode="CRD")
    model.add("SpaceToDepth", np.arange(32, dtype=np.float32).reshape(1, 2, 4, 4), blocksize=2)


def add_resizes(model):
    """Enlarged and reduced; scales and sizes."""
    modes = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]
    if model.opset >= 19:
        modes.append("half_pixel_symmetric")
    for mode in modes:
        for nearest in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
            for scales in ([1, 1, 2, 2.5], [1, 1, 0.6, 1.3]):
                model.add("Resize", "x", None, np.array(scales, np.float32), mode="nearest",
                          nearest_mode=nearest, coordinate_transformation_mode=mode)
        for kind in ("linear", "cubic"):
            for scales in ([1, 1, 2, 2.5], [1, 1, 0.6, 1.3]):
                model.add("Resize", "x", None, np.array(scales, np.float32), mode=kind,
                          coordinate_transformation_mode=mode)
    model.add("Resize", "x", None, None, np.array([1, 4, 3, 9]), mode="linear")
    model.add("Resize", "x", None, None, np.array([1, 8, 3, 9]), mode="nearest")
    model.add("Resize", "x", None, None, np.array([1, 4, 9, 3]), mode="cubic", cubic_coeff_a=-0.5,
              exclude_outside=1)
    model.add("Resize", "m", None, np.array([2, 0.5], np.float32), mode="nearest")
    if model.opset >= 18:
        for kind in ("linear", "cubic"):
            model.add("Resize", "x", None, None, np.array([2, 3]), axes=[3, 2], mode=kind,
                      antialias=1)
        for policy in ("not_larger", "not_smaller"):
            model.add("Resize", "x", None, None, np.array([9, 8]), axes=[2, 3], mode="linear",
                      keep_aspect_ratio_policy=policy)


def add_pads(model):
    pads = np.array([0, 0, 2, 4, 0, 0, 3, 1])
    for mode in ("reflect", "edge", "constant") + (("wrap",) if model.opset >= 19 else ()):
        model.add("Pad", "x", pads, mode=mode)
    model.add("Pad", "i", np.array([1, 0, 0, 2]), np.array(7))
    model.add("Pad", "i", np.array([1, 0, 0, 2]), mode="edge")
    if model.opset >= 18:
        model.add("Pad", "x", np.array([2, 1, 0, 3]), None, np.array([-1, 1]))
        model.add("Split", "x", outputs=3, axis=2, num_outputs=3)
        model.add("Split", "x", outputs=2, axis=3, num_outputs=2)
    if model.opset >= 13:
        model.add("Split", "x", np.array([1, 3]), outputs=2, axis=1)


def add_comparisons(model):
    for op in ("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"):
        model.add(op, "i", "j")
        model.add(op, "m", np.array([0.25], np.float32))
        model.add(op, np.array([1, 2]), np.array([[1], [3]]))
    model.add("Equal", "b", "c")
    for op in ("And", "Or", "Xor"):
        model.add(op, "b", "c")
    model.add("Not", "b")
    model.add("Where", "b", "m", np.array(-1, np.float32))
    model.add("Where", "c", "i", "j")
    model.add("Where", "b", "b", "c")


def add_casts(model):
    floats = np.array([[-2.5, 2.5, 0.5, -0.5, 3.99, -3.99, 0, 1e6]], np.float32)
    for target in (TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL):
        model.add("Cast", model.add("Mul", "m", np.array(10, np.float32)), to=target)
        model.add("Cast", floats, to=target)
        if model.opset >= 15:
            model.add("CastLike", "m", np.ones(1, helper.tensor_dtype_to_np_dtype(target)))
    for source in ("i", "n", "b"):
        for target in (TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL, TensorProto.FLOAT):
            model.add("Cast", source, to=target)


def add_arithmetic(model):
    for op in ("Add", "Sub", "Mul", "Div", "Max", "Min"):
        model.add(op, "i", "j" if op != "Div" else np.array([3, -2, 5, -1]))
        model.add(op, np.array([[7], [-7]]), np.array([2, -2, 3]))
    model.add("Add", "n", np.array(5, np.int32))
    model.add("Mul", np.array([[2], [3], [4]], np.int32), "n")
    model.add("Abs", "i")
    model.add("Neg", "n")
    for fmod in (0, 1):
        model.add("Mod", "i", np.array([3, -2, 5, -1]), fmod=fmod)
        model.add("Mod", np.array([7, -7, 7, -7]), np.array([3, 3, -3, -3]), fmod=fmod)
    for op in ("ArgMax", "ArgMin"):
        for last in (0, 1):
            model.add(op, "i", axis=1, keepdims=last, select_last_index=last)
            model.add(op, "m", axis=-2, keepdims=0, select_last_index=last)
            model.add(op, "n", axis=0, select_last_index=last)


def add_masks(model):
    for name in ("m", "i", "b"):
        model.add("Trilu", name)
        model.add("Trilu", name, np.array(-1), upper=0)
    model.add("OneHot", "i", np.array(6), np.array([0, 1], np.float32))
    model.add("OneHot", "at", np.array(3), np.array([5, 7]), axis=0)
    for name in ("m", "i"):
        for exclusive in (0, 1):
            for reverse in (0, 1):
                model.add("CumSum", name, np.array(1), exclusive=exclusive, reverse=reverse)
    model.add("CumSum", "n", np.array(0))


def add_shape_arithmetic(model):
    shape = model.add("Shape", "x")
    batch = model.add("Gather", shape, np.array(0))
    height = model.add("Slice", shape, np.array([2]), np.array([3]))
    half = model.add("Div", height, np.array([2]))
    rows = model.add("Cast", model.add("Floor", model.add(
        "Mul", model.add("Cast", half, to=TensorProto.FLOAT), np.array([1.5], np.float32))),
        to=TensorProto.INT64)
    target = model.add("Concat", model.add("Unsqueeze", batch, np.array([0])), np.array([-1]),
                       half, axis=0)
    model.add("Reshape", "x", target)
    model.add("ConstantOfShape", model.add("Concat", rows, half, axis=0),
              value=helper.make_tensor("v", TensorProto.INT64, [1], [3]))
    model.add("ConstantOfShape", np.array([2, 3]))
    model.add("Range", np.array(2), np.array(11), np.array(3))
    model.add("Range", np.array(1, np.float32), np.array(0, np.float32), np.array(-0.3, np.float32))
    model.add("Size", "x")
    chosen = model.add("Where", model.add("Equal", target, np.array(-1)), np.array(20), target)
    model.add("Max", chosen, np.array([2]))
    model.add("ReduceProd", shape, keepdims=0)
    model.add("ReduceMax", shape, keepdims=1)
    model.add("Mod", shape, np.array(4))
    model.add("Pow", shape, np.array(2))
    model.add("Transpose", np.arange(6).reshape(2, 3))
    model.add("Tile", np.array([1, 2]), np.array([3]))
    model.add("Expand", np.array([[1], [2]]), np.array([2, 3]))


PLAN = {
    7: [add_old_forms],
    9: [add_old_forms],
    10: [add_slices],
    11: [add_slices, add_resizes, add_pads],
    13: [add_slices, add_resizes, add_pads, add_comparisons, add_casts, add_arithmetic,
         add_shape_arithmetic],
    14: [add_masks],
    18: [add_resizes, add_pads],
    19: [add_resizes, add_pads],
    21: [add_comparisons, add_casts, add_arithmetic, add_slices, add_shape_arithmetic],
}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    count, failed = 0, 0
    for opset, parts in PLAN.items():
        if len(sys.argv) > 2 and str(opset) not in sys.argv[2:]:
            continue
        model = Model(opset)
        for part in parts:
            part(model)
        failed += len(check(model, folder))
        count += len(model.outputs)
    print(f"{count} results compared, {failed} wrong")
    sys.exit(failed != 0)


main()
