//===- SinkDecodeAlongAxis.cpp - codes chosen along a dimension -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Reversals and repetitions are gathers with constant positions. The largest
// number has the largest code: a maximum along a dimension is that of a window.

#include "SinkDecode.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"

#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

/// `shape` as what lies before, at and after `axis`.
static SmallVector<int64_t> splitAt(ArrayRef<int64_t> shape, int64_t axis) {
  return {ShapedType::getNumElements(shape.take_front(axis)), shape[axis],
          ShapedType::getNumElements(shape.drop_front(axis + 1))};
}

/// The codes at `positions` of dimension `axis`.
static Value take(OpBuilder &builder, Location loc, Value codes, int64_t axis,
                  ArrayRef<int32_t> positions) {
  auto type = cast<RankedTensorType>(codes.getType());
  SmallVector<int64_t> shape(type.getShape());
  SmallVector<int64_t> split = splitAt(shape, axis);
  int64_t count = positions.size();
  Value indices = createI32Tensor(builder, loc, positions, {1, count});
  Value taken =
      GatherOp::create(builder, loc, type.clone({split[0], count, split[2]}),
                       reshapeCodes(builder, loc, codes, split), indices);
  shape[axis] = count;
  return reshapeCodes(builder, loc, taken, shape);
}

namespace {

struct SinkDecodeThroughGather : SinkDecode<tosa::GatherOp> {
  using SinkDecode::SinkDecode;
  Value moveCodes(tosa::GatherOp op, MovedCodes input,
                  PatternRewriter &rewriter) const override {
    auto indices = dyn_cast<RankedTensorType>(op.getIndices().getType());
    if (!indices || !indices.getElementType().isInteger(32)) {
      (void)rewriter.notifyMatchFailure(op, "its indices are not i32");
      return {};
    }
    if (cast<ShapedType>(input.codes.getType()).getDimSize(1) == 0) {
      (void)rewriter.notifyMatchFailure(op, "it gathers from nothing");
      return {};
    }
    auto type = cast<RankedTensorType>(op.getType()).clone(input.format);
    return GatherOp::create(rewriter, op.getLoc(), type, input.codes,
                            op.getIndices());
  }
};

struct SinkDecodeThroughReverse : SinkDecode<tosa::ReverseOp> {
  using SinkDecode::SinkDecode;
  Value moveCodes(tosa::ReverseOp op, MovedCodes input,
                  PatternRewriter &rewriter) const override {
    int64_t axis = op.getAxis();
    int64_t size = cast<ShapedType>(op.getType()).getDimSize(axis);
    if (size == 0) {
      (void)rewriter.notifyMatchFailure(op, "it gathers from nothing");
      return {};
    }
    SmallVector<int32_t> positions;
    for (int64_t i = size - 1; i >= 0; --i)
      positions.push_back(static_cast<int32_t>(i));
    return take(rewriter, op.getLoc(), input.codes, axis, positions);
  }
};

struct SinkDecodeThroughTile : SinkDecode<tosa::TileOp> {
  using SinkDecode::SinkDecode;
  Value moveCodes(tosa::TileOp op, MovedCodes input,
                  PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> from = cast<ShapedType>(input.codes.getType()).getShape();
    ArrayRef<int64_t> to = cast<ShapedType>(op.getType()).getShape();
    if (llvm::is_contained(from, 0) || llvm::is_contained(to, 0)) {
      (void)rewriter.notifyMatchFailure(op, "it gathers from nothing");
      return {};
    }
    Value codes = input.codes;
    for (auto [axis, before, after] : llvm::enumerate(from, to)) {
      if (before == after)
        continue;
      SmallVector<int32_t> positions;
      for (int64_t i = 0; i < after; ++i)
        positions.push_back(static_cast<int32_t>(i % before));
      codes = take(rewriter, op.getLoc(), codes, axis, positions);
    }
    return codes;
  }
};

struct SinkDecodeThroughReduceMax : SinkDecode<tosa::ReduceMaxOp> {
  using SinkDecode::SinkDecode;
  Value moveCodes(tosa::ReduceMaxOp op, MovedCodes input,
                  PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(input.codes.getType());
    SmallVector<int64_t> split = splitAt(type.getShape(), op.getAxis());
    if (split[1] < 1 || split[1] > std::numeric_limits<int32_t>::max()) {
      (void)rewriter.notifyMatchFailure(
          op, "its maximum is over no element, or over 2^31 and more");
      return {};
    }
    Value image = reshapeCodes(rewriter, loc, input.codes,
                               {split[0], split[1], 1, split[2]});
    Value largest = MaxPool2dOp::create(
        rewriter, loc, type.clone({split[0], 1, 1, split[2]}), image,
        ArrayRef<int64_t>{split[1], 1}, ArrayRef<int64_t>{1, 1},
        ArrayRef<int64_t>{0, 0, 0, 0});
    return reshapeCodes(rewriter, loc, largest,
                        cast<ShapedType>(op.getType()).getShape());
  }
};

} // namespace

void lowbit::populateSinkDecodeAlongAxisPatterns(RewritePatternSet &patterns) {
  patterns.add<SinkDecodeThroughGather, SinkDecodeThroughReverse,
               SinkDecodeThroughTile, SinkDecodeThroughReduceMax>(
      patterns.getContext());
}
