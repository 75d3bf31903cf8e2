//===- LowbitRequantizeOp.td - Changes of scale by real factors -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_REQUANTIZE_OP_TD
#define LOWBIT_REQUANTIZE_OP_TD

include "lowbit/IR/LowbitCodeOps.td"

def Lowbit_RequantizeOp : Lowbit_Op<"requantize", [Pure]> {
  let summary = "multiplies integers by a real factor";
  let description = [{
    Changes scales as ONNX defines it, where `lowbit.rescale` does it in
    integers. For each element `v` with its f32 factor `scale`:

    ```
    u = v - input_zero_point                                          (i32)
    t = f64(u) * f64(scale) + f64(output_zero_point)
    result = roundeven(clamp(t, min, max))
    ```

    Product and sum are one f64 operation each. The zero point is added before
    the rounding, so that it decides about ties. A product that is NaN gives
    `min`.

    It is the only float arithmetic that an integer program may have between
    entry and exit: reports count it as float glue, and `--require-integer`
    accepts it. It stands on scalars in an epilogue, and on tensors, where
    `scale` holds one element or one for each index along `axis`.

    Constraints: (C1) result and value have the same shape. (C2) `scale` is a
    scalar or vector like the value, or a tensor of one element or of one for
    each index along `axis`. (C3) constant factors are finite and at least 0.
    (C4) `min <= max`. (C5) where value or result are codes, the zero points are
    those of their formats, and `[min, max]` lies in the result's storage range.

    Example:
    ```mlir
    %y = lowbit.requantize %acc, %scale {output_zero_point = 3 : i32, min = 0 : i32, max = 255 : i32}
         : i32, f32 to i32
    ```
  }];
  let arguments = (ins Lowbit_RescaleValue:$value,
                       AnyTypeOf<[F32, VectorOfRankAndType<[1], [F32]>, 1DTensorOf<[F32]>]>:$scale,
                       DefaultValuedAttr<I32Attr, "0">:$input_zero_point,
                       DefaultValuedAttr<I32Attr, "0">:$output_zero_point,
                       DefaultValuedAttr<I32Attr, "std::numeric_limits<int32_t>::min()">:$min,
                       DefaultValuedAttr<I32Attr, "std::numeric_limits<int32_t>::max()">:$max,
                       OptionalAttr<I64Attr>:$axis);
  let results = (outs Lowbit_RescaleValue:$result);
  let assemblyFormat = [{
    $value `,` $scale attr-dict `:` type($value) `,` type($scale) `to` type($result)
  }];
  let hasVerifier = 1;
}

#endif // LOWBIT_REQUANTIZE_OP_TD
