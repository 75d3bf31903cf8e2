# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Single layers, int8 and f32, against ONNX Runtime and what the core can do.

A layer's time is a difference: a chain of four of them less a chain of one, by
three. So it has the layer's epilogue, and the memory between layers, but neither
the ends of the program nor their changes of layout. int8 models are chains of
QLinearConv or QLinearMatMul with Gaussian weights that use all of -127 to 127; both
compile or load the same file. Everything runs on one processor, interleaved, best
of several rounds.
"""

import json

import common
import ort

# A unit is a list of layers (channels in, channels out or 0 for depthwise, kernel);
# its result has as many channels as its input.
CONVOLUTIONS = {
    "3x3 64, 56x56": ([(64, 64, 3)], 56),
    "1x1 64-256-64, 56x56": ([(64, 256, 1), (256, 64, 1)], 56),
    "3x3 128, 28x28": ([(128, 128, 3)], 28),
    "3x3 256, 14x14": ([(256, 256, 3)], 14),
    "1x1 1024-256-1024, 14x14": ([(1024, 256, 1), (256, 1024, 1)], 14),
    "3x3 512, 7x7": ([(512, 512, 3)], 7),
    "3x3 16, 32x32": ([(16, 16, 3)], 32),
    "1x1 32, 56x56": ([(32, 32, 1)], 56),
    "depthwise 3x3 256, 28x28": ([(256, 0, 3)], 28),
    "depthwise 5x5 128, 28x28": ([(128, 0, 5)], 28),
    "depthwise 3x3 and 1x1 64, 56x56": ([(64, 0, 3), (64, 64, 1)], 56),
}
# Rows, and columns as many as terms.
PRODUCTS = {"1024x1024x1024": (1024, 1024), "512x2048x2048": (512, 2048),
            "64x1024x1024": (64, 1024), "1x4096x4096": (1, 4096)}
# Primitives by rising speed where the processor has them.
LIMITS = {"int8": ["avx2.pmaddwd", "avx512.vpdpbusd"], "f32": ["generic.fma", "avx512.fma"]}


class Chain:
    """A model of equal units; see build_convolutions and build_products."""

    def __init__(self, kind, bits=8):
        import numpy
        self.numpy, self.kind, self.largest = numpy, kind, 2 ** (bits - 1) - 1
        self.rng = numpy.random.default_rng(1)
        self.nodes, self.constants, self.value, self.macs = [], [], "x", 0
        if kind == "int8":
            self.scale = self.constant("s", numpy.float32(0.02))
            self.zero = self.constant("z", numpy.uint8(0))

    def constant(self, name, array):
        from onnx import numpy_helper
        name = f"{name}{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(self.numpy.asarray(array), name))
        return name

    def weights(self, shape, channel, terms):
        """Gaussian weights, in f32 or as codes with their scales and zero points."""
        numpy = self.numpy
        values = self.rng.normal(size=shape) / numpy.sqrt(terms)
        if self.kind == "f32":
            return [self.constant("w", values.astype(numpy.float32))]
        axes = tuple(axis for axis in range(len(shape)) if axis != channel)
        scales = abs(values).max(axis=axes, keepdims=True) / self.largest
        codes = numpy.rint(values / scales).astype(numpy.int8)
        scales = 1.5 * scales.reshape(-1).astype(numpy.float32)
        return [self.constant("w", codes), self.constant("ws", scales),
                self.constant("wz", numpy.zeros(scales.shape, numpy.int8))]

    def node(self, op, inputs, **attributes):
        from onnx import helper
        result = f"y{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [result], **attributes))
        self.value = result

    def layer(self, op, shape, channel, terms, bias, **attributes):
        """One layer; in f32 with the clamp that u8 codes have."""
        weights = self.weights(shape, channel, terms)
        biases = [self.constant("b", bias)] if bias is not None else []
        if self.kind == "f32":
            self.node(op, [self.value, *weights, *biases], **attributes)
            return self.node("Relu", [self.value])
        self.node("QLinear" + op, [self.value, self.scale, self.zero, *weights, self.scale,
                                   self.zero, *biases], **attributes)

    def save(self, path, shape):
        import onnx
        from onnx import TensorProto, helper
        element = TensorProto.UINT8 if self.kind == "int8" else TensorProto.FLOAT
        graph = helper.make_graph(
            self.nodes, "chain", [helper.make_tensor_value_info("x", element, shape)],
            [helper.make_tensor_value_info(self.value, element, shape)], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20),
                                                        helper.make_opsetid("onnx.brevitas", 1)])
        model.ir_version = 9
        onnx.save(model, path)


def build_convolutions(unit, size, kind, units, path):
    chain = Chain(kind)
    for inputs, outputs, kernel in unit * units:
        depthwise = outputs == 0
        outputs = outputs or inputs
        terms = kernel * kernel * (1 if depthwise else inputs)
        bias = chain.rng.integers(-500, 500, outputs)
        bias = bias.astype("int32") if kind == "int8" else (bias / 500).astype("float32")
        chain.layer("Conv", (outputs, 1 if depthwise else inputs, kernel, kernel), 0, terms, bias,
                    kernel_shape=[kernel, kernel], pads=[kernel // 2] * 4,
                    group=inputs if depthwise else 1)
        chain.macs += size * size * outputs * terms
    shape = [1, unit[0][0], size, size]
    chain.save(path, shape)
    return shape, chain.macs


def build_products(rows, size, kind, units, path):
    chain = Chain(kind)
    for _ in range(units):
        chain.layer("MatMul", (size, size), 1, size, None)
    chain.save(path, [rows, size])
    return [rows, size], rows * size * size * units


def compare(arguments, program, samples, session, kind):
    """Whether all of ours and of the peer's results agree: codes to one step, floats to
    a thousandth of the largest; None without a peer."""
    import numpy
    if not session:
        return None
    output = program.with_suffix(".out.npy")
    common.run(arguments.build / "bin/lowbit-run", program, f"--input={samples}",
               f"--output={output}")
    ours = numpy.load(output).astype(numpy.float64)
    theirs = session().numpy().astype(numpy.float64)
    limit = 1 if kind == "int8" else 1e-3 * abs(theirs).max()
    return bool(abs(ours - theirs.reshape(ours.shape)).max() <= limit)


def measure(arguments, suite, name, kind, build, limit):
    import numpy
    folder = arguments.build / "bench" / suite
    folder.mkdir(parents=True, exist_ok=True)
    times, macs, sessions = {}, {}, {}
    for units in (1, 4):
        model = folder / f"{kind}{units}.onnx"
        shape, macs[units] = build(kind, units, model)
        rng = numpy.random.default_rng(2)
        samples = (rng.integers(0, 256, shape, dtype=numpy.uint8) if kind == "int8"
                   else rng.random(shape, dtype=numpy.float32))
        numpy.save(folder / f"{kind}.npy", samples)
        flags = ["--recipe=imported", "--profile=tosa"] if kind == "int8" else ["--recipe=float"]
        common.compile_model(arguments, model, folder / f"{kind}{units}.so", *flags)
        sessions[units] = ort.open_session(model, samples)
        times["ours", units] = times["peer", units] = float("inf")
    for _ in range(arguments.rounds):
        for units in (1, 4):
            latency = common.run_program(arguments, folder / f"{kind}{units}.so",
                                         folder / f"{kind}.npy")
            times["ours", units] = min(times["ours", units], latency)
            if sessions[units]:
                latency = common.best_us(sessions[units], arguments.seconds)
                times["peer", units] = min(times["peer", units], latency)
    ours, peer = ((times[who, 4] - times[who, 1]) / 3 for who in ("ours", "peer"))
    rate = macs[1] / ours / 1000
    agree = compare(arguments, folder / f"{kind}1.so", folder / f"{kind}.npy", sessions[1], kind)
    peers = {"onnxruntime": peer} if sessions[1] else {}
    print(f"{name:34}{kind:6}{ours:10.1f} us{rate:8.1f} GMAC/s"
          + (f"{rate / limit:6.2f} of the limit" if limit else "")
          + (f"{peer:10.1f} us{peer / ours:7.2f}{'' if agree else '  results differ'}"
             if peers else ""), flush=True)
    return {"suite": suite, "name": f"{name} {kind}", "threads": 1, "unit": "us", "ours": ours,
            "limit": macs[1] / limit / 1000 if limit else None, "peers": peers,
            "ratio_best_peer": peer / ours if peers else None,
            "ratio_limit": rate / limit if limit else None, "outputs_agree": agree}


def main(arguments, suite):
    limits = common.measure_limits(arguments)
    print("limits of this core in GMAC/s:", json.dumps(limits))
    print(f"{'layer':34}{'kind':6}{'time':>13}{'rate':>15}{'':19}{'ONNX Runtime':>9}  ratio")
    results = []
    for name, case in (CONVOLUTIONS if suite == "conv" else PRODUCTS).items():
        for kind in ("int8", "f32"):
            if arguments.only not in name:
                continue
            builder = build_convolutions if suite == "conv" else build_products
            usable = [limits[limit] for limit in LIMITS[kind] if limit in limits
                      and (arguments.cpu == "native" or not limit.startswith("avx512"))]
            results.append(measure(
                arguments, suite, name, kind,
                lambda kind, units, path: builder(*case, kind, units, path),
                usable[-1] if usable else None))
    return results
