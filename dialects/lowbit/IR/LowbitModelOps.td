//===- LowbitModelOps.td - Composites of the float model -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_MODEL_OPS_TD
#define LOWBIT_MODEL_OPS_TD

include "lowbit/IR/LowbitBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Lowbit_BatchNormOp : Lowbit_Op<"batch_norm", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "batch normalization with fixed statistics";
  let description = [{
    Normalizes each channel with statistics that were fixed in training:

    ```
    result[..., c] = scale[c] * (input[..., c] - mean[c]) / sqrt(variance[c] + epsilon) + offset[c]
    ```

    The channel is the last dimension. `-lowbit-fold-batch-norm` folds the
    operation into the convolution before it;
    `-lowbit-decompose-composites` expresses it in TOSA.

    Constraints: (C1) `scale`, `offset`, `mean` and `variance` have one element
    for each channel. (C2) `epsilon` is finite and not negative.

    Example:
    ```mlir
    %y = lowbit.batch_norm %x, %scale, %offset, %mean, %variance {epsilon = 1.0e-5 : f32}
         : tensor<1x8x8x16xf32>, tensor<16xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input, 1DTensorOf<[F32]>:$scale,
                       1DTensorOf<[F32]>:$offset, 1DTensorOf<[F32]>:$mean,
                       1DTensorOf<[F32]>:$variance, F32Attr:$epsilon);
  let results = (outs RankedTensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $input `,` $scale `,` $offset `,` $mean `,` $variance attr-dict `:` type($input) `,` custom<SameType>(type($scale), type($offset), type($mean), type($variance))
  }];
  let hasVerifier = 1;
}

def Lowbit_SoftmaxOp : Lowbit_Op<"softmax", [Pure, SameOperandsAndResultType]> {
  let summary = "softmax along one dimension";
  let description = [{
    ```
    result[i] = exp(input[i] - max(input)) / sum_j exp(input[j] - max(input))
    ```

    with maximum and sum taken along `axis`. Integer code for the whole
    composite is `lowbit.table_softmax`; `-lowbit-decompose-composites`
    expresses it in TOSA.

    Constraints: (C1) `axis` is a dimension of `input`.

    Example:
    ```mlir
    %y = lowbit.softmax %x {axis = 1 : i64} : tensor<4x10xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input, I64Attr:$axis);
  let results = (outs RankedTensorOf<[F32]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

#endif // LOWBIT_MODEL_OPS_TD
