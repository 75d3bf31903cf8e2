"""Finds the weights of layers, and arranges them as methods take them."""

QUANTIZERS = ("Quant", "BipolarQuant")


def to_rows(weights):
    """A row for each output channel of ONNX weights, inputs as the compiler orders them."""
    if weights.ndim == 4:
        weights = weights.transpose(0, 2, 3, 1)
    return weights.reshape(len(weights), -1)


def from_rows(rows, shape):
    if len(shape) == 4:
        outputs, inputs, height, width = shape
        return rows.reshape(outputs, height, width, inputs).transpose(0, 3, 1, 2)
    return rows.reshape(shape)


def rows_of_decoded(values):
    """The same for decoded weights: OHWI, or 1 x inputs x outputs."""
    return values[0].T if values.ndim == 3 else values.reshape(len(values), -1)


def find_weights(model):
    """The weights of each layer, in order: initializers, with a quantizer or without."""
    initializers = {tensor.name: tensor for tensor in model.graph.initializer}
    quantizers = {node.output[0]: node for node in model.graph.node if node.op_type in QUANTIZERS}
    found = []
    for node in model.graph.node:
        if node.op_type in ("Conv", "Gemm"):
            quantizer = quantizers.get(node.input[1])
            name = quantizer.input[0] if quantizer else node.input[1]
            found.append((initializers[name], quantizer))
    return found


def without_weight_quantizers(model):
    """Each quantizer of an initializer gives way to it."""
    initializers = {tensor.name for tensor in model.graph.initializer}
    for node in list(model.graph.node):
        if node.op_type in QUANTIZERS and node.input[0] in initializers:
            for user in model.graph.node:
                for i, name in enumerate(user.input):
                    if name == node.output[0]:
                        user.input[i] = node.input[0]
            model.graph.node.remove(node)
