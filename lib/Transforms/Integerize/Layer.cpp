//===- Layer.cpp - A linear layer on codes --------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Layer.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

/// Why `weights` are no affine constant; empty where Groups.cpp says it.
static StringRef explainWeights(Value weights) {
  auto decode = weights.getDefiningOp<DecodeOp>();
  if (!decode || decode.getParameters().empty() ||
      !decode.getInput().getDefiningOp<ConstantOp>())
    return "its weights are not constant codes";
  if (isa<CodebookType>(getElementTypeOrSelf(decode.getInput().getType())))
    return "its codebook holds numbers that are no multiples of one step";
  return "";
}

LogicalResult lowbit::describeLayer(Operation *op, Layer &layer,
                                    PatternRewriter &rewriter) {
  // A product of two computed matrices is no layer: MatMul.cpp.
  if (isa<tosa::MatMulOp>(op) && !isDecodedConstant(op->getOperand(1)) &&
      op->getOperand(1).getDefiningOp<DecodeOp>())
    return failure();
  // Scales that are parameters: RuntimeScales.cpp.
  if (auto decode = op->getOperand(0).getDefiningOp<DecodeOp>();
      decode && !decode.getParameters().empty())
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
  if (!weights) {
    StringRef text = explainWeights(op->getOperand(1));
    return text.empty() ? failure() : rewriter.notifyMatchFailure(op, text);
  }
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
    channel.weightScale = weights.getScale(i);
    for (int64_t dim = index.size() - 1; dim >= 0; --dim) {
      if (++index[dim] < layer.weightShape[dim])
        break;
      index[dim] = 0;
    }
  }
  return success();
}

std::optional<int64_t> lowbit::getChannelAxis(Operation *op) {
  ArrayRef<int64_t> shape =
      cast<ShapedType>(op->getOperand(1).getType()).getShape();
  if (isa<tosa::DepthwiseConv2DOp>(op))
    return shape[3] == 1 ? std::optional<int64_t>(2) : std::nullopt;
  if (isa<tosa::MatMulOp>(op))
    return shape[0] == 1 ? std::optional<int64_t>(2) : std::nullopt;
  return 0;
}

double Layer::getBias(size_t index) const {
  if (biasSteps) { // As lowbit.decode does it.
    size_t element = biasSteps->steps.size() == 1 ? 0 : index;
    return static_cast<float>(biasSteps->steps[element]) *
           static_cast<float>(biasSteps->getScale(element));
  }
  return bias.empty() ? 0 : bias[bias.size() == 1 ? 0 : index];
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
  return std::nearbyint(layer.getBias(i) / scale);
}

/// True for what adds nothing up. It may have any scale.
static bool addsNothing(const Channel &channel) {
  return channel.low == 0 && channel.high == 0;
}

static constexpr unsigned mostPlaces = 16;

static void addPlaces(Channel &channel, unsigned places) {
  for (int64_t *sum : {&channel.weightSum, &channel.low, &channel.high})
    *sum *= int64_t(1) << places;
  channel.scale = std::ldexp(channel.scale, -static_cast<int>(places));
}

unsigned lowbit::refineSums(const Layer &layer,
                            MutableArrayRef<Channel> channels, double step) {
  if (layer.biasSteps)
    return 0;
  double error = 0, largest = 1;
  for (auto [i, channel] : llvm::enumerate(channels)) {
    if (addsNothing(channel))
      continue;
    double bias = layer.getBias(i) / channel.scale;
    double zero = layer.input.format.getZeroPoint() * double(channel.weightSum);
    double sum = std::max(std::abs(double(channel.low)), double(channel.high));
    error =
        std::max(error, std::abs(bias - std::nearbyint(bias)) * channel.scale);
    largest = std::max(largest, sum + std::abs(zero) + std::abs(bias));
  }
  unsigned places = 0;
  if (error > step / 8)
    while (places < mostPlaces && std::ldexp(largest, places + 1) <= 0x1p30)
      ++places;
  for (auto [i, channel] : llvm::enumerate(channels)) {
    if (addsNothing(channel)) { // A scale that suits its bias.
      double bias = std::abs(layer.getBias(i)) / channel.scale;
      for (int own = 0; own < 30 && bias != 0 && bias <= 0x1p28; ++own) {
        bias *= 2;
        channel.scale /= 2;
      }
      continue;
    }
    addPlaces(channel, places);
  }
  return places;
}

