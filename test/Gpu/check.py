"""Runs the artefacts of a bundle on a GPU, and compares bits.

    check.py FOLDER [--samples N] [--only NAME] [--sanitizer] [--bench]

bundle.py made FOLDER. Needs Python with NumPy and CUDA's driver, and nothing of
Lowbit. Every model runs for a device and for the processor on the same samples;
every bit must be the same. With --sanitizer, all of it runs once more under
compute-sanitizer.
"""

import argparse
import ctypes
import json
import pathlib
import shutil
import subprocess
import sys
import time

try:
    import numpy
except ImportError:
    sys.exit("error: this Python has no NumPy, with which arrays are compared; use one that has it")

TYPES = {1: numpy.float32, 2: numpy.int8, 3: numpy.uint8, 4: numpy.int16, 5: numpy.uint16,
         6: numpy.int32, 7: numpy.int64, 8: numpy.bool_}
c_int, c_char_p, c_void_p = ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p
u32, u64, pointer = ctypes.c_uint32, ctypes.c_uint64, ctypes.POINTER


class Tensor(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("element_type", u32), ("rank", u32),
                ("dims", pointer(ctypes.c_int64)), ("scale", ctypes.c_double),
                ("zero_point", ctypes.c_int32), ("is_quantized", u32)]


class Device(ctypes.Structure):
    _fields_ = [("struct_size", u32), ("has_fallback", u32), ("api", c_char_p), ("chip", c_char_p),
                ("memory_size", u64),
                ("create_workspace", ctypes.CFUNCTYPE(c_int, ctypes.c_int32, pointer(c_void_p))),
                ("enqueue", ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_void_p)),
                ("destroy_workspace", ctypes.CFUNCTYPE(None, c_void_p)),
                ("describe_workspace", ctypes.CFUNCTYPE(c_char_p, c_void_p)),
                ("describe_status", ctypes.CFUNCTYPE(c_char_p, c_int))]


class Model(ctypes.Structure):
    _fields_ = [("abi_version", u32), ("struct_size", u32), ("name", c_char_p),
                ("input_count", u32), ("output_count", u32),
                ("inputs", pointer(Tensor)), ("outputs", pointer(Tensor)),
                ("workspace_size", u64), ("workspace_alignment", u64), ("profile", c_char_p),
                ("recipe", c_char_p), ("compiler", c_char_p), ("target", c_char_p),
                ("run", ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p)),
                ("port_count", u64), ("ports", c_void_p), ("device", pointer(Device))]


class Failure(Exception):
    pass


