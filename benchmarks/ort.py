# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX Runtime, in float and quantized by its own quantizer, with all buffers bound."""

import common


def open_session(model, feed=None, threads=1):
    """A function that runs ONNX Runtime once, into buffers that are there before; None
    without its Python package."""
    try:
        import numpy
        import onnxruntime
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3  # errors only
    session = onnxruntime.InferenceSession(
        str(model), options, providers=["CPUExecutionProvider"])
    types = {"tensor(float)": numpy.float32, "tensor(uint8)": numpy.uint8,
             "tensor(int8)": numpy.int8}
    binding, keep = session.io_binding(), []

    def get_shape(node):
        return [size if isinstance(size, int) else 1 for size in node.shape]

    for node in session.get_inputs():
        value = numpy.zeros(get_shape(node), types[node.type]) if feed is None else feed
        keep.append(onnxruntime.OrtValue.ortvalue_from_numpy(value))
        binding.bind_ortvalue_input(node.name, keep[-1])
    for node in session.get_outputs():
        keep.append(onnxruntime.OrtValue.ortvalue_from_shape_and_type(
            get_shape(node), types[node.type]))
        binding.bind_ortvalue_output(node.name, keep[-1])

    def once():
        session.run_with_iobinding(binding)
        return keep[-1]

    return once


def measure_empty(arguments):
    """{batch: us} of a graph that copies its input, which is what every call costs."""
    try:
        import numpy
        import onnx
        from onnx import TensorProto, helper
    except ImportError:
        return {}
    times = {}
    for batch in (1, 64):
        shape = [batch, 10]
        graph = helper.make_graph(
            [helper.make_node("Identity", ["x"], ["y"])], "empty",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 9
        path = arguments.build / "bench" / "empty.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(model, str(path))
        session = open_session(path, numpy.zeros(shape, numpy.float32))
        if session:
            times[batch] = common.best_us(session, arguments.seconds)
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


def open_all(model, samples, scale, offset, folder, threads):
    """{name: function}; each int8 form has a name of its own."""
    session = open_session(model, threads=threads)
    if not session:
        return {}
    sessions = {"onnxruntime float": session}
    try:
        for path in quantize(model, samples, scale, offset, folder):
            sessions[path.stem] = open_session(path, threads=threads)
    except Exception as error:  # whatever its quantizer cannot do
        print(f"  ONNX Runtime does not quantize {model.name}: {str(error).splitlines()[0]}")
    return sessions
