//===- GpuPasses.td - From contractions and buffers to kernels -*- tablegen -*-===//
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

def CompileAmdgpuPass : Pass<"lowbit-compile-amdgpu", "::mlir::ModuleOp"> {
  let summary = "Compile kernels for AMD's GPUs";
  let description = [{
    Lowers the module @kernels through ROCDL and LLVM to a code object (HSACO), which
    HIP's runtime loads. What comes out is a `gpu.binary` with one object.

    Dot products of four bytes, as `-convert-lowbit-contract-to-tiles` makes them, become
    instructions: `v_dot4_i32_i8`, `v_dot4_u32_u8`, and `v_dot4_i32_iu8` where the chip has
    it. Elsewhere unsigned bytes `x` times signed ones `w` are

        sum x w = sum (x - 128) w + 128 sum w

    of which both sums are dot products of signed bytes, in 32 bits that wrap.

    ```mlir
    gpu.module @kernels { gpu.func @kernel0(%x: memref<8xi8>) kernel { ... } }
    // becomes
    gpu.binary @kernels [#gpu.object<#rocdl.target<chip = "gfx90a">, bin = "...">]
    ```

    Floating-point operations are neither contracted nor approximated. The linker
    ld.lld is looked for on PATH; `format=assembly` does without, and gives the text
    of the instructions. `format=llvm` leaves the kernels in the LLVM dialect.

    Refuses chips that it does not know, and operations that have no lowering.
  }];
  let options = [
    Option<"chip", "chip", "std::string", /*default=*/"\"gfx90a\"", "Such as gfx1100">,
    Option<"format", "format", "std::string", /*default=*/"\"hsaco\"",
           "hsaco, assembly or llvm">
  ];
  let dependentDialects = ["arith::ArithDialect", "cf::ControlFlowDialect", "gpu::GPUDialect",
                           "LLVM::LLVMDialect", "ROCDL::ROCDLDialect", "vector::VectorDialect"];
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

def ConvertContractToGpuPass : Pass<"convert-lowbit-contract-to-gpu", "ModuleOp"> {
  let summary = "Build GPU kernels for contractions on buffers";
  let description = [{
    Replaces every `lowbit.contract` by a `gpu.launch` around one row of the table of
    GPU primitives ([GpuPrimitive.h](../../include/lowbit/Conversion/GpuPrimitive.h)):

    | row | kernel | computes |
    | --- | --- | --- |
    | `dp4a` | warps stream weights past a few rows | up to 8 rows of bytes times constant bytes; weights of few levels are packed into 4 or 2 bits |
    | `dp4a.short` | the same, with a column for each lane | the same for sums of fewer than 128 terms |
    | `dp4a.groups` | the same, with values of groups in shared memory | the same for weights in groups with a scale each, whose f32 the kernel adds up in order |
    | `mma.s4` | tiles in shared memory | codes of 4 bits times constant ones of 4 bits, on chips before sm_90 |
    | `mma.s8` | tiles in shared memory | bytes times bytes: matrix products, convolutions as such, and weights in groups |
    | `mma.b1.xor`, `mma.b1.and` | tiles in shared memory | counts of bits |
    | `channels` | a thread for neighbouring channels | depthwise convolutions |
    | `loops` | a thread for each element | everything |

    Tiles are copied asynchronously (`cp.async`) into several stages of swizzled
    shared memory, read by `ldmatrix` and multiplied by `mma.sync`; the epilogue runs
    on the sums before anything is stored. Constant weights are packed into the order
    in which the kernel reads them, as new globals; the unpacked ones are erased.

    ```mlir
    lowbit.contract ins(%x, %w : memref<256x512xi8>, memref<1000x512xi8>) ...
    // becomes
    %packed = memref.get_global @w_packed : memref<524288xi8>
    gpu.launch blocks(%bx, %by, %bz) in (...) threads(%tx, %ty, %tz) in (...) dynamic_shared_memory_size %bytes {
      ... nvvm.cp.async.shared.global ...
      %sums:64 = scf.for ... { ... nvvm.ldmatrix ... nvvm.mma.sync ... }
      ...
    }
    ```

    Kernels read static buffers with static layouts. Without a `chip`, all of them
    are plain loops, which any device runs. Refuses contractions on tensors and
    layouts that are not static.
  }];
  let options = [
    Option<"chip", "chip", "std::string", /*default=*/"\"\"",
           "The NVIDIA chip to build for: sm_80, sm_86, sm_87, sm_89, sm_90 or sm_90a; empty for any device">,
    Option<"primitive", "primitive", "std::string", /*default=*/"\"\"",
           "Build all kernels around this row; an error where it cannot compute a contraction">,
    Option<"tile", "tile", "std::string", /*default=*/"\"\"",
           "Shape of the kernels: rows x columns x bytes of the sum x stages x warps along rows x warps along columns for tiles, columns of a warp x warps for dp4a">,
    Option<"report", "report", "bool", /*default=*/"false",
           "Say which row each contraction got, in a remark">
  ];
  let dependentDialects = ["arith::ArithDialect", "gpu::GPUDialect", "LLVM::LLVMDialect",
                           "math::MathDialect", "memref::MemRefDialect", "NVVM::NVVMDialect",
                           "scf::SCFDialect", "vector::VectorDialect"];
}

def ConvertContractToTilesPass : Pass<"convert-lowbit-contract-to-tiles"> {
  let summary = "Launches of threads that keep tiles of sums in registers";
  let description = [{
    A `lowbit.contract` on whole buffers that is a product with rows and columns
    becomes a `gpu.launch` whose threads each compute some rows by some columns of the
    result, the epilogue included, for any device. Tiles get smaller where there
    would be too few threads.

    Where both factors are bytes, and what is summed over lies in groups of four of them
    that start at multiples of four in both operands, words of four bytes are read
    and multiplied at once: dot products, which `-convert-lowbit-gpu-to-spirv`
    finds again.

    ```mlir
    %x = vector.bitcast %lhs_word : vector<1xi32> to vector<4xi8>
    %y = vector.bitcast %rhs_word : vector<1xi32> to vector<4xi8>
    %xs = arith.extui %x : vector<4xi8> to vector<4xi32>
    %ys = arith.extsi %y : vector<4xi8> to vector<4xi32>
    %products = arith.muli %xs, %ys : vector<4xi32>
    %sum = vector.reduction <add>, %products, %before : vector<4xi32> into i32
    ```

    Where weights have groups, the sums of each go through the epilogue, and what it makes
    of them is added up in f32. Other contractions stay as they are, for
    `-lowbit-launch-kernels`.
  }];
  let options = [
    Option<"threads", "threads", "int32_t", /*default=*/"64",
           "Threads of a block">,
    Option<"rows", "rows", "int32_t", /*default=*/"4",
           "Most rows of a tile">,
    Option<"columns", "columns", "int32_t", /*default=*/"4",
           "Most columns of a tile">,
    Option<"minThreads", "min-threads", "int64_t", /*default=*/"4096",
           "Threads for which tiles get smaller">,
    Option<"report", "report", "bool", /*default=*/"false",
           "Say of each contraction whether it is in tiles, in a remark">
  ];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
                           "gpu::GPUDialect", "math::MathDialect",
                           "memref::MemRefDialect", "scf::SCFDialect",
                           "vector::VectorDialect"];
}

