#!/usr/bin/env python3
# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains the digits network on several ranks over MPI, with each gradient codec.

Prints, against float: the bytes that a rank hands to MPI in a step, the accuracy, the
time. Needs OpenMPI, and a Python with NumPy and mpi4py.
"""
import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CODECS = ["onebit", "qsgd", "qsgd:elias=on", "qsgd:ranks={ranks}", "terngrad",
          "terngrad:ranks={ranks}", "dorefa:bits=4", "zipml", "zipml:optimal=on", "wage",
          "topk:ratio=0.05", "dgc:ratio=0.05"]


def mpirun(ranks, *command):
    """Output of rank 0. OpenMPI wants to be told that root and few cores are meant; ranks
    that wait leave theirs to the others."""
    flags = ["--oversubscribe", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1"]
    if os.getuid() == 0:
        flags.append("--allow-run-as-root")
    program = [shutil.which("mpirun") or sys.exit("error: found no mpirun on PATH; install openmpi-bin")]
    result = subprocess.run(program + flags + ["-n", str(ranks), sys.executable, *map(str, command)],
                            capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"error: mpirun failed:\n{result.stderr}")
    return result.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=HERE.parent.parent / "build")
    parser.add_argument("--ranks", type=int, default=4, choices=(2, 3, 4))
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--codecs", default=";".join(CODECS),
                        help="codecs, with semicolons between them; {ranks} is their number")
    arguments = parser.parse_args()
    for module in ("numpy", "mpi4py"):
        if not importlib.util.find_spec(module):
            sys.exit(f"error: {sys.executable} has no {module}; "
                     f"install python3-{module} and run this with /usr/bin/python3")
    compiler = arguments.build / "bin" / "lowbit-compile"
    if not compiler.exists():
        sys.exit(f"error: found no {compiler}; build it with 'make build', or say where it is with --build")
    train = HERE / "train.py"
    sizes = subprocess.run([sys.executable, train, "--print-sizes"], check=True,
                           capture_output=True, text=True).stdout.split()
    print(f"{arguments.ranks} ranks, {arguments.epochs} epochs; gradients of {', '.join(sizes)} numbers")
    print(f"{'codec':24}{'bytes a step':>14}{'of float':>10}{'accuracy':>10}{'seconds':>9}{'exchange':>10}")
    baseline = None
    for text in ["float", *arguments.codecs.split(";")]:
        codec = text.format(ranks=arguments.ranks)
        options = ["--epochs", arguments.epochs]
        with tempfile.TemporaryDirectory() as folder:
            if codec != "float":
                for size in sizes:
                    subprocess.run([compiler, f"--codec={codec}", f"--size={size}",
                                    "--symbol-prefix=codec", "-o", f"{folder}/{size}.so"], check=True)
                options += ["--codecs", folder]
            if codec.startswith("dgc"):
                options += ["--momentum", 0]  # the codec has it
            result = json.loads(mpirun(arguments.ranks, train, *options))
        baseline = baseline or result
        share = result["bytes"] / baseline["bytes"]
        print(f"{codec:24}{result['bytes']:14,.0f}{share:10.1%}{result['right'] / result['of']:10.1%}"
              f"{result['seconds']:9.2f}{result['exchange']:10.2f}", flush=True)


if __name__ == "__main__":
    main()
