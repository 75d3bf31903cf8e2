#!/usr/bin/env python3
# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains the digits example network and writes digits.onnx and its data.

The network is a small residual convolutional net on the 8x8 hand-written
digits that scikit-learn carries.  Training is plain NumPy, takes well under a
minute, and is deterministic: the seed is fixed, and so is the number of
threads.  The 600 test samples are used once, to report the accuracy of the
finished network; nothing is chosen by looking at them.  Layers, data and export
stay in one file, longer than others here, that can be read and run alone.
"""
import argparse
import os
import time
from pathlib import Path

# One BLAS thread: the order of summation must not depend on the machine's
# number of cores.  This has to come before NumPy is imported.
for var in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[var] = "1"

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

try:
    import onnx
    from onnx import TensorProto, helper, numpy_helper, version_converter
    from onnx.reference import ReferenceEvaluator
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
except ImportError:  # ../data-parallel uses the layers, and has data of its own.
    if __name__ == "__main__":
        raise

SEED = 2024
TEST_SAMPLES = 600
CALIBRATION_SAMPLES = 100
EPOCHS = 40
BATCH = 64
LEARNING_RATE = 2e-3  # the peak; a half cosine takes it to zero
WEIGHT_DECAY = 2e-2  # decoupled (AdamW), on weights of two or more dimensions
SHIFT_SHARE = 0.5  # the share of training images shifted by up to one pixel


# --- Layers: forward(x, training) keeps what backward(dy) needs. -------------


class Layer:
    """A step of the network, with its ONNX node written by export()."""

    name = ""

    def weight(self, graph):
        """The weights as export() writes them: an array, or the name of a value."""
        return self.w

    def parameters(self):
        """The trained arrays, and after backward() their gradients."""
        return {}, {}


class Conv(Layer):
    """3x3 convolution, padding 1, no bias (a BatchNorm always follows)."""

    def __init__(self, name, cin, cout, rng):
        self.name = name
        w = rng.standard_normal((cout, cin, 3, 3)) * np.sqrt(2 / (9 * cin))
        self.w = w.astype(np.float32)

    def forward(self, x, training):
        n, c, h, w = self.shape = x.shape
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = sliding_window_view(padded, (3, 3), axis=(2, 3))  # n c h w 3 3
        self.cols = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * h * w, c * 9)
        y = self.cols @ self.w.reshape(len(self.w), -1).T
        return y.reshape(n, h, w, -1).transpose(0, 3, 1, 2)

    def backward(self, dy):
        n, c, h, w = self.shape
        dy = dy.transpose(0, 2, 3, 1).reshape(n * h * w, -1)
        self.dw = (dy.T @ self.cols).reshape(self.w.shape)
        dcols = (dy @ self.w.reshape(len(self.w), -1)).reshape(n, h, w, c, 3, 3)
        dx = np.zeros((n, c, h + 2, w + 2), np.float32)
        for i in range(3):
            for j in range(3):
                dx[:, :, i:i + h, j:j + w] += dcols[..., i, j].transpose(0, 3, 1, 2)
        return dx[:, :, 1:-1, 1:-1]

    def parameters(self):
        return {"w": self.w}, {"w": getattr(self, "dw", None)}

    def export(self, graph, x):
        return graph.node("Conv", self.name, [x], {"weight": self.weight(graph)},
                          dilations=[1, 1], group=1, kernel_shape=[3, 3],
                          pads=[1, 1, 1, 1], strides=[1, 1])


class BatchNorm(Layer):
    EPSILON = 1e-5
    MOMENTUM = 0.9  # as ONNX counts it: the share of the old running value

    def __init__(self, name, c):
        self.name = name
        self.gamma, self.beta = np.ones(c, np.float32), np.zeros(c, np.float32)
        self.mean, self.var = np.zeros(c, np.float32), np.ones(c, np.float32)

    def forward(self, x, training):
        mean, var = self.mean, self.var
        if training:
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
            count = x.size // x.shape[1]
            keep, add = np.float32(self.MOMENTUM), np.float32(1 - self.MOMENTUM)
            self.mean = keep * self.mean + add * mean
            self.var = keep * self.var + add * var * np.float32(count / (count - 1))
        self.scale = 1 / np.sqrt(var + np.float32(self.EPSILON))
        self.xhat = (x - mean[:, None, None]) * self.scale[:, None, None]
        return self.gamma[:, None, None] * self.xhat + self.beta[:, None, None]

    def backward(self, dy):
        self.dgamma, self.dbeta = (dy * self.xhat).sum((0, 2, 3)), dy.sum((0, 2, 3))
        count = np.float32(dy.size // dy.shape[1])
        centred = dy - (self.dbeta / count)[:, None, None]
        centred -= self.xhat * (self.dgamma / count)[:, None, None]
        return centred * (self.gamma * self.scale)[:, None, None]

    def parameters(self):
        return ({"gamma": self.gamma, "beta": self.beta},
                {"gamma": getattr(self, "dgamma", None), "beta": getattr(self, "dbeta", None)})

    def export(self, graph, x):
        return graph.node("BatchNormalization", self.name, [x],
                          {"weight": self.gamma, "bias": self.beta,
                           "running_mean": self.mean, "running_var": self.var},
                          epsilon=self.EPSILON, momentum=self.MOMENTUM)


class Relu(Layer):
    def __init__(self, name):
        self.name = name

    def forward(self, x, training):
        self.positive = x > 0
        return x * self.positive

    def backward(self, dy):
        return dy * self.positive

    def export(self, graph, x):
        return graph.node("Relu", self.name, [x])


class Pool(Layer):
    """2x2 pooling with stride 2: the maximum or the average."""

    def __init__(self, name, op):
        self.name, self.op = name, op

    def forward(self, x, training):
        n, c, h, w = self.shape = x.shape
        tiles = x.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5)
        tiles = tiles.reshape(n, c, h // 2, w // 2, 4)
        self.winner = tiles.argmax(-1)[..., None]
        return tiles.max(-1) if self.op == "MaxPool" else tiles.mean(-1)

    def backward(self, dy):
        n, c, h, w = self.shape
        dtiles = np.zeros((n, c, h // 2, w // 2, 4), np.float32)
        if self.op == "MaxPool":
            np.put_along_axis(dtiles, self.winner, dy[..., None], -1)
        else:
            dtiles += dy[..., None] / 4
        dtiles = dtiles.reshape(n, c, h // 2, w // 2, 2, 2)
        return dtiles.transpose(0, 1, 2, 4, 3, 5).reshape(self.shape)

    def export(self, graph, x):
        extra = {"dilations": [1, 1]} if self.op == "MaxPool" else {"count_include_pad": 1}
        return graph.node(self.op, self.name, [x], ceil_mode=0, kernel_shape=[2, 2],
                          pads=[0, 0, 0, 0], strides=[2, 2], **extra)


class Residual(Layer):
    """x + body(x); the ReLU after the sum is a layer of its own."""

    def __init__(self, name, body):
        self.name, self.body = name, body

    def forward(self, x, training):
        y = x
        for layer in self.body:
            y = layer.forward(y, training)
        return x + y

    def backward(self, dy):
        dx = dy
        for layer in reversed(self.body):
            dx = layer.backward(dx)
        return dx + dy

    def export(self, graph, x):
        y = x
        for layer in self.body:
            y = layer.export(graph, y)
        return graph.node("Add", self.name, [y, x])


class Linear(Layer):
    """Flatten and a fully connected layer."""

    def __init__(self, name, cin, cout, rng):
        self.name = name
        self.w = (rng.standard_normal((cout, cin)) * np.sqrt(1 / cin)).astype(np.float32)
        self.b = np.zeros(cout, np.float32)

    def forward(self, x, training):
        self.shape, self.x = x.shape, x.reshape(len(x), -1)
        return self.x @ self.w.T + self.b

    def backward(self, dy):
        self.dw, self.db = dy.T @ self.x, dy.sum(0)
        return (dy @ self.w).reshape(self.shape)

    def parameters(self):
        return ({"w": self.w, "b": self.b},
                {"w": getattr(self, "dw", None), "b": getattr(self, "db", None)})

    def export(self, graph, x):
        flat = graph.node("Flatten", "flatten", [x], axis=1)
        return graph.node("Gemm", self.name, [flat],
                          {"weight": self.weight(graph), "bias": self.b},
                          alpha=1.0, beta=1.0, transB=1)


def build(rng):
    return [
        Conv("conv1", 1, 16, rng), BatchNorm("bn1", 16), Relu("relu1"),
        Conv("conv2", 16, 32, rng), BatchNorm("bn2", 32), Relu("relu2"),
        Pool("maxpool", "MaxPool"),
        Residual("block", [
            Conv("block/conv1", 32, 32, rng), BatchNorm("block/bn1", 32), Relu("block/relu1"),
            Conv("block/conv2", 32, 32, rng), BatchNorm("block/bn2", 32)]),
        Relu("block/relu2"),
        Pool("avgpool", "AveragePool"),
        Linear("fc", 128, 10, rng),
    ]


# --- Training. ---------------------------------------------------------------


def softmax(logits):
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def predict(net, x):
    for layer in net:
        x = layer.forward(x, training=False)
    return softmax(x)


def shift(x, rng):
    """Moves a share of the images by up to one pixel, filling with zeros."""
    h, w = x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    moved = rng.random(len(x)) < SHIFT_SHARE
    out = x.copy()
    for i in np.flatnonzero(moved):
        dy, dx = rng.integers(0, 3, 2)
        out[i] = padded[i, :, dy:dy + h, dx:dx + w]
    return out


def trained_layers(net):
    for layer in net:
        yield from trained_layers(layer.body) if isinstance(layer, Residual) else [layer]


def train(x, y, build=build, epochs=EPOCHS, peak=LEARNING_RATE, log=print):
    """Trains the network that build(rng) makes."""
    rng = np.random.default_rng(SEED)
    net = build(rng)
    layers = list(trained_layers(net))
    moments = {}
    steps, step = epochs * (len(x) // BATCH), 0
    for epoch in range(epochs):
        order, total = rng.permutation(len(x)), 0.0
        for start in range(0, len(x) - BATCH + 1, BATCH):
            pick = order[start:start + BATCH]
            h, labels = shift(x[pick], rng), y[pick]
            for layer in net:
                h = layer.forward(h, training=True)
            prob = softmax(h)
            total -= np.log(prob[np.arange(BATCH), labels] + 1e-12).sum()

            grad = prob.copy()
            grad[np.arange(BATCH), labels] -= 1
            grad /= BATCH
            for layer in reversed(net):
                grad = layer.backward(grad)

            # Adam with decoupled weight decay.
            rate = peak * 0.5 * (1 + np.cos(np.pi * step / steps))
            step += 1
            for index, layer in enumerate(layers):
                params, grads = layer.parameters()
                for key, p in params.items():
                    m, v = moments.setdefault((index, key), (np.zeros_like(p), np.zeros_like(p)))
                    m += np.float32(0.1) * (grads[key] - m)
                    v += np.float32(0.001) * (grads[key] ** 2 - v)
                    update = (m / (1 - 0.9 ** step)) / (np.sqrt(v / (1 - 0.999 ** step)) + 1e-8)
                    if p.ndim > 1:
                        update = update + WEIGHT_DECAY * p
                    p -= (rate * update).astype(np.float32)
        if (epoch + 1) % 5 == 0:
            log(f"epoch {epoch + 1:3d}  mean loss {total / (len(x) // BATCH * BATCH):.4f}")
    return net


# --- ONNX, laid out as an export from a training framework would be. ---------


class Graph:
    def __init__(self):
        self.nodes, self.initializers = [], []

    def node(self, op, name, inputs, weights=None, **attributes):
        """Adds a node and its weights, and returns the name of its result.

        A weight is an array or the name of a value that there is already.
        """
        name = name.replace("/", ".")
        scope = "/" + name.replace(".", "/")
        for key, value in (weights or {}).items():
            if not isinstance(value, str):
                self.initializers.append(numpy_helper.from_array(value, f"{name}.{key}"))
                value = f"{name}.{key}"
            inputs = inputs + [value]
        out = f"{scope}/{op}_output_0"
        self.nodes.append(helper.make_node(op, inputs, [out], f"{scope}/{op}", **attributes))
        return out


def export(net):
    graph, value = Graph(), "input"
    for layer in net:
        value = layer.export(graph, value)
    graph.node("Softmax", "softmax", [value], axis=1)
    graph.nodes[-1].output[0] = "output"
    body = helper.make_graph(
        graph.nodes, "digits",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", 10])],
        graph.initializers)
    model = helper.make_model(body, producer_name="lowbit-digits-example", ir_version=8,
                              opset_imports=[helper.make_opsetid("", 13)])
    onnx.checker.check_model(model, full_check=True)
    return model


# --- The whole of it. --------------------------------------------------------


def load():
    """The fixed, stratified split: train, calibration (part of train), test."""
    digits = load_digits()
    x = (digits.images / 16).astype(np.float32)[:, None]
    y = digits.target.astype(np.int32)
    x, test_x, y, test_y = train_test_split(
        x, y, test_size=TEST_SAMPLES, stratify=y, random_state=SEED)
    _, calib_x = train_test_split(
        x, test_size=CALIBRATION_SAMPLES, stratify=y, random_state=SEED)
    return x, y, calib_x, test_x, test_y


def save(path, array):
    with open(path, "wb") as f:
        np.lib.format.write_array(f, np.ascontiguousarray(array), version=(1, 0))


def main():
    parser = argparse.ArgumentParser(description="Train the digits example network.")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent,
                        help="directory to write to (default: beside this script)")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)

    x, y, calib_x, test_x, test_y = load()
    began = time.perf_counter()
    net = train(x, y)
    print(f"trained on {len(x)} samples in {time.perf_counter() - began:.1f} s")

    model = export(net)
    # The reference evaluator takes a BatchNormalization older than opset 14 for
    # one in training and mixes in the statistics of the batch at hand
    # (github.com/onnx/onnx/pull/8442), so it is given a converted copy.
    evaluator = ReferenceEvaluator(version_converter.convert_version(model, 15))
    prob = evaluator.run(["output"], {"input": test_x})[0]
    worst = np.abs(prob - predict(net, test_x)).max()
    if not worst <= 1e-5:
        raise SystemExit(f"digits.onnx differs from the trained network by {worst:g}")
    right = int((prob.argmax(1) == test_y).sum())
    print(f"held-out accuracy: {100 * right / len(test_y):.2f} % ({right} of {len(test_y)}); "
          f"digits.onnx and the trained network differ by at most {worst:.1e}")

    (out / "digits.onnx").write_bytes(model.SerializeToString(deterministic=True))
    save(out / "calib_x.npy", calib_x)
    save(out / "test_x.npy", test_x)
    save(out / "test_y.npy", test_y)
    save(out / "test_prob.npy", prob.astype(np.float32))


if __name__ == "__main__":
    main()
