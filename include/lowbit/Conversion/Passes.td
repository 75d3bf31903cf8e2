//===- Passes.td - Passes from one dialect to another -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Longer than other files: descriptions are the reference pages of the passes, and
// those here share one registration. Those for devices are in GpuPasses.td.

#ifndef LOWBIT_CONVERSION_PASSES_TD
#define LOWBIT_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"
include "lowbit/Conversion/GpuPasses.td"

def ExpandRescalePass : Pass<"lowbit-expand-rescale"> {
  let summary = "Express changes of scale on scalars and vectors in arith";
  let description = [{
    Writes out the 64-bit fixed-point arithmetic of `lowbit.rescale`, and the
    f64 arithmetic of `lowbit.requantize`, in epilogues, in bodies of `linalg.generic` and in kernels:

    ```mlir
    %y = lowbit.rescale %x, %m, %s {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    // becomes
    %wide = arith.extsi %x : i32 to i64
    %product = arith.muli %wide, %m64 : i64
    ...
    ```

    Both ways down use this one expansion. Refuses both on tensors: run
    `-lowbit-materialize-codes` first.
  }];
  let dependentDialects = ["arith::ArithDialect", "vector::VectorDialect"];
}

def ToBitwisePass : Pass<"lowbit-to-bitwise", "ModuleOp"> {
  let summary = "Count bits where both factors are bits";
  let description = [{
    Contractions of bit planes, or of codes of at most 2 bits, with constant
    weights become counts of the set bits of words of `word` bits:

    ```mlir
    %s = lowbit.steps %x : tensor<1x100x!lowbit.planes<sign x 1, [0.5]>> to tensor<1x100x!quant.uniform<i8<-1:1>:f32, 0.5>>
    %y = lowbit.contract ins(%s, %w : ...) ... {^bb0(%acc: i32): ...}                    weights -1 and 1
    // becomes
    %b = lowbit.pack_bits %x {plane = 0 : i64} : ... to tensor<1x2xi64>
    %y = lowbit.contract ins(%b, %wb : tensor<1x2xi64>, tensor<10x2xi64>) ...
           attributes {product = #lowbit.product<xor_popcount>} {...}                    acc = n - 2 * count
    ```

    Signs as weights take one count for each bit of the other factor; other weights
    take one for each pair of bits, with `and`: a ternary weight has two. Sums are the same integers, so that
    the epilogue stays as it is. A product that takes more than `max-counts` counts
    stays as it is, and so does one that is not summed along the last dimension of
    both operands. Padding stands for 0, which signs have not: it is padded as the
    bits of -1, and a small contraction of the padding alone says what that adds too much
    at each position. By default only one count is
    allowed. The pipeline for CPUs takes up to three from 512 terms on where AVX2 counts, and two
    where AVX-512 does: more are slower than multiplying bytes. Run on the integer graph, before
    `-lowbit-materialize-codes`.
  }];
  let options = [
    Option<"maxCounts", "max-counts", "unsigned", /*default=*/"1",
           "Most counts of bits that one contraction may take">,
    Option<"leastTerms", "least-terms", "int64_t", /*default=*/"0",
           "Terms that a sum must have for more than one count">,
    Option<"word", "word", "unsigned", /*default=*/"64",
           "Bits of a word, 8 or 64; kernels for CPUs take 8">
  ];
  let dependentDialects = ["arith::ArithDialect", "lowbit::LowbitDialect", "tensor::TensorDialect"];
}

