//===- Convolution.cpp - imports convolutions ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "TosaBuilding.h"
#include "Window.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// Weights [O, I, KH, KW] for tosa.conv2d: [O, KH, KW, I].
static Value buildWeights(NodeContext &node, const ConstantTensor &weights) {
  ArrayRef<int64_t> shape = weights.getShape();
  return buildTransposedConstant(node, weights, {0, 2, 3, 1},
                                 {shape[0], shape[2], shape[3], shape[1]});
}

/// Weights [C * M, 1, KH, KW] for tosa.depthwise_conv2d: [KH, KW, C, M].
static Value buildDepthwiseWeights(NodeContext &node,
                                   const ConstantTensor &weights,
                                   int64_t channels) {
  ArrayRef<int64_t> shape = weights.getShape();
  return buildTransposedConstant(
      node, weights, {2, 3, 0, 1},
      {shape[2], shape[3], channels, shape[0] / channels});
}

/// The bias of `channels` elements, zeros if the node has none.
static Value buildBias(NodeContext &node, int64_t channels) {
  if (!node.hasInput(2))
    return buildSplat(node, {channels}, 0.0f);
  std::optional<ConstantTensor> bias = node.getFloats(2, "a bias");
  if (!bias)
    return nullptr;
  if (bias->getShape() == ArrayRef(channels))
    return node.getTensor(2);
  (void)node.refuse("has a bias of the shape " +
                    describeShape(bias->getShape()) + "; expected " +
                    describeShape(channels));
  return nullptr;
}

static LogicalResult importConv(NodeContext &node) {
  Value input = node.getTensor(0);
  std::optional<ConstantTensor> weights = node.getFloats(1, "weights");
  if (!input || !weights)
    return failure();
  int64_t rank = rankOf(input);
  if (rank != 3 && rank != 4)
    return node.refuse("has an input of the shape " +
                       describeShape(shapeOf(input)) +
                       "; lowbit imports 1-D and 2-D convolutions");
  SmallVector<int64_t> shape(weights->getShape());
  if (weights->getRank() != rank || !node.getType(shape))
    return node.refuse("has weights of the shape " + describeShape(shape) +
                       "; expected " + Twine(rank) + " dimensions");
  if (rank == 3)
    shape.insert(shape.begin() + 2, 1);

  ArrayRef<int64_t> spatialKernel = weights->getShape().drop_front(2);
  if (node.getInts("kernel_shape", spatialKernel) != spatialKernel)
    return node.refuse("has a kernel_shape that is not that of its weights, " +
                       describeShape(spatialKernel));
  int64_t channels = shapeOf(input)[1];
  int64_t groups = node.getInt("group", 1);
  bool isDepthwise = groups == channels && groups > 1 && shape[1] == 1;
  if (groups < 1 || channels % groups != 0 || shape[0] % groups != 0 ||
      shape[1] != channels / groups)
    return node.refuse("has weights of the shape " +
                       describeShape(weights->getShape()) + ", which do not " +
                       "fit " + Twine(channels) + " channels in " +
                       Twine(groups) + " groups");
  if (groups != 1 && !isDepthwise)
    return node.refuse("has group = " + Twine(groups) + " for " +
                       Twine(channels) +
                       " channels; lowbit imports only group = 1 and group = "
                       "channels (depthwise)");
  std::optional<Windows> windows = readWindows(
      node, shapeOf(input).drop_front(2), spatialKernel, CeilMode::None);
  if (!windows)
    return failure();

  ConstantTensor image = weights->reshaped(shape);
  Value kernel = isDepthwise ? buildDepthwiseWeights(node, image, channels)
                             : buildWeights(node, image);
  Value bias = buildBias(node, shape[0]);
  Value source = buildWindowInput(node, input, *windows);
  RankedTensorType type =
      node.getType({shapeOf(input)[0], windows->height.output,
                    windows->width.output, shape[0]});
  if (!kernel || !bias || !source || !type)
    return failure();

  ImplicitLocOpBuilder &builder = node.builder;
  auto pad = builder.getDenseI64ArrayAttr(windows->getPad());
  auto stride = builder.getDenseI64ArrayAttr(windows->getStride());
  auto dilation = builder.getDenseI64ArrayAttr(windows->getDilation());
  auto accumulator = TypeAttr::get(builder.getF32Type());
  Value result;
  if (isDepthwise)
    result =
        tosa::DepthwiseConv2DOp::create(builder, type, source, kernel, bias,
                                        pad, stride, dilation, accumulator);
  else
    result = tosa::Conv2DOp::create(builder, type, source, kernel, bias, pad,
                                    stride, dilation, accumulator);
  node.setResult(buildWindowResult(node, result, rank));
  return success();
}

void onnximport::addConvolutionOperators(OperatorTable &table) {
  table.add("Conv", {2, 3}, importConv);
}
