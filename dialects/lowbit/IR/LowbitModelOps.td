//===- LowbitModelOps.td - Composites of the float model -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_MODEL_OPS_TD
#define LOWBIT_MODEL_OPS_TD

include "lowbit/IR/LowbitAttrs.td"
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

def Lowbit_LogSoftmaxOp : Lowbit_Op<"log_softmax", [Pure, SameOperandsAndResultType]> {
  let summary = "logarithm of softmax along one dimension";
  let description = [{
    ```
    result[i] = input[i] - max(input) - log(sum_j exp(input[j] - max(input)))
    ```

    with maximum and sum taken along `axis`. It stays whole because its parts
    do not quantize: the exponentials span too many orders of magnitude.
    `-lowbit-decompose-composites` expresses it in TOSA.

    Constraints: (C1) `axis` is a dimension of `input`.

    Example:
    ```mlir
    %y = lowbit.log_softmax %x {axis = 1 : i64} : tensor<4x10xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input, I64Attr:$axis);
  let results = (outs RankedTensorOf<[F32]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Lowbit_ActivationOp : Lowbit_Op<"activation", [Pure, SameOperandsAndResultType]> {
  let summary = "a function of one variable that TOSA lacks";
  let description = [{
    Applies `function` to each element `x` of `input`:

    | `function` | value |
    |---|---|
    | `leaky_relu` | `x < 0 ? alpha * x : x` |
    | `thresholded_relu` | `x > alpha ? x : 0` |
    | `shrink` | `x < -alpha ? x + beta : x > alpha ? x - beta : 0` |
    | `elu` | `x < 0 ? alpha * (exp(x) - 1) : x` |
    | `selu` | `beta * (x < 0 ? alpha * (exp(x) - 1) : x)` |
    | `celu` | `x < 0 ? alpha * (exp(x / alpha) - 1) : x` |
    | `hard_sigmoid` | `min(max(alpha * x + beta, 0), 1)` |
    | `hard_swish` | `x * min(max(x / 6 + 1 / 2, 0), 1)` |
    | `silu` | `x / (1 + exp(-alpha * x))` |
    | `softplus` | `log(1 + exp(x))` |
    | `softsign` | `x / (1 + abs(x))` |
    | `mish` | `x * tanh(log(1 + exp(x)))` |
    | `gelu` | `x / 2 * (1 + erf(x / sqrt(2)))` |
    | `gelu_tanh` | `x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))` |
    | `power` | `x ^ alpha` |
    | `sqrt` | `x ^ (1 / 2)` |
    | `round` | the nearest integer, the even one at ties |
    | `sign` | `x > 0 ? 1 : x < 0 ? -1 : 0` |

    As one operation it quantizes as one: integer code for it is one
    `lowbit.table`. `-lowbit-decompose-composites` expresses it in TOSA.

    Constraints: (C1) `alpha` and `beta` are there if the formula names them,
    and only then. (C2) They are finite. (C3) `alpha` of `celu` is not 0.

    Example:
    ```mlir
    %y = lowbit.activation %x {function = #lowbit.function<gelu>} : tensor<4x10xf32>
    %z = lowbit.activation %x {alpha = 0.1 : f32, function = #lowbit.function<leaky_relu>}
         : tensor<4x10xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input, Lowbit_FunctionAttr:$function,
                       OptionalAttr<F32Attr>:$alpha, OptionalAttr<F32Attr>:$beta);
  let results = (outs RankedTensorOf<[F32]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Lowbit_LayerNormOp : Lowbit_Op<"layer_norm", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "normalization with statistics of the input itself";
  let description = [{
    Mean and variance are taken over the dimensions `axes`, for each position
    in the others:

    ```
    mean     = sum(input) / count
    variance = sum((input - mean)^2) / count
    result   = (input - mean) / sqrt(variance + epsilon) * scale + offset
    ```

    Layer normalization has the trailing dimensions as `axes`; instance
    normalization, the spatial ones; group normalization is that of an input
    whose channels are split into groups. `-lowbit-decompose-composites`
    expresses it in TOSA.

    Constraints: (C1) `axes` is a list of dimensions of `input` in ascending
    order, at least one. (C2) `scale` and `offset` have the rank of `input`, and
    in each dimension its size or 1. (C3) `epsilon` is finite and not negative.

    Example:
    ```mlir
    %y = lowbit.layer_norm %x, %scale, %offset {axes = array<i64: 2>, epsilon = 1.0e-5 : f32}
         : tensor<1x16x64xf32>, tensor<1x1x64xf32>, tensor<1x1x64xf32>
    ```
  }];
  let arguments = (ins StaticShapeTensorOf<[F32]>:$input, StaticShapeTensorOf<[F32]>:$scale,
                       StaticShapeTensorOf<[F32]>:$offset, DenseI64ArrayAttr:$axes,
                       F32Attr:$epsilon);
  let results = (outs StaticShapeTensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $input `,` $scale `,` $offset attr-dict `:` type($input) `,` type($scale) `,` type($offset)
  }];
  let hasVerifier = 1;
}

def Lowbit_GroupedConv2dOp : Lowbit_Op<"grouped_conv2d", [Pure]> {
  let summary = "2-D convolution within groups of channels";
  let description = [{
    `input` is [batch, height, width, channel], `weight` is [output channel,
    height, width, channel within the group], and the result is [batch, height,
    width, output channel]. The channels of both are split into `groups` parts
    of equal size, side by side; each output channel sees the part of the input
    that belongs to its own:

    ```
    result[n, y, x, o] = bias[o] + sum over i, j, c of
        weight[o, i, j, c] * input[n, y * stride[0] + i * dilation[0] - pad[0],
                                      x * stride[1] + j * dilation[1] - pad[2],
                                      (o / outputs per group) * C + c]
    ```

    where `C` is the size of the last dimension of `weight`, and the input is 0
    outside its bounds. `pad` is [top, bottom, left, right]. TOSA's convolution
    has no groups. `-lowbit-decompose-composites` makes one `tosa.conv2d` of each
    group; for groups of one channel there is `tosa.depthwise_conv2d`.

    Constraints: (C1) The shapes agree as above, and `groups` divides both
    numbers of channels. (C2) `stride` and `dilation` have 2 entries from 1 to
    2^31 - 1, `pad` has 4 from 0 to 2^31 - 1. (C3) The windows fit the padded
    input without a rest: in each direction, size + pads - (kernel - 1) *
    dilation - 1 is (size of the result - 1) * stride.

    Example:
    ```mlir
    %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
           pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>}
         : tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32> to tensor<1x8x8x6xf32>
    ```
  }];
  let arguments = (ins StaticShapeTensorOf<[F32]>:$input, StaticShapeTensorOf<[F32]>:$weight,
                       StaticShapeTensorOf<[F32]>:$bias, DenseI64ArrayAttr:$pad,
                       DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$dilation, I64Attr:$groups);
  let results = (outs StaticShapeTensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $input `,` $weight `,` $bias attr-dict `:` type($input) `,` type($weight) `,` type($bias) `to` type($result)
  }];
  let hasVerifier = 1;
}

#endif // LOWBIT_MODEL_OPS_TD
