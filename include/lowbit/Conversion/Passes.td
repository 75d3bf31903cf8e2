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

def EmitInterfacePass : Pass<"lowbit-emit-interface", "::mlir::ModuleOp"> {
  let summary = "Give a program in the LLVM dialect its C interface";
  let description = [{
    Adds the two symbols that an artefact exports, both named after
    `symbol-prefix`, and makes everything else internal:

    ```mlir
    llvm.func @main(%x: !llvm.ptr, %y: !llvm.ptr, %workspace: !llvm.ptr) { ... }
    // becomes
    llvm.func internal @digits_main(%x: !llvm.ptr, %y: !llvm.ptr, %workspace: !llvm.ptr) { ... }
    llvm.func @digits_run(%inputs: !llvm.ptr, %outputs: !llvm.ptr, %workspace: !llvm.ptr) -> i32 { ... }
    llvm.mlir.global external constant @digits_lowbit_model() : !llvm.struct<...> { ... }
    ```

    `<prefix>_run` checks its pointers, calls the program and returns 0; it
    returns 1 for a null pointer and 2 for a workspace that is not aligned.
    `<prefix>_lowbit_model` is the constant `lowbit_model` that
    `lowbit/Runtime/lowbit_model.h` defines: names, shapes, types and scales from
    `lowbit.interface`, the size of the workspace, and the options below. They
    stay on the module as `lowbit.identity`, from which the header is written.

    Refuses a @main that does not take one pointer for each input, output and
    the workspace (convert functions with `use-bare-ptr-memref-call-conv=1`),
    mutable globals, and a prefix that is no C identifier. Runs last, after
    conversion to the LLVM dialect.
  }];
  let options = [
    Option<"symbolPrefix", "symbol-prefix", "std::string", /*default=*/"\"model\"",
           "Start of the names of the exported symbols">,
    Option<"name", "name", "std::string", /*default=*/"\"\"",
           "The model's name; the prefix if empty">,
    Option<"profile", "profile", "std::string", /*default=*/"\"tosa\"",
           "The numerics profile, recorded in the artefact">,
    Option<"recipe", "recipe", "std::string", /*default=*/"\"\"",
           "The recipe's name, recorded in the artefact">,
    Option<"target", "target", "std::string", /*default=*/"\"\"",
           "Triple and processor, recorded in the artefact">
  ];
  let dependentDialects = ["LLVM::LLVMDialect"];
}

#endif // LOWBIT_CONVERSION_PASSES_TD
