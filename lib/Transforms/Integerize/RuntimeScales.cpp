//===- RuntimeScales.cpp - layers whose input brings its scales along -----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Codes with parameters beside them, as lowbit.encode_dynamic makes them, meet
// constant weights. Sums of products stay exact in 32 bits; the scales, which no
// compile time knows, make real numbers of them in the epilogue:
//
//   affine  y = f32(sum q w - z sum w) * (s * sw) + b
//   planes  y = f32(sum b_0 w) * (s_0 * sw) + b;  y = y + f32(sum b_p w) * (s_p * sw)
//
// Each operation is one of f32. Clamps that follow are part of the epilogue.

#include "Layer.h"
#include "RuntimeTerm.h"

#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// What a layer's epilogue takes beside the accumulator.
struct EpilogueOperands {
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;

  /// Adds an operand; its position among the arguments of the epilogue.
  unsigned add(Value value, AffineMap map) {
    values.push_back(value);
    maps.push_back(map);
    return values.size();
  }
};

template <typename OpTy>
struct IntegerizeRuntimeScales : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override;
};

} // namespace

/// True if no sum of `layer` leaves 32 bits, for whatever zero point.
static bool fitsSums(ArrayRef<Channel> channels, bool hasZeroPoint) {
  constexpr int64_t limit = std::numeric_limits<int32_t>::max();
  return llvm::all_of(channels, [&](const Channel &channel) {
    // The extremes are those of codes; less a zero point, they are as far apart.
    return channel.low >= -limit && channel.high <= limit &&
           (!hasZeroPoint || channel.high - channel.low <= limit);
  });
}

/// The bias as f32: one number for each channel, or one, or none where it is 0.
static std::optional<SmallVector<float>> readBias(Operation *op) {
  if (isa<tosa::MatMulOp>(op))
    return SmallVector<float>();
  std::optional<SmallVector<float>> bias =
      readConstant<float>(op->getOperand(2));
  if (std::optional<ConstantSteps> steps =
          readConstantSteps(op->getOperand(2))) {
    bias.emplace();
    for (auto [i, step] : llvm::enumerate(steps->steps))
      bias->push_back(static_cast<float>(step) *
                      static_cast<float>(steps->getScale(i)));
  }
  if (bias && llvm::all_of(*bias, [](float x) { return x == 0; }))
    bias->clear();
  return bias;
}

static Value createF32Tensor(OpBuilder &builder, Location loc,
                             ArrayRef<float> values, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(type, values));
}

/// The clamps that nothing but each other reads, from `op` on.
static SmallVector<tosa::ClampOp> findClamps(Operation *op) {
  SmallVector<tosa::ClampOp> clamps;
  while (op->hasOneUse()) {
    auto clamp = dyn_cast<tosa::ClampOp>(*op->user_begin());
    if (!clamp || !isa<FloatAttr>(clamp.getMinValAttr()))
      break;
    clamps.push_back(clamp);
    op = clamp;
  }
  return clamps;
}

/// NaN stays NaN.
static Value buildClamp(OpBuilder &builder, Location loc, Value value,
                        tosa::ClampOp clamp) {
  for (auto [bound, order] :
       {std::pair(clamp.getMinValAttr(), arith::CmpFPredicate::OLT),
        std::pair(clamp.getMaxValAttr(), arith::CmpFPredicate::OGT)}) {
    Value limit =
        arith::ConstantOp::create(builder, loc, cast<FloatAttr>(bound));
    Value isOutside = arith::CmpFOp::create(builder, loc, order, value, limit);
    value = arith::SelectOp::create(builder, loc, isOutside, limit, value);
  }
  return value;
}

