# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One rank of data-parallel training; run.py starts all of them.

The network is that of ../digits. Each step, each rank computes the gradient of its share
of the batch; the ranks' gradients are added up, the large ones through a codec, and all
ranks take the same step. What is learnt from is 450 of the 600 labelled samples that are
in the repository; the other 150 tell the accuracy.
"""
import argparse
import hashlib
import json
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "digits"))
import train as digits  # First: it says how many threads NumPy may have.

import numpy as np
from codec import Codec, Uncompressed
from mpi4py import MPI

TRAINED = 450
BATCH = 60
RATE, MOMENTUM = 0.1, 0.9
#: Parameters below this size are sent as they are.
LEAST = 1000


def parameters(net):
    """Pairs of the arrays and a function for their gradients, in one order everywhere."""
    for layer in digits.trained_layers(net):
        for key in layer.parameters()[0]:
            yield layer.parameters()[0][key], lambda layer=layer, key=key: layer.parameters()[1][key]


def gradient_of(net, x, labels, share):
    """Backpropagates the loss over `share` samples of all ranks."""
    for layer in net:
        x = layer.forward(x, training=True)
    grad = digits.softmax(x)
    grad[np.arange(len(labels)), labels] -= 1
    grad /= share
    for layer in reversed(net):
        grad = layer.backward(grad)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--codecs", type=Path, help="folder of codecs, SIZE.so; none for float")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--momentum", type=float, default=MOMENTUM)
    parser.add_argument("--print-sizes", action="store_true")
    arguments = parser.parse_args()
    comm = MPI.COMM_WORLD

    net = digits.build(np.random.default_rng(digits.SEED))
    weights = list(parameters(net))
    large = [i for i, (p, _) in enumerate(weights) if p.size >= LEAST]
    if arguments.print_sizes:
        print(*sorted({weights[i][0].size for i in large}))
        return
    codecs = {i: Codec(arguments.codecs / f"{weights[i][0].size}.so") if arguments.codecs
              else Uncompressed() for i in large}
    plain = Uncompressed()

    x = np.load(HERE.parent / "digits" / "test_x.npy")
    y = np.load(HERE.parent / "digits" / "test_y.npy")
    velocity = [np.zeros_like(p) for p, _ in weights]
    rng = np.random.default_rng(1)
    sent, exchange_time, step = 0, 0.0, 0
    comm.Barrier()
    began = time.perf_counter()
    for epoch in range(arguments.epochs):
        order = rng.permutation(TRAINED)
        rate = RATE * 0.5 * (1 + np.cos(np.pi * epoch / arguments.epochs))
        for start in range(0, TRAINED - BATCH + 1, BATCH):
            batch = order[start:start + BATCH][comm.rank::comm.size]
            gradient_of(net, x[batch], y[batch], BATCH)
            for i, (p, get) in enumerate(weights):
                grad = np.ascontiguousarray(get(), np.float32).ravel()
                before = time.perf_counter()
                total, count = codecs.get(i, plain).exchange(comm, grad, i, step)
                if i in codecs:
                    sent += count
                    exchange_time += time.perf_counter() - before
                momentum = arguments.momentum if i in codecs else MOMENTUM
                velocity[i] = np.float32(momentum) * velocity[i] + total.reshape(p.shape)
                p -= np.float32(rate) * velocity[i]
            step += 1
    elapsed = time.perf_counter() - began

    # Each rank normalizes its own share; what it has seen is averaged for the test.
    for layer in digits.trained_layers(net):
        for name in ("mean", "var"):
            if hasattr(layer, name):
                total, _ = plain.exchange(comm, getattr(layer, name), 0, 0)
                setattr(layer, name, total / np.float32(comm.size))
    digest = hashlib.sha256(b"".join(p.tobytes() for p, _ in weights)).hexdigest()
    if len(set(comm.allgather(digest))) != 1:
        sys.exit("ranks have come apart")
    right = int((digits.predict(net, x[TRAINED:]).argmax(1) == y[TRAINED:]).sum())
    if comm.rank == 0:
        print(json.dumps({"bytes": sent / step, "right": right, "of": len(y) - TRAINED,
                          "seconds": elapsed, "exchange": exchange_time, "weights": digest}))


if __name__ == "__main__":
    main()
