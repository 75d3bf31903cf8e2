//===- QonnxGrid.cpp - the numbers that a QONNX quantizer takes ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "QonnxGrid.h"

#include "CodeBuilding.h"
#include "TosaBuilding.h"

#include "lowbit/IR/Rounding.h"
#include "lowbit/Support/FloatSearch.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

std::optional<Quantization> QonnxGrid::getAffine() const {
  std::optional<int64_t> axis = scale.getAxis(zero);
  if (!axis)
    return std::nullopt;
  Quantization result;
  result.axis = *axis;
  llvm::append_range(result.scales, scale.getAlong(*axis));
  for (float point : zero.getAlong(*axis)) {
    // Beyond, floats do not hold code - zero.
    if (point != std::floor(point) || std::fabs(point) > 1 << 23)
      return std::nullopt;
    result.zeroPoints.push_back(static_cast<int64_t>(point));
  }
  if (!result.isFormat())
    return std::nullopt;
  return result;
}

std::optional<Quantization> QonnxGrid::getSignBits() const {
  std::optional<int64_t> axis = scale.getAxis(scale);
  // More planes would be a term each.
  constexpr unsigned mostPlanes = 15;
  if (!axis || type.isNarrow || type.width > mostPlanes ||
      !zero.areAll((type.getMin() + type.getMax()) / 2.0f))
    return std::nullopt;
  Quantization result;
  result.axis = *axis;
  result.signBits = type.width;
  for (float step : scale.getAlong(*axis))
    result.scales.push_back(step / 2);
  if (!result.isFormat())
    return std::nullopt;
  return result;
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

float QonnxGrid::getCode(float x, int64_t position, Rounding rounding) const {
  float code = x / scale.get(position) + zero.get(position);
  code = std::min<float>(code, type.getMax());
  code = std::max<float>(code, type.getMin());
  return roundNumber(code, rounding);
}

float QonnxGrid::getNumber(float code, int64_t position) const {
  return (code - zero.get(position)) * scale.get(position);
}

ConstantTensor QonnxGrid::quantize(const ConstantTensor &input,
                                   Rounding rounding) const {
  std::vector<float> numbers;
  std::vector<int64_t> codes;
  bool isKnown = true;
  for (auto [position, x] : llvm::enumerate(input.getFloats())) {
    float code = getCode(x, position, rounding);
    numbers.push_back(getNumber(code, position));
    isKnown &= !std::isnan(code);
    codes.push_back(isKnown ? static_cast<int64_t>(code) : 0);
  }
  auto result = ConstantTensor::get(input.getShape(), std::move(numbers));
  if (!isKnown)
    return result;
  if (std::optional<Quantization> affine = getAffine())
    return result.withSource(
        {ConstantTensor::get(input.getShape(), std::move(codes)), type,
         *affine});
  if (std::optional<Quantization> signBits = getSignBits()) {
    for (int64_t &code : codes)
      code -= type.getMin();
    return result.withSource(
        {ConstantTensor::get(input.getShape(), std::move(codes)),
         CodeType{false, type.width}, *signBits});
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Computed tensors
//===----------------------------------------------------------------------===//

Value QonnxGrid::build(NodeContext &node, Value input,
                       Rounding rounding) const {
  constexpr unsigned mostCounted = 8;
  std::optional<Quantization> signBits = getSignBits();
  if (!signBits || signBits->axis >= 0 || type.width > mostCounted)
    return buildNumbers(node, buildCodes(node, input, rounding));
  // One threshold for each code but the least.
  SmallVector<float> thresholds;
  for (int64_t code = type.getMin() + 1; code <= type.getMax(); ++code)
    thresholds.push_back(findLeastFloat(
        [&](float x) { return getCode(x, 0, rounding) >= code; }));
  return buildDecode(
      node,
      buildCountingEncode(node, input,
                          signBits->getFormat(node.builder.getContext(), type),
                          thresholds));
}

Value QonnxGrid::buildCodes(NodeContext &node, Value input,
                            Rounding rounding) const {
  MLIRContext *context = node.builder.getContext();
  if (std::optional<Quantization> quantization = getAffine())
    return buildEncode(node, input, quantization->getFormat(context, type),
                       rounding,
                       zero.areAll(0) ? Scaling::Divide : Scaling::DivideShift);
  input = scale.buildQuotient(node, input);
  if (!zero.areAll(0))
    input = buildAdd(node, input, zero.build(node));
  return buildEncode(node, input, getPlainFormat(context, type), rounding);
}

Value QonnxGrid::buildNumbers(NodeContext &node, Value codes) const {
  MLIRContext *context = node.builder.getContext();
  if (std::optional<Quantization> quantization = getAffine())
    return buildDecode(
        node,
        buildReinterpret(node, codes, quantization->getFormat(context, type)));
  Value number = buildDecode(
      node, buildReinterpret(node, codes, getPlainFormat(context, type)));
  if (!zero.areAll(0))
    number = buildSub(node, number, zero.build(node));
  return scale.areAll(1) ? number : buildMul(node, number, scale.build(node));
}
