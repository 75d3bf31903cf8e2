//===- SumOfLayers.cpp - Layers with factors, and sums of them ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Weights that are codes cannot take up the factors of a batch norm, but their
// scales can: a factor for each channel is a scale for each channel, with the
// steps negated below 0. Terms join the bias.
//
// A sum of layers is one residual add after the other. All but the last are codes
// of 32 bits on one grid, which divides the largest sum there can be into 2^28
// steps or more.

#include "Layer.h"
#include "Quantizer.h"
#include "SinkDecode.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>
#include <vector>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// A layer of a sum, and what factors and terms make of its result.
struct Summand {
  Layer layer;
  SmallVector<Channel> channels;
  SmallVector<ChannelFunction> functions;
  bool isScaled = false;

  double getMagnitude() const;
};

/// Layers, and codes at most once.
struct Sum {
  std::vector<Summand> summands;
  Value residual; // a decode, or null

  double getMagnitude() const;
};

} // namespace

static double toDouble(APFloat value) {
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.convertToDouble();
}

/// The operands of the sum `value`: `value` itself if it is none.
static void collectOperands(Value value, SmallVectorImpl<Value> &operands) {
  auto add = value.getDefiningOp<tosa::AddOp>();
  if (!add || !value.hasOneUse() || getConstantElements(add.getInput1()) ||
      getConstantElements(add.getInput2()) ||
      add.getInput1().getType() != add.getType() ||
      add.getInput2().getType() != add.getType())
    return operands.push_back(value);
  collectOperands(add.getInput1(), operands);
  collectOperands(add.getInput2(), operands);
}

static Operation *getLayer(Value value) {
  Operation *op = value.getDefiningOp();
  return op && value.hasOneUse() && isMultiplyAccumulate(op) ? op : nullptr;
}

double Summand::getMagnitude() const {
  double most = 0;
  for (auto [i, channel] : llvm::enumerate(channels)) {
    const ChannelFunction &function = functions[i];
    double zero = layer.input.format.getZeroPoint() * double(channel.weightSum);
    for (double sum : {channel.low - zero, channel.high - zero})
      most = std::max(most, std::abs(toDouble(function.factor)) *
                                    (std::abs(sum * channel.scale) +
                                     std::abs(layer.getBias(i))) +
                                std::abs(toDouble(function.term)));
  }
  return most;
}

double Sum::getMagnitude() const {
  double most = 0;
  for (const Summand &summand : summands)
    most += summand.getMagnitude();
  if (residual)
    most += getCodedValue(residual)->getMagnitude();
  return most;
}

/// True if `chain` may read a sum of layers: a cheap look.
static bool isSum(const ChannelChain &chain) {
  SmallVector<Value> operands;
  collectOperands(chain.source, operands);
  return llvm::any_of(operands,
                      [](Value operand) {
                        return getLayer(getChannelChain(operand).source);
                      }) &&
         llvm::all_of(operands, [](Value operand) {
           return getLayer(getChannelChain(operand).source) ||
                  getCodedValue(operand);
         });
}

/// Describes the sum `source`, all operands of which have its shape. Gives the
/// reason on `root` if it cannot be done on codes.
static LogicalResult describeSum(Operation *root, Value source, Sum &sum,
                                 PatternRewriter &rewriter) {
  SmallVector<Value> operands;
  collectOperands(source, operands);
  for (Value operand : operands) {
    ChannelChain chain = getChannelChain(operand);
    Operation *op = getLayer(chain.source);
    if (!op) {
      if (sum.residual)
        return failure();
      sum.residual = operand;
      continue;
    }
    if (getQuantizationUnit(op).root->hasAttr("lowbit.reason"))
      return rewriter.notifyMatchFailure(root, "its input is to stay in float");
    Summand &summand = sum.summands.emplace_back();
    if (failed(describeLayer(op, summand.layer, rewriter)) ||
        failed(sumWeights(summand.layer, summand.channels, rewriter)))
      return failure();
    if (op->getResult(0).getType() != source.getType() ||
        static_cast<int64_t>(summand.channels.size()) !=
            cast<ShapedType>(source.getType()).getShape().back())
      return rewriter.notifyMatchFailure(
          root, "the channels of its sum are not those of its layers");
    summand.functions.resize(summand.channels.size());
    if (failed(chain.compose(summand.functions, root, rewriter)))
      return failure();
    summand.isScaled = !chain.ops.empty();
    if (llvm::any_of(summand.functions, [](const ChannelFunction &function) {
          return !function.low.isInfinity() || !function.high.isInfinity();
        }))
      return rewriter.notifyMatchFailure(root, "a clamp stands inside its sum");
  }
  return success();
}

