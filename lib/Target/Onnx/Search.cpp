//===- Search.cpp - imports ArgMax and ArgMin ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "TosaBuilding.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// Elements in the opposite order: -x of floats, and -x - 1 of integers, which
/// cannot overflow.
static Value buildOpposite(NodeContext &node, Value input) {
  ImplicitLocOpBuilder &builder = node.builder;
  if (!elementOf(input).isF32())
    return tosa::BitwiseNotOp::create(builder, input.getType(), input);
  Value zero = buildSplat(node, {1}, 0.0f);
  return tosa::NegateOp::create(builder, input.getType(), input, zero, zero);
}

/// The position of the greatest element along the axis: the first one, or with
/// select_last_index the last one, which is the first one from behind.
static LogicalResult importSearch(NodeContext &node, bool findsLeast) {
  Value input = node.getTypedTensor(0);
  bool keeps = node.getInt("keepdims", 1) != 0;
  bool isLast = node.getInt("select_last_index", 0) != 0;
  if (!input)
    return failure();
  if (elementOf(input).isInteger(1))
    return node.refuse("searches bools; expected float, int32 or int64");
  auto axis = node.getAxis(node.getInt("axis", 0), rankOf(input));
  if (!axis)
    return failure();
  ImplicitLocOpBuilder &builder = node.builder;
  uint32_t dim = static_cast<uint32_t>(*axis);
  SmallVector<int64_t> kept(shapeOf(input)), shape(kept);
  int64_t size = std::exchange(kept[dim], 1);
  shape.erase(shape.begin() + dim);
  if (findsLeast)
    input = buildOpposite(node, input);
  if (isLast)
    input = tosa::ReverseOp::create(builder, input.getType(), input, dim);
  RankedTensorType type = node.getType(shape, builder.getI64Type());
  if (!type)
    return failure();
  Value result = tosa::ArgMaxOp::create(builder, type, input, dim,
                                        tosa::NanPropagationMode::PROPAGATE);
  if (isLast) {
    SmallVector<int64_t> ones(type.getRank(), 1);
    Value last = buildSplat(node, ones, builder.getI64IntegerAttr(size - 1));
    result = tosa::SubOp::create(builder, type, last, result);
  }
  result = buildReshape(node, result, keeps ? kept : shape);
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

static LogicalResult importArgMax(NodeContext &node) {
  return importSearch(node, /*findsLeast=*/false);
}

static LogicalResult importArgMin(NodeContext &node) {
  return importSearch(node, /*findsLeast=*/true);
}

void onnximport::addSearchOperators(OperatorTable &table) {
  table.add("ArgMax", {1, 1}, importArgMax);
  table.add("ArgMin", {1, 1}, importArgMin);
}
