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

def ConvertContractToVectorPass : Pass<"convert-lowbit-contract-to-vector", "ModuleOp"> {
  let summary = "Build vector kernels for contractions on buffers";
  let description = [{
    Replaces every `lowbit.contract` by loops around the primitive that its
    attribute names: tiles of rows by vectors of columns (or channels), sums in
    registers, the epilogue on vectors, one store. Constant weights are packed
    into panels, as new globals; the unpacked ones are erased.

    ```mlir
    lowbit.contract ins(%x, %w : memref<1x10x10x16xi16>, memref<32x3x3x16xi8>) epilogue(...)
      outs(%y : memref<1x8x8x32xi8>) maps [...] attributes {primitive = "avx2.pmaddwd", ...} {...}
    // becomes
    scf.for %panel = ... {
      scf.for %tile = ... {
        %sums:12 = scf.for %kh ... scf.for %k ... {
          %w0 = vector.load ... : vector<16xi8>
          %d = llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"(%x0, %w0s) ...
        }
        ... lowbit.rescale ... : vector<8xi32>
        vector.store ... : vector<8xi8>
      }
    }
    ```

    Refuses contractions on tensors, without a primitive
    (`-lowbit-select-primitive` chooses one), with layouts that are not static,
    and products whose weights are not constant.
  }];
  let dependentDialects = ["arith::ArithDialect", "LLVM::LLVMDialect", "memref::MemRefDialect",
                           "scf::SCFDialect", "vector::VectorDialect"];
}

#endif // LOWBIT_CONVERSION_PASSES_TD
