# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Single primitives: a matrix product that lies in the cache, with its epilogue, built
around each primitive that the processor has, against the same instructions on registers
(`limits.c`). There are no peers: these are the bounds of what the other suites can reach.
"""

import chains
import common

ROWS, SIZE = 192, 256
# Primitive: kind of model, and bits of its weights where it asks for few.
PRIMITIVES = {
    "avx2.pmaddwd": ("int8", 8), "avx2.pmaddubsw": ("int8", 7), "avx512.pmaddwd": ("int8", 8),
    "avx512.vpdpbusd": ("int8", 8), "generic.fma": ("f32", 32), "avx512.fma": ("f32", 32),
}


def measure(arguments, suite, name, limit):
    """Of one primitive: a layer in a chain of four, less a chain of one."""
    import numpy
    kind, bits = PRIMITIVES[name]
    folder = arguments.build / "bench" / suite
    folder.mkdir(parents=True, exist_ok=True)
    flags = ["--recipe=imported", "--profile=tosa"] if kind == "int8" else ["--recipe=float"]
    best = {}
    for units in (1, 4):
        chain, stem = chains.Chain(kind, bits), folder / f"{units}"
        for _ in range(units):
            chain.product(SIZE)
        chain.save(stem.with_suffix(".onnx"), [ROWS, SIZE])
        samples = chain.samples([ROWS, SIZE])
        numpy.save(stem.with_suffix(".npy"), samples)
        common.compile_model(arguments, stem.with_suffix(".onnx"), stem.with_suffix(".so"),
                             f"--force-primitive={name}", *flags)
        if units == 1:
            reference = chains.compute_product(samples, chain.layers[0], kind)
            result = common.run_output(arguments, stem)[:, None, :]
            agree = chains.count_wrong(result, reference, kind) == 0
        best[units] = min(common.run_program(arguments, stem.with_suffix(".so"),
                                             stem.with_suffix(".npy"))
                          for _ in common.rounds(arguments))
    time = (best[4] - best[1]) / 3
    macs = ROWS * SIZE * SIZE
    return {"suite": suite, "name": name, "threads": 1, "unit": "us", "ours": time,
            "limit": macs / limit / 1000, "peers": {}, "ratio_best_peer": None,
            "ratio_limit": macs / limit / 1000 / time, "outputs_agree": agree}


def main(arguments, suite):
    limits = common.measure_limits(arguments)
    results = []
    print(f"at {limits.get('clock')} GHz; limits of what the layers of other suites use, too:")
    for name, limit in limits.items():
        if name not in PRIMITIVES and name not in ("clock", "read"):
            print(f"{name:22}{'':26}{limit:8.1f} GMAC/s")
    print(f"{'primitive':22}{'time':>11}{'rate':>15}{'limit':>15}{'ratio':>8}")
    for name in PRIMITIVES:
        is_wide = name.startswith("avx512") and arguments.cpu != "native"
        if name not in limits or is_wide or arguments.only not in name:
            continue
        result = measure(arguments, suite, name, limits[name])
        print(f"{name:22}{result['ours']:8.1f} us"
              f"{ROWS * SIZE * SIZE / result['ours'] / 1000:8.1f} GMAC/s{limits[name]:8.1f} GMAC/s"
              f"{result['ratio_limit']:8.2f}" + ("" if result["outputs_agree"] else "  WRONG"),
              flush=True)
        results.append(result)
        common.keep(arguments, suite, results)
    return results