unsigned lowbit::refineSumsTo(ArrayRef<double> scales,
                              MutableArrayRef<Channel> channels) {
  auto scaleOf = [&](size_t i) { return scales[scales.size() == 1 ? 0 : i]; };
  std::optional<int> places;
  for (auto [i, channel] : llvm::enumerate(channels)) {
    if (addsNothing(channel))
      continue;
    double ratio = channel.scale / scaleOf(i);
    int needed = std::ilogb(ratio * (1 + 0x1p-22));
    if (needed < 0 || needed > static_cast<int>(mostPlaces) ||
        std::abs(std::ldexp(ratio, -needed) - 1) >= 0x1p-22 ||
        (places && *places != needed))
      return 0;
    places = needed;
  }
  for (auto [i, channel] : llvm::enumerate(channels)) {
    addPlaces(channel, places.value_or(0));
    if (addsNothing(channel))
      channel.scale = scaleOf(i);
  }
  return places.value_or(0);
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
  ConstantOp weights = layer.weights;
  if (layer.weightSteps.isShifted)
    weights = createSteps(rewriter, weights.getLoc(), layer.weightSteps,
                          cast<RankedTensorType>(weights.getType()).getShape(),
                          getBlobName(weights.getValue(), "weights"));
  auto type = cast<RankedTensorType>(weights.getType());
  if (type.getShape() == ArrayRef<int64_t>(layer.weightShape))
    return weights;
  ElementsAttr value = weights.getValue();
  auto words = cast<ShapedType>(value.getType()).clone(layer.weightShape);
  Type format = type.getElementType();
  auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(format);
  if (perAxis && layer.weightShape.size() > type.getShape().size())
    format = splitChannels(perAxis, layer.weightShape);
  auto shaped =
      ConstantOp::create(rewriter, weights.getLoc(),
                         RankedTensorType::get(layer.weightShape, format),
                         reshapeElements(value, words));
  copyStorage(weights, shaped);
  return shaped;
}

Value lowbit::padInput(OpBuilder &builder, const Layer &layer, Value codes) {
  if (!layer.hasPadding())
    return codes;
  auto type = cast<RankedTensorType>(codes.getType());
  SmallVector<int64_t> shape(type.getShape());
  for (auto [size, before, after] :
       llvm::zip(shape, layer.padLow, layer.padHigh))
    size += before + after;
  return PadOp::create(builder, layer.op->getLoc(), type.clone(shape), codes,
                       layer.padLow, layer.padHigh);
}

Value lowbit::createContract(PatternRewriter &rewriter, Layer &layer,
                             ArrayRef<Value> operands, ArrayRef<AffineMap> maps,
                             Type element, EpilogueBuilder epilogue) {
  Location loc = layer.op->getLoc();
  Value input = padInput(rewriter, layer, layer.input.codes);
  SmallVector<AffineMap> allMaps = {layer.lhs, layer.rhs};
  llvm::append_range(allMaps, maps);
  allMaps.push_back(layer.result);
  Value init =
      tensor::EmptyOp::create(rewriter, loc, layer.resultShape, element);
  auto contract = ContractOp::create(
      rewriter, loc, RankedTensorType::get(layer.resultShape, element), input,
      shapeWeights(rewriter, layer), operands, init,
      rewriter.getAffineMapArrayAttr(allMaps), ArrayAttr(), StringAttr());

  OpBuilder::InsertionGuard guard(rewriter);
  SmallVector<Type> types = {rewriter.getI32Type()};
  for (Value operand : operands) {
    Type from = cast<ShapedType>(operand.getType()).getElementType();
    types.push_back(from.isF32() ? from : rewriter.getI32Type());
  }
  SmallVector<Location> locations(types.size(), loc);
  Block *body =
      rewriter.createBlock(&contract.getEpilogue(), {}, types, locations);
  YieldOp::create(rewriter, loc, epilogue(rewriter, loc, body->getArguments()));
  return contract.getResult();
}