def ExternSharedMemoryPass : Pass<"lowbit-extern-shared-memory", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Let launches size dynamic shared memory";
  let description = [{
    `-convert-gpu-to-nvvm` makes an array without elements of
    `gpu.dynamic_shared_memory`, internal to the module: a variable of one byte in
    PTX. It becomes an external one, whose size is that of the launch:

    ```mlir
    llvm.mlir.global internal @__dynamic_shmem__0() {addr_space = 3 : i32} : !llvm.array<0 x i8>
    // becomes
    llvm.mlir.global external @__dynamic_shmem__0() {addr_space = 3 : i32} : !llvm.array<0 x i8>
    ```
  }];
}

def ConvertGpuToSpirvBinaryPass : Pass<"convert-lowbit-gpu-to-spirv", "ModuleOp"> {
  let summary = "Kernels as binaries of SPIR-V for Vulkan";
  let description = [{
    Each `gpu.module` becomes a `gpu.binary` of the same name: a module of SPIR-V 1.6
    with an entry point for each kernel. The nth argument of a kernel, a buffer,
    is the storage buffer of binding n in set 0, from the first byte on that its
    `memref` type describes.

    Integers have 8 to 64 bits, floats 32 or 64. The bits of every result are defined:
    sums and products of floats are not fused, and quotients of f32 are computed on
    integers, as Vulkan's own are approximations. Kernels that compute what Vulkan does
    not define to the bit, such as `math.exp`, are refused, and so are buffers of
    dynamic shape, and kernels without `known_block_size`.
  }];
  let options = [
    Option<"serialize", "serialize", "bool", /*default=*/"true",
           "Make binaries; else leave modules of the SPIR-V dialect">
  ];
  let dependentDialects = ["arith::ArithDialect", "gpu::GPUDialect",
                           "math::MathDialect", "spirv::SPIRVDialect"];
}

#endif // LOWBIT_CONVERSION_GPUPASSES_TD
