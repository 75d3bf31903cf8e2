//===- FoldBatchNorm.cpp - channel-wise affine maps into weights --===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Batch norm with fixed statistics is y = x * factor + term for each channel,
// with
//
//   factor = scale / sqrt(variance + epsilon)
//   term   = offset - mean * factor
//
// After a convolution it moves into the weights: w' = w * factor, and
// b' = (b - mean) * factor + offset. tosa.mul, tosa.add and tosa.sub by
// constants per channel are the same with a trivial factor or term; that is
// what other frontends make of a batch norm. All is computed in f64 and rounded
// to f32 once. Weights that are codes stay as they are.

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <cmath>

namespace mlir::lowbit {
#define GEN_PASS_DEF_FOLDBATCHNORMPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// y = (x - mean) * factor + offset for each channel; vectors of one element
/// hold for all channels.
struct ChannelMap {
  SmallVector<double> factor, mean, offset;

  static double at(ArrayRef<double> values, int64_t channel) {
    return values[values.size() == 1 ? 0 : channel];
  }
  /// One fused operation on every host, so that the bits agree.
  double apply(double x, int64_t channel) const {
    return std::fma(x - at(mean, channel), at(factor, channel),
                    at(offset, channel));
  }
};

} // namespace

static bool isFinite(ArrayRef<float> values) {
  return llvm::all_of(values, [](float value) { return std::isfinite(value); });
}

static SmallVector<double> widen(ArrayRef<float> values) {
  return SmallVector<double>(values.begin(), values.end());
}

/// The map of a batch norm with constant parameters.
static std::optional<ChannelMap> readMap(BatchNormOp op) {
  std::optional<SmallVector<float>> scale = readConstant<float>(op.getScale());
  std::optional<SmallVector<float>> offset =
      readConstant<float>(op.getOffset());
  std::optional<SmallVector<float>> mean = readConstant<float>(op.getMean());
  std::optional<SmallVector<float>> variance =
      readConstant<float>(op.getVariance());
  if (!scale || !offset || !mean || !variance)
    return std::nullopt;
  double epsilon = op.getEpsilonAttr().getValueAsDouble();
  ChannelMap map{{}, widen(*mean), widen(*offset)};
  for (auto [s, v] : llvm::zip(*scale, *variance))
    map.factor.push_back(s / std::sqrt(v + epsilon));
  return map;
}

/// The constant behind `value`, if it varies along the last dimension only.
static std::optional<SmallVector<double>> readPerChannel(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() < 1 || !type.hasStaticShape() ||
      type.getNumElements() != type.getShape().back())
    return std::nullopt;
  std::optional<SmallVector<float>> values = readConstant<float>(value);
  if (!values)
    return std::nullopt;
  return widen(*values);
}

/// The convolution whose result is `value`, up to reshapes that keep the
/// channels, if nothing else uses it.
static Operation *getProducer(Value value) {
  int64_t channels = cast<ShapedType>(value.getType()).getShape().back();
  while (value.hasOneUse()) {
    Operation *op = value.getDefiningOp();
    if (isa_and_nonnull<tosa::Conv2DOp, tosa::DepthwiseConv2DOp,
                        GroupedConv2dOp>(op))
      return cast<ShapedType>(value.getType()).getShape().back() == channels
                 ? op
                 : nullptr;
    auto reshape = dyn_cast_or_null<tosa::ReshapeOp>(op);
    if (!reshape)
      return nullptr;
    value = reshape.getInput1();
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || type.getRank() < 1 || type.getShape().back() != channels)
      return nullptr;
  }
  return nullptr;
}

/// True if all that reads `value`, moved or clamped, are encodes.
static bool isEncoded(Value value) {
  return llvm::all_of(value.getUsers(), [](Operation *user) {
    return isa<EncodeOp>(user) ||
           ((isa<tosa::ClampOp>(user) || isDataMovement(user)) &&
            isEncoded(user->getResult(0)));
  });
}

/// True if `op` stands between a layer whose weights are codes and the codes of
/// its result: -lowbit-integerize makes thresholds of it.
static bool isBetweenCodes(BatchNormOp op) {
  Operation *producer = getProducer(op.getInput());
  return producer && getDecode(producer->getOperand(1)) &&
         isEncoded(op.getResult());
}

