//===- Normalization.cpp - imports normalizations ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "Reductions.h"
#include "TosaBuilding.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// The attribute 'epsilon'; nothing after a refusal.
static std::optional<float> readEpsilon(NodeContext &node) {
  float epsilon = node.getFloat("epsilon", 1e-5f);
  if (std::isfinite(epsilon) && epsilon >= 0.0f)
    return epsilon;
  (void)node.refuse("has epsilon = " + Twine(std::to_string(epsilon)) +
                    "; expected a finite number of at least 0");
  return std::nullopt;
}

/// The input [N, C, ...] of at least `rank` dimensions; null after a refusal.
static Value getChannelsFirst(NodeContext &node, int64_t rank) {
  Value input = node.getTensor(0);
  if (!input || rankOf(input) >= rank)
    return input;
  (void)node.refuse("normalizes an input of the shape " +
                    describeShape(shapeOf(input)) + "; expected [N, C, ...]");
  return nullptr;
}

/// Input `index`, a vector of `count` parameters; null after a refusal.
static Value getParameter(NodeContext &node, unsigned index, int64_t count) {
  Value parameter = node.getTensor(index);
  if (!parameter || shapeOf(parameter) == ArrayRef(count))
    return parameter;
  (void)node.refuse("has a parameter of the shape " +
                    describeShape(shapeOf(parameter)) + "; expected " +
                    describeShape(count));
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Fixed statistics
//===----------------------------------------------------------------------===//

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
  node.ignore("momentum");
  if (failed(node.expectInt("spatial", 1, 1)) ||
      failed(node.expectInt("training_mode", 0, 0)))
    return failure();
  std::optional<float> epsilon = readEpsilon(node);
  Value input = node.getTensor(0);
  if (!epsilon || !input)
    return failure();
  // A vector has one channel.
  SmallVector<int64_t> shape(shapeOf(input));
  if (shape.size() == 1)
    input = buildReshape(node, input, {shape[0], 1});
  if (!input)
    return failure();
  if (rankOf(input) < 2)
    return node.refuse("normalizes an input of the shape " +
                       describeShape(shape) + "; expected [N, C, ...]");
  SmallVector<Value> parameters;
  for (unsigned index = 1; index < 5; ++index) {
    parameters.push_back(getParameter(node, index, shapeOf(input)[1]));
    if (!parameters.back())
      return failure();
  }
  if (failed(checkVariance(node, *epsilon)))
    return failure();
  Value channelsLast = buildChannelsLast(node, input);
  if (!channelsLast)
    return failure();
  ImplicitLocOpBuilder &builder = node.builder;
  Value result =
      BatchNormOp::create(builder, channelsLast.getType(), channelsLast,
                          parameters[0], parameters[1], parameters[2],
                          parameters[3], builder.getF32FloatAttr(*epsilon));
  result = buildReshape(node, buildChannelsFirst(node, result), shape);
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

//===----------------------------------------------------------------------===//
// Statistics of the input itself
//===----------------------------------------------------------------------===//

/// Normalizes `input` over the dimensions from `firstAxis` on; null after a
/// refusal. Scale and offset have its rank.
static Value buildLayerNorm(NodeContext &node, Value input, Value scale,
                            Value offset, int64_t firstAxis, float epsilon) {
  if (!input || !scale || !offset)
    return nullptr;
  auto axes = llvm::to_vector(llvm::seq<int64_t>(firstAxis, rankOf(input)));
  ImplicitLocOpBuilder &builder = node.builder;
  return LayerNormOp::create(builder, input.getType(), input, scale, offset,
                             builder.getDenseI64ArrayAttr(axes),
                             builder.getF32FloatAttr(epsilon));
}

/// The second and third output of a layer norm, which training wants: the mean
/// and the inverse standard deviation. Fails after a refusal.
static LogicalResult setStatistics(NodeContext &node, Value input,
                                   int64_t firstAxis, float epsilon) {
  if (!node.hasOutput(1) && !node.hasOutput(2))
    return success();
  auto axes = llvm::to_vector(llvm::seq<int64_t>(firstAxis, rankOf(input)));
  Value mean = buildMean(node, input, axes);
  Value centred = buildSub(node, input, mean);
  Value variance = buildMean(node, buildMul(node, centred, centred), axes);
  SmallVector<int64_t> ones(rankOf(input), 1);
  Value stable = buildAdd(node, variance, buildSplat(node, ones, epsilon));
  if (!stable)
    return failure();
  node.setResult(mean, 1);
  node.setResult(tosa::RsqrtOp::create(node.builder, stable.getType(), stable),
                 2);
  return success();
}

static LogicalResult importLayerNormalization(NodeContext &node) {
  // The type in which statistics are computed is float32 anyway.
  node.ignore("stash_type");
  std::optional<float> epsilon = readEpsilon(node);
  Value input = node.getTensor(0);
  if (!epsilon || !input)
    return failure();
  int64_t rank = rankOf(input);
  std::optional<int64_t> axis = node.getAxis(node.getInt("axis", -1), rank);
  if (!axis)
    return failure();
  auto getOperand = [&](unsigned index, float otherwise) -> Value {
    if (!node.hasInput(index))
      return buildSplat(node, SmallVector<int64_t>(rank, 1), otherwise);
    Value operand = node.getTensor(index);
    if (!operand)
      return nullptr;
    auto shape = broadcastShapes(node, shapeOf(input), shapeOf(operand));
    if (!shape)
      return nullptr;
    if (*shape == shapeOf(input))
      return buildReshape(node, operand, padRank(shapeOf(operand), rank));
    (void)node.refuse(
        "has a parameter of the shape " + describeShape(shapeOf(operand)) +
        ", which does not broadcast to " + describeShape(shapeOf(input)));
    return nullptr;
  };
  Value result = buildLayerNorm(node, input, getOperand(1, 1.0f),
                                getOperand(2, 0.0f), *axis, *epsilon);
  if (!result || failed(setStatistics(node, input, *axis, *epsilon)))
    return failure();
  node.setResult(result);
  return success();
}

static LogicalResult importInstanceNormalization(NodeContext &node) {
  std::optional<float> epsilon = readEpsilon(node);
  Value input = getChannelsFirst(node, 3);
  if (!epsilon || !input)
    return failure();
  int64_t channels = shapeOf(input)[1];
  SmallVector<int64_t> shape(rankOf(input), 1);
  shape[1] = channels;
  Value scale = buildReshape(node, getParameter(node, 1, channels), shape);
  Value offset = buildReshape(node, getParameter(node, 2, channels), shape);
  Value result = buildLayerNorm(node, input, scale, offset, 2, *epsilon);
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

/// The channels split into groups, each normalized with all positions. There
/// is a scale and an offset for each group before opset 21, for each channel
/// from then on.
static LogicalResult importGroupNormalization(NodeContext &node) {
  node.ignore("stash_type");
  std::optional<float> epsilon = readEpsilon(node);
  Value input = getChannelsFirst(node, 2);
  int64_t groups = node.getInt("num_groups", 0);
  if (!epsilon || !input)
    return failure();
  SmallVector<int64_t> shape(shapeOf(input));
  int64_t channels = shape[1];
  if (groups < 1 || channels % groups != 0)
    return node.refuse("has num_groups = " + Twine(groups) +
                       ", which does not divide " + Twine(channels) +
                       " channels");
  SmallVector<int64_t> split(shape);
  split[1] = channels / groups;
  split.insert(split.begin() + 1, groups);
  bool perGroup = node.getOpset() < 21;
  SmallVector<int64_t> parameters(split.size(), 1);
  parameters[1] = groups;
  parameters[2] = perGroup ? 1 : channels / groups;
  int64_t count = perGroup ? groups : channels;
  Value scale = buildReshape(node, getParameter(node, 1, count), parameters);
  Value offset = buildReshape(node, getParameter(node, 2, count), parameters);
  Value result = buildLayerNorm(node, buildReshape(node, input, split), scale,
                                offset, 2, *epsilon);
  result = buildReshape(node, result, shape);
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

/// Divides by the standard deviation plus 1e-9, of which the square is the
/// epsilon of a layer norm.
static LogicalResult importMeanVarianceNormalization(NodeContext &node) {
  Value input = node.getTensor(0);
  SmallVector<int64_t> axes = node.getInts("axes", {0, 2, 3});
  if (!input)
    return failure();
  for (int64_t &axis : axes) {
    std::optional<int64_t> dim = node.getAxis(axis, rankOf(input));
    if (!dim)
      return failure();
    axis = *dim;
  }
  llvm::sort(axes);
  axes.erase(llvm::unique(axes), axes.end());
  if (axes.empty())
    return node.refuse("has no axes");
  SmallVector<int64_t> ones(rankOf(input), 1);
  ImplicitLocOpBuilder &builder = node.builder;
  node.setResult(LayerNormOp::create(
      builder, input.getType(), input, buildSplat(node, ones, 1.0f),
      buildSplat(node, ones, 0.0f), builder.getDenseI64ArrayAttr(axes),
      builder.getF32FloatAttr(1e-18f)));
  return success();
}

//===----------------------------------------------------------------------===//
// Neighbouring channels
//===----------------------------------------------------------------------===//

/// x / (bias + alpha * mean of x^2 over `size` channels)^beta. The mean is a
/// pool over the channels, zeros before the first and behind the last.
static LogicalResult importLrn(NodeContext &node) {
  float alpha = node.getFloat("alpha", 1e-4f);
  float beta = node.getFloat("beta", 0.75f);
  float bias = node.getFloat("bias", 1.0f);
  int64_t size = node.getInt("size", 0);
  Value input = getChannelsFirst(node, 2);
  if (!input)
    return failure();
  if (size < 1 || size > std::numeric_limits<int32_t>::max() ||
      !std::isfinite(alpha) || !std::isfinite(beta) || !std::isfinite(bias))
    return node.refuse("has size = " + Twine(size) +
                       " or another attribute out of range; expected a size "
                       "from 1 to 2^31 - 1 and finite numbers");
  SmallVector<int64_t> shape(shapeOf(input));
  int64_t rest = *countElements(ArrayRef(shape).drop_front(2));
  // [N, C, 1, rest], which the pool takes as height C and width 1.
  Value squares = buildReshape(node, buildMul(node, input, input),
                               {shape[0], shape[1], 1, rest});
  squares = buildPad(node, squares, {0, (size - 1) / 2, 0, 0},
                     {0, size / 2, 0, 0}, 0.0f);
  if (!squares)
    return failure();
  ImplicitLocOpBuilder &builder = node.builder;
  RankedTensorType type = node.getType({shape[0], shape[1], 1, rest});
  Value mean = tosa::AvgPool2dOp::create(
      builder, type, squares, builder.getDenseI64ArrayAttr({size, 1}),
      builder.getDenseI64ArrayAttr({1, 1}),
      builder.getDenseI64ArrayAttr({0, 0, 0, 0}),
      TypeAttr::get(builder.getF32Type()));
  SmallVector<int64_t> ones(4, 1);
  Value sum =
      buildAdd(node, buildMul(node, mean, buildSplat(node, ones, alpha)),
               buildSplat(node, ones, bias));
  Value factor =
      ActivationOp::create(builder, type, sum, Function::Power,
                           builder.getF32FloatAttr(-beta), FloatAttr());
  Value result = buildMul(node, input, buildReshape(node, factor, shape));
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

void onnximport::addNormalizationOperators(OperatorTable &table) {
  table.add("BatchNormalization", {5, 5}, importBatchNormalization);
  table.add("GroupNormalization", {3, 3}, importGroupNormalization);
  table.add("InstanceNormalization", {3, 3}, importInstanceNormalization);
  table.add("LRN", {1, 1}, importLrn);
  table.add("LayerNormalization", {2, 3}, importLayerNormalization);
  table.add("MeanVarianceNormalization", {1, 1},
            importMeanVarianceNormalization);
}
