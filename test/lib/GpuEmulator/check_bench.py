# What benchmarks/gpu does without a GPU: weights that it packs itself are those that
# kernels read, and what it prints.
#
#   check_bench.py directory

import os
import pathlib
import sys

import numpy as np

import emulate

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent.parent / "benchmarks" / "gpu"))

import bench  # noqa: E402
import build  # noqa: E402

# The fewest terms that fill loads of a warp with 2 bits; and of groups.
SIZE, GROUPED_SIZE = 2048, 256


def emulate_kernel(text, directory, arrays, name, launches, round_bytes):
    """In place of time_kernel: `arrays` hold the kernel's results then."""
    text = build.pass_weights(text, "chip=sm_90")
    library = emulate.build(text, "chip=sm_90", os.path.join(directory, name))
    library.main(*[array.ctypes.data_as(bench.ctypes.c_void_p) for array in arrays])
    return 1.0


class Torch:
    """What bench_gemv uses of torch."""

    @staticmethod
    def from_numpy(array):
        return Torch(array)

    def __init__(self, array):
        self.array = array

    def cuda(self):
        return self

    cpu = cuda

    def double(self):
        return Torch(self.array.astype(np.float64))

    def numpy(self):
        return self.array

    def __matmul__(self, other):
        return Torch(self.array @ other.array)


def main():
    directory = sys.argv[1]
    os.makedirs(directory, exist_ok=True)
    sys.modules["torch"] = Torch
    report = bench.Report()
    for width, least in (8, -100), (4, -7), (2, -1):
        text = build.gemv(SIZE, least)
        bench.time_kernel = lambda name, arrays, *rest: emulate_kernel(text, directory, arrays, name, *rest)
        bench.bench_gemv(report, f"gemv{width}", SIZE, 1.0, width, least)
    for width, least in (4, -7), (2, -1):
        for group in 32, 64, 128:
            text = build.grouped(GROUPED_SIZE, group, least)
            bench.time_kernel = lambda name, arrays, *rest: emulate_kernel(text, directory, arrays, name, *rest)
            bench.bench_grouped(report, f"gemv{width}g{group}", GROUPED_SIZE, 1.0, group, width, least)
    assert report.judge()
    report = bench.Report()
    report.row("gemm", "fast", True, 10.0, 6.0, "TOP/s", 10.0)
    report.row("gemv", "slow", True, 10.0, 7.4, "TB/s", 10.0)
    report.row("resnet", "unjudged", True, 10.0, 1.0, "images/s", 10.0, " of PyTorch in bf16")
    assert report.judge()
    report.row("bits", "broken", False, 10.0, 1.0, "TOP/s")
    assert not report.judge()


if __name__ == "__main__":
    main()
