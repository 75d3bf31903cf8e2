//===- ConstantFolding.cpp - computes constants at import ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"

#include "CodeType.h"
#include "Movement.h"
#include "TosaBuilding.h"

#include "onnx.pb.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using ::onnx::TensorProto;

std::optional<int64_t> onnximport::countFolded(NodeContext &node,
                                               ArrayRef<int64_t> shape) {
  std::optional<int64_t> count = countElements(shape);
  if (count && *count <= maxFoldedElements)
    return count;
  (void)node.refuse("computes a constant of the shape " + describeShape(shape) +
                    ", which is too large; fold constants when exporting the "
                    "model");
  return std::nullopt;
}

int64_t onnximport::wrap(int64_t value, int32_t elementType) {
  switch (elementType) {
  case TensorProto::BOOL:
    return value != 0;
  case TensorProto::INT8:
    return static_cast<int8_t>(value);
  case TensorProto::UINT8:
    return static_cast<uint8_t>(value);
  case TensorProto::INT16:
    return static_cast<int16_t>(value);
  case TensorProto::UINT16:
    return static_cast<uint16_t>(value);
  case TensorProto::INT32:
    return static_cast<int32_t>(value);
  case TensorProto::UINT32:
    return static_cast<uint32_t>(value);
  default:
    break;
  }
  std::optional<CodeType> type = getCodeType(elementType);
  if (!type)
    return value;
  uint64_t bits = value & llvm::maxUIntN(type->width);
  return type->isSigned ? llvm::SignExtend64(bits, type->width)
                        : static_cast<int64_t>(bits);
}

SmallVector<ConstantTensor>
onnximport::getBroadcastConstants(NodeContext &node) {
  SmallVector<ConstantTensor> constants;
  std::optional<SmallVector<int64_t>> shape = SmallVector<int64_t>();
  for (unsigned index = 0; index < node.getNumInputs(); ++index) {
    if (!node.hasInput(index)) {
      (void)node.refuse("leaves out input " + Twine(index));
      return {};
    }
    std::optional<ConstantTensor> constant =
        node.getConstant(index, "operands");
    if (constant)
      shape = broadcastShapes(node, *shape, constant->getShape());
    if (!constant || !shape || !countFolded(node, *shape))
      return {};
    constants.push_back(std::move(*constant));
  }
  for (ConstantTensor &constant : constants) {
    Movable spread = broadcast(node, constant, *shape);
    if (!spread)
      return {};
    constant = spread.getConstant();
  }
  return constants;
}

std::optional<float> onnximport::combine(Arithmetic arithmetic, float lhs,
                                         float rhs) {
  switch (arithmetic) {
  case Arithmetic::Add:
    return lhs + rhs;
  case Arithmetic::Sub:
    return lhs - rhs;
  case Arithmetic::Mul:
    return lhs * rhs;
  case Arithmetic::Div:
    // Never asked to trap; an infinity is refused where it is used.
    return rhs == 0.0f ? std::optional<float>() : lhs / rhs;
  case Arithmetic::Min:
    return std::isnan(lhs) || lhs < rhs ? lhs : rhs;
  case Arithmetic::Max:
    return std::isnan(lhs) || lhs > rhs ? lhs : rhs;
  case Arithmetic::Pow:
    return std::pow(lhs, rhs);
  case Arithmetic::Mod:
    return lhs - rhs * std::floor(lhs / rhs);
  case Arithmetic::FMod:
    return std::fmod(lhs, rhs);
  }
  llvm_unreachable("all kinds are handled");
}

/// `base` to the power of `exponent`, or nothing if it does not fit.
static std::optional<int64_t> power(int64_t base, int64_t exponent) {
  if (exponent < 0)
    return std::nullopt;
  // Other bases leave the range soon.
  if (base == 0 || base == 1)
    return exponent == 0 ? 1 : base;
  if (base == -1)
    return exponent % 2 == 0 ? 1 : -1;
  int64_t result = 1;
  for (int64_t i = 0; i < exponent; ++i)
    if (__builtin_mul_overflow(result, base, &result))
      return std::nullopt;
  return result;
}

