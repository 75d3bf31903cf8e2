//===- Layer.cpp - A linear layer on codes --------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Layer.h"

#include "lowbit/Analysis/CodeData.h"
#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

LogicalResult lowbit::describeLayer(Operation *op, Layer &layer,
                                    PatternRewriter &rewriter) {
  // A product of two computed matrices is no layer: MatMul.cpp.
  if (isa<tosa::MatMulOp>(op) && !isDecodedConstant(op->getOperand(1)) &&
      op->getOperand(1).getDefiningOp<DecodeOp>())
    return failure();
  std::string reason;
  std::optional<LinearLayer> loops = describeLinearLayer(op, reason);
  if (!loops)
    return rewriter.notifyMatchFailure(op, reason);
  static_cast<LinearLayer &>(layer) = std::move(*loops);
  std::optional<CodedValue> input = getCodedValue(op->getOperand(0));
  if (!input)
    return rewriter.notifyMatchFailure(
        op, "its input is not the decode of a per-tensor format");
  layer.op = op;
  layer.input = *input;
  std::optional<ConstantSteps> weights = readConstantSteps(op->getOperand(1));
  auto decode = op->getOperand(1).getDefiningOp<DecodeOp>();
  if (decode && !decode.getParameters().empty())
    return rewriter.notifyMatchFailure(
        op, "the scales of its weights lie beside their codes");
  if (!weights)
    return rewriter.notifyMatchFailure(op,
                                       "its weights are not constant codes");
  layer.weights = op->getOperand(1)
                      .getDefiningOp<DecodeOp>()
                      .getInput()
                      .getDefiningOp<ConstantOp>();
  layer.weightSteps = std::move(*weights);
  if (isa<tosa::MatMulOp>(op))
    return success();
  layer.biasSteps = readConstantSteps(op->getOperand(2));
  if (layer.biasSteps)
    return success();
  std::optional<SmallVector<float>> bias =
      readConstant<float>(op->getOperand(2));
  if (!bias)
    return rewriter.notifyMatchFailure(op, "its bias is not constant");
  layer.bias = std::move(*bias);
  return success();
}

LogicalResult lowbit::sumWeights(Layer &layer,
                                 SmallVectorImpl<Channel> &channels,
                                 PatternRewriter &rewriter) {
  // channel = sum over channelDims of index[dim] * stride.
  SmallVector<int64_t> strides(layer.weightShape.size(), 0);
  int64_t count = 1;
  for (int64_t dim : llvm::reverse(layer.channelDims)) {
    strides[dim] = count;
    count *= layer.weightShape[dim];
  }
  channels.assign(count, Channel());

  const ConstantSteps &weights = layer.weightSteps;
  auto [low, high] = getStorageRange(layer.input.format);
  SmallVector<int64_t> index(layer.weightShape.size(), 0);
  for (auto [i, code] : llvm::enumerate(weights.steps)) {
    int64_t position = 0;
    for (auto [along, stride] : llvm::zip(index, strides))
      position += along * stride;
    Channel &channel = channels[position];
    channel.weightSum += code;
    channel.low += std::min(code * low, code * high);
    channel.high += std::max(code * low, code * high);
    double scale = layer.input.format.getScale() * weights.getScale(i);
    if (channel.scale != 0 && channel.scale != scale)
      return rewriter.notifyMatchFailure(
          layer.op, "the scales of its weights are not per output channel");
    channel.scale = scale;
    for (int64_t dim = index.size() - 1; dim >= 0; --dim) {
      if (++index[dim] < layer.weightShape[dim])
        break;
      index[dim] = 0;
    }
  }
  return success();
}

/// The bias of channel `i` in steps of `scale`. Codes that a quantized model
/// has in this scale, up to the rounding of a product, are taken as they are.
static double getBiasSteps(const Layer &layer, size_t i, double scale) {
  if (const std::optional<ConstantSteps> &bias = layer.biasSteps) {
    size_t element = bias->steps.size() == 1 ? 0 : i;
    double ratio = bias->getScale(element) / scale;
    double steps = static_cast<double>(bias->steps[element]);
    return std::abs(ratio - 1) < 0x1p-22 ? steps
                                         : std::nearbyint(steps * ratio);
  }
  if (layer.bias.empty())
    return 0;
  return std::nearbyint(layer.bias[layer.bias.size() == 1 ? 0 : i] / scale);
}