/// A contraction of `term` with the weights, added to `previous` where that is
/// there and to the bias where not.
static Value buildContract(PatternRewriter &rewriter, Layer &layer,
                           const RuntimeTerm &term,
                           std::optional<AffineExpr> row,
                           ArrayRef<Channel> channels, Value previous,
                           ArrayRef<tosa::ClampOp> clamps) {
  Location loc = layer.op->getLoc();
  Value input = padInput(rewriter, layer, term.codes);
  unsigned numLoops = layer.result.getNumDims();
  AffineMap rowMap = AffineMap::get(numLoops, 0, rewriter.getContext());
  if (row)
    rowMap = AffineMap::get(numLoops, 0, *row);
  SmallVector<int64_t> channelShape = layer.getChannelShape();
  SmallVector<float> weightScales;
  SmallVector<int32_t> weightSums;
  for (const Channel &channel : channels) {
    weightScales.push_back(static_cast<float>(channel.scale));
    weightSums.push_back(static_cast<int32_t>(channel.weightSum));
  }
  EpilogueOperands operands;
  unsigned scale = operands.add(term.scales, rowMap);
  unsigned weightScale =
      operands.add(createF32Tensor(rewriter, loc, weightScales, channelShape),
                   layer.channel);
  unsigned zeroPoint = 0, weightSum = 0, addend = 0;
  if (term.zeroPoints) {
    zeroPoint = operands.add(term.zeroPoints, rowMap);
    weightSum =
        operands.add(createI32Tensor(rewriter, loc, weightSums, channelShape),
                     layer.channel);
  }
  if (previous) {
    addend = operands.add(previous, layer.result);
  } else if (!layer.bias.empty()) {
    SmallVector<float> bias = layer.bias;
    bias.resize(channels.size(), bias.front());
    addend = operands.add(createF32Tensor(rewriter, loc, bias, channelShape),
                          layer.channel);
  }
  SmallVector<AffineMap> maps = {layer.lhs, layer.rhs};
  llvm::append_range(maps, operands.maps);
  maps.push_back(layer.result);
  Type f32 = rewriter.getF32Type();
  Value init = tensor::EmptyOp::create(rewriter, loc, layer.resultShape, f32);
  auto contract = ContractOp::create(
      rewriter, loc, init.getType(), input, shapeWeights(rewriter, layer),
      operands.values, init, rewriter.getAffineMapArrayAttr(maps), ArrayAttr(),
      StringAttr());
  markRuntimeGlue(contract);

  OpBuilder::InsertionGuard guard(rewriter);
  SmallVector<Type> types = {rewriter.getI32Type()};
  for (Value value : operands.values)
    types.push_back(cast<ShapedType>(value.getType()).getElementType());
  SmallVector<Location> locations(types.size(), loc);
  Block *body =
      rewriter.createBlock(&contract.getEpilogue(), {}, types, locations);
  auto argument = [&](unsigned i) { return body->getArgument(i); };
  Value sum = argument(0);
  if (zeroPoint) {
    Value shift = arith::MulIOp::create(rewriter, loc, argument(zeroPoint),
                                        argument(weightSum));
    sum = arith::SubIOp::create(rewriter, loc, sum, shift);
  }
  Value factor = arith::MulFOp::create(rewriter, loc, argument(scale),
                                       argument(weightScale));
  Value real = arith::SIToFPOp::create(rewriter, loc, f32, sum);
  real = arith::MulFOp::create(rewriter, loc, real, factor);
  if (addend)
    real = arith::AddFOp::create(rewriter, loc, real, argument(addend));
  for (tosa::ClampOp clamp : clamps)
    real = buildClamp(rewriter, loc, real, clamp);
  YieldOp::create(rewriter, loc, real);
  return contract.getResult();
}