def FuseBitsPass : Pass<"lowbit-fuse-bits", "ModuleOp"> {
  let summary = "Make codes of few bits, and their words, in epilogues";
  let description = [{
    A `lowbit.threshold` whose values a contraction alone makes becomes part of
    that contraction's epilogue: thresholds are compared with the sum where it is, and
    no i32 tensor is written. If the codes have one bit, and only
    `lowbit.pack_bits` reads them, the contraction stores the packed words:

    ```mlir
    %y = lowbit.contract ... {^bb0(%acc: i32): ...} -> tensor<4x100xi32>
    %q = lowbit.threshold %y, %t {axis = 1 : i64} : tensor<4x100xi32>, tensor<100x1xi32> to tensor<4x100x!lowbit.planes<sign x 1, [1.0]>>
    %b = lowbit.pack_bits %q {plane = 0 : i64} : ... to tensor<4x13xi8>
    // becomes
    %b = lowbit.contract ... epilogue(..., %t0 : tensor<100xi32>) ... attributes {packs}
         {^bb0(%acc: i32, ..., %t0: i32): ... arith.cmpi sge ...} -> tensor<4x13xi8>
    ```

    A falling channel compares complements: `v <= t` as `~v >= ~t`. Thresholds stay
    where they are computed, where there are more than 15 for a value, and where
    reshapes in between change the last dimension. An encode whose bits are packed moves
    next to `lowbit.pack_bits`, over reshapes: both become one loop. Run on the integer graph, after
    `-lowbit-to-bitwise`.
  }];
  let dependentDialects = ["arith::ArithDialect", "lowbit::LowbitDialect", "tensor::TensorDialect"];
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

    With `parallel`, the rows or the panels of a kernel that takes long enough are
    the iterations of a `lowbit.parallel`: rows, so that a thread reads its part of
    lhs, or panels, so that it reads its part of the weights, whichever can be
    divided more evenly.
  }];
  let options = [
    Option<"parallel", "parallel", "bool", /*default=*/"false",
           "Divide large kernels for threads">,
    Option<"fewestCycles", "fewest-cycles", "int64_t", /*default=*/"30000",
           "Predicted cycles from which on a kernel is divided">
  ];
  let dependentDialects = ["arith::ArithDialect", "LLVM::LLVMDialect", "math::MathDialect",
                           "memref::MemRefDialect", "scf::SCFDialect", "vector::VectorDialect"];
}

