//===- SumOfLayers.cpp - Layers with factors, and sums of them ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Factors and terms for each channel go into the layer before them: ScaledLayer.cpp.
//
// A sum of layers is one residual add after the other. All but the last are codes
// of 32 bits on one grid, which divides the largest sum there can be into 2^28
// steps or more.

#include "Quantizer.h"
#include "ScaledLayer.h"
#include "SinkDecode.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>
#include <vector>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Layers, and codes at most once.
struct Sum {
  std::vector<ScaledLayer> summands;
  Value residual; // a decode, or null

  double getMagnitude() const;
};

} // namespace

/// The operands of the sum `value`: `value` itself if it is none.
static void collectOperands(Value value, SmallVectorImpl<Value> &operands) {
  auto add = value.getDefiningOp<tosa::AddOp>();
  if (!add || !value.hasOneUse() || getConstantElements(add.getInput1()) ||
      getConstantElements(add.getInput2()) ||
      add.getInput1().getType() != add.getType() ||
      add.getInput2().getType() != add.getType())
    return operands.push_back(value);
  collectOperands(add.getInput1(), operands);
  collectOperands(add.getInput2(), operands);
}

static Operation *getLayer(Value value) {
  Operation *op = value.getDefiningOp();
  return op && value.hasOneUse() && isMultiplyAccumulate(op) ? op : nullptr;
}

double Sum::getMagnitude() const {
  double most = 0;
  for (const ScaledLayer &summand : summands)
    most += summand.getMagnitude();
  if (residual)
    most += getCodedValue(residual)->getMagnitude();
  return most;
}

/// True if `chain` may read a sum of layers: a cheap look.
static bool isSum(const ChannelChain &chain) {
  SmallVector<Value> operands;
  collectOperands(chain.source, operands);
  return llvm::any_of(operands,
                      [](Value operand) {
                        return getLayer(getChannelChain(operand).source);
                      }) &&
         llvm::all_of(operands, [](Value operand) {
           return getLayer(getChannelChain(operand).source) ||
                  getCodedValue(operand);
         });
}

/// Describes the sum `source`, all operands of which have its shape. Gives the
/// reason on `root` if it cannot be done on codes.
static LogicalResult describeSum(Operation *root, Value source, Sum &sum,
                                 PatternRewriter &rewriter) {
  SmallVector<Value> operands;
  collectOperands(source, operands);
  for (Value operand : operands) {
    ChannelChain chain = getChannelChain(operand);
    Operation *op = getLayer(chain.source);
    if (!op) {
      if (sum.residual)
        return failure();
      sum.residual = operand;
      continue;
    }
    if (getQuantizationUnit(op).root->hasAttr("lowbit.reason"))
      return rewriter.notifyMatchFailure(root, "its input is to stay in float");
    ScaledLayer &summand = sum.summands.emplace_back();
    if (failed(describeLayer(op, summand.layer, rewriter)) ||
        failed(sumWeights(summand.layer, summand.channels, rewriter)))
      return failure();
    if (op->getResult(0).getType() != source.getType() ||
        static_cast<int64_t>(summand.channels.size()) !=
            cast<ShapedType>(source.getType()).getShape().back())
      return rewriter.notifyMatchFailure(
          root, "the channels of its sum are not those of its layers");
    summand.functions.resize(summand.channels.size());
    if (failed(chain.compose(summand.functions, root, rewriter)))
      return failure();
    summand.isScaled = !chain.ops.empty();
    if (llvm::any_of(summand.functions, [](const ChannelFunction &function) {
          return !function.low.isInfinity() || !function.high.isInfinity();
        }))
      return rewriter.notifyMatchFailure(root, "a clamp stands inside its sum");
  }
  return success();
}

/// A format of 2^28 steps for `magnitude`, or up to twice as many as it needs: the
/// scale is a power of two, so that what is exact in floats stays so.
static quant::UniformQuantizedType getGrid(MLIRContext *context,
                                           double magnitude) {
  constexpr int places = 28;
  int exponent;
  std::frexp(magnitude, &exponent);
  exponent =
      std::max(exponent - places, std::numeric_limits<float>::min_exponent);
  return quant::UniformQuantizedType::get(
      quant::QuantizationFlags::Signed, IntegerType::get(context, 32),
      Float32Type::get(context), std::ldexp(1.0, exponent), /*zeroPoint=*/0,
      -(int64_t(1) << places), int64_t(1) << places);
}

