"""Encoded networks through -lowbit-integerize, compared with real numbers; see
network.py."""

import itertools
import math
import random
import sys
from fractions import Fraction

from execution import Cases, Format, clamp, f32, parse_arguments, tensor
from network import (I8, I8N, I16, INPUTS, TINY, U4, U8, Network, array, decode, indices, magnitude, real_of,
                     shape_constant, tosa_constant)


def bias_values(rng, count, scale):
    return [f32(Fraction(rng.uniform(-2000, 2000)) * scale) for _ in range(count)]


def add_conv(cases, rng, number, input, kernel, channels, stride=(1, 1), dilation=(1, 1), pad=(0, 0, 0, 0),
             kind="conv2d", groups=1):
    """`channels` is the number of them, or the multiplier of a depthwise one."""
    net = Network(cases, rng, f"{kind} {input} {kernel} {channels} {stride} {dilation} {pad} {groups}")
    from_, weight = INPUTS[number % 4], (I8N, I8N, Format("i4", 0.25))[number % 3]
    x, xs = net.input(input, from_)
    depthwise = kind == "depthwise_conv2d"
    depth = input[3] // groups
    shape = [*kernel, input[3], channels] if depthwise else [channels, *kernel, depth]
    w, ws, scales = net.weights(shape, None if number % 5 == 4 else 2 if depthwise else 0, weight)
    steps = [s * Fraction(from_.scale) for s in scales]
    count = input[3] * channels if depthwise else channels
    one = number % 7 == 6 and kind != "grouped_conv2d"
    bias = bias_values(rng, 1 if one else count, steps[0])
    net.lines.append(tosa_constant("%b", bias, [len(bias)]))
    size = [(input[1 + d] + pad[2 * d] + pad[2 * d + 1] - (kernel[d] - 1) * dilation[d] - 1) // stride[d] + 1
            for d in (0, 1)]
    result, reals = [input[0], *size, count], {}
    for n, h, w_, c in indices(result):
        total = Fraction(bias[c % len(bias)] if len(bias) > 1 else bias[0])
        for i, j in indices(kernel):
            at = h * stride[0] + i * dilation[0] - pad[0], w_ * stride[1] + j * dilation[1] - pad[2]
            if not (0 <= at[0] < input[1] and 0 <= at[1] < input[2]):
                continue
            if depthwise:
                total += xs[(n, *at, c // channels)] * ws[i, j, c // channels, c % channels]
            else:
                first = c * groups // channels * depth
                total += sum(xs[(n, *at, first + k)] * ws[c, i, j, k] for k in range(depth))
        reals[n, h, w_, c] = total
    types = [tensor(input, "f32"), tensor(shape, "f32"), tensor([len(bias)], "f32"), "tensor<1xf32>", "tensor<1xf32>"]
    window = f"pad = {array(pad)}, stride = {array(stride)}, dilation = {array(dilation)}"
    if kind == "grouped_conv2d":
        net.define(f"lowbit.grouped_conv2d {x}, {w}, %b {{{window}, groups = {groups} : i64}}"
                   f" : {', '.join(types[:3])}", result, reals, " to ")
        return net.finish_layer(("u8", "i8", "i16", "u4")[number % 4], number, steps)
    net.define(f"tosa.{kind} {x}, {w}, %b, %zero, %zero {{acc_type = f32, {window}}}"
               f" : ({', '.join(types)})", result, reals)
    net.finish_layer(("u8", "i8", "i16", "u4")[number % 4], number, steps)


def add_matmul(cases, rng, number, b, m, n, k):
    net = Network(cases, rng, f"matmul {b} {m} {n} {k}")
    from_ = INPUTS[number % 4]
    x, xs = net.input([b, m, k], from_)
    w, ws, scales = net.weights([b, k, n], 2 if number % 2 else None, I8N)
    reals = {(i, r, c): sum(xs[i, r, t] * ws[i, t, c] for t in range(k)) for i, r, c in indices([b, m, n])}
    types = f"({tensor([b, m, k], 'f32')}, {tensor([b, k, n], 'f32')}, tensor<1xf32>, tensor<1xf32>)"
    net.define(f"tosa.matmul {x}, {w}, %zero, %zero : {types}", [b, m, n], reals)
    net.finish_layer(("i8", "u8", "i16")[number % 3], number, [s * Fraction(from_.scale) for s in scales])


def add_sum(cases, rng, left, right, storage, clamped):
    net = Network(cases, rng, f"add {left} {right} {storage}")
    shape = [3, 17]
    (a, xs), (b, ys) = net.input(shape, left), net.input(shape, right)
    kind = tensor(shape, "f32")
    net.define(f"tosa.add {a}, {b} : ({kind}, {kind})", shape, {at: xs[at] + ys[at] for at in xs})
    if clamped:
        net.clamp(Fraction(-1, 3), Fraction(3, 2))
    grid = max(magnitude(left), magnitude(right)) / 2**28
    net.finish(storage, lambda format: TINY + 2 * grid / Fraction(format.scale))


def add_concat(cases, rng, formats, storage):
    net = Network(cases, rng, f"concat {[str(f) for f in formats]}")
    parts = [net.input([2, i + 1, 3], format) for i, format in enumerate(formats)]
    reals, offset = {}, 0
    for i, (_, xs) in enumerate(parts):
        reals |= {(a, b + offset, c): x for (a, b, c), x in xs.items()}
        offset += i + 1
    types = ", ".join(tensor([2, i + 1, 3], "f32") for i in range(len(parts)))
    net.define(f"tosa.concat {', '.join(name for name, _ in parts)} {{axis = 1 : i32}} : ({types})",
               [2, offset, 3], reals)
    net.finish(storage, format=formats[0] if storage is None else None)


def add_avg_pool(cases, rng, from_, storage, input, kernel, stride, pad):
    net = Network(cases, rng, f"avg_pool2d {input} {kernel} {stride} {pad}")
    x, xs = net.input(input, from_)
    size = [(input[1 + d] + pad[2 * d] + pad[2 * d + 1] - kernel[d]) // stride[d] + 1 for d in (0, 1)]
    result, reals = [input[0], *size, input[3]], {}
    for n, h, w, c in indices(result):
        window = [(n, h * stride[0] + i - pad[0], w * stride[1] + j - pad[2], c) for i, j in indices(kernel)]
        inside = [xs[at] for at in window if at in xs]
        reals[n, h, w, c] = sum(inside) / len(inside)
    net.define(f"tosa.avg_pool2d {x}, %zero, %zero {{kernel = {array(kernel)}, stride = {array(stride)},"
               f" pad = {array(pad)}, acc_type = f32}} : ({tensor(input, 'f32')}, tensor<1xf32>, tensor<1xf32>)",
               result, reals)
    net.finish(storage)


def add_movement(cases, rng, from_, storage):
    """reshape, transpose, pad, max_pool2d and slice, one after the other."""
    net = Network(cases, rng, f"movement {from_} {storage}")
    x, xs = net.input([2, 60], from_)
    net.lines += [shape_constant("%to", [2, 3, 4, 5]), shape_constant("%pad", [0, 0, 1, 1, 0, 1, 0, 0]),
                  shape_constant("%start", [1, 1, 0, 1]), shape_constant("%size", [1, 2, 2, 2])]
    types = "(tensor<2x60xf32>, !tosa.shape<4>)"
    net.define(f"tosa.reshape {x}, %to : {types}", [2, 3, 4, 5],
               {at: xs[at[0], at[1] * 20 + at[2] * 5 + at[3]] for at in indices([2, 3, 4, 5])})
    before = net.reals
    net.define(f"tosa.transpose {net.current} {{perms = array<i32: 0, 2, 3, 1>}} : (tensor<2x3x4x5xf32>)",
               [2, 4, 5, 3], {(n, h, w, c): before[n, c, h, w] for n, h, w, c in indices([2, 4, 5, 3])})
    before = net.reals
    net.define(f"tosa.pad {net.current}, %pad, %zero : (tensor<2x4x5x3xf32>, !tosa.shape<8>, tensor<1xf32>)",
               [2, 6, 6, 3], {(n, h, w, c): before.get((n, h - 1, w, c), Fraction(0))
                              for n, h, w, c in indices([2, 6, 6, 3])})
    before = net.reals
    net.define(f"tosa.max_pool2d {net.current} {{kernel = {array([2, 3])}, stride = {array([2, 1])},"
               f" pad = {array([0, 0, 1, 0])}}} : (tensor<2x6x6x3xf32>)", [2, 3, 5, 3],
               {(n, h, w, c): max(before[n, 2 * h + i, w + j - 1, c] for i, j in indices([2, 3]) if w + j >= 1)
                for n, h, w, c in indices([2, 3, 5, 3])})
    before = net.reals
    net.define(f"tosa.slice {net.current}, %start, %size : (tensor<2x3x5x3xf32>, !tosa.shape<4>, !tosa.shape<4>)",
               [1, 2, 2, 2], {(n, h, w, c): before[n + 1, h + 1, w, c + 1] for n, h, w, c in indices([1, 2, 2, 2])})
    net.finish(storage)


FUNCTIONS = {
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)), "tanh": math.tanh, "erf": math.erf, "exp": math.exp,
    "log": lambda x: math.log(x) if x > 0 else -math.inf if x == 0 else math.nan,
    "abs": abs, "ceil": math.ceil, "floor": math.floor, "sin": math.sin, "cos": math.cos,
    "reciprocal": lambda x: 1 / x if x else math.inf,
    "rsqrt": lambda x: 1 / math.sqrt(x) if x > 0 else math.inf if x == 0 else math.nan}


def add_function(cases, rng, names, from_, format):
    """All codes of `from_` through a chain of functions."""
    net = Network(cases, rng, f"{names} {from_} {format}")
    codes = list(range(from_.low, from_.high + 1))
    shape = [len(codes)]
    net.arguments.append((codes, shape, from_))
    net.lines.append(decode("%0", "%x", shape, from_))
    net.current, kind, reals = "%x", tensor(shape, "f32"), []
    for name in names:
        net.define(f"tosa.{name} {net.current} : ({kind})", shape, {})
    for code in codes:
        x = float(real_of(code, from_))
        for name in names:
            x = x if math.isnan(x) else FUNCTIONS[name](x)
        # NaN is encoded as zero; infinities saturate.
        x = 0.0 if math.isnan(x) else clamp(x, -1e9, 1e9)
        reals.append(Fraction(x))
    net.reals = {(i,): x for i, x in enumerate(reals)}
    net.finish(None, format=format)


def add_softmax(cases, rng, from_, shape, format):
    net = Network(cases, rng, f"softmax {from_} {shape} {format}")
    x, xs = net.input(shape, from_)
    reals = {}
    for row in indices(shape[:-1]):
        values = [float(xs[row + (i,)]) for i in range(shape[-1])]
        powers = [math.exp(v - max(values)) for v in values]
        reals |= {row + (i,): Fraction(p / math.fsum(powers)) for i, p in enumerate(powers)}
    kind = tensor(shape, "f32")
    net.current = "%s"
    net.lines.append(f"%s = lowbit.softmax {x} {{axis = {len(shape) - 1} : i64}} : {kind}")
    net.shape, net.reals = shape, reals
    # Each power is off by at most 2^-29 of the largest.
    net.finish(None, Fraction(shape[-1] + 1, 2**29) / Fraction(format.scale), format)


def main():
    arguments = parse_arguments(__doc__)
    rng, cases = random.Random(arguments.seed), Cases()
    convs = [dict(input=[1, 6, 6, 3], kernel=[3, 3], channels=5, pad=(1, 1, 1, 1)),
             dict(input=[2, 5, 7, 4], kernel=[3, 3], channels=6, stride=(2, 2), pad=(1, 1, 1, 1)),
             dict(input=[1, 7, 8, 2], kernel=[3, 2], channels=3, dilation=(2, 3), pad=(2, 1, 0, 3)),
             dict(input=[1, 4, 4, 9], kernel=[1, 1], channels=7),
             dict(input=[13, 1, 1, 40], kernel=[1, 1], channels=10),
             dict(input=[1, 7, 7, 2], kernel=[1, 5], channels=4, stride=(3, 1), pad=(0, 0, 2, 2)),
             dict(input=[1, 5, 5, 6], kernel=[5, 5], channels=3)]
    depthwise = [dict(input=[1, 6, 6, 5], kernel=[3, 3], channels=1, pad=(1, 1, 1, 1)),
                 dict(input=[2, 6, 6, 3], kernel=[3, 3], channels=2, stride=(2, 1), pad=(0, 1, 1, 1)),
                 dict(input=[1, 5, 5, 9], kernel=[2, 3], channels=1, dilation=(2, 1), pad=(1, 1, 1, 1)),
                 dict(input=[1, 5, 5, 2], kernel=[3, 3], channels=3)]
    for number in range(4 * len(convs)):
        add_conv(cases, rng, number, **convs[(number + number // 12) % len(convs)])
    for number in range(3 * 4 * len(depthwise) // 2):
        add_conv(cases, rng, number, **depthwise[(number // 3) % len(depthwise)], kind="depthwise_conv2d")
    grouped = [dict(input=[1, 6, 6, 6], kernel=[3, 3], channels=4, groups=2, pad=(1, 1, 1, 1)),
               dict(input=[2, 5, 7, 9], kernel=[1, 2], channels=6, groups=3, stride=(2, 1), dilation=(1, 3)),
               dict(input=[1, 4, 4, 40], kernel=[1, 1], channels=36, groups=2),
               dict(input=[1, 5, 5, 5], kernel=[3, 3], channels=10, groups=5, pad=(1, 1, 1, 1))]
    for number in range(3 * len(grouped)):
        add_conv(cases, rng, number, **grouped[(number + number // 4) % len(grouped)], kind="grouped_conv2d")
    for number in range(12):
        add_matmul(cases, rng, number, *((1, 5, 7, 20), (3, 4, 5, 8))[number // 3 % 2])
    for number, (left, right) in enumerate(itertools.product((U8, I8N, I16), repeat=2)):
        add_sum(cases, rng, left, right, ("u8", "i8", "i16")[number % 3], number % 2 == 0)
    for formats, storage in (((U8, U8), None), ((U8, I8, U4), "u8"), ((I8N, I16), "i8"), ((U8, I16, U8), None)):
        add_concat(cases, rng, formats, storage)
    for from_, storage in ((U8, "u8"), (I8, "i16"), (I16, "i8")):
        add_avg_pool(cases, rng, from_, storage, [1, 6, 6, 3], [2, 2], [2, 2], [0, 0, 0, 0])
        add_avg_pool(cases, rng, from_, storage, [2, 7, 5, 3], [3, 3], [2, 2], [1, 1, 1, 1])
        add_avg_pool(cases, rng, from_, storage, [1, 7, 7, 5], [7, 7], [1, 1], [0, 0, 0, 0])
        add_movement(cases, rng, from_, storage)
    for name in FUNCTIONS:
        add_function(cases, rng, [name], U8, Format("u8", 0.02, 100))
        add_function(cases, rng, [name], I8, Format("i8", 0.03, 5))
    add_function(cases, rng, ["exp", "reciprocal"], I8N, Format("i16", 0.001))
    add_function(cases, rng, ["abs", "log", "tanh", "exp"], U4, Format("u8", 0.02, 3))
    u16, probability = Format("u16", 2.0**-16), Format("u8", 1 / 256)
    for from_, format in itertools.product((U8, I8N, I16), (u16, probability)):
        add_softmax(cases, rng, from_, [3, 10], format)
        add_softmax(cases, rng, from_, [1, 2, 100], format)
    return cases.check(arguments)


sys.exit(main())
