# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Layers of few bits: against our own f32 and int8, ONNX Runtime, and the limits of the core.

Binary layers are chains of BipolarQuant (QONNX) around convolutions or products, whose
times are differences as in layers.py; their float is the same graph with Sign in place
of the quantizers. Weights of few values are the int8 chains of chains.py with other codes;
beside the same model ONNX Runtime runs MatMulNBits, which computes with f32 activations that
it quantizes itself (accuracy level 4), and so does llama.cpp with its own formats. A product of
one row is the whole program of one layer, whose weights lie in a cache; in a chain of many they
come from memory. bars.py holds what rows are to reach.
"""

import json

import chains
import common
import few_bits
from peers import ggml, ort

# Rows, and columns as many as terms; or channels and the side of an image.
BINARY = {"binary 1024x1024x1024": ("product", 1024, 1024),
          "binary 3x3 256, 14x14": ("convolution", 256, 14)}
# Values of weights, and how many bits hold their numbers.
WEIGHTS = {"4-bit": (range(-8, 8), 4), "ternary": ((-1, 0, 1), 2), "1-bit": ((-1, 1), 1),
           "powers of two": ((0, *(s * 2**e for s in (-1, 1) for e in range(7))), 4),
           "codebook": ((-127, -90, -61, -37, -20, -9, -3, 0, 2, 5, 11, 23, 40, 66, 95, 127), 4)}
# Coordinates of vectors from a table of 256.
VECTORS = (4, 8)
PRODUCTS = {"512x4096x4096": (512, 4096), "1x4096x4096": (1, 4096)}
# Floats that are quantized row by row: values, bits, inputs that share a scale.
ROWS = {"4-bit rows": (range(-8, 8), 4, 0), "4-bit rows, groups of 32": (range(-8, 8), 4, 32),
        "3-bit rows": (range(-4, 4), 3, 0), "ternary rows": ((-1, 0, 1), 2, 0), "1-bit rows": ((-1, 1), 1, 0)}
# Their formats in llama.cpp, each as in files and as laid out for processors, if it is.
LLAMA = {"4-bit rows, groups of 32": "q4_0", "ternary rows": "tq2_0"}
# Bits of weights and activations, whether these are signed (weights are, so that two bits
# are ternary); channels and the side of an image, or terms and rows of a product.
PLANES = {"W1A2 3x3 64, 14x14": (1, 2, 0, 64, 14), "W1A2 3x3 256, 14x14": (1, 2, 0, 256, 14),
          "W2A2 3x3 64, 14x14": (2, 2, 0, 64, 14), "W2A2 3x3 256, 14x14": (2, 2, 0, 256, 14),
          "W2A2 1024x1024x1024": (2, 2, 0, 1024, 1024), "W2A2 1x4096x4096": (2, 2, 0, 4096, 1),
          "ternary x ternary 3x3 256, 14x14": (2, 2, 1, 256, 14),
          "ternary x ternary 1024x1024x1024": (2, 2, 1, 1024, 1024),
          "ternary x ternary 1x4096x4096": (2, 2, 1, 4096, 1)}


class BinaryChain(chains.Chain):
    """Signs of activations and weights; in float with Sign."""

    def sign(self, name):
        if self.kind == "binary":
            self.node("BipolarQuant", [name, "one"], domain="onnx.brevitas")
            return self.value
        self.node("Sign", [name])
        return self.value

    def build(self, form, size, side, units, path):
        import numpy
        from onnx import numpy_helper
        self.constants.append(numpy_helper.from_array(numpy.float32(1), "one"))
        kernel = (3, 3) if form == "convolution" else ()
        for _ in range(units):
            activations = self.sign(self.value)
            signs = numpy.where(self.rng.random((size, size, *kernel)) < 0.5, -1, 1)
            weights = self.constant("w", signs.astype(numpy.float32))
            if self.kind == "binary":
                weights = self.sign(weights)
            bias = self.constant("b", (self.rng.normal(size=size) * 10 + 0.5).astype(numpy.float32))
            if kernel:
                self.node("Conv", [activations, weights, bias], kernel_shape=[3, 3], pads=[1] * 4)
                self.macs += side * side * size * size * 9
            else:
                self.node("MatMul", [activations, weights])
                self.node("Add", [self.value, bias])
                self.macs += side * size * size
        shape = [1, size, side, side] if kernel else [side, size]
        self.save(path, shape)
        return shape, self.macs


class FewValues(chains.Chain):
    """int8 layers whose weights are of few values."""

    def __init__(self, values):
        super().__init__("int8")
        self.values = list(values)

    def draw(self, shape, channel, terms):
        import numpy
        codes = self.rng.choice(self.values, size=shape).astype(numpy.int8)
        scales = numpy.full(shape[channel], 1 / (max(self.values) * numpy.sqrt(terms)))
        return codes, scales.astype(numpy.float32)


class Timings:
    """Programs and sessions, interleaved; the best time of each."""

    def __init__(self, arguments):
        self.arguments, self.calls, self.best = arguments, {}, {}

    def program(self, key, model, samples, *flags):
        path = model.with_suffix(".so")
        common.compile_model(self.arguments, model, path, *flags)
        self.calls[key] = lambda: common.run_program(self.arguments, path, samples)

    def output(self, program, samples):
        import numpy
        output = program.with_suffix(".out.npy")
        common.run(self.arguments.build / "bin/lowbit-run", program, f"--input={samples}",
                   f"--output={output}")
        return numpy.load(output)

    def session(self, key, model, feed, batch=1):
        try:
            call = ort.open_session(self.arguments, model, feed, batch=batch)
        except RuntimeError as error:  # an operator that this version has not
            print(f"  ONNX Runtime does not run {model.name}: {str(error).splitlines()[0]}")
            return None
        if call:
            self.calls[key] = lambda: call.best_us(self.arguments.seconds)
        return call

    def measure(self):
        for _ in common.rounds(self.arguments):
            for key, call in self.calls.items():
                self.best[key] = min(self.best.get(key, float("inf")), call())
        return self.best

    def difference(self, who, units=4):
        """A layer's time, by chains of one and of `units`; None where it was not measured."""
        times = [self.best.get((who, number)) for number in (1, units)]
        return None if None in times else (times[1] - times[0]) / (units - 1)


