//===- Gather.cpp - imports ops that read by indices ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Indices that are known are checked at import. Computed ones are brought into
// range when the model runs, so that none reads beyond the data.
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"
#include "Movement.h"
#include "Operators.h"
#include "TosaBuilding.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// Refuses indices that are no integers.
static LogicalResult expectIndices(NodeContext &node) {
  auto type = node.getElementType(1);
  if (!type)
    return failure();
  if (isIndexType(*type))
    return success();
  return node.refuse("has indices that are not integers");
}

/// Refuses data with so many rows that int32 could not number them.
static LogicalResult expectFewRows(NodeContext &node, int64_t count) {
  if (count <= std::numeric_limits<int32_t>::max())
    return success();
  return node.refuse("gathers from " + Twine(count) +
                     " positions; expected less than 2^31");
}

/// Computed indices into a dimension of `size`: negative ones count from
/// behind, and none is out of range afterwards, whatever it was.
static Value buildPositions(NodeContext &node, Value indices, int64_t size) {
  if (!indices)
    return nullptr;
  ImplicitLocOpBuilder &builder = node.builder;
  auto type = cast<RankedTensorType>(indices.getType());
  SmallVector<int64_t> ones(type.getRank(), 1);
  auto number = [&](int64_t value) {
    return buildSplat(node, ones, getNumber(type.getElementType(), value));
  };
  Value isNegative = tosa::GreaterOp::create(
      builder, type.clone(builder.getI1Type()), number(0), indices);
  Value fromBehind = tosa::AddOp::create(builder, type, indices, number(size));
  Value positions =
      tosa::SelectOp::create(builder, type, isNegative, fromBehind, indices);
  positions = tosa::MaximumOp::create(builder, type, positions, number(0));
  return tosa::MinimumOp::create(builder, type, positions, number(size - 1));
}

/// Constant indices, in range; nothing after a refusal.
static std::optional<SmallVector<int64_t>>
getPositions(NodeContext &node, const ConstantTensor &indices, int64_t size) {
  SmallVector<int64_t> positions;
  for (int64_t index : indices.getIntegers()) {
    if (index < -size || index >= size) {
      (void)node.refuse("has the index " + Twine(index) +
                        " into a dimension of " + Twine(size));
      return std::nullopt;
    }
    positions.push_back(index < 0 ? index + size : index);
  }
  return positions;
}

/// The shape of `indices` in place of dimension `axis` of `data`.
static SmallVector<int64_t> getGatheredShape(ArrayRef<int64_t> data,
                                             int64_t axis,
                                             ArrayRef<int64_t> indices) {
  SmallVector<int64_t> shape(data.take_front(axis));
  llvm::append_range(shape, indices);
  llvm::append_range(shape, data.drop_front(axis + 1));
  return shape;
}

/// Gathers along `axis` at indices that are computed.
static LogicalResult gatherComputed(NodeContext &node, int64_t axis) {
  Value data = node.getTypedTensor(0), indices = node.getTypedTensor(1);
  if (!data || !indices)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(data);
  int64_t outer = *countElements(shape.take_front(axis));
  int64_t inner = *countElements(shape.drop_front(axis + 1));
  int64_t count = *countElements(shapeOf(indices));
  if (failed(expectFewRows(node, shape[axis])))
    return failure();
  Value rows = buildPositions(node, buildReshape(node, indices, {1, count}),
                              shape[axis]);
  if (!rows || !node.getType({outer, count}))
    return failure();
  Value result =
      buildGather(node, buildReshape(node, data, {outer, shape[axis], inner}),
                  buildBroadcast(node, rows, {outer, count}));
  result = buildReshape(node, result,
                        getGatheredShape(shape, axis, shapeOf(indices)));
  return Movable(result).setResult(node);
}

static LogicalResult importGather(NodeContext &node) {
  auto shape = node.getShape(0);
  if (!shape || failed(expectIndices(node)))
    return failure();
  auto axis = node.getAxis(node.getInt("axis", 0), shape->size());
  if (!axis)
    return failure();
  if (!node.isConstant(1))
    return gatherComputed(node, *axis);
  Movable data = Movable::get(node, 0);
  std::optional<ConstantTensor> indices = node.getConstant(1, "indices");
  if (!data || !indices)
    return failure();
  auto positions = getPositions(node, *indices, (*shape)[*axis]);
  if (!positions)
    return failure();
  return reshape(node, take(node, data, *axis, *positions),
                 getGatheredShape(*shape, *axis, indices->getShape()))
      .setResult(node);
}

/// `number` times `positions`, plus `sum` if that is not null.
static Value buildMultiplyAdd(NodeContext &node, Value positions,
                              int64_t number, Value sum) {
  if (!positions)
    return nullptr;
  SmallVector<int64_t> ones(rankOf(positions), 1);
  Value factor =
      buildSplat(node, ones, getNumber(elementOf(positions), number));
  Value product = number == 1 ? positions : buildMul(node, positions, factor);
  return sum ? buildAdd(node, sum, product) : product;
}

