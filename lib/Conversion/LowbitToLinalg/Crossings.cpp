//===- Crossings.cpp - encode and decode on words -------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The only places where real numbers and codes meet. Every float operation here
// is one IEEE operation, without fast-math flags: the results are the same on
// every target. No conversion to integers is ever out of range, so nothing is
// poison: values are clamped as floats before.

#include "Patterns.h"
#include "Reals.h"
#include "StochasticRounding.h"
#include "lowbit/Formats/Words.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Scales and zero points of an affine format: one, or one for each index along
/// `axis`.
struct AffineParameters {
  explicit AffineParameters(Type format) {
    if (auto uniform = dyn_cast<quant::UniformQuantizedType>(format)) {
      scales.push_back(static_cast<float>(uniform.getScale()));
      zeroPoints.push_back(uniform.getZeroPoint());
      return;
    }
    auto perAxis = cast<quant::UniformQuantizedPerAxisType>(format);
    axis = perAxis.getQuantizedDimension();
    for (double scale : perAxis.getScales())
      scales.push_back(static_cast<float>(scale));
    llvm::append_range(zeroPoints, perAxis.getZeroPoints());
  }

  /// The extremes of code - zero point over all codes and channels.
  std::pair<int64_t, int64_t> differences(Type format) const {
    auto [low, high] = getStorageRange(format);
    return {low - *llvm::max_element(zeroPoints),
            high - *llvm::min_element(zeroPoints)};
  }

  std::optional<int64_t> axis;
  SmallVector<float> scales;
  SmallVector<int64_t> zeroPoints;
};

/// A loop nest over one tensor, with a factor and a zero point for each
/// element.
class CrossingBuilder {
public:
  using Body = llvm::function_ref<Value(ImplicitLocOpBuilder &, Value element,
                                        Value factor, Value zeroPoint)>;

  CrossingBuilder(ImplicitLocOpBuilder &builder, AffineParameters parameters)
      : builder(builder), parameters(std::move(parameters)) {}

  /// `factors` are those of the channels, or the one of the tensor. Zero points
  /// are i32.
  Value build(Value input, ArrayRef<float> factors, Type element, Body body) {
    auto type = cast<RankedTensorType>(input.getType());
    AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
    SmallVector<Value> inputs = {input};
    SmallVector<AffineMap> maps = {identity};
    auto addChannels = [&](DenseElementsAttr values) {
      inputs.push_back(arith::ConstantOp::create(builder, values));
      maps.push_back(identity.getSubMap({unsigned(*parameters.axis)}));
    };
    int64_t count = factors.size();
    if (parameters.axis)
      addChannels(DenseElementsAttr::get(
          RankedTensorType::get({count}, builder.getF32Type()), factors));
    bool oneZeroPoint = llvm::all_equal(parameters.zeroPoints);
    if (!oneZeroPoint)
      addChannels(DenseElementsAttr::get(
          RankedTensorType::get({count}, builder.getI32Type()),
          ArrayRef(llvm::to_vector_of<int32_t>(parameters.zeroPoints))));
    maps.push_back(identity);
    return loopNest(
        builder, inputs, emptyLike(builder, input, element), maps,
        [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
          Value factor =
              parameters.axis
                  ? scalars[1]
                  : arith::ConstantOp::create(
                        inner, inner.getF32FloatAttr(factors.front()));
          Value zeroPoint =
              oneZeroPoint
                  ? constantInt(inner, parameters.zeroPoints.front(), 32)
                  : scalars[2];
          return body(inner, scalars[0], factor, zeroPoint);
        });
  }

private:
  ImplicitLocOpBuilder &builder;
  AffineParameters parameters;
};

