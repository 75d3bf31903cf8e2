//===- LowbitFolds.cpp - Folders ----------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Folders neither read nor make large constants.

#include "lowbit/IR/Lowbit.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::lowbit;

/// True if all zero points are codes, and neither scales nor their reciprocals
/// nor any number of the format leave the normal range of f32.
static bool hasModerateParameters(quant::QuantizedType format) {
  auto isModerate = [&](double scale, int64_t zeroPoint) {
    return scale >= 0x1p-100 && scale <= 0x1p100 &&
           zeroPoint >= format.getStorageTypeMin() &&
           zeroPoint <= format.getStorageTypeMax();
  };
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(format))
    return isModerate(uniform.getScale(), uniform.getZeroPoint());
  auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(format);
  return perAxis &&
         llvm::all_of(llvm::zip(perAxis.getScales(), perAxis.getZeroPoints()),
                      [&](auto pair) { return std::apply(isModerate, pair); });
}

/// With |code - z| < 2^17, the roundings of scale, reciprocal, the two products
/// and the sum with z lose less than half a step together, so rounding to nearest
/// finds the code again. Other roundings may not.
bool lowbit::recoversCodes(EncodeOp encode) {
  Type type = encode.getType().getElementType();
  if (encode.countsThresholds()) {
    // Nearest numbers, and no two codes of one number.
    auto codes = cast<Format>(type);
    auto [low, high] = codes.getCodeRange();
    for (int64_t channel = 0; channel < codes.getNumChannels(); ++channel)
      if (static_cast<int64_t>(codes.getOrderedCodes(channel).size()) !=
          high - low + 1)
        return false;
    return !encode.getThresholds();
  }
  auto format = cast<quant::QuantizedType>(type);
  bool nearest = encode.getRounding() == Rounding::NearestEven ||
                 encode.getRounding() == Rounding::NearestAway ||
                 encode.getRounding() == Rounding::NearestTowardZero;
  return nearest && format.getStorageTypeIntegralWidth() <= 16 &&
         hasModerateParameters(format);
}

/// encode(decode(x)) : T -> x : T
OpFoldResult EncodeOp::fold(FoldAdaptor) {
  auto decode = getInput().getDefiningOp<DecodeOp>();
  if (!decode || decode.getInput().getType() != getType() ||
      !recoversCodes(*this))
    return {};
  return decode.getInput();
}

/// transpose(x) by the identity -> x
OpFoldResult TransposeOp::fold(FoldAdaptor) {
  for (auto [position, dim] : llvm::enumerate(getPermutation()))
    if (static_cast<int64_t>(position) != dim)
      return {};
  return getInput();
}

/// reinterpret(x) : T -> x : T
OpFoldResult ReinterpretOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType())
    return getInput();
  return {};
}

namespace {

/// reinterpret(reinterpret(x)) -> reinterpret(x)
struct ComposeReinterprets : OpRewritePattern<ReinterpretOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(ReinterpretOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<ReinterpretOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "the input is no reinterpret");
    Type from = getElementTypeOrSelf(inner.getInput().getType());
    Type to = getElementTypeOrSelf(op.getType());
    if (inner.getInput().getType() == op.getType()) {
      rewriter.replaceOp(op, inner.getInput());
      return success();
    }
    bool bothCodes = isCodeFormat(from) && isCodeFormat(to);
    if (!bothCodes || isSignedStorage(from) != isSignedStorage(to) ||
        getStorageRange(from) != getStorageRange(to))
      return rewriter.notifyMatchFailure(op, "the storage differs");
    rewriter.replaceOpWithNewOp<ReinterpretOp>(op, op.getType(),
                                               inner.getInput());
    return success();
  }
};

/// reinterpret(constant) -> constant
struct ReinterpretConstant : OpRewritePattern<ReinterpretOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(ReinterpretOp op,
                                PatternRewriter &rewriter) const override {
    auto constant = op.getInput().getDefiningOp<ConstantOp>();
    if (!constant || !isCodeFormat(getElementTypeOrSelf(op.getType())))
      return rewriter.notifyMatchFailure(op, "the input or result is no codes");
    auto folded = rewriter.replaceOpWithNewOp<ConstantOp>(op, op.getType(),
                                                          constant.getValue());
    copyStorage(constant, folded);
    return success();
  }
};

} // namespace

void ReinterpretOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                MLIRContext *context) {
  patterns.add<ComposeReinterprets, ReinterpretConstant>(context);
}
