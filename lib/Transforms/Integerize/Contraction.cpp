//===- Contraction.cpp - convolutions and products in integers ----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Every linear layer with constant weights becomes one lowbit.contract. With
// x = sx (qx - zx) and w = sw qw (weights are symmetric):
//
//   sum x w + b = sx sw (sum qx qw - zx sum qw + b / (sx sw))
//
// The last two terms are constant for each output channel: the i32 bias. The
// input is padded with the code zx, so that sum qw is the same at the border.
// A residual add is done on a common 32-bit grid before the one rescaling to
// the result's format; the sum itself never becomes 8 bits wide.

#include "Layer.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/FixedPoint.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// The region of a contraction under construction.
struct Epilogue {
  PatternRewriter &rewriter;
  Location loc;

  Value constant(int32_t value) const {
    return arith::ConstantIntOp::create(rewriter, loc, value, 32);
  }
  Value rescale(Value value, Value multiplier, Value shift, int64_t inputZero,
                int64_t outputZero, int64_t min, int64_t max) const {
    return RescaleOp::create(rewriter, loc, rewriter.getI32Type(), value,
                             multiplier, shift, RescaleMode::SingleRound,
                             Saturation::Saturate, inputZero, outputZero, min,
                             max, IntegerAttr());
  }
};

/// encode(clamp(layer(decode(x), decode(w)) [+ decode(r)])) -> contract
struct IntegerizeLayer : OpRewritePattern<EncodeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    Value source = op.getInput();
    auto [min, max] = peelClamps(source);
    std::optional<CodedValue> residual;
    Operation *linear = findLayer(source, residual);
    if (!linear) {
      Operation *producer = source.getDefiningOp();
      if (producer && isMultiplyAccumulate(producer))
        return rewriter.notifyMatchFailure(op,
                                           "its real numbers have another use");
      return failure();
    }
    Layer layer;
    SmallVector<Channel> channels;
    quant::UniformQuantizedType format = getRescaledFormat(op, rewriter);
    if (!format || failed(describeLayer(linear, layer, rewriter)) ||
        failed(sumWeights(layer, channels, rewriter)) ||
        failed(computeBias(layer, channels, rewriter)))
      return failure();

    // One grid step: the result's for a plain layer; with a residual, fine
    // enough for 2^28 steps to hold the residual and twice the result's range.
    double outScale = format.getScale(), grid = outScale;
    if (residual) {
      CodedValue result{Value(), format};
      grid = (residual->getMagnitude() + 2 * result.getMagnitude()) / (1 << 28);
    }
    SmallVector<int32_t> bias, multipliers, shifts;
    for (const Channel &channel : channels) {
      auto factor = getRescaleFactor(channel.scale / grid);
      if (!factor)
        return rewriter.notifyMatchFailure(
            op, "the scale of its sums exceeds the result's by more than 2^29");
      bias.push_back(channel.bias);
      multipliers.push_back(factor->multiplier);
      shifts.push_back(factor->shift);
    }
    Residual common;
    if (residual) {
      auto inFactor = getRescaleFactor(residual->format.getScale() / grid);
      auto outFactor = getRescaleFactor(grid / outScale);
      if (!inFactor || !outFactor)
        return rewriter.notifyMatchFailure(
            op, "the scales of its residual add differ by more than 2^29");
      common = {*residual, *inFactor, *outFactor};
    }
    auto [low, high] = getCodeInterval(min, max, format);
    Value result =
        buildContract(rewriter, layer, bias, multipliers, shifts,
                      residual ? &common : nullptr, format, low, high);
    if (result.getType() != op.getType()) { // collapse channel and multiplier
      SmallVector<ReassociationIndices> groups = {{0}, {1}, {2}, {3, 4}};
      result = tensor::CollapseShapeOp::create(rewriter, linear->getLoc(),
                                               op.getType(), result, groups);
    }
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// A residual operand, its factor to the grid and the grid's to the result.
  struct Residual {
    CodedValue value;
    RescaleFactor in, out;
  };

  /// The layer behind `source`, directly or as an operand of an add whose
  /// other operand is codes of the same shape.
  static Operation *findLayer(Value source,
                              std::optional<CodedValue> &residual) {
    auto linear = [](Value value) -> Operation * {
      Operation *op = value.getDefiningOp();
      return op && value.hasOneUse() &&
                     isa<tosa::Conv2DOp, tosa::DepthwiseConv2DOp,
                         tosa::MatMulOp>(op)
                 ? op
                 : nullptr;
    };
    if (Operation *op = linear(source))
      return op;
    auto add = source.getDefiningOp<tosa::AddOp>();
    if (!add || !source.hasOneUse())
      return nullptr;
    for (auto [mine, other] : {std::pair(add.getInput1(), add.getInput2()),
                               std::pair(add.getInput2(), add.getInput1())}) {
      residual = getCodedValue(other);
      Operation *op = linear(mine);
      if (op && residual && mine.getType() == add.getType() &&
          other.getType() == add.getType())
        return op;
    }
    residual.reset();
    return nullptr;
  }

  static Value buildContract(PatternRewriter &rewriter, Layer &layer,
                             ArrayRef<int32_t> bias,
                             ArrayRef<int32_t> multipliers,
                             ArrayRef<int32_t> shifts, const Residual *residual,
                             quant::UniformQuantizedType format, int32_t low,
                             int32_t high);
};

} // namespace

