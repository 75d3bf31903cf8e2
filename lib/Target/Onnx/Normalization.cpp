//===- Normalization.cpp - imports normalizations and softmax ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "TosaBuilding.h"

#include "lowbit/IR/Lowbit.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// Refuses statistics whose square root or inverse would not be finite.
static LogicalResult checkVariance(NodeContext &node, float epsilon) {
  if (!node.isConstant(4))
    return success();
  std::optional<ConstantTensor> variance = node.getFloats(4, "a variance");
  if (!variance)
    return failure();
  for (float value : variance->getFloats())
    if (!(value + epsilon > 0.0f))
      return node.refuse("has the variance " + Twine(std::to_string(value)) +
                         "; expected a sum with epsilon above 0");
  return success();
}

static LogicalResult importBatchNormalization(NodeContext &node) {
  float epsilon = node.getFloat("epsilon", 1e-5f);
  node.ignore("momentum");
  if (failed(node.expectInt("spatial", 1, 1)) ||
      failed(node.expectInt("training_mode", 0, 0)))
    return failure();
  if (!std::isfinite(epsilon) || epsilon < 0.0f)
    return node.refuse("has epsilon = " + Twine(std::to_string(epsilon)) +
                       "; expected a finite number of at least 0");
  Value input = node.getTensor(0);
  if (!input)
    return failure();
  if (rankOf(input) < 2)
    return node.refuse("normalizes an input of the shape " +
                       describeShape(shapeOf(input)) +
                       "; expected [N, C, ...]");
  int64_t channels = shapeOf(input)[1];
  SmallVector<Value> parameters;
  for (unsigned index = 1; index < 5; ++index) {
    Value parameter = node.getTensor(index);
    if (!parameter)
      return failure();
    if (shapeOf(parameter) != ArrayRef(channels))
      return node.refuse("has a parameter of the shape " +
                         describeShape(shapeOf(parameter)) + "; expected " +
                         describeShape(channels));
    parameters.push_back(parameter);
  }
  if (failed(checkVariance(node, epsilon)))
    return failure();
  Value channelsLast = buildChannelsLast(node, input);
  if (!channelsLast)
    return failure();
  ImplicitLocOpBuilder &builder = node.builder;
  Value result = lowbit::BatchNormOp::create(
      builder, channelsLast.getType(), channelsLast, parameters[0],
      parameters[1], parameters[2], parameters[3],
      builder.getF32FloatAttr(epsilon));
  node.setResult(buildChannelsFirst(node, result));
  return success();
}

/// Before opset 13 all dimensions from the axis on are one, and the axis is 1
/// unless said otherwise.
static LogicalResult importSoftmax(NodeContext &node) {
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
  Value result =
      lowbit::SoftmaxOp::create(node.builder, matrix.getType(), matrix, *axis);
  result = buildReshape(node, result, shape);
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

void onnximport::addNormalizationOperators(OperatorTable &table) {
  table.add("BatchNormalization", {5, 5}, importBatchNormalization);
  table.add("Softmax", {1, 1}, importSoftmax);
}
