"""QONNX's operators, compiled, against their definitions: see qonnx_reference.py.

    check_qonnx.py [--seed=1] [--only=NAME]    with lowbit-run in PATH

Makes small models of each operator with every attribute, rounding mode and way to
give scales and zero points, of tensors that are computed and of constants. The
numbers put in are ties of the rounding, neighbours of ties, extremes and random
ones; the numbers that come out must be the very same, but for the sign of zero.
"""

import argparse
import itertools
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import qonnx_reference as qonnx

MODES = ["ROUND", "HALF_EVEN", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP", "HALF_DOWN", "half_up"]
SHAPE = (3, 4, 40)


class Case:
    """One node on the input x of SHAPE, and the same node on a constant."""

    def __init__(self, op, parameters, domain=qonnx.DOMAINS[0], **attributes):
        self.op, self.domain, self.attributes = op, domain, attributes
        self.parameters = [np.asarray(p, np.float32) for p in parameters]
        self.label = f"{op} {attributes} " + " ".join(
            f"{p.shape}" if p.size > 1 else f"{p.item():g}" for p in self.parameters)

    def add(self, nodes, tensors, number, constant):
        """y = node(x) and z = x + node(constant), all named by `number`."""
        names = []
        for index, parameter in enumerate(self.parameters):
            names.append(f"p{number}_{index}")
            tensors.append(numpy_helper.from_array(parameter, names[-1]))
        tensors.append(numpy_helper.from_array(constant, f"c{number}"))
        for source, result in (("x", "y"), ("c", "r")):
            nodes.append(helper.make_node(self.op, [f"{source}{number}", *names],
                                          [f"{result}{number}"], domain=self.domain,
                                          **self.attributes))
        nodes.append(helper.make_node("Add", [f"x{number}", f"r{number}"], [f"z{number}"]))

    def values(self, rng):
        """Numbers around the borders of codes, as far as scale and zero point say them."""
        scale, zero = self.parameters[0], np.float32(0)
        if self.op in ("IntQuant", "Quant", "Trunc"):
            zero = self.parameters[1]
        reach = 2.0 ** min(float(self.parameters[2].flat[0]) + 1, 9) if len(self.parameters) > 2 else 4
        steps = rng.integers(-2 * reach, 2 * reach, SHAPE).astype(np.float32) / 2
        exact = ((steps - zero) * scale).astype(np.float32)
        beside = np.nextafter(exact, rng.choice(np.float32([-np.inf, np.inf]), SHAPE))
        spread = (rng.normal(0, reach / 2, SHAPE) * scale).astype(np.float32)
        special = rng.choice(np.float32([0, -0.0, 1e30, -1e30, 1e-40, -1e-40]), SHAPE)
        kind = rng.integers(0, 10, SHAPE)
        values = np.select([kind < 4, kind < 6, kind < 9], [exact, beside, spread], special)
        if self.op == "Trunc" and len(self.parameters) == 4:
            # Version 1 does not clamp: its codes have the stated width, or a sign more.
            low, high = -(2.0 ** (self.parameters[2] - 1)), 2.0 ** self.parameters[2] - 1
            values = np.clip(values, (low - zero) * scale, (high - zero) * scale)
        return np.float32(values)


def int_quant_cases(rng):
    channels = np.float32(2.0 ** rng.uniform(-4, 1, (4, 1)))
    domains = itertools.cycle(qonnx.DOMAINS)
    for mode, (signed, narrow) in itertools.product(MODES, [(0, 0), (1, 1)]):
        yield Case("IntQuant", [0.25, 0, 4], next(domains), signed=signed, narrow=narrow,
                   rounding_mode=mode)
    for mode in MODES:  # the scale and zero point of each channel, ties between even and odd
        yield Case("Quant", [channels, [[0], [1], [2], [7]], 4], signed=0, rounding_mode=mode)
        yield Case("Quant", [0.75, 3, 5], signed=1, narrow=0, rounding_mode=mode)
    kinds = itertools.cycle(itertools.product([0, 1], [0, 1]))
    for bits in [*range(2, 17), *range(2, 9)]:
        signed, narrow = next(kinds)
        yield Case("IntQuant", [0.1, 0, bits], next(domains), signed=signed, narrow=narrow)
    yield Case("IntQuant", [0.1, 0, 1], signed=0)
    # Zero points that no integer codes have, scales of any shape, no attributes.
    yield Case("IntQuant", [2 / 3, 1.5, 2], signed=0)
    yield Case("IntQuant", [2 / 3, 1.5, [2]], signed=0, rounding_mode="FLOOR")
    yield Case("IntQuant", [2 / 255, 127.5, 8], signed=0)
    yield Case("IntQuant", [0.5, -0.5, 4])
    yield Case("IntQuant", [2 / 1023, 511.5, 10], signed=0)
    yield Case("IntQuant", [4, 0, 1])
    yield Case("IntQuant", [0.1, 0.3, 3], signed=0)
    yield Case("IntQuant", [channels, 3.5, 3], signed=0)
    yield Case("IntQuant", [channels, 0.25, 3], signed=0)
    yield Case("IntQuant", [channels, 0, 4])
    yield Case("IntQuant", [channels[None], [[[1.0]]], 4])
    yield Case("IntQuant", [0.5, np.arange(40), 6], signed=0)
    yield Case("IntQuant", [2.0 ** rng.uniform(-4, 1, (3, 1, 40)), 0, 4])
    yield Case("IntQuant", [2.0 ** rng.uniform(-4, 1, SHAPE), rng.integers(0, 9, SHAPE), 4])
    yield Case("IntQuant", [0.5, 100000, 4])
    yield Case("IntQuant", [1e-40, 0, 4])
    # One bit with a sign.
    yield Case("IntQuant", [0.5, 0.25, 1])
    yield Case("IntQuant", [channels, 0, 1], narrow=1)


def bipolar_cases(rng):
    for scale in [1, 0.3, [0.5], 2.0 ** rng.uniform(-4, 1, (4, 1)), 2.0 ** rng.uniform(-4, 1, 40),
                  2.0 ** rng.uniform(-4, 1, (3, 4, 1))]:
        yield Case("BipolarQuant", [scale])


def trunc_cases(rng):
    channels = np.float32(2.0 ** rng.uniform(-4, 1, (4, 1)))
    for mode in ["FLOOR", "ROUND", "CEIL", "UP", "DOWN", "HALF_UP", "HALF_DOWN"]:
        yield Case("Trunc", [0.25, 0, 8, 4], rounding_mode=mode)
        yield Case("Trunc", [0.3, 3, 8, 0.3 * 16, 4], rounding_mode=mode, signed=0)
    yield Case("Trunc", [0.25, 0, 8, 4])
    yield Case("Trunc", [0.1, 5, 8, 8])
    yield Case("Trunc", [channels, 0, 8, 5])
    yield Case("Trunc", [channels, 0, 8, channels * 4, 5], narrow=1)
    yield Case("Trunc", [0.5, 16, 8, 4, 4], narrow=0)


def float_quant_cases(rng):
    channels = np.float32(2.0 ** rng.uniform(-4, 1, (4, 1)))
    for (e, m, bias), mode in zip(itertools.cycle([(4, 3, 7), (2, 1, 1), (5, 2, 15), (3, 0, 3)]),
                                  MODES[1:]):
        yield Case("FloatQuant", [1, e, m, bias], rounding_mode=mode)
    for e, m, bias in [(4, 3, 7), (2, 1, 1), (5, 2, 15), (3, 0, 3), (5, 10, 15)]:
        yield Case("FloatQuant", [1, e, m, bias])
    yield Case("FloatQuant", [0.3, 4, 3, 7, 448], has_nan=1, has_inf=0, has_subnormal=1)
    yield Case("FloatQuant", [channels, 4, 3, 7, 240], saturation=1)
    yield Case("FloatQuant", [channels[None], 3, 2, 3, 3.3])


def build(cases, rng):
    """One model of all cases, and its inputs."""
    nodes, tensors, inputs = [], [], {}
    for number, case in enumerate(cases):
        inputs[f"x{number}"] = case.values(rng)
        case.add(nodes, tensors, number, case.values(rng))
    outputs = [f"{kind}{number}" for number in range(len(cases)) for kind in "yz"]
    info = [[helper.make_tensor_value_info(n, TensorProto.FLOAT, SHAPE) for n in names]
            for names in (inputs, outputs)]
    opsets = [helper.make_opsetid(d, 13 if d == "" else 1) for d in ("", *qonnx.DOMAINS)]
    graph = helper.make_graph(nodes, "g", *info, tensors)
    return helper.make_model(graph, opset_imports=opsets, ir_version=8), inputs


def run(model, inputs, folder):
    """The outputs of the compiled model by name."""
    onnx.save(model, folder / "m.onnx")
    flags = []
    for name, value in inputs.items():
        np.save(folder / f"{name}.npy", value)
        flags.append(f"--input={name}:{folder}/{name}.npy")
    outputs = [o.name for o in model.graph.output]
    flags += [f"--output={name}:{folder}/{name}.npy" for name in outputs]
    subprocess.run(["lowbit-run", folder / "m.onnx", "--recipe=imported", *flags], check=True,
                   capture_output=True, text=True)
    return {name: np.load(folder / f"{name}.npy") for name in outputs}


def compare(cases, rng, folder):
    """The number of cases with other numbers than the definitions'."""
    model, inputs = build(cases, rng)
    expected = qonnx.Interpreter(model, np.float32).run(inputs)
    actual, failures = run(model, inputs, folder), 0
    for number, case in enumerate(cases):
        for kind, name in (("y", "computed"), ("z", "constant")):
            found, right = actual[f"{kind}{number}"], expected[f"{kind}{number}"]
            assert right.dtype == np.float32, case.label
            wrong = np.argwhere(found != right)
            if len(wrong):
                at = tuple(wrong[0])
                print(f"{case.label}, {name}: {len(wrong)} of {right.size} differ; {found[at]!r} is "
                      f"not {right[at]!r} for {inputs[f'x{number}'][at]!r} at {at}")
                failures += 1
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="an operator")
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    cases = [case for make in (int_quant_cases, bipolar_cases, trunc_cases, float_quant_cases)
             for case in make(rng) if arguments.only in case.op]
    failures = 0
    np.seterr(over="ignore", divide="ignore")
    with tempfile.TemporaryDirectory() as name:
        for start in range(0, len(cases), 16):
            try:
                failures += compare(cases[start:start + 16], rng, pathlib.Path(name))
            except subprocess.CalledProcessError as error:
                print(error.stderr)
                failures += 1
    print(f"{len(cases)} cases, failures: {failures}")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
