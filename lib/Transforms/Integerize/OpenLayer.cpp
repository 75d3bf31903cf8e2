//===- OpenLayer.cpp - Layers without a quantizer behind them -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Quantized models often end in a layer whose result nobody quantizes: logits, or
// what a softmax in float reads. Its sums are exact in 32 bits, and are codes of
// the scale that is the product of the two: encoding the result in that format
// loses nothing but what a float sum would round, and the decode behind it is one
// product for each element. Movement that follows moves the integers.
//
// Factors and terms of channels that follow go into the scales and the bias. They
// are composed in 113 bits. The bias is rounded: the sums get binary places
// below their unit, so that no more than 2^-10 of a step of the sums, as they would
// be without, gets lost, wherever 30 bits hold that. What is decoded is that far
// from the real number at most, and 2^-22 of itself for roundings to f32.
//
// An average of codes that a scale map reads is one of their sums, too. In f32 it
// would be rounded, and a sum that is 0 may come out on either side of it: signs
// are taken of it.

#include "../Assign/ScaleMap.h"
#include "ScaledLayer.h"
#include "SinkDecode.h"

#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Analysis/QuantizationUnit.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// True if nothing that is computed from `real` is encoded.
static bool isOpen(Value real) {
  llvm::SmallDenseSet<Operation *> visited;
  SmallVector<Value> worklist = {real};
  while (!worklist.empty())
    for (Operation *user : worklist.pop_back_val().getUsers()) {
      if (isa<EncodeOp>(user))
        return false;
      if (visited.insert(user).second)
        llvm::append_range(worklist, user->getResults());
    }
  return true;
}

/// True if a scale map reads real numbers that `real` becomes: codes of them are not
/// enough.
static bool feedsScaleMap(Value real) {
  return llvm::any_of(real.getUsers(), [](Operation *user) {
    auto glue = user->getAttrOfType<StringAttr>(kFloatGlueAttr);
    if (glue && glue.getValue() == kScaleMapReason)
      return true;
    bool passes = isa<tosa::ClampOp, tosa::AddOp>(user) ||
                  isDataMovement(user) || isChannelScaling(user);
    return passes && feedsScaleMap(user->getResult(0));
  });
}

static bool isClamp(Operation *op) {
  return isa<tosa::ClampOp, tosa::MaximumOp, tosa::MinimumOp>(op);
}

/// What factors and terms make of `result`, which nothing else reads: the longest
/// chain without clamps that ends in one.
static ChannelChain findFactorsBehind(Value result) {
  ChannelChain chain{{}, result};
  SmallVector<Operation *> passed;
  while (result.hasOneUse()) {
    Operation *user = *result.user_begin();
    if (isClamp(user) || user->hasAttr("lowbit.reason") ||
        getChannelVariable(user) != result)
      break;
    passed.push_back(user);
    if (!isa<tosa::ReshapeOp>(user))
      chain.ops.assign(passed.rbegin(), passed.rend());
    result = user->getResult(0);
  }
  return chain;
}

/// The open layer `op` with `chain` behind it; nothing if it is no layer on codes.
static std::optional<ScaledLayer> describeFactors(Operation *op,
                                                  const ChannelChain &chain,
                                                  StringRef &reason,
                                                  PatternRewriter &rewriter) {
  ScaledLayer scaled;
  if (failed(describeLayer(op, scaled.layer, rewriter)) ||
      failed(sumWeights(scaled.layer, scaled.channels, rewriter)))
    return std::nullopt;
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  scaled.isScaled = true;
  scaled.functions.resize(scaled.channels.size());
  if (static_cast<int64_t>(scaled.channels.size()) != type.getShape().back() ||
      !type.hasStaticShape())
    reason = "its channels are not those of its layer";
  else if (failed(chain.compose(scaled.functions, op, rewriter)))
    reason = "a factor or term behind its layer is not a finite number";
  else
    reason = explainScaledLayer(scaled);
  return scaled;
}

