# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whole networks: the int8 program against the float program of the same compiler, and
against ONNX Runtime, OpenVINO and IREE in float and int8 where they are installed.

All are measured one sample at a time on one processor, interleaved: every round measures
each of them once, and the best round of each counts. Large networks run on two
processors, too, where there are two; small ones with 64 samples at once, too. ONNX
Runtime's int8 is the fastest of its forms, QDQ and QOperator, u8s8 and s8s8, by its own
quantizer with the same samples; the others get its QDQ. What every call of ONNX Runtime
costs is the time of a graph of one Identity.

With --cpu=x86-64-v3 each network has a second row, with weights of 7 bits: the range in which
AVX2 is fastest, and in which ONNX Runtime, which has the full range here, would not saturate.
"""

import json
import statistics

import bars
import common
from peers import iree, models, openvino, ort

#: Weights of 7 bits, with which 16 bits hold sums on AVX2, as ONNX Runtime's reduce_range.
REDUCED = "int8:weights.storage=i7"
DATA = common.TOP.parent / "shared" / "data"
#: Samples whose answers are compared.
COMPARED = 64


class Network:
    def __init__(self, name, model, samples, scale=None, offset=None, is_large=False):
        self.name, self.model, self.samples, self.is_large = name, model, samples, is_large
        self.scale, self.offset = scale, offset

    @property
    def numbers(self):
        """Flags that say which numbers the stored samples are."""
        return [] if self.scale is None else [f"--scale={self.scale}", f"--offset={self.offset}"]

    def repeat(self, batch, folder):
        """The stored samples; as many as a batch."""
        import numpy
        if batch == 1:
            return self.samples
        values = numpy.load(self.samples)
        numpy.save(folder / "batch.npy", values[numpy.arange(batch) % len(values)])
        return folder / "batch.npy"

    def load(self):
        import numpy
        values = numpy.load(self.samples)[:COMPARED]
        if self.scale is None:
            return values
        return values.astype(numpy.float32) * numpy.float32(self.scale) + numpy.float32(self.offset)


def list_networks(arguments):
    """More where the evaluation data lies beside the checkout."""
    digits = common.TOP / "examples" / "digits"
    yield Network("digits", digits / "digits.onnx", digits / "calib_x.npy")
    if (DATA / "models.json").is_file():
        for name, model in json.loads((DATA / "models.json").read_text()).items():
            if name not in bars.TINY:
                continue
            stored = model["preprocessing"]
            numbers = (stored["scale"], stored["offset"]) if stored["stored"] == "uint8" else ()
            yield Network(name, DATA / model["file"], DATA / model["calib"]["x"], *numbers)
    else:
        print("  without the four networks of MLPerf-Tiny: no ../shared/data")
    import graphs
    for name in graphs.NETWORKS:
        if arguments.only in name:
            yield Network(name, *graphs.write(name, arguments.build / "bench/graphs"), is_large=True)


def compile_all(network, arguments, folder, flags):
    """{recipe: program}, and what making the int8 one took: from saved statistics."""
    saved, made = folder / "statistics.json", {}
    if not saved.is_file():
        common.compile_model(arguments, network.model, folder / "first.so",
                             f"--calibrate={network.samples}", f"--save-statistics={saved}",
                             *network.numbers)
    programs = {"float": common.compile_once(arguments, network.model, folder / "float",
                                             "--recipe=float", *flags)}
    quantized = f"--statistics={saved}", *flags
    if flags:
        programs["int8"] = common.compile_once(arguments, network.model, folder / "int8", *quantized)
    else:
        programs["int8"] = folder / f"int8-{arguments.cpu}.so"
        seconds, peak = common.compile_model(arguments, network.model, programs["int8"], *quantized)
        made = {"compile_s": round(seconds, 2), "compile_peak_mb": peak}
    if arguments.cpu == "x86-64-v3":
        programs["7 bits"] = common.compile_once(arguments, network.model, folder / "reduced",
                                                 f"--recipe={REDUCED}", *quantized)
    return programs, made


def compare(answers, reference):
    """The share of samples put in the same class, and the error as a share of the size."""
    import numpy
    answers, reference = (numpy.concatenate([part.reshape(-1, part.shape[-1]) for part in parts])
                          if isinstance(parts, list) else parts.reshape(len(parts), -1)
                          for parts in (answers, reference))
    same = float((answers.argmax(axis=1) == reference.argmax(axis=1)).mean())
    error = numpy.linalg.norm(answers - reference) / numpy.linalg.norm(reference)
    return {"same": round(same, 4), "error": round(float(error), 4)}


def measure_accuracy(network, programs, sessions, form, arguments, folder):
    """{who: how far its int8 is from its float}, of the same samples; ours by recipe."""
    import numpy
    samples = network.load()
    numpy.save(folder / "compared.npy", samples)
    answers = {}
    for recipe, program in programs.items():
        output = folder / f"{recipe}.npy"
        common.run(arguments.build / "bin/lowbit-run", program,
                   f"--input={folder / 'compared.npy'}", f"--output={output}")
        answers[recipe] = numpy.load(output)
    result = {recipe: compare(answer, answers["float"]) for recipe, answer in answers.items()}
    if form:
        theirs = [[sessions[name].run(samples[i:i + 1]) for i in range(len(samples))]
                  for name in (form, "onnxruntime float")]
        result["onnxruntime"] = compare(*theirs)
    return result


def open_peers(network, arguments, folder, threads, batch):
    sessions = ort.open_all(arguments, network.model, network.samples, network.scale,
                            network.offset, folder, threads, batch)
    fixed = {"float": models.fix_batch(network.model, batch, folder)}
    quantized = folder / "onnxruntime-QDQ-QUInt8.onnx"
    if quantized.is_file():
        fixed["int8"] = models.fix_batch(quantized, batch, folder)
    for kind, path in fixed.items():
        sessions[f"openvino {kind}"] = openvino.open_session(arguments, path, threads)
        if batch == 1:
            sessions[f"iree {kind}"] = iree.open_program(arguments, path, threads)
    return {name: session for name, session in sessions.items() if session}


def measure(network, name, arguments, threads, batch):
    folder = arguments.build / "bench" / network.name
    folder.mkdir(parents=True, exist_ok=True)
    flags = ["--threads=openmp"] if threads > 1 else []
    flags += [f"--batch={batch}"] if batch > 1 else []
    programs, made = compile_all(network, arguments, folder, flags)
    sessions = open_peers(network, arguments, folder, threads, batch)
    samples = network.repeat(batch, folder)
    times = {key: [] for key in [*programs, *sessions]}
    for _ in common.rounds(arguments):
        for recipe, program in programs.items():
            times[recipe].append(common.run_program(
                arguments, program, samples, *network.numbers, threads=threads))
        for peer, session in sessions.items():
            times[peer].append(session.best_us(arguments.seconds))
    best = {key: min(values) for key, values in times.items()}
    forms = {key: value for key, value in best.items() if key.startswith("onnxruntime-")}
    form = min(forms, key=forms.get, default=None)
    others = {"lowbit float": best["float"],
              **({"onnxruntime int8": forms[form]} if form else {}),
              **{key: value for key, value in best.items()
                 if key not in forms and key not in programs}}
    accuracy = (measure_accuracy(network, programs, sessions, form, arguments, folder)
                if batch == threads == 1 else {})
    for session in sessions.values():
        if hasattr(session, "close"):
            session.close()

    def describe(recipe, name):
        ours, program = best[recipe], programs[recipe]
        own = {"lowbit": accuracy[recipe]} if accuracy else {}
        theirs = {"onnxruntime": accuracy["onnxruntime"]} if "onnxruntime" in accuracy else {}
        return {
            "suite": "nets", "name": name, "threads": threads, "unit": "us", "ours": ours,
            "limit": None, "peers": others, "ratio_best_peer": min(others.values()) / ours,
            "ratio_limit": None, "outputs_agree": own.get("lowbit", {}).get("same"),
            "accuracy": {**own, **theirs},
            # How far the rounds lie apart: above 1.1 the figures are noisy.
            "spread": statistics.median(times[recipe]) / ours,
            "forms": forms, "artefact_bytes": program.stat().st_size,
            "workspace_bytes": common.get_workspace(arguments, program),
            "largest_pair_bytes": (models.largest_pair(network.model) if network.is_large
                                   else None),
            "run_peak_mb": common.get_run_peak(arguments, program, samples, *network.numbers),
        }
    results = [{**describe("int8", name), **made}]
    if "7 bits" in programs:
        results.append(describe("7 bits", name + bars.REDUCED))
    return results


COLUMNS = ("lowbit float", "onnxruntime float", "onnxruntime int8", "openvino float",
           "openvino int8", "iree float", "iree int8")


def print_result(result):
    peers, ours = result["peers"], result["ours"]
    print(f"{result['name']:26}{result['threads']:2}{ours:11.1f}"
          + "".join(f"{peers[column]:11.1f}{peers[column] / ours:6.2f}x" if column in peers
                    else f"{'-':>18}" for column in COLUMNS)
          + f"  {'noisy' if result['spread'] > 1.1 else ''}", flush=True)
    accuracy = "".join(f"; {who} int8: {share['same']:.0%} as float, error {share['error']:.2%}"
                       for who, share in result["accuracy"].items())
    compiled = (f"compiled in {result['compile_s']:.1f} s and {result['compile_peak_mb']} MB; "
                if "compile_s" in result else "")
    print(f"{'':28}{compiled}artefact {result['artefact_bytes'] / 1e6:.2f} MB, workspace "
          f"{result['workspace_bytes'] / 1e6:.2f} MB, run in {result['run_peak_mb']} MB{accuracy}",
          flush=True)


def main(arguments, suite):
    results = []
    empty = ort.measure_empty(arguments)
    if empty:
        print("a call of ONNX Runtime on an empty graph takes "
              + ", ".join(f"{time:.1f} us at batch {batch}" for batch, time in empty.items()))
    print(f"{'network':26}th{'int8 us':>11}" + "".join(f"{column:>18}" for column in COLUMNS))
    for network in list_networks(arguments):
        for threads, batch in ((1, 1), (2, 1)) if network.is_large else ((1, 1), (1, 64)):
            name = network.name if batch == 1 else f"{network.name} batch {batch}"
            if arguments.only not in name or not common.pin(threads):
                continue
            restored = [common.restore(arguments, suite, name + kind, threads)
                        for kind in ("", bars.REDUCED)]
            measured = ([result for result in restored if result] if restored[0]
                        else measure(network, name, arguments, threads, batch))
            for result in measured:
                result.setdefault("empty_graph_us", empty.get(batch))
                print_result(result)
            results += measured
            common.keep(arguments, suite, results)
    common.pin(1)
    print("x: how often our int8 fits in the time. The error is that of all outputs, as a share"
          " of their size.")
    return results
