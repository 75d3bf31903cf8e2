//===- Elementwise.cpp - imports arithmetic with broadcasting ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"
#include "Operators.h"
#include "TosaBuilding.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// Sets `value` as the result; fails if it is null.
static LogicalResult finish(NodeContext &node, Value value) {
  if (!value)
    return failure();
  node.setResult(value);
  return success();
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

//===----------------------------------------------------------------------===//
// Quotients and powers
//===----------------------------------------------------------------------===//

/// 1 / input 1, rounded to float. TOSA divides integers only.
static Value buildInverse(NodeContext &node) {
  if (!node.isConstant(1)) {
    Value divisor = node.getTensor(1);
    if (!divisor)
      return nullptr;
    return tosa::ReciprocalOp::create(node.builder, divisor.getType(), divisor);
  }
  std::optional<ConstantTensor> divisor = node.getFloats(1, "a divisor");
  if (!divisor)
    return nullptr;
  std::vector<float> elements;
  for (float value : divisor->getFloats())
    elements.push_back(1.0f / value);
  ConstantTensor inverse =
      ConstantTensor::get(divisor->getShape(), std::move(elements));
  inverse.setName(divisor->getName());
  return buildConstant(node, inverse);
}

static LogicalResult importDiv(NodeContext &node) {
  if (node.allConstant())
    return foldArithmetic(node, Arithmetic::Div);
  Value dividend = node.getTensor(0);
  return finish(node, buildMul(node, dividend, buildInverse(node)));
}

/// The exponent, of any type, as floats; null if it is not one constant.
static std::optional<float> getExponent(NodeContext &node) {
  if (!node.isConstant(1))
    return std::nullopt;
  std::optional<ConstantTensor> exponent = node.getConstant(1, "an exponent");
  if (!exponent || exponent->getNumElements() != 1)
    return std::nullopt;
  return exponent->asFloats().getFloats().front();
}

/// The exponents, which may be integers, as floats; null after a refusal.
static Value getExponents(NodeContext &node) {
  Value exponents = node.getTypedTensor(1);
  if (!exponents || elementOf(exponents).isF32())
    return exponents;
  RankedTensorType type = node.getType(shapeOf(exponents));
  if (!type)
    return nullptr;
  return tosa::CastOp::create(node.builder, type, exponents);
}

/// A constant exponent makes a function of one variable.
static LogicalResult importPow(NodeContext &node) {
  Value base = node.getTensor(0);
  auto exponentShape = node.getShape(1);
  if (!base || !exponentShape)
    return failure();
  auto shape = broadcastShapes(node, shapeOf(base), *exponentShape);
  if (!shape)
    return failure();
  std::optional<float> exponent = getExponent(node);
  if (!exponent || !std::isfinite(*exponent))
    return finish(node,
                  buildBinary<tosa::PowOp>(node, base, getExponents(node)));
  base = buildReshape(node, base, *shape);
  if (!base)
    return failure();
  ImplicitLocOpBuilder &builder = node.builder;
  Type type = base.getType();
  auto buildFunction = [&](Function function, FloatAttr alpha) -> Value {
    return ActivationOp::create(builder, type, base, function, alpha,
                                FloatAttr());
  };
  if (*exponent == 1.0f)
    return finish(node, base);
  if (*exponent == 0.5f)
    return finish(node, buildFunction(Function::Sqrt, nullptr));
  if (*exponent == -1.0f)
    return finish(node, tosa::ReciprocalOp::create(builder, type, base));
  return finish(
      node, buildFunction(Function::Power, builder.getF32FloatAttr(*exponent)));
}

//===----------------------------------------------------------------------===//
// Ops of any number of operands
//===----------------------------------------------------------------------===//

/// The operands combined from the first to the last; null after a refusal.
static Value buildChain(NodeContext &node,
                        Value (*build)(NodeContext &, Value, Value)) {
  Value result = node.getTensor(0);
  for (unsigned index = 1; index < node.getNumInputs(); ++index) {
    if (!node.hasInput(index)) {
      (void)node.refuse("leaves out input " + Twine(index));
      return nullptr;
    }
    result = build(node, result, node.getTensor(index));
  }
  return result;
}

static OperatorImporter importVariadic(Value (*build)(NodeContext &, Value,
                                                      Value)) {
  return [=](NodeContext &node) -> LogicalResult {
    return finish(node, buildChain(node, build));
  };
}

static LogicalResult importMean(NodeContext &node) {
  Value sum = buildChain(node, buildAdd);
  if (!sum || node.getNumInputs() == 1)
    return finish(node, sum);
  SmallVector<int64_t> ones(rankOf(sum), 1);
  return finish(
      node,
      buildMul(node, sum, buildSplat(node, ones, 1.0f / node.getNumInputs())));
}

void onnximport::addElementwiseOperators(OperatorTable &table) {
  auto max = buildBinary<tosa::MaximumOp>;
  auto min = buildBinary<tosa::MinimumOp>;
  table.add("Add", {2, 2}, importBinary(Arithmetic::Add, buildAdd));
  table.add("Div", {2, 2}, importDiv);
  table.add("Max", {1, unlimited}, importVariadic(max));
  table.add("Mean", {1, unlimited}, importMean);
  table.add("Min", {1, unlimited}, importVariadic(min));
  table.add("Mul", {2, 2}, importBinary(Arithmetic::Mul, buildMul));
  table.add("Pow", {2, 2}, importPow);
  table.add("Sub", {2, 2}, importBinary(Arithmetic::Sub, buildSub));
  table.add("Sum", {1, unlimited}, importVariadic(buildAdd));
}
