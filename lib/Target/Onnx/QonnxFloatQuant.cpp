//===- QonnxFloatQuant.cpp - imports QONNX's FloatQuant ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// FloatQuant rounds to floats with few bits, of which it has the bits of
// exponent and mantissa, the bias and the greatest number. With t = x / scale
// and 2^e the greatest power of two that |t| reaches:
//
//   unit = 2^(max(e, 1 - bias) - mantissa bits)
//   result = clamp(round(t / unit) * unit, -greatest, greatest) * scale
//
// Numbers that are computed take these steps in float. All of them but the first
// and the last are exact.
//
//===----------------------------------------------------------------------===//

#include "Qonnx.h"

#include "CodeBuilding.h"
#include "QonnxParameters.h"
#include "TosaBuilding.h"

#include "lowbit/IR/Rounding.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

namespace {

/// The numbers in the equations above.
struct NarrowFloat {
  int64_t mantissaBits, bias;
  float greatest;
  Rounding rounding;

  /// Nothing after a refusal.
  static std::optional<NarrowFloat> read(NodeContext &node);

  /// clamp(round(t / unit) * unit, -greatest, greatest)
  float quantize(float t) const;
  Value buildQuantize(NodeContext &node, Value t) const;

private:
  /// Beyond, all numbers become the greatest, whatever the rounding.
  float getReach() const {
    return std::min(2 * greatest, std::numeric_limits<float>::max());
  }
};

} // namespace

std::optional<NarrowFloat> NarrowFloat::read(NodeContext &node) {
  auto exponentBits = readWholeNumber(node, 2, "an exponent bit width", 1, 8);
  auto mantissaBits = readWholeNumber(node, 3, "a mantissa bit width", 0, 22);
  if (!exponentBits || !mantissaBits)
    return std::nullopt;
  // The least unit is a normal float, and so is the greatest number.
  int64_t mostExponent = (1 << *exponentBits) - 1;
  auto bias = readWholeNumber(node, 4, "an exponent bias", mostExponent - 128,
                              127 - *mantissaBits);
  std::optional<Rounding> rounding = readRounding(node, "ROUND");
  if (!bias || !rounding)
    return std::nullopt;
  double greatest =
      std::ldexp(2 - std::ldexp(1.0, -*mantissaBits), mostExponent - *bias);
  if (node.hasInput(5)) {
    std::optional<float> said = node.getFloat(5, "a greatest number");
    if (!said)
      return std::nullopt;
    greatest = std::min<double>(greatest, *said);
  }
  if (!(greatest > 0) || !std::isfinite(static_cast<float>(greatest))) {
    (void)node.refuse("has a greatest number that is not positive and finite");
    return std::nullopt;
  }
  return NarrowFloat{*mantissaBits, *bias, static_cast<float>(greatest),
                     *rounding};
}

float NarrowFloat::quantize(float t) const {
  if (std::isnan(t))
    return t;
  t = std::min(std::max(t, -getReach()), getReach());
  int64_t exponent = std::max<int64_t>(std::ilogb(t), 1 - bias);
  float unit = std::ldexp(1.0f, exponent - mantissaBits);
  float rounded = roundNumber(t / unit, rounding) * unit;
  return std::min(std::max(rounded, -greatest), greatest);
}

/// The exponent bits of a float, with no others, are those of 2^e.
Value NarrowFloat::buildQuantize(NodeContext &node, Value t) const {
  ImplicitLocOpBuilder &builder = node.builder;
  auto type = cast<RankedTensorType>(t.getType());
  auto bitsType = type.clone(builder.getI32Type());
  SmallVector<int64_t> ones(type.getRank(), 1);
  auto splat = [&](float value) { return buildSplat(node, ones, value); };
  auto clamp = [&](Value value, float limit) {
    return tosa::ClampOp::create(builder, type, value,
                                 builder.getF32FloatAttr(-limit),
                                 builder.getF32FloatAttr(limit));
  };
  t = clamp(t, getReach());
  Value mask = arith::ConstantOp::create(
      builder,
      DenseElementsAttr::get(bitsType, builder.getI32IntegerAttr(0x7f800000)));
  Value power = arith::BitcastOp::create(builder, bitsType, t);
  power = arith::AndIOp::create(builder, power, mask);
  power = arith::BitcastOp::create(builder, type, power);
  power = tosa::MaximumOp::create(builder, type, power,
                                  splat(std::ldexp(1.0f, 1 - bias)));
  Value unit = buildMul(node, power, splat(std::ldexp(1.0f, -mantissaBits)));
  Value steps = arith::DivFOp::create(builder, t, unit);
  Value whole = buildDecode(
      node,
      buildEncode(node, steps, getPlainFormat(builder.getContext(), {true, 32}),
                  rounding));
  return clamp(buildMul(node, whole, unit), greatest);
}

LogicalResult onnximport::importFloatQuant(NodeContext &node) {
  // These say which codes have a meaning of their own. max_val heeds that.
  for (StringRef name : {"has_inf", "has_infinity", "has_nan", "has_subnormal"})
    node.ignore(name);
  if (failed(node.expectInt("saturation", 1, 1)))
    return failure();
  auto shape = node.getShape(0);
  std::optional<NarrowFloat> format = NarrowFloat::read(node);
  if (!shape || !format)
    return failure();
  auto scale = BroadcastNumbers::readScales(node, 1, "a scale", *shape);
  if (!scale)
    return failure();
  return importQuantizer(
      node,
      [&](const ConstantTensor &input) {
        std::vector<float> numbers;
        for (auto [position, x] : llvm::enumerate(input.getFloats())) {
          float factor = scale->get(position);
          numbers.push_back(format->quantize(x / factor) * factor);
        }
        return ConstantTensor::get(input.getShape(), std::move(numbers));
      },
      [&](Value input) -> Value {
        Value t = scale->buildQuotient(node, input);
        if (!t)
          return nullptr;
        Value result = format->buildQuantize(node, t);
        return scale->areAll(1) ? result
                                : buildMul(node, result, scale->build(node));
      });
}
