//===- LowbitElementwiseOps.td - Arithmetic on pairs of codes -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ELEMENTWISE_OPS_TD
#define LOWBIT_ELEMENTWISE_OPS_TD

include "lowbit/IR/LowbitCodeOps.td"

/// Two operands of one rank: a size of 1 is repeated where the result has more.
class Lowbit_BinaryOp<string mnemonic> : Lowbit_Op<mnemonic, [Pure]> {
  dag operands = (ins Lowbit_CodedTensor:$lhs, Lowbit_CodedTensor:$rhs);
  let results = (outs Lowbit_CodedTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `to` type($result)";
  let hasVerifier = 1;
}

def Lowbit_AddOp : Lowbit_BinaryOp<"add"> {
  let summary = "adds or subtracts codes of different formats";
  let description = [{
    Both operands are rescaled to a common 32-bit grid, added, and rescaled to
    the result's format. With the zero points `zl`, `zr`, `zo` of the three
    formats and `R(v, i)` the unsaturated `lowbit.rescale` of `v` by
    `multipliers[i]` and `shifts[i]`:

    ```
    l = (lhs - zl) << left_shift,  r = (rhs - zr) << left_shift
    sum = R(l, 0) + R(r, 1)                (i32, proven not to overflow)
    sum = R(l, 0) - R(r, 1)                with `subtract`
    result = clamp(R(sum, 2) + zo, min, max)
    ```

    `left_shift` is what TFLite calls so. With `single_round` it could be a part
    of the shifts; with `double_round` a product has other bits.

    Operands have the result's rank. Where the result has more elements along a
    dimension, an operand of size 1 repeats its own.

    Constraints: (C1) each size of the result is the largest of the operands',
    each of which is equal to it or 1; all formats are per tensor. (C2) three
    multipliers and shifts, in `lowbit.rescale`'s ranges. (C3) `min <= max`,
    both in the result's storage range. (C4) `left_shift` is at least 0, and
    no code of the operands' formats, less its zero point and shifted, leaves 32
    bits.

    Example:
    ```mlir
    %y = lowbit.add %a, %b {multipliers = array<i32: 1073741824, 1610612736, 1431655766>,
                            shifts = array<i32: 12, 12, 49>, min = 0 : i32, max = 255 : i32}
         : tensor<4x2x!quant.uniform<u8:f32, 0.5:3>>, tensor<1x2x!quant.uniform<u8:f32, 0.75:1>>
         to tensor<4x2x!quant.uniform<u8:f32, 1.5>>
    ```
  }];
  let arguments = !con(operands, (ins
      DenseI32ArrayAttr:$multipliers, DenseI32ArrayAttr:$shifts,
      DefaultValuedAttr<Lowbit_RescaleModeAttr, "::mlir::lowbit::RescaleMode::SingleRound">:$rounding,
      I32Attr:$min, I32Attr:$max, UnitAttr:$subtract,
      DefaultValuedAttr<I32Attr, "0">:$left_shift));
}

def Lowbit_MulOp : Lowbit_BinaryOp<"mul"> {
  let summary = "multiplies codes of different formats";
  let description = [{
    The product of two codes is exact; one rescaling brings it to the result's
    format. With the zero points `zl`, `zr`, `zo` of the three formats and
    `R(v)` the unsaturated `lowbit.rescale` of `v` by `multiplier` and `shift`:

    ```
    product = (lhs - zl) * (rhs - zr)                    (i32, proven not to overflow)
    result = clamp(R(product) + zo, min, max)
    ```

    Operands of size 1 repeat their elements as in `lowbit.add`: a gate of one
    number for each channel is [batch, 1, 1, channel].

    Constraints: (C1) as for `lowbit.add`. (C2) no product of two codes of the
    operands' formats exceeds 2^31 - 1. (C3) `multiplier` and `shift` lie in
    `lowbit.rescale`'s ranges. (C4) `min <= max`, both in the result's storage
    range.

    Example:
    ```mlir
    %y = lowbit.mul %a, %gate {multiplier = 1431655766 : i32, shift = 38 : i32,
                               min = 0 : i32, max = 255 : i32}
         : tensor<1x8x8x4x!quant.uniform<u8:f32, 0.5:3>>, tensor<1x1x1x4x!quant.uniform<u8:f32, 0.00390625>>
         to tensor<1x8x8x4x!quant.uniform<u8:f32, 0.5:3>>
    ```
  }];
  let arguments = !con(operands, (ins
      I32Attr:$multiplier, I32Attr:$shift,
      DefaultValuedAttr<Lowbit_RescaleModeAttr, "::mlir::lowbit::RescaleMode::SingleRound">:$rounding,
      I32Attr:$min, I32Attr:$max));
}

class Lowbit_ExtremumOp<string mnemonic> : Lowbit_BinaryOp<mnemonic> {
  let arguments = operands;
}

def Lowbit_MaximumOp : Lowbit_ExtremumOp<"maximum"> {
  let summary = "the larger of two codes of one format";
  let description = [{
    Codes of one format have the order of the numbers they stand for. Operands
    of another format are brought to the result's by `lowbit.rescale` before.
    Operands of size 1 repeat their elements as in `lowbit.add`.

    Constraints: (C1) as for `lowbit.add`. (C2) both operands have the result's
    element type.

    Example:
    ```mlir
    %y = lowbit.maximum %a, %b
         : tensor<4x2x!quant.uniform<u8:f32, 0.5:3>>, tensor<1x2x!quant.uniform<u8:f32, 0.5:3>>
         to tensor<4x2x!quant.uniform<u8:f32, 0.5:3>>
    ```
  }];
}

def Lowbit_MinimumOp : Lowbit_ExtremumOp<"minimum"> {
  let summary = "the smaller of two codes of one format";
  let description = [{
    As `lowbit.maximum`, with the smaller of the two codes.

    Constraints: (C1) and (C2) as for `lowbit.maximum`.

    Example:
    ```mlir
    %y = lowbit.minimum %a, %b
         : tensor<4x!quant.uniform<i8:f32, 0.5>>, tensor<1x!quant.uniform<i8:f32, 0.5>>
         to tensor<4x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
}

#endif // LOWBIT_ELEMENTWISE_OPS_TD
