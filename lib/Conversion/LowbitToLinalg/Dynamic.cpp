//===- Dynamic.cpp - encode_dynamic on words ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A pass over the numbers for each parameter, and one for the codes. Extremes do
// not depend on the order of elements, and are found in lanes of vectors. Sums do:
// each is one chain through the elements of its slice in row-major order.

#include "AlternatingSigns.h"
#include "Patterns.h"
#include "Reals.h"

#include "lowbit/Formats/Words.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// encode_dynamic(x) -> the extremes of each slice, scales, zero points, codes
struct MaterializeAffine : OpConversionPattern<EncodeDynamicOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(EncodeDynamicOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto format =
        dyn_cast<AffineType>(op.getResult().getType().getElementType());
    if (!format)
      return rewriter.notifyMatchFailure(op, "its format is not affine");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Value input = adaptor.getInput();
    SliceBuilder slices(builder, input, format.getAxis());
    Type f32 = builder.getF32Type();
    SmallVector<Value> parameters;
    if (!format.getZero()) {
      Value magnitude = findExtreme(slices, input, arith::CmpFPredicate::OGT,
                                    /*absolute=*/true);
      parameters.push_back(slices.forSlices(
          magnitude, f32, [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
            return buildScale(inner, scalars[0], format.getMax());
          }));
    } else {
      Value low = findExtreme(slices, input, arith::CmpFPredicate::OLT,
                              /*absolute=*/false);
      Value high = findExtreme(slices, input, arith::CmpFPredicate::OGT,
                               /*absolute=*/false);
      parameters.push_back(slices.forSlices(
          {low, high}, f32,
          [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
            Value range = arith::SubFOp::create(inner, scalars[1], scalars[0]);
            return buildScale(inner, limitFloat(inner, range),
                              format.getMax() - format.getMin());
          }));
      parameters.push_back(slices.forSlices(
          {low, parameters[0]}, builder.getI32Type(),
          [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
            return buildZeroPoint(inner, scalars[0], scalars[1], format);
          }));
    }
    Value codes = slices.forElements(
        input, parameters, getWordType(format),
        [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
          return buildCode(inner, scalars, format);
        });
    SmallVector<Value> results = {codes};
    llvm::append_range(results, parameters);
    rewriter.replaceOp(op, results);
    return success();
  }

private:
  /// The element of each slice, or its magnitude, that comes first by `order`; 0
  /// is one of them.
  static Value findExtreme(const SliceBuilder &slices, Value input,
                           arith::CmpFPredicate order, bool absolute) {
    return slices.reduceInAnyOrder(
        input, [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
          Value x = limitFloat(inner, scalars[0]);
          if (absolute)
            x = math::AbsFOp::create(inner, x);
          Value isFirst = arith::CmpFOp::create(inner, order, x, scalars[1]);
          return arith::SelectOp::create(inner, isFirst, x, scalars[1]);
        });
  }

  /// range / steps, or 1 where that is 0
  static Value buildScale(ImplicitLocOpBuilder &builder, Value range,
                          int64_t steps) {
    Value scale = arith::DivFOp::create(
        builder, range, constantFloat(builder, static_cast<float>(steps)));
    Value isZero = arith::CmpFOp::create(builder, arith::CmpFPredicate::OEQ,
                                         scale, constantFloat(builder, 0));
    return arith::SelectOp::create(builder, isZero, constantFloat(builder, 1),
                                   scale);
  }

  /// round(clamp(lo - low / s, lo, hi))
  static Value buildZeroPoint(ImplicitLocOpBuilder &builder, Value low,
                              Value scale, AffineType format) {
    Value least = constantFloat(builder, static_cast<float>(format.getMin()));
    Value most = constantFloat(builder, static_cast<float>(format.getMax()));
    Value zero = arith::SubFOp::create(
        builder, least, arith::DivFOp::create(builder, low, scale));
    zero = roundToNearestEven(builder, clampFloat(builder, zero, least, most));
    return arith::FPToSIOp::create(builder, builder.getI32Type(), zero);
  }

  /// clamp(round(x / s) + z, lo, hi); the quotient is below 2^18, even where
  /// rounding makes half of a subnormal scale.
  static Value buildCode(ImplicitLocOpBuilder &builder, ValueRange scalars,
                         AffineType format) {
    Value x = limitFloat(builder, scalars[0]);
    Value steps = roundToNearestEven(
        builder, arith::DivFOp::create(builder, x, scalars[1]));
    Value code = arith::FPToSIOp::create(builder, builder.getI32Type(), steps);
    if (format.getZero())
      code = arith::AddIOp::create(builder, code, scalars[2]);
    code = arith::MaxSIOp::create(builder, code,
                                  constantInt(builder, format.getMin(), 32));
    code = arith::MinSIOp::create(builder, code,
                                  constantInt(builder, format.getMax(), 32));
    return writeCode(builder, code, format);
  }
};

