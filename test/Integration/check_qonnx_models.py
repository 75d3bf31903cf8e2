"""Trained QONNX networks, compiled, against the definitions: see qonnx_reference.py.

    check_qonnx_models.py DATA WORK [--integer]    with lowbit-run and lowbit-compile in PATH

Every quantized tensor of a network becomes one more output of it, weights included,
and is compared for each of the 5000 images. A number may differ from the definition's
only where the real number behind it lies within float error of a border of codes;
the definition goes on with the compiled number then, so that each tensor is judged
by itself. Then the network as it is must answer as often right as was published with
the data. Its last sums are integers, with the factors and terms behind them: results
may be off by a small part of a step, and all answers must be those of the definitions.
With --integer it must compile with --require-integer, and have nothing but integers
between its first codes and its last sums.
"""

import json
import pathlib
import re
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

import qonnx_reference as qonnx

# Right answers among 5000, by the definitions.
NETWORKS = {"tfc_1w1a": 4535, "tfc_2w2a": 4768}
# Of a real number that has gone through one layer and its normalization.
FLOAT_ERROR = 2.0**-17
# Of a result: in steps of the last sums, and of the result itself.
STEP_ERROR, RESULT_ERROR = 2.0**-10, 2.0**-22


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return result.stdout


def distance(position, steps):
    """From the nearest border of two codes."""
    if steps == "sign":
        return np.abs(position)
    assert steps == "ROUND", steps
    return np.abs(position - np.floor(position) - 0.5)


class Network:
    def __init__(self, name, right, data, work):
        facts = json.loads((data / "models.json").read_text())[name]
        numbers = facts["preprocessing"]
        self.path, self.work, self.right = data / facts["file"], work, right
        self.work.mkdir(parents=True, exist_ok=True)
        self.labels = data / facts["eval"]["y"]
        stored = np.load(data / facts["eval"]["x"]).reshape(-1, 1, 28, 28)
        self.images = stored.astype(np.float32) * np.float32(numbers["scale"])
        self.images += np.float32(numbers["offset"])
        self.model = onnx.load(self.path)
        constants = {t.name for t in self.model.graph.initializer}
        quantizers = [n for n in self.model.graph.node if n.op_type in qonnx.QUANTIZERS]
        self.weights = [n.output[0] for n in quantizers if n.input[0] in constants]
        self.activations = [n.output[0] for n in quantizers if n.input[0] not in constants]

    def run_compiled(self, names, images):
        """What the compiled network computes for the tensors `names`."""
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        for name in names:
            model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
        path, input_path = self.work / "outputs.onnx", self.work / "x.npy"
        onnx.save(model, path)
        np.save(input_path, images)
        run("lowbit-run", path, "--recipe=imported", f"--input={input_path}",
            *[f"--output={name}:{self.work}/{name}.npy" for name in names])
        return {name: np.load(self.work / f"{name}.npy") for name in names}

    def check_tensors(self):
        """The number of differences that no float error explains."""
        compiled = self.run_compiled(self.activations, self.images)
        single, double = (qonnx.Interpreter(self.model, t) for t in (np.float32, np.float64))
        inputs, exact, failures = {single.inputs()[0]: self.images}, {}, 0

        def keep(name, result):
            exact[name] = result
            return compiled[name]

        def judge(name, result):
            nonlocal failures
            wrong = compiled[name] != result.y
            position = exact[name].position
            excess = distance(position, result.steps) - FLOAT_ERROR * (1 + np.abs(position))
            unexplained = np.count_nonzero(wrong & (excess > 0))
            failures += int(unexplained)
            print(f"  {name}: {np.count_nonzero(wrong)} of {wrong.size} differ, {unexplained} of "
                  f"them without a reason")
            return compiled[name]

        self.results = double.run(inputs, keep)[self.model.graph.output[0].name]
        values = single.run(inputs, judge)
        for name, found in self.run_compiled(self.weights, self.images[:1]).items():
            wrong = int(np.count_nonzero(found != values[name]))
            failures += wrong
            print(f"  {name}: {wrong} of {found.size} weights differ")
        return failures

    def check_results(self):
        """Whether the network as it is answers as it should: the number of complaints."""
        np.save(self.work / "x.npy", self.images)
        run("lowbit-run", self.path, "--recipe=imported", f"--input={self.work}/x.npy",
            f"--output={self.work}/y.npy")
        results, exact = np.load(self.work / "y.npy").astype(np.float64), self.results
        answers = results.argmax(axis=1)
        count = np.count_nonzero(answers == np.load(self.labels))
        # Sums are integers: numbers of one step.
        step = np.diff(np.unique(exact)).min()
        error = np.abs(results - exact)
        far = np.count_nonzero(error > STEP_ERROR * step + RESULT_ERROR * np.abs(exact))
        others = np.count_nonzero(answers != exact.argmax(axis=1))
        print(f"  {count} of {len(answers)} right, {self.right} expected, {others} answers differ; "
              f"results are off by {error.max() / step:.2g} steps, {far} of them too far")
        return int(count != self.right) + int(far) + int(others)

    def find_floats(self):
        """What computes in float between the first codes and the last sums."""
        path = self.work / "integer.mlir"
        run("lowbit-compile", self.path, "--require-integer", "--emit=integer", "-o", path)
        lines = [line.strip() for line in path.read_text().splitlines() if " = " in line]
        crossings = [index for index, line in enumerate(lines)
                     if re.search(r"= lowbit\.(encode|decode) ", line)]
        between = lines[crossings[0] + 1:crossings[-1]]
        return [line for line in between if "f32>" in line.split(" : ")[-1]]


def main():
    data, work = map(pathlib.Path, sys.argv[1:3])
    failures = 0
    for name, right in NETWORKS.items():
        print(name)
        network = Network(name, right, data, work / name)
        failures += network.check_tensors()
        failures += network.check_results()
        for line in network.find_floats() if "--integer" in sys.argv else []:
            print(f"  in float: {line}")
            failures += 1
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
