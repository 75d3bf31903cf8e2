"""Encoded operations in the profiles tflite-*, compared with TFLite bit by bit.

Inputs/tflite-vectors.json holds what TFLite returned, with one of the roundings.
tflite.py must agree with it, and is the model of both.
"""

import json
import os
import sys

import tflite
from execution import Cases, Format, constant, f32, parse_arguments, tensor
from network import ZERO, array, decode, shape_constant, tosa_constant

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs", "tflite-vectors.json")


def i8(operand):
    return Format("i8", operand["scale"], operand["zero"])


def argument(operand):
    return operand.get("codes", list(range(-128, 128))), operand["shape"], i8(operand)


def positions(shape):
    """[batch, channel] as images of one position."""
    return [shape[0], 1, 1, shape[1]] if len(shape) == 2 else shape


def real_layer(case, lines):
    """A convolution without padding; a fully connected one of 1x1 positions."""
    x, y, weights = case["x"], case["y"], case["weights"]
    shape, scales = list(weights["shape"]), weights["scales"]
    input_shape, result_shape = x["shape"], y["shape"]
    axis, codes = 0, weights["codes"]
    if case["op"] == "depthwise":
        shape, axis = [*shape[1:], 1], 2
    if case["op"] == "fully_connected":
        shape = [shape[0], 1, 1, shape[1]]
        input_shape, result_shape = positions(input_shape), positions(result_shape)
        lines.append(shape_constant("%in", input_shape))
        lines.append(f"%xr = tosa.reshape %x, %in : ({tensor(x['shape'], 'f32')}, !tosa.shape<4>)"
                     f" -> {tensor(input_shape, 'f32')}")
    one = len(scales) == 1
    format = Format("i8", scales[0] if one else scales, 0 if one else [0] * len(scales), -127, 127,
                    None if one else axis)
    lines.append(constant("%wq", codes, shape, format))
    lines.append(decode("%wq", "%w", shape, format))
    channels = len(case["bias"])
    bias = [f32(code * x["scale"] * scales[0 if one else i]) for i, code in enumerate(case["bias"])]
    lines.append(tosa_constant("%b", bias, [channels]))
    kind = "depthwise_conv2d" if case["op"] == "depthwise" else "conv2d"
    source = "%xr" if case["op"] == "fully_connected" else "%x"
    types = ", ".join(tensor(s, "f32") for s in (input_shape, shape, [channels], [1], [1]))
    lines.append(f"%l = tosa.{kind} {source}, %w, %b, %zero, %zero {{acc_type = f32, pad = array<i64: 0, 0, 0, 0>,"
                 f" stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}} : ({types})"
                 f" -> {tensor(result_shape, 'f32')}")
    return "%l"


def real_pair(case, lines):
    kind = tensor(case["y"]["shape"], "f32")
    lines.append(decode("%1", "%x2", case["x2"]["shape"], i8(case["x2"])))
    if case["op"] != "mul":
        lines.append(f"%l = tosa.{case['op']} %x, %x2 : ({kind}, {kind}) -> {kind}")
    else:
        lines.append('%shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>')
        lines.append(f"%l = tosa.mul %x, %x2, %shift : ({kind}, {kind}, tensor<1xi8>) -> {kind}")
    return "%l"


def real_pool(case, lines):
    kernel, stride = [case["kernel"]] * 2, [case["stride"]] * 2
    lines.append(f"%l = tosa.avg_pool2d %x, %zero, %zero {{acc_type = f32, kernel = {array(kernel)},"
                 f" stride = {array(stride)}, pad = {array(case['pad'])}}}"
                 f" : ({tensor(case['x']['shape'], 'f32')}, tensor<1xf32>, tensor<1xf32>)"
                 f" -> {tensor(case['y']['shape'], 'f32')}")
    return "%l"


def real_mean(case, lines):
    """The sum along both dimensions, times the reciprocal of their product."""
    source, shape, result = "%x", case["x"]["shape"], tensor(case["y"]["shape"], "f32")
    for axis in (1, 2):
        summed = [1 if dim == axis else size for dim, size in enumerate(shape)]
        lines.append(f"%s{axis} = tosa.reduce_sum {source} {{axis = {axis} : i32}}"
                     f" : ({tensor(shape, 'f32')}) -> {tensor(summed, 'f32')}")
        source, shape = f"%s{axis}", summed
    count = case["x"]["shape"][1] * case["x"]["shape"][2]
    lines.append(tosa_constant("%n", [f32(1 / count)] * shape[3], shape))
    lines.append('%shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>')
    lines.append(f"%l = tosa.mul {source}, %n, %shift : ({result}, {result}, tensor<1xi8>) -> {result}")
    return "%l"


def real_function(case, lines):
    if case["op"] == "requantize":
        return "%x"
    name = "sigmoid" if case["op"] == "logistic" else "tanh"
    kind = tensor(case["x"]["shape"], "f32")
    lines.append(f"%l = tosa.{name} %x : ({kind}) -> {kind}")
    return "%l"


REALS = {"conv": real_layer, "depthwise": real_layer, "fully_connected": real_layer,
         "add": real_pair, "sub": real_pair, "mul": real_pair, "average_pool": real_pool, "mean": real_mean,
         "requantize": real_function, "logistic": real_function, "tanh": real_function}


def add_case(cases, case, double):
    x, y = case["x"], case["y"]
    arguments = [argument(x)] + ([argument(case["x2"])] if "x2" in case else [])
    lines = [ZERO, decode("%0", "%x", x["shape"], i8(x))]
    shape = positions(y["shape"])
    value, kind = REALS[case["op"]](case, lines), tensor(shape, "f32")
    if case.get("relu6"):
        lines.append(f"%c = tosa.clamp {value} {{min_val = 0.0 : f32, max_val = 6.0 : f32}} : ({kind}) -> {kind}")
        value = "%c"
    lines.append(f"%y = lowbit.encode {value} : {kind} to {i8(y).tensor(shape)}")
    cases.add(case["op"], arguments, lines, shape, i8(y), tflite.compute(case, double))


def main():
    arguments = parse_arguments(__doc__)
    double = "tflite-double" in arguments.pipeline
    with open(VECTORS) as file:
        vectors = json.load(file)["cases"]
    for case in vectors:
        if tflite.compute(case, case["double"]) != case["y"]["codes"]:
            print(f"tflite.py disagrees with TFLite on {case['op']}")
            return 1
    cases = Cases()
    for case in vectors:
        add_case(cases, case, double)
    return cases.check(arguments)


if __name__ == "__main__":
    sys.exit(main())