/// A format of 2^28 steps for `magnitude`, or up to twice as many as it needs: the
/// scale is a power of two, so that what is exact in floats stays so.
static quant::UniformQuantizedType getGrid(MLIRContext *context,
                                           double magnitude) {
  constexpr int places = 28;
  int exponent;
  std::frexp(magnitude, &exponent);
  exponent =
      std::max(exponent - places, std::numeric_limits<float>::min_exponent);
  return quant::UniformQuantizedType::get(
      quant::QuantizationFlags::Signed, IntegerType::get(context, 32),
      Float32Type::get(context), std::ldexp(1.0, exponent), /*zeroPoint=*/0,
      -(int64_t(1) << places), int64_t(1) << places);
}

/// `value` as codes of `grid`, decoded.
static Value roundToGrid(PatternRewriter &rewriter, Value value, Type grid) {
  auto type = cast<RankedTensorType>(value.getType());
  Value codes =
      EncodeOp::create(rewriter, value.getLoc(), type.clone(grid), value);
  return DecodeOp::create(rewriter, value.getLoc(), type, codes);
}

/// The dimension of the weights of `op` that its output channels are, if it is one.
static std::optional<int64_t> getChannelAxis(Operation *op) {
  ArrayRef<int64_t> shape =
      cast<ShapedType>(op->getOperand(1).getType()).getShape();
  if (isa<tosa::DepthwiseConv2DOp>(op))
    return shape[3] == 1 ? std::optional<int64_t>(2) : std::nullopt;
  if (isa<tosa::MatMulOp>(op))
    return shape[0] == 1 ? std::optional<int64_t>(2) : std::nullopt;
  return 0;
}

/// The scale of weights for which a channel's sum is all `term`.
static double getScaleOfTerm(double term, double inputScale) {
  double scale = std::abs(term) / inputScale / (1 << 29);
  return scale >= std::numeric_limits<float>::min() ? scale : 1.0;
}

/// The layer of `summand` with its factors in the scales of the weights and its
/// terms in the bias. Gives the reason on `root` where it has no place for them.
static FailureOr<Value> buildLayer(Summand &summand, EncodeOp root,
                                   PatternRewriter &rewriter) {
  Operation *op = summand.layer.op;
  if (!summand.isScaled)
    return Value(rewriter.clone(*op)->getResult(0));
  std::optional<int64_t> axis = getChannelAxis(op);
  if (!axis || isa<tosa::MatMulOp>(op))
    return rewriter.notifyMatchFailure(
        root, "its layer has no place for a factor and a term of each channel");
  auto weightType = cast<RankedTensorType>(op->getOperand(1).getType());
  ArrayRef<int64_t> shape = weightType.getShape();
  int64_t inner = ShapedType::getNumElements(shape.drop_front(*axis + 1));
  ConstantSteps steps = summand.layer.weightSteps;
  SmallVector<double> scales;
  SmallVector<float> bias;
  for (auto [i, channel] : llvm::enumerate(summand.channels)) {
    const ChannelFunction &function = summand.functions[i];
    double factor = toDouble(function.factor);
    double term = factor * summand.layer.getBias(i) + toDouble(function.term);
    bias.push_back(static_cast<float>(term));
    scales.push_back(
        factor == 0
            ? getScaleOfTerm(term, summand.layer.input.format.getScale())
            : std::abs(factor) * channel.weightScale);
    if (!std::isfinite(bias.back()) ||
        !(scales.back() >= std::numeric_limits<float>::min() &&
          scales.back() <= 0x1p126))
      return rewriter.notifyMatchFailure(
          root, "a factor or term of its batch norm leaves the range of f32");
  }
  for (auto [i, step] : llvm::enumerate(steps.steps)) {
    const APFloat &factor = summand.functions[i / inner % scales.size()].factor;
    step *= factor.isZero() ? 0 : factor.isNegative() ? -1 : 1;
  }
  steps.scales = std::move(scales);
  steps.axis = *axis;

  Location loc = op->getLoc();
  Value weights = DecodeOp::create(
      rewriter, loc, weightType,
      createSteps(rewriter, loc, steps, shape,
                  getBlobName(summand.layer.weights.getValue(), "weights")));
  auto biasType = RankedTensorType::get({static_cast<int64_t>(bias.size())},
                                        rewriter.getF32Type());
  Value terms = tosa::ConstOp::create(
      rewriter, loc, biasType, makeElements<float>(biasType, bias, "bias"));
  Operation *scaled = rewriter.clone(*op);
  scaled->setOperand(1, weights);
  scaled->setOperand(2, terms);
  return scaled->getResult(0);
}

