"""Computes the networks of examples/digits in f64, with quantized activations.

Nothing here comes from the compiler. A value of the network is what a layer makes with
the batch norm, sum and ReLU behind it, what an average makes, the input, and what the last
layer makes; these are quantized.
"""

import numpy as np
import onnx
from onnx import numpy_helper

from activations import Affine


def convolve(x, weights):
    """3 x 3, with a row of zeros around."""
    height, width = x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return sum(np.einsum("ncyx,oc->noyx", padded[:, :, i:i + height, j:j + width],
                         weights[:, :, i, j], optimize=True)
               for i in range(3) for j in range(3))


def windows(x):
    """The 2 x 2 elements of each window."""
    count, channels, height, width = x.shape
    parts = x.reshape(count, channels, height // 2, 2, width // 2, 2)
    return parts.transpose(0, 1, 2, 4, 3, 5).reshape(*parts.shape[:3], width // 2, 4)


def average(parts):
    """Sums of steps may be 0, of which signs are taken: what f64 makes of them is rounded."""
    return np.round(parts.mean(-1), 9)


def per_channel(numbers):
    return numbers.reshape(1, -1, 1, 1)


class Network:
    """`eight_bits` names weights that the recipe leaves at 8 bits."""

    def __init__(self, model, quantizer, first=None, eight_bits=()):
        self.nodes = model.graph.node
        self.numbers = {tensor.name: numpy_helper.to_array(tensor).astype(np.float64)
                        for tensor in model.graph.initializer}
        self.input, self.output = model.graph.input[0].name, model.graph.output[0].name
        self.quantizer, self.first = quantizer, first or quantizer
        self.eight_bits = eight_bits
        self.heads = {node.output[0] for node in self.nodes if node.op_type == "Gemm"}
        self.users = {}
        for node in self.nodes:
            for name in node.input:
                self.users.setdefault(name, []).append(node)
        self.ranges = {}

    def calibrate(self, x):
        """Finds the range of each value, in the network without quantizers."""
        self.ranges = {}
        self.run(x, self.find_range)

    def compute(self, x):
        return self.run(x, self.quantize)

    # ------------------------------------------------------------ values

    def find_range(self, name, x):
        self.ranges[name] = float(np.float32(x.min())), float(np.float32(x.max()))
        return x

    def quantize(self, name, x):
        quantizer = self.first if name == self.input else self.quantizer
        if quantizer.is_dynamic:
            return x
        if name in self.heads:  # Results have 16 bits.
            step = np.abs(self.ranges[name]).max() / 32767
            return np.clip(np.rint(x / step), -32768, 32767) * step
        if not quantizer.is_for_all and not self.is_multiplied(name):
            quantizer = Affine()
        return quantizer.value(x, *self.ranges[name])

    def is_multiplied(self, name):
        return any(node.op_type in ("Conv", "Gemm") or
                   (node.op_type in ("MaxPool", "Flatten") and self.is_multiplied(node.output[0]))
                   for node in self.users.get(name, []))

    def is_value(self, node):
        users = [user.op_type for user in self.users.get(node.output[0], [])]
        if node.op_type == "BatchNormalization":
            return users not in (["Relu"], ["Add"])
        if node.op_type == "Add":
            return users != ["Relu"]
        return node.op_type in ("Relu", "AveragePool")

    # ------------------------------------------------------------ operations

    def run(self, x, change):
        isQuantized = change == self.quantize
        reals = {self.input: x.astype(np.float64)}
        values = {self.input: change(self.input, reals[self.input])}
        for node in self.nodes:
            name = node.output[0]
            if node.op_type in ("Conv", "Gemm"):
                result = self.multiply(node, reals[node.input[0]], values[node.input[0]],
                                       isQuantized)
            else:
                result = self.evaluate(node, values)
            values[name] = reals[name] = result
            if self.is_value(node) or node.op_type == "Gemm":
                values[name] = change(name, result)
            elif node.op_type in ("MaxPool", "Flatten"):
                reals[name] = self.evaluate(node, reals)
        return values[self.output]

    def multiply(self, node, real, x, isQuantized):
        weights = self.numbers[node.input[1]]
        bias = self.numbers[node.input[2]] if len(node.input) > 2 else np.zeros(len(weights))
        if isQuantized and node.input[1] in self.eight_bits:
            weights = self.round_weights(node, weights)
        isFirst = node.input[0] == self.input
        quantizer = self.first if isFirst else self.quantizer
        scale = None
        if isQuantized:
            scale = quantizer.scale(real, weights.shape[-1])
            x = quantizer.read(x)
        if node.op_type == "Gemm":
            return (x @ weights.T) * (1 if scale is None else scale) + bias
        return convolve(x, weights) * (1 if scale is None else scale) + per_channel(bias)

    def round_weights(self, node, weights):
        """In 8 bits for each channel, as a product with the factor of the batch norm."""
        factors = np.ones(len(weights))
        for user in self.users.get(node.output[0], []):
            if user.op_type == "BatchNormalization":
                factors = self.get_norm(user)[0]
        factors = factors.reshape(-1, *[1] * (weights.ndim - 1))
        folded = (weights * factors).astype(np.float32).astype(np.float64)
        most = np.abs(folded).reshape(len(folded), -1).max(1).reshape(factors.shape)
        step = (most / 127).astype(np.float32).astype(np.float64)
        return np.clip(np.rint(folded / step), -127, 127) * step / factors

    def get_norm(self, node):
        scale, offset, mean, variance = (self.numbers[name] for name in node.input[1:5])
        epsilon = next(a.f for a in node.attribute if a.name == "epsilon")
        factor = scale / np.sqrt(variance + epsilon)
        return factor, offset - mean * factor

    def evaluate(self, node, values):
        x = values[node.input[0]]
        if node.op_type == "BatchNormalization":
            factor, term = self.get_norm(node)
            return x * per_channel(factor) + per_channel(term)
        if node.op_type == "Add":
            return x + values[node.input[1]]
        if node.op_type == "Softmax":
            powers = np.exp(x - x.max(1, keepdims=True))
            return powers / powers.sum(1, keepdims=True)
        return {"Relu": lambda: np.maximum(x, 0),
                "MaxPool": lambda: windows(x).max(-1),
                "AveragePool": lambda: average(windows(x)),
                "Flatten": lambda: x.reshape(len(x), -1)}[node.op_type]()


def strip(model):
    """The network without its quantizers: weights are those of theirs, activations real."""
    from evaluate_qonnx import BipolarQuant, Quant
    numbers = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in list(model.graph.node):
        if node.op_type not in ("Quant", "BipolarQuant"):
            continue
        source = node.input[0]
        if source in numbers:
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if "rounding_mode" in attributes:
                attributes["rounding_mode"] = attributes["rounding_mode"].decode()
            kind = Quant if node.op_type == "Quant" else BipolarQuant
            value = kind._run(None, *(numbers[name] for name in node.input), **attributes)[0]
            tensor = next(t for t in model.graph.initializer if t.name == source)
            tensor.CopyFrom(numpy_helper.from_array(value, source))
        for user in model.graph.node:
            for i, name in enumerate(user.input):
                if name == node.output[0]:
                    user.input[i] = source
        model.graph.node.remove(node)
    used = {name for node in model.graph.node for name in node.input}
    for tensor in list(model.graph.initializer):
        if tensor.name not in used:
            model.graph.initializer.remove(tensor)
    for opset in list(model.opset_import):
        if opset.domain:
            model.opset_import.remove(opset)
    return model
