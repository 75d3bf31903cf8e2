//===- LoopPasses.td - From buffers to loops, and loops among threads -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_LOOPPASSES_TD
#define LOWBIT_CONVERSION_LOOPPASSES_TD

include "mlir/Pass/PassBase.td"

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

def ConvertProgramToLLVMPass : Pass<"convert-lowbit-program-to-llvm", "ModuleOp"> {
  let summary = "Convert scalars, buffers, branches and calls to LLVM at once";
  let description = [{
    What `convert-arith-to-llvm`, `convert-cf-to-llvm`, `convert-func-to-llvm`,
    `convert-index-to-llvm`, `convert-math-to-llvm`, `convert-ub-to-llvm` and
    `finalize-memref-to-llvm` do one after the other, in one conversion. Each
    of them walks the whole program, and leaves casts where its values meet
    those of the next.

    ```mlir
    func.func @next(%x: index) -> index {
      %one = arith.constant 1 : index
      %next = index.add %x, %one
      return %next : index
    }
    // becomes
    llvm.func @next(%x: i64) -> i64 {
      %one = llvm.mlir.constant(1 : index) : i64
      %next = llvm.add %x, %one : i64
      llvm.return %next : i64
    }
    ```

    Vectors are converted before, and operations of arith that LLVM lacks, such as
    a division that rounds up, expanded. Functions of math that LLVM has no
    intrinsic for are left to `convert-math-to-libm`. An operation of the other
    dialects that has no form in LLVM is an error.
  }];
  let options = [
    Option<"barePointers", "bare-pointers", "bool", "false",
           "Pass buffers as pointers, without sizes and strides">
  ];
  let dependentDialects = ["LLVM::LLVMDialect"];
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

def FuseSumsPass : Pass<"lowbit-fuse-sums", "ModuleOp"> {
  let summary = "Keep sums in registers for the only loops that read them";
  let description = [{
    A `linalg.generic` that sums integers into a buffer, and the elementwise one that alone
    reads it, become one loop nest of vectors: some neighbours along the last dimension, up
    to 32, are summed in registers, and what is made of them is stored. This is average
    pooling, whose sums change their scale:

    ```mlir
    linalg.fill ins(%zero : i32) outs(%sums : memref<1x1x1x64xi32>)
    linalg.generic {...} ins(%x, %window : memref<1x7x7x64xi8>, memref<7x7xi8>) outs(%sums : memref<1x1x1x64xi32>) { ... }
    linalg.generic {...} ins(%sums, %multiplier, %shift : ...) outs(%y : memref<1x1x1x64xi8>) { ... }
    // becomes
    scf.parallel (%n, %i, %j, %block) = (%c0, %c0, %c0, %c0) to (%c1, %c1, %c1, %c2) step (%c1, %c1, %c1, %c1) {
      %channel = arith.muli %block, %c32 : index
      %sums = scf.for %a = %c0 to %c7 step %c1 iter_args(%row = %zeros) -> (vector<32xi32>) { ... }
      ...
      vector.store %codes, %y[%n, %i, %j, %channel] : memref<1x1x1x64xi8>, vector<32xi8>
    }
    ```

    If the last dimension is no multiple of the vector, the last vector ends with it and
    computes some elements twice. Leaves sums of which something else is read, whose inputs
    are written before they are read, or whose last dimension does not lie side by side
    in what is summed.
  }];
  let dependentDialects = ["arith::ArithDialect", "memref::MemRefDialect", "scf::SCFDialect",
                           "vector::VectorDialect"];
}

def HoistLoadsPass : Pass<"lowbit-hoist-loads"> {
  let summary = "Load what a loop does not change in front of it";
  let description = [{
    A `memref.load` at the same place in each iteration of an `scf.for` moves in front of
    the loop, if the loop has constant bounds, runs, and writes no byte that the load may read:
    views at constant places of one buffer, such as those of a workspace, are apart
    where their bytes are, and so are allocations and, from these, arguments.

    ```mlir
    %scales = memref.view %workspace[%c0][] : memref<1024xi8> to memref<4xf32>
    %codes = memref.view %workspace[%c64][] : memref<1024xi8> to memref<4x64xi8>
    scf.for %i = %c0 to %c4 step %c1 {
      scf.for %j = %c0 to %c64 step %c1 {
        %scale = memref.load %scales[%i] : memref<4xf32>  // moves out of this loop
        ...
        memref.store %code, %codes[%i, %j] : memref<4x64xi8>
    ```

    LLVM knows the workspace as one pointer only, and does not vectorize such a loop.
    Loads inside an `scf.if`, and loops with operations whose effects are not
    known, stay as they are.
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

#endif // LOWBIT_CONVERSION_LOOPPASSES_TD
