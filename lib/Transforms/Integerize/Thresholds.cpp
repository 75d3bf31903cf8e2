//===- Thresholds.cpp - batch norm and few codes as thresholds ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Between the sums of a layer and the codes of its result stands a function of one
// variable for each channel: bias, batch norm, clamps, and a quantizer. Each step
// is monotonic, and so is the whole: where a sum reaches the next code is one
// integer. It is computed from the f32 parameters in numbers of 113 bits, so that
// the code of each sum is what real numbers give, and ties go where the quantizer
// lets them go. A factor below 0 turns the comparison round; a factor of 0 makes
// one code of all sums. Thresholds beyond what the sums can be are the next
// integer after: always reached, or never.

#include "Layer.h"
#include "Quantizer.h"
#include "SinkDecode.h"

#include "lowbit/Analysis/QuantizationUnit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// The integers that one channel's codes are made of, and what becomes of them.
struct Variable {
  int64_t low = 0, high = 0;
  ChannelFunction function;
};

/// For each channel, or for all of them: the thresholds, and which way they go.
struct ThresholdRows {
  SmallVector<SmallVector<int32_t>> thresholds;
  SmallVector<bool> falling;
};

} // namespace

/// The integer next to `value`, confined to [low, high].
static int64_t toInteger(APFloat value, APFloat::roundingMode rounding,
                         int64_t low, int64_t high) {
  if (value <= makeWide(static_cast<double>(low)))
    return low;
  if (value >= makeWide(static_cast<double>(high)))
    return high;
  APSInt integer(64, /*isUnsigned=*/false);
  bool isExact;
  value.convertToInteger(integer, rounding, &isExact);
  return integer.getExtValue();
}

/// The least integer of the variable that reaches `decision`, or the greatest one
/// of a falling function; beyond the range if none does.
static int64_t findThreshold(const Variable &variable,
                             const Decision &decision) {
  const ChannelFunction &function = variable.function;
  auto reaches = [&](int64_t x) {
    return decision.isReachedBy(function.evaluate(x));
  };
  auto [low, high] = std::pair(variable.low, variable.high);
  bool falls = function.factor.isNegative();
  if (!decision.isReachedBy(function.high))
    return falls ? low - 1 : high + 1;
  if (decision.isReachedBy(function.low))
    return falls ? high : low;
  if (function.factor.isZero())
    return reaches(low) ? low : high + 1;
  APFloat root = (decision.number - function.term) / function.factor;
  // The quotient may be rounded: look at the neighbours.
  if (falls) {
    int64_t x = toInteger(root, APFloat::rmTowardNegative, low - 1, high);
    while (x < high && reaches(x + 1))
      ++x;
    while (x >= low && !reaches(x))
      --x;
    return x;
  }
  int64_t x = toInteger(root, APFloat::rmTowardPositive, low, high + 1);
  while (x > low && reaches(x - 1))
    --x;
  while (x <= high && !reaches(x))
    ++x;
  return x;
}

/// One row for each variable; a single one if all are the same.
static ThresholdRows findThresholds(MutableArrayRef<Variable> variables,
                                    const Quantizer &quantizer) {
  ThresholdRows rows;
  for (auto [channel, variable] : llvm::enumerate(variables)) {
    size_t i = quantizer.factors.size() == 1 ? 0 : channel;
    variable.function.multiply(quantizer.factors[i]);
    SmallVector<int32_t> &row = rows.thresholds.emplace_back();
    i = quantizer.decisions.size() == 1 ? 0 : channel;
    for (const Decision &decision : quantizer.decisions[i])
      row.push_back(static_cast<int32_t>(findThreshold(variable, decision)));
    rows.falling.push_back(variable.function.factor.isNegative());
  }
  if (llvm::all_equal(rows.thresholds) && llvm::all_equal(rows.falling)) {
    rows.thresholds.resize(1);
    rows.falling.resize(1);
  }
  return rows;
}

/// Codes less their zero point, as i32.
static Value readSteps(PatternRewriter &rewriter, Location loc, Value codes) {
  auto type = cast<RankedTensorType>(codes.getType());
  Type i32 = rewriter.getI32Type();
  int64_t zeroPoint = getZeroPoint(type.getElementType());
  if (getWordType(type.getElementType()) == i32 && zeroPoint == 0)
    return ReinterpretOp::create(rewriter, loc, type.clone(i32), codes);
  constexpr int32_t one = 1 << 30, shift = 30;
  return RescaleOp::create(
      rewriter, loc, type.clone(i32), codes,
      createI32Tensor(rewriter, loc, {one}, {1}),
      createI32Tensor(rewriter, loc, {shift}, {1}), RescaleMode::SingleRound,
      Saturation::Saturate, zeroPoint, /*outputZero=*/0,
      std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max(),
      /*axis=*/IntegerAttr());
}

