# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models for peers that want their sizes fixed."""


def fix_batch(model, batch, folder):
    """The path of the model with a batch where it leaves the first size open."""
    import onnx
    path = folder / f"{model.stem}-{batch}.onnx"
    if path.is_file() and path.stat().st_mtime >= model.stat().st_mtime:
        return path
    loaded = onnx.load(str(model))
    constants = {tensor.name for tensor in loaded.graph.initializer}
    for port in [*loaded.graph.input, *loaded.graph.output]:
        if port.name not in constants:
            for size in port.type.tensor_type.shape.dim:
                size.dim_value = size.dim_value or batch
    del loaded.graph.value_info[:]
    onnx.save(loaded, str(path))
    return path


def largest_pair(model):
    """The most bytes that a convolution's input and output take as codes of 8 bits."""
    import math

    import onnx
    graph = onnx.shape_inference.infer_shapes(onnx.load(str(model))).graph
    sizes = {value.name: math.prod(size.dim_value for size in value.type.tensor_type.shape.dim)
             for value in [*graph.input, *graph.value_info, *graph.output]}
    pairs = [sizes[node.input[0]] + sizes[node.output[0]]
             for node in graph.node if node.op_type == "Conv"]
    return max(pairs, default=None)
