//===- Quantizer.cpp - An encode as decisions -----------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An encode that counts thresholds reaches each at the number itself. One that
// rounds decides between two steps at the half, or at the step; the rounding
// says whose the tie is.

#include "Quantizer.h"

using namespace mlir;
using namespace mlir::lowbit;

bool Quantizer::countsCodes(Type format) const {
  int64_t least = getStorageRange(format).first;
  for (auto [rank, code] : llvm::enumerate(codes))
    if (code != least + static_cast<int64_t>(rank))
      return false;
  return true;
}

bool lowbit::hasFewCodes(EncodeOp op) {
  if (op.countsThresholds())
    return true;
  if (op.getRounding() == Rounding::Stochastic)
    return false;
  auto format = dyn_cast<quant::QuantizedType>(op.getType().getElementType());
  return format && format.getStorageTypeIntegralWidth() <= 4;
}

/// Where numbers begin to be rounded to `step` or more.
static Decision getRoundingDecision(int64_t step, Rounding rounding) {
  auto number = [](double value) { return makeWide(value); };
  switch (rounding) {
  case Rounding::NearestEven:
    return {number(step - 0.5), step % 2 == 0};
  case Rounding::NearestAway:
    return {number(step - 0.5), step > 0};
  case Rounding::NearestTowardZero:
    return {number(step - 0.5), step <= 0};
  case Rounding::Floor:
    return {number(step), true};
  case Rounding::Ceil:
    return {number(step - 1), false};
  case Rounding::TowardZero:
    return step > 0 ? Decision{number(step), true}
                    : Decision{number(step - 1), false};
  case Rounding::AwayFromZero:
    return step > 0 ? Decision{number(step - 1), false}
                    : Decision{number(step), true};
  case Rounding::Stochastic:
    break;
  }
  llvm_unreachable("a rounding without decisions, or none");
}

/// clamp(round(x * r) + z), clamp(round(x / s) + z) or clamp(round(x / s + z))
static std::optional<Quantizer> describeRounding(EncodeOp op) {
  Quantizer quantizer;
  Type type = op.getType().getElementType();
  SmallVector<double> scales;
  SmallVector<int64_t> zeroPoints;
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(type)) {
    scales = {uniform.getScale()};
    zeroPoints = {uniform.getZeroPoint()};
  } else {
    auto perAxis = cast<quant::UniformQuantizedPerAxisType>(type);
    llvm::append_range(scales, perAxis.getScales());
    llvm::append_range(zeroPoints, perAxis.getZeroPoints());
  }
  auto [low, high] = getStorageRange(type);
  bool divides = op.getScaling() != Scaling::Multiply;
  bool shifts = op.getScaling() == Scaling::DivideShift;
  for (auto [real, zeroPoint] : llvm::zip(scales, zeroPoints)) {
    auto scale = static_cast<float>(real);
    quantizer.factors.push_back(divides ? 1.0f : 1.0f / scale);
    SmallVector<Decision> &decisions = quantizer.decisions.emplace_back();
    for (int64_t code = low + 1; code <= high; ++code) {
      Decision decision = getRoundingDecision(shifts ? code : code - zeroPoint,
                                              op.getRounding());
      if (shifts)
        decision.number = decision.number - makeWide(zeroPoint);
      if (divides)
        decision.number = decision.number * makeWide(scale);
      decisions.push_back(decision);
    }
  }
  for (int64_t code = low; code <= high; ++code)
    quantizer.codes.push_back(code);
  return quantizer;
}

/// #{ i : x >= thresholds[i] }
static std::optional<Quantizer> describeCounting(EncodeOp op,
                                                 RewriterBase &rewriter) {
  Quantizer quantizer;
  quantizer.factors = {1.0};
  auto format = cast<Format>(op.getType().getElementType());
  for (int64_t channel = 0; channel < format.getNumChannels(); ++channel) {
    SmallVector<float> thresholds =
        op.getThresholds() ? SmallVector<float>(*op.getThresholds())
                           : format.getThresholds(channel);
    SmallVector<Decision> &decisions = quantizer.decisions.emplace_back();
    for (float threshold : thresholds)
      decisions.push_back({makeWide(threshold), /*isInclusive=*/true});
    SmallVector<int64_t> codes = op.getCodes()
                                     ? SmallVector<int64_t>(*op.getCodes())
                                     : format.getOrderedCodes(channel);
    if (channel > 0 && codes != quantizer.codes) {
      (void)rewriter.notifyMatchFailure(
          op, "the order of its format's codes differs between channels");
      return std::nullopt;
    }
    quantizer.codes = codes;
  }
  return quantizer;
}

std::optional<Quantizer> lowbit::describeQuantizer(EncodeOp op,
                                                   RewriterBase &rewriter) {
  std::optional<int64_t> axis =
      cast<Format>(op.getType().getElementType()).getScaleAxis();
  if (axis && *axis != op.getType().getRank() - 1) {
    (void)rewriter.notifyMatchFailure(
        op, "the axis of its format is not the last dimension");
    return std::nullopt;
  }
  if (op.countsThresholds())
    return describeCounting(op, rewriter);
  if (op.getSaturation() != Saturation::Saturate) {
    (void)rewriter.notifyMatchFailure(op, "its codes wrap around");
    return std::nullopt;
  }
  return describeRounding(op);
}
