# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""OpenVINO through the C interface of its Python package, with its tensors made before."""

import ctypes
import importlib.util
import pathlib

import peers
from peers import native

#: Its libraries for other devices, which are not needed.
OTHERS = ("gpu", "npu", "auto", "hetero", "tensorflow", "pytorch", "paddle", "jax", "tflite")


class Runtime:
    def __init__(self, arguments):
        package = importlib.util.find_spec("openvino")
        if not package:
            raise ImportError("its Python package is not installed")
        files = [path for path in (pathlib.Path(package.origin).parent / "libs").iterdir()
                 if ".so" in path.name and not any(other in path.name for other in OTHERS)]
        files.sort(key=lambda path: "libopenvino_c.so" not in path.name)
        self.library = ctypes.CDLL(str(native.limit(arguments, *files)))
        self.timer = native.Timer(arguments)
        self.core = self.create("ov_core_create")

    def call(self, name, *values):
        error = getattr(self.library, name)(*values)
        if error:
            self.library.ov_get_last_err_msg.restype = ctypes.c_char_p
            raise RuntimeError(self.library.ov_get_last_err_msg().decode() or f"{name}: {error}")

    def create(self, name, *values):
        result = ctypes.c_void_p()
        self.call(name, *values, ctypes.byref(result))
        return result

    def open(self, path, threads):
        model = self.create("ov_core_read_model", self.core, str(path).encode(), None)
        properties = [text.encode() for text in (
            "INFERENCE_NUM_THREADS", str(threads), "NUM_STREAMS", "1",
            "PERFORMANCE_HINT", "LATENCY", "INFERENCE_PRECISION_HINT", "f32",
            "ENABLE_CPU_PINNING", "NO")]
        compiled = ctypes.c_void_p()
        self.call("ov_core_compile_model", self.core, model, b"CPU",
                  ctypes.c_size_t(len(properties)), ctypes.byref(compiled), *properties)
        request = self.create("ov_compiled_model_create_infer_request", compiled)
        self.call("ov_infer_request_infer", request)
        return Session(self, request)


class Session(native.Call):
    def __init__(self, runtime, request):
        super().__init__(runtime.timer, native.address(runtime.library.ov_infer_request_infer),
                         (request,), None, runtime)


RUNTIME = []


def open_session(arguments, path, threads=1):
    """A session of a model of fixed sizes, that ran once; None, which is said, where
    there is none."""
    try:
        if not RUNTIME:
            RUNTIME.append(Runtime(arguments))
        return RUNTIME[0].open(path, threads)
    except (ImportError, OSError, IndexError, RuntimeError) as error:
        peers.miss("openvino" if not RUNTIME else f"openvino of {pathlib.Path(path).name}", error)
        return None
