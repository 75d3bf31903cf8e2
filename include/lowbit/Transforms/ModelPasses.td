//===- ModelPasses.td - Passes on the float model -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_MODELPASSES_TD
#define LOWBIT_TRANSFORMS_MODELPASSES_TD

include "mlir/Pass/PassBase.td"

def RaiseCompositesPass : Pass<"lowbit-raise-composites"> {
  let summary = "Find activations and layer norms that are written out";
  let description = [{
    Exporters write what their version of ONNX lacks as arithmetic. In parts it
    would be quantized part by part, each with a format and a rounding of its
    own; as one composite it is one table, or stays together in float:

    ```mlir
    %0 = tosa.mul %x, %c0, ...      // 1 / sqrt(2)
    %1 = tosa.erf %0
    %2 = tosa.add %1, %c1           // 1
    %3 = tosa.mul %x, %2, ...
    %y = tosa.mul %3, %c2, ...      // 1 / 2
    // becomes
    %y = lowbit.activation %x {function = #lowbit.function<gelu>} : tensor<4x8xf32>
    ```

    A function of one variable is recognised by its values, not by its form: the
    elementwise operations that lead to a `tosa.mul` are evaluated at 99 points
    from -2^20 to 2^20, and must agree within 1e-5 with `gelu`, `gelu_tanh`,
    `hard_sigmoid` (of slope 1/6), `hard_swish`, `mish` or `silu` (of an `alpha`
    from 0.1 to 10). Refuses formulas of more than 24 operations, of which a part has
    other uses, or that read several values or broadcast one.

    A layer norm is `(x - mean) / sqrt(mean((x - mean)^2) + epsilon)` with means
    that are sums along axes times one constant; a constant scale and a constant
    offset behind it are taken in. Refuses what normalizes one value by the
    variance of another.

    Runs first on a model, before `-lowbit-propagate-layout`.
  }];
  let dependentDialects = ["lowbit::LowbitDialect", "tosa::TosaDialect"];
}

def PropagateLayoutPass : Pass<"lowbit-propagate-layout"> {
  let summary = "Remove the transposes inside a network";
  let description = [{
    A channels-first model arrives with a transpose before and after each
    spatial operation, since TOSA computes channels-last:

    ```mlir
    %0 = tosa.transpose %x {perms = array<i32: 0, 2, 3, 1>} : ...
    %1 = tosa.conv2d %0, ...
    %2 = tosa.transpose %1 {perms = array<i32: 0, 3, 1, 2>} : ...
    %3 = tosa.clamp %2 {min_val = 0.0 : f32, max_val = 6.0 : f32} : ...
    %4 = tosa.transpose %3 {perms = array<i32: 0, 2, 3, 1>} : ...
    %5 = tosa.conv2d %4, ...
    // becomes
    %0 = tosa.transpose %x {perms = array<i32: 0, 2, 3, 1>} : ...
    %1 = tosa.conv2d %0, ...
    %3 = tosa.clamp %1 {min_val = 0.0 : f32, max_val = 6.0 : f32} : ...
    %5 = tosa.conv2d %3, ...
    ```

    Transposes sink through elementwise operations (constant operands are
    permuted, broadcast vectors reshaped), `cast`, `concat`, `pad`, `slice`,
    `tile`, `reverse`, `reduce_*`, `lowbit.activation`, `lowbit.layer_norm`,
    `lowbit.log_softmax`, `lowbit.softmax` (axes and lists over dimensions are
    remapped) and `lowbit.batch_norm` (where the channel stays
    last). Transposes to channels-last rise through the same operations. Those
    that meet are composed. One that moves only dimensions of size 1 becomes a
    reshape. One that is flattened into a fully connected layer (`tosa.conv2d`
    of 1x1 positions with constant weights) permutes its weights.

    What remains: one transpose for each argument and each result whose layout
    differs, and transposes at operations that depend on the order of
    dimensions: reshapes that split or merge dimensions (channel shuffle,
    attention heads, a flattening that leads elsewhere than to a fully
    connected layer), `argmax` and `gather`. Only data moves, so results keep their bits;
    only a layer with permuted weights adds its products in another order.

    Runs early on an imported model: `-lowbit-fold-batch-norm` needs
    convolution and batch norm side by side.
  }];
  let dependentDialects = ["tosa::TosaDialect"];
}

