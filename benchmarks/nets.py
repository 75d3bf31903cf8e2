# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whole networks: the int8 program against the float program of the same compiler,
and against ONNX Runtime in float and int8 where its Python package is installed.

All programs run one sample at a time on one processor, interleaved: every round
measures each of them once, and the best round of each counts. The large networks run on
two processors, too, where there are two. ONNX Runtime's int8 is the fastest of its
forms, QDQ and QOperator, u8s8 and s8s8, by its own quantizer with the same samples. What
every call of ONNX Runtime costs is the time of a graph of one Identity.
"""

import json
import statistics

import common
import ort

DATA = common.TOP.parent / "shared" / "data"


def list_networks(arguments):
    """(name, model, calibration samples, scale, offset, is large); more where the
    evaluation data lies beside the checkout."""
    digits = common.TOP / "examples" / "digits"
    yield "digits", digits / "digits.onnx", digits / "calib_x.npy", None, None, False
    if (DATA / "models.json").is_file():
        for name, model in json.loads((DATA / "models.json").read_text()).items():
            if "calib" not in model or name.lower().startswith("tfc"):
                continue
            as_bytes = model["preprocessing"]["stored"] == "uint8"
            scale = model["preprocessing"]["scale"] if as_bytes else None
            offset = model["preprocessing"]["offset"] if as_bytes else None
            yield name, DATA / model["file"], DATA / model["calib"]["x"], scale, offset, False
    try:
        import graphs
    except ImportError:  # without onnx
        return
    for name in graphs.NETWORKS:
        if arguments.only in name:
            yield name, *graphs.write(name, arguments.build / "bench/graphs"), None, None, True


def compile_all(name, model, samples, numbers, arguments, folder, flags):
    """{recipe: program}, and what making the int8 one took: from saved statistics."""
    programs = {recipe: folder / f"{recipe}.so" for recipe in ("float", "int8")}
    common.compile_model(arguments, model, programs["float"], "--recipe=float", *flags)
    saved = folder / "statistics.json"
    if not saved.is_file():
        common.compile_model(arguments, model, programs["int8"], f"--calibrate={samples}",
                             f"--save-statistics={saved}", *numbers, *flags)
    seconds, peak = common.compile_model(arguments, model, programs["int8"],
                                         f"--statistics={saved}", *flags)
    return programs, {"compile_s": round(seconds, 2), "compile_peak_mb": peak,
                      "artefact_bytes": programs["int8"].stat().st_size}


def count_same_answers(programs, model, samples, numbers, arguments, folder):
    """The share of samples of which int8 and float give the same class."""
    import numpy
    answers = []
    for recipe, program in programs.items():
        output = folder / f"{recipe}.npy"
        common.run(arguments.build / "bin/lowbit-run", program, f"--input={samples}", *numbers,
                   f"--output={output}")
        answers.append(numpy.load(output))
    first, second = (values.reshape(len(values), -1).argmax(axis=1) for values in answers)
    return round(float((first == second).mean()), 4)


def measure(name, model, samples, scale, offset, arguments, threads=1):
    folder = arguments.build / "bench" / name
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [] if scale is None else [f"--scale={scale}", f"--offset={offset}"]
    flags = ["--threads=openmp"] if threads > 1 else []
    programs, made = compile_all(name, model, samples, numbers, arguments, folder, flags)
    sessions = ort.open_all(model, samples, scale, offset, folder, threads)
    times = {key: [] for key in [*programs, *sessions]}
    for _ in range(arguments.rounds):
        for recipe, program in programs.items():
            times[recipe].append(
                common.run_program(arguments, program, samples, *numbers, threads=threads))
        for peer, session in sessions.items():
            times[peer].append(common.best_us(session, arguments.seconds))
    best = {key: min(values) for key, values in times.items()}
    ours = best.pop("int8")
    others = {"lowbit float": best.pop("float")}
    forms = {key: value for key, value in best.items() if key.startswith("onnxruntime-")}
    if "onnxruntime float" in best:
        others["onnxruntime float"] = best["onnxruntime float"]
    if forms:
        others["onnxruntime int8"] = min(forms.values())
    return {
        "suite": "nets", "name": name, "threads": threads, "unit": "us", "ours": ours,
        "limit": None, "peers": others, "ratio_best_peer": min(others.values()) / ours,
        "ratio_limit": None,
        "outputs_agree": count_same_answers(programs, model, samples, numbers, arguments, folder),
        # How far the rounds lie apart: above 1.1 the figures are noisy.
        "spread": statistics.median(times["int8"]) / ours,
        "forms": forms, "workspace_bytes": common.get_workspace(arguments, programs["int8"]),
        "run_peak_mb": common.get_run_peak(arguments, programs["int8"], samples, *numbers), **made,
    }


COLUMNS = ("lowbit float", "onnxruntime float", "onnxruntime int8")


def print_result(result):
    peers = result["peers"]
    print(f"{result['name']:22}{result['threads']:8}{result['ours']:9.1f} us"
          + "".join(f"{peers[column]:17.1f} us" if column in peers else f"{'-':>20}"
                    for column in COLUMNS)
          + f"{result['ratio_best_peer']:8.2f}{result['outputs_agree']:8.0%}"
          + f"{result['compile_s']:8.1f} s{result['compile_peak_mb']:6} MB"
          + f"{result['artefact_bytes'] / 1e6:7.2f} MB{result['workspace_bytes'] / 1e6:7.2f} MB"
          + f"{result['run_peak_mb']:6} MB{'  noisy' if result['spread'] > 1.1 else ''}",
          flush=True)


def main(arguments, suite):
    results = []
    empty = ort.measure_empty(arguments)
    if empty:
        print("a call of ONNX Runtime on an empty graph takes "
              + ", ".join(f"{time:.1f} us at batch {batch}" for batch, time in empty.items()))
    print(f"{'network':22}{'threads':>8}{'int8':>12}"
          + "".join(f"{column:>20}" for column in COLUMNS)
          + f"{'ratio':>8}{'same':>8}{'compile, peak':>19}{'artefact':>10}{'workspace':>10}{'run':>9}")
    for *network, is_large in list_networks(arguments):
        if arguments.only not in network[0]:
            continue
        for threads in (1, 2) if is_large else (1,):
            if not common.pin(threads):
                continue
            results.append(measure(*network, arguments, threads))
            print_result(results[-1])
    common.pin(1)
    print("ratio: the best of the others to int8; above 1 int8 is faster. same: samples that int8"
          " and float answer alike.")
    return results
