# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Single layers, int8 and f32, against other systems and what the core can do.

A layer's time is a difference of programs, so that neither their ends nor their changes
of layout count: a chain of four such layers (of two where the weights are many) less one;
of layers that cannot stand in a chain, one program with the layer behind a small
convolution and before one that reads a single pixel, less the two alone. A first layer is measured with what comes before it: the image. ONNX Runtime
loads the same files and is measured in the same way. oneDNN, XNNPACK and OpenBLAS, which
have no graphs, get the layer alone, in the layouts that they like, four times with
weights of its own. Everything is pinned and interleaved, best of several rounds.

Codes are of the full range, where u8 times s8 saturates in ONNX Runtime and oneDNN on AVX2
without VNNI, which is told; where it says 7 bits, weights are of so many and nobody's do.
"""

import json

import bars
import chains
import common
from chains import Conv
from peers import layer as drivers
from peers import ort


def chain(*unit):
    return list(unit), "chain"


#: The layers, how they are measured, and the side of their input.
CONVOLUTIONS = {
    "3x3 64, 56x56": (*chain(Conv(64, 64, 3)), 56),
    "1x1 64-256, 56x56": ([Conv(64, 256, 1)], "inner", 56),
    "1x1 256-64, 56x56": ([Conv(256, 64, 1)], "inner", 56),
    "3x3 128, 28x28": (*chain(Conv(128, 128, 3)), 28),
    "3x3 256, 14x14": (*chain(Conv(256, 256, 3)), 14),
    "1x1 1024-256, 14x14": ([Conv(1024, 256, 1)], "inner", 14),
    "1x1 256-1024, 14x14": ([Conv(256, 1024, 1)], "inner", 14),
    "3x3 512, 7x7": (*chain(Conv(512, 512, 3)), 7),
    "first 7x7/2 3-64, 224x224": ([Conv(3, 64, 7, 2)], "first", 224),
    "depthwise 3x3 256, 28x28": (*chain(Conv(256, 256, 3, groups=256)), 28),
    "depthwise 5x5 128, 28x28": (*chain(Conv(128, 128, 5, groups=128)), 28),
    "depthwise 3x3 and 1x1 64, 56x56": (
        *chain(Conv(64, 64, 3, groups=64), Conv(64, 64, 1)), 56),
    "3x3 16, 32x32": (*chain(Conv(16, 16, 3)), 32),
    "1x1 32, 56x56": (*chain(Conv(32, 32, 1)), 56),
}
#: Rows, columns as many as terms, and weights of int8.
PRODUCTS = {
    "1024x1024x1024": (1024, 1024, {"weights": "gaussian"}),
    "1024x1024x1024 full range": (1024, 1024, {"weights": "uniform"}),
    "1024x1024x1024 7 bits": (1024, 1024, {"weights": "uniform", "bits": 7}),
    "512x4096x4096 7 bits": (512, 4096, {"weights": "uniform", "bits": 7}),
    "64x1024x1024": (64, 1024, {"weights": "gaussian"}),
    "1x4096x4096": (1, 4096, {"weights": "gaussian"}),
}
#: Of which there is f32 and what is measured with two threads as well.
FLOAT_PRODUCTS = ("1024x1024x1024", "64x1024x1024", "1x4096x4096")
THREADED = ("1024x1024x1024", "3x3 64, 56x56")
#: Primitives by rising speed where the processor has them.
LIMITS = {"int8": ["avx2.pmaddwd", "avx512.vpdpbusd"], "f32": ["generic.fma", "avx512.fma"]}
PROVEN_LIMITS = {**LIMITS, "int8": ["avx2.pmaddubsw", "avx512.vpdpbusd"]}
#: Channels of the input of what stands before an inner layer.
NARROW = 16


class Case:
    """What to build."""

    def __init__(self, suite, name, case, kind, options):
        self.name, self.kind, self.options = name, kind, options
        self.is_product = suite == "gemm"
        if self.is_product:
            self.rows, self.size = case[:2]
            self.how, self.length = "chain", 4 if self.size < 4096 else 2
        else:
            (self.unit, self.how, self.size), self.length = case, 4
        #: Programs whose times are subtracted, and by what the difference is divided.
        self.parts = {"chain": ("chain", "alone", self.length - 1),
                      "inner": ("with", "without", 1), "first": ("with", None, 1)}[self.how]

    def build(self, part, path):
        """Returns the model, and samples for it."""
        model = chains.Chain(self.kind, **self.options)
        if self.is_product:
            for _ in range(self.length if part == "chain" else 1):
                model.product(self.size)
            model.macs = self.rows * self.size * self.size
            shape = [self.rows, self.size]
            model.save(path, shape)
            return model, model.samples(shape)
        inputs = self.unit[0].inputs
        layers = list(self.unit) * {"chain": self.length, "without": 0}.get(part, 1)
        if part in ("with", "without"):
            if self.how == "inner":
                layers.insert(0, Conv(NARROW, inputs, 1))
            size = self.size
            for conv in layers:
                size = conv.result_size(size)
            layers.append(Conv(layers[-1].outputs, 64, 1, stride=size))
        shape, size = [1, layers[0].inputs, self.size, self.size], self.size
        for conv in layers:
            size = model.convolution(conv, size)
        model.save(path, shape, [1, layers[-1].outputs, size, size])
        return model, model.samples(shape)

    def compute(self, model, samples):
        """Rows of channels that the layer, or its last, gives."""
        if self.is_product:
            return chains.compute_product(samples, model.layers[0], self.kind)
        for conv, layer in zip(self.unit, model.layers):
            result = chains.compute_convolution(samples, conv, layer, self.kind)
            samples = result.transpose(2, 0, 1)[None]
        return result

    def to_rows(self, array):
        return array[:, None, :] if self.is_product else array[0].transpose(1, 2, 0)

    def describe(self, model, samples):
        """For drivers; None of units of several layers."""
        if not self.is_product and len(self.unit) > 1:
            return None
        weights, bias, scales = model.layers[0]
        if self.is_product:
            return drivers.describe(samples, weights, bias, scales)
        conv = self.unit[0]
        return drivers.describe(samples, weights, bias, scales, conv.stride, conv.pad, conv.groups)


def open_drivers(arguments, case, model, samples):
    described = case.describe(model, samples)
    if not described:
        return {}
    calls = {name: drivers.open_driver(arguments, name, *described) for name in drivers.LIBRARIES}
    if case.is_product and case.kind == "f32":
        calls["openblas"] = drivers.open_openblas(arguments, samples, model.layers[0][0])
    return {name: call for name, call in calls.items() if call}


def measure(arguments, suite, case, threads, limit, clock):
    import numpy
    folder = arguments.build / "bench" / suite
    folder.mkdir(parents=True, exist_ok=True)
    flags = ["--recipe=imported", "--profile=tosa"] if case.kind == "int8" else ["--recipe=float"]
    flags += ["--threads=openmp"] if threads > 1 else []
    sessions, calls = {}, {}
    wanted = ["alone", *[part for part in case.parts[:2] if part not in (None, "alone")]]
    for part in wanted:
        path = folder / f"{case.kind}-{part}.onnx"
        model, samples = case.build(part, path)
        numpy.save(path.with_suffix(".npy"), samples)
        common.compile_model(arguments, path, path.with_suffix(".so"), *flags)
        sessions[part] = ort.open_session(arguments, path, samples, threads)
        if part == "alone":
            macs, reference = model.macs, case.compute(model, samples)
            calls = open_drivers(arguments, case, model, samples) if threads == 1 else {}
    wrong = {name: chains.count_wrong(call.fetch(), reference, case.kind)
             for name, call in calls.items()}
    if sessions["alone"]:
        wrong["onnxruntime"] = chains.count_wrong(
            case.to_rows(sessions["alone"].fetch()), reference, case.kind)
    ours = common.run_output(arguments, folder / f"{case.kind}-alone", threads)
    agree = chains.count_wrong(case.to_rows(ours), reference, case.kind) == 0

    best = {}

    def note(key, time):
        best[key] = min(best.get(key, float("inf")), time)

    timed = [part for part in case.parts[:2] if part]
    for _ in common.rounds(arguments):
        for part in timed:
            stem = folder / f"{case.kind}-{part}"
            note(("ours", part), common.run_program(
                arguments, stem.with_suffix(".so"), stem.with_suffix(".npy"), threads=threads))
            if sessions[part]:
                note(("onnxruntime", part), sessions[part].best_us(arguments.seconds))
        for name, call in calls.items():
            note((name, None), call.best_us(arguments.seconds))
    for session in filter(None, sessions.values()):
        session.close()

    def difference(who):
        more, less, times = case.parts
        if (who, more) not in best:
            return best.get((who, None))
        return (best[who, more] - (best[who, less] if less else 0)) / times

    times = {name: difference(name) for name in ("onnxruntime", *calls)}
    times = {name: time for name, time in times.items() if time}
    ours = difference("ours")
    rate = macs / ours / 1000
    fastest = min(times.values(), default=None)
    return {"suite": suite, "name": case.name, "threads": threads, "unit": "us",
            "ours": ours, "limit": macs / limit / threads / 1000 if limit else None, "peers": times,
            "ratio_best_peer": fastest / ours if times else None,
            "ratio_limit": rate / limit / threads if limit else None, "outputs_agree": agree,
            "peers_wrong": {name: share for name, share in wrong.items() if name in times},
            "macs_per_cycle": rate / clock if clock else None}


PEERS = ("onnxruntime", "onednn", "xnnpack", "openblas")


def print_result(result):
    def tell(name):
        time, wrong = result["peers"].get(name), result["peers_wrong"].get(name, 0)
        return f"{'-':>18}" if time is None else (
            f"{time:10.1f}{time / result['ours']:6.2f}" + ("x!" if wrong > 1e-4 else "x "))
    cycles, of_limit = result["macs_per_cycle"], result["ratio_limit"]
    print(f"{result['name']:40}{result['threads']:2}{result['ours']:10.1f}"
          + (f"{cycles:8.1f}" if cycles else f"{'-':>8}")
          + (f"{of_limit:7.0%}" if of_limit else f"{'-':>7}")
          + "".join(map(tell, PEERS)) + ("" if result["outputs_agree"] else "  WRONG"), flush=True)


def list_kinds(suite, name, case):
    """(name, kind of numbers, options of the chain)."""
    if suite == "gemm":
        yield f"{name} int8", "int8", case[2]
    else:
        yield f"{name} int8", "int8", {}
        if name in bars.JUDGED:
            yield f"{name} int8 7 bits", "int8", {"bits": 7}
    if suite == "conv" or name in FLOAT_PRODUCTS:
        yield f"{name} f32", "f32", {}


def list_cases(arguments, suite):
    for name, case in (CONVOLUTIONS if suite == "conv" else PRODUCTS).items():
        for full_name, kind, options in list_kinds(suite, name, case):
            threaded = name in THREADED and "7 bits" not in full_name
            for threads in (1, 2) if threaded else (1,):
                if arguments.only in full_name:
                    yield Case(suite, full_name, case, kind, options), threads


def main(arguments, suite):
    limits = common.measure_limits(arguments)
    clock = limits.pop("clock", None)
    print("limits of this core in GMAC/s:", json.dumps(limits), f"at {clock} GHz")
    print(f"{'layer':40}th{'us':>10}{'MAC/cyc':>8}{'limit':>7}"
          + "".join(f"{name:>18}" for name in PEERS))
    results = []
    for case, threads in list_cases(arguments, suite):
        if not common.pin(threads):
            continue
        proven = "bits" in case.options
        usable = [limits[name] for name in (PROVEN_LIMITS if proven else LIMITS)[case.kind]
                  if name in limits and (arguments.cpu == "native" or not name.startswith("avx512"))]
        result = common.restore(arguments, suite, case.name, threads)
        if not result:
            result = measure(arguments, suite, case, threads, usable[-1] if usable else None, clock)
        print_result(result)
        results.append(result)
        common.keep(arguments, suite, results)
    common.pin(1)
    print("times in us and how often ours fits in them; ! after a peer with wrong outputs.")
    return results
