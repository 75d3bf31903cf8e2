//===- Elementwise.cpp - imports elementwise ops ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"
#include "Operators.h"
#include "TosaBuilding.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

static constexpr float maxFloat = std::numeric_limits<float>::max();

/// Sets `value` as the result; fails if it is null.
static LogicalResult finish(NodeContext &node, Value value) {
  if (!value)
    return failure();
  node.setResult(value);
  return success();
}

static LogicalResult importClamp(NodeContext &node, float least, float most) {
  Value input = node.getTensor(0);
  if (!input)
    return failure();
  // A NaN compares false, too.
  if (!(least <= most))
    return node.refuse("clips to [" + Twine(std::to_string(least)) + ", " +
                       Twine(std::to_string(most)) +
                       "]; expected a minimum not above the maximum");
  ImplicitLocOpBuilder &builder = node.builder;
  return finish(node, tosa::ClampOp::create(
                          builder, input.getType(), input,
                          builder.getF32FloatAttr(std::max(least, -maxFloat)),
                          builder.getF32FloatAttr(std::min(most, maxFloat))));
}

static LogicalResult importRelu(NodeContext &node) {
  return importClamp(node, 0.0f, maxFloat);
}

/// The bounds are attributes before opset 11 and inputs from then on.
static LogicalResult importClip(NodeContext &node) {
  float least = -maxFloat, most = maxFloat;
  if (node.getOpset() < 11) {
    least = node.getFloat("min", least);
    most = node.getFloat("max", most);
    return importClamp(node, least, most);
  }
  if (node.hasInput(1)) {
    std::optional<float> bound = node.getFloat(1, "a minimum");
    if (!bound)
      return failure();
    least = *bound;
  }
  if (node.hasInput(2)) {
    std::optional<float> bound = node.getFloat(2, "a maximum");
    if (!bound)
      return failure();
    most = *bound;
  }
  return importClamp(node, least, most);
}

/// x < 0 ? alpha * x : x, which is a maximum or a minimum of the two.
static LogicalResult importLeakyRelu(NodeContext &node) {
  float alpha = node.getFloat("alpha", 0.01f);
  if (!std::isfinite(alpha) || alpha < 0.0f)
    return node.refuse("has alpha = " + Twine(std::to_string(alpha)) +
                       "; expected a finite number of at least 0");
  Value input = node.getTensor(0);
  if (!input)
    return failure();
  SmallVector<int64_t> ones(rankOf(input), 1);
  Value scaled = buildMul(node, input, buildSplat(node, ones, alpha));
  if (!scaled)
    return failure();
  Type type = input.getType();
  if (alpha <= 1.0f)
    return finish(node,
                  tosa::MaximumOp::create(node.builder, type, input, scaled));
  return finish(node,
                tosa::MinimumOp::create(node.builder, type, input, scaled));
}

/// An op of one operand that TOSA has, too.
template <typename Op> static LogicalResult importUnary(NodeContext &node) {
  Value input = node.getTensor(0);
  if (!input)
    return failure();
  return finish(node, Op::create(node.builder, input.getType(), input));
}

/// An op of two operands, computed at once if both are known.
static OperatorImporter importBinary(Arithmetic arithmetic,
                                     Value (*build)(NodeContext &, Value,
                                                    Value)) {
  return [=](NodeContext &node) -> LogicalResult {
    if (node.allConstant())
      return foldArithmetic(node, arithmetic);
    Value lhs = node.getTensor(0);
    Value rhs = node.getTensor(1);
    return finish(node, build(node, lhs, rhs));
  };
}

static LogicalResult importDiv(NodeContext &node) {
  if (node.allConstant())
    return foldArithmetic(node, Arithmetic::Div);
  return node.refuse("divides computed tensors; lowbit imports divisions of "
                     "constants only");
}

void onnximport::addElementwiseOperators(OperatorTable &table) {
  table.add("Add", {2, 2}, importBinary(Arithmetic::Add, buildAdd));
  table.add("Clip", {1, 3}, importClip);
  table.add("Div", {2, 2}, importDiv);
  table.add("LeakyRelu", {1, 1}, importLeakyRelu);
  table.add("Mul", {2, 2}, importBinary(Arithmetic::Mul, buildMul));
  table.add("Relu", {1, 1}, importRelu);
  table.add("Sigmoid", {1, 1}, importUnary<tosa::SigmoidOp>);
  table.add("Sub", {2, 2}, importBinary(Arithmetic::Sub, buildSub));
  table.add("Tanh", {1, 1}, importUnary<tosa::TanhOp>);
}
