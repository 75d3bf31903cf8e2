//===- LowbitParallelOp.td - Work for threads -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_PARALLEL_OP_TD
#define LOWBIT_PARALLEL_OP_TD

include "lowbit/IR/LowbitBase.td"

include "mlir/Interfaces/LoopLikeInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Lowbit_ParallelOp : Lowbit_Op<"parallel", [
    AutomaticAllocationScope, HasParallelRegion, NoTerminator, RecursiveMemoryEffects,
    SingleBlock]> {
  let summary = "runs its region on ranges that cover [0, trips), maybe at the same time";
  let description = [{
    Stands for `trips` iterations that do not depend on one another. Its region
    computes those of a range, from `first` to before `last`: a thread gets one
    range, and so may reuse across iterations what it has in its cache. How many
    ranges there are is not known before the program runs, and does not change what
    it computes. What the region allocates on the stack belongs to one range.

    `-lowbit-outline-parallel` makes a function of each, and
    `-lowbit-fork-parallel` lets OpenMP's runtime call it.

    Constraints: (C1) `trips` is at least 1. (C2) The region takes two values of
    type `index`.

    Example:
    ```mlir
    lowbit.parallel 196 {
    ^bb0(%first: index, %last: index):
      scf.for %row = %first to %last step %c1 {
        memref.store %x, %y[%row] : memref<196xf32>
      }
    }
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntPositive]>:$trips); // (C1)
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$trips $body attr-dict";
  let skipDefaultBuilders = 1;
  let builders = [
    /// `fill` makes the region: it gets the range.
    OpBuilder<(ins "int64_t":$trips,
                   "llvm::function_ref<void(OpBuilder &, Location, Value, Value)>":$fill)>
  ];
  let hasVerifier = 1;
}

#endif // LOWBIT_PARALLEL_OP_TD
