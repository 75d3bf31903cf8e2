"""Compiles the digits network by a recipe and compares it with the publication."""

import dataclasses
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

import codes
from codecs_marks import check_codec
from layers import find_weights, from_rows, rows_of_decoded, to_rows, without_weight_quantizers
from network import Network, strip
from rows import COPIES, LARGE, TRAINING, Row
from sharing import once

#: What the last layer of the network reads, before it is flattened.
FLATTENED = 32, 2, 2
#: What f32 in place of f64 may change: classes, and outputs on average.
LEAST_AGREEMENT, MOST_DIFFERENCE = 0.99, 0.01
#: Samples for what holds of every bit.
FEW = 50
#: Scales are rounded to f32, and sums are in another order.
TOLERANCE = 1e-5


class Failure(Exception):
    pass


@dataclasses.dataclass
class Result:
    row: Row
    #: Marks: None for not tested. A mark that is missing has a reason.
    encodes: bool = None
    computes: bool = None
    is_cheap: bool = None
    is_small: bool = None
    reasons: list = dataclasses.field(default_factory=list)
    failures: list = dataclasses.field(default_factory=list)
    #: Of classes with the reference, and the mean difference of outputs.
    agreement: float = None
    difference: float = None
    formula_bytes: int = None
    bias_bytes: int = None
    stored_bytes: int = None
    #: Of these: zeros between weights, and the rows of the index.
    padding_bytes: int = None
    index_bytes: int = None


