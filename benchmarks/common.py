# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the suites share: running the tools, and the record."""

import argparse
import hashlib
import json
import os
import pathlib
import platform
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
    parser.add_argument("--minutes", type=float, default=8,
                        help="of a suite, after which all is measured once only")
    parser.add_argument("--resume", action="store_true",
                        help="measure only what bench.json does not have")
    parser.add_argument("--page", type=pathlib.Path, default=TOP / "docs/reference/performance.md",
                        help="what `page` writes")
    return parser.parse_args()


def rounds(arguments):
    """Numbers of rounds; fewer when the time of the suite runs out."""
    left = 1 - (time.monotonic() - arguments.start) / (60 * arguments.minutes)
    return range(arguments.rounds if left > 0.3 else min(2, arguments.rounds) if left > 0 else 1)


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


def compile_once(arguments, model, stem, *flags):
    """A program that may be there from before: compiled from this model, by this
    compiler, with these flags."""
    key = "\n".join(map(str, (arguments.cpu, *flags)))
    mark = hashlib.sha256(key.encode()).hexdigest()[:8]
    program = stem.with_name(f"{stem.name}-{mark}.so")
    sources = model, arguments.build / "bin/lowbit-compile"
    if not program.is_file() or any(path.stat().st_mtime > program.stat().st_mtime
                                    for path in sources):
        compile_model(arguments, model, program, *flags)
    return program


def run_program(arguments, program, samples, *flags, threads=1):
    """The best latency of some seconds, in us."""
    text = run(arguments.build / "bin/lowbit-run", program, f"--input={samples}", *flags,
               f"--bench={arguments.seconds}", "--json", threads=threads)
    return json.loads(text)["latency"]["best_us"]


def run_output(arguments, stem, threads=1):
    """What the program beside the samples stem.npy gives."""
    import numpy
    output = stem.with_suffix(".out.npy")
    run(arguments.build / "bin/lowbit-run", stem.with_suffix(".so"),
        f"--input={stem.with_suffix('.npy')}", f"--output={output}", threads=threads)
    return numpy.load(output)


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
    """Primitives to GMAC/s in registers, and the clock in GHz, by limits.c; empty without
    a compiler."""
    program = arguments.build / "bench" / "limits"
    program.parent.mkdir(parents=True, exist_ok=True)
    for compiler in ("clang-22", "clang", "cc"):
        if shutil.which(compiler):
            run(compiler, "-O2", TOP / "benchmarks/limits.c", "-o", program)
            return json.loads(run(program))
    return {}


def measure_reading(arguments):
    """How many GB of memory one core reads in a second, by limits.c."""
    return json.loads(run(arguments.build / "bench" / "limits", "read"))["read"]


def best_us(call, seconds):
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best * 1e6


def describe_machine():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    values = dict(line.split(":", 1) for line in text.split("\n\n")[0].splitlines() if ":" in line)
    values = {key.strip(): value.strip() for key, value in values.items()}
    return (f"{values.get('model name', platform.machine())}, family {values.get('cpu family', '?')} "
            f"model {values.get('model', '?')}, {len(PROCESSORS)} processors")


def load_results(arguments):
    path = arguments.build / "bench.json"
    return json.loads(path.read_text()) if path.is_file() else []


def restore(arguments, suite, name, threads=1):
    """A result of before, with --resume."""
    if not arguments.resume:
        return None
    key = (suite, name, threads, arguments.cpu)
    return next((result for result in load_results(arguments) if key == tuple(
        result.get(part) for part in ("suite", "name", "threads", "cpu"))), None)


def keep(arguments, suite, results, is_complete=False):
    """Puts results of one suite, for one processor, in place of those of the same name;
    complete ones in place of all."""
    stamp = {"cpu": arguments.cpu, "machine": describe_machine(),
             "date": time.strftime("%Y-%m-%d"), "outputs_agree": None}
    for result in results:
        for key, value in stamp.items():
            result.setdefault(key, value)
    known = {(result["name"], result["threads"]) for result in results}
    others = [entry for entry in load_results(arguments)
              if entry["suite"] != suite or entry.get("cpu") != arguments.cpu
              or not is_complete and (entry["name"], entry["threads"]) not in known]
    path = arguments.build / "bench.json"
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(others + results, indent=2) + "\n")
    temporary.replace(path)
