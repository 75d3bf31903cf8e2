"""Small ONNX networks at random: layers whose sizes are no multiples of anything, and what
stands between them."""

import numpy
from onnx import TensorProto, helper, numpy_helper

WIDTHS = [1, 3, 5, 8, 16, 17, 24, 31, 33, 48, 65, 100, 130]


class RandomNetwork:
    """`model`, whose input is `x` of `shape`."""

    def __init__(self, generator):
        self.generator, self.nodes, self.constants = generator, [], []
        if self.chance(0.5):
            self.shape = (self.choose([1, 2, 5, 7, 17]), self.choose([1, 7, 17, 32, 65, 100, 200, 257]))
        else:
            self.shape = (self.choose([1, 1, 2]), self.choose([1, 3, 8, 17, 32]),
                          self.choose([1, 3, 7, 9]), self.choose([1, 4, 5, 8]))
        value, shape = "x", self.shape
        for _ in range(self.choose([1, 2, 2, 3])):
            value, shape = self.add_layer(value, shape)
            if self.chance(0.3):
                value, shape = self.add_between(value, shape)
        if self.chance(0.2):
            value = self.add("Softmax", [value], axis=1)
        inputs, outputs = (helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)
                           for name, dims in (("x", self.shape), (value, shape)))
        graph = helper.make_graph(self.nodes, "random", [inputs], [outputs], self.constants)
        self.model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)

    def choose(self, values):
        return values[int(self.generator.integers(len(values)))]

    def chance(self, share):
        return self.generator.random() < share

    def add(self, kind, inputs, **attributes):
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=f"/{kind}{name}", **attributes))
        return name

    def add_constant(self, values):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(numpy.asarray(values, numpy.float32), name))
        return name

    def add_weights(self, *shape):
        """Some with few values, with zeros, or with one channel that is larger than all."""
        weights = self.generator.standard_normal(shape) / numpy.sqrt(numpy.prod(shape[1:]))
        kind = self.choose(range(8))
        if kind == 0:
            weights = numpy.sign(weights) / 8
        elif kind == 1:
            weights *= self.generator.random(shape) < 0.2
        elif kind == 2:
            weights[0] *= 100
        elif kind == 3:
            weights = numpy.abs(weights)
        return self.add_constant(weights)

    def add_bias(self, width):
        return [self.add_constant(self.generator.standard_normal(width))] if self.chance(0.7) else []

    def add_layer(self, value, shape):
        width = self.choose(WIDTHS)
        if len(shape) == 2:
            weights = self.add_weights(width, shape[1])
            return self.add("Gemm", [value, weights, *self.add_bias(width)], transB=1), (shape[0], width)
        batch, channels, *sizes = shape
        group = channels if self.chance(0.3) else 1
        if group > 1:
            width = channels
        kernel = [self.choose([1, 2, 3, 3, 5]) for _ in sizes]
        if self.chance(0.3):
            kernel = [1, 1]
        strides = [self.choose([1, 1, 2]) for _ in sizes]
        pads = [self.choose([(k - 1) // 2, k - 1]) for k in kernel] + [k - 1 for k in kernel]
        results = [(n + pads[i] + pads[i + 2] - k) // s + 1
                   for i, (n, k, s) in enumerate(zip(sizes, kernel, strides))]
        # As many as the strides reach, so that no window reads padding alone.
        pads[2:] = [p - (n + pads[i] + p - kernel[i]) % strides[i] for i, (n, p) in enumerate(zip(sizes, pads[2:]))]
        pads[2:] = [max(p, 0) for p in pads[2:]]
        weights = self.add_weights(width, channels // group, *kernel)
        value = self.add("Conv", [value, weights, *self.add_bias(width)], kernel_shape=kernel,
                         strides=strides, pads=pads, group=group)
        return value, (batch, width, *results)

    def add_between(self, value, shape):
        kind = self.choose(["Relu", "Relu", "Clip", "Sigmoid", "Add", "Concat", "Pool"])
        if kind == "Clip":
            return self.add(kind, [value, self.add_constant(-0.5), self.add_constant(2)]), shape
        if kind == "Add":
            return self.add(kind, [value, self.add("Relu", [value])]), shape
        if kind == "Concat":
            return self.add(kind, [self.add("Neg", [value]), value], axis=1), (shape[0], 2 * shape[1], *shape[2:])
        if kind == "Pool":
            if len(shape) == 2 or min(shape[2:]) < 2:
                return value, shape
            value = self.add(self.choose(["MaxPool", "AveragePool"]), [value], kernel_shape=[2, 2], pads=[0, 1, 0, 0])
            return value, (*shape[:2], shape[2] - 1, shape[3])
        return self.add(kind, [value]), shape


def make_recipe(generator):
    """The text of a recipe: weights of any format that kernels have a way for."""
    choose = lambda values: values[int(generator.integers(len(values)))]
    bits = choose([2, 3, 3, 4, 6, 8])
    weights = choose([
        f"storage: i{bits}", f"encoder: {{name: absmax, bits: {bits}, per: {choose(['channel', 'tensor'])}}}",
        f"encoder: {{name: mse, bits: {bits}, group: {choose([5, 32, 64])}, steps: 10}}",
        f"encoder: {{name: kmeans, centroids: {choose([3, 8, 16, 40])}, entries: {choose(['i8', 'f32'])}, rounds: 5}}",
        f"encoder: {{name: product-kmeans, centroids: 16, dim: {choose([2, 4])}, entries: {choose(['i8', 'f32'])}, rounds: 3}}",
        f"encoder: {{name: residual-kmeans, centroids: 8, dim: 4, entries: {choose(['i8', 'f32'])}, rounds: 3}}",
        "encoder: bwn", "encoder: {name: twn, per: channel}", f"encoder: {{name: inq, bits: {choose([3, 4, 5])}}}",
        f"encoder: {{name: horq, bases: {choose([2, 3])}}}"])
    storage = choose(["u8", "u8", "i8", "u4", "i4", "u2"])
    return f"name: random\nactivations: {{storage: {storage}}}\nweights: {{{weights}}}\n"