namespace {

/// chain(layer(decode(x), decode(w))) -> layer(decode(x), decode(w'))
template <typename OpTy> struct FoldFactors : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy last,
                                PatternRewriter &rewriter) const override {
    Value variable = getChannelVariable(last);
    if (!variable || !isOpen(last->getResult(0)))
      return failure();
    ChannelChain before = getChannelChain(variable);
    if (llvm::any_of(before.ops, isClamp))
      return rewriter.notifyMatchFailure(
          last, "a clamp stands between it and its layer");
    Operation *op = before.source.getDefiningOp();
    if (!op || !isMultiplyAccumulate(op) || op->hasAttr("lowbit.reason"))
      return failure();
    ChannelChain chain = findFactorsBehind(before.source);
    if (chain.ops.empty() || chain.ops.front() != last)
      return failure();
    StringRef reason;
    std::optional<ScaledLayer> scaled =
        describeFactors(op, chain, reason, rewriter);
    if (!scaled || !reason.empty())
      return failure();
    Value value = buildScaledLayer(*scaled, rewriter);
    auto type = cast<RankedTensorType>(last->getResult(0).getType());
    if (value.getType() != type)
      value = tosa::ReshapeOp::create(
          rewriter, op->getLoc(), type, value,
          tosa::getTosaConstShape(rewriter, op->getLoc(), type.getShape()));
    rewriter.replaceOp(last, value);
    return success();
  }
};

/// layer(decode(x), decode(w)) -> decode(encode(layer(decode(x), decode(w))))
template <typename OpTy> struct EncodeSums : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (op->hasAttr("lowbit.reason") ||
        (!isOpen(op->getResult(0)) && !feedsScaleMap(op->getResult(0))))
      return failure();
    Layer layer;
    SmallVector<Channel> channels;
    ChannelChain chain = findFactorsBehind(op->getResult(0));
    StringRef reason;
    if (!chain.ops.empty() && describeFactors(op, chain, reason, rewriter) &&
        reason.empty())
      return failure(); // FoldFactors
    if (failed(describeLayer(op, layer, rewriter)) ||
        failed(sumWeights(layer, channels, rewriter)))
      return failure();
    double step = std::numeric_limits<double>::infinity();
    for (const Channel &channel : channels)
      step = std::min(step, channel.scale);
    refineSums(layer, channels, std::ldexp(step, -7));
    if (failed(computeBias(layer, channels, rewriter)))
      return failure();
    SmallVector<double> scales;
    for (const Channel &channel : channels)
      scales.push_back(static_cast<float>(channel.scale));
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    quant::UniformQuantizedType one =
        getSumsFormat(op.getContext(), scales.empty() ? 1.0 : scales.front());
    quant::QuantizedType format = one;
    if (!llvm::all_equal(scales)) {
      if (static_cast<int64_t>(scales.size()) != type.getShape().back())
        return rewriter.notifyMatchFailure(
            op, "the scales of its weights differ between matrices");
      format = quant::UniformQuantizedPerAxisType::get(
          one.getFlags(), one.getStorageType(), one.getExpressedType(), scales,
          SmallVector<int64_t>(scales.size(), 0), type.getRank() - 1,
          one.getStorageTypeMin(), one.getStorageTypeMax());
    }
    // They will not see the layer any more.
    for (Operation *factor : chain.ops)
      rewriter.modifyOpInPlace(factor, [&] {
        factor->setAttr("lowbit.reason", rewriter.getStringAttr(reason));
      });
    rewriter.setInsertionPointAfter(op);
    auto codes = EncodeOp::create(rewriter, op.getLoc(), type.clone(format),
                                  op->getResult(0));
    auto decoded = DecodeOp::create(rewriter, op.getLoc(), type, codes);
    rewriter.replaceAllUsesExcept(op->getResult(0), decoded, codes);
    return success();
  }
};

/// avg_pool2d(decode(x)) -> decode(encode(avg_pool2d(decode(x)))), the codes of which
/// are sums
struct EncodeAverages : OpRewritePattern<tosa::AvgPool2dOp> {
  EncodeAverages(MLIRContext *context, Profile profile)
      : OpRewritePattern(context), profile(profile) {}

  LogicalResult matchAndRewrite(tosa::AvgPool2dOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<CodedValue> input = getCodedValue(op.getInput());
    // Other profiles round averages, and windows with padding have other sizes.
    if (profile != Profile::Tosa || !input || op->hasAttr("lowbit.reason") ||
        llvm::any_of(op.getPad(), [](int64_t size) { return size != 0; }) ||
        !feedsScaleMap(op))
      return failure();
    double count = double(op.getKernel()[0]) * double(op.getKernel()[1]);
    auto type = cast<RankedTensorType>(op.getType());
    rewriter.setInsertionPointAfter(op);
    auto codes = EncodeOp::create(
        rewriter, op.getLoc(),
        type.clone(
            getSumsFormat(op.getContext(), input->format.getScale() / count)),
        op);
    auto decoded = DecodeOp::create(rewriter, op.getLoc(), type, codes);
    rewriter.replaceAllUsesExcept(op, decoded, codes);
    return success();
  }

private:
  Profile profile;
};

