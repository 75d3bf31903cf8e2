# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Gradient codecs against what bounds them: memory that is read, and random words."""

import ctypes
import shutil
import sys
import time

import common
import numpy as np

#: Codec, bytes that encoding a number must read and write, whether it takes a random
#: word, and the bar for the share of the limit.
ROWS = [
    ("onebit:feedback=off", 4, False, 0.6),
    ("onebit", 12, False, 0.6),
    ("terngrad", 4, True, 0.6),
    ("terngrad:feedback=on", 12, True, None),
    ("qsgd", 4, True, None),
    ("dorefa", 4, True, None),
    ("topk", 12, False, None),
]
#: Beyond the last cache, and in it.
SIZES = [("64 MB", 2**24), ("4 MB", 2**20)]


def pointer(array):
    return ctypes.c_void_p(array.ctypes.data)


def load_limits(arguments):
    path = arguments.build / "bench" / "codec_limits.so"
    path.parent.mkdir(parents=True, exist_ok=True)
    for compiler in ("clang-22", "clang", "cc"):
        if shutil.which(compiler):
            common.run(compiler, "-O3", "-shared", "-fPIC",
                       common.TOP / "benchmarks/codec_limits.c", "-o", path)
            return ctypes.CDLL(str(path))
    sys.exit("error: found no C compiler")


class Encoder:
    def __init__(self, arguments, text, size):
        path = arguments.build / "bench" / f"{text.replace(':', '-')}-{size}.so"
        common.run(arguments.build / "bin/lowbit-compile", f"--codec={text}", f"--size={size}",
                   f"--cpu={arguments.cpu}", "--symbol-prefix=c", "-o", path)
        self.library = ctypes.CDLL(str(path))
        for name in "wire_size", "workspace_size":
            getattr(self.library, f"c_{name}").restype = ctypes.c_int64
        self.wire = np.zeros(self.library.c_wire_size(), np.uint8)
        self.workspace = np.zeros(self.library.c_workspace_size() + 4, np.uint8)
        self.numbers = np.zeros(size, np.float32)

    def encode(self, gradient):
        zero = ctypes.c_uint32(0)
        if self.library.c_encode(pointer(gradient), pointer(self.wire), pointer(self.workspace),
                                 zero, zero, zero) != 0:
            sys.exit("error: encode failed")

    def decode(self):
        self.library.c_decode(pointer(self.wire), pointer(self.numbers))


def best_seconds(call, seconds, best=float("inf")):
    end = time.perf_counter() + seconds
    while True:
        start = time.perf_counter()
        call()
        stop = time.perf_counter()
        best = min(best, stop - start)
        if stop >= end:
            return best


def main(arguments, suite):
    limits = load_limits(arguments)
    memory = np.ones(2**26, np.uint32)
    results = []
    print(f"{'codec':24}{'gradient':>9}{'encode':>9}{'limit':>8}{'share':>7}{'bar':>6}{'decode':>9}"
          "    G numbers/s")
    for label, size in SIZES:
        gradient = np.random.default_rng(0).standard_normal(size).astype(np.float32)
        rows = [row for row in ROWS if arguments.only in row[0]]
        encoders = [Encoder(arguments, row[0], size) for row in rows]
        best = {}

        def measure(key, call):
            best[key] = best_seconds(call, arguments.seconds, best.get(key, float("inf")))

        for _ in range(arguments.rounds):
            measure("read", lambda: limits.read_memory(pointer(memory), ctypes.c_size_t(memory.size)))
            measure("philox", lambda: limits.philox_words(0, ctypes.c_size_t(2**20)))
            for i, encoder in enumerate(encoders):
                measure((i, "encode"), lambda: encoder.encode(gradient))
                measure((i, "decode"), encoder.decode)
        read, words = memory.nbytes / best["read"], 2**20 / best["philox"]
        print(f"reading {read / 1e9:.1f} GB/s, Philox {words / 1e9:.2f} G words/s")
        for i, (text, bytes_each, is_random, bar) in enumerate(rows):
            limit = min(read / bytes_each, words if is_random else float("inf")) / 1e9
            ours = size / best[i, "encode"] / 1e9
            decode = size / best[i, "decode"] / 1e9
            share = ours / limit
            told = "" if bar is None else "met" if share >= bar else "MISSED"
            print(f"{text:24}{label:>9}{ours:9.3f}{limit:8.3f}{share:7.0%}{told:>6}{decode:9.3f}")
            results.append({"suite": suite, "name": f"{text} {label} encode", "threads": 1,
                            "unit": "G numbers/s", "ours": round(ours, 4), "limit": round(limit, 4),
                            "peers": {}, "ratio_best_peer": None, "ratio_limit": round(share, 4),
                            "bar": bar})
            results.append({"suite": suite, "name": f"{text} {label} decode", "threads": 1,
                            "unit": "G numbers/s", "ours": round(decode, 4),
                            "limit": round(read / 4e9, 4), "peers": {}, "ratio_best_peer": None,
                            "ratio_limit": round(decode / (read / 4e9), 4)})
    return results
