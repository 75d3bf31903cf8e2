#!/usr/bin/env python3
"""Compares ONNX models of one node, run in float by lowbit-run, with ONNX's
reference evaluator: forms that ONNX's node tests lack.

    check_layers.py [FILTER]
"""

import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

RANDOM = np.random.default_rng(3)
CASES = []


def normal(*shape):
    return RANDOM.normal(size=shape).astype(np.float32)


def case(name, op, opset, inputs, constants=(), expect=None, **attributes):
    """A node whose operands are `inputs`, then `constants`. `expect` computes the
    result where the evaluator does not."""
    names = [f"x{i}" for i in range(len(inputs))] + [f"c{i}" for i in range(len(constants))]
    node = helper.make_node(op, names, ["y"], **attributes)
    graph = helper.make_graph(
        [node], name,
        [helper.make_tensor_value_info(f"x{i}", TensorProto.FLOAT, x.shape)
         for i, x in enumerate(inputs)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(c), f"c{i}") for i, c in enumerate(constants)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)],
                              ir_version=8)
    CASES.append((name, model, inputs, expect))


def dense(weights, groups):
    """The weights [I, O / groups, ...] of a transposed convolution without groups."""
    depth, breadth = weights.shape[0] // groups, weights.shape[1]
    result = np.zeros((weights.shape[0], breadth * groups, *weights.shape[2:]), np.float32)
    for group in range(groups):
        rows = slice(group * depth, (group + 1) * depth)
        result[rows, group * breadth:(group + 1) * breadth] = weights[rows]
    return result


def transposed(name, x, weights, group, **attributes):
    """A transposed convolution with groups, which the evaluator gets wrong."""
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], **attributes)
    evaluator = ReferenceEvaluator(node)
    expected = evaluator.run(None, {"x": x, "w": dense(weights, group)})[0]
    case(name, "ConvTranspose", 11, [x], [weights], lambda: expected, group=group, **attributes)


def add_activations():
    x = np.concatenate([np.linspace(-9, 9, 37), [0.5, -0.5, 2.5]]).astype(np.float32)
    for op, opset, attributes in [
            ("Celu", 12, {"alpha": 0.7}), ("Celu", 12, {"alpha": -2.0}), ("Elu", 7, {"alpha": 0.3}),
            ("Erf", 9, {}), ("Gelu", 20, {}), ("Gelu", 20, {"approximate": "tanh"}),
            ("HardSigmoid", 7, {"alpha": 0.3}), ("HardSwish", 14, {}),
            ("LeakyRelu", 7, {"alpha": -0.5}), ("LeakyRelu", 7, {"alpha": 3.0}), ("Mish", 18, {}),
            ("Neg", 13, {}), ("Round", 11, {}), ("Selu", 7, {}),
            ("Shrink", 9, {"lambd": 1.5, "bias": 0.5}), ("Sign", 9, {}), ("Softplus", 7, {}),
            ("Softsign", 7, {}), ("ThresholdedRelu", 10, {"alpha": 1.5})]:
        case(f"{op}{len(CASES)}", op, opset, [x], **attributes)
    case("Softplus large", "Softplus", 7, [np.float32([-200, -20, 0, 20, 200])])
    case("Round large", "Round", 11, [np.float32([2**22 + 0.5, -2**23 - 1, 1.5, -1.5, 3e9])])
    case("Sqrt", "Sqrt", 7, [np.float32([0, 1e-20, 2, 9e20])])
    for exponent in (2.0, 3.0, -1.0, 0.5, 1.7, 1.0):
        case(f"Pow {exponent}", "Pow", 13, [np.abs(x) + np.float32(0.1)], [np.float32(exponent)])
    case("Pow computed", "Pow", 13, [np.abs(normal(3, 4)), normal(4)])
    case("PRelu channels", "PRelu", 9, [normal(2, 3, 4)], [normal(3, 1)])
    case("Clip computed", "Clip", 13, [x, np.float32(-2), np.float32(3)])
    case("Clip crossed", "Clip", 13, [x], [np.float32(3), np.float32(-2)])


def add_convolutions():
    x = normal(2, 6, 7, 8)
    case("Conv groups", "Conv", 11, [x], [normal(9, 2, 3, 2), normal(9)], group=3,
         strides=[2, 1], pads=[1, 0, 2, 1], dilations=[1, 2])
    case("Conv computed groups", "Conv", 11, [x, normal(4, 3, 2, 2)], group=2)
    case("Conv computed depthwise", "Conv", 11, [x, normal(12, 1, 2, 2), normal(12)], group=6)
    case("Conv line groups", "Conv", 11, [normal(1, 4, 9)], [normal(2, 2, 3)], group=2,
         auto_pad="SAME_LOWER", strides=[2])
    weights = normal(6, 2, 3, 2)
    for name, attributes in {
            "plain": {}, "strides": {"strides": [2, 3], "pads": [1, 0, 0, 1]},
            "dilations": {"dilations": [2, 3]}, "output padding":
            {"strides": [3, 2], "output_padding": [2, 1]}, "upper":
            {"strides": [2, 2], "auto_pad": "SAME_UPPER"}, "lower":
            {"strides": [2, 2], "auto_pad": "SAME_LOWER"}, "negative padding":
            {"pads": [3, 2, 3, 2]}}.items():
        transposed(f"ConvTranspose {name}", x, weights, 1, **attributes)
    transposed("ConvTranspose groups", x, weights, 3, strides=[2, 2])
    transposed("ConvTranspose depthwise", x, weights, 6, strides=[2, 2])
    case("ConvTranspose computed", "ConvTranspose", 11, [x, weights], strides=[2, 1])
    case("ConvTranspose line", "ConvTranspose", 11, [normal(1, 2, 5)], [normal(2, 3, 4)],
         strides=[3])