std::optional<int64_t> onnximport::combine(Arithmetic arithmetic, int64_t lhs,
                                           int64_t rhs) {
  bool overflows = false;
  int64_t result = 0;
  switch (arithmetic) {
  case Arithmetic::Add:
    overflows = __builtin_add_overflow(lhs, rhs, &result);
    break;
  case Arithmetic::Sub:
    overflows = __builtin_sub_overflow(lhs, rhs, &result);
    break;
  case Arithmetic::Mul:
    overflows = __builtin_mul_overflow(lhs, rhs, &result);
    break;
  case Arithmetic::Min:
    return std::min(lhs, rhs);
  case Arithmetic::Max:
    return std::max(lhs, rhs);
  case Arithmetic::Pow:
    return power(lhs, rhs);
  case Arithmetic::Div:
  case Arithmetic::Mod:
  case Arithmetic::FMod:
    if (rhs == 0 || (rhs == -1 && lhs == std::numeric_limits<int64_t>::min()))
      return std::nullopt;
    if (arithmetic == Arithmetic::Div)
      return lhs / rhs;
    result = lhs % rhs;
    if (arithmetic == Arithmetic::Mod && result != 0 &&
        (result < 0) != (rhs < 0))
      result += rhs;
    break;
  }
  return overflows ? std::optional<int64_t>() : result;
}

template <typename Element>
static LogicalResult fold(NodeContext &node, Arithmetic arithmetic,
                          std::vector<Element> &elements,
                          ArrayRef<Element> operand, int32_t elementType) {
  for (auto [element, other] : llvm::zip_equal(elements, operand)) {
    std::optional<Element> result = combine(arithmetic, element, other);
    if (!result)
      return node.refuse("divides by zero or exceeds the range of int64");
    element = *result;
    if constexpr (std::is_same_v<Element, int64_t>)
      element = wrap(element, elementType);
  }
  return success();
}

LogicalResult onnximport::foldArithmetic(NodeContext &node,
                                         Arithmetic arithmetic) {
  SmallVector<ConstantTensor> operands = getBroadcastConstants(node);
  if (operands.empty())
    return failure();
  ConstantTensor result = operands.front();
  int32_t type = result.getElementType();
  for (ConstantTensor &operand : llvm::drop_begin(operands)) {
    // An exponent alone may be of another type.
    if (arithmetic == Arithmetic::Pow)
      operand = result.isFloat() ? operand.asFloats() : operand.asIntegers();
    if (result.isFloat() != operand.isFloat())
      return node.refuse("mixes a float and an integer operand");
    auto apply = [&](auto lhs, auto rhs) -> LogicalResult {
      std::vector<typename decltype(lhs)::value_type> elements(lhs.begin(),
                                                               lhs.end());
      if (failed(fold(node, arithmetic, elements, rhs, type)))
        return failure();
      result = ConstantTensor::get(operand.getShape(), std::move(elements));
      return success();
    };
    if (failed(result.isFloat()
                   ? apply(result.getFloats(), operand.getFloats())
                   : apply(result.getIntegers(), operand.getIntegers())))
      return failure();
  }
  node.setConstant(result.withElementType(type));
  return success();
}

template <typename Element>
static bool compare(Comparison comparison, Element lhs, Element rhs) {
  switch (comparison) {
  case Comparison::Equal:
    return lhs == rhs;
  case Comparison::Less:
    return lhs < rhs;
  case Comparison::LessOrEqual:
    return lhs <= rhs;
  case Comparison::Greater:
    return lhs > rhs;
  case Comparison::GreaterOrEqual:
    return lhs >= rhs;
  }
  llvm_unreachable("all kinds are handled");
}

LogicalResult onnximport::foldComparison(NodeContext &node,
                                         Comparison comparison) {
  SmallVector<ConstantTensor> operands = getBroadcastConstants(node);
  if (operands.empty())
    return failure();
  if (operands[0].isFloat() != operands[1].isFloat())
    return node.refuse("mixes a float and an integer operand");
  std::vector<int64_t> bools;
  auto apply = [&](auto lhs, auto rhs) {
    for (auto [left, right] : llvm::zip_equal(lhs, rhs))
      bools.push_back(compare(comparison, left, right));
  };
  if (operands[0].isFloat())
    apply(operands[0].getFloats(), operands[1].getFloats());
  else
    apply(operands[0].getIntegers(), operands[1].getIntegers());
  node.setConstant(ConstantTensor::get(operands[0].getShape(), std::move(bools))
                       .withElementType(TensorProto::BOOL));
  return success();
}