def FoldBatchNormPass : Pass<"lowbit-fold-batch-norm"> {
  let summary = "Fold batch norm into the convolution before it";
  let description = [{
    Batch norm with fixed statistics multiplies each channel by a factor and
    adds a term; both move into the weights and the bias of the convolution
    before it, computed in f64 and rounded to f32 once:

    ```mlir
    %y = tosa.conv2d %x, %w, %b, ... : ... -> tensor<1x8x8x16xf32>
    %z = lowbit.batch_norm %y, %scale, %offset, %mean, %variance {epsilon = 1.0e-5 : f32}
         : tensor<1x8x8x16xf32>, tensor<16xf32>
    // becomes, with f = scale / sqrt(variance + epsilon) for each channel
    %z = tosa.conv2d %x, %w_f, %b_f, ...     w_f = w * f,  b_f = (b - mean) * f + offset
    ```

    `tosa.depthwise_conv2d` and `lowbit.grouped_conv2d` count as convolutions.
    The same holds for `tosa.mul`, `tosa.add` and `tosa.sub` by a constant for
    each channel, which is what other frontends make of a batch norm. Reshapes
    that keep the channels may stand between, as after a fully connected layer.

    A batch norm of rank 4 with no such convolution before it becomes a
    `tosa.depthwise_conv2d` with a kernel of one position, so that it quantizes
    like any other layer. Any other one stays, with a remark that says why.

    Refuses convolutions whose weights or bias are not constant f32, whose
    result has other uses, or whose folded weights would overflow. A factor
    that is not finite (`variance + epsilon <= 0`) is an error.

    `-lowbit-propagate-layout` runs before, since the channel must be the last
    dimension and no transpose may stand between; `-lowbit-fold-constants` runs
    after.
  }];
  let dependentDialects = ["tosa::TosaDialect"];
}

def HoistClampPass : Pass<"lowbit-hoist-clamp"> {
  let summary = "Clamp before reshaping";
  let description = [{
    A fully connected layer is a convolution whose result is reshaped to two
    dimensions; an activation behind it stands after the reshape. It moves up, so
    that layer and activation are quantized as one, and only the clamped values
    need codes:

    ```mlir
    %y = tosa.conv2d %x, %w, %b, ... : ... -> tensor<1x1x1x128xf32>
    %r = tosa.reshape %y, %shape : (tensor<1x1x1x128xf32>, !tosa.shape<2>) -> tensor<1x128xf32>
    %z = tosa.clamp %r {min_val = 0.0 : f32, max_val = 3.40282347E+38 : f32} : (tensor<1x128xf32>) -> tensor<1x128xf32>
    // becomes
    %y = tosa.conv2d %x, %w, %b, ... : ... -> tensor<1x1x1x128xf32>
    %c = tosa.clamp %y {min_val = 0.0 : f32, max_val = 3.40282347E+38 : f32} : (tensor<1x1x1x128xf32>) -> tensor<1x1x1x128xf32>
    %z = tosa.reshape %c, %shape : (tensor<1x1x1x128xf32>, !tosa.shape<2>) -> tensor<1x128xf32>
    ```

    Refuses reshapes with other uses. No value changes.
  }];
  let dependentDialects = ["tosa::TosaDialect"];
}

def FoldConstantsPass : Pass<"lowbit-fold-constants"> {
  let summary = "Compute TOSA operations on constants";
  let description = [{
    Upstream's folders handle splats and small inline constants. Weights are
    resource blobs; this pass folds both, and frees the blobs it supersedes
    where it runs on the outermost operation:

    ```mlir
    %w = "tosa.const"() <{values = dense_resource<w> : tensor<64x3x3x32xf32>}> : () -> tensor<64x3x3x32xf32>
    %t = tosa.transpose %w {perms = array<i32: 0, 2, 3, 1>} : (tensor<64x3x3x32xf32>) -> tensor<64x3x32x3xf32>
    // becomes
    %t = "tosa.const"() <{values = dense_resource<w_1> : tensor<64x3x32x3xf32>}> : () -> tensor<64x3x32x3xf32>
    ```

    Folds `transpose`, `reshape` and `concat` (pure movement), `add`, `sub`,
    `mul`, `negate`, `abs`, `reciprocal`, `rsqrt` of f32, and `cast` of integers
    to f32. Each element is rounded once, exactly as at run time, so results
    keep their bits. Functions whose value depends on a math library (`exp`,
    `pow`, ...) are left alone.

    Refuses results of more than `max-elements` elements, and constants whose
    blob is missing.
  }];
  let options = [
    Option<"maxElements", "max-elements", "int64_t", /*default=*/"268435456",
           "Leave operations whose result has more elements">];
  let dependentDialects = ["tosa::TosaDialect"];
}

