# Runs the kernels of its folder (build.py): checks their results, and prints their
# times beside cuBLASLt's, by torch._int_mm, and the memory's.
#
#   bench.py [name...]

import ctypes
import json
import os
import sys

import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(0)


def codes(shape, low, high):
    return random.integers(low, high + 1, shape, dtype=np.int16).astype(np.int8)


def time_torch(work, launches):
    best = float("inf")
    for _ in range(5):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        for _ in range(launches):
            work()
        end.record()
        torch.cuda.synchronize()
        best = min(best, begin.elapsed_time(end) * 1000 / launches)
    return best


def time_kernel(name, arrays, launches, round_bytes=0):
    """Runs a kernel on arrays of the host, which hold its results then."""
    library = ctypes.CDLL(os.path.join(HERE, name + ".so"))
    library.bench_time.restype = ctypes.c_double
    library.bench_begin(launches, 5, ctypes.c_size_t(round_bytes))
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in arrays]
    for pointer, array in zip(pointers, arrays):
        library.bench_array(pointer, ctypes.c_size_t(array.nbytes))
    library.main(*pointers)
    if library.bench_failed():
        sys.exit(f"{name}: the driver failed")
    return library.bench_time()


def report(name, same, time, figure, unit, peer=None):
    ratio = f", {figure / peer:.2f} of {peer:.2f}" if peer else ""
    wrong = "" if same else ", WRONG"
    print(f"{name}: {time:.1f} us, {figure:.2f} {unit}{ratio}{wrong}", flush=True)
    return same


def product(x, w):
    """x times w transposed, and what a product takes."""
    x, w = torch.from_numpy(x).cuda(), torch.from_numpy(w).cuda().t()
    y = torch._int_mm(x, w)
    time = time_torch(lambda: torch._int_mm(x, w, out=y), 20)
    return y.cpu().numpy(), time


def bench_gemm(name, size, rate):
    x, w = codes((size, size), -128, 127), codes((size, size), -128, 127)
    expected, peer = product(x, w)
    y = np.zeros((size, size), np.int32)
    time = time_kernel(name, [x, w, y], 20)
    operations = 2 * size**3 / 1e6
    same = np.array_equal(y, expected)
    return report(name, same, time, operations / time, "TOP/s", operations / peer)


def bench_layer(name, size, rate):
    x, w = codes((size, size), 0, 127), codes((size, size), -128, 127)
    expected, peer = product(x, w)
    bias = random.integers(-9999, 9999, size, dtype=np.int32)
    multiplier = np.full(size, 1 << 30, np.int32)
    y = np.zeros((size, size), np.int8)
    time = time_kernel(name, [x, w, bias, multiplier, np.full(size, 42, np.int32), y], 20)
    scaled = ((expected + bias).astype(np.int64) * (1 << 30) + (1 << 41)) >> 42
    same = np.array_equal(y.view(np.uint8), np.clip(scaled, 0, 255))
    operations = 2 * size**3 / 1e6
    return report(name, same, time, operations / time, "TOP/s", operations / peer)


def bench_bits(name, size, rate):
    x, w = (random.integers(-(2**63), 2**63 - 1, (size, size // 64)) for _ in range(2))
    y = np.zeros((size, size), np.int32)
    time = time_kernel(name, [x, w, y], 10)
    same = all(
        np.array_equal(y[row], np.bitwise_count((x[row] ^ w).view(np.uint64)).sum(1))
        for row in range(0, size, 997)
    )
    return report(name, same, time, 2 * size**3 / 1e6 / time, "TOP/s")


def pack(weights, width, least):
    """Weights as packStream (GpuWeights.cpp) lays them out."""
    shifted = (weights.astype(np.int16) - (least if width < 8 else 0)).astype(np.uint8)
    steps = shifted.reshape(len(weights), -1, 8 // width, 512)
    packed = np.zeros((len(weights), steps.shape[1], 512), np.uint8)
    for part in range(8 // width):
        packed |= steps[:, :, part] << np.uint8(part * width)
    return packed.reshape(-1)


def bench_gemv(name, size, rate, width, least):
    x = random.integers(0, 256, (1, size), dtype=np.uint8)
    w = codes((size, size), least, -least)
    y, packed = np.zeros((1, size), np.int32), pack(w, width, least)
    # Launches go round more than any cache holds.
    time = time_kernel(name, [x, y, packed], 200, 600 << 20)
    expected = torch.from_numpy(w).cuda().double() @ torch.from_numpy(x[0]).cuda().double()
    same = np.array_equal(y[0], expected.cpu().numpy())
    return report(name, same, time, packed.nbytes / 1e6 / time, "TB/s", rate)


def main():
    with open(os.path.join(HERE, "kernels.json")) as file:
        kernels = json.load(file)
    source = torch.empty(1 << 28, dtype=torch.int32, device="cuda")
    target = torch.empty_like(source)
    # Bytes that are read and written.
    rate = 2 * source.nbytes / 1e6 / time_torch(lambda: target.copy_(source), 10)
    del source, target
    torch.cuda.empty_cache()
    print(f"{torch.cuda.get_device_name(0)}: copies {rate:.2f} TB/s", flush=True)
    right = True
    for name in sys.argv[1:] or kernels:
        kernel = dict(kernels[name])
        bench = globals()["bench_" + kernel.pop("suite")]
        right &= bench(name, rate=rate, **kernel)
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
