"""Last layers without a quantizer behind them, and what follows them, against real numbers.

    check_open_layers.py WORK    with lowbit-run and lowbit-compile in PATH

The sums of such a layer leave as integers that are decoded once, with its bias and the
factors and terms behind it in their scales. Each result must be within 2^-10 of a step of
the sums, and 2^-22 of itself, of the real number that the model's f32 parameters make.
Everything must compile with --require-integer.
"""

import pathlib
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

F32, STEP_ERROR, RESULT_ERROR = np.float32, 2.0**-10, 2.0**-22
X_SCALE, X_ZERO, CHANNELS = F32(0.043), 117, 5


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")


class Model:
    """A layer on codes, and operations that follow. Beside each node stands what it
    computes: `factor` and `term` of each channel, in double precision."""

    def __init__(self, rng, op, wide):
        self.rng, self.op, self.nodes, self.tensors = rng, op, [], []
        self.shape = (3, 9) if op != "Conv" else (2, 4, 5, 6)
        w_shape = (CHANNELS, *self.shape[1:2], *((3, 2) if op == "Conv" else ()))
        low, high = (-128, 128) if wide else (-1, 2)
        self.codes = rng.integers(low, high, w_shape)
        self.scales = rng.uniform(0.004, 0.05, CHANNELS).astype(F32)
        x = self.add("DequantizeLinear", self.add("QuantizeLinear", "x", *self.input_scale()),
                     *self.input_scale())
        axis = 0
        codes = self.codes
        if op == "MatMul":
            axis, codes = 1, codes.T
        w = self.add("DequantizeLinear", self.constant(codes.astype(np.int8)),
                     self.constant(self.scales), axis=axis)
        self.factor, self.term = np.ones(CHANNELS), np.zeros(CHANNELS)
        inputs, attributes = [x, w], {"transB": 1} if op == "Gemm" else {}
        if op != "MatMul":
            bias = rng.uniform(-2, 2, CHANNELS).astype(F32)
            self.term += bias
            inputs.append(self.constant(bias))
        self.last = self.add(op, *inputs, **attributes)

    def input_scale(self):
        return self.constant(X_SCALE), self.constant(np.uint8(X_ZERO))

    def constant(self, value):
        name = f"c{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def add(self, op, *inputs, **attributes):
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name

    def numbers(self, kind):
        """One for all, or one for each channel, of which one is 0."""
        values = self.rng.uniform(-3, 3, 1 if kind == "one" else CHANNELS).astype(F32)
        if kind == "zero":
            values[1] = 0
        shape = (-1, *([1] * (len(self.shape) - 2)))
        return values, self.constant(values.reshape(shape) if values.size > 1 else values[0])

    def multiply(self, kind):
        values, name = self.numbers(kind)
        self.factor, self.term = self.factor * values, self.term * values
        self.last = self.add("Mul", self.last, name)

    def divide(self):
        values, name = self.numbers("one")
        # A division by a constant is a product with the f32 next to its inverse.
        inverse = np.float64(F32(1) / values)
        self.factor, self.term = self.factor * inverse, self.term * inverse
        self.last = self.add("Div", self.last, name)

    def shift(self, kind, op="Add"):
        values, name = self.numbers(kind)
        self.term = self.term + (values if op == "Add" else -values)
        self.last = self.add(op, self.last, name)

    def normalize(self):
        scale, offset, mean = self.rng.uniform(-2, 2, (3, CHANNELS)).astype(F32)
        scale[2] = 0
        variance = self.rng.uniform(0.5, 9, CHANNELS).astype(F32)
        parameters = map(self.constant, (scale, offset, mean, variance))
        factor = scale / np.sqrt(variance.astype(np.float64) + np.float64(F32(1e-5)))
        self.factor, self.term = self.factor * factor, (self.term - mean) * factor + offset
        self.last = self.add("BatchNormalization", self.last, *parameters, epsilon=1e-5)

    def save(self, path):
        graph = helper.make_graph(
            self.nodes, "open", [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info(self.last, TensorProto.FLOAT, None)], self.tensors)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)

    def exact(self, image):
        """Results, and the steps of their sums."""
        steps = np.clip(np.rint(image / X_SCALE) + X_ZERO, 0, 255) - X_ZERO
        if self.op == "Conv":
            height, width = self.shape[2] - 2, self.shape[3] - 1
            sums = sum(np.einsum("nkhw,ok->nohw", steps[:, :, i:i + height, j:j + width], self.codes[:, :, i, j])
                       for i in range(3) for j in range(2))
        else:
            sums = steps @ self.codes.T.astype(np.float64)
        channel = lambda values: values.reshape(-1, *([1] * (sums.ndim - 2)))
        step = channel(np.float64(X_SCALE) * self.scales * self.factor)
        return sums * step + channel(self.term), np.abs(step)


def layers(rng):
    """Names and models."""
    for op in ("Gemm", "MatMul", "Conv"):
        for wide in (True, False):
            for kind in ("one", "each", "zero"):
                model = Model(rng, op, wide)
                model.shift(kind if kind != "zero" else "each", "Sub")
                model.divide()
                model.multiply(kind)
                model.shift(kind)
                yield f"{op}, {'8 bits' if wide else 'ternary'}, {kind}", model
    for op in ("Gemm", "Conv"):
        model = Model(rng, op, False)
        yield f"{op} alone", model
        model = Model(rng, op, True)
        model.normalize()
        yield f"{op}, batch norm", model


def main():
    work = pathlib.Path(sys.argv[1])
    work.mkdir(parents=True, exist_ok=True)
    rng, failures = np.random.default_rng(3), 0
    for name, model in layers(rng):
        image = rng.uniform(-7, 7, model.shape).astype(F32)
        model.save(work / "model.onnx")
        np.save(work / "x.npy", image)
        expected, step = model.exact(image)
        run("lowbit-compile", work / "model.onnx", "--require-integer", "--emit=integer",
            "-o", work / "model.mlir")
        found = {}
        for lowering in ("reference", "kernels"):
            run("lowbit-run", work / "model.onnx", f"--lowering={lowering}",
                f"--input={work}/x.npy", f"--output={work}/y.npy")
            found[lowering] = np.load(work / "y.npy")
        error = np.abs(found["reference"].astype(np.float64) - expected)
        far = np.count_nonzero(error > STEP_ERROR * step + RESULT_ERROR * np.abs(expected))
        others = np.count_nonzero(found["reference"] != found["kernels"])
        relative = (error / np.where(step > 0, step, 1)).max()
        print(f"{name}: off by {relative:.2g} steps, {far} of {error.size} too far, {others} differ in kernels")
        failures += int(far) + int(others)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
