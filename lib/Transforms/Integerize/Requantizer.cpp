//===- Requantizer.cpp - Changes of scale in a profile --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Requantizer.h"

#include "lowbit/Support/FixedPoint.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

void ScaleFactors::resize(size_t count) {
  if (!scales.empty())
    return scales.resize(count);
  multipliers.resize(count);
  shifts.resize(count);
}

/// TFLite's QuantizeMultiplier. It is getRescaleFactor down to 2^-32; what is
/// smaller becomes 0.
static std::optional<RescaleFactor> getTfliteFactor(double real) {
  constexpr double least = 0x1p-32;
  return getRescaleFactor(real < least ? 0 : real);
}

std::optional<ScaleFactors>
Requantizer::getFactors(ArrayRef<double> real) const {
  ScaleFactors factors;
  for (double value : real) {
    if (!isFixedPoint()) {
      auto scale = static_cast<float>(value);
      if (!std::isfinite(scale))
        return std::nullopt;
      factors.scales.push_back(scale);
      continue;
    }
    std::optional<RescaleFactor> factor =
        isTflite() ? getTfliteFactor(value) : getRescaleFactor(value);
    if (!factor)
      return std::nullopt;
    factors.multipliers.push_back(factor->multiplier);
    factors.shifts.push_back(factor->shift);
  }
  return factors;
}

static double roundToF32(double value) { return static_cast<float>(value); }

double Requantizer::getLayerRatio(double product, double result,
                                  bool isFullyConnectedPerTensor) const {
  if (profile == Profile::Onnx)
    return roundToF32(roundToF32(product) / result);
  if (isTflite() && isFullyConnectedPerTensor)
    return roundToF32(product) / result;
  return product / result;
}

double Requantizer::getProductRatio(double product, double result) const {
  return profile == Profile::Tosa ? product / result
                                  : roundToF32(roundToF32(product) / result);
}

std::optional<ScaleFactors> Requantizer::getMeanFactors(double ratio,
                                                        int64_t count) const {
  if (!isTflite())
    return getFactors(ratio / count);
  // TFLite divides the multiplier, rounding down, with as many bits before the
  // division as its shift of at least -31 leaves.
  std::optional<ScaleFactors> factors = getFactors(ratio);
  if (!factors)
    return std::nullopt;
  int32_t &multiplier = factors->multipliers.front();
  int32_t &shift = factors->shifts.front(); // 31 - TFLite's
  int bits = std::min<int>(llvm::Log2_64(count), std::min(32, 62 - shift));
  multiplier =
      static_cast<int32_t>((static_cast<int64_t>(multiplier) << bits) / count);
  shift += bits;
  return factors;
}

std::optional<SumFactors>
Requantizer::getSumFactors(const CodedValue &lhs, const CodedValue &rhs,
                           quant::UniformQuantizedType format) const {
  SumFactors factors;
  double left = lhs.format.getScale(), right = rhs.format.getScale();
  double grid, sum;
  if (isTflite()) {
    // Twice the larger scale, of 2^20 steps for codes of 8 bits, 2^15 for more.
    double steps =
        std::max(lhs.getMagnitude() / left, rhs.getMagnitude() / right);
    if (!(steps <= 1 << 15))
      return std::nullopt;
    grid = 2 * std::max(left, right);
    factors.leftShift = steps < 1 << 9 ? 20 : 15;
    sum = std::ldexp(grid, -factors.leftShift) / format.getScale();
  } else {
    // max|x|, max|y| <= 2^28 steps, so the sum of both stays within 2^29.
    grid = std::max(lhs.getMagnitude(), rhs.getMagnitude()) / (1 << 28);
    sum = grid / format.getScale();
  }
  std::optional<ScaleFactors> found =
      getFactors({left / grid, right / grid, sum});
  if (!found || !isFixedPoint())
    return std::nullopt;
  factors.multipliers = std::move(found->multipliers);
  factors.shifts = std::move(found->shifts);
  return factors;
}

