//===- Layer.cpp - A linear layer on codes --------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Layer.h"

#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

/// The encoded constant weights of `operand`; null if it is anything else.
static ConstantOp getWeights(Value operand) {
  auto decode = operand.getDefiningOp<DecodeOp>();
  return decode ? decode.getInput().getDefiningOp<ConstantOp>() : ConstantOp();
}

LogicalResult lowbit::describeLayer(Operation *op, Layer &layer,
                                    PatternRewriter &rewriter) {
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
  layer.weights = getWeights(op->getOperand(1));
  if (!layer.weights)
    return rewriter.notifyMatchFailure(op,
                                       "its weights are not constant codes");
  if (isa<tosa::MatMulOp>(op))
    return success();
  std::optional<SmallVector<float>> bias =
      readConstant<float>(op->getOperand(2));
  if (!bias)
    return rewriter.notifyMatchFailure(op, "its bias is not constant");
  layer.bias = std::move(*bias);
  return success();
}

/// The codes of `constant`, extended as their format says.
static std::optional<SmallVector<int64_t>>
readCodes(ConstantOp constant, quant::QuantizedType format) {
  auto read = [&](auto zero) -> std::optional<SmallVector<int64_t>> {
    using Word = decltype(zero);
    auto words = readElements<Word>(constant.getValue());
    if (!words)
      return std::nullopt;
    SmallVector<int64_t> codes;
    codes.reserve(words->size());
    for (Word word : *words)
      codes.push_back(format.isSigned()
                          ? static_cast<int64_t>(word)
                          : static_cast<std::make_unsigned_t<Word>>(word));
    return codes;
  };
  switch (getWordType(format).getIntOrFloatBitWidth()) {
  case 8:
    return read(int8_t());
  case 16:
    return read(int16_t());
  default:
    return read(int32_t());
  }
}

LogicalResult lowbit::sumWeights(Layer &layer,
                                 SmallVectorImpl<Channel> &channels,
                                 PatternRewriter &rewriter) {
  auto format = cast<quant::QuantizedType>(
      cast<ShapedType>(layer.weights.getType()).getElementType());
  auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(format);
  auto perTensor = dyn_cast<quant::UniformQuantizedType>(format);
  auto isZero = [](int64_t zeroPoint) { return zeroPoint == 0; };
  if ((!perAxis && !perTensor) ||
      (perTensor && perTensor.getZeroPoint() != 0) ||
      (perAxis && !llvm::all_of(perAxis.getZeroPoints(), isZero)))
    return rewriter.notifyMatchFailure(
        layer.op, "its weights are not affine codes with zero point 0");

  // channel = sum over channelDims of index[dim] * stride.
  SmallVector<int64_t> strides(layer.weightShape.size(), 0);
  int64_t count = 1;
  for (int64_t dim : llvm::reverse(layer.channelDims)) {
    strides[dim] = count;
    count *= layer.weightShape[dim];
  }
  int64_t axis = perAxis ? perAxis.getQuantizedDimension() : -1;
  if (perAxis && !llvm::is_contained(layer.channelDims, axis))
    return rewriter.notifyMatchFailure(
        layer.op, "the scales of its weights are not per output channel");
  channels.assign(count, Channel());

  std::optional<SmallVector<int64_t>> codes = readCodes(layer.weights, format);
  if (!codes)
    return rewriter.notifyMatchFailure(layer.op, "its weights cannot be read");
  auto [low, high] = getStorageRange(layer.input.format);
  SmallVector<int64_t> index(layer.weightShape.size(), 0);
  for (int64_t code : *codes) {
    int64_t position = 0;
    for (auto [i, stride] : llvm::zip(index, strides))
      position += i * stride;
    Channel &channel = channels[position];
    channel.weightSum += code;
    channel.low += std::min(code * low, code * high);
    channel.high += std::max(code * low, code * high);
    double weightScale =
        perAxis ? perAxis.getScales()[index[axis]] : perTensor.getScale();
    channel.scale = layer.input.format.getScale() * weightScale;
    for (int64_t dim = index.size() - 1; dim >= 0; --dim) {
      if (++index[dim] < layer.weightShape[dim])
        break;
      index[dim] = 0;
    }
  }
  return success();
}

LogicalResult lowbit::computeBias(const Layer &layer,
                                  MutableArrayRef<Channel> channels,
                                  PatternRewriter &rewriter) {
  for (auto [i, channel] : llvm::enumerate(channels)) {
    double real = layer.bias.empty()       ? 0.0
                  : layer.bias.size() == 1 ? layer.bias[0]
                                           : layer.bias[i];
    double code = std::nearbyint(real / channel.scale);
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

Value lowbit::shapeWeights(PatternRewriter &rewriter, Layer &layer) {
  ConstantOp weights = layer.weights;
  auto type = cast<RankedTensorType>(weights.getType());
  if (type.getShape() == ArrayRef<int64_t>(layer.weightShape))
    return weights;
  ElementsAttr value = weights.getValue();
  auto words = cast<ShapedType>(value.getType()).clone(layer.weightShape);
  return ConstantOp::create(rewriter, weights.getLoc(),
                            type.clone(layer.weightShape),
                            reshapeElements(value, words));
}
