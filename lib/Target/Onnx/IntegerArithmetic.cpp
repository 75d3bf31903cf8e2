//===- IntegerArithmetic.cpp - imports arithmetic on integers ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The forms for int32 and int64 of ops that Elementwise.cpp imports for floats.
// What overflows wraps; nothing that the data holds makes a program trap.
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"
#include "Operators.h"
#include "TosaBuilding.h"

#include "onnx.pb.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

namespace {

/// Builds one operation from operands of equal rank.
using BinaryBuilder = Value (*)(NodeContext &node, RankedTensorType type,
                                Value lhs, Value rhs);

} // namespace

/// An input of int32 or int64; null after a refusal.
static Value getIntegerTensor(NodeContext &node, unsigned index) {
  if (!node.hasInput(index)) {
    (void)node.refuse("leaves out input " + Twine(index));
    return nullptr;
  }
  std::optional<int32_t> type = node.getElementType(index);
  if (type && isIndexType(*type))
    return node.getTypedTensor(index);
  if (type && isFloatType(*type))
    (void)node.refuse("mixes integers and floats");
  else if (type)
    (void)node.refuse("computes with " + describeElementType(*type) +
                      "; lowbit imports this op on float, int32 and int64");
  return nullptr;
}

template <typename Op>
static Value build(NodeContext &node, RankedTensorType type, Value lhs,
                   Value rhs) {
  return Op::create(node.builder, type, lhs, rhs);
}

/// A constant with one element in each dimension of `type`.
static Value buildNumber(NodeContext &node, RankedTensorType type,
                         int64_t value) {
  return buildSplat(node, SmallVector<int64_t>(type.getRank(), 1),
                    getNumber(type.getElementType(), value));
}

/// Towards zero. A division by 0 gives the dividend, and the one that overflows
/// wraps to itself: -2^31 / -1 is -2^31.
static Value buildDivision(NodeContext &node, RankedTensorType type, Value lhs,
                           Value rhs) {
  ImplicitLocOpBuilder &builder = node.builder;
  auto bools = cast<RankedTensorType>(rhs.getType()).clone(builder.getI1Type());
  auto select = [&](Value condition, int64_t value, Value otherwise) {
    return tosa::SelectOp::create(builder, rhs.getType(), condition,
                                  buildNumber(node, type, value), otherwise);
  };
  auto equals = [&](int64_t value) {
    return tosa::EqualOp::create(builder, bools, rhs,
                                 buildNumber(node, type, value));
  };
  // Neither 0 nor -1 reaches the division; the latter negates.
  Value isMinusOne = equals(-1);
  Value divisor = select(isMinusOne, 1, select(equals(0), 1, rhs));
  Value quotient = tosa::IntDivOp::create(builder, type, lhs, divisor);
  Value negated =
      tosa::SubOp::create(builder, type, buildNumber(node, type, 0), quotient);
  return tosa::SelectOp::create(builder, type, isMinusOne, negated, quotient);
}

/// lhs - rhs * (lhs / rhs), which has the sign of lhs; where that is not the
/// sign of rhs, and `floors` says so, rhs is added.
static Value buildRemainder(NodeContext &node, RankedTensorType type, Value lhs,
                            Value rhs, bool floors) {
  ImplicitLocOpBuilder &builder = node.builder;
  Value quotient = buildDivision(node, type, lhs, rhs);
  Value remainder = buildSub(node, lhs, buildMul(node, quotient, rhs));
  if (!floors || !remainder)
    return remainder;
  auto bools = type.clone(builder.getI1Type());
  Value zero = buildNumber(node, type, 0);
  auto isNegative = [&](Value value) {
    auto operand = cast<RankedTensorType>(value.getType());
    return tosa::GreaterOp::create(builder, operand.clone(builder.getI1Type()),
                                   zero, value);
  };
  Value differs = tosa::LogicalXorOp::create(
      builder, bools, isNegative(remainder), isNegative(rhs));
  Value isZero = tosa::EqualOp::create(builder, bools, remainder, zero);
  Value corrects = tosa::LogicalAndOp::create(
      builder, bools, differs,
      tosa::LogicalNotOp::create(builder, bools, isZero));
  return tosa::SelectOp::create(
      builder, type, corrects,
      tosa::AddOp::create(builder, type, remainder, rhs), remainder);
}

