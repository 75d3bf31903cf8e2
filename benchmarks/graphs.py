# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Graphs of well-known networks with seeded random weights: what they compute means
nothing, how long it takes does. Batch norm is folded, as it is in exported models.

    python3 graphs.py resnet50 resnet50.onnx [--batch=N]
"""

import argparse
import pathlib

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


class Network:
    """Appends layers to one value after another."""

    def __init__(self, name, size, batch=1):
        self.name, self.shape = name, (batch, 3, size, size)
        self.rng = numpy.random.default_rng(7)
        self.nodes, self.constants = [], []
        self.channels = {"image": 3}

    def constant(self, array):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array.astype(numpy.float32), name))
        return name

    def node(self, op, inputs, channels, **attributes):
        result = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [result], name=f"/{op}_{len(self.nodes)}",
                                           **attributes))
        self.channels[result] = channels
        return result

    def activate(self, value, kind):
        if kind == "relu":
            return self.node("Relu", [value], self.channels[value])
        if kind == "relu6":
            ends = [self.constant(numpy.array(end)) for end in (0, 6)]
            return self.node("Clip", [value, *ends], self.channels[value])
        return value

    def conv(self, value, channels, kernel, stride=1, pad=None, groups=1, activation="relu",
             gain=1.0):
        """Gaussian weights that keep the size of what they multiply, and a small bias."""
        inputs = self.channels[value] // groups
        weights = self.rng.normal(size=(channels, inputs, kernel, kernel))
        weights *= gain * numpy.sqrt(2 / (inputs * kernel * kernel))
        bias = self.rng.normal(size=channels) * 0.1
        result = self.node("Conv", [value, self.constant(weights), self.constant(bias)], channels,
                           kernel_shape=[kernel] * 2, strides=[stride] * 2,
                           pads=[kernel // 2 if pad is None else pad] * 4, group=groups)
        return self.activate(result, activation)

    def pool(self, value, kernel, stride, pad=0):
        return self.node("MaxPool", [value], self.channels[value], kernel_shape=[kernel] * 2,
                         strides=[stride] * 2, pads=[pad] * 4)

    def add(self, left, right):
        return self.node("Add", [left, right], self.channels[left])

    def concat(self, values):
        return self.node("Concat", values, sum(self.channels[v] for v in values), axis=1)

    def classify(self, value, classes=1000):
        inputs = self.channels[value]
        value = self.node("GlobalAveragePool", [value], inputs)
        value = self.node("Flatten", [value], inputs)
        weights = self.rng.normal(size=(classes, inputs)) / numpy.sqrt(inputs)
        bias = self.rng.normal(size=classes) * 0.1
        return self.node("Gemm", [value, self.constant(weights), self.constant(bias)], classes,
                         transB=1)

    def finish(self, value):
        batch = self.shape[0]
        graph = helper.make_graph(
            self.nodes, self.name,
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info(value, TensorProto.FLOAT,
                                           (batch, self.channels[value]))],
            self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 9
        onnx.checker.check_model(model)
        return model


def resnet50(batch=1):
    net = Network("resnet50", 224, batch)
    value = net.pool(net.conv("image", 64, 7, stride=2), 3, 2, pad=1)
    for stage, blocks in enumerate((3, 4, 6, 3)):
        width = 64 << stage
        for block in range(blocks):
            stride = 2 if stage > 0 and block == 0 else 1
            inner = net.conv(value, width, 1)
            inner = net.conv(inner, width, 3, stride=stride)
            inner = net.conv(inner, 4 * width, 1, activation=None, gain=0.3)
            if block == 0:
                value = net.conv(value, 4 * width, 1, stride=stride, activation=None, gain=0.7)
            value = net.activate(net.add(inner, value), "relu")
    return net.finish(net.classify(value))


def squeezenet(batch=1):
    net = Network("squeezenet1.1", 224, batch)
    value = net.pool(net.conv("image", 64, 3, stride=2, pad=0), 3, 2)
    for squeeze, pools in ((16, False), (16, True), (32, False), (32, True), (48, False),
                           (48, False), (64, False), (64, False)):
        narrow = net.conv(value, squeeze, 1)
        wide = squeeze * 4
        value = net.concat([net.conv(narrow, wide, 1), net.conv(narrow, wide, 3)])
        if pools:
            value = net.pool(value, 3, 2)
    value = net.conv(value, 1000, 1)
    value = net.node("GlobalAveragePool", [value], 1000)
    return net.finish(net.node("Flatten", [value], 1000))


def mobilenetv2(batch=1):
    net = Network("mobilenetv2", 224, batch)
    value = net.conv("image", 32, 3, stride=2, activation="relu6")
    for expand, channels, repeats, first in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2),
                                             (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
                                             (6, 320, 1, 1)):
        for block in range(repeats):
            stride = first if block == 0 else 1
            before, width = value, net.channels[value] * expand
            if expand != 1:
                value = net.conv(value, width, 1, activation="relu6")
            value = net.conv(value, width, 3, stride=stride, groups=width, activation="relu6")
            value = net.conv(value, channels, 1, activation=None, gain=0.7)
            if stride == 1 and net.channels[before] == channels:
                value = net.add(before, value)
    value = net.conv(value, 1280, 1, activation="relu6")
    return net.finish(net.classify(value))


NETWORKS = {"resnet50": resnet50, "squeezenet1.1": squeezenet, "mobilenetv2": mobilenetv2}


def make_samples(count, batch=1):
    """Images of smooth noise, normalized."""
    rng = numpy.random.default_rng(11)
    coarse = rng.normal(size=(count * batch, 3, 28, 28)).astype(numpy.float32)
    return coarse.repeat(8, axis=2).repeat(8, axis=3) + rng.normal(
        scale=0.2, size=(count * batch, 3, 224, 224)).astype(numpy.float32)


def write(name, folder, batch=1, count=4):
    """Paths of a network's model and of samples for it."""
    folder.mkdir(parents=True, exist_ok=True)
    model, samples = folder / f"{name}-{batch}.onnx", folder / f"images-{batch}.npy"
    onnx.save(NETWORKS[name](batch), str(model))
    numpy.save(samples, make_samples(count, batch))
    return model, samples


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--batch", type=int, default=1)
    arguments = parser.parse_args()
    onnx.save(NETWORKS[arguments.network](arguments.batch), str(arguments.output))


if __name__ == "__main__":
    main()
