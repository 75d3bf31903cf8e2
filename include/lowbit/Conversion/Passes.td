//===- Passes.td - Passes from one dialect to another -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_PASSES_TD
#define LOWBIT_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ExpandRescalePass : Pass<"lowbit-expand-rescale"> {
  let summary = "Express lowbit.rescale on scalars and vectors in arith";
  let description = [{
    Writes out the 64-bit fixed-point arithmetic of `lowbit.rescale`, in
    epilogues, in bodies of `linalg.generic` and in kernels:

    ```mlir
    %y = lowbit.rescale %x, %m, %s {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    // becomes
    %wide = arith.extsi %x : i32 to i64
    %product = arith.muli %wide, %m64 : i64
    ...
    ```

    Both ways down use this one expansion. Refuses rescales of tensors: run
    `-lowbit-materialize-codes` first.
  }];
  let dependentDialects = ["arith::ArithDialect"];
}

def LowerQuantCastsPass : Pass<"lowbit-lower-quant-casts", "ModuleOp"> {
  let summary = "Lower upstream's quant casts to arith, saturating and rounded to nearest";
  let description = [{
    A lowering of `quant.qcast`, `quant.dcast` and `quant.scast` for any
    pipeline; it needs nothing else of Lowbit. Upstream's `-lower-quant-ops`
    truncates instead of rounding, and neither saturates nor defines values out
    of range. Here, with `r = f32(1 / scale)`, zero point `z`, storage range
    `[lo, hi]`:

    ```
    qcast(x) = clamp(roundeven(x * r) + z, lo, hi);  z where x is NaN
    dcast(q) = f32(q - z) * f32(scale)               with an exact difference
    scast(x) = x
    ```

    ```mlir
    %q = quant.qcast %x : f32 to !quant.uniform<u8:f32, 0.5:3>
    // becomes
    %0 = arith.mulf %x, %two : f32
    %1 = math.roundeven %0 : f32
    %2 = arith.cmpf uno, %1, %1 : f32
    %3 = arith.select %2, %zero, %1 : f32
    %4 = arith.maximumf %3, %low : f32         // 0 - 3
    %5 = arith.minimumf %4, %high : f32        // 255 - 3
    %6 = arith.fptosi %5 : f32 to i32
    %7 = arith.addi %6, %c3 : i32
    %q = arith.trunci %7 : i32 to i8
    ```

    On ranked tensors, static or dynamic, the same is the body of one
    `linalg.generic`; scales and zero points per axis and per block are constant
    operands of it. f16 and bf16 are extended to f32 before, and truncated
    after.

    Every quantized value becomes its stored integer: signatures, calls,
    branches, `scf` and `tensor` operations are converted along, so no
    `quant.scast` is left. Any other operation on quantized types is an error:
    lower it first. Errors are also unranked tensors, `f64`, `!quant.any`, and
    scales whose reciprocal is not finite in f32.

    **Run it before `-canonicalize`, `-cse` and any greedy rewrite**: upstream
    folds `quant.dcast(quant.qcast %x)` to `%x`, which drops the rounding that
    the pair stands for.
  }];
  let dependentDialects = ["arith::ArithDialect", "linalg::LinalgDialect", "math::MathDialect",
                           "tensor::TensorDialect"];
}

#endif // LOWBIT_CONVERSION_PASSES_TD
