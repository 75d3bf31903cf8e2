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
// Sums of few bits are coarse beside a real bias: they are shifted left before.
// A residual add is done on a common 32-bit grid before the one rescaling to
// the result's format; the sum itself never becomes 8 bits wide.

#include "Layer.h"
#include "Requantizer.h"

#include "lowbit/Analysis/QuantizationUnit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// encode(clamp(layer(decode(x), decode(w)) [+ decode(r)])) -> contract
struct IntegerizeLayer : OpRewritePattern<EncodeOp> {
  IntegerizeLayer(MLIRContext *context, Profile profile)
      : OpRewritePattern(context), requantizer(profile) {}

  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    if (op.countsThresholds())
      return failure(); // Thresholds.cpp
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
    bool isSums = !residual && linear == op.getInput().getDefiningOp() &&
                  isSumsFormat(op.getType());
    quant::UniformQuantizedType format = isSums
                                             ? getSumsFormat(op.getContext())
                                             : getRescaledFormat(op, rewriter);
    if (!format || failed(describeLayer(linear, layer, rewriter)) ||
        failed(sumWeights(layer, channels, rewriter)))
      return failure();
    ArrayRef<double> sumScales;
    if (isSums)
      sumScales = cast<quant::UniformQuantizedPerAxisType>(
                      op.getType().getElementType())
                      .getScales();
    if (isSums && sumScales.size() != channels.size())
      return rewriter.notifyMatchFailure(
          op, "its scales are not one for each channel of its layer");
    unsigned places = 0;
    // Codes that are the sums themselves have their scale.
    bool isOwnScale = getStorageRange(format) ==
                      getStorageRange(getSumsFormat(op.getContext()));
    double outScale = format.getScale();
    if (isOwnScale)
      places = refineSumsTo(isSums ? sumScales : ArrayRef(outScale), channels);
    else if (!requantizer.isTflite())
      places = refineSums(layer, channels, format.getScale());
    if (failed(computeBias(layer, channels, rewriter)))
      return failure();

    // One grid step: the result's for a plain layer; with a residual, fine
    // enough for 2^28 steps to hold the residual and twice the result's range.
    double grid = outScale;
    if (residual) {
      CodedValue result{Value(), format};
      grid = (residual->getMagnitude() + 2 * result.getMagnitude()) / (1 << 28);
    }
    SmallVector<int32_t> bias;
    SmallVector<double> real;
    bool perTensor = isFullyConnectedPerTensor(layer);
    for (auto [i, channel] : llvm::enumerate(channels)) {
      bias.push_back(channel.bias);
      double ratio = requantizer.getLayerRatio(
          channel.scale, isSums ? sumScales[i] : grid, perTensor);
      // Sums in their own scale, which is rounded to f32, are exact.
      bool isWide = format.getStorageTypeIntegralWidth() == 32;
      real.push_back(isWide && std::abs(ratio - 1) < 0x1p-22 ? 1 : ratio);
    }
    auto factors = requantizer.getFactors(real);
    if (!factors)
      return rewriter.notifyMatchFailure(
          op, "the scale of its sums exceeds the result's by more than 2^29");
    Residual common;
    if (residual) {
      auto inFactor =
          requantizer.getFactors(residual->format.getScale() / grid);
      auto outFactor = requantizer.getFactors(grid / outScale);
      if (!inFactor || !outFactor)
        return rewriter.notifyMatchFailure(
            op, "the scales of its residual add differ by more than 2^29");
      common = {*residual, *inFactor, *outFactor};
    }
    ScaleBounds bounds;
    bounds.outputZero = format.getZeroPoint();
    std::tie(bounds.min, bounds.max) =
        requantizer.getCodeInterval(min, max, format);
    // Sums that fit 32 bits are their own codes.
    if (isOwnScale && !residual &&
        llvm::all_of(real, [](double ratio) { return ratio == 1; }) &&
        std::pair(bounds.min, bounds.max) == getStorageRange(format))
      factors = ScaleFactors();
    Value result = buildContract(rewriter, layer, places, bias, *factors,
                                 residual ? &common : nullptr, format, bounds);
    auto type = op.getType().clone(format);
    if (result.getType() != type) { // collapse channel and multiplier
      SmallVector<ReassociationIndices> groups = {{0}, {1}, {2}, {3, 4}};
      result = tensor::CollapseShapeOp::create(rewriter, linear->getLoc(), type,
                                               result, groups);
    }
    if (isSums)
      result =
          ReinterpretOp::create(rewriter, op.getLoc(), op.getType(), result);
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// A residual operand, its factor to the grid and the grid's to the result.
  struct Residual {
    CodedValue value;
    ScaleFactors in, out;
  };

