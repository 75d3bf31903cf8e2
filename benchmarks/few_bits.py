# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models of few bits that bitwise.py measures: products of floats that are quantized row by
row with weights that have scales of channels or groups, by ours and by ONNX Runtime's operator,
products with vectors from a table, convolutions of planes of bits, and a whole binary network."""

import chains
import numpy

# Activations take the scale of their row, and its zero point unless they are signed codes;
# weights have codes already.
ROWS_RECIPE = """name: rows
weights: {encoder: none}
activations: {quantizer: dynamic-rows, storage: %s}
"""


def build_rows(rows, size, values, group, units, path):
    """Products of floats with codes among `values`, whose scales are those of `group` inputs,
    or of channels for 0. The weights of the first, in floats."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    rng = numpy.random.default_rng(1)
    is_nibble = min(values) >= -8 and max(values) <= 7
    nodes, constants, value, first = [], [], "x", None
    for unit in range(units):
        codes = rng.choice(list(values), size=(size, size)).astype(numpy.int8)
        kind = TensorProto.INT4 if is_nibble else TensorProto.INT8
        constants.append(helper.make_tensor(f"w{unit}", kind, codes.shape, codes.reshape(-1).tolist()))
        shape = (size // group, size) if group else (size,)
        scales = (rng.random(shape) + 0.5) / (max(values) * numpy.sqrt(size))
        constants.append(numpy_helper.from_array(scales.astype(numpy.float32), f"s{unit}"))
        if first is None:
            first = codes * (scales.repeat(group, axis=0) if group else scales).astype(numpy.float32)
        attributes = {"axis": 0, "block_size": group} if group else {"axis": 1}
        nodes.append(helper.make_node("DequantizeLinear", [f"w{unit}", f"s{unit}"], [f"r{unit}"], **attributes))
        nodes.append(helper.make_node("MatMul", [value, f"r{unit}"], [f"y{unit}"]))
        value = f"y{unit}"
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [rows, size]) for name in ("x", value)]
    graph = helper.make_graph(nodes, "rows", ports[:1], ports[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])
    model.ir_version = 10
    onnx.save(model, path)
    return first


def count_far(result, reference):
    """The share of sums that are further from those of floats than codes of eight bits for
    activations explain: a tenth of what they are on average."""
    scale = numpy.sqrt((reference.astype(numpy.float64) ** 2).mean())
    return float((abs(result - reference) > scale / 10).mean())


class FewBits(chains.Chain):
    """Layers with quantizers of QONNX; with kind "f32", Sign and Clip in their place."""

    def quantize(self, name, bits, signed=1, scale=1.0):
        """`name` in so many bits; signs for 1."""
        if self.kind == "f32":
            self.node(*(("Sign", [name]) if bits == 1 else ("Relu", [name])))
            return self.value
        if bits == 1:
            self.node("BipolarQuant", [name, self.constant("s", numpy.float32(scale))], domain="onnx.brevitas")
            return self.value
        constants = [self.constant("q", numpy.float32(number)) for number in (scale, 0, bits)]
        self.node("Quant", [name, *constants], domain="onnx.brevitas", signed=signed, narrow=signed,
                  rounding_mode="ROUND")
        return self.value

    def coded(self, shape, bits):
        """Weights in so many bits; in float without a quantizer."""
        most = 1 if bits == 1 else 2 ** (bits - 1) - 1
        codes = self.rng.integers(-most, most + 1, shape)
        if bits == 1:
            codes = numpy.where(self.rng.random(shape) < 0.5, -1, 1)
        weights = self.constant("w", codes.astype(numpy.float32))
        return weights if self.kind == "f32" else self.quantize(weights, bits)

    def convolve(self, inputs, outputs, side, bits, value):
        self.node("Conv", [value, self.coded((outputs, inputs, 3, 3), bits), self.shift(outputs)],
                  kernel_shape=[3, 3], pads=[1] * 4)
        self.macs += side * side * inputs * outputs * 9

    def connected(self, inputs, outputs, rows, bits, value):
        self.node("MatMul", [value, self.coded((inputs, outputs), bits)])
        self.node("Add", [self.value, self.shift(outputs)])
        self.macs += rows * inputs * outputs

    def shift(self, outputs):
        return self.constant("b", (self.rng.normal(size=outputs) * 10 + 0.5).astype(numpy.float32))


def build_planes(kind, channels, side, weight_bits, activation_bits, units, path, signed=0, convolves=True):
    """A chain of 3x3 convolutions, or of products of `side` rows. Two signed bits are ternary."""
    chain = FewBits(kind)
    for _ in range(units):
        value = chain.quantize(chain.value, activation_bits, signed=signed, scale=channels ** 0.5)
        if convolves:
            chain.convolve(channels, channels, side, weight_bits, value)
        else:
            chain.connected(channels, channels, side, weight_bits, value)
    shape = [1, channels, side, side] if convolves else [side, channels]
    chain.save(path, shape)
    return shape, chain.macs