def add_pools():
    x = normal(2, 3, 9, 8)
    window = {"kernel_shape": [2, 3], "dilations": [2, 2]}
    case("MaxPool dilated", "MaxPool", 12, [x], strides=[2, 1], pads=[1, 1, 0, 2], **window)
    case("MaxPool dilated ceil", "MaxPool", 12, [x], strides=[3, 2], ceil_mode=1, **window)
    for count in (0, 1):
        case(f"AveragePool dilated {count}", "AveragePool", 19, [x], count_include_pad=count,
             pads=[1, 2, 1, 2], **window)
    for order in (1, 2, 3):
        case(f"LpPool {order}", "LpPool", 18, [x], kernel_shape=[2, 3], strides=[2, 2], p=order)
        norm = np.sum(np.abs(x)**order, (2, 3), keepdims=True)**np.float32(1 / order)
        case(f"GlobalLpPool {order}", "GlobalLpPool", 7, [x], expect=lambda norm=norm: norm,
             p=order)


def add_normalizations():
    x = normal(2, 6, 4, 5)
    case("LayerNormalization axis", "LayerNormalization", 17, [x], [normal(4, 5), normal(5)],
         axis=2)
    case("InstanceNormalization", "InstanceNormalization", 7, [x], [normal(6), normal(6)],
         epsilon=0.1)
    for opset, count in ((18, 3), (21, 6)):
        case(f"GroupNormalization {opset}", "GroupNormalization", opset, [x],
             [normal(count), normal(count)], num_groups=3)
    case("MeanVarianceNormalization", "MeanVarianceNormalization", 13, [x])
    # The evaluator counts channels by the size of the batch.
    case("LRN", "LRN", 13, [normal(6, 6, 2, 3)], size=4, alpha=0.5, beta=0.6, bias=1.5)
    case("LpNormalization", "LpNormalization", 7, [x], axis=1, p=2)
    norm = np.sum(np.abs(x), 1, keepdims=True)
    case("LpNormalization of order 1", "LpNormalization", 7, [x], expect=lambda: x / norm,
         axis=1, p=1)
    case("BatchNormalization line", "BatchNormalization", 15,
         [normal(4, 3), normal(3), normal(3), normal(3), np.abs(normal(3))])
    case("LogSoftmax", "LogSoftmax", 13, [x], axis=1)
    # One row of all dimensions from the axis on, which the evaluator does not do.
    rows = np.log(np.sum(np.exp(x), (1, 2, 3), keepdims=True))
    case("LogSoftmax of rows", "LogSoftmax", 11, [x], expect=lambda: x - rows, axis=1)
    case("ReduceLogSumExp large", "ReduceLogSumExp", 13, [x * 100], axes=[1, -1])
    case("ReduceMean image", "ReduceMean", 13, [x], axes=[2, 3], keepdims=0)
    case("Div", "Div", 13, [x, normal(6, 1, 5)])
    case("Mean", "Mean", 13, [x, normal(5), normal(6, 1, 1)])


def run(folder, model, inputs):
    path = folder / "model.onnx"
    path.write_bytes(model.SerializeToString())
    command = ["lowbit-run", "--recipe=float", str(path), f"--output={folder}/y.npy"]
    for index, x in enumerate(inputs):
        np.save(folder / f"x{index}.npy", x)
        command.append(f"--input={folder}/x{index}.npy")
    process = subprocess.run(command, capture_output=True, text=True)
    return process, np.load(folder / "y.npy") if process.returncode == 0 else None


def main():
    add_activations()
    add_convolutions()
    add_pools()
    add_normalizations()
    failed = 0
    cases = [c for c in CASES if re.search(sys.argv[1] if len(sys.argv) > 1 else "", c[0])]
    for name, model, inputs, expect in cases:
        with tempfile.TemporaryDirectory() as folder:
            process, result = run(pathlib.Path(folder), model, inputs)
        if result is None:
            error = process.stderr.strip()
        else:
            expected = expect() if expect else ReferenceEvaluator(model).run(
                None, {f"x{i}": x for i, x in enumerate(inputs)})[0]
            fits = result.shape == expected.shape and np.allclose(result, expected, 1e-4, 1e-5)
            error = "" if fits else f"expected {expected.ravel()[:8]}, got {result.ravel()[:8]}"
        if error:
            failed += 1
            print(f"{name}: {error}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
