//===- PoolBits.cpp - Largest codes of few bits ---------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The largest of several bits is set if any is: an or of words. Where thresholds come
// behind the largest sum of a window, the sums would be written as i32; but the largest
// sum reaches a threshold if any sum does, so that thresholds, and with them what packs
// bits, move in front of the window. In a falling channel, whose bit says that a value does not
// exceed a threshold, it is set behind a window if the complement of none is.

#include "PoolBits.h"

#include "lowbit/Formats/Words.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::lowbit;

static Value createZeros(ImplicitLocOpBuilder &builder, RankedTensorType type) {
  Value zero = constantInt(builder, 0, 8);
  Value empty =
      tensor::EmptyOp::create(builder, type.getShape(), type.getElementType());
  return linalg::FillOp::create(builder, zero, empty).getResult(0);
}

/// The words of each window of `pool`, or-ed.
static Value poolWords(ImplicitLocOpBuilder &builder, MaxPool2dOp pool,
                       Value words, RankedTensorType packed) {
  ArrayRef<int64_t> pad = pool.getPad(), stride = pool.getStride();
  // Where windows reach out of the input, bits that are not set.
  if (llvm::any_of(pad, [](int64_t size) { return size != 0; })) {
    SmallVector<int64_t> shape(
        cast<RankedTensorType>(words.getType()).getShape());
    shape[1] += pad[0] + pad[1];
    shape[2] += pad[2] + pad[3];
    SmallVector<OpFoldResult> offsets(4, builder.getIndexAttr(0)),
        ones(4, builder.getIndexAttr(1));
    offsets[1] = builder.getIndexAttr(pad[0]);
    offsets[2] = builder.getIndexAttr(pad[2]);
    words = tensor::InsertSliceOp::create(
        builder, words, createZeros(builder, packed.clone(shape)), offsets,
        tensor::getMixedSizes(builder, builder.getLoc(), words), ones);
  }
  // Words last: neighbours are or-ed at once.
  SmallVector<AffineExpr> d(6);
  bindDimsList(builder.getContext(), MutableArrayRef(d));
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(6, 0, results, builder.getContext());
  };
  AffineMap maps[] = {
      map({d[0], d[1] * stride[0] + d[3], d[2] * stride[1] + d[4], d[5]}),
      map({d[3], d[4]}), map({d[0], d[1], d[2], d[5]})};
  constexpr auto parallel = utils::IteratorType::parallel,
                 reduction = utils::IteratorType::reduction;
  utils::IteratorType loops[] = {parallel,  parallel,  parallel,
                                 reduction, reduction, parallel};
  // Only the shape of this operand matters: it bounds the windows' loops.
  Value window = tensor::EmptyOp::create(builder, pool.getKernel(),
                                         packed.getElementType());
  return linalg::GenericOp::create(
             builder, TypeRange(packed), ValueRange{words, window},
             ValueRange(createZeros(builder, packed)), maps, loops,
             [](OpBuilder &inner, Location loc, ValueRange scalars) {
               Value bits =
                   arith::OrIOp::create(inner, loc, scalars[0], scalars[2]);
               linalg::YieldOp::create(inner, loc, bits);
             })
      .getResult(0);
}

/// The type of the words that `op` packs, for the input of `pool`.
static RankedTensorType getWordsBefore(PackBitsOp op, MaxPool2dOp pool) {
  SmallVector<int64_t> shape(
      cast<RankedTensorType>(pool.getInput().getType()).getShape());
  shape.back() = op.getType().getShape().back();
  return op.getType().clone(shape);
}

namespace {

/// pack_bits(max_pool2d(x)) -> the words of each window, or-ed: the largest of bits
struct PoolWords : OpRewritePattern<PackBitsOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(PackBitsOp op,
                                PatternRewriter &rewriter) const override {
    auto pool = op.getInput().getDefiningOp<MaxPool2dOp>();
    Type format = cast<ShapedType>(op.getInput().getType()).getElementType();
    if (!pool || !pool->hasOneUse() || getStorageWidth(format) != 1 ||
        isSignedStorage(format) || !op.getType().getElementType().isInteger(8))
      return rewriter.notifyMatchFailure(
          op, "reads no largest bits of windows that are read by it alone");
    if (!cast<RankedTensorType>(pool.getInput().getType()).hasStaticShape())
      return rewriter.notifyMatchFailure(op, "its shape is dynamic");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Value words = PackBitsOp::create(builder, getWordsBefore(op, pool),
                                     pool.getInput(), op.getPlane());
    rewriter.replaceOp(op, poolWords(builder, pool, words, op.getType()));
    return success();
  }
};

/// A threshold of the largest sums of windows that nothing else reads.
struct PooledThreshold {
  ThresholdOp threshold;
  MaxPool2dOp pool;
  DenseIntElementsAttr limits;

  static std::optional<PooledThreshold> find(ThresholdOp op) {
    PooledThreshold found{op, {}, {}};
    auto sums = op.getInput().getDefiningOp<ReinterpretOp>();
    if (!sums || !sums->hasOneUse())
      return std::nullopt;
    found.pool = sums.getInput().getDefiningOp<MaxPool2dOp>();
    if (!found.pool || !found.pool->hasOneUse() ||
        !cast<RankedTensorType>(found.pool.getInput().getType())
             .hasStaticShape() ||
        !matchPattern(op.getThresholds(), m_Constant(&found.limits)) ||
        op.getAxis() != static_cast<uint64_t>(op.getType().getRank() - 1))
      return std::nullopt;
    return found;
  }

