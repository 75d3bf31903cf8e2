"""Layers on weights and activations of every pair of formats; see formats.py.

Each layer must become integers, and give what exact integers give: steps are
multiplied and added up, and the sum is rescaled by lowbit.rescale's formula, or
compared with thresholds. Where weights have scales of groups, each group's sum is
multiplied by one f32, and these are added up in f32, in ascending order: to the same
bits. Where -lowbit-integerize leaves a pair in float, the pair is listed here with the
reason that it gives.
"""

import functools
import itertools
import math
import random
import re
import subprocess
import sys
from fractions import Fraction

from execution import I32, Cases, clamp, parse_arguments, rescale, tensor, wrap
import formats
from formats import Affine, Block, Planes, Pow2, Uniform, literal, minifloat, mul, r32, words_of
from formats import add as add32

ZERO = '%zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>'


def indices(shape):
    return itertools.product(*map(range, shape))


class Codebook(formats.Codebook):
    """Its numbers are multiples of one of them."""

    def numbers(self, count):
        return [math.ldexp(i * i - 11, -5) for i in range(count)]


class FloatCodebook(Codebook):
    """Its numbers are not, and are rounded to steps of 16 bits."""

    error = Fraction(1.3) / 2**16 * Fraction(1001, 1000)

    def numbers(self, count):
        return [r32(math.sin(i * i + 1) * 1.3) for i in range(count)]


def per_channel(make):
    """`make` of a scale, for each channel: a factor of its own."""
    return lambda axis, channels: make(axis, [1 + 0.37 * c for c in range(channels)])


# name: the format for weights, with `channels` or with groups along `axis`
WEIGHTS = {
    "sign": lambda axis, channels: Planes("sign", [[0.3]]),
    "sign per channel": per_channel(lambda axis, s: Planes("sign", [[0.3 * x] for x in s], axis)),
    "ternary": per_channel(lambda axis, s: Planes("bit", [[0.2 * x, -0.2 * x] for x in s], axis)),
    "two levels": lambda axis, channels: Planes("bit", [[0.5, -0.25]]),
    "2 bits": lambda axis, channels: Planes("sign", [[0.125, 0.25]]),
    "4 bits": lambda axis, channels: Planes("bit", [[r32(0.1) * x for x in (-1, 2, 4, 8)]]),
    "powers": per_channel(lambda axis, s: Pow2("i4", -6, 0, [0.9 * x for x in s], axis=axis)),
    "sums of powers": lambda axis, channels: Pow2("i3", -2, 0, [0.7], fields=2, drop=1),
    **{f"i{bits}": per_channel(lambda axis, s, bits=bits: Uniform(f"i{bits}", [(0.05 * x, 0) for x in s], axis=axis))
       for bits in range(1, 9)},
    "u4": lambda axis, channels: Uniform("u4", [(0.1, 7)]),
    # Several terms.
    "TTQ": per_channel(lambda axis, s: Planes("bit", [[0.7 * x, -0.3 * x] for x in s], axis)),
    "three bases": lambda axis, channels: Planes("sign", [[0.9, 0.41, 0.17]]),
    # Tensors beside the codes.
    "codebook": lambda axis, channels: Codebook(4, 11),
    "float codebook": lambda axis, channels: FloatCodebook(4, 11),
    "float codebooks": lambda axis, channels: FloatCodebook(3, 5, axis=axis, per_vector=True),
    "groups": lambda axis, channels: Affine("i4", axis=axis, group=3),
    "scales": lambda axis, channels: Affine("i5", axis=axis),
    "blocks": lambda axis, channels: Block("i6", axis, 2),
    "E2M1 blocks": lambda axis, channels: Block("f4E2M1FN", axis, 4),
    "E4M3 blocks": lambda axis, channels: Block("f8E4M3FN", axis, 2),
}
GROUPED = ("groups", "blocks", "E2M1 blocks", "E4M3 blocks")
ACTIVATIONS = {
    "u8": Uniform("u8", [(0.0371, 121)]), "i8": Uniform("i8", [(0.0523, -13)]), "u4": Uniform("u4", [(0.31, 5)]),
    "u2": Uniform("u2", [(0.538, 0)]), "u1": Uniform("u1", [(1.0, 0)]),
    "sign": Planes("sign", [[0.7]]), "sign x 2": Planes("sign", [[0.25, 0.5]]),
    "bit x 2": Planes("bit", [[0.375, 0.75]]), "powers": Pow2("u3", -3, 3, [0.5]),
    "two bases": Planes("sign", [[0.3, 0.71]]),
}
HEADS = ("u8", "i8", "i16", "sign", "bit x 2", "powers")