/// encode_dynamic(x) -> for each plane: the mean magnitude of what is left, its
/// signs, and what they leave
struct MaterializeResidual : OpConversionPattern<EncodeDynamicOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(EncodeDynamicOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto format =
        dyn_cast<PlanesType>(op.getResult().getType().getElementType());
    if (!format)
      return rewriter.notifyMatchFailure(op, "its format is not of planes");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Value input = adaptor.getInput();
    SliceBuilder slices(builder, input, format.getAxis());
    Type f32 = builder.getF32Type(), word = getWordType(format);
    Value count = slices.countElements();
    Value numbers = slices.forElements(
        input, {}, f32, [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
          return limitFloat(inner, scalars[0]);
        });
    ScaledSigns signs;
    signs.codes =
        filled(builder, tensor::getMixedSizes(builder, op.getLoc(), input),
               constantInt(builder, 0, word.getIntOrFloatBitWidth()));
    int64_t planes = format.getPlanes();
    Value rest = numbers;
    for (int64_t plane = 0; plane < planes; ++plane)
      rest = addPlane(slices, rest, count, signs, plane);
    for (uint64_t round = 0; round < op.getRounds(); ++round)
      refineSigns(builder, slices, numbers, count, signs);
    OpFoldResult one = builder.getIndexAttr(1);
    Value scales = tensor::EmptyOp::create(
        builder, {slices.getCount(), builder.getIndexAttr(planes)}, f32);
    for (auto [plane, scale] : llvm::enumerate(signs.scales))
      scales = tensor::InsertSliceOp::create(
          builder, scale, scales,
          {builder.getIndexAttr(0), builder.getIndexAttr(plane)},
          {slices.getCount(), one}, {one, one});
    rewriter.replaceOp(op, {signs.codes, scales});
    return success();
  }

private:
  /// Adds the plane number `plane` of what is left, `rest`; what it leaves.
  static Value addPlane(const SliceBuilder &slices, Value rest, Value count,
                        ScaledSigns &signs, int64_t plane) {
    auto elements = cast<RankedTensorType>(rest.getType()).getElementType();
    Type word = cast<RankedTensorType>(signs.codes.getType()).getElementType();
    Value sum = slices.reduce(
        rest, [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
          Value magnitude = math::AbsFOp::create(inner, scalars[0]);
          return arith::AddFOp::create(inner, scalars[1], magnitude);
        });
    Value scale = slices.forSlices(
        sum, elements, [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
          return limitFloat(inner,
                            arith::DivFOp::create(inner, scalars[0], count));
        });
    signs.scales.push_back(scale);
    signs.codes = slices.forElements(
        {signs.codes, rest}, {}, word,
        [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
          unsigned width = word.getIntOrFloatBitWidth();
          Value bit = arith::SelectOp::create(
              inner, isPositive(inner, scalars[1]),
              constantInt(inner, int64_t(1) << plane, width),
              constantInt(inner, 0, width));
          return arith::OrIOp::create(inner, scalars[0], bit);
        });
    return slices.forElements(
        rest, scale, elements,
        [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
          Value lower = arith::SubFOp::create(inner, scalars[0], scalars[1]);
          Value upper = arith::AddFOp::create(inner, scalars[0], scalars[1]);
          return arith::SelectOp::create(inner, isPositive(inner, scalars[0]),
                                         lower, upper);
        });
  }

  static Value isPositive(ImplicitLocOpBuilder &builder, Value value) {
    return arith::CmpFOp::create(builder, arith::CmpFPredicate::OGE, value,
                                 constantFloat(builder, 0));
  }
};

} // namespace

void lowbit::populateDynamicPatterns(const TypeConverter &converter,
                                     RewritePatternSet &patterns) {
  patterns.add<MaterializeAffine, MaterializeResidual>(converter,
                                                       patterns.getContext());
}
