# Runs what is in its folder (build.py): checks the results, and prints times beside
# cuBLASLt's, by torch._int_mm, the memory's, and PyTorch's in bf16; then which bars
# are met.
#
#   bench.py [name...]

import ctypes
import json
import os
import sys
import tarfile
import tempfile

try:
    import numpy as np
except ImportError:
    sys.exit("error: this Python has no NumPy; this needs one with NumPy and PyTorch")

# What share of a peer, or of the bandwidth of a copy, is to be reached on an H200.
BARS = {"gemm": 0.6, "gemv": 0.75, "grouped": 0.75}

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(0)


def codes(shape, low, high):
    return random.integers(low, high + 1, shape, dtype=np.int16).astype(np.int8)


def time_torch(work, launches):
    import torch

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


class Report:
    """Prints rows and keeps what is to be judged."""

    def __init__(self):
        self.right, self.judged = True, []

    def row(self, suite, name, same, time, figure, unit, peer=None, of=""):
        ratio = f", {figure / peer:.2f} of {peer:.2f}{of}" if peer else ""
        wrong = "" if same else ", WRONG"
        print(f"{name}: {time:.1f} us, {figure:.2f} {unit}{ratio}{wrong}", flush=True)
        self.right &= bool(same)
        if peer and suite in BARS:
            self.judged.append((name, figure / peer, BARS[suite]))

    def judge(self):
        """Prints which bars are met, and returns whether all results are right."""
        for name, share, bar in self.judged:
            print(f"{name}: {share:.2f}, bar {bar}: {'met' if share >= bar else 'NOT MET'}")
        met = sum(share >= bar for _, share, bar in self.judged)
        print(f"{met} of {len(self.judged)} bars are met; results are "
              f"{'right' if self.right else 'WRONG'}")
        return self.right


def product(x, w):
    """x times w transposed, and what a product takes."""
    import torch

    x, w = torch.from_numpy(x).cuda(), torch.from_numpy(w).cuda().t()
    y = torch._int_mm(x, w)
    time = time_torch(lambda: torch._int_mm(x, w, out=y), 20)
    return y.cpu().numpy(), time


def bench_gemm(report, name, size, rate):
    x, w = codes((size, size), -128, 127), codes((size, size), -128, 127)
    expected, peer = product(x, w)
    y = np.zeros((size, size), np.int32)
    time = time_kernel(name, [x, w, y], 20)
    operations = 2 * size**3 / 1e6
    same = np.array_equal(y, expected)
    report.row("gemm", name, same, time, operations / time, "TOP/s", operations / peer)


def bench_layer(report, name, size, rate):
    x, w = codes((size, size), 0, 127), codes((size, size), -128, 127)
    expected, peer = product(x, w)
    bias = random.integers(-9999, 9999, size, dtype=np.int32)
    multiplier = np.full(size, 1 << 30, np.int32)
    y = np.zeros((size, size), np.int8)
    time = time_kernel(name, [x, w, bias, multiplier, np.full(size, 42, np.int32), y], 20)
    scaled = ((expected + bias).astype(np.int64) * (1 << 30) + (1 << 41)) >> 42
    same = np.array_equal(y.view(np.uint8), np.clip(scaled, 0, 255))
    operations = 2 * size**3 / 1e6
    report.row("layer", name, same, time, operations / time, "TOP/s", operations / peer)


