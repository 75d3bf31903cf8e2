//===- Elementwise.cpp - arithmetic on pairs in integers ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Sums meet on a common 32-bit grid, products are exact in 32 bits: both are
// rounded to the result's format once. Maximum and minimum compare codes of the
// result's format, which rescaling brings their operands to: it keeps the
// order, so the result is that of rescaling the larger or smaller number.

#include "Requantizer.h"

#include "lowbit/Transforms/Integerize.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// What encode(clamp(op(decode(x), decode(y)))) is made of.
struct Pair {
  CodedValue lhs, rhs;
  quant::UniformQuantizedType format;
  /// What the clamp leaves, as real numbers.
  double min, max;
  /// Of the operation, for refusals.
  StringRef name;
};

/// The common part of patterns for a pairwise `OpTy` of TOSA.
template <typename OpTy> struct IntegerizePair : OpRewritePattern<EncodeOp> {
  IntegerizePair(MLIRContext *context, Profile profile)
      : OpRewritePattern(context), requantizer(profile) {}

  /// Replaces `op`, or gives the reason why not.
  virtual LogicalResult integerize(EncodeOp op, const Pair &pair,
                                   PatternRewriter &rewriter) const = 0;

  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    Value source = op.getInput();
    auto [min, max] = peelClamps(source);
    auto pairwise = source.getDefiningOp<OpTy>();
    if (!pairwise)
      return failure();
    StringRef name = pairwise->getName().stripDialect();
    if (!requantizer.isFixedPoint())
      return rewriter.notifyMatchFailure(op, "profile onnx computes its " +
                                                 name + " with real numbers");
    auto lhs = getCodedValue(pairwise.getInput1());
    auto rhs = getCodedValue(pairwise.getInput2());
    if (!lhs || !rhs)
      return rewriter.notifyMatchFailure(
          op, "an operand of its " + name +
                  " is not the decode of a per-tensor format");
    quant::UniformQuantizedType format = getRescaledFormat(op, rewriter);
    if (!format)
      return failure();
    for (const CodedValue &operand : {*lhs, *rhs})
      if (!cast<ShapedType>(operand.codes.getType()).hasStaticShape())
        return rewriter.notifyMatchFailure(op, "the shape of its " + name +
                                                   " is dynamic");
    return integerize(op, {*lhs, *rhs, format, min, max, name}, rewriter);
  }

protected:
  Requantizer requantizer;
};

/// encode(clamp(decode(x) +- decode(y))) -> add(x, y)
template <typename OpTy> struct IntegerizeSum : IntegerizePair<OpTy> {
  using IntegerizePair<OpTy>::IntegerizePair;

  LogicalResult integerize(EncodeOp op, const Pair &pair,
                           PatternRewriter &rewriter) const override {
    const Requantizer &requantizer = this->requantizer;
    auto factors = requantizer.getSumFactors(pair.lhs, pair.rhs, pair.format);
    if (!factors)
      return rewriter.notifyMatchFailure(
          op, "the scales of its " + pair.name +
                  " differ by a factor of more than 2^29");
    auto [low, high] =
        requantizer.getCodeInterval(pair.min, pair.max, pair.format);
    rewriter.replaceOpWithNewOp<AddOp>(
        op, op.getType(), pair.lhs.codes, pair.rhs.codes, factors->multipliers,
        factors->shifts, requantizer.getRounding(), low, high,
        /*subtract=*/std::is_same_v<OpTy, tosa::SubOp>, factors->leftShift);
    return success();
  }
};

/// encode(clamp(decode(x) * decode(y))) -> mul(x, y)
struct IntegerizeProduct : IntegerizePair<tosa::MulOp> {
  using IntegerizePair::IntegerizePair;

  LogicalResult integerize(EncodeOp op, const Pair &pair,
                           PatternRewriter &rewriter) const override {
    if (pair.lhs.getLargestCode() * pair.rhs.getLargestCode() >
        std::numeric_limits<int32_t>::max())
      return rewriter.notifyMatchFailure(
          op, "the products of its codes may leave 32 bits");
    auto factors = requantizer.getFactors(requantizer.getProductRatio(
        pair.lhs.format.getScale() * pair.rhs.format.getScale(),
        pair.format.getScale()));
    if (!factors)
      return rewriter.notifyMatchFailure(
          op, "the scale of its products exceeds the result's by more than "
              "2^29");
    auto [low, high] =
        requantizer.getCodeInterval(pair.min, pair.max, pair.format);
    rewriter.replaceOpWithNewOp<MulOp>(
        op, op.getType(), pair.lhs.codes, pair.rhs.codes,
        factors->multipliers.front(), factors->shifts.front(),
        requantizer.getRounding(), low, high);
    return success();
  }
};

/// encode(clamp(max(decode(x), decode(y)))) -> maximum(rescale(x), rescale(y)),
/// and the same for the minimum
template <typename OpTy, typename CodesOpTy>
struct IntegerizeExtremum : IntegerizePair<OpTy> {
  using IntegerizePair<OpTy>::IntegerizePair;

  LogicalResult integerize(EncodeOp op, const Pair &pair,
                           PatternRewriter &rewriter) const override {
    const Requantizer &requantizer = this->requantizer;
    auto interval =
        requantizer.getCodeInterval(pair.min, pair.max, pair.format);
    auto getFactors = [&](const CodedValue &operand) {
      return requantizer.getFactors(operand.format.getScale() /
                                    pair.format.getScale());
    };
    if (!getFactors(pair.lhs) || !getFactors(pair.rhs))
      return rewriter.notifyMatchFailure(
          op, "the scale of an operand exceeds the result's by more than 2^29");
    auto [low, high] = getStorageRange(pair.format);
    bool clamps = interval.first > low || interval.second < high;
    auto toResult = [&](const CodedValue &operand) {
      return operand.format == pair.format && !clamps
                 ? operand.codes
                 : requantizer.createOnTensor(rewriter, op.getLoc(), operand,
                                              pair.format, *getFactors(operand),
                                              interval);
    };
    Value lhs = toResult(pair.lhs), rhs = toResult(pair.rhs);
    rewriter.replaceOpWithNewOp<CodesOpTy>(op, op.getType(), lhs, rhs);
    return success();
  }
};

} // namespace

void lowbit::populateIntegerizeElementwisePatterns(RewritePatternSet &patterns,
                                                   Profile profile) {
  patterns
      .add<IntegerizeSum<tosa::AddOp>, IntegerizeSum<tosa::SubOp>,
           IntegerizeProduct, IntegerizeExtremum<tosa::MaximumOp, MaximumOp>,
           IntegerizeExtremum<tosa::MinimumOp, MinimumOp>>(
          patterns.getContext(), profile);
}