LogicalResult lowbit::computeBias(const Layer &layer,
                                  MutableArrayRef<Channel> channels,
                                  PatternRewriter &rewriter) {
  for (auto [i, channel] : llvm::enumerate(channels)) {
    double code = getBiasSteps(layer, i, channel.scale);
    constexpr int64_t limit = std::numeric_limits<int32_t>::max();
    if (!(std::abs(code) <= limit))
      return rewriter.notifyMatchFailure(
          layer.op, "its bias does not fit 32 bits in the scale of its sums");
    int64_t bias = static_cast<int64_t>(code) -
                   layer.input.format.getZeroPoint() * channel.weightSum;
    if (std::abs(bias) > limit || channel.low + bias < -limit ||
        channel.high + bias > limit || channel.low < -limit ||
        channel.high > limit)
      return rewriter.notifyMatchFailure(layer.op,
                                         "its sums may leave 32 bits");
    channel.bias = static_cast<int32_t>(bias);
  }
  return success();
}

/// The steps as codes with zero point 0, of as few bytes as hold them.
static ConstantOp shiftWeights(PatternRewriter &rewriter, const Layer &layer) {
  const ConstantSteps &weights = layer.weightSteps;
  ConstantOp constant = layer.weights;
  auto fit = [&](unsigned width) {
    return llvm::all_of(
        weights.steps, [&](int64_t step) { return llvm::isIntN(width, step); });
  };
  unsigned width = fit(8) ? 8 : fit(16) ? 16 : 32;
  MLIRContext *context = rewriter.getContext();
  Type storage = IntegerType::get(context, width);
  Type real = Float32Type::get(context);
  unsigned flags = quant::QuantizationFlags::Signed;
  int64_t low = llvm::minIntN(width), high = llvm::maxIntN(width);
  Type format;
  if (weights.axis)
    format = quant::UniformQuantizedPerAxisType::get(
        flags, storage, real, weights.scales,
        SmallVector<int64_t>(weights.scales.size(), 0), *weights.axis, low,
        high);
  else
    format = quant::UniformQuantizedType::get(
        flags, storage, real, weights.scales[0], /*zeroPoint=*/0, low, high);
  RankedTensorType type = constant.getType();
  type = type.clone(format);
  ElementsAttr value = makeCodes(type, weights.steps,
                                 getBlobName(constant.getValue(), "weights"));
  return ConstantOp::create(rewriter, constant.getLoc(), type, value);
}

/// `format` for weights whose dimension of output channels is split in two:
/// scales along one axis become a block for each of both.
static Type splitChannels(quant::UniformQuantizedPerAxisType format,
                          ArrayRef<int64_t> shape) {
  SmallVector<int64_t> scales(shape.size(), 1);
  scales[0] = shape[0];
  scales[1] = shape[1];
  SmallVector<float> values(format.getScales().begin(),
                            format.getScales().end());
  Type storage = format.getStorageType();
  auto zeros = RankedTensorType::get(scales, storage);
  return quant::UniformQuantizedSubChannelType::get(
      format.getFlags(), storage, format.getExpressedType(),
      DenseElementsAttr::get(
          RankedTensorType::get(scales, format.getExpressedType()),
          ArrayRef<float>(values)),
      DenseElementsAttr::get(zeros,
                             APInt::getZero(storage.getIntOrFloatBitWidth())),
      /*quantizedDimensions=*/{0, 1}, /*blockSizes=*/{1, 1},
      format.getStorageTypeMin(), format.getStorageTypeMax());
}

Value lowbit::shapeWeights(PatternRewriter &rewriter, Layer &layer) {
  ConstantOp weights = layer.weightSteps.isShifted
                           ? shiftWeights(rewriter, layer)
                           : layer.weights;
  auto type = cast<RankedTensorType>(weights.getType());
  if (type.getShape() == ArrayRef<int64_t>(layer.weightShape))
    return weights;
  ElementsAttr value = weights.getValue();
  auto words = cast<ShapedType>(value.getType()).clone(layer.weightShape);
  Type format = type.getElementType();
  auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(format);
  if (perAxis && layer.weightShape.size() > type.getShape().size())
    format = splitChannels(perAxis, layer.weightShape);
  return ConstantOp::create(rewriter, weights.getLoc(),
                            RankedTensorType::get(layer.weightShape, format),
                            reshapeElements(value, words));
}