def result(name, macs, ours, peers, limit, agree):
    peers = {peer: time for peer, time in peers.items() if time}
    rate = macs / ours / 1000
    best = min(peers.values()) if peers else None
    print(f"{name:32}{ours:10.1f} us{rate:9.1f} GMAC/s"
          + (f"{rate / limit:6.2f} of the limit" if limit else f"{'':19}")
          + "".join(f"  {peer} {time / ours:.2f}x" for peer, time in peers.items())
          + ("  WRONG" if agree is False else ""), flush=True)
    return {"suite": "bitwise", "name": name, "threads": 1, "unit": "us", "ours": ours,
            "limit": macs / limit / 1000 if limit else None, "peers": peers,
            "ratio_best_peer": best / ours if best else None,
            "ratio_limit": rate / limit if limit else None, "outputs_agree": agree, "macs": macs}


def measure_binary(arguments, folder, name, case, limit, plain):
    import numpy
    timings, agree = Timings(arguments), None
    for kind in ("binary", "f32"):
        for units in (1, 4):
            model = folder / f"{kind}{units}.onnx"
            shape, macs = BinaryChain(kind).build(*case, units, model)
            samples = numpy.random.default_rng(2).normal(size=shape).astype(numpy.float32)
            numpy.save(folder / "samples.npy", samples)
            flags = ["--recipe=imported", "--profile=tosa"] if kind == "binary" else ["--recipe=float"]
            timings.program((kind, units), model, folder / "samples.npy", *flags)
            session = timings.session(("onnxruntime", units), model, samples) if kind == "f32" else None
            if session and units == 1:
                ours = timings.output(folder / "binary1.so", folder / "samples.npy")
                agree = chains.count_wrong(ours, session.fetch(), "f32") == 0
    timings.measure()
    peers = {"lowbit float": timings.difference("f32"), "onnxruntime float": timings.difference("onnxruntime")}
    if case == BINARY["binary 3x3 256, 14x14"] and plain:  # XNOR-Net compares with such loops
        peers["plain float loops"] = macs / 4 / plain / 1000
    return result(name, macs / 4, timings.difference("binary"), peers, limit, agree)