Value IntegerizeLayer::buildContract(PatternRewriter &rewriter, Layer &layer,
                                     ArrayRef<int32_t> bias,
                                     ArrayRef<int32_t> multipliers,
                                     ArrayRef<int32_t> shifts,
                                     const Residual *residual,
                                     quant::UniformQuantizedType format,
                                     int32_t low, int32_t high) {
  Location loc = layer.op->getLoc();
  Value input = layer.input.codes;
  if (layer.hasPadding()) {
    auto type = cast<RankedTensorType>(input.getType());
    SmallVector<int64_t> shape(type.getShape());
    for (auto [size, before, after] :
         llvm::zip(shape, layer.padLow, layer.padHigh))
      size += before + after;
    input = PadOp::create(rewriter, loc, type.clone(shape), input, layer.padLow,
                          layer.padHigh);
  }
  SmallVector<int64_t> channelShape = layer.getChannelShape();
  SmallVector<Value> operands;
  SmallVector<AffineMap> maps = {layer.lhs, layer.rhs};
  for (ArrayRef<int32_t> values : {bias, multipliers, shifts}) {
    operands.push_back(createI32Tensor(rewriter, loc, values, channelShape));
    maps.push_back(layer.channel);
  }
  auto type = RankedTensorType::get(layer.resultShape, format);
  if (residual) {
    Value codes = residual->value.codes;
    auto flat = cast<RankedTensorType>(codes.getType());
    if (flat.getRank() != type.getRank()) {
      SmallVector<ReassociationIndices> groups = {{0}, {1}, {2}, {3, 4}};
      codes = tensor::ExpandShapeOp::create(
          rewriter, loc, flat.clone(layer.resultShape), codes, groups);
    }
    operands.push_back(codes);
    maps.push_back(layer.result);
  }
  maps.push_back(layer.result);
  Value init =
      tensor::EmptyOp::create(rewriter, loc, layer.resultShape, format);
  auto contract = ContractOp::create(
      rewriter, loc, type, input, shapeWeights(rewriter, layer), operands, init,
      rewriter.getAffineMapArrayAttr(maps), ArrayAttr(), StringAttr());

  OpBuilder::InsertionGuard guard(rewriter);
  SmallVector<Type> types(1 + operands.size(), rewriter.getI32Type());
  SmallVector<Location> locations(types.size(), loc);
  Block *body =
      rewriter.createBlock(&contract.getEpilogue(), {}, types, locations);
  Epilogue build{rewriter, loc};
  Value sum = arith::AddIOp::create(rewriter, loc, body->getArgument(0),
                                    body->getArgument(1));
  Value multiplier = body->getArgument(2), shift = body->getArgument(3);
  int64_t zeroPoint = format.getZeroPoint();
  if (residual) {
    // Beyond 2^29 steps the result saturates whatever the residual is.
    constexpr int64_t limit = int64_t(1) << 29;
    sum = build.rescale(sum, multiplier, shift, 0, 0, -limit, limit);
    Value other = build.rescale(body->getArgument(4),
                                build.constant(residual->in.multiplier),
                                build.constant(residual->in.shift),
                                residual->value.format.getZeroPoint(), 0,
                                std::numeric_limits<int32_t>::min(),
                                std::numeric_limits<int32_t>::max());
    sum = arith::AddIOp::create(rewriter, loc, sum, other);
    multiplier = build.constant(residual->out.multiplier);
    shift = build.constant(residual->out.shift);
  }
  YieldOp::create(
      rewriter, loc,
      build.rescale(sum, multiplier, shift, 0, zeroPoint, low, high));
  return contract.getResult();
}

void lowbit::populateIntegerizeContractionPatterns(
    RewritePatternSet &patterns) {
  patterns.add<IntegerizeLayer>(patterns.getContext());
}