def ConvertContractToGpuPass : Pass<"convert-lowbit-contract-to-gpu", "ModuleOp"> {
  let summary = "Build GPU kernels for contractions on buffers";
  let description = [{
    Replaces every `lowbit.contract` by a `gpu.launch` around one row of the table of
    GPU primitives ([GpuPrimitive.h](../../include/lowbit/Conversion/GpuPrimitive.h)):

    | row | kernel | computes |
    | --- | --- | --- |
    | `dp4a` | warps stream weights past a few rows | up to 8 rows of bytes times constant bytes; weights of few levels are packed into 4 or 2 bits |
    | `dp4a.short` | the same, with a column for each lane | the same for sums of fewer than 128 terms, such as those of groups |
    | `mma.s8` | tiles in shared memory | bytes times bytes: matrix products, and convolutions as such |
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

def ParallelizeLoopsPass : Pass<"lowbit-parallelize-loops"> {
  let summary = "Divide large parallel loops for threads";
  let description = [{
    An outermost `scf.parallel` that does much work becomes a `lowbit.parallel`
    over one of its loops, the first with at least 16 iterations or else the
    longest, with the others as loops inside:

    ```mlir
    scf.parallel (%i, %j) = (%c0, %c0) to (%c256, %c1024) step (%c1, %c1) { ... }
    // becomes
    lowbit.parallel 256 {
    ^bb0(%first: index, %last: index):
      scf.for %i = %first to %last step %c1 {
        scf.for %j = %c0 to %c1024 step %c1 { ... }
      }
    }
    ```

    Others stay: those with reductions, with bounds that are not constant from 0
    on by 1, and those of fewer than `min-operations` operations (each counted as
    often as it runs), for which waking a thread takes longer than the work.
  }];
  let options = [
    Option<"minOperations", "min-operations", "int64_t", /*default=*/"262144",
           "Operations from which on a loop is divided">
  ];
  let dependentDialects = ["arith::ArithDialect", "lowbit::LowbitDialect", "scf::SCFDialect"];
}

def OutlineParallelPass : Pass<"lowbit-outline-parallel", "ModuleOp"> {
  let summary = "Make a function of each lowbit.parallel";
  let description = [{
    The region becomes a private function of its range and of what it reads from
    outside. Views and constants are made again inside; what is left are the
    arguments of the function around, and numbers. In place of the operation
    stands a call on the whole range, which computes the same:

    ```mlir
    %view = memref.view %arena[%c64][] : memref<4096xi8> to memref<196xf32>
    lowbit.parallel 196 { ^bb0(%first: index, %last: index): ... %view ... }
    // becomes
    call @main_parallel(%c0, %c196, %arena) : (index, index, memref<4096xi8>) -> ()
    func.func private @main_parallel(%first: index, %last: index, %arena: memref<4096xi8>)
        attributes {lowbit.trips = 196 : i64} { ... }
    ```

    Refuses regions that read other values from outside, such as vectors.
  }];
  let options = [
    Option<"ranges", "ranges", "unsigned", /*default=*/"1",
           "Into how many ranges calls divide the iterations: as threads would">
  ];
  let dependentDialects = ["arith::ArithDialect", "func::FuncDialect"];
}

def ForkParallelPass : Pass<"lowbit-fork-parallel", "ModuleOp"> {
  let summary = "Let OpenMP's runtime call the functions of lowbit.parallel";
  let description = [{
    In the LLVM dialect, each call of a function with `lowbit.trips` becomes a
    call of `GOMP_parallel`, which both libgomp and libomp have. Each thread asks
    for its number and for how many there are, and computes its part:

    ```mlir
    llvm.call @main_parallel(%c0, %c196, %arena) : (i64, i64, !llvm.ptr) -> ()
    // becomes
    llvm.call @GOMP_parallel(%thread, %arguments, %threads, %zero) : (!llvm.ptr, !llvm.ptr, i32, i32) -> ()
    llvm.func internal @main_parallel_thread(%arguments: !llvm.ptr) { ... }
    ```

    Arguments lie on the stack of the caller, which waits. Refuses functions that
    take anything but integers, floats and pointers (convert functions with
    `use-bare-ptr-memref-call-conv=1`). Runs after conversion to the LLVM dialect
    and before `-lowbit-emit-interface`.
  }];
  let options = [
    Option<"threads", "threads", "unsigned", /*default=*/"0",
           "How many threads; 0 for as many as the runtime has">
  ];
  let dependentDialects = ["LLVM::LLVMDialect"];
}

def MaterializeCodesPass : Pass<"lowbit-materialize-codes", "ModuleOp"> {
  let summary = "Turn tensors of codes into tensors of words";
  let description = [{
    Formats end before buffers: memref, vector and LLVM know none. Each tensor
    of codes, in signatures, calls and control flow too, becomes a tensor of
    signless words of 8, 16 or 32 bits (`getWordType`), and each operation on
    codes becomes linalg, tensor and arith on words. Scalar code reads a word
    extended by its format's signedness, and truncates what it writes:

    ```mlir
    %y = lowbit.rescale %x, %m, %s {output_zero_point = 3 : i32, min = 0 : i32, max = 255 : i32}
         : tensor<4xi32>, tensor<1xi32> to tensor<4x!quant.uniform<u8:f32, 0.5:3>>
    // becomes
    %y = linalg.generic {...} ins(%x, %m, %s : tensor<4xi32>, tensor<1xi32>, tensor<1xi32>)
                              outs(%empty : tensor<4xi8>) {
    ^bb0(%v: i32, %multiplier: i32, %shift: i32, %out: i8):
      %0 = lowbit.rescale %v, %multiplier, %shift {output_zero_point = 3 : i32, ...} : i32, i32 to i32
      %1 = arith.trunci %0 : i32 to i8
      linalg.yield %1 : i8
    } -> tensor<4xi8>
    ```

    `lowbit.contract` stays, on words, and keeps the storage ranges of its
    operands in `formats`. `lowbit.constant` becomes `arith.constant` with the
    same data; blobs are not touched. Padding is a `tensor.insert_slice` into a
    filled tensor, so that `-eliminate-empty-tensors` lets the producer write
    there in place. `quant.scast` between codes and words of one width
    disappears.

    Refused are operations on codes that neither lowbit nor tensor define, zero
    points that are no i32 (or no code, where they pad), and fixed-point
    arithmetic on unsigned codes of 32 bits.
  }];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect", "linalg::LinalgDialect",
                           "math::MathDialect", "scf::SCFDialect", "tensor::TensorDialect",
                           "vector::VectorDialect"];
}

def ConvertLowbitContractToLinalgPass : Pass<"convert-lowbit-contract-to-linalg"> {
  let summary = "Expand lowbit.contract into two loop nests";
  let description = [{
    The reference: obviously right and slow. Products are added to a tensor of
    zeros, then the epilogue is applied to each sum:

    ```mlir
    %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<8x2xi8>) outs(%init : tensor<4x2xi8>) ...
    // becomes
    %zeros = linalg.fill ins(%c0 : i32) outs(%empty : tensor<4x2xi32>) -> tensor<4x2xi32>
    %acc = linalg.generic {iterator_types = ["parallel", "parallel", "reduction"], ...}
           ins(%x, %w : tensor<4x8xi8>, tensor<8x2xi8>) outs(%zeros : tensor<4x2xi32>) {...}
    %z = linalg.generic {iterator_types = ["parallel", "parallel"], ...}
           ins(%acc : tensor<4x2xi32>) outs(%init : tensor<4x2xi8>) {...}
    ```

    The order of the loops is kept, so that sums of f32, which are chains of
    `math.fma`, have the order that `lowbit.contract` states.

    Contractions with a `primitive` are left for
    `-convert-lowbit-contract-to-vector`.

    Refused are contractions of codes (use `-lowbit-materialize-codes` first),
    on buffers (use this pass before bufferization), of words wider than 32
    bits, and with an epilogue operand along a loop that is summed over.
  }];
  let dependentDialects = ["arith::ArithDialect", "linalg::LinalgDialect", "math::MathDialect",
                           "tensor::TensorDialect"];
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
    it is, and so does one of words of over 16 bits, such as bits that are packed already. The module's `lowbit.stored` says of each constant what was done, and
    how many bytes it takes on disk and when decoded.

    Runs last on buffers, when kernels have packed their weights.
  }];
  let dependentDialects = ["arith::ArithDialect", "func::FuncDialect", "memref::MemRefDialect",
                           "scf::SCFDialect"];
}

