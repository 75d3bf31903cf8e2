"""The digits networks of few bits, compiled, against the definition of QONNX.

    digits_variants.py DIGITS WORK TABLE

Compiles each DIGITS/digits_*.onnx with the formats it was trained with, runs it on the test
samples, writes a Markdown table to TABLE, prints it, and fails where

* the compiled network gives other bits than plain loops do;
* it chooses another class than the reference does;
* more than 5 % of the samples have logits that are more than 0.02 off; for pow2, whose
  4,000 codes of 8 bits for each sample are close together, 0.25 of logits up to 17.

The reference is DIGITS/evaluate_qonnx.py, in f32. Both round numbers that they have
computed in different ways to codes, so that now and then a number next to a tie gets
another code: then a few logits differ by more than the bias of the last layer, which
is rounded to the scale of its sums. That is all that may differ.
"""

import json
import pathlib
import subprocess
import sys

import numpy as np

VARIANTS = ["binary", "ternary", "2bit", "pow2"]
TOLERANCE, SHARE = {"binary": 0.02, "ternary": 0.02, "2bit": 0.02, "pow2": 0.25}, 0.05


def run(tool, *arguments):
    command = [tool, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{result.stdout}{result.stderr}")
    return result.stdout


def measure(name, digits, work):
    """The cells of a row, and what is wrong."""
    model, program, report = digits / f"digits_{name}.onnx", work / f"{name}.so", work / "r.json"
    images, labels = digits / "test_x.npy", np.load(digits / "test_y.npy")
    recipe = f"--recipe={digits / 'trained.yaml'}"
    run("lowbit-compile", model, recipe, "--require-integer", f"--report={report}", "-o", program)
    run("lowbit-run", program, f"--input={images}", f"--output={work / 'found.npy'}")
    run("lowbit-run", model, recipe, "--lowering=reference", f"--input={images}",
        f"--expect={work / 'found.npy'}")
    run(sys.executable, "-B", digits / "evaluate_qonnx.py", model, images, work / "expected.npy")
    found, expected = np.load(work / "found.npy"), np.load(work / "expected.npy")
    figures = json.loads(report.read_text())

    ours, theirs = found.argmax(1), expected.argmax(1)
    off = int((np.abs(found - expected).max(1) > TOLERANCE[name]).sum())
    count, wrong = len(labels), []
    if (ours != theirs).any():
        wrong.append(f"another class for {(ours != theirs).sum()} samples")
    if off > SHARE * count:
        wrong.append(f"{off} of {count} samples have logits that are off")
    cells = [name, f"{(theirs == labels).sum()} of {count}", f"{(ours == labels).sum()} of {count}",
             f"{(ours == theirs).sum()} of {count}", f"{off}", f"{figures['weight_bytes']:,}",
             f"{100 * figures['macs_integer'] / figures['macs_total']:.1f} %"]
    return cells, wrong


def main():
    digits, work, table = map(pathlib.Path, sys.argv[1:])
    rows = [["variant", "right by QONNX", "right when compiled", "same class",
             "samples with a logit off", "bytes of weights", "multiply-accumulates in integers"],
            ["---"] * 7]
    failures = []
    for name in VARIANTS:
        cells, wrong = measure(name, digits, work)
        rows.append(cells)
        failures += [f"{name}: {text}" for text in wrong]
    text = "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
    table.write_text(text)
    print(text, end="")
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
