//===- Passes.td - Passes that stay in their dialects -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_PASSES_TD
#define LOWBIT_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def DecomposeCompositesPass : Pass<"lowbit-decompose-composites"> {
  let summary = "Express the float composites in TOSA";
  let description = [{
    Replaces `lowbit.batch_norm` and `lowbit.softmax` by the TOSA operations
    that compute them. The float program and calibration need it; an integer
    program has no composite left at this point.

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

def ObservePass : Pass<"lowbit-observe", "ModuleOp"> {
  let summary = "Mark the values that get a format";
  let description = [{
    Inserts `lowbit.observe` where a recipe chooses a format: at the f32
    arguments of each function, at the last value of each quantization unit (a
    convolution or matmul, with a residual addition and a clamp where each is
    the only use of the value before), at every other f32 result except that of
    data movement, and at constants that are weights or that `tosa.add` and
    `tosa.concat` join with activations. Biases get no format of their own.

    ```mlir
    %y = tosa.conv2d %x, %w, %b, ... loc("conv1")
    %z = tosa.clamp %y {min_val = 0.0 : f32, max_val = 6.0 : f32}
    // becomes
    %wo = lowbit.observe %w {name = "conv1.weight", role = #lowbit.role<weight>}
    %y = tosa.conv2d %xo, %wo, %b, ... loc("conv1")
    %z = tosa.clamp %y {min_val = 0.0 : f32, max_val = 6.0 : f32}
    %zo = lowbit.observe %z {name = "conv1", role = #lowbit.role<activation>}
    ```

    A unit is called like its first operation's location, else like that
    operation; an argument like its attribute `lowbit.name`, else `arg0`,
    `arg1`, .... A name that is taken gets the suffix `_1`, `_2`, .... The role
    is `head` for results of softmax and for values that lead only to softmax
    and to results of the function.

    Operations inside regions are left alone, and so is what is observed
    already. Batch norms and constants should be folded before.
  }];
  let dependentDialects = ["lowbit::LowbitDialect"];
}

#endif // LOWBIT_TRANSFORMS_PASSES_TD
