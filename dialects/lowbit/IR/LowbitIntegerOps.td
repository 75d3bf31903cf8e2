//===- LowbitIntegerOps.td - Operations of the integer graph -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_INTEGER_OPS_TD
#define LOWBIT_INTEGER_OPS_TD

include "lowbit/IR/LowbitCodeOps.td"

def Lowbit_ConcatOp : Lowbit_Op<"concat", [Pure]> {
  let summary = "joins codes of one format along a dimension";
  let description = [{
    Operands of another format are brought to the result's by
    `lowbit.rescale` before.

    Constraints: (C1) every operand has the result's element type. (C2) `axis`
    is a dimension of the result, the sizes along it add up, and all other
    sizes agree. (C3) there is at least one operand.

    Example:
    ```mlir
    %y = lowbit.concat %a, %b {axis = 1 : i64}
         : tensor<2x3x!quant.uniform<u8:f32, 0.5>>, tensor<2x5x!quant.uniform<u8:f32, 0.5>>
         to tensor<2x8x!quant.uniform<u8:f32, 0.5>>
    ```
  }];
  let arguments = (ins Variadic<Lowbit_CodedTensor>:$inputs, I64Attr:$axis);
  let results = (outs Lowbit_CodedTensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` type($inputs) `to` type($result)";
  let hasVerifier = 1;
}

def Lowbit_PadOp : Lowbit_Op<"pad", [Pure]> {
  let summary = "surrounds codes with the code of zero";
  let description = [{
    Adds `low[d]` elements before and `high[d]` elements after dimension `d`.
    Each has the code that stands for exactly 0; in affine formats it is the zero
    point. Formats without one, as ±1, are padded as `lowbit.steps`.

    Constraints: (C1) `low` and `high` have one entry from 0 to 2^31 - 1 for
    each dimension. (C2) the result's sizes are those of the input plus both.
    (C3) the element types agree, have no axis and no parameters, and a code for 0.

    Example:
    ```mlir
    %y = lowbit.pad %x {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 1, 1, 0>}
         : tensor<1x8x8x16x!quant.uniform<u8:f32, 0.5:3>> to tensor<1x10x10x16x!quant.uniform<u8:f32, 0.5:3>>
    ```
  }];
  let arguments = (ins Lowbit_CodedTensor:$input, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high);
  let results = (outs Lowbit_CodedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
}

def Lowbit_GatherOp : Lowbit_Op<"gather", [Pure]> {
  let summary = "takes codes at positions of a dimension";
  let description = [{
    The input is [batch, position, channel], `indices` is [batch, count] or
    [1, count], and the result is [batch, count, channel]. With `K` positions:

    ```
    result[n, i, c] = input[n, min(max(indices[n, i], 0), K - 1), c]
    ```

    Where `indices` has one row, it serves every batch. Indices outside choose
    the first or the last position. Reversals, repetitions and enlargements by
    the nearest element are gathers with constant indices.

    Constraints: (C1) input and result have rank 3 and one element type, without an
    axis and without parameters, and agree in batch and channel. (C2) `indices` has as many columns as
    the result has positions, and one row or one for each batch. (C3) the
    number of positions is static and at least 1.

    Example:
    ```mlir
    %y = lowbit.gather %x, %i : tensor<2x4x3x!quant.uniform<u8:f32, 0.5:3>>, tensor<1x7xi32>
         to tensor<2x7x3x!quant.uniform<u8:f32, 0.5:3>>
    ```
  }];
  let arguments = (ins Lowbit_CodedTensor:$input, 2DTensorOf<[I32]>:$indices);
  let results = (outs Lowbit_CodedTensor:$result);
  let assemblyFormat = "$input `,` $indices attr-dict `:` type($input) `,` type($indices) `to` type($result)";
  let hasVerifier = 1;
}

def Lowbit_TransposeOp : Lowbit_Op<"transpose", [Pure]> {
  let summary = "permutes the dimensions of codes";
  let description = [{
    Dimension `d` of the result is dimension `permutation[d]` of the input.

    Constraints: (C1) `permutation` is one of the dimensions. (C2) the result's
    sizes are the permuted ones. (C3) the element types agree, and have no axis
    and no parameters.

    Example:
    ```mlir
    %y = lowbit.transpose %x {permutation = array<i64: 0, 2, 3, 1>}
         : tensor<1x3x8x9x!quant.uniform<u8:f32, 0.5:3>> to tensor<1x8x9x3x!quant.uniform<u8:f32, 0.5:3>>
    ```
  }];
  let arguments = (ins Lowbit_CodedTensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs Lowbit_CodedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

class Lowbit_PoolOp<string mnemonic> : Lowbit_Op<mnemonic, [Pure]> {
  dag commonArguments = (ins Lowbit_CodedTensor:$input, DenseI64ArrayAttr:$kernel,
                             DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$pad);
  let results = (outs Lowbit_CodedTensor:$result);
  let hasVerifier = 1;
}

def Lowbit_MaxPool2dOp : Lowbit_PoolOp<"max_pool2d"> {
  let summary = "largest code of each window";
  let description = [{
    The input is [batch, height, width, channel]. `kernel` and `stride` are
    [height, width], `pad` is [top, bottom, left, right]; padded positions take
    no part.

    Constraints: (C1) rank 4, and one element type on both sides, without an axis
    and without parameters, whose greater codes stand for greater numbers.
    (C2) kernel and stride are from 1 to 2^31 - 1, pads are at least 0 and less
    than the kernel. (C3) for height and width, the result's size is
    `(size + pads - kernel) / stride + 1`, with the division exact or rounded
    down.

    Example:
    ```mlir
    %y = lowbit.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>}
         : tensor<1x8x8x16x!quant.uniform<u8:f32, 0.5:3>> to tensor<1x4x4x16x!quant.uniform<u8:f32, 0.5:3>>
    ```
  }];
  let arguments = commonArguments;
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
}

def Lowbit_AvgPool2dOp : Lowbit_PoolOp<"avg_pool2d"> {
  let summary = "rescaled sum of each window";
  let description = [{
    Sums the codes of each window, and rescales the sum to the result's format:

    ```
    sum = sum over the window's positions inside the input of (code - zi)      (i32)
    result = rescale(sum, multiplier, shift) + zo, saturated to the storage range
    ```

    The division by the number of elements is part of the multiplier. Where
    the number differs between positions (padding that does not count), the
    multiplier and shift are [height, width] of the result; else they are [1, 1].

    Constraints: as for `max_pool2d`, but the formats are affine and may differ; (C4)
    `multiplier` and `shift` are [1, 1] or [height, width] of the result, in
    `lowbit.rescale`'s ranges.

    Example:
    ```mlir
    %y = lowbit.avg_pool2d %x, %m, %s {kernel = array<i64: 8, 8>, stride = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>}
         : tensor<1x8x8x16x!quant.uniform<u8:f32, 0.5:3>>, tensor<1x1xi32> to tensor<1x1x1x16x!quant.uniform<u8:f32, 0.25>>
    ```
  }];
  let arguments = !con(commonArguments, (ins 2DTensorOf<[I32]>:$multiplier, 2DTensorOf<[I32]>:$shift,
      DefaultValuedAttr<Lowbit_RescaleModeAttr, "::mlir::lowbit::RescaleMode::SingleRound">:$rounding));
  let assemblyFormat = [{
    $input `,` $multiplier `,` $shift attr-dict `:` type($input) `,` custom<SameType>(type($multiplier), type($shift)) `to` type($result)
  }];
}

def Lowbit_MeanPool2dOp : Lowbit_PoolOp<"mean_pool2d"> {
  let summary = "mean of the codes of each window";
  let description = [{
    Sums the codes of each window and divides by their number, in integers and
    in one format, as TFLite's AVERAGE_POOL_2D does:

    ```
    sum = sum over the window's n positions inside the input of code           (i32)
    result = sum / n, rounded to nearest, ties away from 0
    ```

    Zero points take no part. `avg_pool2d` rounds a product, which is another
    number at ties, and changes the format on the way.

    Constraints: as for `max_pool2d`, with an affine format; (C4) height and width are static, at least
    1. (C5) no sum leaves 32 bits.

    Example:
    ```mlir
    %y = lowbit.mean_pool2d %x {kernel = array<i64: 8, 8>, stride = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>}
         : tensor<1x8x8x16x!quant.uniform<i8:f32, 0.5:3>> to tensor<1x1x1x16x!quant.uniform<i8:f32, 0.5:3>>
    ```
  }];
  let arguments = commonArguments;
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
}

def Lowbit_TableOp : Lowbit_Op<"table", [Pure]> {
  let summary = "looks codes up in a table";
  let description = [{
    `result = table[code - lo]` where `lo` is the least code of the input's
    storage range. Any function of one 8-bit variable is a table of at most 256
    entries, computed at compile time.

    Constraints: (C1) the shapes agree, and neither format has an axis or
    parameters. (C2) `table` has one entry of the result's storage type for each code of
    the input's storage range. (C3) the input's storage has at most 8 bits.

    Example:
    ```mlir
    %y = lowbit.table %x, %t : tensor<4x!quant.uniform<u2:f32, 0.5>>, tensor<4xi8>
         to tensor<4x!quant.uniform<i8:f32, 0.25>>
    ```
  }];
  let arguments = (ins Lowbit_CodedTensor:$input, 1DTensorOf<[AnySignlessInteger]>:$table);
  let results = (outs Lowbit_CodedTensor:$result);
  let assemblyFormat = "$input `,` $table attr-dict `:` type($input) `,` type($table) `to` type($result)";
  let hasVerifier = 1;
}

def Lowbit_ThresholdOp : Lowbit_Op<"threshold", [Pure]> {
  let summary = "counts the thresholds that a value reaches";
  let description = [{
    A non-decreasing step function of an integer, the fused form of batch norm
    and a k-bit activation. With `c` the element's index along `axis` and `lo`
    the least code of the result's storage range:

    ```
    result = lo + #{ t : value >= thresholds[c, t] }        falling[c] = false
    result = lo + #{ t : value <= thresholds[c, t] }        falling[c] = true
    ```

    `falling` is empty where no channel falls. A value equal to a threshold
    counts.

    Constraints: (C1) the shapes agree. (C2) `thresholds` is static and has one row
    for each index along `axis`, or one row for all. (C3) `lo` plus the number of
    columns fits the result's storage range. (C4) `falling` is empty or has
    one entry for each row.

    Example:
    ```mlir
    %y = lowbit.threshold %x, %t {axis = 1 : i64, falling = array<i1: false, true>}
         : tensor<4x2xi32>, tensor<2x3xi32> to tensor<4x2x!quant.uniform<u2:f32, 1.0>>
    ```
  }];
  let arguments = (ins RankedTensorOf<[I32]>:$input, 2DTensorOf<[I32]>:$thresholds,
                       I64Attr:$axis, DefaultValuedAttr<DenseBoolArrayAttr, "{}">:$falling);
  let results = (outs Lowbit_CodedTensor:$result);
  let assemblyFormat = "$input `,` $thresholds attr-dict `:` type($input) `,` type($thresholds) `to` type($result)";
  let hasVerifier = 1;
}

def Lowbit_TableSoftmaxOp : Lowbit_Op<"table_softmax", [Pure]> {
  let summary = "softmax in integers";
  let description = [{
    Softmax of codes along the last dimension. The two tables hold the
    exponential of the distance to the largest code, split in a coarse and a
    fine part:

    ```
    d[i] = max(codes) - code[i]                                             0 <= d < 2^16
    e[i] = (coarse[d[i] >> 8] * fine[d[i] & 255] + 2^29) >> 30             i64, 0 <= e <= 2^30
    result[i] = min(hi, lo + (e[i] * levels + sum(e) / 2) / sum(e))        u64 division
    ```

    with `coarse[h] = round(2^30 exp(-256 h s))`, `fine[l] = round(2^30 exp(-l s))`,
    `s` the input's scale, `[lo, hi]` the result's storage range, and `levels`
    the number of steps of the result's format between 0 and 1.

    Constraints: (C1) the shapes agree, and both formats are per tensor, of at
    most 16 bits. (C2) the result's zero point is `lo` and its scale is
    `1 / levels` as f32. (C3) `coarse` and `fine` have 256 elements.

    Example:
    ```mlir
    %y = lowbit.table_softmax %x, %coarse, %fine {levels = 32768 : i32}
         : tensor<4x10x!quant.uniform<i16:f32, 0.001>>, tensor<256xi32>
         to tensor<4x10x!quant.uniform<u16:f32, 3.0517578125e-05>>
    ```
  }];
  let arguments = (ins Lowbit_CodedTensor:$input, 1DTensorOf<[I32]>:$coarse, 1DTensorOf<[I32]>:$fine, I32Attr:$levels);
  let results = (outs Lowbit_CodedTensor:$result);
  let assemblyFormat = [{
    $input `,` $coarse `,` $fine attr-dict `:` type($input) `,` custom<SameType>(type($coarse), type($fine)) `to` type($result)
  }];
  let hasVerifier = 1;
}

#endif // LOWBIT_INTEGER_OPS_TD
