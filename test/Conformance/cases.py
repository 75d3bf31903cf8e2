"""Runs node tests through lowbit-run.

A case is a folder with model.onnx and test_data_set_0/, inputs and outputs as
TensorProtos. It passes if lowbit-run computes the outputs. Node tests give as
inputs what a compiler needs to know, such as weights and axes: where a model is
refused as it is, it is tried again with all inputs but the first as initializers.
"""

import dataclasses
import pathlib
import re
import subprocess
import tempfile

import npy
from protobuf import Model, Tensor, all_of, get_graph, text

TIME_LIMIT = 60  # seconds
OLDEST_OPSET, NEWEST_OPSET = 7, 25
QUANTIZED = re.compile(r"QLinear|QGemm|QuantizeLinear|DequantizeLinear|Integer$")

PASSED, CONSTANT, REFUSED, FAILED = "passed", "passed with constants", "refused", "failed"


@dataclasses.dataclass
class Result:
    outcome: str
    reason: str = ""  # in lowbit's words, shortened
    log: str = ""


@dataclasses.dataclass
class Case:
    name: str  # "SOURCE/FOLDER"
    folder: pathlib.Path

    def __post_init__(self):
        self.model = Model.parse((self.folder / "model.onnx").read_bytes())
        # The opset of a node test is the one that brought the operator's last
        # change: to declare a later one changes nothing.
        if 0 < self.model.opset < OLDEST_OPSET:
            self.model = self.model.with_opset(OLDEST_OPSET)

    def read_data(self, kind):
        """The encoded TensorProtos of inputs or outputs."""
        files = list(self.folder.glob(f"test_data_set_0/{kind}_*.pb"))
        files.sort(key=lambda file: int(file.stem.split("_")[1]))
        return [file.read_bytes() for file in files]

    def get_constants(self):
        """The data of all inputs but the first, by name."""
        return dict(list(zip(self.model.inputs, self.read_data("input")))[1:])

    def read_arrays(self, kind):
        """(name, array) of inputs or outputs, None for what .npy files cannot hold."""
        names = self.model.inputs if kind == "input" else self.model.outputs
        return [(name, Tensor.parse(data) if name in self.model.tensors else None)
                for name, data in zip(names, self.read_data(kind))]


class Runner:
    def __init__(self, tools, flags=()):
        self.tools = pathlib.Path(tools)
        self.flags = list(flags)
        recipes = self.call([self.tools / "lowbit-compile", "--list-recipes"]).stdout
        self.has_imported = re.search("^imported ", recipes, re.MULTILINE) is not None

    @staticmethod
    def call(command):
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, text=True, errors="replace",
                              timeout=TIME_LIMIT)

    def get_recipe(self, model):
        quantized = any(QUANTIZED.search(name) for _, name in model.operators)
        if quantized and self.has_imported:
            return ["--recipe=imported", "--profile=onnx"]
        return ["--recipe=float"]

    def run(self, case):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            result = self.attempt(case, folder, {})
            constants = case.get_constants()
            if result.outcome == REFUSED and constants:
                result = self.attempt(case, folder, constants)
                if result.outcome == PASSED:
                    result.outcome = CONSTANT
            return result

    def attempt(self, case, folder, constants):
        """Runs `case` with `constants` as initializers instead of inputs."""
        model = folder / "model.onnx"
        model.write_bytes(case.model.with_constants(constants).data)
        inputs = [tensor for name, tensor in case.read_arrays("input") if name not in constants]
        expected = [tensor for _, tensor in case.read_arrays("output")]
        command = [self.tools / "lowbit-run", *self.get_recipe(case.model), *self.flags, model]
        has_arrays = None not in inputs and None not in expected
        if has_arrays:
            for index, tensor in enumerate(inputs):
                npy.write(folder / f"x{index}.npy", tensor)
                command.append(f"--input={folder}/x{index}.npy")
            command += [f"--output={folder}/y{index}.npy" for index in range(len(expected))]
        else:
            command.append("--info")
        try:
            process = self.call(command)
        except subprocess.TimeoutExpired:
            return Result(FAILED, "takes too long")
        log = process.stderr.replace(str(model), case.name)
        if process.returncode:
            return self.explain(case, process.returncode, log)
        if not has_arrays:
            return Result(FAILED, "is accepted, but its arrays cannot be given", log)
        for index, tensor in enumerate(expected):
            difference = npy.describe_difference(npy.read(folder / f"y{index}.npy"), tensor)
            if difference:
                return Result(FAILED, "computes something else",
                              log + f"output {index}: {difference}")
        return Result(PASSED, "", log)

    @staticmethod
    def explain(case, code, log):
        """A refusal is an error of the importer, which names the model."""
        first = log.splitlines()[0] if log else ""
        if code != 1:
            return Result(FAILED, "crashes", log)
        if not first.startswith(f"{case.name}: error: ") or "defect of lowbit" in log:
            return Result(FAILED, "cannot be compiled", log)
        reason = first.split("error: ", 1)[1]
        note = re.search(r"note: node .*? \(op '.*?' of domain .*?\) (.*)", log)
        if note:
            reason = note[1]
        return Result(REFUSED, shorten(reason, case), log)

    def accepts(self, case, opset, as_constants):
        """True if the importer takes the case's graph under another opset."""
        model = case.model.with_opset(opset)
        if as_constants:
            model = model.with_constants(case.get_constants())
        with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
            pathlib.Path(file.name).write_bytes(model.data)
            command = [self.tools / "lowbit-translate", "-import-onnx", file.name, "-o",
                       "/dev/null"]
            return self.call(command).returncode == 0


def shorten(reason, case):
    """The reason without advice and without the names in this one model."""
    graph = get_graph(case.model.data)
    names = {*case.model.inputs, *case.model.outputs}
    names |= {bytes(name).decode() for node in all_of(graph, 1) for name in all_of(node, 2)}
    names |= {text(node, 3) for node in all_of(graph, 1)}
    reason = re.sub("'([^']*)'", lambda quoted: "…" if quoted[1] in names else quoted[0],
                    reason)
    return reason.split("; ")[0].split(": ")[0].strip()
