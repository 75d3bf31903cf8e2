//===- Masks.cpp - imports ops that depend on positions ---===//
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

/// Keeps the upper triangle of each matrix, or the lower one, and fills the
/// rest with zeros.
static LogicalResult importTrilu(NodeContext &node) {
  Value input = node.getTypedTensor(0);
  bool isUpper = node.getInt("upper", 1) != 0;
  std::optional<int64_t> diagonal = 0;
  if (node.hasInput(1))
    diagonal = node.getInteger(1, "a diagonal");
  if (!input || !diagonal)
    return failure();
  int64_t rank = rankOf(input);
  if (rank < 2)
    return node.refuse("takes a triangle of " + describeShape(shapeOf(input)));
  SmallVector<int64_t> shape(rank, 1);
  int64_t rows = shape[rank - 2] = shapeOf(input)[rank - 2];
  int64_t columns = shape[rank - 1] = shapeOf(input)[rank - 1];
  if (!countFolded(node, shape))
    return failure();
  int64_t offset = std::clamp(*diagonal, -rows - columns, rows + columns);
  std::vector<int64_t> keeps;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      keeps.push_back(isUpper ? column - row >= offset
                              : column - row <= offset);
  Value mask =
      buildConstant(node, ConstantTensor::get(shape, std::move(keeps))
                              .withElementType(::onnx::TensorProto::BOOL));
  Value zero = buildSplat(node, SmallVector<int64_t>(rank, 1),
                          getNumber(elementOf(input), 0));
  node.setResult(
      tosa::SelectOp::create(node.builder, input.getType(), mask, input, zero));
  return success();
}

/// A new dimension at `axis` with the second of `values` at the index and the
/// first elsewhere. An index out of range has no place.
static LogicalResult importOneHot(NodeContext &node) {
  Value indices = node.getTypedTensor(0), values = node.getTypedTensor(2);
  std::optional<int64_t> depth = node.getInteger(1, "a depth");
  if (!indices || !values || !depth)
    return failure();
  auto axis = node.getAxis(node.getInt("axis", -1), rankOf(indices) + 1);
  if (!axis)
    return failure();
  if (*depth < 1 || *depth > maxFoldedElements ||
      elementOf(indices).isInteger(1) || elementOf(indices).isF32() ||
      shapeOf(values) != ArrayRef<int64_t>{2})
    return node.refuse("marks indices among " + Twine(*depth) +
                       " by values of the shape " +
                       describeShape(shapeOf(values)) +
                       "; expected integers, at least 1 and [2]");
  ImplicitLocOpBuilder &builder = node.builder;
  SmallVector<int64_t> apart(shapeOf(indices)), shape(apart);
  apart.insert(apart.begin() + *axis, 1);
  shape.insert(shape.begin() + *axis, *depth);
  SmallVector<int64_t> ones(shape.size(), 1), along(ones);
  along[*axis] = *depth;
  RankedTensorType type = node.getType(shape, elementOf(values));
  indices = buildReshape(node, indices, apart);
  if (!type || !indices)
    return failure();
  // Negative indices meet negative numbers of the same positions.
  auto matches = [&](int64_t first) {
    std::vector<int64_t> numbers;
    for (int64_t i = 0; i < *depth; ++i)
      numbers.push_back(first + i);
    Value positions = buildConstant(
        node, ConstantTensor::get(along, std::move(numbers))
                  .withElementType(getOnnxElementType(elementOf(indices))));
    return tosa::EqualOp::create(builder, type.clone(builder.getI1Type()),
                                 indices, positions);
  };
  auto number = [&](int64_t index) {
    return buildReshape(node, buildTake(node, values, 0, {index}), ones);
  };
  Value isHot = tosa::LogicalOrOp::create(
      builder, type.clone(builder.getI1Type()), matches(0), matches(-*depth));
  node.setResult(
      tosa::SelectOp::create(builder, type, isHot, number(1), number(0)));
  return success();
}

/// `input` moved by `count` positions along `axis`, zeros before it.
static Value buildShift(NodeContext &node, Value input, int64_t axis,
                        int64_t count) {
  int64_t size = shapeOf(input)[axis];
  TypedAttr zero = getNumber(elementOf(input), 0);
  if (count >= size)
    return buildSplat(node, shapeOf(input), zero);
  SmallVector<int64_t> before(rankOf(input), 0), after(before);
  before[axis] = count;
  return buildPad(node, buildTake(node, input, axis, rangeTo(size - count)),
                  before, after, zero);
}

/// Sums of 2, 4, ... neighbours, until all are in.
static LogicalResult importCumSum(NodeContext &node) {
  Value input = node.getTypedTensor(0);
  std::optional<int64_t> given = node.getInteger(1, "an axis");
  bool isExclusive = node.getInt("exclusive", 0) != 0;
  bool isReverse = node.getInt("reverse", 0) != 0;
  if (!input || !given)
    return failure();
  auto axis = node.getAxis(*given, rankOf(input));
  if (!axis || failed(expectListable(node, shapeOf(input)[*axis])))
    return failure();
  if (elementOf(input).isInteger(1))
    return node.refuse("sums bools; expected float, int32 or int64");
  int64_t size = shapeOf(input)[*axis];
  auto turn = [&](Value value) -> Value {
    if (!isReverse)
      return value;
    return tosa::ReverseOp::create(node.builder, value.getType(), value,
                                   static_cast<uint32_t>(*axis));
  };
  Value sum = turn(input);
  if (isExclusive)
    sum = buildShift(node, sum, *axis, 1);
  for (int64_t count = 1; sum && count < size; count *= 2)
    sum = buildAdd(node, sum, buildShift(node, sum, *axis, count));
  if (!sum)
    return failure();
  node.setResult(turn(sum));
  return success();
}

void onnximport::addMaskOperators(OperatorTable &table) {
  table.add("CumSum", {2, 2}, importCumSum);
  table.add("OneHot", {3, 3}, importOneHot);
  table.add("Trilu", {1, 2}, importTrilu);
}