  /// The layer behind `source`, directly or as an operand of an add whose
  /// other operand is codes of the same shape.
  static Operation *findLayer(Value source,
                              std::optional<CodedValue> &residual) {
    auto linear = [](Value value) -> Operation * {
      Operation *op = value.getDefiningOp();
      return op && value.hasOneUse() &&
                     isa<tosa::Conv2DOp, tosa::DepthwiseConv2DOp,
                         GroupedConv2dOp, tosa::MatMulOp>(op)
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

  /// True for i32 with a scale for each index of the last dimension: sums of a
  /// layer with as many scales of its weights.
  static bool isSumsFormat(RankedTensorType type) {
    auto format =
        dyn_cast<quant::UniformQuantizedPerAxisType>(type.getElementType());
    return format && format.getQuantizedDimension() + 1 == type.getRank() &&
           format.getStorageType().isInteger(32) && format.isSigned() &&
           getStorageRange(format) ==
               getStorageRange(getSumsFormat(type.getContext())) &&
           llvm::all_of(format.getZeroPoints(),
                        [](int64_t zero) { return zero == 0; });
  }

  /// A fully connected layer is a matmul, or a convolution of one position.
  static bool isFullyConnectedPerTensor(const Layer &layer) {
    Operation *op = layer.op;
    auto onePosition = [](Value value, int64_t dim) {
      return cast<ShapedType>(value.getType()).getShape().slice(dim, 2) ==
             ArrayRef<int64_t>({1, 1});
    };
    return isa<quant::UniformQuantizedType>(
               cast<ShapedType>(ConstantOp(layer.weights).getType())
                   .getElementType()) &&
           (isa<tosa::MatMulOp>(op) ||
            (isa<tosa::Conv2DOp>(op) && onePosition(op->getOperand(0), 1) &&
             onePosition(op->getOperand(1), 1)));
  }

  Value buildContract(PatternRewriter &rewriter, Layer &layer, unsigned places,
                      ArrayRef<int32_t> bias, const ScaleFactors &factors,
                      const Residual *residual,
                      quant::UniformQuantizedType format,
                      const ScaleBounds &bounds) const;

  Requantizer requantizer;
};

} // namespace

Value IntegerizeLayer::buildContract(PatternRewriter &rewriter, Layer &layer,
                                     unsigned places, ArrayRef<int32_t> bias,
                                     const ScaleFactors &factors,
                                     const Residual *residual,
                                     quant::UniformQuantizedType format,
                                     const ScaleBounds &bounds) const {
  Location loc = layer.op->getLoc();
  SmallVector<int64_t> channelShape = layer.getChannelShape();
  SmallVector<Value> operands = {
      createI32Tensor(rewriter, loc, bias, channelShape)};
  bool isRescaled = factors.size() > 0;
  if (isRescaled)
    llvm::append_range(operands, requantizer.createTensors(
                                     rewriter, loc, factors, channelShape));
  SmallVector<AffineMap> maps(operands.size(), layer.channel);
  if (residual) {
    Value codes = residual->value.codes;
    auto flat = cast<RankedTensorType>(codes.getType());
    if (flat.getShape() != ArrayRef<int64_t>(layer.resultShape)) {
      SmallVector<ReassociationIndices> groups = {{0}, {1}, {2}, {3, 4}};
      codes = tensor::ExpandShapeOp::create(
          rewriter, loc, flat.clone(layer.resultShape), codes, groups);
    }
    operands.push_back(codes);
    maps.push_back(layer.result);
  }
  auto epilogue = [&](OpBuilder &builder, Location loc, ValueRange arguments) {
    Value sum = arguments[0];
    if (places > 0)
      sum = arith::ShLIOp::create(
          builder, loc, sum,
          arith::ConstantIntOp::create(builder, loc, places, 32));
    sum = arith::AddIOp::create(builder, loc, sum, arguments[1]);
    if (!isRescaled)
      return sum;
    arguments = arguments.drop_front(2);
    SmallVector<Value> last(arguments);
    if (residual) {
      // Beyond 2^29 steps the result saturates whatever the residual is.
      ScaleBounds limits;
      limits.max = int64_t(1) << 29;
      limits.min = -limits.max;
      sum = requantizer.createOnScalar(builder, loc, sum, arguments.drop_back(),
                                       limits);
      ScaleBounds all;
      all.inputZero = residual->value.format.getZeroPoint();
      Value other = requantizer.createOnScalar(
          builder, loc, arguments.back(),
          requantizer.createScalars(builder, loc, residual->in), all);
      sum = arith::AddIOp::create(builder, loc, sum, other);
      last = requantizer.createScalars(builder, loc, residual->out);
    }
    return requantizer.createOnScalar(builder, loc, sum, last, bounds);
  };
  return createContract(rewriter, layer, operands, maps, format, epilogue);
}

void lowbit::populateIntegerizeContractionPatterns(RewritePatternSet &patterns,
                                                   Profile profile) {
  patterns.add<IntegerizeLayer>(patterns.getContext(), profile);
}