/// Applies `map` to weights and bias of `conv`; `op` is what gets folded, and
/// `input` takes its place.
template <typename Conv>
static LogicalResult foldInto(Conv conv, const ChannelMap &map, Operation *op,
                              Value input, PatternRewriter &rewriter) {
  ElementsAttr weightData = getConstantElements(conv.getWeight());
  std::optional<SmallVector<float>> weights = readElements<float>(weightData);
  std::optional<SmallVector<float>> bias = readConstant<float>(conv.getBias());
  if (!weights || !bias)
    return rewriter.notifyMatchFailure(
        op, "the convolution's weights or bias are not constant f32");
  auto weightType = cast<RankedTensorType>(conv.getWeight().getType());
  ArrayRef<int64_t> shape = weightType.getShape();
  constexpr bool depthwise = std::is_same_v<Conv, tosa::DepthwiseConv2DOp>;
  int64_t channels = depthwise ? shape[2] * shape[3] : shape[0];
  if (bias->size() == 1)
    bias->resize(channels, bias->front());
  for (auto [channel, value] : llvm::enumerate(*bias))
    value = static_cast<float>(map.apply(value, channel));
  // [O, H, W, I], or [H, W, C, M] where the channel is c * M + m.
  int64_t count = weights->size();
  for (auto [i, weight] : llvm::enumerate(*weights)) {
    int64_t channel = depthwise ? i % channels : i / (count / channels);
    weight = static_cast<float>(weight * ChannelMap::at(map.factor, channel));
  }
  if (!isFinite(*weights) || !isFinite(*bias))
    return rewriter.notifyMatchFailure(
        op, "the folded weights or biases are not finite f32");

  rewriter.setInsertionPoint(conv);
  Location loc = conv.getLoc();
  Value newWeight = tosa::ConstOp::create(
      rewriter, loc, weightType,
      makeElements<float>(weightType, *weights,
                          getBlobName(weightData, "weights")));
  auto biasType = RankedTensorType::get({channels}, rewriter.getF32Type());
  Value newBias = tosa::ConstOp::create(
      rewriter, loc, biasType, makeElements<float>(biasType, *bias, "bias"));
  rewriter.modifyOpInPlace(conv, [&] {
    conv.getWeightMutable().assign(newWeight);
    conv.getBiasMutable().assign(newBias);
  });
  rewriter.replaceOp(op, input);
  return success();
}

/// Folds `op`, which computes `map` of its operand `input`.
static LogicalResult foldIntoProducer(const ChannelMap &map, Operation *op,
                                      Value input, PatternRewriter &rewriter) {
  auto type = dyn_cast<RankedTensorType>(input.getType());
  if (!type || type.getRank() < 1 || type != op->getResult(0).getType())
    return rewriter.notifyMatchFailure(op, "the input is broadcast");
  Operation *producer = getProducer(input);
  if (auto conv = dyn_cast_or_null<tosa::Conv2DOp>(producer))
    return foldInto(conv, map, op, input, rewriter);
  if (auto conv = dyn_cast_or_null<tosa::DepthwiseConv2DOp>(producer))
    return foldInto(conv, map, op, input, rewriter);
  if (auto conv = dyn_cast_or_null<GroupedConv2dOp>(producer))
    return foldInto(conv, map, op, input, rewriter);
  return rewriter.notifyMatchFailure(
      op, "the input is no convolution that only this operation uses");
}

namespace {

/// batch_norm(conv(x, w, b)) -> conv(x, w', b')
struct FoldBatchNormIntoConvolution : OpRewritePattern<BatchNormOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(BatchNormOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<ChannelMap> map = readMap(op);
    if (!map)
      return rewriter.notifyMatchFailure(op, "a parameter is not constant");
    return foldIntoProducer(*map, op, op.getInput(), rewriter);
  }
};

/// conv(x, w, b) * c -> conv(x, w * c, b * c), and likewise + c and - c
template <typename Op>
struct FoldArithmeticIntoConvolution : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    Value input = op.getInput1(), other = op.getInput2();
    if (!std::is_same_v<Op, tosa::SubOp> && getConstantElements(input))
      std::swap(input, other);
    std::optional<SmallVector<double>> constant = readPerChannel(other);
    if (!constant)
      return rewriter.notifyMatchFailure(
          op, "no operand is an f32 constant for each channel");
    ChannelMap map{{1.0}, {0.0}, {0.0}};
    (std::is_same_v<Op, tosa::MulOp>   ? map.factor
     : std::is_same_v<Op, tosa::SubOp> ? map.mean
                                       : map.offset) = *constant;
    return foldIntoProducer(map, op, input, rewriter);
  }
};