def make_rows(folder, rows, size, kind, units):
    """Model, samples, the recipe for them, and the weights of the first product."""
    import numpy
    values, _, group = ROWS[kind]
    samples = numpy.random.default_rng(2).normal(size=(rows, size)).astype(numpy.float32)
    numpy.save(folder / "samples.npy", samples)
    recipe = folder / "rows.yaml"
    # Signed codes need no sum of weights for each group, which one row would read besides.
    recipe.write_text(few_bits.ROWS_RECIPE % ("i8" if group and rows == 1 else "u8"))
    weights = few_bits.build_rows(rows, size, values, group, units, folder / "rows.onnx")
    return folder / "rows.onnx", samples, f"--recipe={recipe}", weights


def open_llama(timings, kind, samples, weights, units=1):
    """{name: share of outputs that are wrong} of those that llama.cpp has."""
    wrong = {}
    for name, is_laid_out in (("llama.cpp", False), ("llama.cpp laid out", True)):
        opened = kind in LLAMA and ggml.open_products(timings.arguments, LLAMA[kind], samples, weights,
                                                      units, is_laid_out)
        if opened:
            call, held = opened
            timings.calls[name] = lambda call=call: call.best_us(timings.arguments.seconds)
            if units == 1:
                wrong[name] = few_bits.count_far(call.fetch(), samples @ held)
    return wrong


def measure_rows(arguments, folder, name, case, kind):
    rows, size = case
    timings = Timings(arguments)
    model, samples, recipe, weights = make_rows(folder, rows, size, kind, 1)
    timings.program("ours", model, folder / "samples.npy", recipe)
    ours = timings.output(folder / "rows.so", folder / "samples.npy")
    if kind == "4-bit rows, groups of 32":
        few_bits.build_nbits(rows, size, 4, folder / "nbits.onnx")
        timings.session("MatMulNBits", folder / "nbits.onnx", samples)
    wrong = open_llama(timings, kind, samples, weights)
    best = timings.measure()
    entry = result(name, rows * size * size, best.pop("ours"), best, None,
                   few_bits.count_far(ours, samples @ weights) == 0)
    return {**entry, "peers_wrong": wrong}


def measure_memory(arguments, folder, name, kind):
    """One row through so many products that their weights exceed the last cache, and the
    speed of reading memory meanwhile."""
    _, bits, group = ROWS[kind]
    size, units = 4096, 32 // bits  # 64 MB
    timings = Timings(arguments)
    model, samples, recipe, weights = make_rows(folder, 1, size, kind, units)
    timings.program("ours", model, folder / "samples.npy", recipe)
    open_llama(timings, kind, samples, weights, units)
    timings.calls["read"] = lambda: 1 / common.measure_reading(arguments)
    best = timings.measure()
    time, bandwidth = best.pop("ours"), 1 / best.pop("read")
    entry = result(name, units * size * size, time, best, None, None)
    needed = units * size * size * (bits / 8 + (4 / group if group else 0))
    entry["bandwidth"] = needed / time / 1000 / bandwidth
    print(f"{'':32}{needed / time / 1000:10.1f} GB/s of {bandwidth:.1f} that are read")
    return entry