class Checker:
    def __init__(self, tools, digits, recipes, work):
        self.tools, self.digits, self.recipes, self.work = tools, digits, recipes, work
        self.images, self.labels = np.load(digits / "test_x.npy"), np.load(digits / "test_y.npy")
        self.samples = np.load(digits / "calib_x.npy")
        np.save(work / "few.npy", self.images[:FEW])
        sys.path.insert(0, str(digits))

    def make_folder(self):
        return pathlib.Path(tempfile.mkdtemp(dir=self.work))

    def run(self, tool, *arguments):
        command = [str(self.tools / tool), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            line = " ".join(map(str, arguments))
            raise Failure(f"{tool} {line}: {done.stdout[-500:]}{done.stderr[-500:]}")
        return done.stdout

    def load(self, row):
        if row.stripped:
            return strip(onnx.load(self.digits / "digits_binary.onnx"))
        name = f"digits_{row.network}.onnx" if row.network else "digits.onnx"
        return onnx.load(self.digits / name)

    def read_weights(self, model, row):
        """What becomes of the weights, layer by layer."""
        folder = self.make_folder()
        imported, encoded = folder / "import.mlir", folder / "encoded.mlir"
        if row.curved or row.worse:
            return self.read_encoded(model, row)
        way = f"encode-weights=recipe={row.recipe}"
        if row.imports or row.network:
            way = "detect-formats"
        self.run("lowbit-compile", model, f"--recipe={row.recipe}", "--emit=import", "-o", imported)
        self.run("lowbit-opt", imported, "-lowbit-fold-constants", f"-lowbit-{way}", "-o", encoded)
        return codes.read_weights(encoded.read_text())

    def read_encoded(self, model, row):
        """The same from the stage `model`: only the driver runs samples."""
        encoded = self.make_folder() / "encoded.mlir"
        self.run("lowbit-compile", model, f"--recipe={row.recipe}", "--emit=model",
                 f"--calibrate={self.digits / 'calib_x.npy'}", "-o", encoded)
        found = codes.read_weights(encoded.read_text())
        # The last layer reads what was flattened with channels last. With tables beside
        # its codes it keeps the order, and there is a transpose before it.
        if not row.keeps_order:
            channels, height, width = FLATTENED
            last = found[-1].values
            inputs = last.reshape(-1, height, width, channels).transpose(0, 3, 1, 2)
            found[-1].values = inputs.reshape(last.shape)
        return found

    # ------------------------------------------------------------ the marks

    def check(self, row):
        result = Result(row)
        if row.note:
            result.reasons.append(row.note)
        if row.pending:
            result.reasons.append(row.pending)
            return result
        try:
            if row.codec:
                check_codec(row, result, self.tools, self.work)
            elif row.network and not row.imports:
                self.check_trained(row, result)
            else:
                self.check_weights(row, result)
        except (Failure, KeyError, ValueError) as failure:
            result.failures.append(f"{type(failure).__name__}: {failure}")
        return result

    def check_weights(self, row, result):
        """Of float weights that the recipe encodes, or that lie on the method's grid."""
        model = self.load(row)
        weights = {tensor.name: tensor for tensor, _ in find_weights(model)}
        floats = {name: to_rows(numpy_helper.to_array(tensor).astype(np.float64))
                  for name, tensor in weights.items()}
        if row.imports:
            without_weight_quantizers(model)
            for name, tensor in weights.items():
                self.replace(tensor, row.method(floats[name]))
                floats[name] = to_rows(numpy_helper.to_array(tensor).astype(np.float64))
        path = self.make_folder() / "model.onnx"
        onnx.save(model, path)
        names = list(floats)
        if row.inner or row.after_first:
            names = names[1:-1] if row.inner else names[1:]
        found = self.read_weights(path, row)
        if len(found) != len(names):
            raise Failure(f"{len(found)} layers have codes, but {len(names)} should")
        wrong = []
        for name, layer in zip(names, found):
            decoded = rows_of_decoded(layer.values)
            expected = self.expect(row, name, floats[name], decoded, weights[name].dims[1])
            if not np.allclose(decoded, expected, rtol=0, atol=TOLERANCE * np.abs(expected).max()):
                off = int((~np.isclose(decoded, expected, rtol=0,
                                       atol=TOLERANCE * np.abs(expected).max())).sum())
                wrong.append(f"{off} weights of {name} are others than the publication's")
            if not row.imports:
                self.replace(weights[name], decoded)
        result.encodes = not wrong
        result.failures += wrong
        self.count_bytes(result, found, floats, names)
        widths = dict(zip(names, (layer.bits for layer in found)))
        bits = [widths.get(name, 8) for name in floats]
        outputs = self.check_program(row, path, result, floats, bits)
        if row.network:
            from evaluate_qonnx import evaluate
            expected = evaluate(model, self.images)
        else:
            network = Network(model, row.activations, row.first, set(floats) - set(names))
            network.calibrate(self.samples)
            expected = network.compute(self.images)
        self.check_function(outputs, expected, result)
        if row.imports:
            result.reasons.append(TRAINING)

    def expect(self, row, name, floats, decoded, inputs):
        if row.curved:
            curvature = np.diag(self.get_moments()[name])
            return row.method(floats, np.broadcast_to(curvature, floats.shape))
        if row.worse:
            return self.expect_less(row, name, floats, decoded)
        if row.imports:
            return floats
        if row.step:
            return self.expect_neighbours(row.step(floats), floats, decoded)
        if row.vectors:
            return self.expect_vectors(row, floats, decoded, inputs)
        if getattr(row.method, "takes_inputs", False):
            return row.method(floats, inputs)
        return row.method(floats)

    def replace(self, tensor, rows):
        values = from_rows(rows, list(tensor.dims)).astype(np.float32)
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values), tensor.name))

    @staticmethod
    def expect_neighbours(step, floats, decoded):
        """A level beside each weight, and errors that cancel on average."""
        levels = np.rint(decoded / step)
        isBeside = np.abs(levels * step - floats) < step * (1 + 1e-6)
        errors = (levels * step - floats) / step
        fraction = floats / step - np.floor(floats / step)
        deviation = np.sqrt((fraction * (1 - fraction)).sum())
        if abs(errors.sum()) > 4 * deviation:
            raise Failure(f"the errors of rounding add up to {errors.sum():.1f} steps, "
                          f"over 4 x {deviation:.1f}")
        return np.where(isBeside, levels * step, np.inf)

    @staticmethod
    def expect_vectors(row, floats, decoded, inputs):
        """One stage: the nearest vector of those that occur at the same place. Several:
        less is left than one stage of as many leaves."""
        dim, stages = row.vectors
        dim = min(dim, inputs)
        cut = floats.reshape(-1, inputs // dim, dim), decoded.reshape(-1, inputs // dim, dim)
        if stages > 1:
            return decoded
        result = np.empty_like(cut[0])
        for place in range(inputs // dim):
            table = np.unique(cut[1][:, place], axis=0)
            distances = ((cut[0][:, place, None] - table) ** 2).sum(2)
            result[:, place] = table[distances.argmin(1)]
        return result.reshape(floats.shape)

    def expect_less(self, row, name, floats, decoded):
        """Less error of the layer's outputs than another recipe has."""
        moments, others = self.get_moments()[name], self.get_weights(row.worse)[name]
        ours, theirs = (np.einsum("oi,ij,oj", e, moments, e)
                        for e in (decoded - floats, others - floats))
        if ours > theirs * (1 + 1e-6):
            raise Failure(f"{name} has an error of {ours:.4g} at its outputs, "
                          f"but {row.worse} {theirs:.4g}")
        return decoded

    @once
    def get_weights(self, recipe):
        """What another recipe makes of the weights of the float network."""
        row = Row("", "", "", recipe, worse="any")
        found = self.read_weights(self.digits / "digits.onnx", row)
        return {tensor.name: rows_of_decoded(layer.values)
                for (tensor, _), layer in zip(find_weights(self.load(row)), found)}

    @once
    def get_moments(self):
        """The mean products of the inputs of each layer, by ONNX Runtime."""
        model = onnx.load(self.digits / "digits.onnx")
        layers = {node.input[1]: node for node in model.graph.node
                  if node.op_type in ("Conv", "Gemm")}
        for node in layers.values():
            if node.input[0] != model.graph.input[0].name:
                model.graph.output.append(onnx.helper.make_empty_tensor_value_info(node.input[0]))
        session = onnxruntime.InferenceSession(model.SerializeToString(),
                                               providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()][1:]
        inputs = {session.get_inputs()[0].name: self.samples}
        values = dict(zip(names, session.run(names, inputs)), **inputs)
        moments = {}
        for name, node in layers.items():
            x = values[node.input[0]].astype(np.float64)
            if node.op_type == "Conv":  # All are 3 x 3, with one row of zeros around.
                height, width = x.shape[2:]
                padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
                taps = [padded[:, :, i:i + height, j:j + width] for i in range(3) for j in range(3)]
                x = np.stack(taps).transpose(1, 3, 4, 0, 2).reshape(-1, 9 * x.shape[1])
            moments[name] = x.T @ x / len(x)
        return moments

    @staticmethod
    def count_bytes(result, found, floats, names):
        """Codes and their parameters; a byte for other weights; 4 for each bias."""
        bits = sum(layer.bits * layer.values.size + layer.parameter_bits for layer in found)
        bits += sum(8 * rows.size for name, rows in floats.items() if name not in names)
        result.bias_bytes = sum(4 * len(rows) for rows in floats.values())
        result.formula_bytes = int(bits + 7) // 8 + result.bias_bytes

    def check_program(self, row, model, result, floats, bits):
        """Kernels and loops agree; the figures of the report. Returns the outputs."""
        # What the recipe says, without who has said it: some recipes are the same.
        lines = (self.recipes / f"{row.recipe}.yaml").read_text().splitlines()
        said = [line for line in lines if not line.startswith(
            ("#", "name:", "description:", "citation:", "argument:"))]
        content = hashlib.sha256(model.read_bytes()).hexdigest()
        figures, outputs = self.compile(content, "\n".join(said), model=model, row=row)
        result.is_cheap = figures["macs_integer"] == figures["macs_total"]
        if not result.is_cheap:
            result.reasons.append(self.explain_floats(figures))
        stored = figures.get("storage", [])
        result.stored_bytes = result.bias_bytes + sum(c["disk_bytes"] for c in stored)
        self.judge_size(result, stored, floats, bits)
        return outputs

    @once
    def compile(self, content, said, *, model, row):
        del content, said  # They tell what is the same.
        folder = self.make_folder()
        program, report = folder / "model.so", folder / "report.json"
        found, ranges = folder / "found.npy", folder / "statistics.json"
        first, second = [], []
        if not row.network:
            first = [f"--calibrate={self.digits / 'calib_x.npy'}", f"--save-statistics={ranges}"]
            # Encoders that run samples do so again.
            second = first[:1] if row.curved or row.worse else [f"--statistics={ranges}"]
        if row.activations.is_dynamic:
            first = second = []
        self.run("lowbit-compile", model, f"--recipe={row.recipe}", *first, "--on-disk=packed",
                 f"--report={report}", "-o", program)
        self.run("lowbit-run", program, f"--input={self.digits / 'test_x.npy'}",
                 f"--output={found}")
        outputs = np.load(found)
        np.save(folder / "few.npy", outputs[:FEW])
        self.run("lowbit-run", model, f"--recipe={row.recipe}", *second, "--lowering=reference",
                 f"--input={self.work / 'few.npy'}", f"--expect={folder / 'few.npy'}")
        return json.loads(report.read_text()), outputs

    @staticmethod
    def judge_size(result, stored, floats, bits):
        """The bytes of the formula, up to 1 % and what small layers have beside: zeros with
        which kernels fill up inputs and outputs, one value more than a code has, and rows of
        the index. `bits` are those of a code of each layer."""
        places = list(dict.fromkeys(constant["at"] for constant in stored))
        sizes = [(rows.size, min(width, 8)) for rows, width in zip(floats.values(), bits)]
        padding, has_copies = 0, False
        if len(places) == len(floats):
            for place, (size, width) in zip(places, sizes):
                constants = [c for c in stored if c["at"] == place]
                words = constants[0]["memory_bytes"]
                words = words // 2 if words >= 2 * size else words
                total = sum(c["disk_bytes"] - 53 * (c["storage"] != "words") for c in constants)
                # Terms of weights have a bit each; terms of activations have all of them.
                are_copies = len(constants) > width
                has_copies |= are_copies
                if words != size:
                    padding += max(0, total * (1 - size / words) if are_copies
                                   else total - size * width / 8)
        result.padding_bytes = round(padding)
        result.index_bytes = 53 * sum(c["storage"] != "words" for c in stored)
        rest = result.stored_bytes - result.padding_bytes - result.index_bytes
        result.is_small = rest <= 1.01 * result.formula_bytes
        if not result.is_small:
            result.reasons.append(result.row.large or (COPIES if has_copies else LARGE))

    @staticmethod
    def explain_floats(figures):
        """The reason for most of the multiply-accumulates in float."""
        costs = {}
        for finding in figures["findings"]:
            for start in ("stays in float: ", "is float glue: "):
                if finding["macs"] and finding["text"].startswith(start):
                    text = finding["text"].removeprefix(start)
                    costs[text] = costs.get(text, 0) + finding["macs"]
        share = 100 * (1 - figures["macs_integer"] / figures["macs_total"])
        reason = max(costs, key=costs.get) if costs else "they are real numbers"
        return f"{share:.1f} % of multiply-accumulates in float: {reason}"

    def check_function(self, found, expected, result):
        agreement = (found.argmax(1) == expected.argmax(1)).mean()
        scale = np.abs(expected).max()
        difference = np.abs(found - expected).mean() / scale
        result.agreement, result.difference = agreement, difference
        result.computes = bool(agreement >= LEAST_AGREEMENT and difference <= MOST_DIFFERENCE)
        if not result.computes:
            result.reasons.append(f"the same class for {100 * agreement:.1f} % of the samples, "
                                  f"with an error of {100 * difference:.1f} % on average")

    def check_trained(self, row, result):
        """A network with quantizers: its weights are those of the quantizers."""
        from evaluate_qonnx import evaluate
        path = self.digits / f"digits_{row.network}.onnx"
        found = self.read_weights(path, row)
        model = self.load(row)
        weights, floats = find_weights(model), {}
        if len(found) != len(weights):
            raise Failure(f"{len(found)} layers have codes, but {len(weights)} should")
        for (tensor, quantizer), layer in zip(weights, found):
            expected = floats[tensor.name] = to_rows(self.quantize(model, quantizer))
            if not np.array_equal(rows_of_decoded(layer.values).astype(np.float32), expected):
                result.failures.append(f"weights of {tensor.name} are others than the quantizer's")
        result.encodes = not result.failures
        self.count_bytes(result, found, floats, list(floats))
        bits = [layer.bits for layer in found]
        outputs = self.check_program(row, path, result, floats, bits)
        self.check_function(outputs, evaluate(model, self.images), result)

    @staticmethod
    def quantize(model, node):
        from evaluate_qonnx import BipolarQuant, Quant
        values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if "rounding_mode" in attributes:
            attributes["rounding_mode"] = attributes["rounding_mode"].decode()
        inputs = [values[name] for name in node.input]
        kind = Quant if node.op_type == "Quant" else BipolarQuant
        return kind._run(None, *inputs, **attributes)[0]
