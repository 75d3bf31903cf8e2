"""A compiled gradient codec, loaded into this process."""

import ctypes
import subprocess

import numpy as np
from gradient_codecs import f32, named, u32

SENTINEL = 0xA5


def pointer(array, offset=0):
    return ctypes.c_void_p(array.ctypes.data + offset)


class Compiled:
    """A codec's shared object, with buffers of exactly the sizes that it asks for."""

    def __init__(self, text, size, work, lowering="kernels", compiler="lowbit-compile"):
        # Loaded objects are told apart by their paths.
        path = work / f"{text.replace(':', '_')}-{size}-{lowering}.so"
        subprocess.run([compiler, f"--codec={text}", f"--size={size}", "--symbol-prefix=c",
                        f"--lowering={lowering}", "-o", path], check=True)
        self.library = ctypes.CDLL(str(path))
        self.codec, self.size = named(text, size), size
        for name in "wire_size", "workspace_size", "wire_bytes":
            getattr(self.library, f"c_{name}").restype = ctypes.c_int64
        self.workspace = np.full(self.call("workspace_size"), SENTINEL, np.uint8)
        self.state = self.workspace[:4 * len(self.codec.state(size))].view(f32)
        self.state[:] = 0

    def call(self, name, *arguments):
        return getattr(self.library, f"c_{name}")(*arguments)

    def new_wire(self):
        return np.full(self.call("wire_size") + 8, SENTINEL, np.uint8)

    def encode(self, g, seed, tensor, step, wire, steps=None):
        shared = () if steps is None else (pointer(steps),)
        return self.call("encode" if steps is None else "encode_shared", pointer(g), *shared,
                         pointer(wire), pointer(self.workspace),
                         ctypes.c_uint32(seed), ctypes.c_uint32(tensor), ctypes.c_uint32(step))

    def used(self, wire):
        """The words that are sent; nothing behind the buffer has been touched."""
        assert (wire[-8:] == SENTINEL).all(), "written behind the wire"
        return wire[:self.call("wire_bytes", pointer(wire))].view(u32)

    def decode(self, wire):
        numbers = np.full(self.codec.samples * self.size, np.nan, f32)
        assert self.call("decode", pointer(wire), pointer(numbers)) == 0
        sums = np.arange(len(numbers), dtype=f32)
        assert self.call("accumulate", pointer(wire), pointer(sums)) == 0
        assert same(sums, np.arange(len(numbers), dtype=f32) + numbers), "accumulate"
        return numbers


def same(a, b):
    return np.array_equal(np.asarray(a).view(u32), np.asarray(b).view(u32))
