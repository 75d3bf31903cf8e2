#!/usr/bin/env python3
# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains the digits network again, with few bits, and writes QONNX models.

Each variant starts from the float weights of digits.onnx. A forward pass computes
with quantized weights and activations, a backward pass as if the quantizers were
the identity where they do not saturate (the straight-through estimator), and what
is updated are float weights that no forward pass sees. Layers, training loop and
data are those of train.py, and so is the promise: deterministic, in one thread,
with the test samples used once.
"""
import argparse
import dataclasses
import functools
import time
from collections.abc import Callable
from pathlib import Path

import train as digits  # First: it says how many threads NumPy may have.

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import evaluate_qonnx

HERE = Path(__file__).resolve().parent
DOMAIN = evaluate_qonnx.DOMAIN


# --- Quantizers of weights: the weights as they count, and their QONNX node. ---


def over_channel(function, w):
    """function(w) for each output channel, in a shape that broadcasts."""
    return function(w, axis=tuple(range(1, w.ndim)), keepdims=True).astype(np.float32)


def make_quant(scale, bits, signed, narrow):
    return "Quant", {"scale": scale, "zeropt": np.float32(0), "bitwidth": np.float32(bits)}, {
        "signed": int(signed), "narrow": int(narrow), "rounding_mode": "ROUND"}


def binary(w):
    """The sign, times the mean magnitude of each channel."""
    scale = over_channel(np.mean, np.abs(w))
    return np.where(w >= 0, scale, -scale), ("BipolarQuant", {"scale": scale}, {})


def ternary(w):
    """Zero below 0.7 of the mean magnitude; the mean of the others beyond it."""
    magnitude = np.abs(w)
    kept = magnitude > np.float32(0.7) * over_channel(np.mean, magnitude)
    scale = over_channel(np.sum, magnitude * kept) / over_channel(np.sum, kept)
    return np.sign(w) * kept * scale, make_quant(scale, 2, signed=True, narrow=True)


def uniform(w, bits, clip=None):
    """Signed integers; a step that spans `clip` times the mean magnitude, or all."""
    high = np.float32(2 ** (bits - 1) - 1)
    magnitude = np.abs(w)
    if clip is None:
        scale, low = over_channel(np.max, magnitude) / high, -high
    else:
        scale, low = np.float32(clip) * over_channel(np.mean, magnitude) / high, -high - 1
    codes = np.rint(np.clip(w / scale, low, high))
    return codes * scale, make_quant(scale, bits, signed=True, narrow=clip is None)


def power_of_two(w):
    """0 or one of seven powers of two, with a sign: the nearest of them."""
    magnitude = np.abs(w)
    top = np.floor(np.log2(magnitude.max() * 4 / 3))
    with np.errstate(divide="ignore"):
        exponent = np.floor(np.log2(magnitude * np.float32(4 / 3)))
    codes = np.exp2(np.clip(exponent, top - 6, top)) * (magnitude >= np.exp2(top - 7))
    return (np.sign(w) * codes).astype(np.float32), None


class Quantized(digits.Layer):
    """Mixed into a layer: it computes with quantized weights, and trains others."""

    def quantize_with(self, quantizer):
        self.latent, self.quantizer = self.w, quantizer
        return self

    def forward(self, x, training):
        self.w, self.node = self.quantizer(self.latent)
        return super().forward(x, training)

    def parameters(self):
        values, gradients = super().parameters()
        return values | {"w": self.latent}, gradients

    def weight(self, graph):
        if self.node is None:
            return self.w
        op, parameters, attributes = self.node
        return graph.node(op, f"{self.name}/weight_quant", [], {"weight": self.w} | parameters,
                          domain=DOMAIN, **attributes)


class QuantizedConv(Quantized, digits.Conv):
    pass


class QuantizedLinear(Quantized, digits.Linear):
    pass


# --- Quantizers of activations: layers. ---------------------------------------


class Sign(digits.Layer):
    """-1 or +1; the gradient passes from -1 to +1."""

    scale = np.ones(1, np.float32)

    def __init__(self, name):
        self.name = name

    def forward(self, x, training):
        self.inside = np.abs(x) <= 1
        return np.where(x >= 0, np.float32(1), np.float32(-1))

    def backward(self, dy):
        return dy * self.inside

    def export(self, graph, x):
        return graph.node("BipolarQuant", self.name, [x], {"scale": np.float32(1)},
                          domain=DOMAIN)


class Uniform(digits.Layer):
    """Integers from 0 times a step, which is learned as in LSQ.

    The step follows from the first batch and is trained with the weights: its
    gradient is that of the rounded number within the range, and the largest
    integer above it.
    """

    def __init__(self, name, bits):
        self.name, self.bits = name, bits
        self.high = np.float32(2**bits - 1)
        self.scale = np.zeros(1, np.float32)

    def forward(self, x, training):
        if training and self.scale[0] == 0:
            self.scale[0] = 2 * np.abs(x).mean() / np.sqrt(self.high)
        self.steps = x / self.scale
        self.codes = np.rint(np.clip(self.steps, 0, self.high))
        return self.codes * self.scale

    def backward(self, dy):
        inside = (self.steps >= 0) & (self.steps <= self.high)
        slope = np.where(inside, self.codes - self.steps, self.codes)
        weight = 1 / np.sqrt(dy.size / len(dy) * self.high)
        self.dscale = np.array([(dy * slope).sum() * weight], np.float32)
        return dy * inside

    def parameters(self):
        return {"scale": self.scale}, {"scale": getattr(self, "dscale", None)}

    def export(self, graph, x):
        op, parameters, attributes = make_quant(self.scale[0], self.bits, False, False)
        return graph.node(op, self.name, [x], parameters, domain=DOMAIN, **attributes)


class Exact(digits.Layer):
    """Names the format of numbers that are multiples of a part of a known step."""

    def __init__(self, name, bits, signed=False, of=None, part=1.0):
        self.name, self.bits, self.signed, self.of, self.part = name, bits, signed, of, part

    def forward(self, x, training):
        return x

    def backward(self, dy):
        return dy

    def export(self, graph, x):
        scale = np.float32(self.part) * (self.of.scale[0] if self.of else np.float32(1))
        op, parameters, attributes = make_quant(scale, self.bits, self.signed, self.signed)
        return graph.node(op, self.name, [x], parameters, domain=DOMAIN, **attributes)


# --- The variants. --------------------------------------------------------------


def build(rng, weights, ends, bits):
    """The digits network; activations of 1 bit are signs."""

    def activate(name):
        if bits == 1:
            return [Sign(f"{name}_quant")]
        return [digits.Relu(name), Uniform(f"{name}_quant", bits)]

    def conv(name, cin, cout, quantizer=weights):
        return QuantizedConv(name, cin, cout, rng).quantize_with(quantizer)

    bn, relu2 = digits.BatchNorm, activate("block/relu2")
    average = (Uniform("avgpool_quant", bits) if bits == 8 else
               Exact("avgpool_quant", 3, True, part=0.5) if bits == 1 else
               Exact("avgpool_quant", bits + 2, of=relu2[-1], part=0.25))
    net = [
        Exact("input_quant", 8, part=1 / 16),
        conv("conv1", 1, 16, ends), bn("bn1", 16), *activate("relu1"),
        conv("conv2", 16, 32), bn("bn2", 32), *activate("relu2"),
        digits.Pool("maxpool", "MaxPool"),
        digits.Residual("block", [
            conv("block/conv1", 32, 32), bn("block/bn1", 32), *activate("block/relu1"),
            conv("block/conv2", 32, 32), bn("block/bn2", 32)]),
        *relu2,
        digits.Pool("avgpool", "AveragePool"),
        average,
        QuantizedLinear("fc", 128, 10, rng).quantize_with(ends),
    ]
    start_from(net, onnx.load(HERE / "digits.onnx"))
    return net


def start_from(net, model):
    """Takes the weights of a float network over."""
    arrays = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    names = {"w": "weight", "b": "bias", "gamma": "weight", "beta": "bias"}
    for layer in digits.trained_layers(net):
        for key, value in layer.parameters()[0].items():
            if key in names:
                value[...] = arrays[f"{layer.name.replace('/', '.')}.{names[key]}"]


@dataclasses.dataclass
class Variant:
    weights: Callable  # Quantizes the weights,
    ends: Callable  # but these those of the first and the last layer.
    bits: int  # Of activations.
    epochs: int = 40
    peak: float = digits.LEARNING_RATE

    def train(self, x, y):
        build_this = functools.partial(build, weights=self.weights, ends=self.ends,
                                       bits=self.bits)
        return digits.train(x, y, build_this, self.epochs, self.peak)


# Chosen by cross-validation within the training samples.
eight_bits = functools.partial(uniform, bits=8)
two_bits = functools.partial(uniform, bits=2, clip=1.2)
VARIANTS = {
    "binary": Variant(binary, ends=eight_bits, bits=1, epochs=100, peak=2e-2),
    "ternary": Variant(ternary, ends=ternary, bits=4),
    "2bit": Variant(two_bits, ends=eight_bits, bits=2),
    "pow2": Variant(power_of_two, ends=power_of_two, bits=8),
}


def export(net, name):
    graph, value = digits.Graph(), "input"
    for layer in net:
        value = layer.export(graph, value)
    graph.nodes[-1].output[0] = "output"
    body = helper.make_graph(
        graph.nodes, name,
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", 10])],
        graph.initializers)
    model = helper.make_model(body, producer_name="lowbit-digits-example", ir_version=8,
                              opset_imports=[helper.make_opsetid("", 15),
                                             helper.make_opsetid(DOMAIN, 1)])
    onnx.checker.check_model(model)
    return model


def logits(net, x):
    for layer in net:
        x = layer.forward(x, training=False)
    return x


def main():
    parser = argparse.ArgumentParser(description="Train the digits network with few bits.")
    parser.add_argument("--out", type=Path, default=HERE,
                        help="directory to write to (default: beside this script)")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)

    x, y, _, test_x, test_y = digits.load()
    for name, variant in VARIANTS.items():
        began = time.perf_counter()
        net = variant.train(x, y)
        model = export(net, f"digits_{name}")
        data = model.SerializeToString(deterministic=True)
        found, trained = evaluate_qonnx.evaluate(model, test_x), logits(net, test_x)
        worst = np.abs(found - trained).max()
        right = int((found.argmax(1) == test_y).sum())
        print(f"digits_{name}.onnx: {len(data)} bytes, held-out accuracy "
              f"{100 * right / len(test_y):.2f} % ({right} of {len(test_y)}), at most "
              f"{worst:.1e} from the trained network, in {time.perf_counter() - began:.0f} s")
        (out / f"digits_{name}.onnx").write_bytes(data)


if __name__ == "__main__":
    main()