int32_t Requantizer::encode(double real,
                            quant::UniformQuantizedType format) const {
  auto scale = static_cast<float>(format.getScale());
  auto value = static_cast<float>(real);
  float scaled =
      profile == Profile::Tosa ? value * (1.0f / scale) : value / scale;
  double code = isTflite() ? std::round(scaled) : std::nearbyint(scaled);
  code = (std::isnan(code) ? 0 : code) + format.getZeroPoint();
  code = std::max<double>(code, format.getStorageTypeMin());
  return static_cast<int32_t>(
      std::min<double>(code, format.getStorageTypeMax()));
}

std::pair<int32_t, int32_t>
Requantizer::getCodeInterval(double min, double max,
                             quant::UniformQuantizedType format) const {
  return {encode(min, format), encode(max, format)};
}

void Requantizer::setCrossing(EncodeOp op) const {
  if (profile == Profile::Tosa || op.countsThresholds() ||
      op.getRounding() != Rounding::NearestEven ||
      op.getSaturation() != Saturation::Saturate ||
      op.getScaling() == Scaling::DivideShift)
    return;
  op.setScaling(Scaling::Divide);
  if (isTflite())
    op.setRounding(Rounding::NearestAway);
}

SmallVector<Value> Requantizer::createTensors(OpBuilder &builder, Location loc,
                                              const ScaleFactors &factors,
                                              ArrayRef<int64_t> shape) const {
  if (!isFixedPoint()) {
    auto type = RankedTensorType::get(shape, builder.getF32Type());
    return {arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(type, ArrayRef<float>(factors.scales)))};
  }
  return {createI32Tensor(builder, loc, factors.multipliers, shape),
          createI32Tensor(builder, loc, factors.shifts, shape)};
}

SmallVector<Value>
Requantizer::createScalars(OpBuilder &builder, Location loc,
                           const ScaleFactors &factors) const {
  if (!isFixedPoint())
    return {arith::ConstantOp::create(
        builder, loc, builder.getF32FloatAttr(factors.scales.front()))};
  return {
      arith::ConstantIntOp::create(builder, loc, factors.multipliers[0], 32),
      arith::ConstantIntOp::create(builder, loc, factors.shifts[0], 32)};
}

Value Requantizer::createOnScalar(OpBuilder &builder, Location loc, Value value,
                                  ValueRange operands,
                                  const ScaleBounds &bounds) const {
  if (!isFixedPoint())
    return RequantizeOp::create(builder, loc, builder.getI32Type(), value,
                                operands[0], bounds.inputZero,
                                bounds.outputZero, bounds.min, bounds.max,
                                /*axis=*/IntegerAttr());
  return RescaleOp::create(builder, loc, builder.getI32Type(), value,
                           operands[0], operands[1], getRounding(),
                           Saturation::Saturate, bounds.inputZero,
                           bounds.outputZero, bounds.min, bounds.max,
                           /*axis=*/IntegerAttr());
}

Value Requantizer::createOnTensor(OpBuilder &builder, Location loc,
                                  const CodedValue &input,
                                  quant::UniformQuantizedType format,
                                  const ScaleFactors &factors,
                                  std::pair<int32_t, int32_t> interval,
                                  std::optional<int64_t> axis) const {
  auto type = cast<RankedTensorType>(input.codes.getType()).clone(format);
  SmallVector<Value> operands = createTensors(
      builder, loc, factors, {static_cast<int64_t>(factors.size())});
  int64_t inputZero = input.format.getZeroPoint();
  int64_t outputZero = format.getZeroPoint();
  auto [min, max] = interval;
  IntegerAttr dim = axis ? builder.getI64IntegerAttr(*axis) : IntegerAttr();
  if (!isFixedPoint())
    return RequantizeOp::create(builder, loc, type, input.codes, operands[0],
                                inputZero, outputZero, min, max, dim);
  return RescaleOp::create(builder, loc, type, input.codes, operands[0],
                           operands[1], getRounding(), Saturation::Saturate,
                           inputZero, outputZero, min, max, dim);
}
