"""QONNX graphs in NumPy, as the definitions of their operators say.

An Interpreter computes a graph in one floating-point type: float32 gives what the
definitions give, float64 shows how close a number was to the border of two codes.
It shares nothing with the compiler.
"""

import numpy as np
from onnx import helper, numpy_helper

DOMAINS = ("finn.custom_op.general", "onnx.brevitas", "qonnx.custom_op.general")


def round_away(x):
    return np.sign(x) * np.ceil(np.abs(x))


def round_half_away(x):
    """Exact: |x| + 0.5 of a float32 is a float64."""
    return np.sign(x) * np.floor(np.abs(x.astype(np.float64)) + 0.5)


def round_half_to_zero(x):
    return np.sign(x) * np.ceil(np.abs(x.astype(np.float64)) - 0.5)


ROUNDING = {"ROUND": np.round, "HALF_EVEN": np.round, "CEIL": np.ceil, "FLOOR": np.floor,
            "UP": round_away, "DOWN": np.trunc, "HALF_UP": round_half_away,
            "HALF_DOWN": round_half_to_zero}


def code_range(bits, signed, narrow):
    if signed:
        return -(2 ** (bits - 1)) + narrow, 2 ** (bits - 1) - 1
    return 0, 2**bits - 1 - narrow


class Quantized:
    """What a quantizer did: numbers `y`, and, where it has them, `codes`, and `position`, the real
    number that was rounded to the code."""

    def __init__(self, y, codes=None, position=None, steps=None):
        self.y, self.codes, self.position, self.steps = y, codes, position, steps


def bipolar_quant(x, scale):
    codes = np.where(x >= 0, 1, -1).astype(x.dtype)
    return Quantized(codes * scale, codes, x, "sign")


def int_quant(x, scale, zero, bits, signed=1, narrow=0, rounding_mode="ROUND"):
    position = x / scale + zero
    bits = int(np.ravel(bits)[0])
    if signed and bits == 1:
        codes, steps = np.where(position >= 0, 1, -1).astype(x.dtype), "sign"
    else:
        low, high = code_range(bits, signed, narrow)
        position = np.clip(position, x.dtype.type(low), x.dtype.type(high))
        codes = ROUNDING[rounding_mode.upper()](position).astype(x.dtype)
        steps = rounding_mode.upper()
    return Quantized((codes - zero) * scale, codes, position, steps)


def trunc(x, scale, zero, in_bits, *rest, signed=1, narrow=0, rounding_mode="FLOOR"):
    mode = ROUNDING[rounding_mode.upper()]
    whole = np.round(x / scale + zero)
    if len(rest) == 1:
        divisor = x.dtype.type(2.0 ** (int(in_bits) - int(rest[0])))
        return Quantized((mode(whole / divisor).astype(x.dtype) - zero) * scale)
    new_scale, bits = rest
    divisor = (2 ** np.round(np.log2(new_scale / scale))).astype(x.dtype)
    low, high = code_range(int(bits), signed, narrow)
    position = np.clip(whole / divisor, x.dtype.type(low), x.dtype.type(high))
    return Quantized((mode(position).astype(x.dtype) - zero / divisor) * new_scale)


def float_quant(x, scale, exponent_bits, mantissa_bits, bias, max_val=np.float32(np.inf), *,
                rounding_mode="ROUND", **_):
    """With the true exponent of |t|, where the package takes a logarithm in float."""
    t = x / scale
    exponent = np.frexp(t)[1] - 1
    exponent = np.maximum(np.where(t == 0, -1000, exponent), 1 - int(bias)) - int(mantissa_bits)
    unit = np.ldexp(x.dtype.type(1), exponent)
    greatest = (2 - 2.0**-float(mantissa_bits)) * 2.0 ** (2.0 ** float(exponent_bits) - 1 - float(bias))
    greatest = x.dtype.type(min(greatest, float(max_val)))
    y = ROUNDING[rounding_mode.upper()](t / unit).astype(x.dtype) * unit
    return Quantized(np.clip(y, -greatest, greatest) * scale)


QUANTIZERS = {"BipolarQuant": bipolar_quant, "Quant": int_quant, "IntQuant": int_quant,
              "Trunc": trunc, "FloatQuant": float_quant}


def batch_normalization(x, weight, bias, mean, variance, epsilon=1e-5, **_):
    epsilon = x.dtype.type(epsilon)
    shape = [1, -1] + [1] * (x.ndim - 2)
    weight, bias, mean, variance = (v.reshape(shape) for v in (weight, bias, mean, variance))
    return weight * (x - mean) / np.sqrt(variance + epsilon) + bias


OPERATORS = {
    "Add": lambda a, b: a + b,
    "BatchNormalization": batch_normalization,
    "Concat": lambda *parts, axis: np.concatenate(parts, axis),
    "Div": lambda a, b: a / b,
    "Gather": lambda x, indices, axis=0: np.take(x, indices, axis),
    "MatMul": lambda a, b: a @ b,
    "Mul": lambda a, b: a * b,
    "Pow": lambda a, b: a**b,
    "Relu": lambda x: np.maximum(x, 0),
    "Reshape": lambda x, shape: x.reshape(shape),
    "Shape": lambda x: np.array(x.shape, np.int64),
    "Sub": lambda a, b: a - b,
    "Transpose": lambda x, perm: x.transpose(perm),
    "Unsqueeze": lambda x, axes: np.expand_dims(x, tuple(axes)),
}


class Interpreter:
    def __init__(self, model, dtype):
        self.graph, self.dtype = model.graph, dtype
        self.constants = {t.name: self.convert(numpy_helper.to_array(t))
                          for t in model.graph.initializer}

    def convert(self, value):
        return value.astype(self.dtype) if value.dtype == np.float32 else value

    def inputs(self):
        return [i.name for i in self.graph.input if i.name not in self.constants]

    def run(self, inputs, observe=None):
        """The values of all names. `observe`(name, result) sees each Quantized that is computed at
        run time and may return other numbers, which the graph goes on with."""
        values = dict(self.constants)
        values.update((name, self.convert(value)) for name, value in inputs.items())
        computed = set(inputs)
        for node in self.graph.node:
            arguments = [values[name] for name in node.input]
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            attributes = {k: v.decode() if isinstance(v, bytes) else v for k, v in attributes.items()}
            name = node.output[0]
            if computed.intersection(node.input):
                computed.add(name)
            if node.domain not in DOMAINS:
                values[name] = OPERATORS[node.op_type](*arguments, **attributes)
                continue
            result = QUANTIZERS[node.op_type](*arguments, **attributes)
            other = observe(name, result) if observe and name in computed else None
            values[name] = result.y if other is None else self.convert(other)
        return values