/// Rounds the magnitude of `value` up if its fraction is above `limit`, else
/// down. The fraction is exact; from 2^23 on floats are integers and have none.
Value roundByFraction(ImplicitLocOpBuilder &builder, Value value, float limit) {
  Value magnitude = math::AbsFOp::create(builder, value);
  Value whole = math::FloorOp::create(builder, magnitude);
  Value fraction = arith::SubFOp::create(builder, magnitude, whole);
  Value next =
      arith::AddFOp::create(builder, whole, constantFloat(builder, 1.0f));
  Value rises = arith::CmpFOp::create(builder, arith::CmpFPredicate::OGT,
                                      fraction, constantFloat(builder, limit));
  Value rounded = arith::SelectOp::create(builder, rises, next, whole);
  return math::CopySignOp::create(builder, rounded, value);
}

Value roundFloat(ImplicitLocOpBuilder &builder, Value value,
                 Rounding rounding) {
  switch (rounding) {
  case Rounding::NearestEven:
    return roundToNearestEven(builder, value);
  case Rounding::NearestAway:
    return math::RoundOp::create(builder, value);
  case Rounding::Floor:
    return math::FloorOp::create(builder, value);
  case Rounding::Ceil:
    return math::CeilOp::create(builder, value);
  case Rounding::TowardZero:
    return math::TruncOp::create(builder, value);
  case Rounding::AwayFromZero:
    return roundByFraction(builder, value, 0.0f);
  case Rounding::NearestTowardZero:
    return roundByFraction(builder, value, 0.5f);
  case Rounding::Stochastic:
    break;
  }
  llvm_unreachable("a rounding that needs random words, or none");
}

/// encode(x) -> clamp(round(x * r) + z, lo, hi), r = f32(1 / s), or with x / s,
/// or clamp(round(x / s + z), lo, hi)
struct MaterializeEncode : OpConversionPattern<EncodeOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(EncodeOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (op.countsThresholds())
      return rewriter.notifyMatchFailure(op, "it counts thresholds");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type format = op.getType().getElementType();
    AffineParameters parameters(format);
    bool divide = op.getScaling() != Scaling::Multiply;
    // The zero point is added before rounding, and not again.
    bool shift = op.getScaling() == Scaling::DivideShift;
    SmallVector<float> factors;
    for (float scale : parameters.scales)
      factors.push_back(divide ? scale : 1.0f / scale);
    auto [least, most] =
        shift ? getStorageRange(format) : parameters.differences(format);
    constexpr int64_t exact = int64_t(1) << 24;
    bool narrow = least >= -exact && most <= exact;
    bool wrap = op.getSaturation() == Saturation::Wrap;
    std::optional<StochasticRounding> random;
    if (op.getRounding() == Rounding::Stochastic)
      random.emplace(builder, adaptor.getInput(),
                     RandomWords{static_cast<uint32_t>(*op.getSeed()),
                                 static_cast<uint32_t>(*op.getTensorId())});
    CrossingBuilder crossing(builder, parameters);
    rewriter.replaceOp(
        op,
        crossing.build(
            adaptor.getInput(), factors, getWordType(format),
            [&](ImplicitLocOpBuilder &inner, Value x, Value factor,
                Value zeroPoint) {
              Value scaled =
                  divide ? arith::DivFOp::create(inner, x, factor).getResult()
                         : arith::MulFOp::create(inner, x, factor);
              Value ofNaN = constantFloat(inner, 0.0f);
              if (shift) {
                ofNaN = arith::SIToFPOp::create(inner, inner.getF32Type(),
                                                zeroPoint);
                scaled = arith::AddFOp::create(inner, scaled, ofNaN);
                zeroPoint = constantInt(inner, 0, 32);
              }
              Value rounded = random
                                  ? random->round(inner, scaled)
                                  : roundFloat(inner, scaled, op.getRounding());
              // NaN takes the way of zero.
              Value isNaN = arith::CmpFOp::create(
                  inner, arith::CmpFPredicate::UNO, rounded, rounded);
              rounded = arith::SelectOp::create(inner, isNaN, ofNaN, rounded);
              if (wrap)
                return wrapInteger(inner, rounded, zeroPoint, format);
              if (narrow)
                return saturateNarrow(inner, rounded, zeroPoint, format);
              return saturateWide(inner, rounded, zeroPoint, format);
            }));
    return success();
  }

