//===- ScaledLayer.cpp - Layers with factors behind them ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Weights that are codes cannot take up the factors of a batch norm, but their
// scales can: a factor for each channel is a scale for each channel, with the
// steps negated below 0. Terms join the bias.

#include "ScaledLayer.h"

#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

double lowbit::toDouble(APFloat value) {
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.convertToDouble();
}

double ScaledLayer::getMagnitude() const {
  double most = 0;
  for (auto [i, channel] : llvm::enumerate(channels)) {
    const ChannelFunction &function = functions[i];
    double zero = layer.input.format.getZeroPoint() * double(channel.weightSum);
    for (double sum : {channel.low - zero, channel.high - zero})
      most = std::max(most, std::abs(toDouble(function.factor)) *
                                    (std::abs(sum * channel.scale) +
                                     std::abs(layer.getBias(i))) +
                                std::abs(toDouble(function.term)));
  }
  return most;
}

/// The scale of weights for which a channel's sum is all `term`.
static double getScaleOfTerm(double term, double inputScale) {
  double scale = std::abs(term) / inputScale / (1 << 29);
  return scale >= std::numeric_limits<float>::min() ? scale : 1.0;
}

static double getTerm(const ScaledLayer &scaled, size_t index) {
  const ChannelFunction &function = scaled.functions[index];
  return toDouble(function.factor) * scaled.layer.getBias(index) +
         toDouble(function.term);
}

static double getWeightScale(const ScaledLayer &scaled, size_t index) {
  double factor = toDouble(scaled.functions[index].factor);
  if (factor == 0)
    return getScaleOfTerm(getTerm(scaled, index),
                          scaled.layer.input.format.getScale());
  return std::abs(factor) * scaled.channels[index].weightScale;
}

StringRef lowbit::explainScaledLayer(const ScaledLayer &scaled) {
  if (!scaled.isScaled)
    return "";
  Operation *op = scaled.layer.op;
  auto indices = llvm::seq<size_t>(0, scaled.channels.size());
  bool hasTerms =
      llvm::any_of(indices, [&](size_t i) { return getTerm(scaled, i) != 0; });
  if (!getChannelAxis(op) || (isa<tosa::MatMulOp>(op) && hasTerms))
    return "its layer has no place for a factor and a term of each channel";
  for (size_t i : indices) {
    double scale = getWeightScale(scaled, i);
    if (!std::isfinite(static_cast<float>(getTerm(scaled, i))) ||
        !(scale >= std::numeric_limits<float>::min() && scale <= 0x1p126))
      return "a factor or term of its batch norm leaves the range of f32";
  }
  return "";
}

Value lowbit::buildScaledLayer(const ScaledLayer &scaled,
                               PatternRewriter &rewriter) {
  Operation *op = scaled.layer.op;
  Operation *result = rewriter.clone(*op);
  if (!scaled.isScaled)
    return result->getResult(0);
  rewriter.setInsertionPoint(result);
  int64_t axis = *getChannelAxis(op);
  auto weightType = cast<RankedTensorType>(op->getOperand(1).getType());
  ArrayRef<int64_t> shape = weightType.getShape();
  int64_t inner = ShapedType::getNumElements(shape.drop_front(axis + 1));
  ConstantSteps steps = scaled.layer.weightSteps;
  steps.axis = axis;
  steps.inner = inner;
  steps.scales.clear();
  SmallVector<float> bias;
  for (size_t i = 0; i < scaled.channels.size(); ++i) {
    steps.scales.push_back(getWeightScale(scaled, i));
    bias.push_back(static_cast<float>(getTerm(scaled, i)));
  }
  for (auto [i, step] : llvm::enumerate(steps.steps)) {
    const APFloat &factor = scaled.functions[i / inner % bias.size()].factor;
    step *= factor.isZero() ? 0 : factor.isNegative() ? -1 : 1;
  }

  Location loc = op->getLoc();
  ConstantOp weights = scaled.layer.weights;
  result->setOperand(
      1, DecodeOp::create(
             rewriter, loc, weightType,
             createSteps(rewriter, loc, steps, shape,
                         getBlobName(weights.getValue(), "weights"))));
  if (!isa<tosa::MatMulOp>(op)) {
    auto type = RankedTensorType::get({static_cast<int64_t>(bias.size())},
                                      rewriter.getF32Type());
    result->setOperand(
        2, tosa::ConstOp::create(rewriter, loc, type,
                                 makeElements<float>(type, bias, "bias")));
  }
  rewriter.setInsertionPointAfter(result);
  return result->getResult(0);
}
