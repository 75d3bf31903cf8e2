//===- LowbitCodeOps.td - Crossing between real numbers and codes -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CODE_OPS_TD
#define LOWBIT_CODE_OPS_TD

include "lowbit/IR/LowbitBase.td"
include "lowbit/IR/LowbitAttrs.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

/// A tensor whose elements are codes of a number format.
def Lowbit_IsCoded : CPred<"::mlir::lowbit::isCodeFormat(::mlir::cast<::mlir::RankedTensorType>($_self).getElementType())">;
def Lowbit_CodedTensor : Type<And<[CPred<"::mlir::isa<::mlir::RankedTensorType>($_self)">, Lowbit_IsCoded]>,
                              "tensor of codes", "::mlir::RankedTensorType">;

def Lowbit_ObserveOp : Lowbit_Op<"observe", [Pure, SameOperandsAndResultType]> {
  let summary = "marks a value that is to get a format";
  let description = [{
    The identity on real numbers. `-lowbit-observe` inserts it,
    `-lowbit-calibrate` fills in `stats`, `-lowbit-assign` fills in `format`
    (the element type of the codes) or `reason` (why the value stays in
    float), `-lowbit-encode` replaces it.

    `name` is unique in the module; it is the key of saved statistics.

    An observation of a layer's weights may have more: `channels`, what the
    layer reads, also by calibration, and one of `balanced` and `seed`, set by
    `-lowbit-assign`: weights are not rounded each to its nearest code, but so that
    their errors cancel, or at random (see `-lowbit-encode`).

    Constraints: (C1) `format`, where present, is a format of f32 numbers without
    parameters, or, but for weights, one of `lowbit.encode_dynamic`. (C2) `format` and `reason` exclude each other.
    (C3) `channels`, `balanced` and `seed` are for the role `weight`.
    (C4) `balanced` and `seed` exclude each other, and `seed` is from 0 to 2^32 - 1.

    Example:
    ```mlir
    %y = lowbit.observe %x {name = "conv1", role = #lowbit.role<activation>} : tensor<1x8x8x16xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input, StrAttr:$name,
                       Lowbit_RoleAttr:$role, OptionalAttr<Lowbit_StatsAttr>:$stats,
                       OptionalAttr<TypeAttr>:$format, OptionalAttr<StrAttr>:$reason,
                       OptionalAttr<Lowbit_ChannelsAttr>:$channels, UnitAttr:$balanced,
                       OptionalAttr<I64Attr>:$seed);
  let results = (outs RankedTensorOf<[F32]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Lowbit_EncodeOp : Lowbit_Op<"encode", [Pure]> {
  let summary = "real numbers to codes";
  let description = [{
    With scale `s` and zero point `z` of the result's format (those of the
    element's channel where the format is per axis), `r = f32(1 / s)`, and the
    storage range `[lo, hi]`:

    ```
    t = round(x * r) + z                       scaling = multiply
    t = round(x / f32(s)) + z                  scaling = divide
    t = round(x / f32(s) + f32(z))             scaling = divide_shift
    code = clamp(t, lo, hi)                    saturation = saturate
    code = low bits of t                       saturation = wrap
    ```

    Each operation inside of `round` is one in f32, what is outside is exact;
    `rounding` names `round`. NaN becomes `z`, the code of zero; infinities
    saturate. `wrap` is defined for `|t| < 2^31` only.

    The rounding `stochastic` takes a random word for each element:

    ```
    round(v) = floor(v) + (u < v - floor(v) ? 1 : 0),   u = (word >> 8) / 2^24
    word = word i mod 4 of Philox4x32-10(key = (seed, tensor_id), counter = i / 4)
    ```

    `i` is the element's number in row-major order, and `v - floor(v)` one f32
    operation. So `v` is rounded up with a probability less than 2^-24 from its
    fraction, and the result depends on nothing but the operands: not on tiles, nor
    on threads.

    Formats that are not affine count thresholds, and so do affine ones where
    `thresholds` are given:

    ```
    rank = #{ i : x >= thresholds[i] }          NaN: the rank of 0
    code = codes[rank]
    ```

    Without `codes` these are the format's codes in the order of their numbers,
    and without `thresholds` the midpoints between these, so that the code is the
    nearest one, the greater number at a tie; both are those of the element's
    channel where the format is per axis.

    Constraints: (C1) the shapes agree. (C2) the result's format expresses f32.
    (C3) the result's format has no parameters, and an axis of the tensor with one
    scale for each index where it has one. (C4) where thresholds are counted, the
    format has at most 8 bits, and `rounding`, `saturation` and `scaling` are not
    given. (C5) `thresholds` ascend, and are one fewer than the codes.
    (C6) `codes`, only beside `thresholds`, are codes of the format.
    (C7) `seed` and `tensor_id`, from 0 to 2^32 - 1, are there for the rounding
    `stochastic` only.

    Example:
    ```mlir
    %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!quant.uniform<u8:f32, 0.5:3>>
    // The sign: 0 and above are +0.5.
    %b = lowbit.encode %x : tensor<4xf32> to tensor<4x!lowbit.planes<sign x 1, [0.5]>>
    // The first level for everything above 0 (HWGQ).
    %h = lowbit.encode %x {thresholds = array<f32: 1.4e-45, 0.807, 1.345>}
         : tensor<4xf32> to tensor<4x!quant.uniform<u2:f32, 0.538>>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input,
                       DefaultValuedAttr<Lowbit_RoundingAttr, "::mlir::lowbit::Rounding::NearestEven">:$rounding,
                       DefaultValuedAttr<Lowbit_SaturationAttr, "::mlir::lowbit::Saturation::Saturate">:$saturation,
                       DefaultValuedAttr<Lowbit_ScalingAttr, "::mlir::lowbit::Scaling::Multiply">:$scaling,
                       OptionalAttr<DenseF32ArrayAttr>:$thresholds,
                       OptionalAttr<DenseI64ArrayAttr>:$codes,
                       OptionalAttr<I64Attr>:$seed, OptionalAttr<I64Attr>:$tensor_id);
  let results = (outs Lowbit_CodedTensor:$result);
  let builders = [
    OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$input,
                   CArg<"::mlir::lowbit::Rounding", "::mlir::lowbit::Rounding::NearestEven">:$rounding,
                   CArg<"::mlir::lowbit::Saturation", "::mlir::lowbit::Saturation::Saturate">:$saturation,
                   CArg<"::mlir::lowbit::Scaling", "::mlir::lowbit::Scaling::Multiply">:$scaling), [{
      build($_builder, $_state, result, input, rounding, saturation, scaling,
            /*thresholds=*/nullptr, /*codes=*/nullptr, /*seed=*/nullptr, /*tensor_id=*/nullptr);
    }]>];
  let extraClassDeclaration = [{
    /// True if codes are found by counting thresholds.
    bool countsThresholds();
  }];
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Lowbit_EncodeDynamicOp : Lowbit_Op<"encode_dynamic", [Pure]> {
  let summary = "real numbers to codes, with scales of their own";
  let description = [{
    Computes the parameters of the result's format from the numbers themselves:
    those of the whole tensor, or of each slice at one index of the format's axis.
    All is f32, one operation after the other. NaN counts as 0, and an infinity as
    the largest finite number of its sign; so does an infinite sum or difference
    below.

    `!lowbit.affine` with codes `[lo, hi]`:

    ```
    without zero:  s = max |x| / hi,             z = 0
    with zero:     s = (max(x, 0) - min(x, 0)) / (hi - lo)
                   z = round(clamp(lo - min(x, 0) / s, lo, hi))
    code = clamp(round(x / s) + z, lo, hi)
    ```

    where `round` goes to nearest even and a scale of 0 becomes 1. With `zero` and
    `u8` this is ONNX's DynamicQuantizeLinear.

    `!lowbit.planes<sign x k, dynamic>`, the residual binarization of HORQ, plane by
    plane from `R = x` on:

    ```
    scale[p] = (sum |R|) / count,     b(p) = R >= 0 ? +1 : -1
    R = R - scale[p] * b(p)
    ```

    Sums go through the elements in row-major order. `rounds` alternate between the
    scales of least squares for these signs, and the signs of the nearest sums
    ([Numerics.md](../Rationale/Numerics.md)).

    Constraints: (C1) the shapes agree. (C2) the result's format is one of the two,
    without `group`, and `lo <= 0 < hi`. (C3) `parameters` are what the format keeps
    beside its codes. (C4) the format has an axis of the tensor, where it has one.
    (C5) `rounds`, at most 8, are for 2 to 4 planes.

    Example:
    ```mlir
    %q, %s = lowbit.encode_dynamic %x : tensor<4x8xf32>
             to tensor<4x8x!lowbit.affine<i8<-127:127>, axis = 0>>, tensor<4xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input,
                       DefaultValuedAttr<ConfinedAttr<I64Attr, [IntNonNegative]>, "0">:$rounds);
  let results = (outs Lowbit_CodedTensor:$result, Variadic<RankedTensorOf<[F32, I32]>>:$parameters);
  let assemblyFormat = [{
    $input attr-dict `:` type($input) `to` type($result) `,` type($parameters)
  }];
  let hasVerifier = 1;
}

def Lowbit_DecodeOp : Lowbit_Op<"decode", [Pure]> {
  let summary = "codes to real numbers";
  let description = [{
    `x = f32(code - z) * f32(s)`: an exact integer difference, then one f32
    multiplication. Other formats add up f32 products of step and scale, term by
    term; those with parameters say in their descriptions what they compute. `decode(encode(x))` is not `x`, and is never folded to it;
    `encode(decode(q))` in one and the same format of at most 16 bits is `q`
    (for scales between 2^-100 and 2^100, and zero points that are codes).

    Constraints: (C1) the shapes agree; a codebook's vectors make the result longer
    along their axis. (C2) the format expresses f32. (C3) the format has an axis of
    the tensor, with one scale for each index, where it has one. (C4) `parameters`
    are what the format keeps beside its codes.

    Example:
    ```mlir
    %x = lowbit.decode %q : tensor<4x!quant.uniform<u8:f32, 0.5:3>> to tensor<4xf32>
    ```
  }];
  let arguments = (ins Lowbit_CodedTensor:$input,
                       Variadic<RankedTensorOf<[F32, I32, I8]>>:$parameters);
  let results = (outs RankedTensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $input (`with` $parameters^ `:` type($parameters))? attr-dict `:` type($input) `to` type($result)
  }];
  let builders = [OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$input), [{
    build($_builder, $_state, result, input, ::mlir::ValueRange());
  }]>];
  let hasVerifier = 1;
}

def Lowbit_StepsOp : Lowbit_Op<"steps", [Pure]> {
  let summary = "the integers that codes stand for";
  let description = [{
    Term `term` of a format as codes of an affine format with zero point 0:

    ```
    result = step(input, term)
    ```

    The result's format has the term's scales, so that the sum of `decode(steps)`
    over all terms is `decode(input)`. This is how integer arithmetic reads bit
    planes and powers of two.

    Scales that are parameters beside the codes of `!lowbit.planes` count as 1.

    Constraints: (C1) the shapes agree. (C2) the input's format is not affine and
    has no parameters but scales of planes. (C3) `term` is one of its terms. (C4) the result's
    element type is a `!quant.uniform` of i8, or as wide as the steps need, from the least to the
    greatest step (and 0), with the term's scales along the format's axis.

    Example:
    ```mlir
    %s = lowbit.steps %q : tensor<4x!lowbit.planes<bit x 2, [0.5, -0.5]>>
         to tensor<4x!quant.uniform<i8<-1:1>:f32, 0.5>>
    ```
  }];
  let arguments = (ins Lowbit_CodedTensor:$input, DefaultValuedAttr<I64Attr, "0">:$term);
  let results = (outs Lowbit_CodedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
}

def Lowbit_PackBitsOp : Lowbit_Op<"pack_bits", [Pure]> {
  let summary = "a bit or two of each code, side by side in words";
  let description = [{
    Bit `plane` of each code, or with `width` so many bits from it on, as many neighbours
    along the last dimension to a word as it has room for. With `K` codes along it and words
    of `W` bits, which hold `n = W / width` of them:

    ```
    bits `width` b ... of result[..., j] = bits `plane` ... of input[..., n j + b]      0 from K on
    ```

    Signed codes are two's complement.

    Constraints: (C1) the result has the input's shape, but for the last
    dimension, which is static and divided by `n`, rounded up. (C2) `plane` and those above it
    are bits of a code. (C3) `width` is 1, or 2 in words of 8 or 16 bits.

    Example:
    ```mlir
    %w = lowbit.pack_bits %q {plane = 0 : i64} : tensor<1x100x!lowbit.planes<sign x 1, [0.5]>> to tensor<1x2xi64>
    ```
  }];
  let arguments = (ins Lowbit_CodedTensor:$input, I64Attr:$plane,
                       DefaultValuedAttr<I64Attr, "1">:$width);
  let results = (outs RankedTensorOf<[I8, I16, I64]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
}

def Lowbit_WordTensor : RankedTensorOf<[I8, I16, I32]>;

def Lowbit_ReinterpretOp : Lowbit_Op<"reinterpret", [Pure]> {
  let summary = "the same words in another format";
  let description = [{
    Reads stored integers as codes of another format, or as plain integers:
    nothing is computed. Scale and zero point may change, the integers do not.
    Importers of quantized models need it, where a tensor of integers gets its
    scale only where it is decoded, and may get several.

    A plain integer is the word of the code: a signless integer of 8, 16 or 32
    bits, extended from the storage width by the format's signedness.

    Constraints: (C1) the shapes agree. (C2) input and result have the same
    word; two formats also have the same signedness. (C3) the codes of the
    input are codes of the result: the result's storage range holds the input's.
    (C4) a per-axis format has one scale for each index along its axis.
    (C5) at least one of the types is a tensor of codes.

    Example:
    ```mlir
    %y = lowbit.reinterpret %x : tensor<4x!quant.uniform<u8:f32, 1.0>> to tensor<4x!quant.uniform<u8:f32, 0.5:3>>
    ```
  }];
  let arguments = (ins AnyTypeOf<[Lowbit_CodedTensor, Lowbit_WordTensor]>:$input);
  let results = (outs AnyTypeOf<[Lowbit_CodedTensor, Lowbit_WordTensor]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasCanonicalizer = 1;
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Lowbit_ConstantOp : Lowbit_Op<"constant", [Pure]> {
  let summary = "constant codes";
  let description = [{
    A constant tensor of codes. `value` holds them as signless integers of the
    format's storage width, as a resource blob where large.

    Constraints: (C1) `value` has the result's shape and the storage type of
    its format. (C2) every code of an inline `value` lies in the format's
    storage range. (C3) a per-axis format has one scale for each index along
    its axis.

    Example:
    ```mlir
    %w = lowbit.constant dense<[1, -2, 3]> : tensor<3xi8> as tensor<3x!quant.uniform<i8<-127:127>:f32, 0.25>>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Lowbit_CodedTensor:$result);
  let assemblyFormat = "$value attr-dict `as` type($result)";
  let hasVerifier = 1;
}

def Lowbit_RescaleValue : AnyTypeOf<[I32, VectorOfRankAndType<[1], [I32]>, RankedTensorOf<[I32]>, Lowbit_CodedTensor],
    "i32, vector of i32, tensor of i32 or tensor of codes">;
def Lowbit_RescaleParameter : AnyTypeOf<[I32, VectorOfRankAndType<[1], [I32]>, 1DTensorOf<[I32]>]>;

def Lowbit_RescaleOp : Lowbit_Op<"rescale", [Pure]> {
  let summary = "multiplies integers by a fixed-point factor";
  let description = [{
    Changes scales in integers. For each element `v`, with its
    `multiplier` `m` (0 <= m < 2^31) and `shift` `s` (2 <= s <= 62), in 64-bit
    arithmetic:

    ```
    u = v - input_zero_point                                         (i32)
    single_round:  t = (u * m + 2^(s-1)) >> s
    double_round:  t = (u * m + 2^(s-1) + (s > 31 ? (u >= 0 ? 2^30 : -2^30) : 0)) >> s
    result = clamp(t + output_zero_point, min, max)                  saturation = saturate
    result = low 32 bits of t + output_zero_point                    saturation = wrap
    ```

    These are RESCALE's formulas in the TOSA 1.0 specification. They are also
    those of TFLite's MultiplyByQuantizedMultiplier, with `s` = 31 - its shift:
    `single_round` of a build with single rounding, `double_round` of one
    without, where a rounded doubling high product is divided by a power of two
    with ties away from zero. The operation works on scalars and vectors in an epilogue or a kernel, and on tensors in
    the integer graph, where `multiplier` and `shift` hold one element, or one
    for each index along `axis`.

    Constraints: (C1) result and value have the same shape. (C2) multiplier and
    shift are scalars or vectors like the value, or tensors of one element or of
    one for each index along `axis`. (C3) constant multipliers and shifts lie in
    the ranges above. (C4) `min <= max`. (C5) where value or result are codes,
    the zero points are those of their formats, and `[min, max]` lies in the
    result's storage range.

    Example:
    ```mlir
    %y = lowbit.rescale %acc, %m, %s {output_zero_point = 3 : i32, min = 0 : i32, max = 255 : i32}
         : i32, i32 to i32
    ```
  }];
  let arguments = (ins Lowbit_RescaleValue:$value, Lowbit_RescaleParameter:$multiplier,
                       Lowbit_RescaleParameter:$shift,
                       DefaultValuedAttr<Lowbit_RescaleModeAttr, "::mlir::lowbit::RescaleMode::SingleRound">:$rounding,
                       DefaultValuedAttr<Lowbit_SaturationAttr, "::mlir::lowbit::Saturation::Saturate">:$saturation,
                       DefaultValuedAttr<I32Attr, "0">:$input_zero_point,
                       DefaultValuedAttr<I32Attr, "0">:$output_zero_point,
                       DefaultValuedAttr<I32Attr, "std::numeric_limits<int32_t>::min()">:$min,
                       DefaultValuedAttr<I32Attr, "std::numeric_limits<int32_t>::max()">:$max,
                       OptionalAttr<I64Attr>:$axis);
  let results = (outs Lowbit_RescaleValue:$result);
  let assemblyFormat = [{
    $value `,` $multiplier `,` $shift attr-dict `:` type($value) `,` custom<SameType>(type($multiplier), type($shift)) `to` type($result)
  }];
  let hasVerifier = 1;
}

#endif // LOWBIT_CODE_OPS_TD
