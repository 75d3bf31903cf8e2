#!/usr/bin/env python3
# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Computes a QONNX model in f32, by the definition of its operators.

    evaluate_qonnx.py MODEL INPUT.npy [OUTPUT.npy] [--labels LABELS.npy]

Quant and BipolarQuant are written out below in NumPy; everything else is the
reference evaluator of the onnx package. Nothing here knows how the models were
trained or how they are compiled.
"""
import argparse

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

DOMAIN = "qonnx.custom_op.general"
ROUNDING = {"ROUND": np.rint, "FLOOR": np.floor, "CEIL": np.ceil}


class Quant(OpRun):
    """Codes of `bitwidth` bits: clamped first, then rounded, and decoded again."""

    op_domain = DOMAIN

    def _run(self, x, scale, zeropt, bitwidth, signed=1, narrow=0, rounding_mode="ROUND"):
        bits = float(bitwidth)
        low = -(2 ** (bits - 1)) + narrow if signed else 0.0
        high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1 - narrow
        codes = (x / scale + zeropt).astype(np.float32)
        codes = ROUNDING[rounding_mode](np.clip(codes, np.float32(low), np.float32(high)))
        return (((codes - zeropt) * scale).astype(np.float32),)


class BipolarQuant(OpRun):
    """One bit: `scale` where x >= 0, -scale elsewhere."""

    op_domain = DOMAIN

    def _run(self, x, scale):
        return (np.where(x >= 0, scale, -scale).astype(np.float32),)


def evaluate(model, x):
    """The first output of `model`, a path or a ModelProto, for the samples `x`."""
    evaluator = ReferenceEvaluator(model, new_ops=[Quant, BipolarQuant])
    return evaluator.run(None, {evaluator.input_names[0]: x})[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("model")
    parser.add_argument("input")
    parser.add_argument("output", nargs="?")
    parser.add_argument("--labels")
    arguments = parser.parse_args()
    y = evaluate(onnx.load(arguments.model), np.load(arguments.input))
    if arguments.output:
        np.save(arguments.output, y)
    if arguments.labels:
        labels = np.load(arguments.labels)
        print(f"{(y.argmax(1) == labels).sum()} of {len(labels)}")


if __name__ == "__main__":
    main()