/// The codes of sums with a scale for each channel, as `decode` reads them.
struct ChannelSums {
  Value codes;
  quant::UniformQuantizedPerAxisType format;
};

std::optional<ChannelSums> getChannelSums(Value real) {
  auto decode = real.getDefiningOp<DecodeOp>();
  if (!decode)
    return std::nullopt;
  auto type = cast<RankedTensorType>(decode.getInput().getType());
  auto format =
      dyn_cast<quant::UniformQuantizedPerAxisType>(type.getElementType());
  if (!format || !type.hasStaticShape() || !format.isSigned() ||
      !format.getStorageType().isInteger(32) ||
      llvm::any_of(format.getZeroPoints(),
                   [](int64_t zero) { return zero != 0; }))
    return std::nullopt;
  return ChannelSums{decode.getInput(), format};
}

/// Where dimension `axis` of the operand of `op` goes, if it stays whole.
std::optional<int64_t> findAxis(tosa::TransposeOp op, int64_t axis) {
  return llvm::find(op.getPerms(), axis) - op.getPerms().begin();
}

std::optional<int64_t> findAxis(tosa::ReshapeOp op, int64_t axis) {
  ArrayRef<int64_t> from =
      cast<ShapedType>(op.getInput1().getType()).getShape();
  ArrayRef<int64_t> to = cast<ShapedType>(op.getType()).getShape();
  int64_t before = ShapedType::getNumElements(from.take_front(axis));
  for (auto [dim, size] : llvm::enumerate(to))
    if (size == from[axis] &&
        ShapedType::getNumElements(to.take_front(dim)) == before)
      return dim;
  return std::nullopt;
}

Value moveCodes(tosa::TransposeOp op, Value codes, PatternRewriter &rewriter) {
  Type format = getElementTypeOrSelf(codes.getType());
  return TransposeOp::create(rewriter, op.getLoc(),
                             cast<RankedTensorType>(op.getType()).clone(format),
                             codes, llvm::to_vector_of<int64_t>(op.getPerms()));
}

Value moveCodes(tosa::ReshapeOp op, Value codes, PatternRewriter &rewriter) {
  return reshapeCodes(rewriter, op.getLoc(), codes,
                      cast<ShapedType>(op.getType()).getShape());
}

/// move(decode(sums)) -> decode(move(sums)), with the scales along another axis
template <typename OpTy> struct SinkSums : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    std::optional<ChannelSums> sums = getChannelSums(op->getOperand(0));
    if (!sums)
      return failure();
    quant::UniformQuantizedPerAxisType format = sums->format;
    auto axis = findAxis(op, format.getQuantizedDimension());
    auto type = cast<RankedTensorType>(op.getType());
    if (!axis || !type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "it takes apart what has a scale");
    format = quant::UniformQuantizedPerAxisType::get(
        format.getFlags(), format.getStorageType(), format.getExpressedType(),
        format.getScales(), format.getZeroPoints(), *axis,
        format.getStorageTypeMin(), format.getStorageTypeMax());
    // What is moved are integers: the axis is where they were, and will be.
    Location loc = op.getLoc();
    auto plain = cast<RankedTensorType>(sums->codes.getType())
                     .clone(getSumsFormat(op.getContext()));
    Value moved = moveCodes(
        op, ReinterpretOp::create(rewriter, loc, plain, sums->codes), rewriter);
    moved = ReinterpretOp::create(rewriter, loc, type.clone(format), moved);
    rewriter.replaceOpWithNewOp<DecodeOp>(op, type, moved);
    return success();
  }
};

} // namespace

void lowbit::populateIntegerizeOpenLayerPatterns(RewritePatternSet &patterns,
                                                 Profile profile) {
  patterns.add<EncodeSums<tosa::Conv2DOp>, EncodeSums<tosa::DepthwiseConv2DOp>,
               EncodeSums<GroupedConv2dOp>, EncodeSums<tosa::MatMulOp>,
               SinkSums<tosa::ReshapeOp>, SinkSums<tosa::TransposeOp>>(
      patterns.getContext());
  patterns.add<FoldFactors<tosa::AddOp>, FoldFactors<tosa::SubOp>,
               FoldFactors<tosa::MulOp>, FoldFactors<BatchNormOp>,
               FoldFactors<tosa::DepthwiseConv2DOp>>(patterns.getContext());
  patterns.add<EncodeAverages>(patterns.getContext(), profile);
}
