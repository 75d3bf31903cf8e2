"""The digits networks with every way of storage give the bits that they give without.

    storage_digits.py DIGITS WORK

Prints a Markdown table of the bytes of codes on disk.
"""

import json
import pathlib
import subprocess
import sys

WAYS = ["words", "packed", "sparse", "huffman", "sparse-huffman", "smallest"]
MODELS = {"": ["--recipe=int8"], "_binary": [], "_ternary": [], "_2bit": [], "_pow2": []}


def run(tool, *arguments):
    command = [tool, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{result.stdout}{result.stderr}")


def main():
    digits, work = map(pathlib.Path, sys.argv[1:])
    images, expected = digits / "test_x.npy", work / "expected.npy"
    print(f"| model | in memory | {' | '.join(WAYS)} |")
    print("| --- " * (len(WAYS) + 2) + "|")
    for name, recipe in MODELS.items():
        model = digits / f"digits{name}.onnx"
        recipe = [*recipe, f"--calibrate={digits / 'calib_x.npy'}"] if recipe else [
            f"--recipe={digits / 'trained.yaml'}"]
        cells = []
        for way in WAYS:
            program, report = work / f"{way}.so", work / "report.json"
            run("lowbit-compile", model, *recipe, f"--on-disk={way}", f"--report={report}",
                "-o", program)
            option = "--output" if way == "words" else "--expect"
            run("lowbit-run", program, f"--input={images}", f"{option}={expected}")
            storage = json.loads(report.read_text()).get("storage", [])
            if way == "words":
                assert not storage
                continue
            memory = sum(entry["memory_bytes"] for entry in storage)
            cells.append(sum(entry["disk_bytes"] for entry in storage))
            assert cells[-1] <= memory, (model, way, storage)
            if way == "smallest":
                assert cells[-1] <= min(cells), cells
        # The plain loops decode the same bytes.
        run("lowbit-run", model, *recipe, "--lowering=reference", "--on-disk=smallest",
            f"--input={images}", f"--expect={expected}")
        print(f"| digits{name} | {memory} | {' | '.join(map(str, [memory, *cells]))} |")


if __name__ == "__main__":
    main()
