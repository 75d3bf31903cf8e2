"""Operators of com.microsoft on codes against ONNX Runtime, bit for bit.

    check_onnxruntime.py --seed=1 --count=20    with lowbit-run in PATH

Scales are such that few results saturate; a third of the models has powers of two
as scales, which make ties.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime

from check_quantized import TYPES, Model, run


def scales(model):
    """Of two operands and a result that holds their sum."""
    if model.rng.random() < 1 / 3:
        return np.float32(0.25), np.float32(0.5), np.float32(1)
    a, b = model.scale(), model.scale()
    return a, b, np.float32(max(a, b) * model.rng.uniform(1.5, 3))


def quantized(model, kind, op, operands, result, shape, **attributes):
    """A model of `op` on x and what else is in `operands`."""
    names = [value if isinstance(value, str) else model.constant(value)
             for value in [*operands, *result]]
    value = model.node(op, names, domain="com.microsoft", **attributes)
    built = model.build(shape, value, TYPES[kind][1], TYPES[kind][1])
    return built, model.codes(kind, shape)


def binary(op, factor):
    def make(model):
        kind = model.kind()
        a, b, y = scales(model)
        shape = [2, int(model.rng.integers(1, 50))]
        other = model.codes(kind, shape)
        return quantized(model, kind, op, ["x", a, model.zero(kind), other, b, model.zero(kind)],
                         [np.float32(y * factor), model.zero(kind)], shape)
    return make


def pool(op):
    def make(model):
        kind = model.kind()
        scale = scales(model)[0]
        shape = [1, *(int(size) for size in model.rng.integers(1, 9, 3))]
        attributes = {} if "Global" in op else {"kernel_shape": shape[2:]}
        result = [np.float32(scale * model.rng.choice([0.5, 0.7])), model.zero(kind)]
        return quantized(model, kind, op, ["x", scale, model.zero(kind)], result, shape,
                         **attributes)
    return make


def concat(model):
    kind = model.kind()
    a, b, y = scales(model)
    shape = [2, int(model.rng.integers(1, 50))]
    names = [model.constant(v) for v in (y, model.zero(kind))] + ["x"]
    names += [model.constant(v) for v in (a, model.zero(kind))] + ["x"]
    names += [model.constant(v) for v in (b, model.zero(kind))]
    value = model.node("QLinearConcat", names, domain="com.microsoft", axis=1)
    built = model.build(shape, value, TYPES[kind][1], TYPES[kind][1])
    return built, model.codes(kind, shape)


def gemm(model):
    """Scales of the weights for the matrix or for each column, with and without a bias."""
    rng = model.rng
    kind = model.kind()
    weights = kind if kind == "i8" else model.kind()
    rows, depth, columns = (int(rng.integers(1, 40)) for _ in range(3))
    size = (columns,) if rng.random() < 0.5 else ()
    a, b = model.scale(), model.scale(size)
    transposed = int(rng.random() < 0.5)
    shape = (columns, depth) if transposed else (depth, columns)
    zero = model.zero(weights, size) if weights == "u8" else np.zeros(size, np.int8)
    codes = model.codes(weights, shape)
    if weights == "i8":  # ONNX Runtime saturates sums of two products where it has no VNNI
        codes //= 2
    bias = rng.integers(-20000, 20000, columns).astype(np.int32)
    names = ["x", *map(model.constant, (a, model.zero(kind), codes, b, zero)),
             model.constant(bias) if rng.random() < 0.7 else ""]
    y = np.float32(a * np.max(b) * 128 * np.sqrt(depth) * 2)
    names += [model.constant(y), model.constant(model.zero(kind))]
    value = model.node("QGemm", names, domain="com.microsoft", transB=transposed)
    built = model.build([rows, depth], value, TYPES[kind][1], TYPES[kind][1])
    return built, model.codes(kind, (rows, depth))


def unary(op, **attributes):
    """A function that ONNX Runtime takes from a table, or Softmax."""
    def make(model):
        kind = model.kind()
        scale, _, y = scales(model)
        low = TYPES[kind][0](np.iinfo(TYPES[kind][0]).min)
        result = [np.float32(1 / 256), low] if op == "QLinearSoftmax" else [y, model.zero(kind)]
        if op == "QLinearSigmoid":
            result = [np.float32(model.rng.choice([1 / 256, 1 / 255])), low]
        shape = [3, int(model.rng.integers(1, 300))]
        return quantized(model, kind, op, ["x", scale, model.zero(kind)], result, shape,
                         **attributes)
    return make


CASES = {"QGemm": gemm, "QLinearSigmoid": unary("QLinearSigmoid"),
         "QLinearLeakyRelu": unary("QLinearLeakyRelu", alpha=0.1),
         "QLinearSoftmax": unary("QLinearSoftmax", axis=-1, opset=13), "QLinearAdd": binary("QLinearAdd", 1), "QLinearMul": binary("QLinearMul", 8),
         "QLinearGlobalAveragePool": pool("QLinearGlobalAveragePool"),
         "QLinearAveragePool": pool("QLinearAveragePool"), "QLinearConcat": concat}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=4, help="models of each kind")
    arguments = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        for op, make in CASES.items():
            for number in range(arguments.count):
                model, value = make(Model(np.random.default_rng([arguments.seed, number])))
                session = onnxruntime.InferenceSession(model.SerializeToString())
                expected = session.run(None, {"x": value})[0]
                try:
                    actual = run(model, value, pathlib.Path(name))
                except subprocess.CalledProcessError as error:
                    print(f"{op} {number}: {error.stderr}")
                    failures += 1
                    continue
                if not np.array_equal(actual, expected):
                    print(f"{op} {number}: {np.sum(actual != expected)} of {expected.size} differ")
                    failures += 1
    print("failures:", failures)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
