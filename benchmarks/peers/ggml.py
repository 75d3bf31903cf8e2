# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The kernels of llama.cpp: its library ggml, from the package llama-cpp-python, which is
built from source for AVX2 (see the README)."""

import ctypes

import peers
from peers import native

LOADED = []


def find_package(arguments):
    """Folders of headers and of libraries."""
    top = arguments.build / "bench-llama"
    headers = sorted(top.glob("lib/python*/site-packages/**/ggml.h"))
    libraries = sorted(top.glob("lib/python*/site-packages/**/libggml-cpu.so"))
    if not headers or not libraries:
        raise OSError("llama-cpp-python is not installed")
    return headers[0].parent, libraries[0].parent


def load(arguments):
    headers, libraries = find_package(arguments)
    path = native.compile_library(arguments, "ggml", f"-I{headers}", f"-L{libraries}",
                                  f"-Wl,-rpath,{libraries}", "-lggml", "-lggml-cpu", "-lggml-base")
    library = ctypes.CDLL(str(path))
    library.open_products.restype = ctypes.c_void_p
    return library


def open_products(arguments, form, samples, weights, units=1, is_laid_out=False):
    """A call of products one after the other, of `samples` by weights of [inputs, outputs] in
    ggml's format `form`, and the weights that it then has. The weights lie as in files, or as
    ggml lays them out for a processor. None, which is said, where there is none."""
    import numpy
    try:
        if not LOADED:
            LOADED.append(load(arguments))
    except (OSError, SystemExit) as error:
        return peers.miss("llama.cpp", str(error).splitlines()[-1])
    library = LOADED[0]
    rows, size = samples.shape
    inputs = numpy.ascontiguousarray(samples, numpy.float32)
    held = numpy.array(weights.T, numpy.float32, order="C")
    pointer = ctypes.c_void_p
    handle = library.open_products(form.encode(), *map(ctypes.c_int64, (rows, size, units, is_laid_out)),
                                   pointer(inputs.ctypes.data), pointer(held.ctypes.data))
    if not handle:
        return peers.miss(f"llama.cpp {form}" + (" laid out" if is_laid_out else ""),
                          "it has no such kernels")

    def fetch():
        result = numpy.zeros((rows, size), numpy.float32)
        library.fetch(pointer(handle), pointer(result.ctypes.data))
        return result

    call = native.Call(native.Timer(arguments), native.address(library.run_products),
                       (pointer(handle),), fetch, (inputs,))
    return call, held.T
