//===- RoundCodebook.cpp - Codebooks in steps of 16 bits ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The numbers of a codebook are rounded to multiples of a step, so that weights are
// integers of one layer. The step is 2^-15 of the largest number, or so much more as keeps
// what the layer adds up, with its bias, inside 32 bits. Tables that each output channel has
// for itself get a step each.

#include "Codebooks.h"
#include "Layer.h"
#include "RuntimeTerm.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// The integers that weights are multiplied by.
struct InputRange {
  int64_t low, high;
  /// What is taken from each before it counts; nothing where that is known only at run
  /// time.
  std::optional<int64_t> zero = 0;
  /// Nothing where it is known only at run time, and the bias joins in f32.
  std::optional<double> scale;

  /// The largest magnitude of one of them, less what is taken from it.
  double getReach() const {
    if (!zero)
      return high - low;
    return std::max({std::abs(double(low)), std::abs(double(high)),
                     std::abs(double(low - *zero)),
                     std::abs(double(high - *zero))});
  }
};

/// What one output channel adds up, of real weights and integers of its input.
struct RealChannel {
  double positive = 0, negative = 0; // sums of weights
  double bias = 0;

  /// The largest magnitude of what has to fit 32 bits, in weights times integers.
  double getMost(const InputRange &input) const {
    double low = positive * input.low + negative * input.high;
    double high = positive * input.high + negative * input.low;
    double most = std::max(std::abs(low), std::abs(high));
    if (!input.zero)
      return std::max(most, high - low);
    if (!input.scale)
      return most;
    double term = bias / *input.scale - *input.zero * (positive + negative);
    return std::max(
        {most, std::abs(term), std::abs(low + term), std::abs(high + term)});
  }
};

} // namespace

/// The integers of `input`; nothing if they are not known.
static std::optional<InputRange> getInputRange(Value input) {
  auto decode = input.getDefiningOp<DecodeOp>();
  if (!decode)
    return std::nullopt;
  Type type = cast<ShapedType>(decode.getInput().getType()).getElementType();
  InputRange range;
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(type)) {
    std::tie(range.low, range.high) = getStorageRange(uniform);
    range.zero = uniform.getZeroPoint();
    range.scale = uniform.getScale();
    return range;
  }
  if (auto affine = dyn_cast<AffineType>(type)) {
    std::tie(range.low, range.high) =
        getStorageRange(getPlainFormat(cast<Format>(type)));
    if (affine.getZero())
      range.zero = std::nullopt;
    return range;
  }
  auto format = dyn_cast<Format>(type);
  if (!format || isa<quant::QuantizedType, CodebookType>(type))
    return std::nullopt;
  // Each term is a layer; the first one has the bias.
  for (unsigned term = 0; term < format.getNumTerms(); ++term) {
    auto [low, high] = format.getStepRange(term);
    range.low = term == 0 ? low : std::min(range.low, low);
    range.high = term == 0 ? high : std::max(range.high, high);
  }
  if (!format.hasParameters())
    range.scale = format.getScale(/*term=*/0, /*channel=*/0);
  return range;
}

/// The constant numbers of `value`, as many as `count`; zeros where they are not known.
static SmallVector<double> readChannels(Value value, size_t count) {
  SmallVector<double> numbers(count, 0);
  std::optional<SmallVector<float>> constant = readConstant<float>(value);
  std::optional<ConstantSteps> steps;
  if (!constant)
    steps = readConstantSteps(value);
  size_t size = constant ? constant->size() : steps ? steps->steps.size() : 0;
  if (size != 1 && size != count)
    return numbers;
  for (auto [i, number] : llvm::enumerate(numbers)) {
    size_t at = size == 1 ? 0 : i;
    number =
        constant ? (*constant)[at] : steps->steps[at] * steps->getScale(at);
  }
  return numbers;
}

/// Gives `channels` the bias of the layer `op`, with the term of a batch norm behind it.
static void addBias(Operation *op, MutableArrayRef<RealChannel> channels) {
  size_t count = channels.size();
  if (op->getNumOperands() > 2)
    for (auto [channel, bias] :
         llvm::zip(channels, readChannels(op->getOperand(2), count)))
      channel.bias = bias;
  Operation *norm = getQuantizationUnit(op).norm;
  if (!norm)
    return;
  SmallVector<double> factors = readChannels(norm->getOperand(1), count);
  SmallVector<double> terms = readChannels(norm->getOperand(2), count);
  for (auto [channel, factor, term] : llvm::zip(channels, factors, terms))
    if (factor != 0)
      channel.bias += term / factor;
}