def build_network(kind, path):
    """A binary network for images of 32 by 32 like VGG; weights and inputs of its first layer
    and weights of its last have 8 bits."""
    chain = FewBits(kind)
    side, inputs = 32, 3
    value = chain.value if kind == "f32" else chain.quantize(chain.value, 8, scale=1 / 64)
    for stage, channels in enumerate((128, 256, 512)):
        for layer in range(2):
            chain.convolve(inputs, channels, side, 1 if stage or layer else 8, value)
            value, inputs = chain.quantize(chain.value, 1), channels
        chain.node("MaxPool", [value], kernel_shape=[2, 2], strides=[2, 2])
        value, side = chain.value, side // 2
    chain.node("Flatten", [value])
    value, inputs = chain.value, inputs * side * side
    for outputs, bits in ((1024, 1), (1024, 1), (10, 8)):
        chain.connected(inputs, outputs, 1, bits, value)
        if outputs != 10:
            value, inputs = chain.quantize(chain.value, 1), outputs
    chain.save(path, [1, 3, 32, 32], [1, 10])
    return [1, 3, 32, 32], chain.macs


def build_nbits(rows, size, bits, path):
    """One product by ONNX Runtime's 4-bit weights in blocks of 32."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    rng = numpy.random.default_rng(1)
    packed = rng.integers(0, 256, (size, size // 32, 32 * bits // 8), dtype=numpy.uint8)
    constants = [numpy_helper.from_array(packed, "w"),
                 numpy_helper.from_array(numpy.full(size * size // 32, 0.01, numpy.float32), "s")]
    node = helper.make_node("MatMulNBits", ["x", "w", "s"], ["y"], domain="com.microsoft", K=size, N=size,
                            bits=bits, block_size=32, accuracy_level=4)
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [rows, size]) for name in "xy"]
    graph = helper.make_graph([node], "nbits", ports[:1], ports[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20),
                                                    helper.make_opsetid("com.microsoft", 1)])
    model.ir_version = 9
    onnx.save(model, path)


def build_vectors(rows, size, dim, path):
    """A product of codes with `dim`-vectors from one table of 256 or, for 0, with bytes."""
    rng = numpy.random.default_rng(1)
    numbers = lambda count: rng.normal(size=count, scale=30).round().clip(-127, 127)
    in_hex = lambda values: '"0x' + values.tobytes().hex().upper() + '"'
    if dim:
        coded, format = f"{size}x1x1x{size // dim}", f"!lowbit.codebook<u8, dim = {dim}, axis = 3>"
        codes, table = rng.integers(0, 256, size * size // dim, numpy.uint8), f"tensor<1x1x256x{dim}xf32>"
        book = f"  %t = arith.constant dense<{in_hex(numbers(256 * dim).astype(numpy.float32))}> : {table}\n"
        by = f" with %t : {table}"
    else:
        coded, format, book, by = f"{size}x1x1x{size}", "!quant.uniform<i8:f32, 0.01>", "", ""
        codes = numbers(size * size).astype(numpy.int8)
    x, y = f"tensor<1x{rows}x1x{size}x!x>", f"tensor<1x{rows}x1x{size}x!y>"
    xf = yf = f"tensor<1x{rows}x1x{size}xf32>"
    w = f"tensor<{size}x1x1x{size}xf32>"
    path.write_text(f"""!x = !quant.uniform<u8:f32, 0.5>
!y = !quant.uniform<i8:f32, 400.0>
!w = {format}
module attributes {{lowbit.stage = "encoded", lowbit.recipe = "imported", lowbit.interface = {{
  inputs = [{{name = "x", type = {x}}}], outputs = [{{name = "y", type = {y}}}]}}}} {{
func.func @main(%q: {x}) -> {y} {{
  %x = lowbit.decode %q : {x} to {xf}
  %c = lowbit.constant dense<{in_hex(codes)}> : tensor<{coded}xi8> as tensor<{coded}x!w>
{book}  %w = lowbit.decode %c{by} : tensor<{coded}x!w> to {w}
  %b = "tosa.const"() {{values = dense<1.0> : tensor<{size}xf32>}} : () -> tensor<{size}xf32>
  %z = "tosa.const"() {{values = dense<0.0> : tensor<1xf32>}} : () -> tensor<1xf32>
  %f = tosa.conv2d %x, %w, %b, %z, %z {{acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}}
    : ({xf}, {w}, tensor<{size}xf32>, tensor<1xf32>, tensor<1xf32>) -> {yf}
  %o = lowbit.encode %f : {yf} to {y}
  return %o : {y}
}}
}}
""")


def build_float_tfc(model):
    """The graph with Sign for quantizers of activations, and quantized weights."""
    from onnx import helper, numpy_helper
    known = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        if node.op_type != "BipolarQuant":
            nodes.append(node)
        elif node.input[0] in known:
            scale = known[node.input[1]]
            signs = numpy.where(known[node.input[0]] >= 0, scale, -scale).astype(numpy.float32)
            model.graph.initializer.append(numpy_helper.from_array(signs, node.output[0]))
        else:
            nodes.append(helper.make_node("Sign", [node.input[0]], [node.output[0]]))
    del model.graph.node[:]
    model.graph.node.extend(nodes)