/// The codes of `type` that the ranks of `input` have.
static Value createThreshold(PatternRewriter &rewriter, Location loc,
                             Value input, const ThresholdRows &rows,
                             const Quantizer &quantizer,
                             RankedTensorType type) {
  SmallVector<int32_t> thresholds;
  for (ArrayRef<int32_t> row : rows.thresholds)
    llvm::append_range(thresholds, row);
  int64_t count = rows.thresholds.size();
  Value table = createI32Tensor(
      rewriter, loc, thresholds,
      {count, static_cast<int64_t>(rows.thresholds.front().size())});
  auto falling = rewriter.getDenseBoolArrayAttr(
      llvm::is_contained(rows.falling, true) ? ArrayRef<bool>(rows.falling)
                                             : ArrayRef<bool>());
  int64_t axis = type.getRank() - 1;
  Type format = type.getElementType();
  if (quantizer.countsCodes(format))
    return ThresholdOp::create(rewriter, loc, type, input, table, axis,
                               falling);
  // Ranks first: their order is not that of the codes.
  auto ranks = quant::UniformQuantizedType::get(
      /*flags=*/0, rewriter.getIntegerType(8), rewriter.getF32Type(),
      /*scale=*/1.0, /*zeroPoint=*/0, /*storageTypeMin=*/0,
      quantizer.codes.size() - 1);
  Value rank = ThresholdOp::create(rewriter, loc, type.clone(ranks), input,
                                   table, axis, falling);
  SmallVector<APInt> codes;
  for (int64_t code : quantizer.codes)
    codes.push_back(APInt(getWordType(format).getIntOrFloatBitWidth(), code,
                          /*isSigned=*/true, /*implicitTrunc=*/true));
  auto entries = RankedTensorType::get({static_cast<int64_t>(codes.size())},
                                       getWordType(format));
  return TableOp::create(
      rewriter, loc, type, rank,
      arith::ConstantOp::create(rewriter, loc,
                                DenseElementsAttr::get(entries, codes)));
}

namespace {

/// encode(chain([max_pool2d](layer(decode(x), decode(w))))) -> threshold(contract)
struct ThresholdLayer : OpRewritePattern<EncodeOp> {
  ThresholdLayer(MLIRContext *context, Profile profile, PatternBenefit benefit)
      : OpRewritePattern(context, benefit), profile(profile) {}

  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    if (!hasFewCodes(op))
      return failure();
    ChannelChain chain = getChannelChain(op.getInput()), before;
    auto pool = chain.source.getDefiningOp<tosa::MaxPool2dOp>();
    if (pool && pool->hasOneUse() && chain.hasFactors())
      before = getChannelChain(pool.getInput());
    else
      pool = {};
    Value source = pool ? before.source : chain.source;
    Operation *linear = source.getDefiningOp();
    if (!linear || !isMultiplyAccumulate(linear))
      return failure();
    if (getQuantizationUnit(linear).root->hasAttr("lowbit.reason"))
      return rewriter.notifyMatchFailure(op, "its input is to stay in float");
    // ONNX and TFLite say what a layer without more computes.
    if (profile != Profile::Tosa && !op.countsThresholds() &&
        !chain.hasFactors() && !pool)
      return failure();
    if (!linear->hasOneUse())
      return rewriter.notifyMatchFailure(op,
                                         "its real numbers have another use");
    Layer layer;
    SmallVector<Channel> channels;
    if (failed(describeLayer(linear, layer, rewriter)) ||
        failed(sumWeights(layer, channels, rewriter)))
      return failure();
    if (static_cast<int64_t>(channels.size()) != op.getType().getShape().back())
      return rewriter.notifyMatchFailure(
          op, "its channels are not those of its layer");
    std::optional<Quantizer> quantizer = describeQuantizer(op, rewriter);
    if (!quantizer)
      return failure();

    SmallVector<Variable> variables;
    SmallVector<ChannelFunction> functions;
    for (auto [i, channel] : llvm::enumerate(channels)) {
      if (channel.low <= std::numeric_limits<int32_t>::min() ||
          channel.high >= std::numeric_limits<int32_t>::max())
        return rewriter.notifyMatchFailure(op, "its sums may leave 32 bits");
      variables.push_back({channel.low, channel.high, {}});
      functions.push_back(describeSums(layer, channel, i));
    }
    if (pool) {
      if (failed(before.compose(functions, op, rewriter)))
        return failure();
      if (llvm::any_of(functions, [](const ChannelFunction &function) {
            return function.factor.isNegative();
          }))
        return rewriter.notifyMatchFailure(
            op, "a factor below 0 stands before its max_pool2d");
    }
    if (failed(chain.compose(functions, op, rewriter)))
      return failure();
    for (auto [variable, function] : llvm::zip(variables, functions))
      variable.function = function;

