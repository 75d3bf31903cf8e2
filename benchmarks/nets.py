#!/usr/bin/env python3
# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whole networks: the int8 program against the float program of the same
compiler, and against ONNX Runtime's float where its Python package is installed.

All programs run one sample at a time on one processor, interleaved: every round
measures each of them once, and the best round of each counts. Writes a table and
build/bench.json. `make bench` runs it.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
DATA = TOP.parent / "shared" / "data"


def list_networks():
    """(name, model, calibration samples, scale, offset); more where the
    evaluation data lies beside the checkout."""
    digits = TOP / "examples" / "digits"
    yield "digits", digits / "digits.onnx", digits / "calib_x.npy", None, None
    if not (DATA / "models.json").is_file():
        return
    for name, model in json.loads((DATA / "models.json").read_text()).items():
        if "calib" not in model or name.lower().startswith("tfc"):
            continue
        as_bytes = model["preprocessing"]["stored"] == "uint8"
        scale = model["preprocessing"]["scale"] if as_bytes else None
        offset = model["preprocessing"]["offset"] if as_bytes else None
        yield name, DATA / model["file"], DATA / model["calib"]["x"], scale, offset


def run(*command):
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command))}\n{result.stderr}")
    return result.stdout


def open_session(model):
    """A function that runs ONNX Runtime once on one thread; None without it."""
    try:
        import numpy
        import onnxruntime
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(model), options, providers=["CPUExecutionProvider"])
    feed = {}
    for node in session.get_inputs():
        shape = [size if isinstance(size, int) else 1 for size in node.shape]
        feed[node.name] = numpy.zeros(shape, numpy.float32)
    binding = session.io_binding()
    for name, value in feed.items():
        binding.bind_cpu_input(name, value)
    for node in session.get_outputs():
        binding.bind_output(node.name)
    return lambda: session.run_with_iobinding(binding)


def best_us(call, seconds):
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best * 1e6


def measure(name, model, samples, scale, offset, arguments):
    tools = arguments.build / "bin"
    folder = arguments.build / "bench" / name
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [] if scale is None else [f"--scale={scale}", f"--offset={offset}"]
    programs = {}
    for recipe in ("float", "int8"):
        programs[recipe] = folder / f"{recipe}.so"
        calibration = [f"--calibrate={samples}", *numbers] if recipe == "int8" else []
        run(tools / "lowbit-compile", model, f"--recipe={recipe}", *calibration,
            "-o", programs[recipe])
    session = open_session(model)
    times = {key: [] for key in programs}
    peer = []
    for _ in range(arguments.rounds):
        for recipe, program in programs.items():
            text = run(tools / "lowbit-run", program, f"--input={samples}", *numbers,
                       f"--bench={arguments.seconds}", "--json")
            times[recipe].append(json.loads(text)["latency"]["best_us"])
        if session:
            peer.append(best_us(session, arguments.seconds))
    best = {recipe: min(values) for recipe, values in times.items()}
    peers = {"lowbit float": best["float"]}
    if peer:
        peers["onnxruntime float"] = min(peer)
    ours = best["int8"]
    return {
        "suite": "nets", "name": name, "threads": 1, "unit": "us", "ours": ours,
        "limit": None, "peers": peers, "ratio_best_peer": min(peers.values()) / ours,
        "ratio_limit": None,
        # How far the rounds lie apart: above 1.1 the figures are noisy.
        "spread": statistics.median(times["int8"]) / ours,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    results = []
    print(f"{'network':24}{'int8':>12}{'float':>12}{'ONNX Runtime':>14}{'ratio':>8}")
    for network in list_networks():
        result = measure(*network, arguments)
        results.append(result)
        peers = result["peers"]
        runtime = peers.get("onnxruntime float")
        noisy = "  noisy" if result["spread"] > 1.1 else ""
        print(f"{result['name']:24}{result['ours']:9.1f} us{peers['lowbit float']:9.1f} us"
              f"{f'{runtime:11.1f} us' if runtime else '            -':>14}"
              f"{result['ratio_best_peer']:8.2f}{noisy}", flush=True)
    path = arguments.build / "bench.json"
    path.write_text(json.dumps(results, indent=2) + "\n")
    print(f"ratio: the best of the others to int8; above 1 int8 is faster. Written to {path.name}.")


if __name__ == "__main__":
    main()