def measure_planes(arguments, folder, name, weight_bits, activation_bits, signed, channels, side):
    import numpy
    timings, macs = Timings(arguments), 0
    flags = ["--recipe=imported", "--profile=tosa"]
    conv = chains.Conv(channels, channels, 3) if "3x3" in name else None
    for units in (1, 4):
        model = folder / f"planes{units}.onnx"
        shape, macs = few_bits.build_planes("bits", channels, side, weight_bits, activation_bits, units, model,
                                            signed, bool(conv))
        numpy.save(folder / "samples.npy", numpy.random.default_rng(2).normal(size=shape).astype(numpy.float32))
        timings.program(("planes", units), model, folder / "samples.npy", *flags)
        chain = chains.Chain("int8")
        for _ in range(units):
            if conv:
                chain.convolution(conv, side)
            else:
                chain.product(channels)
        chain.save(folder / f"int8{units}.onnx", shape)
        numpy.save(folder / "codes.npy", chain.samples(shape))
        timings.program(("int8", units), folder / f"int8{units}.onnx", folder / "codes.npy", *flags)
    timings.measure()
    peers = {"lowbit int8": timings.difference("int8")}
    return result(name, macs / 4, timings.difference("planes"), peers, None, None)


def measure_network(arguments, folder, name):
    import numpy
    timings = Timings(arguments)
    for kind in ("binary", "f32"):
        model = folder / f"network-{kind}.onnx"
        shape, macs = few_bits.build_network(kind, model)
        samples = numpy.random.default_rng(2).normal(size=shape).astype(numpy.float32)
        numpy.save(folder / "samples.npy", samples)
        flags = ["--recipe=imported", "--profile=tosa"] if kind == "binary" else ["--recipe=float"]
        timings.program(kind, model, folder / "samples.npy", *flags)
    timings.session("onnxruntime float", folder / "network-f32.onnx", samples)
    best = timings.measure()
    peers = {"lowbit float": best["f32"], "onnxruntime float": best.get("onnxruntime float")}
    return result(name, macs, best["binary"], peers, None, None)


def measure_product(arguments, folder, name, case, values, bits, limit):
    import numpy
    rows, size = case
    timings = Timings(arguments)
    samples = numpy.random.default_rng(2).integers(0, 256, (rows, size), dtype=numpy.uint8)
    numpy.save(folder / "samples.npy", samples)
    flags = ["--recipe=imported", "--profile=tosa"]
    for units in (1, 2) if rows > 1 else (1,):  # compiling such weights takes longest
        for kind in ("few", "int8"):
            chain = FewValues(values) if kind == "few" else chains.Chain("int8")
            for _ in range(units):
                chain.product(size)
            model = folder / f"{kind}{units}.onnx"
            chain.save(model, [rows, size])
            timings.program((kind, units), model, folder / "samples.npy", *flags)
            if kind == "few":
                timings.session(("onnxruntime", units), model, samples)
            if kind == "few" and units == 1:
                ours = timings.output(folder / "few1.so", folder / "samples.npy")[:, None, :]
                reference = chains.compute_product(samples, chain.layers[0], "int8")
                agree = chains.count_wrong(ours, reference, "int8") == 0
    if bits == 4:
        few_bits.build_nbits(rows, size, 4, folder / "nbits.onnx")
        timings.session("MatMulNBits", folder / "nbits.onnx", samples.astype(numpy.float32))
    best = timings.measure()
    layer = (lambda who: timings.difference(who, 2)) if rows > 1 else lambda who: best.get((who, 1))
    peers = {"lowbit int8": layer("int8"), "onnxruntime int8": layer("onnxruntime"),
             "MatMulNBits": best.get("MatMulNBits")}
    return result(name, rows * size * size, layer("few"), peers, limit, agree)


