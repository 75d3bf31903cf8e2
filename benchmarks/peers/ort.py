# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX Runtime through its C interface, with all buffers bound before, in float and
quantized by its own quantizer. The library comes with the Python package, which has no
header: the functions stand at numbers that no version may change."""

import ctypes
import pathlib

import common
import peers
from peers import native

VERSION = 11
GET_ERROR_MESSAGE, CREATE_ENVIRONMENT, CREATE_SESSION, CREATE_OPTIONS = 2, 3, 7, 10
SET_LOG_SEVERITY, SET_OPTIMIZATION, SET_THREADS, SET_SEQUENTIAL_THREADS = 22, 23, 24, 25
CREATE_TENSOR, CREATE_CPU_MEMORY, RELEASE_SESSION = 49, 69, 95
RUN_WITH_BINDING, CREATE_BINDING, RELEASE_BINDING, BIND_INPUT, BIND_OUTPUT = 133, 134, 135, 136, 137
OPTIMIZE_ALL, ERRORS_ONLY, DEVICE_ALLOCATOR, DEFAULT_MEMORY = 99, 3, 0, 0


class Runtime:
    """The library, its environment, and sessions."""

    def __init__(self, arguments):
        import onnxruntime
        folder = pathlib.Path(onnxruntime.__file__).parent / "capi"
        path = native.limit(arguments, next(folder.glob("libonnxruntime.so.*")))
        self.library, self.timer = ctypes.CDLL(str(path)), native.Timer(arguments)
        base = self.library.OrtGetApiBase
        base.restype = ctypes.POINTER(ctypes.c_void_p)
        get = ctypes.CFUNCTYPE(ctypes.POINTER(ctypes.c_void_p), ctypes.c_uint32)(base()[0])
        self.table = get(VERSION)
        self.environment = self.create(CREATE_ENVIRONMENT, ERRORS_ONLY, b"bench")
        self.memory = self.create(CREATE_CPU_MEMORY, DEVICE_ALLOCATOR, DEFAULT_MEMORY)

    def call(self, number, *values):
        """A function that returns a status: null where all went well."""
        kinds = [ctypes.c_int if isinstance(value, int) and not isinstance(value, bool)
                 and abs(value) < 2**16 else None for value in values]
        converted = [kind(value) if kind else value for kind, value in zip(kinds, values)]
        status = ctypes.CFUNCTYPE(ctypes.c_void_p)(self.table[number])
        status.argtypes = None
        error = status(*converted)
        if error:
            message = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)(
                self.table[GET_ERROR_MESSAGE])
            raise RuntimeError(message(error).decode())

    def create(self, number, *values):
        result = ctypes.c_void_p()
        self.call(number, *values, ctypes.byref(result))
        return result

    def bind(self, binding, number, name, array):
        shape = (ctypes.c_int64 * array.ndim)(*array.shape)
        value = self.create(CREATE_TENSOR, self.memory, ctypes.c_void_p(array.ctypes.data),
                            ctypes.c_size_t(array.nbytes), shape, ctypes.c_size_t(array.ndim),
                            ELEMENTS[array.dtype.name])
        self.call(number, binding, name.encode(), value)

    def open(self, model, feed=None, threads=1, batch=1):
        import numpy
        options = self.create(CREATE_OPTIONS)
        self.call(SET_OPTIMIZATION, options, OPTIMIZE_ALL)
        self.call(SET_LOG_SEVERITY, options, ERRORS_ONLY)
        self.call(SET_THREADS, options, threads)
        self.call(SET_SEQUENTIAL_THREADS, options, 1)
        session = self.create(CREATE_SESSION, self.environment, str(model).encode(), options)
        binding = self.create(CREATE_BINDING, session)
        inputs, outputs = describe(model, batch)
        arrays = []
        for number, ports in (BIND_INPUT, inputs), (BIND_OUTPUT, outputs):
            for name, shape, kind in ports:
                arrays.append(numpy.zeros(shape, kind))
                self.bind(binding, number, name, arrays[-1])
        if feed is not None:
            arrays[0][...] = feed.reshape(arrays[0].shape)
        self.call(RUN_WITH_BINDING, session, None, binding)
        return Session(self, session, binding, arrays, len(inputs))


class Session(native.Call):
    def __init__(self, runtime, session, binding, arrays, number_of_inputs):
        super().__init__(runtime.timer, runtime.table[RUN_WITH_BINDING],
                         (session, None, binding), lambda: arrays[number_of_inputs], runtime)
        self.input = arrays[0]

    def run(self, feed):
        """The first output, of one input."""
        self.input[...] = feed.reshape(self.input.shape)
        self.keep.call(RUN_WITH_BINDING, *self.pointers)
        return self.fetch().copy()

    def close(self):
        for number, pointer in (RELEASE_BINDING, self.pointers[2]), (RELEASE_SESSION, self.pointers[0]):
            ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self.keep.table[number])(pointer)


#: ONNX's numbers of element types.
ELEMENTS = {"float32": 1, "uint8": 2, "int8": 3}


def describe(model, batch):
    """(name, shape, element type) of the inputs, and of the outputs."""
    import onnx
    graph = onnx.load(str(model)).graph
    constants = {tensor.name for tensor in graph.initializer}
    names = {number: name for name, number in ELEMENTS.items()}

    def list_ports(ports):
        return [(port.name,
                 [size.dim_value or batch for size in port.type.tensor_type.shape.dim],
                 names[port.type.tensor_type.elem_type])
                for port in ports if port.name not in constants]

    return list_ports(graph.input), list_ports(graph.output)


RUNTIME = []


def open_session(arguments, model, feed=None, threads=1, batch=1):
    """A session that ran once; None, which is said, without ONNX Runtime."""
    try:
        if not RUNTIME:
            RUNTIME.append(Runtime(arguments))
    except (ImportError, OSError, StopIteration, TypeError) as error:
        peers.miss("onnxruntime", error)
        return None
    return RUNTIME[0].open(model, feed, threads, batch)


def measure_empty(arguments):
    """{batch: us} of a graph that copies its input, which is what every call costs."""
    import onnx
    from onnx import TensorProto, helper
    times = {}
    for batch in (1, 64):
        ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, 10]) for name in "xy"]
        graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "empty",
                                  ports[:1], ports[1:])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 9
        path = arguments.build / "bench" / "empty.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(model, str(path))
        session = open_session(arguments, path)
        if session:
            times[batch] = session.best_us(arguments.seconds)
    return times


def quantize(model, samples, scale, offset, folder):
    """Paths of the model in ONNX Runtime's int8 forms."""
    import logging

    import numpy
    import onnx
    from onnxruntime import quantization

    logging.disable(logging.WARNING)
    name = onnx.load(str(model)).graph.input[0].name
    values = numpy.load(samples)
    if scale is not None:
        values = values.astype(numpy.float32) * numpy.float32(scale) + numpy.float32(offset)

    class Reader(quantization.CalibrationDataReader):
        def __init__(self):
            self.batches = iter([{name: values[i:i + 1]} for i in range(min(len(values), 32))])

        def get_next(self):
            return next(self.batches, None)

    kinds = quantization.QuantType
    for activation in (kinds.QUInt8, kinds.QInt8):
        for form in (quantization.QuantFormat.QDQ, quantization.QuantFormat.QOperator):
            path = folder / f"onnxruntime-{form.name}-{activation.name}.onnx"
            if not path.is_file():
                quantization.quantize_static(
                    str(model), str(path), Reader(), quant_format=form, per_channel=True,
                    activation_type=activation, weight_type=kinds.QInt8)
            yield path


def open_all(arguments, model, samples, scale, offset, folder, threads, batch=1):
    """{name: session}; each int8 form has a name of its own."""
    session = open_session(arguments, model, threads=threads, batch=batch)
    if not session:
        return {}
    sessions = {"onnxruntime float": session}
    try:
        for path in quantize(model, samples, scale, offset, folder):
            sessions[path.stem] = open_session(arguments, path, threads=threads, batch=batch)
    except Exception as error:  # whatever its quantizer cannot do
        peers.miss(f"onnxruntime int8 of {model.name}", error)
    return sessions
