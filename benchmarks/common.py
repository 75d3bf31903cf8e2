# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the suites share: running the tools, and the record."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

# Those that this process was given.
PROCESSORS = os.sched_getaffinity(0)
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


def pin(threads=1):
    """To so many processors, and what is started from here too; false if there are
    fewer."""
    processors = sorted(PROCESSORS)[:threads]
    os.sched_setaffinity(0, processors)
    return len(processors) == threads


def run(*command, threads=1):
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True,
                            env=environment)
    if result.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command))}\n{result.stderr}")
    return result.stdout


def run_with_peak(*command):
    """Seconds, and the most memory in MB, of a process."""
    start = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command))}\n{message.decode()}")
    return time.perf_counter() - start, usage.ru_maxrss // 1024


def compile_model(arguments, model, program, *flags):
    """Seconds, and the most memory in MB."""
    return run_with_peak(arguments.build / "bin/lowbit-compile", model, f"--cpu={arguments.cpu}",
                         *flags, "-o", program)


def run_program(arguments, program, samples, *flags, threads=1):
    """The best latency of some seconds, in us."""
    text = run(arguments.build / "bin/lowbit-run", program, f"--input={samples}", *flags,
               f"--bench={arguments.seconds}", "--json", threads=threads)
    return json.loads(text)["latency"]["best_us"]


def get_workspace(arguments, program):
    text = run(arguments.build / "bin/lowbit-run", program, "--info", "--json")
    description = json.loads(text)
    return description.get("model", description)["workspace_size"]


def get_run_peak(arguments, program, samples, *flags):
    """The most memory in MB of a process that runs the program: its code, weights,
    workspace, samples, and the tool."""
    return run_with_peak(arguments.build / "bin/lowbit-run", program, f"--input={samples}",
                         *flags)[1]


def measure_limits(arguments):
    """Primitives to GMAC/s in registers, by limits.c; empty without a compiler."""
    program = arguments.build / "bench" / "limits"
    program.parent.mkdir(parents=True, exist_ok=True)
    for compiler in ("clang-22", "clang", "cc"):
        if shutil.which(compiler):
            run(compiler, "-O2", TOP / "benchmarks/limits.c", "-o", program)
            return json.loads(run(program))
    return {}


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
