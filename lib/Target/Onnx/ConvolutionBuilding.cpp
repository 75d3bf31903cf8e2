//===- ConvolutionBuilding.cpp - layers of any number of groups ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConvolutionBuilding.h"

#include "CodeType.h"
#include "TosaBuilding.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

std::optional<Weights> Weights::read(NodeContext &node, unsigned index) {
  Weights weights;
  if (node.isConstant(index)) {
    weights.constant = node.getFloats(index, "weights");
    if (!weights.constant)
      return std::nullopt;
    weights.shape.assign(weights.constant->getShape().begin(),
                         weights.constant->getShape().end());
  } else {
    weights.computed = node.getTensor(index);
    if (!weights.computed)
      return std::nullopt;
    weights.shape.assign(shapeOf(weights.computed).begin(),
                         shapeOf(weights.computed).end());
  }
  // Dimensions and elements are within bounds from here on.
  if (!node.getType(weights.shape))
    return std::nullopt;
  return weights;
}

bool Weights::reshape(NodeContext &node, ArrayRef<int64_t> newShape) {
  shape.assign(newShape.begin(), newShape.end());
  if (constant)
    constant = constant->reshaped(shape);
  else
    computed = buildReshape(node, computed, shape);
  return constant || computed;
}

bool Weights::transpose(NodeContext &node, ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> newShape;
  for (int64_t dim : permutation)
    newShape.push_back(shape[dim]);
  shape = newShape;
  if (constant)
    constant = constant->transposed(permutation);
  else
    computed = buildTranspose(node, computed, permutation);
  return constant || computed;
}

bool Weights::reverse(NodeContext &node, int64_t count) {
  int64_t rank = shape.size();
  if (!constant) {
    for (int64_t dim = rank - count; dim < rank; ++dim)
      if (shape[dim] != 1)
        computed =
            tosa::ReverseOp::create(node.builder, computed.getType(), computed,
                                    node.builder.getI32IntegerAttr(dim));
    return true;
  }
  // In row-major order, the last dimensions reversed are blocks reversed.
  int64_t block = *countElements(ArrayRef(shape).take_back(count));
  ArrayRef<float> source = constant->getFloats();
  std::vector<float> elements;
  elements.reserve(source.size());
  for (; !source.empty(); source = source.drop_front(block)) {
    ArrayRef<float> part = source.take_front(block);
    elements.insert(elements.end(), part.rbegin(), part.rend());
  }
  std::string name = constant->getName().str();
  constant = ConstantTensor::get(shape, std::move(elements));
  constant->setName(name);
  return true;
}

bool Weights::hasScalesAlongAxis() const {
  const DecodedFrom *source = constant ? constant->getSource() : nullptr;
  return source && source->quantization.axis >= 0;
}

Value Weights::build(NodeContext &node, ArrayRef<int64_t> permutation,
                     ArrayRef<int64_t> newShape) const {
  if (constant)
    return buildTransposedConstant(node, *constant, permutation, newShape);
  return buildReshape(node, buildTranspose(node, computed, permutation),
                      newShape);
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

Value onnximport::getBias(NodeContext &node, unsigned index, int64_t channels) {
  if (!node.hasInput(index))
    return buildSplat(node, {channels}, 0.0f);
  Value bias = node.getTensor(index);
  if (!bias || shapeOf(bias) == ArrayRef(channels))
    return bias;
  (void)node.refuse("has a bias of the shape " + describeShape(shapeOf(bias)) +
                    "; expected " + describeShape(channels));
  return nullptr;
}

Value onnximport::buildConvolution(NodeContext &node, Value image,
                                   const Weights &weights, Value bias,
                                   int64_t groups, const Windows &windows) {
  if (!image || !bias)
    return nullptr;
  ArrayRef<int64_t> shape = weights.getShape();
  int64_t channels = shapeOf(image)[3];
  // Channel and multiplier are two dimensions of a depthwise kernel, and one
  // axis of scales does not lie along both.
  bool isDepthwise = groups > 1 && groups == channels &&
                     (shape[0] == channels || !weights.hasScalesAlongAxis());
  // [KH, KW, C, M], or [O, KH, KW, I / groups].
  Value kernel =
      isDepthwise
          ? weights.build(node, {2, 3, 0, 1},
                          {shape[2], shape[3], channels, shape[0] / channels})
          : weights.build(node, {0, 2, 3, 1},
                          {shape[0], shape[2], shape[3], shape[1]});
  RankedTensorType type =
      node.getType({shapeOf(image)[0], windows.height.output,
                    windows.width.output, shape[0]});
  if (!kernel || !type)
    return nullptr;
  ImplicitLocOpBuilder &builder = node.builder;
  auto pad = builder.getDenseI64ArrayAttr(windows.getPad());
  auto stride = builder.getDenseI64ArrayAttr(windows.getStride());
  auto dilation = builder.getDenseI64ArrayAttr(windows.getDilation());
  auto accumulator = TypeAttr::get(builder.getF32Type());
  if (isDepthwise)
    return tosa::DepthwiseConv2DOp::create(builder, type, image, kernel, bias,
                                           pad, stride, dilation, accumulator);
  if (groups > 1)
    return GroupedConv2dOp::create(builder, type, image, kernel, bias, pad,
                                   stride, dilation,
                                   builder.getI64IntegerAttr(groups));
  return tosa::Conv2DOp::create(builder, type, image, kernel, bias, pad, stride,
                                dilation, accumulator);
}
