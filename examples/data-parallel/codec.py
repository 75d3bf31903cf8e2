# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A compiled gradient codec, and how it is used around MPI's collectives."""
import ctypes
import re

import numpy as np
from mpi4py import MPI


def pointer(array):
    return ctypes.c_void_p(array.ctypes.data)


class Codec:
    """What `lowbit-compile --codec=... -o PATH --symbol-prefix=codec` wrote."""

    def __init__(self, path):
        self.library = ctypes.CDLL(str(path))
        self.library.codec_wire_bytes.restype = ctypes.c_int64
        header = path.with_suffix(".h").read_text()
        #: CODEC_SIZE, CODEC_WIRE_SIZE and so on, in lower case.
        self.sizes = {name.lower(): int(value) for name, value in
                      re.findall(r"#define CODEC_(\w+) (\d+)", header)}
        self.workspace = np.zeros(self.sizes["workspace_size"], np.uint8)
        self.wire = np.zeros(self.sizes["wire_size"] // 4, np.uint32)
        self.decoded = np.zeros(self.sizes["decoded_size"], np.float32)

    def call(self, name, *arguments):
        status = getattr(self.library, f"codec_{name}")(*arguments)
        if status != 0:
            raise RuntimeError(f"{name} returned {status}")

    def exchange(self, comm, gradient, tensor, step):
        """The sum of all ranks' gradients, and the bytes that this rank handed to MPI."""
        exchange = self.reduce if "sum_words" in self.sizes else self.gather
        numbers, sent = exchange(comm, gradient, tensor, step)
        samples = len(numbers) // len(gradient)
        return numbers.reshape(samples, -1).mean(axis=0), sent

    def random(self, comm, tensor, step):
        # A seed for each rank: what they round must not err to the same side.
        return ctypes.c_uint32(comm.rank), ctypes.c_uint32(tensor), ctypes.c_uint32(step)

    def gather(self, comm, gradient, tensor, step):
        """Every rank gets all wires, and adds up what they stand for."""
        self.call("encode", pointer(gradient), pointer(self.wire), pointer(self.workspace),
                  *self.random(comm, tensor, step))
        count = self.library.codec_wire_bytes(pointer(self.wire)) // 4
        counts = np.array(comm.allgather(count))
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        wires = np.zeros(counts.sum(), np.uint32)
        comm.Allgatherv(self.wire[:count], [wires, counts, starts, MPI.UINT32_T])
        self.decoded[:] = 0
        for start, words in zip(starts, counts):
            self.wire[:words] = wires[start:start + words]
            self.call("accumulate", pointer(self.wire), pointer(self.decoded))
        return self.decoded, 4 * count

    def reduce(self, comm, gradient, tensor, step):
        """MPI adds up the words themselves: fields have room for all ranks."""
        steps = np.zeros(self.sizes["steps"], np.float32)
        self.call("measure", pointer(gradient), pointer(steps))
        comm.Allreduce(MPI.IN_PLACE, steps, MPI.MAX)
        self.call("encode_shared", pointer(gradient), pointer(steps), pointer(self.wire),
                  pointer(self.workspace), *self.random(comm, tensor, step))
        words = self.wire[self.sizes["sum_offset"]:]
        comm.Allreduce(MPI.IN_PLACE, words, MPI.SUM)
        self.call("decode", pointer(self.wire), pointer(self.decoded))
        return self.decoded, steps.nbytes + words.nbytes


class Uncompressed:
    """The baseline: MPI adds up floats."""

    def exchange(self, comm, gradient, tensor, step):
        total = np.empty_like(gradient)
        comm.Allreduce(gradient, total, MPI.SUM)
        return total, gradient.nbytes