class Program:
    """An artefact with its workspace."""

    def __init__(self, path, prefix):
        self.library = ctypes.CDLL(str(path))
        self.model = Model.in_dll(self.library, prefix + "_lowbit_model")
        self.device = self.model.device.contents if self.model.device else None
        self.workspace = c_void_p()
        if self.device:
            self.check(self.device.create_workspace(0, ctypes.byref(self.workspace)))
        else:
            size, align = self.model.workspace_size, self.model.workspace_alignment
            self.memory = numpy.zeros(size + align, numpy.uint8)
            address = self.memory.ctypes.data
            self.workspace = c_void_p(address + -address % align)

    def check(self, status):
        if status:
            text = self.device.describe_status(status).decode() if self.device else ""
            raise Failure(f"status {status}: {text}")

    def tensors(self, which):
        count = getattr(self.model, which[:-1] + "_count")
        return [(TYPES[t.element_type], tuple(t.dims[d] for d in range(t.rank)))
                for t in (getattr(self.model, which)[i] for i in range(count))]

    @staticmethod
    def addresses(arrays):
        return (c_void_p * max(1, len(arrays)))(*[a.ctypes.data for a in arrays])

    def run(self, inputs, repeat=1):
        """The outputs, and the best time of a run in microseconds."""
        outputs = [numpy.full(shape, 77, dtype) for dtype, shape in self.tensors("outputs")]
        arguments = (ctypes.cast(self.addresses(inputs), c_void_p),
                     ctypes.cast(self.addresses(outputs), c_void_p), self.workspace)
        best = float("inf")
        for _ in range(repeat):
            start = time.perf_counter()
            self.check(self.model.run(*arguments))
            best = min(best, time.perf_counter() - start)
        return outputs, best * 1e6

    def enqueue(self, inputs, stream, repeat=0):
        """The outputs of a run from and to device memory, on a stream of torch, and
        the microseconds of each of `repeat` more, one behind the other."""
        import torch
        there = [torch.from_numpy(a.reshape(-1).view(numpy.uint8)).cuda() for a in inputs]
        outputs = [numpy.full(shape, 77, dtype) for dtype, shape in self.tensors("outputs")]
        results = [torch.from_numpy(a.reshape(-1).view(numpy.uint8)).cuda() for a in outputs]
        torch.cuda.synchronize()
        arguments = ((c_void_p * max(1, len(there)))(*[t.data_ptr() for t in there]),
                     (c_void_p * max(1, len(results)))(*[t.data_ptr() for t in results]),
                     self.workspace, c_void_p(stream.cuda_stream))
        self.check(self.device.enqueue(*arguments))
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record(stream)
        for _ in range(repeat):
            self.check(self.device.enqueue(*arguments))
        end.record(stream)
        stream.synchronize()
        time_of_one = start.elapsed_time(end) * 1e3 / max(repeat, 1)
        return [t.cpu().numpy().view(o.dtype) for t, o in zip(results, outputs)], time_of_one

    def close(self):
        if self.device:
            self.device.destroy_workspace(self.workspace)


def samples(folder, entry, tensors, limit):
    """Lists of input arrays, a batch each."""
    arrays = [numpy.load(folder / name) for name in entry["inputs"]]
    if not arrays:
        yield []
        return
    batch = tensors[0][1][0]
    for first in range(0, min(len(arrays[0]), limit * batch) - batch + 1, batch):
        batches = []
        for array, (dtype, shape) in zip(arrays, tensors):
            part = array[first:first + batch]
            if array.dtype != dtype:
                part = part.astype(dtype) * dtype(entry["scale"]) + dtype(entry["offset"])
            batches.append(numpy.ascontiguousarray(part.reshape(shape), dtype))
        yield batches


def compare(entry, number, expected, outputs, how):
    for i, (e, o) in enumerate(zip(expected, outputs)):
        wrong = numpy.flatnonzero(e.reshape(-1).view(numpy.uint8) != o.reshape(-1).view(numpy.uint8))
        if len(wrong):
            raise Failure(f"sample {number}, output {i} ({how}): {len(wrong)} bytes differ, the first "
                          f"at {wrong[0]}: expected {e.reshape(-1)[wrong[0] // e.itemsize]}, "
                          f"got {o.reshape(-1)[wrong[0] // e.itemsize]}")


def check_kernels(folder, entry):
    """One line on a library of kernels, by benchmarks/gpu/driver.c."""
    sys.path.insert(0, str(folder))
    from groups import GROUPS
    library = ctypes.CDLL(str(folder / entry["kernels"]))

    def announce(arrays):
        library.bench_begin(1, 1, ctypes.c_size_t(0))
        for array in arrays:
            library.bench_array(c_void_p(array.ctypes.data), ctypes.c_size_t(array.nbytes))

    cases = GROUPS[entry["group"]][1]
    wrong = [case.name for i, case in enumerate(cases)
             if not case.check(getattr(library, f"f{i}"), announce) or library.bench_failed()]
    if wrong:
        raise Failure(f"{len(wrong)} of {len(cases)} contractions: {', '.join(wrong)}")
    return f"{len(cases)} contractions agree"


