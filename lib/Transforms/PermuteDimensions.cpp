//===- PermuteDimensions.cpp - One operation, other dimensions ----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An axis of the outer form is axis permutation[axis] of the inner one; lists
// with one entry (or, for padding, two) for each dimension move likewise.

#include "PermuteDimensions.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::lowbit;

bool lowbit::isToChannelsLast(ArrayRef<int64_t> permutation) {
  if (permutation.size() < 4 || permutation.front() != 0 ||
      permutation.back() != 1)
    return false;
  for (auto [position, dim] :
       llvm::enumerate(permutation.drop_front().drop_back()))
    if (dim != static_cast<int64_t>(position) + 2)
      return false;
  return true;
}

unsigned lowbit::countPermutableOperands(Operation *op) {
  if (op->hasTrait<OpTrait::tosa::TosaElementwiseOperator>() ||
      isa<tosa::ConcatOp>(op))
    return op->getNumOperands();
  if (isa<LayerNormOp>(op))
    return 3;
  if (isa<tosa::MulOp>(op))
    return 2;
  if (isa<tosa::CastOp, tosa::NegateOp, tosa::PadOp, tosa::SliceOp,
          tosa::TileOp, tosa::ReverseOp, tosa::ReduceAllOp, tosa::ReduceAnyOp,
          tosa::ReduceMaxOp, tosa::ReduceMinOp, tosa::ReduceProductOp,
          tosa::ReduceSumOp, ActivationOp, BatchNormOp, LogSoftmaxOp,
          SoftmaxOp>(op))
    return 1;
  return 0;
}

bool lowbit::isUnaryElementwise(Operation *op) {
  return isa<ActivationOp, tosa::CastOp, tosa::NegateOp>(op) ||
         (op->hasTrait<OpTrait::tosa::TosaElementwiseOperator>() &&
          op->getNumOperands() == 1);
}

/// The operands of `op` that are lists over dimensions (tosa.const_shape).
static MutableArrayRef<OpOperand> getShapeOperands(Operation *op) {
  if (isa<tosa::PadOp>(op))
    return op->getOpOperands().slice(1, 1);
  if (isa<tosa::SliceOp, tosa::TileOp>(op))
    return op->getOpOperands().drop_front(1);
  return {};
}

static bool readShape(Value value, SmallVectorImpl<int64_t> &entries) {
  Operation *op = value.getDefiningOp();
  SmallVector<int64_t> values;
  if (!op || !tosa::getConstShapeValues(op, values))
    return false;
  entries.assign(values.begin(), values.end());
  return true;
}

StringRef lowbit::whyNotPermutable(Operation *op,
                                   ArrayRef<int64_t> permutation) {
  int64_t rank = permutation.size();
  auto isOfRank = [&](Value value) {
    auto ranked = dyn_cast<RankedTensorType>(value.getType());
    return ranked && ranked.getRank() == rank;
  };
  unsigned count = countPermutableOperands(op);
  if (count == 0 || op->getNumResults() != 1)
    return "the operation commutes with no transpose";
  if (!isOfRank(op->getResult(0)) ||
      !llvm::all_of(op->getOperands().take_front(count), isOfRank))
    return "an operand or the result is of another rank";
  if (isa<BatchNormOp>(op) && permutation.back() != rank - 1)
    return "batch norm needs its channel in the last dimension";
  for (OpOperand &operand : getShapeOperands(op)) {
    SmallVector<int64_t> entries;
    if (!readShape(operand.get(), entries) || entries.empty() ||
        entries.size() % rank != 0)
      return "padding, start, size or multiples are not constant";
  }
  return "";
}

Operation *lowbit::permuteOperation(RewriterBase &rewriter, Operation *op,
                                    ArrayRef<int64_t> permutation,
                                    ArrayRef<Value> inner) {
  SmallVector<int64_t> inverse = invertPermutationVector(permutation);
  Operation *permuted = rewriter.clone(*op);
  for (auto [i, value] : llvm::enumerate(inner))
    permuted->setOperand(i, value);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  permuted->getResult(0).setType(
      type.clone(applyPermutation(type.getShape(), inverse)));
  if (auto axis = op->getAttrOfType<IntegerAttr>("axis"))
    permuted->setAttr(
        "axis", IntegerAttr::get(axis.getType(), permutation[axis.getInt()]));
  if (auto norm = dyn_cast<LayerNormOp>(permuted)) {
    SmallVector<int64_t> axes;
    for (int64_t axis : norm.getAxes())
      axes.push_back(permutation[axis]);
    llvm::sort(axes);
    norm.setAxes(axes);
  }
  rewriter.setInsertionPoint(permuted);
  for (OpOperand &operand : getShapeOperands(permuted)) {
    SmallVector<int64_t> outer;
    readShape(operand.get(), outer);
    size_t width = outer.size() / permutation.size();
    SmallVector<int64_t> entries;
    for (int64_t dim : inverse)
      llvm::append_range(entries,
                         ArrayRef<int64_t>(outer).slice(dim * width, width));
    ImplicitLocOpBuilder builder(op->getLoc(), rewriter);
    operand.set(tosa::getTosaConstShape(builder, entries));
  }
  rewriter.setInsertionPointAfter(permuted);
  return permuted;
}