    Value sums = createSums(rewriter, layer, linear, bool(pool));
    auto reshape = [&](Value value, Value like) {
      return reshapeCodes(rewriter, linear->getLoc(), value,
                          cast<ShapedType>(like.getType()).getShape());
    };
    if (pool) {
      sums = reshape(sums, pool.getInput());
      auto type = cast<RankedTensorType>(pool.getType())
                      .clone(cast<ShapedType>(sums.getType()).getElementType());
      sums = MaxPool2dOp::create(rewriter, pool.getLoc(), type, sums,
                                 pool.getKernel(), pool.getStride(),
                                 pool.getPad());
      sums = readSteps(rewriter, pool.getLoc(), sums);
    }
    sums = reshape(sums, op.getInput());
    rewriter.replaceOp(op,
                       createThreshold(rewriter, op.getLoc(), sums,
                                       findThresholds(variables, *quantizer),
                                       *quantizer, op.getType()));
    return success();
  }

private:
  /// The layer's result in channel `index` as a function of its sum of products.
  static ChannelFunction describeSums(const Layer &layer,
                                      const Channel &channel, size_t index) {
    ChannelFunction function;
    function.add(-static_cast<double>(layer.input.format.getZeroPoint()) *
                 static_cast<double>(channel.weightSum));
    function.multiply(static_cast<float>(layer.input.format.getScale()));
    function.multiply(static_cast<float>(channel.weightScale));
    function.add(layer.getBias(index));
    return function;
  }

  /// The sums of products: i32, or codes that stand for them.
  static Value createSums(PatternRewriter &rewriter, Layer &layer,
                          Operation *linear, bool asCodes) {
    Type type = rewriter.getI32Type();
    if (asCodes)
      type = quant::UniformQuantizedType::get(
          quant::QuantizationFlags::Signed, type, rewriter.getF32Type(),
          /*scale=*/1.0, /*zeroPoint=*/0, std::numeric_limits<int32_t>::min(),
          std::numeric_limits<int32_t>::max());
    Value sums =
        createContract(rewriter, layer, {}, {}, type,
                       [](OpBuilder &, Location, ValueRange arguments) {
                         return arguments.front();
                       });
    return reshapeCodes(
        rewriter, linear->getLoc(), sums,
        cast<ShapedType>(linear->getResult(0).getType()).getShape());
  }

  Profile profile;
};

/// encode(chain(decode(x))) -> threshold(x)
struct ThresholdCodes : OpRewritePattern<EncodeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    ChannelChain chain = getChannelChain(op.getInput());
    if (!hasFewCodes(op) || !chain.source.getDefiningOp<DecodeOp>())
      return failure();
    std::optional<CodedValue> input = getCodedValue(chain.source);
    if (!input)
      return op.countsThresholds()
                 ? rewriter.notifyMatchFailure(
                       op, "its input is not the decode of a per-tensor format")
                 : failure();
    if (!op.countsThresholds() && !chain.hasFactors())
      return failure(); // A change of format rescales.
    ArrayRef<int64_t> shape = op.getType().getShape();
    if (shape.empty() || ShapedType::isDynamic(shape.back()))
      return rewriter.notifyMatchFailure(op, "its channels are dynamic");
    auto [low, high] = getStorageRange(input->format);
    low -= input->format.getZeroPoint();
    high -= input->format.getZeroPoint();
    if (low <= std::numeric_limits<int32_t>::min() ||
        high >= std::numeric_limits<int32_t>::max())
      return rewriter.notifyMatchFailure(op, "its input fills 32 bits");
    SmallVector<ChannelFunction> functions(shape.back());
    std::optional<Quantizer> quantizer = describeQuantizer(op, rewriter);
    if (!quantizer)
      return failure();
    for (ChannelFunction &function : functions)
      function.multiply(static_cast<float>(input->format.getScale()));
    if (failed(chain.compose(functions, op, rewriter)))
      return failure();
    SmallVector<Variable> variables;
    for (const ChannelFunction &function : functions)
      variables.push_back({low, high, function});
    ThresholdRows rows = findThresholds(variables, *quantizer);
    if (!op.countsThresholds() && rows.thresholds.size() == 1)
      return failure(); // One function for all channels is a table.
    Value codes =
        reshapeCodes(rewriter, op.getLoc(),
                     readSteps(rewriter, op.getLoc(), input->codes), shape);
    rewriter.replaceOp(op, createThreshold(rewriter, op.getLoc(), codes, rows,
                                           *quantizer, op.getType()));
    return success();
  }
};

} // namespace

void lowbit::populateIntegerizeThresholdPatterns(RewritePatternSet &patterns,
                                                 Profile profile) {
  // Before rescaling, which rounds.
  PatternBenefit first(2);
  patterns.add<ThresholdLayer>(patterns.getContext(), profile, first);
  patterns.add<ThresholdCodes>(patterns.getContext(), first);
}
