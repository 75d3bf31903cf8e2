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
//
// Where the scale sx of the input is known at run time only, as that of each row, the sum
// of the groups is multiplied by it; a zero point of the row, times the sum of the group's
// weights, is subtracted in the epilogue.

#include "ConstantSteps.h"
#include "GroupedLayer.h"
#include "RuntimeTerm.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The affine format of codes whose scales are known at run time, of all of them or
/// along an axis; null if `real` is no decode of such codes.
static AffineType getRuntimeFormat(Value real) {
  auto decode = real.getDefiningOp<DecodeOp>();
  if (!decode || decode.getParameters().empty() ||
      decode.getInput().getDefiningOp<ConstantOp>())
    return {};
  auto format = dyn_cast<AffineType>(
      cast<RankedTensorType>(decode.getInput().getType()).getElementType());
  return format && format.getGroup() == 0 ? format : AffineType();
}

/// `sums` times the scales of a format at run time.
static Value scaleRows(PatternRewriter &rewriter, Value sums, Value scales,
                       AffineType format) {
  Location loc = sums.getLoc();
  auto type = cast<RankedTensorType>(sums.getType());
  SmallVector<int64_t> shape(type.getRank(), 1);
  if (format.getAxis())
    shape[*format.getAxis()] = type.getDimSize(*format.getAxis());
  auto shift = RankedTensorType::get({1}, rewriter.getI8Type());
  Value zero = tosa::ConstOp::create(
      rewriter, loc, shift,
      DenseElementsAttr::get(shift, rewriter.getI8IntegerAttr(0)));
  return markGlue(tosa::MulOp::create(rewriter, loc, type, sums,
                                      reshapeGlue(rewriter, loc, scales, shape),
                                      zero));
}

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
    AffineType runtime = getRuntimeFormat(op->getOperand(0));
    if (reason.empty()) {
      if (runtime)
        reason = checkRuntime(layer, runtime, input);
      else if (input)
        reason = layer.addUp(*input);
      else
        reason = "its input is not the decode of a per-tensor format";
    }
    if (!reason.empty())
      return rewriter.notifyMatchFailure(op, reason);

    Location loc = op.getLoc();
    RuntimeTerm term;
    if (runtime) {
      auto decode = op->getOperand(0).template getDefiningOp<DecodeOp>();
      term = buildRuntimeTerm(rewriter, decode, /*plane=*/0);
      input = CodedValue{term.codes, term.format};
    }
    Value sums = layer.buildSums(rewriter, *input, term.zeroPoints);
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    auto sumsType = cast<RankedTensorType>(sums.getType());
    Value sum = markGlue(tosa::ReduceSumOp::create(
        rewriter, loc,
        sumsType.clone({sumsType.getDimSize(0), 1, sumsType.getDimSize(2)}),
        sums, /*axis=*/1));
    sum = reshapeGlue(rewriter, loc, sum, type.getShape());
    if (runtime)
      sum = scaleRows(rewriter, sum, term.scales, runtime);
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
  /// Why sums of products with codes of `format` are no integers of 32 bits, or their
  /// scales are not those of rows; empty otherwise. `input` is what `layer` adds up.
  static StringRef checkRuntime(GroupedLayer &layer, AffineType format,
                                std::optional<CodedValue> &input) {
    if (format.getMin() > 0 || format.getMax() < 0)
      return "its padding has no code";
    if (format.getZero() && layer.hasPadding())
      return "it pads with a zero point that is known only at run time";
    if (format.getAxis())
      if (StringRef reason = layer.findRow(*format.getAxis()); !reason.empty())
        return reason;
    input = CodedValue{Value(), getPlainFormat(cast<Format>(Type(format)))};
    return layer.addUp(*input, format.getZero());
  }

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
