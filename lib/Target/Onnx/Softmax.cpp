//===- Softmax.cpp - imports softmax and its logarithm ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "TosaBuilding.h"

#include "lowbit/IR/Lowbit.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// Before opset 13 all dimensions from the axis on are one, and the axis is 1
/// unless said otherwise.
template <typename Op> static LogicalResult importSoftmax(NodeContext &node) {
  Value input = node.getTensor(0);
  if (!input)
    return failure();
  bool flattens = node.getOpset() < 13;
  SmallVector<int64_t> shape(shapeOf(input));
  std::optional<int64_t> axis =
      node.getAxis(node.getInt("axis", flattens ? 1 : -1), shape.size());
  if (!axis)
    return failure();
  Value matrix = input;
  if (flattens && *axis + 1 != int64_t(shape.size())) {
    int64_t rows = *countElements(ArrayRef(shape).take_front(*axis));
    int64_t columns = *countElements(ArrayRef(shape).drop_front(*axis));
    matrix = buildReshape(node, input, {rows, columns});
    axis = 1;
  }
  if (!matrix)
    return failure();
  Value result = Op::create(node.builder, matrix.getType(), matrix, *axis);
  result = buildReshape(node, result, shape);
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

void onnximport::addSoftmaxOperators(OperatorTable &table) {
  table.add("LogSoftmax", {1, 1}, importSoftmax<LogSoftmaxOp>);
  table.add("Softmax", {1, 1}, importSoftmax<SoftmaxOp>);
}
