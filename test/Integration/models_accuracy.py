"""What the recipe int8 costs on networks that others trained.

    models_accuracy.py DATA WORK TABLE

Compiles each float network of DATA/models.json in float and as int8, unchanged
and with its own calibration samples, runs both on its evaluation samples, writes
a Markdown table to TABLE, prints it, and fails where a network loses more than it
may:

* with labels: the samples that only float has right, minus those that only int8
  has right, are at most max(3, 0.6 % of all), and both choose the same class at
  least as often as in the int8 reference of the network, where that was made from
  the same weights;
* labelled by its own float output: the same class as often as in the reference;
* an autoencoder: the output's signal over its error, in dB, as in the reference.

The signal over the error of the logits is that of the network without its last
softmax. Latency is shown, and decides nothing.
"""

import ast
import json
import math
import pathlib
import re
import struct
import subprocess
import sys

# References of other weights than the model's say nothing about agreement.
OTHER_WEIGHTS = {"kws_dscnn"}
CODES = {"<f4": "f", "|u1": "B", "<i4": "i", "<i8": "q"}


def run(tool, *arguments):
    command = [tool, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{result.stdout}{result.stderr}")
    return result.stdout


def read_rows(path):
    """The samples of an array, each a tuple of numbers."""
    data = pathlib.Path(path).read_bytes()
    size = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10 : 10 + size].decode())
    code, body = CODES[header["descr"]], data[10 + size :]
    values = struct.unpack(f"<{len(body) // struct.calcsize(code)}{code}", body)
    width = len(values) // header["shape"][0]
    return [values[i : i + width] for i in range(0, len(values), width)]


def choose(rows):
    return [max(range(len(row)), key=row.__getitem__) for row in rows]


def signal_over_error(reference, rows):
    """In dB, over all samples."""
    pairs = [pair for pair in zip(reference, rows)]
    signal = sum(x * x for row, _ in pairs for x in row)
    error = sum((x - y) ** 2 for row, other in pairs for x, y in zip(row, other))
    return math.inf if error == 0 else 10 * math.log10(signal / error)


class Network:
    def __init__(self, name, facts, data, work):
        self.name, self.facts, self.data = name, facts, data
        self.work = work / name
        self.work.mkdir(parents=True, exist_ok=True)
        self.model = data / facts["file"]
        numbers = facts["preprocessing"]
        self.numbers = []
        if numbers["stored"] == "uint8":
            self.numbers = [f"--scale={numbers['scale']!r}", f"--offset={numbers['offset']!r}"]
        self.samples = [f"--input={data / facts['eval']['x']}", *self.numbers]
        self.statistics = self.work / "statistics.json"

    def compile(self, model, recipe, *arguments):
        """The program and the report on it."""
        program = self.work / f"{pathlib.Path(model).stem}-{recipe}.so"
        report = program.with_suffix(".json")
        run("lowbit-compile", model, f"--recipe={recipe}", f"--report={report}", *arguments,
            "-o", program)
        return program, json.loads(report.read_text())

    def run(self, program):
        """What the program computes for all samples."""
        output = program.with_suffix(".npy")
        run("lowbit-run", program, *self.samples, f"--output={output}")
        return read_rows(output)

    def measure_latency(self, program):
        text = run("lowbit-run", program, *self.samples, "--bench=0.1", "--json")
        return json.loads(text)["latency"]["best_us"]

    def without_softmax(self):
        """The network up to its logits; the model itself if it ends in them."""
        path = self.work / "logits.mlir"
        run("lowbit-compile", self.model, "--recipe=float", "--emit=import", "-o", path)
        text, count = re.subn(
            r"%(\w+) = lowbit\.softmax %(\w+) [^\n]*\n(\s*)return %\1 ", r"return %\2 ",
            path.read_text())
        if count == 0:
            return self.model
        path.write_text(text)
        return path

    def measure(self):
        calibration = f"--calibrate={self.data / self.facts['calib']['x']}"
        plain, plain_report = self.compile(self.model, "float")
        coded, report = self.compile(
            self.model, "int8", "--require-integer", calibration, *self.numbers,
            f"--save-statistics={self.statistics}")
        self.float_rows, self.rows = self.run(plain), self.run(coded)
        self.bytes = plain_report["weight_bytes"], report["weight_bytes"]
        self.latencies = self.measure_latency(plain), self.measure_latency(coded)
        logits = self.without_softmax()
        if logits == self.model:
            self.signal = signal_over_error(self.float_rows, self.rows)
        else:
            plain, _ = self.compile(logits, "float")
            coded, _ = self.compile(logits, "int8", f"--statistics={self.statistics}")
            self.signal = signal_over_error(self.run(plain), self.run(coded))

    def judge(self):
        """The row of the table, and what is wrong."""
        reference = self.facts["int8_tflite_reference"] or {}
        agreed = None
        cells, wrong = [self.name], []
        labels = read_rows(self.data / self.facts["eval"]["y"])
        if len(labels[0]) == 1:  # A class, not an output.
            labels = [row[0] for row in labels]
            ours, theirs = choose(self.float_rows), choose(self.rows)
            agreed = sum(a == b for a, b in zip(ours, theirs)) / len(labels)
        expected = reference.get("agreement_with_float",
                                 reference.get("agreement_with_float_on_crops"))
        if agreed is None:
            least = reference["sqnr_db_on_synthetic"]
            cells += ["", ""]
            if self.signal < least:
                wrong.append(f"{self.signal:.2f} dB, but at least {least} are expected")
        elif self.facts["float_accuracy"] == 1.0:
            cells += ["", ""]
        else:
            float_right = sum(a == y for a, y in zip(ours, labels))
            right = sum(b == y for b, y in zip(theirs, labels))
            cells += [f"{float_right} of {len(labels)}", f"{right} of {len(labels)}"]
            most = max(3, 0.006 * len(labels))
            if float_right - right > most:
                wrong.append(f"{float_right - right} lost, but at most {most:g} may be")
        if agreed is not None and expected and self.name not in OTHER_WEIGHTS:
            # References are rounded to four digits.
            if agreed < expected - 5e-5:
                wrong.append(f"agreement {agreed:.4f}, but at least {expected} is expected")
        cells += [
            "" if agreed is None else f"{100 * agreed:.2f} %",
            f"{self.signal:.1f} dB",
            "{:,} / {:,}".format(*self.bytes),
            "{:.0f} / {:.0f} us".format(*self.latencies)]
        return cells, wrong


def main():
    data, work, table = map(pathlib.Path, sys.argv[1:])
    rows = [["model", "right in float", "right in int8", "same answer", "logits over error",
             "bytes of weights, float / int8", "latency, float / int8"], ["---"] * 7]
    failures = []
    for name, facts in json.loads((data / "models.json").read_text()).items():
        if any("::" in op for op in facts["ops"]):
            continue  # Quantized already, by operators that are not ONNX's.
        network = Network(name, facts, data, work)
        network.measure()
        cells, wrong = network.judge()
        rows.append(cells)
        failures += [f"{name}: {text}" for text in wrong]
    text = "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
    table.write_text(text)
    print(text, end="")
    if failures:
        sys.exit("\n".join(failures))
    print(f"{len(rows) - 2} networks keep their accuracy")


if __name__ == "__main__":
    main()
