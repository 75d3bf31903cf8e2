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
  multipliers.resize(count);
  shifts.resize(count);
}

std::optional<ScaleFactors>
Requantizer::getFactors(ArrayRef<double> real) const {
  ScaleFactors factors;
  for (double value : real) {
    std::optional<RescaleFactor> factor = getRescaleFactor(value);
    if (!factor)
      return std::nullopt;
    factors.multipliers.push_back(factor->multiplier);
    factors.shifts.push_back(factor->shift);
  }
  return factors;
}

/// The common grid has step max|x|, max|y| <= 2^28 steps, so the sum of both
/// stays within 2^29.
std::optional<SumFactors>
Requantizer::getSumFactors(const CodedValue &lhs, const CodedValue &rhs,
                           quant::UniformQuantizedType format) const {
  double grid = std::max(lhs.getMagnitude(), rhs.getMagnitude()) / (1 << 28);
  SumFactors factors;
  for (double real : {lhs.format.getScale() / grid,
                      rhs.format.getScale() / grid, grid / format.getScale()}) {
    std::optional<RescaleFactor> factor = getRescaleFactor(real);
    if (!factor)
      return std::nullopt;
    factors.multipliers.push_back(factor->multiplier);
    factors.shifts.push_back(factor->shift);
  }
  return factors;
}

std::pair<int32_t, int32_t>
Requantizer::getCodeInterval(double min, double max,
                             quant::UniformQuantizedType format) const {
  float reciprocal = 1.0f / static_cast<float>(format.getScale());
  auto encode = [&](double real) {
    // As in lowbit.encode: one f32 product, nearest even, saturation, and the
    // code of zero for NaN.
    float scaled = static_cast<float>(real) * reciprocal;
    double code = std::isnan(scaled) ? 0 : std::nearbyint(scaled);
    code += format.getZeroPoint();
    code = std::max<double>(code, format.getStorageTypeMin());
    return static_cast<int32_t>(
        std::min<double>(code, format.getStorageTypeMax()));
  };
  return {encode(min), encode(max)};
}

SmallVector<Value> Requantizer::createTensors(OpBuilder &builder, Location loc,
                                              const ScaleFactors &factors,
                                              ArrayRef<int64_t> shape) const {
  return {createI32Tensor(builder, loc, factors.multipliers, shape),
          createI32Tensor(builder, loc, factors.shifts, shape)};
}

SmallVector<Value>
Requantizer::createScalars(OpBuilder &builder, Location loc,
                           const ScaleFactors &factors) const {
  return {
      arith::ConstantIntOp::create(builder, loc, factors.multipliers[0], 32),
      arith::ConstantIntOp::create(builder, loc, factors.shifts[0], 32)};
}

Value Requantizer::createOnScalar(OpBuilder &builder, Location loc, Value value,
                                  ValueRange operands,
                                  const ScaleBounds &bounds) const {
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
  return RescaleOp::create(
      builder, loc, type, input.codes, operands[0], operands[1], getRounding(),
      Saturation::Saturate, input.format.getZeroPoint(), format.getZeroPoint(),
      interval.first, interval.second,
      axis ? builder.getI64IntegerAttr(*axis) : IntegerAttr());
}
