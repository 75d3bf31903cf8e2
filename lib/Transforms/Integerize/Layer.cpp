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
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Maps over named loops: `loops("nhw")` makes n, h, w the loops 0, 1, 2.
struct LoopNames {
  MLIRContext *context;
  StringRef names;

  AffineExpr loop(char name) const {
    return getAffineDimExpr(names.find(name), context);
  }
  AffineExpr window(char out, int64_t stride, char in, int64_t dilation) const {
    return loop(out) * stride + loop(in) * dilation;
  }
  AffineMap map(ArrayRef<AffineExpr> results) const {
    return AffineMap::get(names.size(), 0, results, context);
  }
};

} // namespace

/// The encoded constant weights of `operand`; null if it is anything else.
static ConstantOp getWeights(Value operand) {
  auto decode = operand.getDefiningOp<DecodeOp>();
  return decode ? decode.getInput().getDefiningOp<ConstantOp>() : ConstantOp();
}

static void describeConv(tosa::Conv2DOp op, Layer &layer) {
  LoopNames loops{op.getContext(), "nhwoyxi"};
  ArrayRef<int64_t> stride = op.getStride(), dilation = op.getDilation();
  layer.lhs = loops.map(
      {loops.loop('n'), loops.window('h', stride[0], 'y', dilation[0]),
       loops.window('w', stride[1], 'x', dilation[1]), loops.loop('i')});
  layer.rhs = loops.map(
      {loops.loop('o'), loops.loop('y'), loops.loop('x'), loops.loop('i')});
  layer.channel = loops.map(loops.loop('o'));
  layer.result = loops.map(
      {loops.loop('n'), loops.loop('h'), loops.loop('w'), loops.loop('o')});
  layer.channelDims = {0};
  llvm::append_range(layer.weightShape,
                     cast<ShapedType>(op.getWeight().getType()).getShape());
  llvm::append_range(layer.resultShape,
                     cast<ShapedType>(op.getType()).getShape());
}

/// Channel multipliers of 1, the rule, leave their loop out.
static void describeDepthwise(tosa::DepthwiseConv2DOp op, Layer &layer) {
  ArrayRef<int64_t> weight =
      cast<ShapedType>(op.getWeight().getType()).getShape();
  bool multiplied = weight[3] != 1;
  LoopNames loops{op.getContext(), multiplied ? "nhwcmyx" : "nhwcyx"};
  ArrayRef<int64_t> stride = op.getStride(), dilation = op.getDilation();
  layer.lhs = loops.map(
      {loops.loop('n'), loops.window('h', stride[0], 'y', dilation[0]),
       loops.window('w', stride[1], 'x', dilation[1]), loops.loop('c')});
  SmallVector<AffineExpr> rhs = {loops.loop('y'), loops.loop('x'),
                                 loops.loop('c')};
  SmallVector<AffineExpr> channel = {loops.loop('c')};
  SmallVector<AffineExpr> result = {loops.loop('n'), loops.loop('h'),
                                    loops.loop('w'), loops.loop('c')};
  llvm::append_range(layer.weightShape, weight.take_front(3));
  ArrayRef<int64_t> shape = cast<ShapedType>(op.getType()).getShape();
  llvm::append_range(layer.resultShape, shape.take_front(3));
  layer.resultShape.push_back(weight[2]);
  layer.channelDims = {2};
  if (multiplied) {
    rhs.push_back(loops.loop('m'));
    channel.push_back(loops.loop('m'));
    result.push_back(loops.loop('m'));
    layer.weightShape.push_back(weight[3]);
    layer.resultShape.push_back(weight[3]);
    layer.channelDims.push_back(3);
  }
  layer.rhs = loops.map(rhs);
  layer.channel = loops.map(channel);
  layer.result = loops.map(result);
}

