//===- Elementwise.cpp - arithmetic on pairs of words ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One loop nest for each operation, which repeats the elements of operands of
// size 1. The bodies hold lowbit.rescale on scalars, which
// -lowbit-expand-rescale expresses in arith.

#include "Patterns.h"
#include "lowbit/Formats/Words.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Transforms/DialectConversion.h"

#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

static Type formatOf(Value codes) {
  return cast<ShapedType>(codes.getType()).getElementType();
}

namespace {

/// The rescaling of scalars that one operation asks for.
struct ScalarRescale {
  ImplicitLocOpBuilder &builder;
  RescaleMode rounding;
  int32_t multiplier, shift;

  /// The factor's multiple of `code - zero point`, shifted left, as an i32.
  Value operator()(Value code, Type format, int32_t leftShift) const {
    int64_t zeroPoint = getZeroPoint(format);
    if (leftShift != 0) {
      code = arith::SubIOp::create(builder, code,
                                   constantInt(builder, zeroPoint, 32));
      code = arith::ShLIOp::create(builder, code,
                                   constantInt(builder, leftShift, 32));
      zeroPoint = 0;
    }
    return create(code, Saturation::Wrap, zeroPoint, 0,
                  std::numeric_limits<int32_t>::min(),
                  std::numeric_limits<int32_t>::max());
  }
  /// The word of the result, whose codes lie in [min, max].
  Value toResult(Value value, Type format, int32_t min, int32_t max) const {
    return writeCode(
        builder,
        create(value, Saturation::Saturate, 0, getZeroPoint(format), min, max),
        format);
  }

private:
  Value create(Value value, Saturation saturation, int64_t inputZero,
               int64_t outputZero, int32_t min, int32_t max) const {
    return RescaleOp::create(builder, builder.getI32Type(), value,
                             constantInt(builder, multiplier, 32),
                             constantInt(builder, shift, 32), rounding,
                             saturation, inputZero, outputZero, min, max,
                             /*axis=*/IntegerAttr());
  }
};

/// add(l, r) -> clamp(R(R(l - zl << k, 0) +- R(r - zr << k, 1), 2) + zo, min,
/// max)
struct MaterializeAdd : OpConversionPattern<AddOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(AddOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type lhs = formatOf(op.getLhs()), rhs = formatOf(op.getRhs());
    Type result = op.getType().getElementType();
    auto body = [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
      auto rescale = [&](unsigned i) {
        return ScalarRescale{inner, op.getRounding(), op.getMultipliers()[i],
                             op.getShifts()[i]};
      };
      auto shift = static_cast<int32_t>(op.getLeftShift());
      Value left = rescale(0)(readCode(inner, scalars[0], lhs), lhs, shift);
      Value right = rescale(1)(readCode(inner, scalars[1], rhs), rhs, shift);
      Value sum = op.getSubtract()
                      ? Value(arith::SubIOp::create(inner, left, right))
                      : Value(arith::AddIOp::create(inner, left, right));
      return rescale(2).toResult(sum, result, op.getMin(), op.getMax());
    };
    rewriter.replaceOp(op, elementwise(builder, adaptor.getOperands(),
                                       getWordType(result), body));
    return success();
  }
};

/// mul(l, r) -> clamp(R((l - zl) * (r - zr)) + zo, min, max)
struct MaterializeMul : OpConversionPattern<MulOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(MulOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type result = op.getType().getElementType();
    auto body = [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
      auto difference = [&](unsigned i) -> Value {
        Type format = formatOf(op->getOperand(i));
        Value code = readCode(inner, scalars[i], format);
        int64_t zeroPoint = getZeroPoint(format);
        if (zeroPoint == 0)
          return code;
        return arith::SubIOp::create(inner, code,
                                     constantInt(inner, zeroPoint, 32));
      };
      Value product =
          arith::MulIOp::create(inner, difference(0), difference(1));
      ScalarRescale rescale{inner, op.getRounding(),
                            static_cast<int32_t>(op.getMultiplier()),
                            static_cast<int32_t>(op.getShift())};
      return rescale.toResult(product, result, op.getMin(), op.getMax());
    };
    rewriter.replaceOp(op, elementwise(builder, adaptor.getOperands(),
                                       getWordType(result), body));
    return success();
  }
};

/// maximum, minimum -> the larger, the smaller of two words
template <typename OpTy, auto choose>
struct MaterializeExtremum : OpConversionPattern<OpTy> {
  using Base = OpConversionPattern<OpTy>;
  using Base::Base;
  LogicalResult
  matchAndRewrite(OpTy op, typename OpTy::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type format = op.getType().getElementType();
    rewriter.replaceOp(
        op, elementwise(builder, adaptor.getOperands(), getWordType(format),
                        [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
                          return choose(inner, scalars[0], scalars[1], format);
                        }));
    return success();
  }
};

} // namespace

void lowbit::populateElementwisePatterns(const TypeConverter &converter,
                                         RewritePatternSet &patterns) {
  patterns.add<MaterializeAdd, MaterializeMul,
               MaterializeExtremum<MaximumOp, maxOfWords>,
               MaterializeExtremum<MinimumOp, minOfWords>>(
      converter, patterns.getContext());
}