def check(folder, entry, arguments, torch_stream):
    """One line on an artefact; raises Failure where bits differ."""
    if "kernels" in entry:
        return check_kernels(folder, entry)
    device = Program(folder / entry["device"], entry["prefix"])
    processor = Program(folder / entry["processor"], entry["prefix"])
    name = device.device.describe_workspace(device.workspace).decode()
    if name.startswith("processor"):
        raise Failure(f"runs on the {name}")
    count, best, there, host = 0, 0, 0, 0
    for number, inputs in enumerate(samples(folder, entry, device.tensors("inputs"), arguments.samples)):
        expected, host = processor.run(inputs, 5 if arguments.bench else 1)
        outputs, best = device.run(inputs, 30 if arguments.bench else 1)
        compare(entry, number, expected, outputs, "run")
        if torch_stream and number == 0:
            outputs, there = device.enqueue(inputs, torch_stream, 200 if arguments.bench else 0)
            compare(entry, number, expected, outputs, "enqueue")
        count += 1
    device.close()
    if count == 0:
        raise Failure("has no samples")
    times = (f"; us with copies {best:.0f}, on the device {there:.0f}, processor {host:.0f}"
             if arguments.bench else "")
    return f"{count} batches agree on {name}{times}"


def sanitize(arguments):
    """All of it under compute-sanitizer; its exit code."""
    tool = shutil.which("compute-sanitizer") or "/usr/local/cuda/bin/compute-sanitizer"
    if not pathlib.Path(tool).exists():
        print("error: there is no compute-sanitizer, which comes with the CUDA toolkit; "
              "add it to PATH, or leave out --sanitizer")
        return 1
    code = 0
    for kind in ("memcheck", "racecheck"):
        command = [tool, f"--tool={kind}", "--error-exitcode=9", "--print-limit=5", sys.executable,
                   __file__, str(arguments.folder), "--samples=1", "--no-torch"]
        if arguments.only:
            command.append(f"--only={arguments.only}")
        ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        tail = ran.stdout[-1500:] if ran.returncode else ran.stdout.strip().splitlines()[-1]
        print(f"compute-sanitizer {kind}: exit code {ran.returncode}\n{tail}")
        code = code or ran.returncode
    return code


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--samples", type=int, default=20, help="batches of each model")
    parser.add_argument("--only", default="", help="artefacts whose names contain this")
    parser.add_argument("--sanitizer", action="store_true")
    parser.add_argument("--bench", action="store_true", help="print the best times")
    parser.add_argument("--no-torch", action="store_true", help="do not try device arrays of torch")
    arguments = parser.parse_args()
    manifest = arguments.folder / "manifest.json"
    if not manifest.is_file():
        sys.exit(f"error: '{arguments.folder}' is no bundle, without {manifest.name}; bundle.py makes one")
    entries = [e for e in json.loads(manifest.read_text())
               if arguments.only in e["name"]]
    if not entries:
        sys.exit(f"error: no artefact in '{arguments.folder}' has '{arguments.only}' in its name")
    stream = None
    if not arguments.no_torch:
        try:
            import torch
            stream = torch.cuda.Stream()
        except (ImportError, RuntimeError, AssertionError) as error:  # of a PyTorch without CUDA
            print(f"without device arrays: {error}")
    failures = 0
    for number, entry in enumerate(entries):
        try:
            print(f"{entry['name']}: {check(arguments.folder, entry, arguments, stream)}", flush=True)
        except (Failure, OSError) as failure:
            failures += 1
            print(f"{entry['name']}: FAILED: {failure}", flush=True)
            if "status 8" in str(failure):  # so is the process's context
                failures += len(entries) - number - 1
                print("the device is lost to this process: the others are not run")
                break
    print(f"{len(entries) - failures} of {len(entries)} artefacts agree")
    code = 1 if failures else 0
    if arguments.sanitizer:
        code = sanitize(arguments) or code
    return code


if __name__ == "__main__":
    sys.exit(main())