def measure_vectors(arguments, folder, name, case, dim):
    import numpy
    rows, size = case
    timings = Timings(arguments)
    samples = numpy.random.default_rng(2).integers(0, 256, (1, rows, 1, size), dtype=numpy.uint8)
    numpy.save(folder / "samples.npy", samples)
    for kind, vector in (("vectors", dim), ("int8", 0)):
        few_bits.build_vectors(rows, size, vector, folder / f"{kind}.mlir")
        timings.program(kind, folder / f"{kind}.mlir", folder / "samples.npy")
    best = timings.measure()
    return result(name, rows * size * size, best["vectors"], {"lowbit int8": best["int8"]}, None, None)


def measure_tfc(arguments, folder, batch):
    import numpy
    import onnx
    data = common.TOP.parent / "shared" / "data"
    if not (data / "models/TFC_1W1A.onnx").is_file():
        return []
    model = onnx.load(data / "models/TFC_1W1A.onnx")
    for port in (model.graph.input[0], model.graph.output[0]):
        port.type.tensor_type.shape.dim[0].dim_param = "N"
    onnx.save(model, folder / "tfc.onnx")
    samples = numpy.load(data / "data/mnist_eval_x.npy")[:batch].astype(numpy.float32) / 255
    numpy.save(folder / "samples.npy", samples)
    timings = Timings(arguments)
    timings.program("ours", folder / "tfc.onnx", folder / "samples.npy", "--recipe=imported", f"--batch={batch}")
    few_bits.build_float_tfc(model)
    onnx.save(model, folder / "tfc-float.onnx")
    session = timings.session("onnxruntime float", folder / "tfc-float.onnx", samples, batch)
    agree = None
    if session:
        ours = timings.output(folder / "tfc.so", folder / "samples.npy")
        agree = bool((ours.argmax(axis=1) == session.fetch().argmax(axis=1)).all())
    best = timings.measure()
    macs = batch * (784 * 64 + 64 * 64 * 2 + 64 * 10)
    return [result(f"TFC 1W1A, batch {batch}", macs, best.pop("ours"), best, None, agree)]


def main(arguments, suite):
    limits = common.measure_limits(arguments)
    print("limits of this core in GMAC/s:", json.dumps(limits))
    wide = arguments.cpu == "native"
    binary = limits.get("avx512.xor_popcnt" if wide else "avx2.xor_table") or limits.get("avx2.xor_table")
    bytes_ = limits.get("avx512.vpdpbusd") if wide else None
    folder = arguments.build / "bench" / suite
    folder.mkdir(parents=True, exist_ok=True)
    results = []

    def add(name, measure_it):
        if arguments.only not in name:
            return
        entry = common.restore(arguments, suite, name) or measure_it()
        entry["macs_per_cycle"] = entry["macs"] / entry["ours"] / 1000 / limits["clock"] if limits else None
        results.append(entry)
        common.keep(arguments, suite, results)

    for name, case in BINARY.items():
        add(name, lambda: measure_binary(arguments, folder, name, case, binary, limits.get("plain.conv")))
    name = "binary network, 32x32"
    add(name, lambda: measure_network(arguments, folder, name))
    for kind, (values, bits) in WEIGHTS.items():
        for shape, case in PRODUCTS.items():
            name = f"{kind} weights {shape}"
            limit = bytes_ or limits.get(f"avx2.pmaddubsw.{max(bits, 2)}")
            add(name, lambda: measure_product(arguments, folder, name, case, values, bits, limit))
    for dim in VECTORS:
        for shape, case in PRODUCTS.items():
            name = f"vectors of {dim} {shape}"
            add(name, lambda: measure_vectors(arguments, folder, name, case, dim))
    for kind in ROWS:
        for shape, case in PRODUCTS.items():
            name = f"{kind} {shape}"
            add(name, lambda: measure_rows(arguments, folder, name, case, kind))
        if kind != "1-bit rows" and "read" in limits:
            name = f"{kind} from memory"
            add(name, lambda: measure_memory(arguments, folder, name, kind))
    for name, case in PLANES.items():
        add(name, lambda: measure_planes(arguments, folder, name, *case))
    if arguments.only in "TFC 1W1A":
        results += measure_tfc(arguments, folder, 64)
    return results