class Layer:
    """Shapes and the products that each result is the sum of: of pairs of an
    index of the input and one of the weights."""

    def __init__(self, name, input, weights, result, axis, inner, products, text):
        self.name, self.input, self.weights, self.result = name, input, weights, result
        self.products, self.text = products, text
        # The weights' axis of channels, and one along which groups lie.
        self.axis, self.inner = axis, inner


def convolution(name, input, weights, stride, pad, dilation, depthwise=False):
    n, height, width, depth = input
    kernel = weights[:2] if depthwise else weights[1:3]
    count = depth if depthwise else weights[0]
    size = [(input[1 + d] + pad[2 * d] + pad[2 * d + 1] - (kernel[d] - 1) * dilation[d] - 1) // stride[d] + 1
            for d in (0, 1)]

    def products(at):
        image, h, w, c = at
        for i, j in indices(kernel):
            y, x = h * stride[0] + i * dilation[0] - pad[0], w * stride[1] + j * dilation[1] - pad[2]
            if 0 <= y < height and 0 <= x < width:
                if depthwise:
                    yield (image, y, x, c), (i, j, c, 0)
                else:
                    yield from (((image, y, x, k), (c, i, j, k)) for k in range(depth))

    array = lambda numbers: f"array<i64: {', '.join(map(str, numbers))}>"
    kind = "depthwise_conv2d" if depthwise else "conv2d"
    result = [n, *size, count]
    text = (f"tosa.{kind} %xr, %wr, %b, %zero, %zero {{acc_type = f32, pad = {array(pad)}, stride = {array(stride)},"
            f" dilation = {array(dilation)}}} : ({tensor(input, 'f32')}, {tensor(weights, 'f32')},"
            f" tensor<{count}xf32>, tensor<1xf32>, tensor<1xf32>) -> {tensor(result, 'f32')}")
    return Layer(name, input, weights, result, 2 if depthwise else 0, 2 if depthwise else 3, products, text)


def matmul(rows, depth, columns):
    input, weights, result = [1, rows, depth], [1, depth, columns], [1, rows, columns]
    text = (f"tosa.matmul %xr, %wr, %zero, %zero : ({tensor(input, 'f32')}, {tensor(weights, 'f32')},"
            f" tensor<1xf32>, tensor<1xf32>) -> {tensor(result, 'f32')}")
    return Layer("matmul", input, weights, result, 2, 1,
                 lambda at: (((0, at[1], k), (0, k, at[2])) for k in range(depth)), text)


LAYERS = [
    convolution("conv2d", [1, 5, 6, 3], [4, 3, 2, 3], (2, 1), (1, 1, 0, 1), (1, 2)),
    convolution("depthwise", [1, 5, 5, 5], [3, 3, 5, 1], (1, 2), (1, 0, 2, 0), (1, 1), depthwise=True),
    matmul(3, 11, 4),
    convolution("fully connected", [2, 1, 1, 13], [5, 1, 1, 13], (1, 1), (0, 0, 0, 0), (1, 1)),
]


def factor(real):
    """Multiplier and shift of lowbit.rescale for a positive factor below 2^29."""
    mantissa, exponent = math.frexp(real)
    multiplier = math.floor(Fraction(mantissa) * 2**31 + Fraction(1, 2))
    if multiplier == 2**31:
        multiplier, exponent = 2**30, exponent + 1
    return multiplier, 31 - exponent


def choose_head(name, reals):
    """A format for most of `reals`."""
    top = float(max(abs(x) for x in reals)) or 1.0
    if name == "sign":
        return Planes("sign", [[0.5]])
    if name == "bit x 2":
        return Planes("bit", [[top / 4, top / 2]])
    if name == "powers":
        return Pow2("i4", -6, 0, [top])
    width = int(name[1:])
    zero = {"u8": 117, "i8": -9, "i16": 0}[name]
    return Uniform(name, [(1.8 * top / 2**width, zero)])


def random_weight(rng, w_format):
    """A code that stands for a number."""
    code = w_format.random(rng, rng.random() < 0.2)
    is_float = isinstance(w_format, Block) and not w_format.signed
    return random_weight(rng, w_format) if is_float and math.isnan(minifloat(w_format.element, code)) else code


