//===- ReadPadded.cpp - readers of what is padded, too --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A residual block pads a tensor for its convolution and adds it as it is; a fire
// module of SqueezeNet reads one tensor with and without padding. Contractions read
// rows that lie apart as fast as others, so that one buffer serves both.

#include "ReadPadded.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::lowbit;

/// True for readers that lose nothing if rows lie apart.
static bool readsRows(Operation *op) {
  return isa<ContractOp, linalg::GenericOp, tensor::ExtractSliceOp>(op);
}

/// The fill around `op`'s source, if it is written for this only, in the same block.
static linalg::FillOp getPadding(tensor::InsertSliceOp op) {
  auto fill = op.getDest().getDefiningOp<linalg::FillOp>();
  if (!fill || !fill->hasOneUse() || !op.hasUnitStride() ||
      op.getSourceType().getRank() != op.getType().getRank() ||
      !op.getType().hasStaticShape() || !op.getOffsets().empty())
    return nullptr;
  auto empty = fill.getOutputs()[0].getDefiningOp<tensor::EmptyOp>();
  Operation *constant = fill.getInputs()[0].getDefiningOp();
  bool isMovable = empty && empty->hasOneUse() && constant &&
                   constant->hasTrait<OpTrait::ConstantLike>() &&
                   fill->getBlock() == op->getBlock() &&
                   empty->getBlock() == op->getBlock();
  return isMovable ? fill : nullptr;
}

static void readFromPadded(tensor::InsertSliceOp op) {
  Value source = op.getSource();
  Operation *producer = source.getDefiningOp();
  linalg::FillOp fill = getPadding(op);
  if (!fill || !producer || producer->getBlock() != op->getBlock() ||
      isa<tensor::ExtractSliceOp>(producer))
    return;
  SmallVector<OpOperand *> uses;
  for (OpOperand &use : source.getUses()) {
    if (use.getOwner() == op || isa<PortOp>(use.getOwner()))
      continue;
    if (!readsRows(use.getOwner()))
      return;
    uses.push_back(&use);
  }
  if (uses.empty())
    return;
  // Before all readers: what is filled depends on nothing.
  Operation *empty = fill.getOutputs()[0].getDefiningOp();
  OpBuilder builder(op);
  builder.setInsertionPointAfter(producer);
  Value scalar =
      builder.clone(*fill.getInputs()[0].getDefiningOp())->getResult(0);
  fill.getInputsMutable()[0].assign(scalar);
  for (Operation *moved : {empty, fill.getOperation(), op.getOperation()}) {
    moved->moveBefore(builder.getBlock(), builder.getInsertionPoint());
    builder.setInsertionPointAfter(moved);
  }
  Value inner = tensor::ExtractSliceOp::create(
      builder, op.getLoc(), op.getSourceType(), op.getResult(),
      op.getMixedOffsets(), op.getMixedSizes(), op.getMixedStrides());
  for (OpOperand *use : uses)
    use->set(inner);
}

/// Parts of a tensor that is only joined to be padded are inserted into the padded one.
static void joinInPadding(tensor::InsertSliceOp op) {
  auto isStatic = [](tensor::InsertSliceOp insert) {
    return insert.hasUnitStride() && insert.getOffsets().empty() &&
           insert.getSizes().empty() &&
           insert.getSourceType().getRank() == insert.getType().getRank();
  };
  SmallVector<tensor::InsertSliceOp> parts;
  int64_t covered = 0;
  Value joined = op.getSource();
  while (auto part = joined.getDefiningOp<tensor::InsertSliceOp>()) {
    if (!part->hasOneUse() || !isStatic(part))
      return;
    covered += part.getSourceType().getNumElements();
    parts.push_back(part);
    joined = part.getDest();
  }
  if (parts.empty() || !isStatic(op) ||
      !joined.getDefiningOp<tensor::EmptyOp>() ||
      covered != op.getSourceType().getNumElements())
    return;
  OpBuilder builder(op);
  Value padded = op.getDest();
  for (tensor::InsertSliceOp part : llvm::reverse(parts)) {
    SmallVector<OpFoldResult> offsets;
    for (auto [outer, inner] :
         llvm::zip(op.getStaticOffsets(), part.getStaticOffsets()))
      offsets.push_back(builder.getIndexAttr(outer + inner));
    padded = tensor::InsertSliceOp::create(
        builder, part.getLoc(), part.getSource(), padded, offsets,
        part.getMixedSizes(), part.getMixedStrides());
  }
  op->replaceAllUsesWith(ValueRange(padded));
  op.erase();
  for (tensor::InsertSliceOp part : parts)
    part.erase();
}

void lowbit::readPadded(Operation *root) {
  SmallVector<tensor::InsertSliceOp> inserts;
  root->walk([&](tensor::InsertSliceOp op) { inserts.push_back(op); });
  for (tensor::InsertSliceOp op : inserts)
    readFromPadded(op);
  inserts.clear();
  root->walk([&](tensor::InsertSliceOp op) {
    if (getPadding(op))
      inserts.push_back(op);
  });
  for (tensor::InsertSliceOp op : inserts)
    joinInPadding(op);
}