/// The output channel of each of the layer's weights, and how many there are.
static SmallVector<int64_t> listChannels(const LinearLayer &layer,
                                         int64_t &count) {
  SmallVector<int64_t> strides(layer.weightShape.size(), 0), channels;
  count = 1;
  for (int64_t dim : llvm::reverse(layer.channelDims)) {
    strides[dim] = count;
    count *= layer.weightShape[dim];
  }
  for (int64_t i = 0, e = ShapedType::getNumElements(layer.weightShape); i < e;
       ++i) {
    int64_t rest = i, channel = 0;
    for (int64_t dim = strides.size() - 1; dim >= 0; --dim) {
      channel += rest % layer.weightShape[dim] * strides[dim];
      rest /= layer.weightShape[dim];
    }
    channels.push_back(channel);
  }
  return channels;
}

/// The least f32 number that is not below `step`.
static double roundUp(double step) {
  float rounded = static_cast<float>(step);
  if (rounded < step)
    rounded = std::nextafter(rounded, std::numeric_limits<float>::infinity());
  return rounded;
}

Value lowbit::roundCodebook(Operation *op, PatternRewriter &rewriter,
                            std::string &reason) {
  constexpr double fewestSteps = (1 << 11) - 1; // of 12 bits
  auto decode = op->getOperand(1).getDefiningOp<DecodeOp>();
  std::optional<ConstantCodebook> book;
  if (decode)
    book = ConstantCodebook::read(decode);
  if (!book || book->findStep() || !std::isfinite(book->getMagnitude()))
    return {};
  std::optional<LinearLayer> layer = describeLinearLayer(op, reason);
  std::optional<InputRange> input = getInputRange(op->getOperand(0));
  if (layer && !input)
    reason = "the range of its input is not known";
  if (!layer || !input)
    return {};

  int64_t count, stages = book->format.getStages();
  SmallVector<int64_t> channelOf = listChannels(*layer, count);
  SmallVector<double> entries(book->numbers.begin(), book->numbers.end());
  SmallVector<double> weights = book->lookUp(ArrayRef<double>(entries));
  SmallVector<RealChannel> channels(count);
  addBias(op, channels);
  for (auto [weight, channel] : llvm::zip(weights, channelOf))
    (weight < 0 ? channels[channel].negative : channels[channel].positive) +=
        weight;

  std::optional<int64_t> axis = getChannelAxis(op);
  bool isPerChannel = axis && book->format.getAxis() == axis &&
                      book->format.getDim() == 1 &&
                      book->bookShape[0] == count && count > 1;
  // The largest magnitudes that 16 and 32 bits have to hold.
  SmallVector<double> numbers(isPerChannel ? count : 1, 0), sums(numbers);
  for (auto [i, entry] : llvm::enumerate(entries)) {
    double &most = numbers[i * numbers.size() / entries.size()];
    most = std::max(most, std::abs(entry));
  }
  for (auto [weight, channel] : llvm::zip(weights, channelOf)) {
    double &most = numbers[isPerChannel ? channel : 0];
    most = std::max(most, std::abs(weight));
  }
  for (auto [i, channel] : llvm::enumerate(channels)) {
    double &most = sums[isPerChannel ? i : 0];
    most = std::max(most, channel.getMost(*input));
  }

  // Each entry is off by half a step, and so is the bias by half a sum.
  double terms = double(weights.size()) / count;
  double limit = std::numeric_limits<int32_t>::max() - 1 -
                 (terms * stages / 2 + 1) * input->getReach();
  ConstantSteps steps;
  for (auto [number, sum] : llvm::zip(numbers, sums)) {
    double step = std::max(
        number / (std::numeric_limits<int16_t>::max() - stages), sum / limit);
    step = number == 0 ? 1 : roundUp(step);
    if (limit <= 0 || !(number == 0 || number >= fewestSteps * step)) {
      reason = "its sums leave 32 bits if its codebook has 12";
      return {};
    }
    if (!(step >= std::numeric_limits<float>::min())) {
      reason = "the steps of its codebook would be below the range of f32";
      return {};
    }
    steps.scales.push_back(step);
  }
  if (isPerChannel) {
    steps.axis = axis;
    steps.inner =
        ShapedType::getNumElements(ArrayRef(book->shape).drop_front(*axis + 1));
  }
  SmallVector<int64_t> rounded;
  for (auto [i, entry] : llvm::enumerate(entries))
    rounded.push_back(std::llround(
        entry / steps.scales[i * steps.scales.size() / entries.size()]));
  steps.steps = book->lookUp(ArrayRef<int64_t>(rounded));
  return book->createDecode(rewriter, decode, std::move(steps), rounded);
}
