//===- SplitTerms.cpp - Layers of several terms ---------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A layer is linear in its input and in its weights. Where one of these is the
// decode of a format of several terms, the layer is the sum of one layer for each
// term, all of which are integers times a scale. The numbers of a codebook that are no
// multiples of one step are rounded first, or such a sum where too few bits would be left:
// RoundCodebook.cpp, Codebooks.cpp.

#include "Codebooks.h"
#include "GroupedLayer.h"

#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Integerize.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The decode behind `value` if its format has several terms.
static DecodeOp getTerms(Value value) {
  auto decode = value.getDefiningOp<DecodeOp>();
  if (!decode)
    return {};
  auto format = cast<Format>(
      cast<ShapedType>(decode.getInput().getType()).getElementType());
  return format.hasParameters() || format.getNumTerms() == 1 ? DecodeOp()
                                                             : decode;
}

static bool hasStaticShape(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped && shaped.hasStaticShape();
}

namespace {

/// layer(decode(x), w, b) -> layer(decode(steps(x, 0)), w, b)
///                           + layer(decode(steps(x, 1)), w, 0) + ...
template <typename Layer> struct SplitTerms : OpRewritePattern<Layer> {
  using OpRewritePattern<Layer>::OpRewritePattern;

  LogicalResult matchAndRewrite(Layer op,
                                PatternRewriter &rewriter) const override {
    if (!isMultiplyAccumulate(op) || op->hasAttr("lowbit.reason") ||
        !op->getOperand(0).template getDefiningOp<DecodeOp>() ||
        !isDecodedConstant(op->getOperand(1)) ||
        !llvm::all_of(op->getOperandTypes(), hasStaticShape))
      return failure();
    auto weights = op->getOperand(1).template getDefiningOp<DecodeOp>();
    std::string reason;
    if (Value rounded = roundCodebook(op, rewriter, reason)) {
      rewriter.modifyOpInPlace(op, [&] { op->setOperand(1, rounded); });
      return success();
    }
    if (SmallVector<Value> parts = splitCodebook(weights, rewriter);
        !parts.empty()) {
      op.emitRemark() << "is the sum of " << parts.size()
                      << " layers, of 8 bits of its codebook each: " << reason;
      split(op, 1, parts, rewriter);
      return success();
    }
    if (!weights.getParameters().empty() && !sumsByGroups(op))
      return failure();
    for (unsigned index : {1, 0})
      if (DecodeOp decode = getTerms(op->getOperand(index))) {
        split(op, index, splitDecode(decode, rewriter), rewriter);
        return success();
      }
    return failure();
  }

private:
  /// One decode for each term.
  static SmallVector<Value> splitDecode(DecodeOp decode,
                                        PatternRewriter &rewriter) {
    auto coded = cast<RankedTensorType>(decode.getInput().getType());
    auto format = cast<Format>(coded.getElementType());
    SmallVector<Value> parts;
    for (unsigned term = 0; term < format.getNumTerms(); ++term) {
      Value steps = StepsOp::create(rewriter, decode.getLoc(),
                                    coded.clone(getStepsFormat(format, term)),
                                    decode.getInput(), term);
      parts.push_back(
          DecodeOp::create(rewriter, decode.getLoc(), decode.getType(), steps));
    }
    return parts;
  }

  /// The sum of `op` on each of `parts` in place of operand `index`. A batch norm
  /// behind it is one of each layer, so that all of them go into scales.
  static void split(Layer op, unsigned index, ArrayRef<Value> parts,
                    PatternRewriter &rewriter) {
    // Sums of groups are added up in f32, and so are those of terms.
    bool isGrouped = sumsByGroups(op);
    SmallVector<Value> layers;
    for (Value decoded : parts) {
      SmallVector<Value> operands(op->getOperands());
      operands[index] = decoded;
      if (!layers.empty() && !isa<tosa::MatMulOp>(op.getOperation()))
        operands[2] = createZeros(op, operands[2].getType(), rewriter);
      Operation *layer = rewriter.clone(*op);
      layer->setOperands(operands);
      layers.push_back(layer->getResult(0));
    }
    Operation *norm = isGrouped ? nullptr : getQuantizationUnit(op).norm;
    Operation *last = norm ? norm : op.getOperation();
    rewriter.setInsertionPoint(last);
    Value sum;
    for (Value part : layers) {
      if (norm) {
        Value term = norm->getOperand(2);
        if (sum)
          term = createZeros(norm, term.getType(), rewriter);
        Operation *copy = rewriter.clone(*norm);
        copy->setOperands({part, norm->getOperand(1), term, norm->getOperand(3),
                           norm->getOperand(4)});
        part = copy->getResult(0);
      }
      if (sum) {
        part = tosa::AddOp::create(rewriter, op.getLoc(), part.getType(), sum,
                                   part);
        if (isGrouped)
          part.getDefiningOp()->setAttr(kFloatGlueAttr,
                                        rewriter.getStringAttr(kGroupsReason));
      }
      sum = part;
    }
    rewriter.replaceOp(last, sum);
    if (norm)
      rewriter.eraseOp(op);
  }

  static Value createZeros(Operation *op, Type bias,
                           PatternRewriter &rewriter) {
    auto type = cast<RankedTensorType>(bias);
    SmallVector<float> zeros(type.getNumElements(), 0.0f);
    return tosa::ConstOp::create(rewriter, op->getLoc(), type,
                                 makeElements<float>(type, zeros, "bias"));
  }
};

} // namespace

void lowbit::populateSplitTermsPatterns(RewritePatternSet &patterns) {
  patterns.add<SplitTerms<tosa::Conv2DOp>, SplitTerms<tosa::DepthwiseConv2DOp>,
               SplitTerms<GroupedConv2dOp>, SplitTerms<tosa::MatMulOp>>(
      patterns.getContext());
}