static Value buildFlooredRemainder(NodeContext &node, RankedTensorType type,
                                   Value lhs, Value rhs) {
  return buildRemainder(node, type, lhs, rhs, /*floors=*/true);
}

static Value buildTruncatedRemainder(NodeContext &node, RankedTensorType type,
                                     Value lhs, Value rhs) {
  return buildRemainder(node, type, lhs, rhs, /*floors=*/false);
}

static Value buildProduct(NodeContext &node, RankedTensorType, Value lhs,
                          Value rhs) {
  return buildMul(node, lhs, rhs);
}

/// All inputs joined by an op of two operands, from left to right.
static LogicalResult importChain(NodeContext &node, Arithmetic arithmetic,
                                 BinaryBuilder builder) {
  if (node.allConstant())
    return foldArithmetic(node, arithmetic);
  Value result = getIntegerTensor(node, 0);
  for (unsigned index = 1; result && index < node.getNumInputs(); ++index) {
    Value operand = getIntegerTensor(node, index);
    if (!operand)
      return failure();
    if (elementOf(operand) != elementOf(result))
      return node.refuse("mixes int32 and int64");
    auto shape = broadcastShapes(node, shapeOf(result), shapeOf(operand));
    RankedTensorType type =
        shape ? node.getType(*shape, elementOf(result)) : nullptr;
    if (!type)
      return failure();
    int64_t rank = type.getRank();
    result = builder(
        node, type, buildReshape(node, result, padRank(shapeOf(result), rank)),
        buildReshape(node, operand, padRank(shapeOf(operand), rank)));
  }
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

static OperatorImporter importChain(Arithmetic arithmetic,
                                    BinaryBuilder builder) {
  return
      [=](NodeContext &node) { return importChain(node, arithmetic, builder); };
}

static LogicalResult importMod(NodeContext &node) {
  if (node.getInt("fmod", 0) != 0)
    return importChain(node, Arithmetic::FMod, buildTruncatedRemainder);
  return importChain(node, Arithmetic::Mod, buildFlooredRemainder);
}

static LogicalResult importAbs(NodeContext &node) {
  Value input = getIntegerTensor(node, 0);
  if (!input)
    return failure();
  node.setResult(tosa::AbsOp::create(node.builder, input.getType(), input));
  return success();
}

static LogicalResult importNeg(NodeContext &node) {
  Value input = getIntegerTensor(node, 0);
  if (!input)
    return failure();
  auto type = cast<RankedTensorType>(input.getType());
  node.setResult(tosa::SubOp::create(node.builder, type,
                                     buildNumber(node, type, 0), input));
  return success();
}

void onnximport::addIntegerOperators(OperatorTable &table) {
  table.addForIntegers("Abs", {1, 1}, importAbs);
  table.addForIntegers("Add", {2, 2},
                       importChain(Arithmetic::Add, build<tosa::AddOp>));
  table.addForIntegers("Div", {2, 2},
                       importChain(Arithmetic::Div, buildDivision));
  table.addForIntegers("Max", {1, unlimited},
                       importChain(Arithmetic::Max, build<tosa::MaximumOp>));
  table.addForIntegers("Min", {1, unlimited},
                       importChain(Arithmetic::Min, build<tosa::MinimumOp>));
  table.addForIntegers("Mod", {2, 2}, importMod);
  table.addForIntegers("Mul", {2, 2},
                       importChain(Arithmetic::Mul, buildProduct));
  table.addForIntegers("Neg", {1, 1}, importNeg);
  table.addForIntegers("Sub", {2, 2},
                       importChain(Arithmetic::Sub, build<tosa::SubOp>));
}
