//===- SinkDecode.cpp - decode moves below data movement ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Operations that only move or select elements work on codes as they do on
// real numbers. Moving decode below them lets it meet the next computation.

#include "SinkDecode.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::lowbit;

Value lowbit::reshapeCodes(OpBuilder &builder, Location loc, Value codes,
                           ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(codes.getType());
  auto target = type.clone(shape);
  if (type == target)
    return codes;
  if (auto groups = getReassociationIndicesForReshape(type, target)) {
    if (type.getRank() > target.getRank())
      return tensor::CollapseShapeOp::create(builder, loc, target, codes,
                                             *groups);
    return tensor::ExpandShapeOp::create(builder, loc, target, codes, *groups);
  }
  // By way of one dimension.
  auto all = [](int64_t rank) {
    SmallVector<ReassociationIndices> groups(1);
    groups[0] = llvm::to_vector<2>(llvm::seq<int64_t>(0, rank));
    return groups;
  };
  Value flat = tensor::CollapseShapeOp::create(
      builder, loc, type.clone({type.getNumElements()}), codes,
      all(type.getRank()));
  return tensor::ExpandShapeOp::create(builder, loc, target, flat,
                                       all(target.getRank()));
}

std::optional<MovedCodes> lowbit::getMovedCodes(Value real, Operation *op) {
  if (std::optional<CodedValue> affine = getCodedValue(real))
    return MovedCodes{affine->codes, affine->format};
  auto decode = real.getDefiningOp<DecodeOp>();
  if (!decode)
    return std::nullopt;
  auto format = cast<Format>(
      cast<ShapedType>(decode.getInput().getType()).getElementType());
  if (isa<quant::QuantizedType>(format) || format.getScaleAxis() ||
      format.hasParameters())
    return std::nullopt;
  if (isa<tosa::PadOp>(op) && !format.getZeroCode())
    return std::nullopt;
  if (isa<tosa::MaxPool2dOp, tosa::ReduceMaxOp>(op) &&
      !llvm::is_sorted(format.getOrderedCodes(/*channel=*/0)))
    return std::nullopt;
  return MovedCodes{decode.getInput(), format};
}

namespace {

struct SinkDecodeThroughReshape : SinkDecode<tosa::ReshapeOp> {
  using SinkDecode::SinkDecode;
  Value moveCodes(tosa::ReshapeOp op, MovedCodes input,
                  PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    if (type.getRank() == 0 ||
        cast<ShapedType>(input.codes.getType()).getRank() == 0) {
      (void)rewriter.notifyMatchFailure(op, "it has rank 0");
      return {};
    }
    return reshapeCodes(rewriter, op.getLoc(), input.codes, type.getShape());
  }
};

struct SinkDecodeThroughTranspose : SinkDecode<tosa::TransposeOp> {
  using SinkDecode::SinkDecode;
  Value moveCodes(tosa::TransposeOp op, MovedCodes input,
                  PatternRewriter &rewriter) const override {
    SmallVector<int64_t> permutation(op.getPerms().begin(),
                                     op.getPerms().end());
    auto type = cast<RankedTensorType>(op.getType()).clone(input.format);
    return TransposeOp::create(rewriter, op.getLoc(), type, input.codes,
                               permutation);
  }
};

struct SinkDecodeThroughMaxPool : SinkDecode<tosa::MaxPool2dOp> {
  using SinkDecode::SinkDecode;
  Value moveCodes(tosa::MaxPool2dOp op, MovedCodes input,
                  PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType()).clone(input.format);
    return MaxPool2dOp::create(rewriter, op.getLoc(), type, input.codes,
                               op.getKernel(), op.getStride(), op.getPad());
  }
};

struct SinkDecodeThroughSlice : SinkDecode<tosa::SliceOp> {
  using SinkDecode::SinkDecode;
  Value moveCodes(tosa::SliceOp op, MovedCodes input,
                  PatternRewriter &rewriter) const override {
    SmallVector<int64_t> start;
    if (!tosa::getConstShapeValues(op.getStart().getDefiningOp(), start)) {
      (void)rewriter.notifyMatchFailure(op, "its start is not constant");
      return {};
    }
    auto type = cast<RankedTensorType>(op.getType()).clone(input.format);
    SmallVector<int64_t> strides(start.size(), 1);
    return tensor::ExtractSliceOp::create(
        rewriter, op.getLoc(), type, input.codes, ValueRange(), ValueRange(),
        ValueRange(), start, type.getShape(), strides);
  }
};

struct SinkDecodeThroughPad : SinkDecode<tosa::PadOp> {
  using SinkDecode::SinkDecode;
  Value moveCodes(tosa::PadOp op, MovedCodes input,
                  PatternRewriter &rewriter) const override {
    SmallVector<int64_t> padding;
    if (!tosa::getConstShapeValues(op.getPadding().getDefiningOp(), padding) ||
        llvm::any_of(padding, [](int64_t value) { return value < 0; })) {
      (void)rewriter.notifyMatchFailure(
          op, "its padding is not constant and at least 0");
      return {};
    }
    if (!matchPattern(op.getPadConst(), m_AnyZeroFloat())) {
      (void)rewriter.notifyMatchFailure(op, "it does not pad with zero");
      return {};
    }
    SmallVector<int64_t> low, high;
    for (size_t i = 0; i + 1 < padding.size(); i += 2) {
      low.push_back(padding[i]);
      high.push_back(padding[i + 1]);
    }
    auto type = cast<RankedTensorType>(op.getType()).clone(input.format);
    return PadOp::create(rewriter, op.getLoc(), type, input.codes, low, high);
  }
};

} // namespace

void lowbit::populateSinkDecodePatterns(RewritePatternSet &patterns) {
  patterns.add<SinkDecodeThroughReshape, SinkDecodeThroughTranspose,
               SinkDecodeThroughMaxPool, SinkDecodeThroughSlice,
               SinkDecodeThroughPad>(patterns.getContext());
  populateSinkDecodeAlongAxisPatterns(patterns);
}
