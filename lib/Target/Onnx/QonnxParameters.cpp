//===- QonnxParameters.cpp - what QONNX's quantizers are given ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "QonnxParameters.h"

#include "TosaBuilding.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// As a person would write it.
static std::string describeNumber(float number) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", number);
  return text;
}

//===----------------------------------------------------------------------===//
// Numbers that broadcast
//===----------------------------------------------------------------------===//

std::optional<BroadcastNumbers>
BroadcastNumbers::read(NodeContext &node, unsigned index, StringRef what,
                       ArrayRef<int64_t> shape) {
  std::optional<ConstantTensor> constant = node.getConstant(index, what);
  if (!constant)
    return std::nullopt;
  auto refuse = [&](const Twine &reason) {
    (void)node.refuse(reason);
    return std::nullopt;
  };
  if (constant->getNumElements() == 0)
    return refuse("has " + what + " without elements");
  BroadcastNumbers result;
  result.shape.assign(shape.begin(), shape.end());
  ArrayRef<int64_t> own = constant->getShape();
  while (own.size() > shape.size() && own.front() == 1)
    own = own.drop_front();
  bool fits = own.size() <= shape.size();
  if (fits)
    result.ownShape = padRank(own, shape.size());
  for (size_t dim = 0; fits && dim < shape.size(); ++dim)
    fits = result.ownShape[dim] == 1 || result.ownShape[dim] == shape[dim];
  if (!fits)
    return refuse(
        "has " + what + " of the shape " + describeShape(constant->getShape()) +
        ", which does not broadcast to its input of " + describeShape(shape));
  ConstantTensor floats = constant->asFloats();
  result.numbers = floats.getFloats().vec();
  for (float number : result.numbers)
    if (!std::isfinite(number))
      return refuse("has " + what + " of " + describeNumber(number) +
                    "; expected a finite number");
  return result;
}

std::optional<BroadcastNumbers>
BroadcastNumbers::readScales(NodeContext &node, unsigned index, StringRef what,
                             ArrayRef<int64_t> shape) {
  std::optional<BroadcastNumbers> result = read(node, index, what, shape);
  if (!result)
    return std::nullopt;
  for (float scale : result->numbers) {
    if (scale > 0)
      continue;
    (void)node.refuse("has " + what + " of " + describeNumber(scale) +
                      "; expected a positive number");
    return std::nullopt;
  }
  return result;
}

int64_t BroadcastNumbers::getIndex(int64_t position) const {
  if (numbers.size() == 1)
    return 0;
  int64_t index = 0, stride = 1;
  for (int64_t dim = shape.size() - 1; dim >= 0; --dim) {
    if (ownShape[dim] != 1)
      index += position % shape[dim] * stride;
    position /= shape[dim];
    stride *= ownShape[dim];
  }
  return index;
}

BroadcastNumbers
BroadcastNumbers::mapped(llvm::function_ref<float(float)> function) const {
  BroadcastNumbers result = *this;
  for (float &number : result.numbers)
    number = function(number);
  return result;
}

BroadcastNumbers BroadcastNumbers::combined(
    const BroadcastNumbers &other,
    llvm::function_ref<float(float, float)> function) const {
  int64_t axis = *getAxis(other);
  BroadcastNumbers result = *this;
  result.ownShape.assign(shape.size(), 1);
  if (axis >= 0)
    result.ownShape[axis] = shape[axis];
  result.numbers.clear();
  for (auto [mine, others] : llvm::zip(getAlong(axis), other.getAlong(axis)))
    result.numbers.push_back(function(mine, others));
  return result;
}

std::optional<int64_t>
BroadcastNumbers::getAxis(const BroadcastNumbers &other) const {
  int64_t axis = -1;
  for (auto [dim, sizes] :
       llvm::enumerate(llvm::zip(ownShape, other.ownShape))) {
    if (sizes == std::tuple<int64_t, int64_t>(1, 1))
      continue;
    if (axis >= 0)
      return std::nullopt;
    axis = dim;
  }
  return axis;
}

SmallVector<float> BroadcastNumbers::getAlong(int64_t axis) const {
  int64_t count = axis < 0 ? 1 : shape[axis];
  if (numbers.size() == 1)
    return SmallVector<float>(count, numbers.front());
  return SmallVector<float>(numbers.begin(), numbers.end());
}

Value BroadcastNumbers::build(NodeContext &node) const {
  return buildConstant(node, ConstantTensor::get(ownShape, numbers));
}

Value BroadcastNumbers::buildQuotient(NodeContext &node, Value tensor) const {
  if (areAll(1))
    return tensor;
  Value divisor = buildBroadcast(node, build(node), shape);
  return tensor && divisor
             ? arith::DivFOp::create(node.builder, tensor, divisor).getResult()
             : Value();
}

//===----------------------------------------------------------------------===//
// Numbers of the node
//===----------------------------------------------------------------------===//

std::optional<int64_t>
onnximport::readWholeNumber(NodeContext &node, unsigned index, StringRef what,
                            int64_t least, int64_t most) {
  std::optional<ConstantTensor> constant = node.getConstant(index, what);
  if (!constant)
    return std::nullopt;
  std::string found = "the shape " + describeShape(constant->getShape());
  if (constant->getNumElements() == 1) {
    float value = constant->asFloats().getFloats().front();
    if (value >= least && value <= most && value == std::floor(value))
      return static_cast<int64_t>(value);
    found = describeNumber(value);
  }
  (void)node.refuse("has " + what + " of " + found +
                    "; expected one integer from " + Twine(least) + " to " +
                    Twine(most));
  return std::nullopt;
}

std::optional<Rounding> onnximport::readRounding(NodeContext &node,
                                                 StringRef defaultMode) {
  std::string mode = node.getString("rounding_mode", defaultMode);
  std::optional<Rounding> rounding =
      llvm::StringSwitch<std::optional<Rounding>>(StringRef(mode).upper())
          .Cases({"ROUND", "HALF_EVEN"}, Rounding::NearestEven)
          .Case("CEIL", Rounding::Ceil)
          .Case("FLOOR", Rounding::Floor)
          .Case("UP", Rounding::AwayFromZero)
          .Case("DOWN", Rounding::TowardZero)
          .Case("HALF_UP", Rounding::NearestAway)
          .Case("HALF_DOWN", Rounding::NearestTowardZero)
          .Default(std::nullopt);
  if (!rounding)
    (void)node.refuse("has rounding_mode = " + quote(mode) +
                      "; expected ROUND, HALF_EVEN, CEIL, FLOOR, UP, DOWN, "
                      "HALF_UP or HALF_DOWN");
  return rounding;
}