/// layer(decode(x with scales), decode(w)) -> contract with an f32 epilogue
template <typename OpTy>
LogicalResult IntegerizeRuntimeScales<OpTy>::matchAndRewrite(
    OpTy op, PatternRewriter &rewriter) const {
  auto decode = op->getOperand(0).template getDefiningOp<DecodeOp>();
  if (!decode || decode.getParameters().empty())
    return failure();
  auto format = cast<Format>(
      cast<RankedTensorType>(decode.getInput().getType()).getElementType());
  auto affine = dyn_cast<AffineType>(Type(format));
  if (!(affine && affine.getGroup() == 0) && !isa<PlanesType>(format))
    return rewriter.notifyMatchFailure(
        op, "its input's scales are not those of the tensor or of rows");
  Layer layer;
  std::string reason;
  std::optional<LinearLayer> loops = describeLinearLayer(op, reason);
  if (!loops)
    return rewriter.notifyMatchFailure(op, reason);
  static_cast<LinearLayer &>(layer) = std::move(*loops);
  std::optional<AffineExpr> row;
  if (std::optional<int64_t> axis = format.getScaleAxis()) {
    row = layer.lhs.getResult(*axis);
    if (!llvm::is_contained(layer.result.getResults(), *row))
      return rewriter.notifyMatchFailure(
          op, "the scales of its input are not those of its result's rows");
  }
  bool hasZeroPoint = affine && affine.getZero();
  if (layer.hasPadding() && hasZeroPoint)
    return rewriter.notifyMatchFailure(
        op, "it pads with a zero point that is known only at run time");
  if (layer.hasPadding() && affine &&
      (affine.getMin() > 0 || affine.getMax() < 0))
    return rewriter.notifyMatchFailure(op, "its padding has no code");
  std::optional<ConstantSteps> weights = readConstantSteps(op->getOperand(1));
  if (!weights)
    return rewriter.notifyMatchFailure(op,
                                       "its weights are not constant codes");
  std::optional<SmallVector<float>> bias = readBias(op);
  if (!bias)
    return rewriter.notifyMatchFailure(op, "its bias is not constant");
  layer.op = op;
  layer.bias = std::move(*bias);
  layer.weights = op->getOperand(1)
                      .template getDefiningOp<DecodeOp>()
                      .getInput()
                      .template getDefiningOp<ConstantOp>();
  layer.weightSteps = std::move(*weights);
  layer.input.format =
      affine ? getPlainFormat(format)
             : cast<quant::UniformQuantizedType>(getStepsFormat(format, 0));
  SmallVector<Channel> channels;
  if (failed(sumWeights(layer, channels, rewriter)))
    return failure();
  if (!fitsSums(channels, hasZeroPoint))
    return rewriter.notifyMatchFailure(op, "its sums may leave 32 bits");

  SmallVector<tosa::ClampOp> clamps = findClamps(op);
  Operation *last = clamps.empty() ? op.getOperation() : clamps.back();
  unsigned terms = format.getNumTerms();
  Value result;
  for (unsigned term = 0; term < terms; ++term)
    result = buildContract(
        rewriter, layer, buildRuntimeTerm(rewriter, decode, term), row,
        channels, result,
        term + 1 == terms ? ArrayRef(clamps) : ArrayRef<tosa::ClampOp>());
  Type type = last->getResult(0).getType();
  if (result.getType() != type) { // collapse channel and multiplier
    SmallVector<ReassociationIndices> groups = {{0}, {1}, {2}, {3, 4}};
    auto collapsed = tensor::CollapseShapeOp::create(rewriter, op->getLoc(),
                                                     type, result, groups);
    markRuntimeGlue(collapsed);
    result = collapsed;
  }
  rewriter.replaceOp(last, result);
  for (tosa::ClampOp clamp : llvm::reverse(clamps))
    if (clamp != last)
      rewriter.eraseOp(clamp);
  if (op != last)
    rewriter.eraseOp(op);
  return success();
}

void lowbit::populateIntegerizeRuntimeScalesPatterns(
    RewritePatternSet &patterns) {
  patterns.add<IntegerizeRuntimeScales<tosa::Conv2DOp>,
               IntegerizeRuntimeScales<tosa::DepthwiseConv2DOp>,
               IntegerizeRuntimeScales<GroupedConv2dOp>,
               IntegerizeRuntimeScales<tosa::MatMulOp>>(patterns.getContext());
}
