//===- GpuPasses.td - From buffers to launches of kernels -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_GPUPASSES_TD
#define LOWBIT_CONVERSION_GPUPASSES_TD

include "mlir/Pass/PassBase.td"

def LaunchKernelsPass : Pass<"lowbit-launch-kernels", "::mlir::ModuleOp"> {
  let summary = "Make a launch of each operation of a program on buffers";
  let description = [{
    Each operation of a function's block that computes becomes one `gpu.launch` with a thread
    for each point of its parallel loops, flattened; what is summed over is a loop
    of the thread. So a thread makes one element of the result, in the order of
    the loops on a processor, and gives the same bits, in float too.

    ```mlir
    linalg.generic {iterator_types = ["parallel", "parallel"], ...}
      ins(%x : memref<100x10xi8>) outs(%y : memref<100x10xi8>) {...}
    // becomes
    gpu.launch blocks(%bx, %by, %bz) in (%gx = %c4, ...) threads(%tx, %ty, %tz) in (%sx = %c256, ...) {
      %id = ... // %bx * 256 + %tx
      %inside = arith.cmpi ult, %id, %c1000 : index
      scf.if %inside {
        %row = arith.divui %id, %c10 : index
        ...
      }
      gpu.terminator
    }
    ```

    Taken are operations of linalg, `memref.copy`, and `lowbit.contract`, which
    becomes one launch with its epilogue (launches that are there already stay). A
    `linalg.fill` right before the sum that it starts becomes the thread's first
    value.

    Any other operation but constants and views is an error: nothing of a program
    for a device runs on the host (unless `allow-host` says so, for tests). So are
    float functions whose bits not all devices agree on. Runs after `-lowbit-plan-arena` and
    `-lowbit-expand-rescale`.
  }];
  let options = [
    Option<"threads", "threads", "int32_t", /*default=*/"256",
           "Threads of a block">,
    Option<"maxBlocks", "max-blocks", "int32_t", /*default=*/"65535",
           "Most blocks of a launch; threads of larger ones take several elements">,
    Option<"allowHost", "allow-host", "bool", /*default=*/"false",
           "Leave to the host what cannot be launched">
  ];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect", "gpu::GPUDialect",
                           "math::MathDialect", "memref::MemRefDialect", "scf::SCFDialect"];
}

def OutlineLaunchesPass : Pass<"lowbit-outline-launches", "::mlir::ModuleOp"> {
  let summary = "Make functions of one module of the bodies of launches";
  let description = [{
    Constants and views of buffers that a launch uses move into it, so that its
    operands are whole buffers of identity layout; then its body becomes a kernel.
    Kernels that are the same are one.

    ```mlir
    gpu.launch ... { ... memref.load %y[%c3] : memref<8xi8> ... }
    // becomes
    gpu.module @kernels {
      gpu.func @kernel0(%y: memref<8xi8>) kernel attributes {known_block_size = array<i32: 256, 1, 1>} { ... }
    }
    gpu.launch_func @kernels::@kernel0 blocks in (...) threads in (...) args(%y : memref<8xi8>)
    ```

    Refuses operands of layouts that no view explains.
  }];
  let dependentDialects = ["gpu::GPUDialect", "memref::MemRefDialect"];
}

def PlanLaunchesPass : Pass<"lowbit-plan-launches", "::mlir::ModuleOp"> {
  let summary = "Turn what the host does into data";
  let description = [{
    @main is a list of launches now. They become the module's `lowbit.launches`
    (`lowbit/Analysis/LaunchPlan.h`), its constants one global of bytes, and the
    function goes:

    ```mlir
    func.func @main(%x: memref<8xi8>, %y: memref<8xi8>, %arena: memref<512xi8>) {
      %0 = memref.view %arena[%c256][] : memref<512xi8> to memref<8xi8>
      gpu.launch_func @kernels::@kernel0 blocks in (%c1, %c1, %c1) threads in (%c256, %c1, %c1)
        args(%x : memref<8xi8>, %0 : memref<8xi8>)
    }
    // becomes
    module attributes {lowbit.launches = [
      {arguments = [{buffer = "input", index = 0 : i64, offset = 0 : i64, size = 8 : i64},
                    {buffer = "arena", offset = 256 : i64, size = 8 : i64} ],
       block = array<i32: 256, 1, 1>, grid = array<i32: 1, 1, 1>, kernel = @kernels::@kernel0, shared = 0 : i32} ]}
    ```

    Refuses launches of a size that is not constant, operands that are neither
    buffers at a constant place nor constants, clusters and asynchronous launches,
    and anything but launches, constants and views in @main.
  }];
  let dependentDialects = ["gpu::GPUDialect", "memref::MemRefDialect"];
}

