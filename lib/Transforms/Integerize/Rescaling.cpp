//===- Rescaling.cpp - concat, pooling, clamp in integers ---------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Patterns whose integer form is a sum of rescaled codes, and what all
// integerize patterns share.

#include "Requantizer.h"

#include "lowbit/Analysis/QuantizationUnit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

//===----------------------------------------------------------------------===//
// Shared
//===----------------------------------------------------------------------===//

/// True if zero is a code, and code - zero point an i32, as fixed-point
/// arithmetic and padding need.
static bool hasUsableZero(quant::UniformQuantizedType format) {
  int64_t zero = format.getZeroPoint();
  int64_t low = format.getStorageTypeMin(), high = format.getStorageTypeMax();
  return low <= zero && zero <= high && llvm::isInt<32>(zero) &&
         llvm::isInt<32>(low - zero) && llvm::isInt<32>(high - zero);
}

std::optional<CodedValue> lowbit::getCodedValue(Value real) {
  auto decode = real.getDefiningOp<DecodeOp>();
  if (!decode)
    return std::nullopt;
  auto format = dyn_cast<quant::UniformQuantizedType>(
      cast<ShapedType>(decode.getInput().getType()).getElementType());
  if (!format || !hasUsableZero(format))
    return std::nullopt;
  return CodedValue{decode.getInput(), format};
}

std::pair<double, double> lowbit::peelClamps(Value &value) {
  double min = -std::numeric_limits<double>::infinity(), max = -min;
  while (auto clamp = value.getDefiningOp<tosa::ClampOp>()) {
    auto low = dyn_cast<FloatAttr>(clamp.getMinValAttr());
    auto high = dyn_cast<FloatAttr>(clamp.getMaxValAttr());
    if (!low || !high || !clamp->hasOneUse())
      break;
    // The inner clamp is applied first: the outer interval confines it.
    double least = low.getValueAsDouble(), most = high.getValueAsDouble();
    min = std::min(std::max(least, min), max);
    max = std::max(std::min(most, max), min);
    value = clamp.getInput();
  }
  return {min, max};
}

Value lowbit::createI32Tensor(OpBuilder &builder, Location loc,
                              ArrayRef<int32_t> values,
                              ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, builder.getI32Type());
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(type, values));
}

quant::UniformQuantizedType
lowbit::getRescaledFormat(EncodeOp op, PatternRewriter &rewriter) {
  auto format =
      dyn_cast<quant::UniformQuantizedType>(op.getType().getElementType());
  Operation *producer = op.getInput().getDefiningOp();
  if (producer && getQuantizationUnit(producer).root->hasAttr("lowbit.reason"))
    (void)rewriter.notifyMatchFailure(op, "its input is to stay in float");
  else if (!format)
    (void)rewriter.notifyMatchFailure(op, "its format is not per tensor");
  else if (!hasUsableZero(format))
    (void)rewriter.notifyMatchFailure(
        op, "the zero point of its format is not one of its codes");
  else if (op.countsThresholds())
    (void)rewriter.notifyMatchFailure(op, "its codes count thresholds");
  else if (op.getRounding() != Rounding::NearestEven ||
           op.getSaturation() != Saturation::Saturate)
    (void)rewriter.notifyMatchFailure(
        op, "integer rescaling rounds to nearest and saturates only");
  else if (op.getScaling() == Scaling::DivideShift)
    (void)rewriter.notifyMatchFailure(
        op, "its zero point is added before it rounds");
  else
    return format;
  return {};
}

namespace {

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

/// A pattern that changes scales as `requantizer` does.
struct RescalingPattern : OpRewritePattern<EncodeOp> {
  RescalingPattern(MLIRContext *context, Profile profile)
      : OpRewritePattern(context), requantizer(profile) {}

  Requantizer requantizer;
};

/// encode(clamp(decode(x))) -> rescale(x), with the clamp in its range
struct IntegerizeFormatChange : RescalingPattern {
  using RescalingPattern::RescalingPattern;
  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    Value source = op.getInput();
    auto [min, max] = peelClamps(source);
    if (!source.getDefiningOp<DecodeOp>())
      return failure();
    std::optional<CodedValue> input = getCodedValue(source);
    if (!input)
      return rewriter.notifyMatchFailure(
          op, "its input is not the decode of a per-tensor format");
    if (!requantizer.isFixedPoint())
      return failure(); // A table has the very numbers of decode and encode.
    quant::UniformQuantizedType format = getRescaledFormat(op, rewriter);
    if (!format)
      return failure();
    auto factor =
        requantizer.getFactors(input->format.getScale() / format.getScale());
    if (!factor)
      return rewriter.notifyMatchFailure(
          op, "the scales differ by a factor of more than 2^29");
    rewriter.replaceOp(op, requantizer.createOnTensor(
                               rewriter, op.getLoc(), *input, format, *factor,
                               requantizer.getCodeInterval(min, max, format)));
    return success();
  }
};

