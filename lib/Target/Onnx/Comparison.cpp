//===- Comparison.cpp - imports comparisons and bools ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"
#include "Movement.h"
#include "Operators.h"
#include "TosaBuilding.h"

#include "onnx.pb.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// The inputs as tensors of equal rank, and the shape that they broadcast to.
/// Empty after a refusal.
static SmallVector<Value> getOperands(NodeContext &node,
                                      SmallVector<int64_t> &shape) {
  SmallVector<Value> operands;
  for (unsigned index = 0; index < node.getNumInputs(); ++index) {
    Value operand = node.getTypedTensor(index);
    auto common =
        operand ? broadcastShapes(node, shape, shapeOf(operand)) : std::nullopt;
    if (!common)
      return {};
    shape = std::move(*common);
    operands.push_back(operand);
  }
  for (Value &operand : operands)
    operand =
        buildReshape(node, operand, padRank(shapeOf(operand), shape.size()));
  return operands;
}

/// Refuses operands of different types.
static LogicalResult expectOneType(NodeContext &node, Value lhs, Value rhs) {
  if (elementOf(lhs) == elementOf(rhs))
    return success();
  return node.refuse(
      "mixes " + describeElementType(getOnnxElementType(elementOf(lhs))) +
      " and " + describeElementType(getOnnxElementType(elementOf(rhs))));
}

template <typename Op>
static LogicalResult compareComputed(NodeContext &node, bool swaps) {
  SmallVector<int64_t> shape;
  SmallVector<Value> operands = getOperands(node, shape);
  if (operands.empty() || failed(expectOneType(node, operands[0], operands[1])))
    return failure();
  RankedTensorType type = node.getType(shape, node.builder.getI1Type());
  if (!type)
    return failure();
  if (swaps)
    std::swap(operands[0], operands[1]);
  node.setResult(Op::create(node.builder, type, operands[0], operands[1]));
  return success();
}

/// TOSA has the comparisons that are true for what is greater; the others swap
/// the operands.
static OperatorImporter importComparison(Comparison comparison) {
  return [=](NodeContext &node) -> LogicalResult {
    if (node.allConstant())
      return foldComparison(node, comparison);
    switch (comparison) {
    case Comparison::Equal:
      return compareComputed<tosa::EqualOp>(node, /*swaps=*/false);
    case Comparison::Less:
      return compareComputed<tosa::GreaterOp>(node, /*swaps=*/true);
    case Comparison::LessOrEqual:
      return compareComputed<tosa::GreaterEqualOp>(node, /*swaps=*/true);
    case Comparison::Greater:
      return compareComputed<tosa::GreaterOp>(node, /*swaps=*/false);
    case Comparison::GreaterOrEqual:
      return compareComputed<tosa::GreaterEqualOp>(node, /*swaps=*/false);
    }
    llvm_unreachable("all kinds are handled");
  };
}

/// Refuses an operand that holds something else than bools.
static LogicalResult expectBools(NodeContext &node, unsigned index) {
  std::optional<int32_t> type = node.getElementType(index);
  if (!type)
    return failure();
  if (*type == ::onnx::TensorProto::BOOL)
    return success();
  return node.refuse("takes " + describeElementType(*type) + " as input " +
                     Twine(index) + "; expected bool");
}

/// An op of two bools; `compute` is the same for constants.
template <typename Op>
static OperatorImporter importLogical(int64_t (*compute)(int64_t, int64_t)) {
  return [=](NodeContext &node) -> LogicalResult {
    if (failed(expectBools(node, 0)) || failed(expectBools(node, 1)))
      return failure();
    if (!node.allConstant()) {
      SmallVector<int64_t> shape;
      SmallVector<Value> operands = getOperands(node, shape);
      if (operands.empty())
        return failure();
      RankedTensorType type = node.getType(shape, node.builder.getI1Type());
      if (!type)
        return failure();
      node.setResult(Op::create(node.builder, type, operands[0], operands[1]));
      return success();
    }
    SmallVector<ConstantTensor> operands = getBroadcastConstants(node);
    if (operands.empty())
      return failure();
    std::vector<int64_t> bools;
    for (auto [lhs, rhs] :
         llvm::zip_equal(operands[0].getIntegers(), operands[1].getIntegers()))
      bools.push_back(compute(lhs, rhs));
    node.setConstant(
        ConstantTensor::get(operands[0].getShape(), std::move(bools))
            .withElementType(::onnx::TensorProto::BOOL));
    return success();
  };
}