/// `value` as codes of `grid`, decoded.
static Value roundToGrid(PatternRewriter &rewriter, Value value, Type grid) {
  auto type = cast<RankedTensorType>(value.getType());
  Value codes =
      EncodeOp::create(rewriter, value.getLoc(), type.clone(grid), value);
  return DecodeOp::create(rewriter, value.getLoc(), type, codes);
}

/// The real sum, of which all but one addition are done on the grid.
static FailureOr<Value> buildSum(Sum &sum, EncodeOp root,
                                 PatternRewriter &rewriter) {
  for (const ScaledLayer &summand : sum.summands)
    if (StringRef reason = explainScaledLayer(summand); !reason.empty())
      return rewriter.notifyMatchFailure(root, reason);
  Type grid = getGrid(root.getContext(), sum.getMagnitude());
  Value value = sum.residual;
  for (auto [i, summand] : llvm::enumerate(llvm::reverse(sum.summands))) {
    Value layer = buildScaledLayer(summand, rewriter);
    if (i > 0)
      value = roundToGrid(rewriter, value, grid);
    if (value)
      value = tosa::AddOp::create(rewriter, root.getLoc(), layer.getType(),
                                  layer, value);
    else
      value = layer;
  }
  return value;
}

namespace {

/// encode(chain(layer + layer + ... [+ decode(r)])): factors into the scales of
/// weights, all but one sum onto a grid, few codes behind it
struct IntegerizeSum : OpRewritePattern<EncodeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    ChannelChain chain = getChannelChain(op.getInput());
    Sum sum;
    bool isFew = hasFewCodes(op);
    if (!isSum(chain) || failed(describeSum(op, chain.source, sum, rewriter)))
      return failure();
    // What Contraction.cpp and Thresholds.cpp take as it is.
    bool isScaled = llvm::any_of(sum.summands, [](const ScaledLayer &summand) {
      return summand.isScaled;
    });
    if (sum.summands.size() == 1 && !isScaled &&
        (isFew ? !sum.residual : !chain.hasFactors()))
      return failure();
    if (isFew) {
      // Before the factors that read the sum.
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointAfterValue(chain.source);
      FailureOr<Value> value = buildSum(sum, op, rewriter);
      if (failed(value))
        return failure();
      Type grid = getGrid(op.getContext(), sum.getMagnitude());
      rewriter.replaceAllUsesWith(chain.source,
                                  roundToGrid(rewriter, *value, grid));
      return success();
    }
    return foldChain(op, chain, sum, rewriter);
  }

private:
  /// encode(chain(sum)) -> encode(clamp(sum))
  static LogicalResult foldChain(EncodeOp op, const ChannelChain &chain,
                                 Sum &sum, PatternRewriter &rewriter) {
    if (chain.hasFactors() && sum.residual)
      return rewriter.notifyMatchFailure(
          op, "factors of each channel stand behind its residual add");
    SmallVector<ChannelFunction> outer(sum.summands[0].functions.size());
    if (failed(chain.compose(outer, op, rewriter)))
      return failure();
    auto sameBounds = [&](const ChannelFunction &function) {
      return function.low == outer[0].low && function.high == outer[0].high;
    };
    if (!llvm::all_of(outer, sameBounds))
      return rewriter.notifyMatchFailure(
          op, "a clamp stands before the factors of its channels");
    if (chain.hasFactors())
      for (auto [i, function] : llvm::enumerate(outer))
        for (auto [position, summand] : llvm::enumerate(sum.summands)) {
          summand.functions[i].multiply(toDouble(function.factor));
          if (position == 0)
            summand.functions[i].add(toDouble(function.term));
          summand.isScaled = true;
        }
    FailureOr<Value> value = buildSum(sum, op, rewriter);
    if (failed(value))
      return failure();
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(value->getType());
    Value clamped = *value;
    if (!outer[0].low.isInfinity() || !outer[0].high.isInfinity()) {
      auto bound = [&](const APFloat &number) {
        return rewriter.getF32FloatAttr(static_cast<float>(toDouble(number)));
      };
      clamped =
          tosa::ClampOp::create(rewriter, loc, type, clamped,
                                bound(outer[0].low), bound(outer[0].high));
    }
    auto encode = cast<EncodeOp>(rewriter.clone(*op));
    encode->setOperand(0, clamped);
    encode->getResult(0).setType(type.clone(op.getType().getElementType()));
    rewriter.replaceOp(op, reshapeCodes(rewriter, loc, encode.getResult(),
                                        op.getType().getShape()));
    return success();
  }
};

} // namespace

void lowbit::populateSumOfLayersPatterns(RewritePatternSet &patterns) {
  patterns.add<IntegerizeSum>(patterns.getContext());
}