private:
  /// Defined for |value| < 2^31 only: the clamp keeps others from being poison.
  static Value wrapInteger(ImplicitLocOpBuilder &builder, Value value,
                           Value zeroPoint, Type format) {
    value = clampFloat(builder, value, constantFloat(builder, -0x1p31f),
                       constantFloat(builder, 0x1.fffffep30f));
    Value integer =
        arith::FPToSIOp::create(builder, builder.getI32Type(), value);
    return writeLowBits(
        builder, arith::AddIOp::create(builder, integer, zeroPoint), format);
  }

  /// The bounds lo - z and hi - z are exact in f32: |bound| <= 2^24.
  static Value saturateNarrow(ImplicitLocOpBuilder &builder, Value value,
                              Value zeroPoint, Type format) {
    auto [low, high] = getStorageRange(format);
    auto bound = [&](int64_t code) -> Value {
      Value difference = arith::SubIOp::create(
          builder, constantInt(builder, code, 32), zeroPoint);
      return arith::SIToFPOp::create(builder, builder.getF32Type(), difference);
    };
    value = clampFloat(builder, value, bound(low), bound(high));
    Value integer =
        arith::FPToSIOp::create(builder, builder.getI32Type(), value);
    return writeCode(
        builder, arith::AddIOp::create(builder, integer, zeroPoint), format);
  }

  /// Bounds beyond 2^24 may round in f32, so the exact ones are taken in i64,
  /// where |value + z| < 2^62 + 2^31 fits.
  static Value saturateWide(ImplicitLocOpBuilder &builder, Value value,
                            Value zeroPoint, Type format) {
    auto [low, high] = getStorageRange(format);
    Type i64 = builder.getI64Type();
    value = clampFloat(builder, value, constantFloat(builder, -0x1p62f),
                       constantFloat(builder, 0x1p62f));
    Value integer = arith::FPToSIOp::create(builder, i64, value);
    integer = arith::AddIOp::create(
        builder, integer, arith::ExtSIOp::create(builder, i64, zeroPoint));
    integer =
        arith::MaxSIOp::create(builder, integer, constantInt(builder, low, 64));
    integer = arith::MinSIOp::create(builder, integer,
                                     constantInt(builder, high, 64));
    return writeCode(builder, integer, format);
  }
};

/// decode(q) -> f32(q - z) * f32(s)
struct MaterializeDecode : OpConversionPattern<DecodeOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(DecodeOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type format =
        cast<RankedTensorType>(op.getInput().getType()).getElementType();
    if (!isa<quant::QuantizedType>(format))
      return rewriter.notifyMatchFailure(op, "the format is not affine");
    AffineParameters parameters(format);
    auto [least, most] = parameters.differences(format);
    unsigned width = llvm::isInt<32>(least) && llvm::isInt<32>(most) ? 32 : 64;
    CrossingBuilder crossing(builder, parameters);
    rewriter.replaceOp(
        op, crossing.build(
                adaptor.getInput(), parameters.scales, builder.getF32Type(),
                [&](ImplicitLocOpBuilder &inner, Value word, Value scale,
                    Value zeroPoint) -> Value {
                  Type f32 = inner.getF32Type();
                  Value code = readCode(inner, word, format, width);
                  if (width == 64)
                    zeroPoint = arith::ExtSIOp::create(
                        inner, inner.getI64Type(), zeroPoint);
                  Value steps = arith::SubIOp::create(inner, code, zeroPoint);
                  Value real = arith::SIToFPOp::create(inner, f32, steps);
                  return arith::MulFOp::create(inner, real, scale);
                }));
    return success();
  }
};

} // namespace

void lowbit::populateCrossingPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns) {
  patterns.add<MaterializeEncode, MaterializeDecode>(converter,
                                                     patterns.getContext());
}