def bench_bits(report, name, size, rate):
    x, w = (random.integers(-(2**63), 2**63 - 1, (size, size // 64)) for _ in range(2))
    y = np.zeros((size, size), np.int32)
    time = time_kernel(name, [x, w, y], 10)
    same = all(
        np.array_equal(y[row], np.bitwise_count((x[row] ^ w).view(np.uint64)).sum(1))
        for row in range(0, size, 997)
    )
    operations = 2 * size**3 / 1e6
    peer = product(codes((size, size), -128, 127), codes((size, size), -128, 127))[1]
    report.row("bits", name, same, time, operations / time, "TOP/s", operations / peer, " in int8")


def pack(weights, width, least):
    """Weights as packStream (GpuWeights.cpp) lays them out."""
    shifted = (weights.astype(np.int16) - (least if width < 8 else 0)).astype(np.uint8)
    steps = shifted.reshape(len(weights), -1, 8 // width, 512)
    packed = np.zeros((len(weights), steps.shape[1], 512), np.uint8)
    for part in range(8 // width):
        packed |= steps[:, :, part] << np.uint8(part * width)
    return packed.reshape(-1)


def bench_gemv(report, name, size, rate, width, least):
    import torch

    x = random.integers(0, 256, (1, size), dtype=np.uint8)
    w = codes((size, size), least, -least)
    y, packed = np.zeros((1, size), np.int32), pack(w, width, least)
    # Launches go round more than any cache holds.
    time = time_kernel(name, [x, y, packed], 200, 600 << 20)
    expected = torch.from_numpy(w).cuda().double() @ torch.from_numpy(x[0]).cuda().double()
    same = np.array_equal(y[0], expected.cpu().numpy())
    report.row("gemv", name, same, time, packed.nbytes / 1e6 / time, "TB/s", rate)


def pack_groups(weights, width, least, group):
    """Weights as packStream lays them out for a column in each lane."""
    columns, parts = len(weights), 8 // width
    # A group's last load is not to be mostly empty.
    load = 16
    while load > 4 and load * parts >= 2 * group:
        load //= 2
    shifted = (weights.astype(np.int16) - least).astype(np.uint8)
    # Block of columns, column, load, part, byte.
    loads = shifted.reshape(columns // 32, 32, -1, parts, load)
    packed = np.zeros((columns // 32, loads.shape[2], 32, load), np.uint8)
    for part in range(parts):
        packed |= loads[:, :, :, part].swapaxes(1, 2) << np.uint8(part * width)
    return packed.reshape(-1)


def bench_grouped(report, name, size, rate, group, width, least):
    groups = size // group
    x = random.integers(0, 256, (1, groups, group), dtype=np.uint8)
    w = codes((size, groups, group), least, -least)
    scales = (random.integers(1, 1000, (groups, size)) / 1e5).astype(np.float32)
    y, packed = np.zeros((1, size), np.float32), pack_groups(w, width, least, group)
    time = time_kernel(name, [x, scales, y, packed], 200, 600 << 20)
    # One addition of f32 after the other.
    expected = np.zeros(size, np.float32)
    for g in range(groups):
        sums = w[:, g].astype(np.int32) @ x[0, g].astype(np.int32)
        expected += sums.astype(np.float32) * scales[g]
    same = np.array_equal(y[0].view(np.int32), expected.view(np.int32))
    size = packed.nbytes + scales.nbytes
    report.row("grouped", name, same, time, size / 1e6 / time, "TB/s", rate)


def make_torch_resnet():
    """ResNet-50 with random weights and without batch norm, which is folded."""
    from torch import nn

    class Block(nn.Module):
        def __init__(self, inputs, width, stride):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(inputs, width, 1), nn.ReLU(True),
                nn.Conv2d(width, width, 3, stride, 1), nn.ReLU(True),
                nn.Conv2d(width, 4 * width, 1),
            )
            changes = stride != 1 or inputs != 4 * width
            self.side = nn.Conv2d(inputs, 4 * width, 1, stride) if changes else nn.Identity()
            self.relu = nn.ReLU(True)

        def forward(self, x):
            return self.relu(self.body(x) + self.side(x))

    layers = [nn.Conv2d(3, 64, 7, 2, 3), nn.ReLU(True), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for stage, blocks in enumerate((3, 4, 6, 3)):
        width = 64 << stage
        for block in range(blocks):
            layers.append(Block(inputs, width, 2 if stage and not block else 1))
            inputs = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1000))


def time_torch_resnet(batch):
    """Microseconds in bf16 with channels last, launched as a graph."""
    import torch

    form = dict(memory_format=torch.channels_last)
    model = make_torch_resnet().eval().cuda().to(torch.bfloat16).to(**form)
    x = torch.randn(batch, 3, 224, 224, device="cuda").to(torch.bfloat16).to(**form)
    torch.backends.cudnn.benchmark = True
    with torch.no_grad():
        stream = torch.cuda.Stream()
        with torch.cuda.stream(stream):
            for _ in range(3):
                model(x)
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            model(x)
        return time_torch(graph.replay, 20)


def bench_resnet(report, name, size, rate):
    import torch

    sys.path.insert(0, HERE)
    import check

    image = np.load(os.path.join(HERE, "resnet50-image.npy"))
    expected = np.load(os.path.join(HERE, "resnet50-expected.npy"))
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(os.path.join(HERE, "resnet50.tar.xz")) as archive:
            archive.extract(f"resnet50_{size}.so", folder)
        program = check.Program(os.path.join(folder, f"resnet50_{size}.so"), f"resnet50_{size}")
        images = np.ascontiguousarray(image.repeat(size, axis=0))
        # The best of several: other streams may be busy at first.
        outputs, time = program.enqueue([images], torch.cuda.Stream(), 50)
        for _ in range(2):
            time = min(time, program.enqueue([images], torch.cuda.Stream(), 50)[1])
        program.close()
    logits = outputs[0].reshape(size, -1)
    same = all(np.array_equal(row.view(np.int32), expected.reshape(-1).view(np.int32))
               for row in logits)
    report.row("resnet", name, same, time, size / time * 1e6, "images/s",
               size / time_torch_resnet(size) * 1e6, " of PyTorch in bf16")


def main():
    with open(os.path.join(HERE, "kernels.json")) as file:
        kernels = json.load(file)
    for name in sys.argv[1:]:
        if name not in kernels:
            sys.exit(f"error: there is no '{name}'; there are: {', '.join(kernels)}")
    try:
        import torch
    except ImportError:
        sys.exit("error: this Python has no PyTorch, which times its products beside ours")
    if not torch.cuda.is_available():
        sys.exit("error: PyTorch finds no GPU, or was built without CUDA")
    source = torch.empty(1 << 28, dtype=torch.int32, device="cuda")
    target = torch.empty_like(source)
    # Bytes that are read and written.
    rate = 2 * source.nbytes / 1e6 / time_torch(lambda: target.copy_(source), 10)
    del source, target
    torch.cuda.empty_cache()
    print(f"{torch.cuda.get_device_name(0)}: copies {rate:.2f} TB/s", flush=True)
    report = Report()
    for name in sys.argv[1:] or kernels:
        kernel = dict(kernels[name])
        bench = globals()["bench_" + kernel.pop("suite")]
        bench(report, name, rate=rate, **kernel)
    sys.exit(0 if report.judge() else 1)


if __name__ == "__main__":
    main()