/// The real sum, of which all but one addition are done on the grid.
static FailureOr<Value> buildSum(Sum &sum, EncodeOp root,
                                 PatternRewriter &rewriter) {
  Type grid = getGrid(root.getContext(), sum.getMagnitude());
  Value value = sum.residual;
  for (auto [i, summand] : llvm::enumerate(llvm::reverse(sum.summands))) {
    FailureOr<Value> layer = buildLayer(summand, root, rewriter);
    if (failed(layer))
      return failure();
    if (i > 0)
      value = roundToGrid(rewriter, value, grid);
    if (value)
      value = tosa::AddOp::create(rewriter, root.getLoc(), layer->getType(),
                                  *layer, value);
    else
      value = *layer;
  }
  return value;
}

namespace {

/// encode(chain(layer + layer + ... [+ decode(r)])): factors into the scales of
/// weights, all but one sum onto a grid, few codes behind it
struct IntegerizeSum : OpRewritePattern<EncodeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    ChannelChain chain = getChannelChain(op.getInput());
    Sum sum;
    bool isFew = hasFewCodes(op);
    if (!isSum(chain) || failed(describeSum(op, chain.source, sum, rewriter)))
      return failure();
    // What Contraction.cpp and Thresholds.cpp take as it is.
    bool isScaled = llvm::any_of(
        sum.summands, [](const Summand &summand) { return summand.isScaled; });
    if (sum.summands.size() == 1 && !isScaled &&
        (isFew ? !sum.residual : !chain.hasFactors()))
      return failure();
    if (isFew) {
      FailureOr<Value> value = buildSum(sum, op, rewriter);
      if (failed(value))
        return failure();
      Type grid = getGrid(op.getContext(), sum.getMagnitude());
      rewriter.replaceAllUsesWith(chain.source,
                                  roundToGrid(rewriter, *value, grid));
      return success();
    }
    return foldChain(op, chain, sum, rewriter);
  }

private:
  /// encode(chain(sum)) -> encode(clamp(sum))
  static LogicalResult foldChain(EncodeOp op, const ChannelChain &chain,
                                 Sum &sum, PatternRewriter &rewriter) {
    if (chain.hasFactors() && sum.residual)
      return rewriter.notifyMatchFailure(
          op, "factors of each channel stand behind its residual add");
    SmallVector<ChannelFunction> outer(sum.summands[0].functions.size());
    if (failed(chain.compose(outer, op, rewriter)))
      return failure();
    auto sameBounds = [&](const ChannelFunction &function) {
      return function.low == outer[0].low && function.high == outer[0].high;
    };
    if (!llvm::all_of(outer, sameBounds))
      return rewriter.notifyMatchFailure(
          op, "a clamp stands before the factors of its channels");
    if (chain.hasFactors())
      for (auto [i, function] : llvm::enumerate(outer))
        for (auto [position, summand] : llvm::enumerate(sum.summands)) {
          summand.functions[i].multiply(toDouble(function.factor));
          if (position == 0)
            summand.functions[i].add(toDouble(function.term));
          summand.isScaled = true;
        }
    FailureOr<Value> value = buildSum(sum, op, rewriter);
    if (failed(value))
      return failure();
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(value->getType());
    Value clamped = *value;
    if (!outer[0].low.isInfinity() || !outer[0].high.isInfinity()) {
      auto bound = [&](const APFloat &number) {
        return rewriter.getF32FloatAttr(static_cast<float>(toDouble(number)));
      };
      clamped =
          tosa::ClampOp::create(rewriter, loc, type, clamped,
                                bound(outer[0].low), bound(outer[0].high));
    }
    auto encode = cast<EncodeOp>(rewriter.clone(*op));
    encode->setOperand(0, clamped);
    encode->getResult(0).setType(type.clone(op.getType().getElementType()));
    rewriter.replaceOp(op, reshapeCodes(rewriter, loc, encode.getResult(),
                                        op.getType().getShape()));
    return success();
  }
};

} // namespace

void lowbit::populateSumOfLayersPatterns(RewritePatternSet &patterns) {
  patterns.add<IntegerizeSum>(patterns.getContext());
}
