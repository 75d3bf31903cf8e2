# Contractions of all kinds on buffers, with data and what they must give.

import ctypes
import zlib

import numpy as np


def words(rng, shape, low, high, dtype):
    """Random words, with the extremes among them."""
    data = rng.integers(low, high, shape, dtype=np.int64, endpoint=True)
    flat = data.reshape(-1)
    flat[:: max(1, flat.size // 7)] = low
    flat[1 :: max(1, flat.size // 5)] = high
    return data.astype(dtype)


def rescale(value, multiplier, shift, least, most):
    product = value.astype(np.int64) * multiplier + (np.int64(1) << (shift - 1).astype(np.int64))
    return np.clip(product >> shift, least, most)


# Epilogues of groups, whose results are added up in f32.
GROUPED = "groups", "zeros"


class Case:
    """A contraction: maps over `loops`, whose sizes are `sizes`; the last map is the
    result's. `kind` names the epilogue, `constant` says whether rhs is a constant."""

    def __init__(self, name, loops, sizes, lhs, rhs, out, lhs_shape, lhs_range=(0, 255),
                 rhs_range=(-128, 127), kind="plain", constant=True, product=None,
                 lhs_word=None):
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        self.name, self.loops, self.sizes, self.kind = name, loops, sizes, kind
        self.maps = [lhs, rhs, out]
        self.constant, self.product = constant, product
        self.lhs_word = lhs_word = lhs_word or ("i64" if product else "i8")
        size = dict(zip(loops, sizes))
        self.out_shape = [size[d] for d in out]
        self.rhs_shape = [size[d] for d in rhs]
        self.lane = out[-1]
        self.lanes = size[self.lane]
        if product:
            dtype, most = (np.int8, 127) if lhs_word == "i8" else (np.int64, 2**63 - 1)
            self.x = words(rng, lhs_shape, -most - 1, most, dtype)
            self.w = words(rng, self.rhs_shape, -most - 1, most, dtype)
            self.formats = [lhs_word, lhs_word]
        else:
            dtype = np.int16 if lhs_word == "i16" else np.int8
            self.x = words(rng, lhs_shape, *lhs_range, np.int64).astype(dtype)
            self.w = words(rng, self.rhs_shape, *rhs_range, np.int64).astype(np.int8)
            signed = lhs_range[0] < 0
            narrow = -8 <= lhs_range[0] and lhs_range[1] <= (7 if signed else 15)
            self.formats = [
                f"!quant.any<{'i' if signed else 'u'}{4 if narrow else lhs_word[1:]}:f32>",
                "!quant.any<i8:f32>" if rhs_range[0] < 0 else "!quant.any<u8:f32>",
            ]
            self.unsigned = [not signed, rhs_range[0] >= 0]
        self.bias = words(rng, [self.lanes], -1000, 1000, np.int32)
        self.multiplier = words(rng, [self.lanes], 1 << 30, (1 << 31) - 1, np.int32)
        self.shift = words(rng, [self.lanes], 36, 42, np.int32)
        self.residual = words(rng, self.out_shape, 0, 255, np.int64).astype(np.int8)
        self.out_type = {"plain": "i32", "real": "f32", "groups": "f32", "zeros": "f32"}.get(kind, "i8")
        if kind in GROUPED:
            shape = [size["g"], self.lanes]
            self.bias = words(rng, shape, -1000, 1000, np.int32)
            self.scale = (rng.integers(-1000, 1000, shape) / 1e4).astype(np.float32)
            self.zeros = words(rng, [size["m"]], -128, 127, np.int32)

    def affine_map(self, dims):
        return (f"affine_map<({', '.join(self.loops)}) -> ({', '.join(dims)})>")

    def operands(self):
        """Name, type and value of each argument of the function."""
        def memref(shape, word):
            return f"memref<{'x'.join(map(str, shape))}x{word}>"
        word = self.lhs_word if self.product else "i8"
        result = [("%x", memref(self.x.shape, self.lhs_word), self.x)]
        if not self.constant:
            result.append(("%w", memref(self.w.shape, word), self.w))
        if self.kind in ("codes", "residual", "real", "bits", *GROUPED):
            result.append(("%b", memref(self.bias.shape, "i32"), self.bias))
        if self.kind in ("codes", "residual"):
            result.append(("%m", memref(self.multiplier.shape, "i32"), self.multiplier))
            result.append(("%s", memref(self.shift.shape, "i32"), self.shift))
        if self.kind in GROUPED:
            result.append(("%f", memref(self.scale.shape, "f32"), self.scale))
        if self.kind == "zeros":
            result.append(("%z", memref(self.zeros.shape, "i32"), self.zeros))
        if self.kind == "residual":
            result.append(("%r", memref(self.out_shape, "i8"), self.residual))
        dtype = {"i32": np.int32, "i8": np.int8, "f32": np.float32}[self.out_type]
        shape = list(self.out_shape)
        if self.kind == "bits":
            shape[-1] = -(-shape[-1] // 8)
        result.append(("%y", memref(shape, self.out_type), np.full(shape, 77, dtype)))
        return result

    def mlir(self, function="main"):
        """A function called `function` that computes it."""
        operands = self.operands()
        types = {name: type for name, type, _ in operands}
        word = self.lhs_word if self.product else "i8"
        types["%w"] = f"memref<{'x'.join(map(str, self.w.shape))}x{word}>"
        epilogue = [n for n in ("%b", "%m", "%s", "%f", "%z", "%r") if n in types]
        along = [self.lane] if self.kind not in GROUPED else ["g", self.lane]
        places = {"%r": self.maps[2], "%z": ["m"]}
        maps = [self.affine_map(self.maps[0]), self.affine_map(self.maps[1])]
        formats = list(self.formats)
        for name in epilogue:
            maps.append(self.affine_map(places.get(name, along)))
            formats.append({"%r": "!quant.any<u8:f32>", "%f": "f32"}.get(name, "i32"))
        maps.append(self.affine_map(self.maps[2]))
        formats.append("!quant.any<u8:f32>" if self.out_type == "i8" else self.out_type)
        attributes = f"formats = [{', '.join(formats)}]"
        if self.product:
            attributes += f", product = #lowbit.product<{self.product}>"
        if self.kind == "bits":
            attributes += ", packs"
        body = {
            "plain": "lowbit.yield %acc : i32",
            "codes": """%0 = arith.addi %acc, %b0 : i32
    %1 = lowbit.rescale %0, %m0, %s0 {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %1 : i32""",
            "residual": """%0 = arith.addi %acc, %b0 : i32
    %1 = lowbit.rescale %0, %m0, %s0 {min = -256 : i32, max = 255 : i32} : i32, i32 to i32
    %2 = arith.addi %1, %r0 : i32
    %zero = arith.constant 0 : i32
    %most = arith.constant 255 : i32
    %3 = arith.maxsi %2, %zero : i32
    %4 = arith.minsi %3, %most : i32
    lowbit.yield %4 : i32""",
            "bits": """%0 = arith.cmpi sge, %acc, %b0 : i32
    %1 = arith.extui %0 : i1 to i32
    lowbit.yield %1 : i32""",
            "real": """%0 = arith.addi %acc, %b0 : i32
    %1 = arith.sitofp %0 : i32 to f32
    %scale = arith.constant 0.123 : f32
    %2 = arith.mulf %1, %scale : f32
    lowbit.yield %2 : f32""",
            "groups": """%0 = arith.addi %acc, %b0 : i32
    %1 = arith.sitofp %0 : i32 to f32
    %2 = arith.mulf %1, %f0 : f32
    lowbit.yield %2 : f32""",
            "zeros": """%0 = arith.muli %b0, %z0 : i32
    %1 = arith.addi %acc, %0 : i32
    %2 = arith.sitofp %1 : i32 to f32
    %3 = arith.mulf %2, %f0 : f32
    lowbit.yield %3 : f32""",
        }[self.kind]
        arguments = ", ".join(["%acc: i32"] + [f"{n}0: {'f32' if n == '%f' else 'i32'}" for n in epilogue])
        text = ""
        if self.constant:
            splat = (self.w == self.w.reshape(-1)[0]).all()
            data = self.w.reshape(-1)[0] if splat else f'"0x{self.w.tobytes().hex().upper()}"'
            text += f'memref.global "private" constant @w_{function} : {types["%w"]} = dense<{data}>\n'
        text += f"func.func @{function}({', '.join(f'{n}: {t}' for n, t, _ in operands)}) {{\n"
        if self.constant:
            text += f"  %w = memref.get_global @w_{function} : {types['%w']}\n"
        clause = ""
        if epilogue:
            clause = f" epilogue({', '.join(epilogue)} : {', '.join(types[n] for n in epilogue)})"
        text += f"""  lowbit.contract ins(%x, %w : {types['%x']}, {types['%w']}){clause}
    outs(%y : {types['%y']}) maps [{', '.join(maps)}]
    attributes {{{attributes}}} {{
  ^bb0({arguments}):
    {body}
  }}
  return
}}
"""
        return text

    def expected(self):
        if self.kind in GROUPED:
            return self.expected_groups()
        size = dict(zip(self.loops, self.sizes))
        reduction = [d for d in self.loops if d not in self.maps[2]]
        order = list(self.maps[2]) + reduction
        grids = dict(zip(order, np.ix_(*[np.arange(size[d]) for d in order])))
        def gather(data, dims):
            index = []
            for expr in dims:
                index.append(eval(expr, {}, grids))
            return data[tuple(index)]
        x, w = gather(self.x, self.maps[0]), gather(self.w, self.maps[1])
        if self.product:
            bits = (x ^ w) if self.product == "xor_popcount" else (x & w)
            terms = sum((bits >> b) & 1 for b in range(8 * bits.dtype.itemsize)).astype(np.int64)
        else:
            mask = 0xFFFF if self.lhs_word == "i16" else 0xFF
            if self.unsigned[0]:
                x = x.astype(np.int64) & mask
            if self.unsigned[1]:
                w = w.astype(np.int64) & 0xFF
            terms = x.astype(np.int64) * w.astype(np.int64)
        terms = np.broadcast_to(terms, [size[d] for d in order])
        acc = terms.sum(axis=tuple(range(len(self.maps[2]), len(order)))).astype(np.int32)
        if self.kind == "plain":
            return acc
        if self.kind == "bits":
            return np.packbits(acc >= self.bias, axis=-1, bitorder="little").view(np.int8)
        acc = (acc + self.bias).astype(np.int32)
        if self.kind == "real":
            return acc.astype(np.float32) * np.float32(0.123)
        if self.kind == "codes":
            return rescale(acc, self.multiplier.astype(np.int64), self.shift, 0, 255).astype(np.uint8).view(np.int8)
        code = rescale(acc, self.multiplier.astype(np.int64), self.shift, -256, 255)
        code = code + self.residual.view(np.uint8)
        return np.clip(code, 0, 255).astype(np.uint8).view(np.int8)

    def expected_groups(self):
        x, w = (a.astype(np.int64) & 0xFF if u else a.astype(np.int64)
                for a, u in zip((self.x, self.w), self.unsigned))
        sums = np.einsum("mgk,ngk->gmn", x, w).astype(np.int32)
        total = np.zeros(self.out_shape, np.float32)
        for number, (bias, scale) in enumerate(zip(self.bias, self.scale)):
            factor = self.zeros[:, None] if self.kind == "zeros" else 1
            total += (sums[number] + bias * factor).astype(np.int32).astype(np.float32) * scale
        return total

    def check(self, main, announce=lambda arguments: None):
        """Runs `main` on the operands, which it may be told of; says whether it gave
        what it must."""
        arguments = [np.ascontiguousarray(value) for _, _, value in self.operands()]
        announce(arguments)
        main(*[ctypes.c_void_p(a.ctypes.data) for a in arguments])
        return np.array_equal(arguments[-1], self.expected())


def matmul(m, n, k, name=None, **options):
    return Case(name or f"matmul {m}x{n}x{k}", "mnk", [m, n, k], ["m", "k"], ["n", "k"], ["m", "n"], [m, k], **options)


def batched(b, m, n, k, **options):
    return Case(f"batch {b}x{m}x{n}x{k}", "bmnk", [b, m, n, k], ["b", "m", "k"], ["b", "n", "k"], ["b", "m", "n"],
                [b, m, k], **options)


def grouped(m, g, n, k, kind="groups", **options):
    """A product whose weights have `g` groups of `k` terms."""
    return Case(f"groups {m}x{g}x{n}x{k}", "mgnk", [m, g, n, k], ["m", "g", "k"], ["n", "g", "k"], ["m", "n"],
                [m, g, k], kind=kind, **options)


def conv(n, oh, ow, oc, kh, kw, ic, stride=1, **options):
    loops = ["n", "oh", "ow", "oc", "kh", "kw", "ic"]
    return Case(f"conv {oh}x{ow}x{oc} {kh}x{kw}x{ic}/{stride}", loops, [n, oh, ow, oc, kh, kw, ic],
                ["n", f"oh * {stride} + kh", f"ow * {stride} + kw", "ic"], ["oc", "kh", "kw", "ic"],
                ["n", "oh", "ow", "oc"],
                [n, (oh - 1) * stride + kh, (ow - 1) * stride + kw, ic], **options)


def depthwise(n, oh, ow, c, kh, kw, stride=1, **options):
    loops = ["n", "oh", "ow", "c", "kh", "kw"]
    return Case(f"depthwise {oh}x{ow}x{c} {kh}x{kw}/{stride}", loops, [n, oh, ow, c, kh, kw],
                ["n", f"oh * {stride} + kh", f"ow * {stride} + kw", "c"], ["kh", "kw", "c"],
                ["n", "oh", "ow", "c"],
                [n, (oh - 1) * stride + kh, (ow - 1) * stride + kw, c], **options)
