# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models of single layers and of chains of them, and what they compute.

int8 models are of QLinearConv or QLinearMatMul: u8 codes without zero points times s8
codes with a scale of each output; f32 models have ReLU after each layer, which u8 codes
have by their range."""

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


class Chain:
    """A model of layers one after the other. Weights are `gaussian`, scaled so that the
    largest of each output has the largest code; `uniform` in all codes; or values of
    `bits` bits."""

    def __init__(self, kind, bits=8, weights="gaussian"):
        self.kind, self.largest, self.distribution = kind, 2 ** (bits - 1) - 1, weights
        self.rng = numpy.random.default_rng(1)
        self.nodes, self.constants, self.value, self.macs = [], [], "x", 0
        #: (weights, bias, scales) of each layer.
        self.layers = []
        if kind == "int8":
            self.scale = self.constant("s", numpy.float32(0.02))
            self.zero = self.constant("z", numpy.uint8(0))

    def constant(self, name, array):
        name = f"{name}{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(numpy.asarray(array), name))
        return name

    def draw(self, shape, channel, terms):
        """Weights in f32, or codes and their scales."""
        if self.distribution == "uniform" and self.kind == "int8":
            codes = self.rng.integers(-self.largest, self.largest + 1, shape).astype(numpy.int8)
            return codes, numpy.full(shape[channel], 2.5 / (self.largest * numpy.sqrt(terms)),
                                     numpy.float32)
        values = self.rng.normal(size=shape) / numpy.sqrt(terms)
        if self.kind == "f32":
            return values.astype(numpy.float32), None
        axes = tuple(axis for axis in range(len(shape)) if axis != channel)
        scales = abs(values).max(axis=axes, keepdims=True) / self.largest
        codes = numpy.rint(values / scales).astype(numpy.int8)
        return codes, 1.5 * scales.reshape(-1).astype(numpy.float32)

    def node(self, op, inputs, **attributes):
        result = f"y{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [result], **attributes))
        self.value = result

    def layer(self, op, shape, channel, terms, bias, **attributes):
        weights, scales = self.draw(shape, channel, terms)
        self.layers.append((weights, bias, scales))
        inputs = [self.constant("w", weights)]
        if self.kind == "int8":
            inputs += [self.constant("ws", scales),
                       self.constant("wz", numpy.zeros(scales.shape, numpy.int8))]
        biases = [self.constant("b", bias)] if bias is not None else []
        if self.kind == "f32":
            self.node(op, [self.value, *inputs, *biases], **attributes)
            return self.node("Relu", [self.value])
        self.node("QLinear" + op, [self.value, self.scale, self.zero, *inputs, self.scale,
                                   self.zero, *biases], **attributes)

    def convolution(self, conv, size):
        """Returns the size of the result."""
        terms = conv.kernel ** 2 * conv.inputs // conv.groups
        bias = self.rng.integers(-500, 500, conv.outputs)
        bias = bias.astype("int32") if self.kind == "int8" else (bias / 500).astype("float32")
        self.layer("Conv", (conv.outputs, conv.inputs // conv.groups, conv.kernel, conv.kernel), 0,
                   terms, bias, kernel_shape=[conv.kernel] * 2, pads=[conv.pad] * 4,
                   strides=[conv.stride] * 2, group=conv.groups)
        size = conv.result_size(size)
        self.macs += size * size * conv.outputs * terms
        return size

    def product(self, size):
        self.layer("MatMul", (size, size), 1, size, None)

    def save(self, path, shape, result=None):
        element = TensorProto.UINT8 if self.kind == "int8" else TensorProto.FLOAT
        graph = helper.make_graph(
            self.nodes, "chain", [helper.make_tensor_value_info("x", element, shape)],
            [helper.make_tensor_value_info(self.value, element, result or shape)], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20),
                                                        helper.make_opsetid("onnx.brevitas", 1)])
        model.ir_version = 9
        onnx.save(model, path)

    def samples(self, shape):
        rng = numpy.random.default_rng(2)
        return (rng.integers(0, 256, shape, dtype=numpy.uint8) if self.kind == "int8"
                else rng.random(shape, dtype=numpy.float32))


class Conv:
    """A convolution; depthwise where it has as many groups as inputs."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1):
        self.inputs, self.outputs, self.kernel = inputs, outputs, kernel
        self.stride, self.groups = stride, groups
        self.pad = kernel // 2

    def result_size(self, size):
        return (size + 2 * self.pad - self.kernel) // self.stride + 1


def finish(sums, layer, kind):
    """Of sums in f64, channels last, in rows of channels."""
    _, bias, scales = layer
    if bias is not None:
        sums = sums + bias
    if kind == "f32":
        return numpy.maximum(sums, 0)
    return numpy.rint(sums * scales).clip(0, 255)


def compute_convolution(samples, conv, layer, kind):
    """What the layer gives, exactly: f64 holds all sums of codes. [height, width, outputs]."""
    weights = layer[0].astype(numpy.float64)
    image = numpy.pad(samples[0].astype(numpy.float64), [(0, 0)] + [(conv.pad, conv.pad)] * 2)
    windows = numpy.lib.stride_tricks.sliding_window_view(image, (conv.kernel, conv.kernel), (1, 2))
    windows = windows[:, ::conv.stride, ::conv.stride]
    if conv.groups == 1:
        sums = numpy.tensordot(windows, weights, axes=((0, 3, 4), (1, 2, 3)))
    else:
        sums = numpy.einsum("chwij,cij->hwc", windows, weights[:, 0])
    return finish(sums, layer, kind)


#: Rows of a product that are compared.
COMPARED = 64


def compute_product(samples, layer, kind):
    """The first rows: [rows, 1, columns]."""
    sums = samples[:COMPARED].astype(numpy.float64) @ layer[0].astype(numpy.float64)
    return finish(sums, layer, kind)[:, None, :]


def count_wrong(result, reference, kind):
    """The share of numbers that are more than a code, or a thousandth of the largest,
    away from the reference."""
    away = abs(result[:len(reference)].astype(numpy.float64) - reference)
    return float((away > (1 if kind == "int8" else 1e-3 * abs(reference).max())).mean())
