# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whole networks: the int8 program against the float program of the same compiler,
and against ONNX Runtime in float and int8 where its Python package is installed.

All programs run one sample at a time on one processor, interleaved: every round
measures each of them once, and the best round of each counts. ONNX Runtime's int8 is
the faster of its two forms, QDQ and QOperator, by its own quantizer with the same
samples.
"""

import json
import statistics

import common

DATA = common.TOP.parent / "shared" / "data"


def list_networks():
    """(name, model, calibration samples, scale, offset); more where the
    evaluation data lies beside the checkout."""
    digits = common.TOP / "examples" / "digits"
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


def quantize(model, samples, scale, offset, folder):
    """Paths of the model in ONNX Runtime's two int8 forms."""
    import logging

    import numpy
    import onnx
    from onnxruntime import quantization

    logging.disable(logging.WARNING)
    name = onnx.load(str(model)).graph.input[0].name
    values = numpy.load(samples)
    if scale is not None:
        values = values.astype(numpy.float32) * numpy.float32(scale) + numpy.float32(offset)

    class Reader(quantization.CalibrationDataReader):
        def __init__(self):
            self.batches = iter([{name: values[i:i + 1]} for i in range(min(len(values), 32))])

        def get_next(self):
            return next(self.batches, None)

    for form in (quantization.QuantFormat.QDQ, quantization.QuantFormat.QOperator):
        path = folder / f"onnxruntime-{form.name}.onnx"
        quantization.quantize_static(
            str(model), str(path), Reader(), quant_format=form, per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8)
        yield path


def open_peers(model, samples, scale, offset, folder):
    """{name: function}; the two int8 forms have one name each."""
    session = common.open_session(model)
    if not session:
        return {}
    peers = {"onnxruntime float": session}
    try:
        for path in quantize(model, samples, scale, offset, folder):
            peers[path.stem] = common.open_session(path)
    except Exception as error:  # whatever its quantizer cannot do
        print(f"  ONNX Runtime does not quantize {model.name}: {str(error).splitlines()[0]}")
    return peers


def measure(name, model, samples, scale, offset, arguments):
    folder = arguments.build / "bench" / name
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [] if scale is None else [f"--scale={scale}", f"--offset={offset}"]
    programs = {recipe: folder / f"{recipe}.so" for recipe in ("float", "int8")}
    common.compile_model(arguments, model, programs["float"], "--recipe=float")
    common.compile_model(arguments, model, programs["int8"], "--recipe=int8",
                         f"--calibrate={samples}", *numbers)
    peers = open_peers(model, samples, scale, offset, folder)
    times = {key: [] for key in [*programs, *peers]}
    for _ in range(arguments.rounds):
        for recipe, program in programs.items():
            times[recipe].append(common.run_program(arguments, program, samples, *numbers))
        for peer, session in peers.items():
            times[peer].append(common.best_us(session, arguments.seconds))
    best = {key: min(values) for key, values in times.items()}
    ours = best.pop("int8")
    others = {"lowbit float": best.pop("float")}
    forms = [value for key, value in best.items() if key.startswith("onnxruntime-")]
    if "onnxruntime float" in best:
        others["onnxruntime float"] = best["onnxruntime float"]
    if forms:
        others["onnxruntime int8"] = min(forms)
    return {
        "suite": "nets", "name": name, "threads": 1, "unit": "us", "ours": ours,
        "limit": None, "peers": others, "ratio_best_peer": min(others.values()) / ours,
        "ratio_limit": None,
        # How far the rounds lie apart: above 1.1 the figures are noisy.
        "spread": statistics.median(times["int8"]) / ours,
    }


def main(arguments, suite):
    results = []
    columns = ("lowbit float", "onnxruntime float", "onnxruntime int8")
    print(f"{'network':22}{'int8':>12}" + "".join(f"{column:>20}" for column in columns)
          + f"{'ratio':>8}")
    for network in list_networks():
        if arguments.only not in network[0]:
            continue
        result = measure(*network, arguments)
        results.append(result)
        peers = result["peers"]
        print(f"{result['name']:22}{result['ours']:9.1f} us"
              + "".join(f"{peers[column]:17.1f} us" if column in peers else f"{'-':>20}"
                        for column in columns)
              + f"{result['ratio_best_peer']:8.2f}{'  noisy' if result['spread'] > 1.1 else ''}",
              flush=True)
    print("ratio: the best of the others to int8; above 1 int8 is faster.")
    return results