/// The last dimension of the indices [batches..., ..., k] holds positions of k
/// dimensions after the first `batch_dims`. Together they number the rows of
/// the data [batches, rows, rest].
static LogicalResult importGatherND(NodeContext &node) {
  Value data = node.getTypedTensor(0), indices = node.getTypedTensor(1);
  int64_t batchRank = node.getInt("batch_dims", 0);
  if (!data || !indices || failed(expectIndices(node)))
    return failure();
  ArrayRef<int64_t> shape = shapeOf(data), indexShape = shapeOf(indices);
  int64_t depth = indexShape.empty() ? 0 : indexShape.back();
  int64_t least = std::min(rankOf(data), rankOf(indices) - 1);
  if (depth < 1 || batchRank < 0 || batchRank > least ||
      batchRank + depth > rankOf(data) ||
      shape.take_front(batchRank) != indexShape.take_front(batchRank))
    return node.refuse("gathers from " + describeShape(shape) + " at indices " +
                       describeShape(indexShape) + " after " +
                       Twine(batchRank) + " batch dimensions");
  ArrayRef<int64_t> indexed = shape.slice(batchRank, depth);
  ArrayRef<int64_t> rest = shape.drop_front(batchRank + depth);
  int64_t batches = *countElements(shape.take_front(batchRank));
  int64_t rows = *countElements(indexed);
  int64_t count = *countElements(indexShape.drop_back()) / batches;
  if (failed(expectFewRows(node, rows)))
    return failure();
  indices = buildReshape(node, indices, {batches, count, depth});
  Value row;
  for (auto [dim, size] : llvm::enumerate(indexed)) {
    Value column = buildReshape(
        node, buildTake(node, indices, 2, {int64_t(dim)}), {batches, count});
    row = buildMultiplyAdd(node, buildPositions(node, column, size),
                           *countElements(indexed.drop_front(dim + 1)), row);
    if (!row)
      return failure();
  }
  Value result = buildGather(
      node, buildReshape(node, data, {batches, rows, *countElements(rest)}),
      row);
  SmallVector<int64_t> resultShape(indexShape.drop_back());
  llvm::append_range(resultShape, rest);
  return Movable(buildReshape(node, result, resultShape)).setResult(node);
}

/// The number of each element of a tensor of `shape` in one of `strides`.
static std::vector<int64_t> numberElements(ArrayRef<int64_t> shape,
                                           ArrayRef<int64_t> strides) {
  std::vector<int64_t> numbers = {0};
  for (auto [size, stride] : llvm::zip_equal(shape, strides)) {
    std::vector<int64_t> next;
    for (int64_t number : numbers)
      for (int64_t i = 0; i < size; ++i)
        next.push_back(number + i * stride);
    numbers = std::move(next);
  }
  return numbers;
}

/// Each element takes the place of its index along the axis; elsewhere it
/// stands where its index does.
static LogicalResult importGatherElements(NodeContext &node) {
  Value data = node.getTypedTensor(0), indices = node.getTypedTensor(1);
  auto type = node.getElementType(1);
  if (!data || !indices || failed(expectIndices(node)))
    return failure();
  auto axis = node.getAxis(node.getInt("axis", 0), rankOf(data));
  if (!axis)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(data), indexShape = shapeOf(indices);
  bool fits = shape.size() == indexShape.size();
  for (int64_t dim = 0; fits && dim < rankOf(data); ++dim)
    fits = dim == *axis || indexShape[dim] <= shape[dim];
  if (!fits)
    return node.refuse("gathers from " + describeShape(shape) + " at indices " +
                       describeShape(indexShape));
  std::optional<int64_t> count = countFolded(node, indexShape);
  if (!count || failed(expectFewRows(node, *countElements(shape))))
    return failure();
  SmallVector<int64_t> strides;
  for (size_t dim = 0; dim < shape.size(); ++dim)
    strides.push_back(*countElements(shape.drop_front(dim + 1)));
  int64_t step = std::exchange(strides[*axis], 0);
  Value places = buildConstant(
      node, ConstantTensor::get(indexShape, numberElements(indexShape, strides))
                .withElementType(*type));
  Value rows = buildMultiplyAdd(
      node, buildPositions(node, indices, shape[*axis]), step, places);
  Value result =
      buildGather(node, buildReshape(node, data, {1, *countElements(shape), 1}),
                  buildReshape(node, rows, {1, *count}));
  return Movable(buildReshape(node, result, indexShape)).setResult(node);
}

void onnximport::addGatherOperators(OperatorTable &table) {
  table.add("Gather", {2, 2}, importGather);
  table.add("GatherElements", {2, 2}, importGatherElements);
  table.add("GatherND", {2, 2}, importGatherND);
}