static int64_t conjunction(int64_t lhs, int64_t rhs) { return lhs & rhs; }
static int64_t disjunction(int64_t lhs, int64_t rhs) { return lhs | rhs; }
static int64_t difference(int64_t lhs, int64_t rhs) { return lhs ^ rhs; }

static LogicalResult importNot(NodeContext &node) {
  if (failed(expectBools(node, 0)))
    return failure();
  if (!node.isConstant(0)) {
    Value input = node.getTypedTensor(0);
    if (!input)
      return failure();
    node.setResult(
        tosa::LogicalNotOp::create(node.builder, input.getType(), input));
    return success();
  }
  std::optional<ConstantTensor> input = node.getConstant(0, "an operand");
  if (!input)
    return failure();
  std::vector<int64_t> bools;
  for (int64_t element : input->getIntegers())
    bools.push_back(element == 0);
  node.setConstant(ConstantTensor::get(input->getShape(), std::move(bools))
                       .withElementType(::onnx::TensorProto::BOOL));
  return success();
}

/// Chooses among constants.
static LogicalResult foldWhere(NodeContext &node) {
  SmallVector<ConstantTensor> operands = getBroadcastConstants(node);
  if (operands.empty())
    return failure();
  ArrayRef<int64_t> condition = operands[0].getIntegers();
  if (operands[1].getElementType() != operands[2].getElementType())
    return node.refuse(
        "mixes " + describeElementType(operands[1].getElementType()) + " and " +
        describeElementType(operands[2].getElementType()));
  auto choose = [&](auto lhs, auto rhs) {
    std::vector<typename decltype(lhs)::value_type> elements;
    for (auto [chooses, left, right] : llvm::zip_equal(condition, lhs, rhs))
      elements.push_back(chooses ? left : right);
    return ConstantTensor::get(operands[0].getShape(), std::move(elements));
  };
  ConstantTensor chosen =
      operands[1].isFloat()
          ? choose(operands[1].getFloats(), operands[2].getFloats())
          : choose(operands[1].getIntegers(), operands[2].getIntegers());
  node.setConstant(chosen.withElementType(operands[1].getElementType()));
  return success();
}

static LogicalResult importWhere(NodeContext &node) {
  if (failed(expectBools(node, 0)))
    return failure();
  if (node.allConstant())
    return foldWhere(node);
  SmallVector<int64_t> shape;
  SmallVector<Value> operands = getOperands(node, shape);
  if (operands.empty() || failed(expectOneType(node, operands[1], operands[2])))
    return failure();
  RankedTensorType type = node.getType(shape, elementOf(operands[1]));
  if (!type)
    return failure();
  node.setResult(tosa::SelectOp::create(node.builder, type, operands[0],
                                        operands[1], operands[2]));
  return success();
}

void onnximport::addComparisonOperators(OperatorTable &table) {
  table.add("And", {2, 2}, importLogical<tosa::LogicalAndOp>(conjunction));
  table.add("Equal", {2, 2}, importComparison(Comparison::Equal));
  table.add("Greater", {2, 2}, importComparison(Comparison::Greater));
  table.add("GreaterOrEqual", {2, 2},
            importComparison(Comparison::GreaterOrEqual));
  table.add("Less", {2, 2}, importComparison(Comparison::Less));
  table.add("LessOrEqual", {2, 2}, importComparison(Comparison::LessOrEqual));
  table.add("Not", {1, 1}, importNot);
  table.add("Or", {2, 2}, importLogical<tosa::LogicalOrOp>(disjunction));
  table.add("Where", {3, 3}, importWhere);
  table.add("Xor", {2, 2}, importLogical<tosa::LogicalXorOp>(difference));
}
