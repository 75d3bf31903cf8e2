# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Single primitives: a matrix product that lies in the cache, with its epilogue, built
around each primitive that the processor has, against the same instructions on registers
(`limits.c`). There are no peers: these are the bounds of what the other suites can reach.
"""

import common
import layers

ROWS, SIZE = 192, 256
# Primitive: kind of model, and bits of its weights where it asks for few.
PRIMITIVES = {
    "avx2.pmaddwd": ("int8", 8), "avx2.pmaddubsw": ("int8", 7), "avx512.pmaddwd": ("int8", 8),
    "avx512.vpdpbusd": ("int8", 8), "generic.fma": ("f32", 32), "avx512.fma": ("f32", 32),
}


def build(kind, bits, units, path):
    chain = layers.Chain(kind, bits)
    for _ in range(units):
        chain.layer("MatMul", (SIZE, SIZE), 1, SIZE, None)
    chain.save(path, [ROWS, SIZE])


def main(arguments, suite):
    import numpy
    limits = common.measure_limits(arguments)
    folder = arguments.build / "bench" / suite
    folder.mkdir(parents=True, exist_ok=True)
    results = []
    print(f"{'primitive':22}{'time':>11}{'rate':>15}{'limit':>15}{'ratio':>8}")
    for name, (kind, bits) in PRIMITIVES.items():
        if name not in limits or arguments.only not in name:
            continue
        shape = [ROWS, SIZE]
        rng = numpy.random.default_rng(2)
        samples = (rng.integers(0, 256, shape, dtype=numpy.uint8) if kind == "int8"
                   else rng.random(shape, dtype=numpy.float32))
        numpy.save(folder / "x.npy", samples)
        flags = ["--recipe=imported", "--profile=tosa"] if kind == "int8" else ["--recipe=float"]
        times = {}
        for units in (1, 4):
            model, program = folder / f"{units}.onnx", folder / f"{units}.so"
            build(kind, bits, units, model)
            common.compile_model(arguments, model, program, f"--force-primitive={name}", *flags)
            times[units] = min(common.run_program(arguments, program, folder / "x.npy")
                               for _ in range(arguments.rounds))
        time = (times[4] - times[1]) / 3
        rate = ROWS * SIZE * SIZE / time / 1000
        print(f"{name:22}{time:8.1f} us{rate:8.1f} GMAC/s{limits[name]:8.1f} GMAC/s"
              f"{rate / limits[name]:8.2f}", flush=True)
        results.append({
            "suite": suite, "name": name, "threads": 1, "unit": "us", "ours": time,
            "limit": ROWS * SIZE * SIZE / limits[name] / 1000, "peers": {},
            "ratio_best_peer": None, "ratio_limit": rate / limits[name], "outputs_agree": None})
    return results
