//===- ArtefactPasses.td - The interface and the constants of an artefact -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_ARTEFACTPASSES_TD
#define LOWBIT_CONVERSION_ARTEFACTPASSES_TD

include "mlir/Pass/PassBase.td"

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

    Where there is a function @lowbit_load, `<prefix>_run` calls it in its first
    call. Calls from other threads wait until it is done.

    Refuses a @main that does not take one pointer for each input, output and
    the workspace (convert functions with `use-bare-ptr-memref-call-conv=1`),
    mutable globals but the one that `-lowbit-store-constants` makes, and a prefix
    that is no C identifier. Runs last, after conversion to the LLVM dialect.
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
           "Triple and processor, recorded in the artefact">,
    Option<"threads", "threads", "std::string", /*default=*/"\"none\"",
           "Whether threads compute, recorded in the artefact">
  ];
  let dependentDialects = ["LLVM::LLVMDialect"];
}

def OutlineConstantsPass : Pass<"lowbit-outline-constants", "ModuleOp"> {
  let summary = "Make globals of constants whose storage is said";
  let description = [{
    Bufferization makes globals of constants and drops their attributes. So those
    with a `lowbit.storage` become globals before:

    ```mlir
    %w = arith.constant {lowbit.storage = #lowbit.storage<packed>} dense<...> : tensor<64xi8>
    // becomes
    memref.global "private" constant @codes : memref<64xi8> = dense<...> {alignment = 64 : i64, lowbit.storage = #lowbit.storage<packed>}
    %0 = memref.get_global @codes : memref<64xi8>
    %w = bufferization.to_tensor %0 restrict : memref<64xi8> to tensor<64xi8>
    ```

    Constants that are no tensors of integers of whole bytes lose the attribute.
  }];
  let dependentDialects = ["bufferization::BufferizationDialect", "memref::MemRefDialect"];
}

def StoreConstantsPass : Pass<"lowbit-store-constants", "ModuleOp"> {
  let summary = "Store constants in few bytes, with the code that decodes them";
  let description = [{
    Replaces the constant globals that have a `lowbit.storage` by their encoded
    bytes, by zeroed memory that holds their words at run time, and by a function
    that decodes the ones into the other:

    ```mlir
    memref.global "private" constant @w : memref<64xi8> = dense<...> {lowbit.storage = #lowbit.storage<packed>}
    %w = memref.get_global @w : memref<64xi8>
    // becomes
    memref.global "private" constant @lowbit_stored : memref<46xi8> = dense<...>
    memref.global "private" constant @lowbit_stored_index : memref<13xi32> = dense<...>
    memref.global "private" @lowbit_resident : memref<64xi8> = uninitialized
    func.func private @lowbit_load() { ... }
    %resident = memref.get_global @lowbit_resident : memref<64xi8>
    %w = memref.view %resident[%c0][] : memref<64xi8> to memref<64xi8>
    ```

    `-lowbit-emit-interface` sees to it that `@lowbit_load` is called once, before
    the program first runs. The format of the bytes is that of
    `lowbit/Encoders/StoredWords.h`. A constant that would not get smaller stays as
    it is, and so does one of words of over 16 bits, such as bits that are packed already.
    One of which nothing is said, and which has at least `least-packed` words of 8 or 16
    bits, is packed where that saves more than one percent; kernels say `words` of those
    that they have packed. The module's `lowbit.stored` says of each constant what was
    done, and how many bytes it takes on disk and when decoded.

    Runs last on buffers, when kernels have packed their weights.
  }];
  let options = [
    Option<"leastPacked", "least-packed", "int64_t", /*default=*/"1000000",
           "The words of the smallest constant that is packed unasked">
  ];
  let dependentDialects = ["arith::ArithDialect", "func::FuncDialect", "memref::MemRefDialect",
                           "scf::SCFDialect"];
}

#endif // LOWBIT_CONVERSION_ARTEFACTPASSES_TD
