"""What stands between DequantizeLinear and QuantizeLinear, against ONNX's evaluator.

    check_quantized_between.py --seed=1 --count=2    with lowbit-run in PATH

Each model has an op of each kind between quantizers with scales and zero points at
random, a third of them powers of two, which make ties. All of it passes
--require-integer. Tables and arithmetic on pairs give the bits of the reference
evaluator; where the order of a sum or a rounding of a root decides, a code may be the
one beside, for one code in a hundred at most.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from check_quantized import TYPES, Model

SHAPE = [2, 3, 6, 5]


class Between(Model):
    """A model whose ops all stand between quantizers."""

    def __init__(self, rng):
        super().__init__(rng)
        self.inputs = {}
        self.outputs = []
        self.is_even = False

    def step(self, low=-7, high=-2):
        return np.float32(2.0 ** self.rng.integers(low, high)) if self.is_even else self.scale(
            (), low, high)

    def source(self, shape=SHAPE):
        """An input of codes, dequantized."""
        kind = self.kind()
        name = f"x{len(self.inputs)}"
        self.inputs[name] = (TYPES[kind][1], self.codes(kind, shape))
        parameters = [self.constant(self.step()), self.constant(self.zero(kind))]
        return self.node("DequantizeLinear", [name, *parameters])

    def quantized(self, label, value, is_near=False, scale=None):
        kind = self.kind()
        scale = self.step() if scale is None else scale
        name = self.node("QuantizeLinear", [value, self.constant(np.float32(scale)),
                                            self.constant(self.zero(kind))])
        self.outputs.append((name, TYPES[kind][1], label, is_near))

    def finish(self):
        tensors = helper.make_tensor_value_info
        graph = helper.make_graph(
            self.nodes, "between", [tensors(n, t, v.shape) for n, (t, v) in self.inputs.items()],
            [tensors(name, kind, None) for name, kind, *_ in self.outputs], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)],
                                 ir_version=10)


FUNCTIONS = {
    "Abs": {}, "Ceil": {}, "Celu": {"alpha": 0.7}, "Clip": {}, "Cos": {}, "Elu": {"alpha": 0.7},
    "Erf": {}, "Floor": {}, "Gelu": {}, "HardSigmoid": {}, "HardSwish": {},
    "LeakyRelu": {"alpha": 0.1}, "Neg": {}, "Relu": {}, "Round": {}, "Selu": {}, "Sigmoid": {},
    "Sin": {}, "Softplus": {}, "Softsign": {}, "Tanh": {}, "ThresholdedRelu": {"alpha": 0.3},
}
PAIRS = ("Add", "Sub", "Mul", "Max", "Min")


def add_functions(model):
    for op, attributes in FUNCTIONS.items():
        inputs = [model.source([260])]
        if op == "Clip":
            inputs += [model.constant(np.float32(-0.4)), model.constant(np.float32(1.3))]
        model.quantized(op, model.node(op, inputs, **attributes))
    for op in PAIRS:
        number = model.constant(np.float32(model.rng.normal()))
        operands = [model.source([260]), number]
        model.quantized(f"{op} number", model.node(op, operands))
        model.quantized(f"number {op}", model.node(op, operands[::-1]))
        codes = model.node("DequantizeLinear", [model.constant(np.uint8(200)),
                                                model.constant(model.step())])
        model.quantized(f"{op} codes", model.node(op, [operands[0], codes]))
    value = model.node("Mul", [model.source([260]), model.constant(np.float32(1.702))])
    value = model.node("Sigmoid", [model.node("Add", [value, model.constant(np.float32(0.3))])])
    model.quantized("chain", value, scale=1 / 255)


def add_pairs(model):
    for op in PAIRS:
        for shape in (SHAPE, [3, 1, 1], [5]):
            model.quantized(f"{op} {shape}", model.node(op, [model.source(), model.source(shape)]))
    vector = model.constant(model.rng.normal(size=(3, 1, 1)).astype(np.float32))
    scaled = model.node("Mul", [model.source(), vector])
    model.quantized("scale and shift", model.node("Add", [scaled, vector]))
    clipped = model.node("Relu", [model.node("Add", [model.source(), model.source()])])
    model.quantized("Relu of Add", clipped)
    model.quantized("change of format", model.source())
    model.quantized("Concat", model.node("Concat", [model.source(), model.source()], axis=1))
    chosen = model.node("Greater", [model.source(), model.source()])
    model.quantized("Where", model.node("Where", [chosen, model.source(), model.source()]))
    moved = model.node("Transpose", [model.source()], perm=[0, 2, 3, 1])
    model.quantized("Sub of Transpose", model.node("Sub", [moved, model.source([2, 6, 5, 3])]))


def add_sums(model):
    def near(label, *arguments, **attributes):
        model.quantized(label, model.node(label, [*arguments], **attributes), is_near=True)

    def vector():
        return model.constant(model.rng.uniform(0.5, 2, 3).astype(np.float32))

    near("AveragePool", model.source(), kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1])
    near("GlobalAveragePool", model.source())
    near("ReduceMean", model.source(), model.constant(np.array([2, 3])))
    near("ReduceSum", model.source(), model.constant(np.array([1])))
    near("Softmax", model.source(), axis=-1)
    near("Softmax", model.source(), axis=1)
    near("Div", model.source(), model.constant(np.float32(3)))
    near("BatchNormalization", model.source(), *(vector() for _ in range(4)))
    near("InstanceNormalization", model.source(), vector(), vector())
    size = model.constant(np.ones(5, np.float32))
    near("LayerNormalization", model.source(), size, size)


def add_heads(model):
    """Layers that nothing quantizes: their sums, decoded."""
    def weights(shape, axis):
        kind = model.kind()
        size = (shape[axis],) if model.rng.random() < 0.7 else ()
        return model.node("DequantizeLinear", [model.constant(model.codes(kind, shape)),
                                               model.constant(model.scale(size)),
                                               model.constant(model.zero(kind, size))], axis=axis)

    def real(label, value):
        model.outputs.append((value, TensorProto.FLOAT, label, True))

    real("MatMul", model.node("MatMul", [model.source([7, 40]), weights([40, 9], 1)]))
    bias = model.constant(model.rng.normal(size=9).astype(np.float32))
    real("Gemm", model.node("Gemm", [model.source([7, 40]), weights([9, 40], 0), bias], transB=1))
    real("Conv", model.node("Conv", [model.source(), weights([4, 3, 3, 2], 0)], pads=[1, 0, 1, 1]))
    real("depthwise Conv", model.node("Conv", [model.source(), weights([6, 1, 3, 2], 0)], group=3))


def build(rng):
    model = Between(rng)
    for add in (add_functions, add_pairs, add_sums, add_heads):
        model.is_even = rng.random() < 1 / 3
        add(model)
    return model


def run(model, proto, folder):
    """The results of lowbit-run by name; all of it in integers and float glue."""
    onnx.save(proto, folder / "m.onnx")
    command = ["lowbit-run", folder / "m.onnx", "--require-integer"]
    for name, (_, value) in model.inputs.items():
        np.save(folder / f"{name}.npy", value)
        command.append(f"--input={name}:{folder}/{name}.npy")
    command += [f"--output={name}:{folder}/{name}.npy" for name, *_ in model.outputs]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return [np.load(folder / f"{name}.npy") for name, *_ in model.outputs]


def agrees(actual, expected, is_near):
    if actual.shape != expected.shape or actual.dtype != expected.dtype:
        return False
    if actual.dtype == np.float32:
        return np.allclose(actual, expected, 1e-4, 1e-4 * np.max(np.abs(expected)))
    distance = np.abs(actual.astype(int) - expected.astype(int))
    if is_near:
        return distance.max() <= 1 and np.mean(distance) <= 0.01
    return distance.max() == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=2, help="models")
    arguments = parser.parse_args()
    failures = 0
    for number in range(arguments.count):
        model = build(np.random.default_rng([arguments.seed, number]))
        proto = model.finish()
        feed = {name: value for name, (_, value) in model.inputs.items()}
        with np.errstate(all="ignore"):
            expected = ReferenceEvaluator(proto).run(None, feed)
        with tempfile.TemporaryDirectory() as name:
            try:
                results = run(model, proto, pathlib.Path(name))
            except subprocess.CalledProcessError as error:
                print(f"model {number}: {error.stderr}")
                failures += 1
                continue
        for actual, wanted, (_, _, label, is_near) in zip(results, expected, model.outputs):
            if not agrees(actual, wanted, is_near):
                print(f"model {number}, {label}: {np.sum(actual != wanted)} of {wanted.size} differ")
                failures += 1
    print("failures:", failures)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
