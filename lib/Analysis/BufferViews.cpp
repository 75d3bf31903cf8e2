//===- BufferViews.cpp - Which values may show a buffer -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/BufferViews.h"

#include "mlir/Dialect/Bufferization/IR/BufferViewFlowOpInterface.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mlir::lowbit;

/// True if upstream's analysis knows where the results of `op` come from.
static bool isKnown(Operation *op) {
  return isa<bufferization::BufferViewFlowOpInterface, ViewLikeOpInterface,
             RegionBranchOpInterface>(op);
}

DenseSet<Value> BufferViews::resolve(Value buffer) const {
  DenseSet<Value> result;
  SmallVector<Value> worklist{buffer};
  while (!worklist.empty()) {
    for (Value alias : views.resolve(worklist.pop_back_val())) {
      if (!result.insert(alias).second)
        continue;
      for (Operation *user : alias.getUsers())
        if (!isKnown(user))
          for (Value view : user->getResults())
            if (isa<BaseMemRefType>(view.getType()))
              worklist.push_back(view);
    }
  }
  return result;
}

bool lowbit::leaksAddress(Operation *user) {
  // What reads no memory can compute only from the address or the shape.
  return isPure(user) &&
         !isa<memref::DimOp, memref::RankOp, memref::ExtractStridedMetadataOp>(
             user) &&
         llvm::any_of(user->getResultTypes(),
                      [](Type type) { return !isa<BaseMemRefType>(type); });
}