def DecomposeCompositesPass : Pass<"lowbit-decompose-composites"> {
  let summary = "Express the float composites in TOSA";
  let description = [{
    Replaces each composite (`lowbit.activation`, `lowbit.batch_norm`,
    `lowbit.grouped_conv2d`, `lowbit.layer_norm`, `lowbit.log_softmax`,
    `lowbit.softmax`) by the TOSA operations that compute it. The float program
    and calibration need it; of an integer program it takes what stayed in
    float.

    ```mlir
    %y = lowbit.softmax %x {axis = 1 : i64} : tensor<4x10xf32>
    // becomes
    %max = tosa.reduce_max %x {axis = 1 : i32} : (tensor<4x10xf32>) -> tensor<4x1xf32>
    %shifted = tosa.sub %x, %max : (tensor<4x10xf32>, tensor<4x1xf32>) -> tensor<4x10xf32>
    %e = tosa.exp %shifted : (tensor<4x10xf32>) -> tensor<4x10xf32>
    %sum = tosa.reduce_sum %e {axis = 1 : i32} : (tensor<4x10xf32>) -> tensor<4x1xf32>
    %r = tosa.reciprocal %sum : (tensor<4x1xf32>) -> tensor<4x1xf32>
    %y = tosa.mul %e, %r, %zero : (tensor<4x10xf32>, tensor<4x1xf32>, tensor<1xi8>) -> tensor<4x10xf32>
    ```
  }];
  let dependentDialects = ["tosa::TosaDialect"];
}

def RaiseToContractPass : Pass<"lowbit-raise-to-contract"> {
  let summary = "Express float layers with constant weights as lowbit.contract";
  let description = [{
    conv2d, depthwise_conv2d and matmul of f32 with constant weights become
    `lowbit.contract`, with their bias and the clamp behind them as its epilogue,
    so that layers which stay in float get kernels too.

    ```mlir
    %y = tosa.conv2d %x, %w, %b, ... : (tensor<1x8x8x4xf32>, tensor<16x3x3x4xf32>, ...) -> tensor<1x8x8x16xf32>
    %z = tosa.clamp %y {min_val = 0.0 : f32, max_val = 6.0 : f32} ...
    // becomes
    %z = lowbit.contract ins(%padded, %w : ...) epilogue(%b : tensor<16xf32>) outs(%empty : ...) maps [...] {
      ^bb0(%acc: f32, %bias: f32):
        %0 = arith.addf %acc, %bias : f32
        %1 = arith.maximumf %0, %min : f32
        %2 = arith.minimumf %1, %max : f32
        lowbit.yield %2 : f32
    } -> tensor<1x8x8x16xf32>
    ```

    Each sum is a chain of fused multiply-adds in ascending order of kernel row,
    kernel column and channel, and the bias is added last. Refuses dynamic
    shapes, and weights or biases that are not constant. Runs after
    `-lowbit-integerize`, on what that leaves.
  }];
  let dependentDialects = ["arith::ArithDialect", "linalg::LinalgDialect",
                           "lowbit::LowbitDialect", "tensor::TensorDialect"];
}

def SinkParallelLoopsPass : Pass<"lowbit-sink-parallel-loops"> {
  let summary = "Make the loop of the result's last dimension innermost";
  let description = [{
    Changes the order of loops of linalg operations that sum, so that the loop
    over the last dimension of the result is the innermost one. That loop can be
    vectorized; a loop that sums f32 in a given order cannot. No sum changes.

    ```mlir
    linalg.conv_2d_nhwc_hwcf ...
    // becomes, with the output channel d6 innermost instead of d3
    linalg.generic {indexing_maps = [(d0, ..., d6) -> (d0, d1 + d3, d2 + d4, d5), ...],
                    iterator_types = [p, p, p, r, r, r, p]} ...
    ```

    Leaves alone what sums nothing, what has several results, and where that
    loop is innermost already.
  }];
  let dependentDialects = ["linalg::LinalgDialect"];
}

#endif // LOWBIT_TRANSFORMS_MODELPASSES_TD