  bool falls(int64_t row) {
    ArrayRef<bool> falling = threshold.getFalling();
    return !falling.empty() && falling[row];
  }
  bool falls() {
    ArrayRef<bool> falling = threshold.getFalling();
    return llvm::is_contained(falling, true);
  }

  /// The codes of all sums, in front of the windows, by `limits` that all rise.
  Value createCodes(ImplicitLocOpBuilder &builder,
                    DenseIntElementsAttr limits) {
    auto from = cast<RankedTensorType>(pool.getInput().getType());
    Value sums = ReinterpretOp::create(
        builder, from.clone(builder.getI32Type()), pool.getInput());
    Value rows = arith::ConstantOp::create(builder, limits);
    return ThresholdOp::create(
        builder, from.clone(threshold.getType().getElementType()), sums, rows,
        threshold.getAxis(), builder.getDenseBoolArrayAttr({}));
  }
};

/// threshold(max_pool2d(x)) -> max_pool2d(threshold(x)), where all channels rise
struct MoveThreshold : OpRewritePattern<ThresholdOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(ThresholdOp op,
                                PatternRewriter &rewriter) const override {
    auto found = PooledThreshold::find(op);
    if (!found || found->falls() ||
        !isa<quant::UniformQuantizedType>(op.getType().getElementType()))
      return rewriter.notifyMatchFailure(
          op, "reads no largest sums of windows, or falls");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Value codes = found->createCodes(builder, found->limits);
    rewriter.replaceOpWithNewOp<MaxPool2dOp>(
        op, op.getType(), codes, found->pool.getKernel(),
        found->pool.getStride(), found->pool.getPad());
    return success();
  }
};

/// pack_bits(threshold(max_pool2d(x))) -> the words of each window's thresholds, or-ed,
/// and complements of both where a channel falls
struct PoolThresholds : OpRewritePattern<PackBitsOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(PackBitsOp op,
                                PatternRewriter &rewriter) const override {
    auto threshold = op.getInput().getDefiningOp<ThresholdOp>();
    Type format = cast<ShapedType>(op.getInput().getType()).getElementType();
    std::optional<PooledThreshold> found;
    if (threshold && threshold->hasOneUse() && getStorageWidth(format) == 1 &&
        !isSignedStorage(format) && op.getType().getElementType().isInteger(8))
      found = PooledThreshold::find(threshold);
    if (!found || found->limits.getType().getDimSize(1) != 1)
      return rewriter.notifyMatchFailure(
          op, "reads no bits of largest sums that are read by it alone");
    SmallVector<int32_t> limits(found->limits.getValues<int32_t>());
    for (auto [row, limit] : llvm::enumerate(limits))
      if (found->falls(row)) {
        if (limit == std::numeric_limits<int32_t>::max())
          return rewriter.notifyMatchFailure(op, "a limit cannot be exceeded");
        ++limit;
      }
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Value codes = found->createCodes(
        builder, DenseIntElementsAttr::get(found->limits.getType(), limits));
    Value words = PackBitsOp::create(builder, getWordsBefore(op, found->pool),
                                     codes, op.getPlane());
    words = poolWords(builder, found->pool, words, op.getType());
    if (found->falls())
      words = complement(builder, words, *found);
    rewriter.replaceOp(op, words);
    return success();
  }

private:
  /// `words` with the bits of falling channels complemented.
  static Value complement(ImplicitLocOpBuilder &builder, Value words,
                          PooledThreshold &found) {
    auto type = cast<RankedTensorType>(words.getType());
    int64_t channels =
        cast<RankedTensorType>(found.pool.getType()).getShape().back();
    bool isOne = found.limits.getType().getDimSize(0) == 1;
    SmallVector<int8_t> mask(type.getShape().back(), 0);
    for (int64_t channel = 0; channel < channels; ++channel)
      if (found.falls(isOne ? 0 : channel))
        mask[channel / 8] |= static_cast<int8_t>(1 << (channel % 8));
    Value masks = arith::ConstantOp::create(
        builder,
        DenseElementsAttr::get(
            RankedTensorType::get(type.getShape().back(), builder.getI8Type()),
            ArrayRef<int8_t>(mask)));
    AffineMap all = builder.getMultiDimIdentityMap(type.getRank());
    AffineMap last = all.getMinorSubMap(1);
    SmallVector<utils::IteratorType> loops(type.getRank(),
                                           utils::IteratorType::parallel);
    Value init = tensor::EmptyOp::create(builder, type.getShape(),
                                         type.getElementType());
    return linalg::GenericOp::create(
               builder, TypeRange(type), ValueRange{words, masks},
               ValueRange(init), ArrayRef<AffineMap>{all, last, all}, loops,
               [](OpBuilder &inner, Location loc, ValueRange scalars) {
                 Value bits =
                     arith::XOrIOp::create(inner, loc, scalars[0], scalars[1]);
                 linalg::YieldOp::create(inner, loc, bits);
               })
        .getResult(0);
  }
};

} // namespace

void lowbit::populatePoolBitsPatterns(RewritePatternSet &patterns) {
  patterns.add<PoolWords, MoveThreshold, PoolThresholds>(patterns.getContext());
}
