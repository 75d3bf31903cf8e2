//===- QonnxSigns.cpp - the two numbers of a QONNX quantizer ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "QonnxSigns.h"

#include "CodeBuilding.h"
#include "TosaBuilding.h"

#include "lowbit/Support/FloatSearch.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

std::optional<Quantization> QonnxSigns::getQuantization() const {
  std::optional<int64_t> axis = scale.getAxis(scale);
  if (!axis || (zero && !zero->areAll(0)))
    return std::nullopt;
  Quantization result;
  result.axis = *axis;
  result.signBits = 1;
  llvm::append_range(result.scales, scale.getAlong(*axis));
  if (!result.isFormat())
    return std::nullopt;
  return result;
}

bool QonnxSigns::isPositive(float x, int64_t position) const {
  if (zero)
    x = x / scale.get(position) + zero->get(position);
  return x >= 0;
}

/// The number of the code `sign`.
static float getNumberOf(float sign, float scale, float zero) {
  return (sign - zero) * scale;
}

ConstantTensor QonnxSigns::quantize(const ConstantTensor &input) const {
  std::vector<float> numbers;
  std::vector<int64_t> bits;
  for (auto [position, x] : llvm::enumerate(input.getFloats())) {
    bits.push_back(isPositive(x, position));
    numbers.push_back(getNumberOf(bits.back() ? 1 : -1, scale.get(position),
                                  zero ? zero->get(position) : 0));
  }
  auto result = ConstantTensor::get(input.getShape(), std::move(numbers));
  std::optional<Quantization> quantization = getQuantization();
  if (!quantization)
    return result;
  auto codes = ConstantTensor::get(input.getShape(), std::move(bits));
  return result.withSource({codes, CodeType{false, 1}, *quantization});
}

Value QonnxSigns::build(NodeContext &node, Value input) const {
  if (std::optional<Quantization> quantization = getQuantization()) {
    // Negative numbers that vanish when they are divided count as 0. The greatest
    // scale has the most of them.
    double greatest = *llvm::max_element(quantization->scales);
    float least = 0;
    if (zero)
      least = findLeastFloat(
          [&](float x) { return x / static_cast<float>(greatest) >= 0; });
    SmallVector<float> thresholds;
    if (least < 0)
      thresholds.push_back(least);
    if (thresholds.empty() || quantization->axis < 0)
      return buildDecode(
          node, buildCountingEncode(node, input,
                                    quantization->getFormat(
                                        node.builder.getContext(), {false, 1}),
                                    thresholds));
  }
  auto getNumbers = [&](float sign) {
    if (!zero)
      return scale.mapped([&](float s) { return getNumberOf(sign, s, 0); });
    return scale.combined(
        *zero, [&](float s, float z) { return getNumberOf(sign, s, z); });
  };
  if (zero && !scale.getAxis(*zero)) {
    (void)node.refuse("has scales and zero points of 1-bit codes that differ "
                      "along more than one axis");
    return nullptr;
  }
  Value code = input;
  if (zero) {
    code = scale.buildQuotient(node, code);
    code = zero->areAll(0) ? code : buildAdd(node, code, zero->build(node));
  }
  Value positive = getNumbers(1).build(node);
  Value negative = getNumbers(-1).build(node);
  if (!code || !positive || !negative)
    return nullptr;
  auto type = cast<RankedTensorType>(code.getType());
  SmallVector<int64_t> ones(type.getRank(), 1);
  Value isPositive = tosa::GreaterEqualOp::create(
      node.builder, type.clone(node.builder.getI1Type()), code,
      buildSplat(node, ones, 0.0f));
  return tosa::SelectOp::create(node.builder, type, isPositive, positive,
                                negative);
}
