# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the suites share: running the tools, ONNX Runtime on one thread, the record."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent


def parse_arguments(description, suites):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("suite", choices=suites)
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.2, help="for one program in one round")
    parser.add_argument("--cpu", default="native", help="as in lowbit-compile; default: native")
    parser.add_argument("--only", default="", help="names that contain this")
    return parser.parse_args()


def pin():
    """To one processor, and what is started from here too."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def run(*command):
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command))}\n{result.stderr}")
    return result.stdout


def compile_model(arguments, model, program, *flags):
    run(arguments.build / "bin/lowbit-compile", model, f"--cpu={arguments.cpu}", *flags,
        "-o", program)


def run_program(arguments, program, samples, *flags):
    """The best latency of some seconds, in us."""
    text = run(arguments.build / "bin/lowbit-run", program, f"--input={samples}", *flags,
               f"--bench={arguments.seconds}", "--json")
    return json.loads(text)["latency"]["best_us"]


def measure_limits(arguments):
    """Primitives to GMAC/s in registers, by limits.c; empty without a compiler."""
    program = arguments.build / "bench" / "limits"
    program.parent.mkdir(parents=True, exist_ok=True)
    for compiler in ("clang-22", "clang", "cc"):
        if shutil.which(compiler):
            run(compiler, "-O2", TOP / "benchmarks/limits.c", "-o", program)
            return json.loads(run(program))
    return {}


def open_session(model, feed=None):
    """A function that runs ONNX Runtime once on one thread, with its buffers bound;
    None without its Python package."""
    try:
        import numpy
        import onnxruntime
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only
    session = onnxruntime.InferenceSession(
        str(model), options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    for node in session.get_inputs():
        shape = [size if isinstance(size, int) else 1 for size in node.shape]
        value = numpy.zeros(shape, numpy.float32) if feed is None else feed
        binding.bind_cpu_input(node.name, value)
    for node in session.get_outputs():
        binding.bind_output(node.name)

    def once():
        session.run_with_iobinding(binding)
        return binding

    return once


def best_us(call, seconds):
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best * 1e6


def record(arguments, suite, results):
    """Puts the results of one suite in place of those of its last run."""
    path = arguments.build / "bench.json"
    others = json.loads(path.read_text()) if path.is_file() else []
    others = [entry for entry in others if entry["suite"] != suite]
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(others + results, indent=2) + "\n")
    temporary.replace(path)
    print(f"Written to {path.name}.")