static void describeMatMul(tosa::MatMulOp op, Layer &layer) {
  LoopNames loops{op.getContext(), "bmnk"};
  layer.lhs = loops.map({loops.loop('b'), loops.loop('m'), loops.loop('k')});
  layer.rhs = loops.map({loops.loop('b'), loops.loop('k'), loops.loop('n')});
  layer.channel = loops.map({loops.loop('b'), loops.loop('n')});
  layer.result = loops.map({loops.loop('b'), loops.loop('m'), loops.loop('n')});
  layer.channelDims = {0, 2};
  llvm::append_range(layer.weightShape,
                     cast<ShapedType>(op.getB().getType()).getShape());
  llvm::append_range(layer.resultShape,
                     cast<ShapedType>(op.getType()).getShape());
}

/// Reads input, padding and bias of a convolution of either kind.
template <typename ConvOp>
static LogicalResult describeConvOperands(ConvOp op, Layer &layer,
                                          PatternRewriter &rewriter) {
  ArrayRef<int64_t> pad = op.getPad(); // top, bottom, left, right
  if (llvm::any_of(pad, [](int64_t value) { return value != 0; })) {
    layer.padLow = {0, pad[0], pad[2], 0};
    layer.padHigh = {0, pad[1], pad[3], 0};
  }
  std::optional<SmallVector<float>> bias = readConstant<float>(op.getBias());
  if (!bias)
    return rewriter.notifyMatchFailure(op, "its bias is not constant");
  layer.bias = std::move(*bias);
  return success();
}

/// True if each loop has one size in all shapes. TOSA's verifier sees to the
/// windows, but lets groups pass, and outputs with channels of their own.
static bool shapesAgree(const Layer &layer) {
  SmallVector<int64_t> sizes(layer.result.getNumDims(), -1);
  auto agrees = [&](AffineMap map, ArrayRef<int64_t> shape) {
    return llvm::all_of(llvm::zip(map.getResults(), shape), [&](auto pair) {
      auto dim = dyn_cast<AffineDimExpr>(std::get<0>(pair));
      if (!dim)
        return true;
      int64_t &size = sizes[dim.getPosition()];
      if (size == -1)
        size = std::get<1>(pair);
      return size == std::get<1>(pair);
    });
  };
  auto input = cast<ShapedType>(layer.input.codes.getType());
  auto output = cast<ShapedType>(layer.op->getResult(0).getType());
  return agrees(layer.result, layer.resultShape) &&
         agrees(layer.rhs, layer.weightShape) &&
         agrees(layer.lhs, input.getShape()) &&
         ShapedType::getNumElements(layer.resultShape) ==
             output.getNumElements();
}

static LogicalResult describeMapsAndBias(Layer &layer,
                                         PatternRewriter &rewriter) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(layer.op)
      .Case<tosa::Conv2DOp>([&](auto conv) {
        describeConv(conv, layer);
        return describeConvOperands(conv, layer, rewriter);
      })
      .Case<tosa::DepthwiseConv2DOp>([&](auto conv) {
        describeDepthwise(conv, layer);
        return describeConvOperands(conv, layer, rewriter);
      })
      .Case<tosa::MatMulOp>([&](auto matmul) {
        describeMatMul(matmul, layer);
        return success();
      })
      .Default([&](Operation *op) {
        return rewriter.notifyMatchFailure(op, "it is not a linear layer");
      });
}

LogicalResult lowbit::describeLayer(Operation *op, Layer &layer,
                                    PatternRewriter &rewriter) {
  auto isStatic = [](Type type) {
    return cast<ShapedType>(type).hasStaticShape();
  };
  if (!llvm::all_of(op->getOperandTypes(), isStatic) ||
      !llvm::all_of(op->getResultTypes(), isStatic))
    return rewriter.notifyMatchFailure(op, "its shape is dynamic");
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
  if (failed(describeMapsAndBias(layer, rewriter)))
    return failure();
  if (!shapesAgree(layer))
    return rewriter.notifyMatchFailure(
        op, "the channels of its input, weights and result do not agree");
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
  if (auto blob = dyn_cast<DenseResourceElementsAttr>(value))
    value = DenseResourceElementsAttr::get(words, blob.getRawHandle());
  else
    value = cast<DenseElementsAttr>(value).reshape(words);
  return ConstantOp::create(rewriter, weights.getLoc(),
                            type.clone(layer.weightShape), value);
}
