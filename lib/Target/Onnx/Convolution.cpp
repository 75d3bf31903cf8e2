//===- Convolution.cpp - imports convolutions ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConvolutionBuilding.h"
#include "Operators.h"
#include "TosaBuilding.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// The input and the weights, of rank 3 or 4; nothing after a refusal.
static std::optional<std::pair<Value, Weights>> readLayer(NodeContext &node) {
  Value input = node.getTensor(0);
  std::optional<Weights> weights = Weights::read(node, 1);
  if (!input || !weights)
    return std::nullopt;
  int64_t rank = rankOf(input);
  if (rank != 3 && rank != 4) {
    (void)node.refuse("has an input of the shape " +
                      describeShape(shapeOf(input)) +
                      "; lowbit imports 1-D and 2-D convolutions");
    return std::nullopt;
  }
  ArrayRef<int64_t> shape = weights->getShape();
  if (int64_t(shape.size()) != rank) {
    (void)node.refuse("has weights of the shape " + describeShape(shape) +
                      "; expected " + Twine(rank) + " dimensions");
    return std::nullopt;
  }
  ArrayRef<int64_t> kernel = shape.drop_front(2);
  if (node.getInts("kernel_shape", kernel) != kernel) {
    (void)node.refuse("has a kernel_shape that is not that of its weights, " +
                      describeShape(kernel));
    return std::nullopt;
  }
  return std::make_pair(input, std::move(*weights));
}

static LogicalResult refuseGroups(NodeContext &node, const Weights &weights,
                                  int64_t channels, int64_t groups) {
  return node.refuse("has weights of the shape " +
                     describeShape(weights.getShape()) + ", which do not fit " +
                     Twine(channels) + " channels in " + Twine(groups) +
                     " groups");
}

/// 1-D weights as 2-D ones of height 1.
static bool addHeight(NodeContext &node, Weights &weights) {
  SmallVector<int64_t> shape(weights.getShape());
  if (shape.size() == 4)
    return true;
  shape.insert(shape.begin() + 2, 1);
  return weights.reshape(node, shape);
}

static LogicalResult importConv(NodeContext &node) {
  auto layer = readLayer(node);
  if (!layer)
    return failure();
  auto &[input, weights] = *layer;
  ArrayRef<int64_t> shape = weights.getShape();
  int64_t channels = shapeOf(input)[1];
  int64_t groups = node.getInt("group", 1);
  if (groups < 1 || channels % groups != 0 || shape[0] % groups != 0 ||
      shape[1] != channels / groups)
    return refuseGroups(node, weights, channels, groups);
  std::optional<Windows> windows = readWindows(
      node, shapeOf(input).drop_front(2), shape.drop_front(2), CeilMode::None);
  Value bias = getBias(node, 2, shape[0]);
  if (!windows || !bias || !addHeight(node, weights))
    return failure();
  Value result = buildConvolution(node, buildWindowInput(node, input, *windows),
                                  weights, bias, groups, *windows);
  result = buildWindowResult(node, result, rankOf(input));
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

//===----------------------------------------------------------------------===//
// Transposed convolution
//===----------------------------------------------------------------------===//

/// Puts `spacing` - 1 zeros behind each element of dimension `dim` of `image`
/// [N, H, W, C], then cuts off what negative padding says.
static Value expandDimension(NodeContext &node, Value image, int64_t dim,
                             int64_t spacing, Window &window) {
  if (!image)
    return nullptr;
  if (spacing > 1 && shapeOf(image)[dim] > 1) {
    SmallVector<int64_t> shape(shapeOf(image));
    shape.insert(shape.begin() + dim + 1, 1);
    SmallVector<int64_t> none(5, 0), after(5, 0);
    after[dim + 1] = spacing - 1;
    image = buildPad(node, buildReshape(node, image, shape), none, after, 0.0f);
    shape.erase(shape.begin() + dim + 1);
    shape[dim] *= spacing;
    image = buildReshape(node, image, shape);
    if (!image)
      return nullptr;
  }
  // The zeros behind the last element are padding that is there already.
  window.padEnd -= shapeOf(image)[dim] - window.input;
  int64_t start = std::max<int64_t>(-window.padBegin, 0);
  int64_t stop = shapeOf(image)[dim] + std::min<int64_t>(window.padEnd, 0);
  if (stop <= start) {
    (void)node.refuse("pads away all that its input reaches");
    return nullptr;
  }
  window.padBegin = std::max<int64_t>(window.padBegin, 0);
  window.padEnd = std::max<int64_t>(window.padEnd, 0);
  return buildSlice(node, image, dim, start, stop - start);
}

/// Each input element adds the kernel, times itself, to the output. That is a
/// convolution with the kernel turned round, over the input with stride - 1
/// zeros between its elements: only data moves before an ordinary layer.
static LogicalResult importConvTranspose(NodeContext &node) {
  auto layer = readLayer(node);
  if (!layer)
    return failure();
  auto &[input, weights] = *layer;
  int64_t rank = rankOf(input), channels = shapeOf(input)[1];
  int64_t groups = node.getInt("group", 1);
  SmallVector<int64_t> shape(weights.getShape());
  if (groups < 1 || channels % groups != 0 || shape[0] != channels)
    return refuseGroups(node, weights, channels, groups);
  std::optional<TransposedWindows> windows = readTransposedWindows(
      node, shapeOf(input).drop_front(2), ArrayRef(shape).drop_front(2));
  int64_t outputs = shape[1] * groups;
  Value bias = getBias(node, 2, outputs);
  if (!windows || !bias || !addHeight(node, weights))
    return failure();

  // [I, O / groups, KH, KW] to [O, I / groups, KH, KW], group by group.
  shape.assign(weights.getShape().begin(), weights.getShape().end());
  int64_t height = shape[2], width = shape[3];
  int64_t depth = channels / groups, breadth = shape[1];
  if (!weights.reverse(node, 2) ||
      !weights.reshape(node, {groups, depth, breadth, height, width}) ||
      !weights.transpose(node, {0, 2, 1, 3, 4}) ||
      !weights.reshape(node, {outputs, depth, height, width}))
    return failure();

  Value image = buildWindowInput(node, input, *windows);
  image = expandDimension(node, image, 1, windows->spacing[0], windows->height);
  image = expandDimension(node, image, 2, windows->spacing[1], windows->width);
  Value result = buildConvolution(node, image, weights, bias, groups, *windows);
  result = buildWindowResult(node, result, rank);
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

void onnximport::addConvolutionOperators(OperatorTable &table) {
  table.add("Conv", {2, 3}, importConv);
  table.add("ConvTranspose", {2, 3}, importConvTranspose);
}