/// encode(concat(decode(x), ...)) -> concat(rescale(x), ...)
struct IntegerizeConcat : RescalingPattern {
  using RescalingPattern::RescalingPattern;
  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    auto concat = op.getInput().getDefiningOp<tosa::ConcatOp>();
    if (!concat)
      return failure();
    quant::UniformQuantizedType format = getRescaledFormat(op, rewriter);
    if (!format)
      return failure();
    SmallVector<CodedValue> inputs;
    SmallVector<ScaleFactors> factors;
    for (Value real : concat.getInput1()) {
      auto input = getCodedValue(real);
      if (!input)
        return rewriter.notifyMatchFailure(op,
                                           "an operand of its concat is not "
                                           "the decode of a per-tensor format");
      if (input->format != format && !requantizer.isFixedPoint())
        return rewriter.notifyMatchFailure(
            op, "profile onnx changes formats by decode and encode");
      auto factor =
          requantizer.getFactors(input->format.getScale() / format.getScale());
      if (!factor)
        return rewriter.notifyMatchFailure(
            op,
            "the scales of its concat differ by a factor of more than 2^29");
      inputs.push_back(*input);
      factors.push_back(*factor);
    }
    SmallVector<Value> parts;
    for (auto [input, factor] : llvm::zip(inputs, factors))
      parts.push_back(
          input.format == format
              ? input.codes
              : requantizer.createOnTensor(
                    rewriter, op.getLoc(), input, format, factor,
                    {format.getStorageTypeMin(), format.getStorageTypeMax()}));
    rewriter.replaceOpWithNewOp<ConcatOp>(op, op.getType(), parts,
                                          concat.getAxis());
    return success();
  }
};

/// encode(avg_pool2d(decode(x))) -> avg_pool2d(x), with 1 / n in the factor
struct IntegerizeAvgPool : RescalingPattern {
  using RescalingPattern::RescalingPattern;
  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    auto pool = op.getInput().getDefiningOp<tosa::AvgPool2dOp>();
    if (!pool)
      return failure();
    if (!requantizer.isFixedPoint())
      return rewriter.notifyMatchFailure(op,
                                         "profile onnx averages real numbers");
    auto input = getCodedValue(pool.getInput());
    if (!input)
      return rewriter.notifyMatchFailure(
          op, "the input of its avg_pool2d is not the decode of a per-tensor "
              "format");
    quant::UniformQuantizedType format = getRescaledFormat(op, rewriter);
    if (!format)
      return failure();
    auto type = cast<RankedTensorType>(input->codes.getType());
    if (!type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "its shape is dynamic");
    auto [least, most] = getStorageRange(input->format);
    int64_t widest = std::max({most - least, most, -least});
    if (pool.getKernel()[0] * pool.getKernel()[1] >
        std::numeric_limits<int32_t>::max() / std::max<int64_t>(widest, 1))
      return rewriter.notifyMatchFailure(
          op, "the sums of its avg_pool2d may leave 32 bits");

    // Windows at the border hold fewer elements: padding does not count.
    auto inside = [&](int dim, int64_t index) {
      int64_t start = index * pool.getStride()[dim] - pool.getPad()[2 * dim];
      int64_t end =
          std::min(start + pool.getKernel()[dim], type.getDimSize(1 + dim));
      return end - std::max<int64_t>(start, 0);
    };
    if (requantizer.isTflite())
      return integerizeMean(op, pool, *input, format, rewriter);
    SmallVector<double> real;
    ArrayRef<int64_t> shape = op.getType().getShape();
    for (int64_t row = 0; row < shape[1]; ++row)
      for (int64_t column = 0; column < shape[2]; ++column) {
        int64_t count = inside(0, row) * inside(1, column);
        if (count < 1)
          return rewriter.notifyMatchFailure(
              op, "a window of its avg_pool2d holds padding only");
        real.push_back(input->format.getScale() / (format.getScale() * count));
      }
    auto factors = requantizer.getFactors(real);
    if (!factors)
      return rewriter.notifyMatchFailure(
          op, "the scales of its avg_pool2d differ by a factor of more than "
              "2^29");
    SmallVector<int64_t> factorShape(shape.slice(1, 2));
    if (factors->isUniform()) {
      factorShape = {1, 1};
      factors->resize(1);
    }
    SmallVector<Value> operands =
        requantizer.createTensors(rewriter, op.getLoc(), *factors, factorShape);
    rewriter.replaceOpWithNewOp<AvgPool2dOp>(
        op, op.getType(), input->codes, pool.getKernel(), pool.getStride(),
        pool.getPad(), operands[0], operands[1], requantizer.getRounding());
    return success();
  }

private:
  /// TFLite averages codes in the input's format; another one comes after.
  LogicalResult integerizeMean(EncodeOp op, tosa::AvgPool2dOp pool,
                               const CodedValue &input,
                               quant::UniformQuantizedType format,
                               PatternRewriter &rewriter) const {
    auto factor =
        requantizer.getFactors(input.format.getScale() / format.getScale());
    if (!factor)
      return rewriter.notifyMatchFailure(
          op, "the scales of its avg_pool2d differ by a factor of more than "
              "2^29");
    CodedValue mean{MeanPool2dOp::create(rewriter, op.getLoc(),
                                         op.getType().clone(input.format),
                                         input.codes, pool.getKernel(),
                                         pool.getStride(), pool.getPad()),
                    input.format};
    rewriter.replaceOp(
        op,
        input.format == format
            ? mean.codes
            : requantizer.createOnTensor(
                  rewriter, op.getLoc(), mean, format, *factor,
                  {format.getStorageTypeMin(), format.getStorageTypeMax()}));
    return success();
  }
};

} // namespace

void lowbit::populateIntegerizeRescalingPatterns(RewritePatternSet &patterns,
                                                 Profile profile) {
  patterns.add<IntegerizeFormatChange, IntegerizeConcat, IntegerizeAvgPool>(
      patterns.getContext(), profile);
}
