//===- LowbitReductionOps.td - Sums and largest codes -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_REDUCTION_OPS_TD
#define LOWBIT_REDUCTION_OPS_TD

include "lowbit/IR/LowbitCodeOps.td"

def Lowbit_SumOp : Lowbit_Op<"sum", [Pure]> {
  let summary = "exact sums of codes along dimensions";
  let description = [{
    Adds up what codes stand for, in steps of their scale, along each of
    `dimensions`. With the zero point `zi` of the input's format:

    ```
    result = sum over the dimensions of (code - zi)      (i32, proven not to overflow)
    ```

    The sums are codes of 32 bits with the input's scale and zero point 0;
    `lowbit.rescale` brings them to a narrower format, and a mean is a sum with
    the count in that factor. Dimensions that are summed over keep size 1.

    Constraints: (C1) `dimensions` is a list of dimensions of the input in
    ascending order, at least one. (C2) the result has the input's sizes, and 1
    along `dimensions`. (C3) both formats are per tensor; the result's has
    signed storage of 32 bits, the input's scale and zero point 0. (C4) the
    sizes along `dimensions` are static, and no sum exceeds 2^31 - 1.

    Example:
    ```mlir
    %y = lowbit.sum %x {dimensions = array<i64: 1>}
         : tensor<4x10x!quant.uniform<u8:f32, 0.5:3>> to tensor<4x1x!quant.uniform<i32:f32, 0.5>>
    ```
  }];
  let arguments = (ins Lowbit_CodedTensor:$input, DenseI64ArrayAttr:$dimensions);
  let results = (outs Lowbit_CodedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
}

def Lowbit_ArgMaxOp : Lowbit_Op<"arg_max", [Pure]> {
  let summary = "position of the largest code along a dimension";
  let description = [{
    The largest number has the largest code. Of several, the first counts:

    ```
    result = the least i for which input[..., i, ...] is the largest along `axis`
    ```

    Constraints: (C1) `axis` is a dimension of the input, of static size from 1
    to 2^31 - 1. (C2) the result has the input's sizes but for `axis`. (C3) the
    format is per tensor.

    Example:
    ```mlir
    %y = lowbit.arg_max %x {axis = 1 : i64}
         : tensor<4x10x!quant.uniform<u8:f32, 0.5:3>> to tensor<4xi32>
    ```
  }];
  let arguments = (ins Lowbit_CodedTensor:$input, I64Attr:$axis);
  let results = (outs RankedTensorOf<[I32]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
}

#endif // LOWBIT_REDUCTION_OPS_TD
