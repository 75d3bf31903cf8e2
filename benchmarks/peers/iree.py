# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""IREE: its compiler and its own benchmark tool, from its Python packages."""

import importlib.util
import json
import pathlib
import subprocess
import sys

import peers
from peers import ort

#: To compile one model, in seconds.
PATIENCE = 100


class Program:
    """Measured in a process of its own, as our programs are."""

    def __init__(self, command):
        self.command = command

    def best_us(self, seconds):
        text = check([*self.command, f"--benchmark_min_time={seconds}s"])
        times = [entry for entry in json.loads(text)["benchmarks"]
                 if entry.get("run_type") == "iteration"]
        units = {"ns": 1e-3, "us": 1, "ms": 1e3, "s": 1e6}
        return min(entry["real_time"] * units[entry["time_unit"]] for entry in times)


def check(command):
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True,
                            timeout=PATIENCE)
    if result.returncode:
        lines = [line for line in result.stderr.splitlines() if "error" in line]
        raise RuntimeError((lines or [f"{command[0]} fails"])[0])
    return result.stdout


def find_function(description):
    """The name of the exported function that waits for its result."""
    exports = description.split("Exported Functions:")[1].splitlines()[1:]
    names = [line.split("]")[1].split("(")[0].strip() for line in exports if "]" in line]
    return next(name for name in names if "$async" not in name and not name.startswith("__"))


def open_program(arguments, model, threads=1):
    """A compiled model of fixed sizes; None, which is said, where there is none."""
    tools = pathlib.Path(sys.executable).parent
    try:
        runtime = importlib.util.find_spec("iree.runtime")
    except ImportError:
        runtime = None
    if not runtime or not (tools / "iree-compile").is_file():
        return peers.miss("iree", "its Python packages are not installed")
    cpu = "host" if arguments.cpu == "native" else arguments.cpu
    program = model.with_suffix(f".{cpu}.vmfb")
    failed = program.with_suffix(".failed")
    try:
        if failed.is_file():
            raise RuntimeError(failed.read_text())
        if not program.is_file():
            source = model.with_suffix(".mlir")
            check([tools / "iree-import-onnx", model, "--opset-version=17", "-o", source])
            check([tools / "iree-compile", source, "--iree-hal-target-device=local",
                   "--iree-hal-local-target-device-backends=llvm-cpu", "--iree-opt-level=O3",
                   f"--iree-llvmcpu-target-cpu={cpu}", "-o", program])
        name = find_function(check([tools / "iree-dump-module", program]))
    except (RuntimeError, OSError, StopIteration, IndexError, subprocess.SubprocessError) as error:
        if not program.is_file():
            failed.write_text(str(error))
        return peers.miss(f"iree of {model.name}", error)
    shapes = ["x".join(map(str, shape)) + "xf32" for _, shape, _ in ort.describe(model, 1)[0]]
    device = ["--device=local-sync"] if threads == 1 else [
        "--device=local-task", f"--task_topology_group_count={threads}"]
    return Program([tools / "iree-benchmark-module", f"--module={program}", f"--function={name}",
                    *[f"--input={shape}" for shape in shapes], *device,
                    "--benchmark_format=json"])
