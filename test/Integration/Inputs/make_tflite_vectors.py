"""Writes tflite-vectors.json: what TFLite's reference kernels compute.

    python3 -m pip install ai-edge-litert flatbuffers numpy
    python3 make_tflite_vectors.py tflite-vectors.json

Each case is one int8 operation with its codes, scales and zero points. The test
that reads the file needs none of these packages. Cases are drawn until the two
roundings of ../tflite.py have different results, and "double" says which one the
library had. That of 2026 rounds once in FULLY_CONNECTED, whose products another library
makes, and twice in all others.
"""

import json
import os
import sys

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import tflite

RNG = np.random.default_rng(7)
OPS = schema.BuiltinOperator


def scale(low, high):
    return float(np.float32(RNG.uniform(low, high)))


def zero():
    return int(RNG.integers(-20, 21))


def codes(shape, low=-128, high=127):
    values = RNG.integers(low, high + 1, size=shape)
    values.flat[:2] = [low, high][: values.size]
    return values.astype(np.int8)


class Model:
    """One operation under construction."""

    def __init__(self):
        self.buffers = [schema.BufferT()]
        self.tensors, self.inputs, self.feeds = [], [], []

    def tensor(self, shape, kind, scales, zeros, data=None, axis=0):
        buffer = 0
        if data is not None:
            buffer = len(self.buffers)
            self.buffers.append(schema.BufferT())
            self.buffers[-1].data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
        tensor = schema.TensorT()
        tensor.shape, tensor.type, tensor.buffer = list(shape), kind, buffer
        tensor.name = f"t{len(self.tensors)}"
        if scales is not None:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = list(scales)
            tensor.quantization.zeroPoint = list(zeros)
            tensor.quantization.quantizedDimension = axis
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def feed(self, values, s, z):
        index = self.tensor(values.shape, schema.TensorType.INT8, [s], [z])
        self.inputs.append(index)
        self.feeds.append(values)
        return index

    def run(self, op, options_type, options, operands, shape, s, z):
        output = self.tensor(shape, schema.TensorType.INT8, [s], [z])
        code = schema.OperatorCodeT()
        code.builtinCode, code.version = op, 3 if "Conv" in type(options).__name__ else 2
        code.deprecatedBuiltinCode = min(op, 127)
        operator = schema.OperatorT()
        operator.opcodeIndex, operator.inputs, operator.outputs = 0, operands, [output]
        operator.builtinOptionsType, operator.builtinOptions = options_type, options
        graph = schema.SubGraphT()
        graph.tensors, graph.operators = self.tensors, [operator]
        graph.inputs, graph.outputs = self.inputs, [output]
        model = schema.ModelT()
        model.version, model.operatorCodes = 3, [code]
        model.subgraphs, model.buffers = [graph], self.buffers
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        interpreter = Interpreter(model_content=bytes(builder.Output()),
                                  experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        interpreter.allocate_tensors()
        details = interpreter.get_input_details()
        for detail, values in zip(details, self.feeds):
            interpreter.set_tensor(detail["index"], values)
        interpreter.invoke()
        return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def flat(values):
    return [int(x) for x in np.asarray(values).flatten()]


def operand(values, s, z):
    return {"shape": list(values.shape), "scale": s, "zero": z, "codes": flat(values)}


def result(values, s, z):
    return operand(values, s, z)


def layer(kind, relu6, per_channel):
    model = Model()
    x, xs, xz = codes((1, 4, 4, 2)), scale(0.01, 0.05), zero()
    channels, axis, shape = 3, 0, (3, 2, 2, 2)
    if kind == "depthwise":
        channels, axis, shape = 2, 3, (1, 2, 2, 2)
    if kind == "fully_connected":
        x, shape = codes((3, 7)), (3, 7)
    weights = codes(shape, -127)
    scales = [scale(0.002, 0.02) for _ in range(channels if per_channel else 1)]
    bias = RNG.integers(-500, 500, size=channels).astype(np.int32)
    ys, yz = scale(0.03, 0.05), zero()
    bias_scales = [float(np.float32(xs * s)) for s in scales]
    operands = [model.feed(x, xs, xz),
                model.tensor(shape, schema.TensorType.INT8, scales, [0] * len(scales), weights, axis),
                model.tensor((channels,), schema.TensorType.INT32, bias_scales, [0] * len(scales), bias)]
    activation = (schema.ActivationFunctionType.RELU6 if relu6
                  else schema.ActivationFunctionType.NONE)
    if kind == "fully_connected":
        options = schema.FullyConnectedOptionsT()
        y = model.run(OPS.FULLY_CONNECTED, schema.BuiltinOptions.FullyConnectedOptions,
                      set_activation(options, activation), operands, (3, channels), ys, yz)
    else:
        depthwise = kind == "depthwise"
        options = schema.DepthwiseConv2DOptionsT() if depthwise else schema.Conv2DOptionsT()
        options.padding = schema.Padding.VALID
        options.strideH = options.strideW = 1
        options.dilationHFactor = options.dilationWFactor = 1
        if depthwise:
            options.depthMultiplier = 1
        y = model.run(OPS.DEPTHWISE_CONV_2D if depthwise else OPS.CONV_2D,
                      schema.BuiltinOptions.DepthwiseConv2DOptions if depthwise
                      else schema.BuiltinOptions.Conv2DOptions,
                      set_activation(options, activation), operands, (1, 3, 3, channels), ys, yz)
    return {"op": kind, "x": operand(x, xs, xz), "relu6": relu6, "y": result(y, ys, yz),
            "weights": {"shape": list(shape), "scales": scales, "codes": flat(weights)},
            "bias": flat(bias)}


def set_activation(options, activation):
    options.fusedActivationFunction = activation
    return options


def pair(kind, relu6):
    model = Model()
    a, b = codes((1, 3, 4, 5)), codes((1, 3, 4, 5))
    (sa, za), (sb, zb) = (scale(0.02, 0.05), zero()), (scale(0.03, 0.08), zero())
    # Sums meet ties, where the roundings differ, at even ratios only.
    sb = sb if kind == "mul" else sa
    ys, yz = (2 * sa, zero()) if kind != "mul" else (scale(0.02, 0.2), zero())
    if relu6:
        sb = scale(0.03, 0.08)
    operands = [model.feed(a, sa, za), model.feed(b, sb, zb)]
    activation = (schema.ActivationFunctionType.RELU6 if relu6
                  else schema.ActivationFunctionType.NONE)
    name = kind.capitalize()
    y = model.run(getattr(OPS, kind.upper()), getattr(schema.BuiltinOptions, f"{name}Options"),
                  set_activation(getattr(schema, f"{name}OptionsT")(), activation), operands, a.shape, ys, yz)
    return {"op": kind, "x": operand(a, sa, za), "x2": operand(b, sb, zb), "relu6": relu6,
            "y": result(y, ys, yz)}


def pool(height, width, kernel, stride, same):
    model = Model()
    x, s, z = codes((1, height, width, 3)), scale(0.02, 0.05), zero()
    x[0, :, :, 0] = np.sign(x[0, :, :, 0]) * 3 - 2  # ties
    options = schema.Pool2DOptionsT()
    options.padding = schema.Padding.SAME if same else schema.Padding.VALID
    options.strideH = options.strideW = stride
    options.filterHeight = options.filterWidth = kernel
    size = lambda n: -(-n // stride) if same else (n - kernel) // stride + 1
    shape = (1, size(height), size(width), 3)
    y = model.run(OPS.AVERAGE_POOL_2D, schema.BuiltinOptions.Pool2DOptions,
                  set_activation(options, schema.ActivationFunctionType.NONE),
                  [model.feed(x, s, z)], shape, s, z)
    pad = []
    for n, m in ((height, shape[1]), (width, shape[2])):
        total = max((m - 1) * stride + kernel - n, 0) if same else 0
        pad += [total // 2, total - total // 2]
    return {"op": "average_pool", "x": operand(x, s, z), "kernel": kernel, "stride": stride,
            "pad": pad, "y": result(y, s, z)}


def mean(height, width):
    model = Model()
    x, s, z = codes((1, height, width, 4)), scale(0.02, 0.05), zero()
    ys, yz = scale(0.005, 0.01), zero()
    options = schema.ReducerOptionsT()
    options.keepDims = True
    axes = model.tensor((2,), schema.TensorType.INT32, None, None, np.array([1, 2], np.int32))
    y = model.run(OPS.MEAN, schema.BuiltinOptions.ReducerOptions, options,
                  [model.feed(x, s, z), axes], (1, 1, 1, 4), ys, yz)
    return {"op": "mean", "x": operand(x, s, z), "y": result(y, ys, yz)}


def unary(kind, s, z, ys, yz):
    model = Model()
    x = np.arange(-128, 128).astype(np.int8)
    code, options_type, options = {
        "logistic": (OPS.LOGISTIC, schema.BuiltinOptions.NONE, None),
        "tanh": (OPS.TANH, schema.BuiltinOptions.NONE, None),
        "requantize": (OPS.QUANTIZE, schema.BuiltinOptions.QuantizeOptions,
                       schema.QuantizeOptionsT()),
    }[kind]
    y = model.run(code, options_type, options, [model.feed(x, s, z)], x.shape, ys, yz)
    # All codes in order: the test knows them.
    return {"op": kind, "x": {"shape": [256], "scale": s, "zero": z}, "y": result(y, ys, yz)}


def draw(make, *arguments):
    """A case whose result depends on the rounding."""
    for _ in range(2000):
        case = make(*arguments)
        if tflite.compute(case, True) != tflite.compute(case, False):
            return case
    raise SystemExit(f"no case of {make.__name__}{arguments} tells the roundings apart")


def main():
    cases = []
    for relu6 in (False, True):
        for kind in ("conv", "depthwise", "fully_connected"):
            cases.append(draw(layer, kind, relu6, not relu6 and kind != "fully_connected"))
        for kind in ("add", "sub"):
            cases.append(pair(kind, True) if relu6 else draw(pair, kind, False))
        cases.append(draw(pair, "mul", relu6))
    cases += [pool(4, 4, 2, 2, False), pool(5, 4, 3, 1, True), draw(mean, 7, 7), draw(mean, 3, 5)]
    for s, z in ((0.05, 3), (0.11, -128), (0.0007, 0)):
        s = float(np.float32(s))
        cases.append(unary("logistic", s, z, 1 / 256, -128))
        cases.append(unary("tanh", s, z, 1 / 128, 0))
    for low, high in ((0.01, 0.04), (0.05, 0.2), (0.004, 0.005)):
        cases.append(unary("requantize", scale(0.02, 0.05), zero(), scale(low, high), zero()))
    for case in cases:
        case["double"] = tflite.compute(case, True) == case["y"]["codes"]
        if tflite.compute(case, case["double"]) != case["y"]["codes"]:
            raise SystemExit(f"{case['op']} has neither rounding")
    with open(sys.argv[1], "w") as file:
        file.write('{"source": "TFLite reference kernels of ai-edge-litert",\n "cases": [\n')
        file.write(",\n".join(json.dumps(case, separators=(",", ":")) for case in cases))
        file.write("\n]}\n")


main()
