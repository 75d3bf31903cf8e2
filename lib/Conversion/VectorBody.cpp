//===- VectorBody.cpp - Iterations of a loop nest side by side ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorBody.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::lowbit;

/// True if vectors can do what `op` does with numbers.
static bool isElementwise(Operation &op) {
  if (!isMemoryEffectFree(&op) ||
      !llvm::all_of(op.getResultTypes(), VectorType::isValidElementType))
    return false;
  return op.hasTrait<OpTrait::ConstantLike>() ||
         OpTrait::hasElementwiseMappableTraits(&op) ||
         isa<RescaleOp, RequantizeOp>(op);
}

/// True if `operand` is not read, or holds, along `loop`, neighbours in memory or one element.
static bool liesAlong(linalg::GenericOp op, OpOperand &operand, unsigned loop) {
  if (!op.isDpsInit(&operand) && !op.payloadUsesValueFromOperand(&operand))
    return true;
  auto type = dyn_cast<MemRefType>(operand.get().getType());
  if (!type || !type.hasStaticShape() || !type.getElementType().isIntOrFloat())
    return false;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (!map.isFunctionOfDim(loop))
    return true;
  AffineExpr along = getAffineDimExpr(loop, op.getContext());
  return map.getResults().back() == along &&
         !map.dropResult(map.getNumResults() - 1).isFunctionOfDim(loop) &&
         type.isLastDimUnitStride() && type.getElementTypeBitWidth() % 8 == 0;
}

bool lowbit::isVectorizable(linalg::GenericOp op, unsigned loop) {
  return llvm::all_of(op.getBody()->without_terminator(),
                      [](Operation &op) { return isElementwise(op); }) &&
         llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) {
           return liesAlong(op, operand, loop);
         });
}

Value VectorBody::compute(BlockArgument argument, Value known) {
  IRMapping mapping;
  mapping.map(argument, known);
  for (OpOperand *input : op.getDpsInputOperands()) {
    BlockArgument element = op.getMatchingBlockArgument(input);
    if (!element.use_empty() && !mapping.contains(element))
      mapping.map(element, load(*input));
  }
  for (Operation &scalar : op.getBody()->without_terminator()) {
    for (Value operand : scalar.getOperands())
      if (!mapping.contains(operand))
        mapping.map(operand, broadcast(operand));
    Operation *clone = builder.clone(scalar, mapping);
    for (auto [from, to] :
         llvm::zip(scalar.getResults(), clone->getResults())) {
      if (scalar.hasTrait<OpTrait::ConstantLike>())
        mapping.map(from, broadcast(to));
      else
        to.setType(vectorOf(to.getType()));
    }
  }
  Value result = op.getBody()->getTerminator()->getOperand(0);
  return mapping.contains(result) ? mapping.lookup(result) : broadcast(result);
}

void VectorBody::store(Value result) {
  OpOperand &init = *op.getDpsInitOperand(0);
  vector::StoreOp::create(builder, result, init.get(), place(init));
}

Value VectorBody::broadcast(Value scalar) {
  return vector::BroadcastOp::create(builder, vectorOf(scalar.getType()),
                                     scalar);
}

SmallVector<Value> VectorBody::place(OpOperand &operand) {
  SmallVector<Value> indices;
  for (AffineExpr expr : op.getMatchingIndexingMap(&operand).getResults())
    indices.push_back(
        affine::expandAffineExpr(builder, builder.getLoc(), expr, loops, {}));
  return indices;
}

Value VectorBody::load(OpOperand &operand) {
  SmallVector<Value> indices = place(operand);
  if (!op.getMatchingIndexingMap(&operand).isFunctionOfDim(along))
    return broadcast(memref::LoadOp::create(builder, operand.get(), indices));
  Type element = cast<MemRefType>(operand.get().getType()).getElementType();
  return vector::LoadOp::create(builder, vectorOf(element), operand.get(),
                                indices);
}
