# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Single layers by oneDNN, XNNPACK and OpenBLAS, through C drivers of this folder that
are compiled against Debian's packages (see the README)."""

import ctypes
import ctypes.util
import pathlib

import common
import peers
from peers import native

COPIES = 4
LIBRARIES = {"onednn": ("-ldnnl",), "xnnpack": ("-lXNNPACK", "-lm")}
#: What asks the processor for its features on behalf of a driver's library.
ASKING = {"xnnpack": "libcpuinfo.so.0"}


class Layer(ctypes.Structure):
    """As in layer.h."""

    _fields_ = [(name, ctypes.c_int64) for name in
                ("is_int8", "is_product", "height", "width", "channels", "outputs", "kernel",
                 "stride", "pad", "groups")]
    _fields_ += [(name, ctypes.c_void_p) for name in ("input", "weights", "bias", "scales")]

    @property
    def result_shape(self):
        """Rows of channels."""
        def size(side):
            return (side + 2 * self.pad - self.kernel) // self.stride + 1
        return (size(self.height), 1 if self.is_product else size(self.width), self.outputs)


def describe(samples, weights, bias, scales, stride=1, pad=0, groups=1):
    """A layer of arrays as ONNX has them, and what must be kept with it: samples of
    [1, channels, height, width] or [rows, channels]."""
    import numpy
    is_product = samples.ndim == 2
    if is_product:
        rows, kernels = samples, weights.T[:, None, None, :]
        height, width = len(samples), 1
    else:
        rows, kernels = samples[0].transpose(1, 2, 0), weights.transpose(0, 2, 3, 1)
        height, width = samples.shape[2:]
    arrays = [None if array is None else numpy.ascontiguousarray(array)
              for array in (rows, kernels, bias, scales)]
    layer = Layer(samples.dtype == numpy.uint8, is_product, height, width, samples.shape[1],
                  len(kernels), kernels.shape[1], stride, pad, groups,
                  *[None if array is None else array.ctypes.data for array in arrays])
    return layer, arrays


def load(arguments, name):
    """A driver's library, which uses the limited library where one is limited."""
    path = native.compile_library(arguments, name, *LIBRARIES[name])
    if name in ASKING and native.is_limited(arguments):
        system = next(path for folder in ("/lib", "/usr/lib")
                      for path in pathlib.Path(folder).glob(f"*/{ASKING[name]}"))
        ctypes.CDLL(str(native.limit(arguments, system)), ctypes.RTLD_GLOBAL)
    library = ctypes.CDLL(str(path))
    library.open_layer.restype = ctypes.c_void_p
    return library


class Call(native.Call):
    def best_us(self, seconds):
        return super().best_us(seconds) / COPIES


LOADED = {}


def open_driver(arguments, name, layer, keep):
    """A call; None, which is said, where there is none."""
    try:
        if name not in LOADED:
            LOADED[name] = load(arguments, name)
    except (OSError, StopIteration, SystemExit) as error:
        LOADED[name] = None
        peers.miss(name, f"no library or header ({str(error).splitlines()[-1]})")
    library = LOADED[name]
    if not library:
        return None
    handle = library.open_layer(ctypes.byref(layer))
    if not handle:
        return peers.miss(f"{name} of this layer", "it has none")

    def fetch():
        import numpy
        result = numpy.zeros(layer.result_shape, numpy.uint8 if layer.is_int8 else numpy.float32)
        library.fetch(ctypes.c_void_p(handle), ctypes.c_void_p(result.ctypes.data))
        return result

    return Call(native.Timer(arguments), native.address(library.run_layer),
                (ctypes.c_void_p(handle),), fetch, (layer, keep))


class OpenBlas:
    """One product of floats, from Python: its time is long."""

    def __init__(self, left, right):
        import numpy
        self.library = ctypes.CDLL("libopenblas.so.0")
        self.left, self.right = (numpy.ascontiguousarray(array) for array in (left, right))
        self.result = numpy.zeros((len(left), right.shape[1]), numpy.float32)

    def run(self):
        rows, terms = self.left.shape
        columns = self.right.shape[1]
        one, zero = ctypes.c_float(1), ctypes.c_float(0)
        pointers = [ctypes.c_void_p(array.ctypes.data)
                    for array in (self.left, self.right, self.result)]
        row_major, as_it_is = 101, 111
        self.library.cblas_sgemm(row_major, as_it_is, as_it_is, rows, columns, terms, one,
                                 pointers[0], terms, pointers[1], columns, zero, pointers[2],
                                 columns)

    def best_us(self, seconds):
        return common.best_us(self.run, seconds)

    def fetch(self):
        self.run()
        return self.result.clip(0)[:, None, :]


def open_openblas(arguments, left, right):
    try:
        return OpenBlas(left, right)
    except OSError as error:
        return peers.miss("openblas", error)
