//===- Steps.cpp - Codes of any format as integers ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Bit planes and powers of two are integers times a scale. With these integers
// as affine codes, every pattern for affine formats takes them.

#include "SinkDecode.h"

#include "lowbit/Analysis/CodeData.h"
#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// True if `user` moves codes of `decode` as they are.
static bool movesCodes(DecodeOp decode, Operation *user) {
  return isDataMovement(user) && user->getOperand(0) == decode.getResult() &&
         getMovedCodes(decode, user);
}

namespace {

/// decode(q) -> decode(steps(q)), in formats of one term, for all users but those
/// that move the codes
struct DecodeSteps : OpRewritePattern<DecodeOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(DecodeOp op,
                                PatternRewriter &rewriter) const override {
    auto coded = cast<RankedTensorType>(op.getInput().getType());
    auto format = cast<Format>(coded.getElementType());
    if (isa<quant::QuantizedType>(format))
      return failure();
    auto needsSteps = [&](OpOperand &use) {
      Operation *user = use.getOwner();
      auto encode = dyn_cast<EncodeOp>(user);
      bool isFolded = encode && encode.getType() == op.getInput().getType() &&
                      recoversCodes(encode);
      return !isFolded && !isa<func::ReturnOp>(user) && !movesCodes(op, user);
    };
    if (!llvm::any_of(op->getUses(), needsSteps))
      return failure();
    if (format.hasParameters() || format.getNumTerms() != 1)
      return rewriter.notifyMatchFailure(
          op, "its format is not one integer times a scale");
    auto steps = StepsOp::create(
        rewriter, op.getLoc(), coded.clone(getStepsFormat(format, /*term=*/0)),
        op.getInput(), /*term=*/0);
    auto decoded = DecodeOp::create(rewriter, op.getLoc(), op.getType(), steps);
    rewriter.replaceUsesWithIf(op, decoded, needsSteps);
    return success();
  }
};

/// steps(constant) -> constant
struct FoldConstantSteps : OpRewritePattern<StepsOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(StepsOp op,
                                PatternRewriter &rewriter) const override {
    auto constant = op.getInput().getDefiningOp<ConstantOp>();
    if (!constant)
      return failure();
    std::optional<SmallVector<int64_t>> steps = readCodes(constant);
    if (!steps)
      return rewriter.notifyMatchFailure(op, "its data is missing");
    auto format = cast<Format>(
        cast<RankedTensorType>(constant.getType()).getElementType());
    for (int64_t &step : *steps)
      step = format.getStep(step, op.getTerm());
    auto folded = rewriter.replaceOpWithNewOp<ConstantOp>(
        op, op.getType(),
        makeCodes(op.getType(), *steps,
                  getBlobName(constant.getValue(), "weights")));
    copyStorage(constant, folded);
    return success();
  }
};

} // namespace

void lowbit::populateStepsPatterns(RewritePatternSet &patterns) {
  patterns.add<DecodeSteps, FoldConstantSteps>(patterns.getContext());
}