def ConvertMemRefCopyToLinalgPass : Pass<"convert-memref-copy-to-linalg"> {
  let summary = "Express copies between strided buffers in linalg";
  let description = [{
    A copy between buffers of which one is strided, such as the middle of a
    padded one, becomes a `linalg.generic`, and loops in the end. Upstream
    lowers it to a call of `memrefCopy` in MLIR's runner library, which a
    compiled network does not have.

    ```mlir
    memref.copy %x, %y : memref<4x4xf32> to memref<4x4xf32, strided<[6, 1], offset: 7>>
    // becomes
    linalg.generic {...} ins(%x : memref<4x4xf32>) outs(%y : memref<4x4xf32, strided<[6, 1], offset: 7>>) {
    ^bb0(%element: f32, %old: f32):
      linalg.yield %element : f32
    }
    ```

    Leaves plain copies of memory, which become `memcpy`, and buffers without
    rank.
  }];
  let dependentDialects = ["linalg::LinalgDialect"];
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

    Other contractions stay as they are, for `-lowbit-launch-kernels`.
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

def ConvertGradientsToLoopsPass : Pass<"convert-lowbit-gradients-to-loops", "ModuleOp"> {
  let summary = "Expand gradient codecs into loops over scalars or vectors";
  let description = [{
    Replaces `lowbit.encode_gradient`, `decode_gradient`, `measure_gradient` and
    `merge_gradients` by loops. With `vectorize`, full blocks of codes are made in
    vectors of 8, and random words of 32 elements at once; what is left over, and
    everything without it, is made one by one. Both give the same bits: sums
    have 16 chains in either case.

    ```mlir
    %status = lowbit.decode_gradient #lowbit.codec<kind = signs> %w to %g : memref<10xi32>, memref<256xf32>
    // becomes, with vectorize
    scf.for %block = %c0 to %c1 step %c1 {
      %words = vector.load %w[%first] : memref<10xi32>, vector<8xi32>
      %bits = arith.andi %words, %ones : vector<8xi32>
      ...
      vector.store %numbers, %g[%place] : memref<256xf32>, vector<8xf32>
      ...
    }
    ```

    Works on any target; vectors of 8 become what it has.
  }];
  let options = [
    Option<"vectorize", "vectorize", "bool", /*default=*/"true",
           "Vectors for full blocks of codes">
  ];
  let dependentDialects = ["arith::ArithDialect", "math::MathDialect", "memref::MemRefDialect",
                           "scf::SCFDialect", "vector::VectorDialect"];
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
