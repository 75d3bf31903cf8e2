//===- LowbitParallel.cpp - Work for threads ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/IR/Lowbit.h"

using namespace mlir;
using namespace mlir::lowbit;

void ParallelOp::build(
    OpBuilder &builder, OperationState &state, int64_t trips,
    llvm::function_ref<void(OpBuilder &, Location, Value, Value)> fill) {
  state.addAttribute(getTripsAttrName(state.name),
                     builder.getI64IntegerAttr(trips));
  OpBuilder::InsertionGuard guard(builder);
  Type index = builder.getIndexType();
  Location loc = state.location;
  Block *body =
      builder.createBlock(state.addRegion(), {}, {index, index}, {loc, loc});
  fill(builder, loc, body->getArgument(0), body->getArgument(1));
}

LogicalResult ParallelOp::verify() {
  Block &body = getBody().front();
  if (body.getNumArguments() != 2 ||
      !llvm::all_of(body.getArgumentTypes(), llvm::IsaPred<IndexType>)) // (C2)
    return emitOpError() << "expects a region of two values of type index, but "
                            "got "
                         << body.getNumArguments() << " of types ("
                         << body.getArgumentTypes() << ")";
  return success();
}
