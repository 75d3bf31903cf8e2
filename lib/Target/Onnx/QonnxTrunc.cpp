//===- QonnxTrunc.cpp - imports QONNX's Trunc ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Trunc takes low bits from codes: it divides them by a power of two and rounds.
// In QONNX it does so to real numbers, of which scale and zero point are known:
//
//   y = round(x / scale + zero); code = round(y / divisor);
//   result = (code - new zero) * new scale
//
//===----------------------------------------------------------------------===//

#include "Qonnx.h"

#include "QonnxGrid.h"
#include "TosaBuilding.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

namespace {

/// The numbers in the equations above.
struct Truncation {
  BroadcastNumbers scale, zero;
  CodeType type;
  BroadcastNumbers divisor, newScale, newZero;

  /// What the quotient is rounded on, and what the result is a number of.
  QonnxGrid getQuotients() const {
    return {type, divisor, zero.mapped([](float) { return 0.0f; })};
  }
  QonnxGrid getResults() const { return {type, newScale, newZero}; }
};

} // namespace

/// Version 1 has five inputs. It keeps scale and zero point. Nothing is clamped:
/// codes of the stated width need not be.
static std::optional<Truncation> readVersion1(NodeContext &node,
                                              const BroadcastNumbers &scale,
                                              const BroadcastNumbers &zero) {
  auto inputBits = readWholeNumber(node, 3, "an input bit width", 1, 16);
  if (!inputBits)
    return std::nullopt;
  auto bits = readWholeNumber(node, 4, "an output bit width", 1, *inputBits);
  if (!bits)
    return std::nullopt;
  float divisor = std::ldexp(1.0f, *inputBits - *bits);
  // One bit more for the sign, one for rounding up.
  CodeType type{true, static_cast<unsigned>(*bits + 2)};
  return Truncation{scale, zero,
                    type,  scale.mapped([&](float) { return divisor; }),
                    scale, zero};
}

/// Version 2 has six inputs. The scale of the result, input 4, says what to
/// divide by.
static std::optional<Truncation> readVersion2(NodeContext &node,
                                              const BroadcastNumbers &scale,
                                              const BroadcastNumbers &zero,
                                              ArrayRef<int64_t> shape) {
  auto newScale =
      BroadcastNumbers::readScales(node, 4, "an output scale", shape);
  std::optional<CodeType> type = readQonnxCodeType(node, /*bits=*/5);
  if (!newScale || !type)
    return std::nullopt;
  auto refuse = [&] {
    (void)node.refuse("has scales and zero points that differ along more than "
                      "one axis");
    return std::nullopt;
  };
  if (!newScale->getAxis(scale))
    return refuse();
  BroadcastNumbers divisor =
      newScale->combined(scale, [](float to, float from) {
        return std::exp2(std::nearbyint(std::log2(to / from)));
      });
  if (!zero.getAxis(divisor))
    return refuse();
  return Truncation{scale,     zero,
                    *type,     divisor,
                    *newScale, zero.combined(divisor, std::divides<float>())};
}

static std::optional<Truncation> readTruncation(NodeContext &node,
                                                ArrayRef<int64_t> shape) {
  auto scale = BroadcastNumbers::readScales(node, 1, "a scale", shape);
  auto zero = BroadcastNumbers::read(node, 2, "a zero point", shape);
  if (!scale || !zero)
    return std::nullopt;
  // Its last input is new in version 2.
  return node.hasInput(5) ? readVersion2(node, *scale, *zero, shape)
                          : readVersion1(node, *scale, *zero);
}

LogicalResult onnximport::importTrunc(NodeContext &node) {
  auto shape = node.getShape(0);
  std::optional<Rounding> rounding = readRounding(node, "FLOOR");
  if (!shape || !rounding)
    return failure();
  std::optional<Truncation> truncation = readTruncation(node, *shape);
  if (!truncation)
    return failure();
  QonnxGrid quotients = truncation->getQuotients();
  QonnxGrid results = truncation->getResults();
  return importQuantizer(
      node,
      [&](const ConstantTensor &input) {
        std::vector<float> numbers;
        for (auto [position, x] : llvm::enumerate(input.getFloats())) {
          float y = std::nearbyint(x / truncation->scale.get(position) +
                                   truncation->zero.get(position));
          numbers.push_back(results.getNumber(
              quotients.getCode(y, position, *rounding), position));
        }
        return ConstantTensor::get(input.getShape(), std::move(numbers));
      },
      [&](Value input) -> Value {
        Value whole = truncation->scale.buildQuotient(node, input);
        if (!truncation->zero.areAll(0))
          whole = buildAdd(node, whole, truncation->zero.build(node));
        if (!whole)
          return nullptr;
        whole = ActivationOp::create(node.builder, whole.getType(), whole,
                                     Function::Round, FloatAttr(), FloatAttr());
        return results.buildNumbers(
            node, quotients.buildCodes(node, whole, *rounding));
      });
}
