//===- Groups.cpp - Weights with a scale for each group -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where a layer's weights have a scale for each group of inputs, as in affine
// formats with groups and in blocks, a sum over all inputs is no integer, but each
// group's is:
//
//   sum x w = sum over groups g of  (sx s[o, g]) * sum over k in g of qx qw
//
// The groups are loops of the contraction: those along the axis, and the positions
// of a window, each of which has scales of its own. It multiplies each of its sums
// by one f32 in the epilogue. These are added up in f32, in ascending order. A last
// group that is shorter is filled up with zeros.

#include "ConstantSteps.h"
#include "GroupedLayer.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// layer(decode(x), decode(w, scales)) -> reduce_sum(contract(x, w)), or
/// layer(decode(x), decode(w')) where channels have one scale each
template <typename OpTy> struct IntegerizeGroups : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (op->hasAttr("lowbit.reason"))
      return failure();
    StringRef reason;
    std::optional<GroupedConstant> weights =
        readGroupedConstant(op->getOperand(1), reason);
    if (!weights)
      return reason.empty() ? failure()
                            : rewriter.notifyMatchFailure(op, reason);
    GroupedLayer layer(op, *weights);
    reason = layer.findLoops();
    if (reason.empty() && layer.isAffine()) {
      replaceWeights(op, *weights, rewriter);
      return success();
    }
    std::optional<CodedValue> input = getCodedValue(op->getOperand(0));
    if (reason.empty())
      reason = input ? layer.addUp(*input)
                     : "its input is not the decode of a per-tensor format";
    if (!reason.empty())
      return rewriter.notifyMatchFailure(op, reason);

    Location loc = op.getLoc();
    Value sums = layer.buildSums(rewriter, *input);
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    auto sumsType = cast<RankedTensorType>(sums.getType());
    Value sum = markGlue(tosa::ReduceSumOp::create(
        rewriter, loc,
        sumsType.clone({sumsType.getDimSize(0), 1, sumsType.getDimSize(2)}),
        sums, /*axis=*/1));
    sum = reshapeGlue(rewriter, loc, sum, type.getShape());
    if (!isa<tosa::MatMulOp>(op.getOperation())) {
      Value bias = op->getOperand(2);
      SmallVector<int64_t> shape(type.getRank(), 1);
      shape.back() = cast<ShapedType>(bias.getType()).getNumElements();
      sum = markGlue(tosa::AddOp::create(
          rewriter, loc, type, sum, reshapeGlue(rewriter, loc, bias, shape)));
    }
    rewriter.replaceOp(op, sum);
    return success();
  }

private:
  static void replaceWeights(OpTy op, const GroupedConstant &weights,
                             PatternRewriter &rewriter) {
    ConstantOp constant = weights.constant;
    Value codes =
        createSteps(rewriter, op.getLoc(), *weights.getAffine(), weights.shape,
                    getBlobName(constant.getValue(), "weights"));
    Value real = DecodeOp::create(rewriter, op.getLoc(),
                                  op->getOperand(1).getType(), codes);
    rewriter.modifyOpInPlace(op, [&] { op->setOperand(1, real); });
  }
};

} // namespace

void lowbit::populateGroupsPatterns(RewritePatternSet &patterns) {
  patterns
      .add<IntegerizeGroups<tosa::Conv2DOp>,
           IntegerizeGroups<tosa::DepthwiseConv2DOp>,
           IntegerizeGroups<GroupedConv2dOp>, IntegerizeGroups<tosa::MatMulOp>>(
          patterns.getContext());
}
