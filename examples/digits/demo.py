#!/usr/bin/env python3
"""Compiles the digits network in float and in integers, and compares the two.

`make demo` at the top of the repository builds the tools and runs this. It
needs nothing but Python's standard library, and cc for the program in C.
"""

import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
DIGITS = pathlib.Path("examples/digits")


class Failure(Exception):
    """Ends the demo with one message."""


class Commands:
    """Runs commands in the top folder of the repository and remembers them."""

    def __init__(self):
        self.ran = []

    def run(self, *words):
        line = shlex.join(str(word) for word in words)
        self.ran.append(line)
        try:
            done = subprocess.run([str(word) for word in words], cwd=SOURCE, text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        except OSError as error:
            raise Failure(f"{words[0]}: {error.strerror}") from error
        if done.returncode != 0:
            raise Failure(f"exit status {done.returncode} from: {line}")
        return done.stdout


def read_json(text, origin):
    try:
        return json.loads(text)
    except ValueError as error:
        raise Failure(f"{origin} is not JSON: {error}") from error


def number(report, path, origin):
    """The number at a dotted path of a report."""
    value = report
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            raise Failure(f"{origin} has no '{path}'")
        value = value[key]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Failure(f"'{path}' in {origin} is not a number: {value!r}")
    return value


def measure(commands, tools, out, recipe):
    """Compiles with a recipe, runs the held-out images, returns the figures."""
    artefact = out / recipe / "digits.so"
    report_file = out / recipe / "report.json"
    (SOURCE / artefact).parent.mkdir(parents=True, exist_ok=True)
    calibrate = [] if recipe == "float" else [f"--calibrate={DIGITS / 'calib_x.npy'}"]
    commands.run(tools / "lowbit-compile", DIGITS / "digits.onnx", f"--recipe={recipe}",
                 *calibrate, f"--report={report_file}", "-o", artefact)
    try:
        report = read_json((SOURCE / report_file).read_text(), report_file)
    except OSError as error:
        raise Failure(f"{report_file}: {error.strerror}") from error
    result = read_json(commands.run(
        tools / "lowbit-run", artefact, f"--input={DIGITS / 'test_x.npy'}",
        f"--labels={DIGITS / 'test_y.npy'}", "--bench", "--json"), "lowbit-run's output")
    figures = {path: number(report, path, report_file) for path in (
        "weight_bytes", "macs_total", "macs_integer", "float_ops_between")}
    figures |= {path: number(result, path, "lowbit-run's output") for path in (
        "accuracy.correct", "accuracy.total", "latency.best_us")}
    for total in ("macs_total", "accuracy.total"):
        if figures[total] <= 0:
            raise Failure(f"'{total}' is {figures[total]}")
    return figures


def rows(figures):
    """What the table says about one program."""
    correct, total = figures["accuracy.correct"], figures["accuracy.total"]
    return {
        "held-out accuracy": f"{100 * correct / total:.2f} % ({correct} of {total})",
        "weights": f"{figures['weight_bytes']:,} bytes",
        "latency, best": f"{figures['latency.best_us']:.1f} us",
        "multiply-accumulates in integers":
            f"{100 * figures['macs_integer'] / figures['macs_total']:.1f} %",
        "float operations between entry and exit": f"{figures['float_ops_between']}",
    }


def table(columns):
    """Lines of a table: the names of the rows, then one column for each program."""
    names = list(next(iter(columns.values())))
    cells = [["", *names]] + [[title, *column.values()] for title, column in columns.items()]
    widths = [max(len(cell) for cell in column) for column in cells]
    lines = []
    for row in zip(*cells):
        name, *values = (cell.ljust(w) if i == 0 else cell.rjust(w)
                         for i, (cell, w) in enumerate(zip(row, widths)))
        lines.append("  " + "   ".join([name, *values]))
    lines.insert(1, "  " + "-" * (len(lines[0]) - 2))
    return lines


def demo(build):
    tools, out = build / "bin", build / "demo"
    commands = Commands()
    columns = {}
    for recipe in ("float", "int8"):
        columns[recipe] = rows(measure(commands, tools, out, recipe))

    program = out / "use_from_c"
    commands.run("cc", "-std=c99", "-O2", f"-I{out / 'int8'}", DIGITS / "use_from_c.c",
                 out / "int8" / "digits.so", "-Wl,-rpath,$ORIGIN/int8", "-o", program)
    said = commands.run(program, DIGITS / "test_x.npy", DIGITS / "test_y.npy").strip()

    print("\nHandwritten digits, one image at a time\n")
    print("\n".join(table(columns)))
    print(f"\nThe int8 program called from C says: {said}")
    print("\nCommands, to be run in the top folder of the repository:\n")
    print("\n".join(f"  {line}" for line in commands.ran))
    print(f"\nArtefacts: {out}/float and {out}/int8, each with digits.so, digits.h and report.json")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"),
                        help="the build folder, relative to the top folder of the repository")
    build = parser.parse_args().build
    if build.is_absolute():
        build = pathlib.Path(os.path.relpath(build, SOURCE))
    try:
        demo(build)
    except Failure as failure:
        sys.exit(f"error: {failure}")


if __name__ == "__main__":
    main()