def sum_groups(layer, size, xs, ws, bias):
    """For each result the f32 that the sums of its groups make, with `size` weights in a
    group along the inner axis. `xs` and `ws` are (step, scale) of each element."""
    result = {}
    for at in indices(layer.result):
        groups = {}
        for i, k in layer.products(at):
            place = tuple(n // size if d == layer.inner else n for d, n in enumerate(k))
            total, _ = groups.get(place, (0, 0))
            groups[place] = total + Fraction(xs[i][0]) * Fraction(ws[k][0]), mul(r32(xs[i][1]), ws[k][1])
        real = 0.0
        for _, (total, scale) in sorted(groups.items()):
            real = add32(real, mul(r32(total), scale))
        result[at] = add32(real, bias[at[-1]])
    return result


def add_weights(rng, w_format, layer):
    """Lines that define %wr, and for each term the (step, scale) of each weight."""
    shape = layer.weights
    codes = {at: random_weight(rng, w_format) for at in indices(shape)}
    signed = [wrap(code, w_format.word) for code in codes.values()]
    coded, real = w_format.tensor(shape), tensor(shape, "f32")
    lines = [f"%w = lowbit.constant dense<{nested(signed, shape)}> : {tensor(shape, f'i{w_format.word}')} as {coded}"]
    if not w_format.parameters:
        channel = lambda at: at[layer.axis] if w_format.axis is not None else 0
        every = {at: w_format.terms(code, channel(at)) for at, code in codes.items()}
        terms = [{at: pairs[t] for at, pairs in every.items()} for t in range(len(next(iter(every.values()))))]
        return [*lines, f"%wr = lowbit.decode %w : {coded} to {real}"], terms
    size, = w_format.parameter_shapes(shape)
    if w_format.parameters == ("i8",):
        numbers = [rng.randint(-4, 0) for _ in indices(size)]
        text = nested(numbers, size)
    else:
        numbers = w_format.numbers(len(list(indices(size)))) if isinstance(w_format, Codebook) else [
            r32(rng.uniform(0.01, 0.2)) for _ in indices(size)]
        text = nested(numbers, size)
    kind = tensor(size, w_format.parameters[0])
    places = dict(zip(indices(size), numbers))
    if isinstance(w_format, Codebook):
        decoded = w_format.decode(codes, shape, [places])
        terms = [{at: (Fraction(x) * 1024, 1 / 1024) for at, x in decoded.items()}]
    elif isinstance(w_format, Affine):
        terms = [{at: (code, places[w_format.place(at)]) for at, code in codes.items()}]
    else:
        place = lambda at: tuple(n // w_format.size if d == w_format.axis else n for d, n in enumerate(at))
        number = (lambda code: code) if w_format.signed else (lambda code: minifloat(w_format.element, code))
        terms = [{at: (number(code), math.ldexp(1.0, places[place(at)])) for at, code in codes.items()}]
    return [*lines, f"%p = arith.constant dense<{text}> : {kind}",
            f"%wr = lowbit.decode %w with %p : {kind} : {coded} to {real}"], terms


def add(cases, rng, weight, activation, layer, head):
    if cases.skips():
        return
    x_format, channels = ACTIVATIONS[activation], layer.weights[layer.axis]
    is_grouped = weight in GROUPED
    w_format = WEIGHTS[weight](layer.inner if is_grouped else layer.axis, channels)
    xs = {at: x_format.random(rng, rng.random() < 0.2) for at in indices(layer.input)}
    x_terms = [{at: x_format.terms(code)[t] for at, code in xs.items()} for t in range(len(x_format.terms(0)))]
    lines, w_terms = add_weights(rng, w_format, layer)
    # The scale of each channel's sums, where these have one.
    single = len(x_terms) == len(w_terms) == 1 and not isinstance(w_format, Codebook) and not is_grouped
    scale_of = {k[0 if layer.axis == 0 else layer.axis]: x_terms[0][i][1] * w_terms[0][k][1]
                for at in indices(layer.result) for i, k in layer.products(at)}
    biased = layer.name != "matmul"
    bias = [rng.randint(-20, 20) if biased else 0 for _ in range(channels)]
    reals = [r32(b * scale_of[c]) for c, b in enumerate(bias)]
    sums, exact = {}, {}
    for at in indices(layer.result):
        pairs = list(layer.products(at))
        sums[at] = bias[at[-1]] + sum(x_terms[0][i][0] * w_terms[0][k][0] for i, k in pairs)
        exact[at] = Fraction(reals[at[-1]]) + sum(
            Fraction(x[i][0]) * Fraction(x[i][1]) * Fraction(w[k][0]) * Fraction(w[k][1])
            for x in x_terms for w in w_terms for i, k in pairs)
    result, slack = choose_head(head, exact.values()), None
    if is_grouped and not stays_in_float(weight, layer.name):
        # Terms of the input are layers of their own; the first one has the bias.
        size = w_format.group if isinstance(w_format, Affine) else w_format.size
        parts = [sum_groups(layer, size, x, w_terms[0], reals if t == 0 else [0.0] * channels)
                 for t, x in enumerate(x_terms)]
        expected = [result.encode(functools.reduce(add32, (part[at] for part in parts))) for at in exact]
    elif not isinstance(result, Uniform):
        expected = [result.encode(real) for real in exact.values()]
    else:
        out, zero = result.pairs[0]
        if single:
            expected = [rescale(total, *factor(scale_of[at[-1]] / out), output_zero=zero,
                                low=result.low, high=result.high) for at, total in sums.items()]
        else:  # on a grid that is fine, but no multiple of the scales
            slack = Fraction(1, 16)
            if isinstance(w_format, FloatCodebook):
                slack += w_format.error * max(
                    sum(abs(Fraction(x[i][0]) * Fraction(x[i][1])) for x in x_terms for i, _ in layer.products(at))
                    for at in exact) / Fraction(out)
            expected = [clamp(real / Fraction(out) + zero, result.low, result.high) for real in exact.values()]
    lines += [f"%xr = lowbit.decode %0 : {x_format.tensor(layer.input)} to {tensor(layer.input, 'f32')}", ZERO]
    if biased:
        numbers = ", ".join(map(literal, reals))
        lines.append(f'%b = "tosa.const"() {{values = dense<[{numbers}]> : tensor<{channels}xf32>}}'
                     f" : () -> tensor<{channels}xf32>")
    lines += [f"%m = {layer.text}",
              f"%q = lowbit.encode %m : {tensor(layer.result, 'f32')} to {result.tensor(layer.result)}",
              *words_of("%q", result, layer.result)]
    cases.add(f"{weight} weights, {activation}, {layer.name}, {head}", [(list(xs.values()), layer.input, x_format)],
              lines, layer.result, I32, expected, slack=slack)


def nested(values, shape):
    if len(shape) == 1:
        return str(values)
    size = len(values) // shape[0]
    return "[" + ", ".join(nested(values[i * size:(i + 1) * size], shape[1:]) for i in range(shape[0])) + "]"


def stays_in_float(weight, layer):
    """The reason with which -lowbit-integerize leaves a layer in float, if it does."""
    if weight in GROUPED and layer == "depthwise":
        return "its weights have a scale for each of their products"
    return None


def check_floats(cases, reasons):
    """What is wrong with the reasons that are given for `cases`, or nothing."""
    done = subprocess.run(["lowbit-opt", "-lowbit-integerize"], input=cases.module(), capture_output=True, text=True)
    if done.returncode:
        return done.stderr[-4000:]
    for number, body in re.findall(r"func.func private @f(\d+)\((.*?)\n  }\n", done.stdout, re.S):
        name, expected = cases.expected[int(number)][0], reasons[int(number)]
        found = re.findall(r'lowbit.reason = "(.*?)"', body)
        if found != [expected]:
            return f"{name}: expected the reason {expected!r}, got {found}"
    return ""


def main():
    arguments = parse_arguments(__doc__)
    rng, heads = random.Random(arguments.seed), itertools.cycle(HEADS)
    integers, floats, reasons = Cases(arguments.every), Cases(), []
    for weight, activation, layer in itertools.product(WEIGHTS, ACTIVATIONS, LAYERS):
        head = next(heads)
        reason = stays_in_float(weight, layer.name)
        add(floats if reason else integers, rng, weight, activation, layer, head)
        if reason:
            reasons.append(reason)
    complaint = "" if arguments.emit else check_floats(floats, reasons)
    if complaint:
        print(complaint)
        return 1
    print(f"{len(reasons)} layers stay in float")
    return integers.check(arguments)


sys.exit(main())
