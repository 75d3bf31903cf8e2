# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Libraries of peers: found, limited to AVX2 where that is asked for, and timed from C."""

import ctypes
import os
import pathlib
import shutil

import common

SOURCES = pathlib.Path(__file__).resolve().parent
#: Reading the register that says which vector registers the system saves, as compilers
#: write it: after clearing ECX, or before it joins EDX and EAX.
READS = ((b"\x31\xc9\x0f\x01\xd0", 2), (b"\x0f\x01\xd0\x89\xc0\x48\xc1\xe2\x20", 0))
#: The same with an answer: x87, SSE and AVX.
ANSWER = b"\xb0\x07\x90"


def is_limited(arguments):
    return arguments.cpu != "native"


def prepare(arguments):
    """Before any library of a peer is loaded."""
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    if is_limited(arguments):
        os.environ.update(DNNL_MAX_CPU_ISA="AVX2", ONEDNN_MAX_CPU_ISA="AVX2",
                          OPENBLAS_CORETYPE="Haswell")


def limit(arguments, *paths):
    """The first of these libraries, in a folder of its own beside the others where they
    are to use AVX2 at most: those of them that ask the processor which registers the
    system saves then learn of no AVX-512. They have no option for that."""
    if not is_limited(arguments):
        return paths[0]
    folder = arguments.build / "bench" / "avx2"
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        code = path.read_bytes()
        for pattern, start in READS:
            code = code.replace(pattern, pattern[:start] + ANSWER + pattern[start + 3:])
        copy = folder / path.name
        if not copy.is_file() or copy.read_bytes() != code:
            copy.write_bytes(code)
    return folder / paths[0].name


def compile_library(arguments, name, *flags):
    """A library from a C file of this folder."""
    path = arguments.build / "bench" / f"{name}.so"
    path.parent.mkdir(parents=True, exist_ok=True)
    compiler = next(filter(shutil.which, ("cc", "gcc", "clang-22", "clang")), None)
    if not compiler:
        raise OSError("no C compiler")
    common.run(compiler, "-O2", "-shared", "-fPIC", SOURCES / f"{name}.c", "-o", path, *flags)
    return path


class Timer:
    """Times calls of C functions with at most four pointers, in C."""

    library = None

    def __init__(self, arguments):
        if Timer.library is None:
            Timer.library = ctypes.CDLL(str(compile_library(arguments, "timing")))
            Timer.library.best_us.restype = ctypes.c_double
            Timer.library.best_us.argtypes = [ctypes.c_void_p] * 5 + [ctypes.c_double]

    def best_us(self, function, pointers, seconds):
        return Timer.library.best_us(
            function, *pointers, *[None] * (4 - len(pointers)), seconds)


class Call:
    """What is measured of a peer: a call, and what it leaves."""

    def __init__(self, timer, function, pointers, fetch, keep=()):
        self.timer, self.function, self.pointers = timer, function, pointers
        self.fetch, self.keep = fetch, keep

    def best_us(self, seconds):
        return self.timer.best_us(self.function, self.pointers, seconds)


def address(function):
    return ctypes.cast(function, ctypes.c_void_p).value