def LaunchesToLoopsPass : Pass<"lowbit-launches-to-loops", "::mlir::ModuleOp"> {
  let summary = "Run launches on the host, one thread after the other";
  let description = [{
    For tests without a device: every `gpu.launch` becomes loops over its blocks
    and threads.

    ```mlir
    gpu.launch blocks(%bx, ...) in (%gx = %c4, ...) threads(%tx, ...) in (%sx = %c256, ...) { ... }
    // becomes
    scf.for %bx = %c0 to %c4 step %c1 { ... scf.for %tx = %c0 to %c256 step %c1 { ... } }
    ```

    Refuses kernels whose threads know of each other: barriers, shared memory,
    shuffles and the like.
  }];
  let dependentDialects = ["arith::ArithDialect", "scf::SCFDialect"];
}

def CompileCudaPass : Pass<"lowbit-compile-cuda", "::mlir::ModuleOp"> {
  let summary = "Compile kernels for NVIDIA's GPUs";
  let description = [{
    Lowers the module @kernels through NVVM and LLVM to PTX, and that by NVIDIA's
    assembler to a cubin. What comes out is one `gpu.binary` whose objects are
    tried in order: the cubin for `chip`, and PTX that a driver can compile for
    later chips.

    ```mlir
    gpu.module @kernels { gpu.func @kernel0(%x: memref<8xi8>) kernel { ... } }
    // becomes
    gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90">, bin = "...">,
                         #gpu.object<#nvvm.target<chip = "sm_90">, assembly = "..."> ]
    ```

    Floating-point operations are neither contracted nor approximated. ptxas is
    looked for on PATH, then in CUDA_HOME and in /usr/local/cuda; `format=ptx`
    does without.

    Refuses chips that it does not know, and operations that have no lowering.
  }];
  let options = [
    Option<"chip", "chip", "std::string", /*default=*/"\"sm_80\"", "Such as sm_90">,
    Option<"format", "format", "std::string", /*default=*/"\"cubin\"",
           "cubin for both forms, or ptx for that only">
  ];
  let dependentDialects = ["cf::ControlFlowDialect", "gpu::GPUDialect", "LLVM::LLVMDialect",
                           "NVVM::NVVMDialect"];
}

def EmitDeviceInterfacePass : Pass<"lowbit-emit-device-interface", "::mlir::ModuleOp"> {
  let summary = "Give a program for a device its C interface";
  let description = [{
    What `-lowbit-emit-interface` does for programs in the LLVM dialect, this does
    for a launch plan and a `gpu.binary` of kernels. Both become tables, and the
    exported functions calls of the host library of `api` on them, which is linked
    when the object is made:

    ```mlir
    module attributes {lowbit.launches = [...], ...} {
      memref.global "private" constant @lowbit_constants : memref<1024xi8> = ...
      gpu.binary @kernels [...]
    }
    // becomes
    llvm.func @lowbit_cuda_run(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) -> i32
    llvm.func @digits_run(%inputs: !llvm.ptr, %outputs: !llvm.ptr, %workspace: !llvm.ptr) -> i32 { ... }
    llvm.mlir.global internal constant @digits_lowbit_plan() : !llvm.struct<...> { ... }
    llvm.mlir.global external constant @digits_lowbit_model() : !llvm.struct<...> { ... }
    ```

    Functions of the LLVM dialect that are there already are the program for the
    processor, with the prefix `<prefix>_processor`; it becomes the plan's
    fallback, and internal.
  }];
  let options = [
    Option<"api", "api", "std::string", /*default=*/"\"cuda\"",
           "Which host library runs the plan">,
    Option<"chip", "chip", "std::string", /*default=*/"\"\"",
           "What the kernels are for, recorded in the artefact">,
    Option<"symbolPrefix", "symbol-prefix", "std::string", /*default=*/"\"model\"",
           "Start of the names of the exported symbols">,
    Option<"name", "name", "std::string", /*default=*/"\"\"",
           "The model's name; the prefix if empty">,
    Option<"profile", "profile", "std::string", /*default=*/"\"tosa\"",
           "The numerics profile, recorded in the artefact">,
    Option<"recipe", "recipe", "std::string", /*default=*/"\"\"",
           "The recipe's name, recorded in the artefact">,
    Option<"target", "target", "std::string", /*default=*/"\"\"",
           "Triple and processor of the host, recorded in the artefact">
  ];
  let dependentDialects = ["LLVM::LLVMDialect"];
}

#endif // LOWBIT_CONVERSION_GPUPASSES_TD