/// batch_norm(x) -> depthwise_conv2d(x) with a kernel of one position
struct ExpressAsDepthwise : OpRewritePattern<BatchNormOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(BatchNormOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getType();
    std::optional<ChannelMap> map = readMap(op);
    if (!map)
      return rewriter.notifyMatchFailure(op, "a parameter is not constant");
    if (type.getRank() != 4)
      return rewriter.notifyMatchFailure(op, "the input is not of rank 4");
    if (isBetweenCodes(op))
      return rewriter.notifyMatchFailure(op, "it stands between codes");
    int64_t channels = type.getShape().back();
    SmallVector<float> weights, bias;
    for (int64_t channel = 0; channel < channels; ++channel) {
      weights.push_back(ChannelMap::at(map->factor, channel));
      bias.push_back(map->apply(0, channel));
    }
    Location loc = op.getLoc();
    Type f32 = rewriter.getF32Type();
    auto constant = [&](ArrayRef<int64_t> shape, ArrayRef<float> values,
                        StringRef name) -> Value {
      auto type = RankedTensorType::get(shape, f32);
      return tosa::ConstOp::create(rewriter, loc, type,
                                   makeElements<float>(type, values, name));
    };
    Value zero = constant({1}, {0.0f}, "zero");
    rewriter.replaceOpWithNewOp<tosa::DepthwiseConv2DOp>(
        op, type, op.getInput(),
        constant({1, 1, channels, 1}, weights, "weights"),
        constant({channels}, bias, "bias"), zero, zero,
        rewriter.getDenseI64ArrayAttr({0, 0, 0, 0}),
        rewriter.getDenseI64ArrayAttr({1, 1}),
        rewriter.getDenseI64ArrayAttr({1, 1}), TypeAttr::get(f32),
        rewriter.getBoolAttr(false));
    return success();
  }
};

struct FoldBatchNormPass
    : lowbit::impl::FoldBatchNormPassBase<FoldBatchNormPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet foldSet(context), depthwiseSet(context);
    foldSet.add<FoldBatchNormIntoConvolution,
                FoldArithmeticIntoConvolution<tosa::MulOp>,
                FoldArithmeticIntoConvolution<tosa::AddOp>,
                FoldArithmeticIntoConvolution<tosa::SubOp>>(context);
    depthwiseSet.add<ExpressAsDepthwise>(context);
    foldPatterns = std::move(foldSet);
    depthwisePatterns = std::move(depthwiseSet);
    return success();
  }
  void runOnOperation() override {
    BlobScope blobs(getOperation());
    if (getOperation()->walk(verifyFactors).wasInterrupted())
      return signalPassFailure();
    if (failed(applyPatternsGreedily(getOperation(), foldPatterns)) ||
        failed(applyPatternsGreedily(getOperation(), depthwisePatterns)))
      return signalPassFailure();
    getOperation()->walk([](BatchNormOp op) {
      if (isBetweenCodes(op))
        return;
      op.emitRemark() << "stays as it is: "
                      << (readMap(op) ? "its input is not of rank 4"
                                      : "its parameters are not constant f32");
    });
  }

private:
  /// Interrupts the walk if a channel's factor or term is not a finite f32.
  static WalkResult verifyFactors(BatchNormOp op) {
    std::optional<ChannelMap> map = readMap(op);
    if (!map)
      return WalkResult::advance();
    for (auto [channel, factor] : llvm::enumerate(map->factor)) {
      if (isFinite({static_cast<float>(factor),
                    static_cast<float>(map->apply(0, channel))}))
        continue;
      float variance = (*readConstant<float>(op.getVariance()))[channel];
      op.emitOpError() << "expects a finite factor and offset, but channel "
                       << channel << " has variance " << variance
                       << ", epsilon " << op.getEpsilonAttr().getValueAsDouble()
                       << " and factor " << factor;
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  }

  FrozenRewritePatternSet foldPatterns, depthwisePatterns;
};

} // namespace
