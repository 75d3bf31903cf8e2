//===- FixedPoint.cpp - rescale and add on words --------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Fixed-point arithmetic, element by element. The bodies hold lowbit.rescale on
// scalars, which -lowbit-expand-rescale expresses in arith.

#include "Patterns.h"
#include "Words.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// rescale on a tensor -> loops with rescale on scalars
struct MaterializeRescale : OpConversionPattern<RescaleOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(RescaleOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto result = dyn_cast<RankedTensorType>(op.getType());
    if (!result)
      return rewriter.notifyMatchFailure(op, "is on scalars already");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type from = cast<ShapedType>(op.getValue().getType()).getElementType();
    Type to = result.getElementType();
    AffineMap identity = builder.getMultiDimIdentityMap(result.getRank());
    AffineMap factor = op.getAxis()
                           ? identity.getSubMap({unsigned(*op.getAxis())})
                           : AffineMap::get(result.getRank(), 0,
                                            builder.getAffineConstantExpr(0));
    rewriter.replaceOp(
        op, loopNest(builder,
                     {adaptor.getValue(), adaptor.getMultiplier(),
                      adaptor.getShift()},
                     emptyLike(builder, adaptor.getValue(), getWordType(to)),
                     {identity, factor, factor, identity},
                     [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
                       Value rescaled = RescaleOp::create(
                           inner, inner.getI32Type(),
                           readCode(inner, scalars[0], from), scalars[1],
                           scalars[2], op.getRounding(), op.getSaturation(),
                           op.getInputZeroPoint(), op.getOutputZeroPoint(),
                           op.getMin(), op.getMax(), /*axis=*/IntegerAttr());
                       bool wrap = op.getSaturation() == Saturation::Wrap;
                       return wrap && isa<quant::QuantizedType>(to)
                                  ? writeLowBits(inner, rescaled, to)
                                  : writeCode(inner, rescaled, to);
                     }));
    return success();
  }
};

/// add(l, r) -> clamp(R(R(l - zl, 0) + R(r - zr, 1), 2) + zo, min, max)
struct MaterializeAdd : OpConversionPattern<AddOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(AddOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type result = op.getType().getElementType();
    Type formats[2] = {
        cast<ShapedType>(op.getLhs().getType()).getElementType(),
        cast<ShapedType>(op.getRhs().getType()).getElementType()};
    rewriter.replaceOp(
        op,
        elementwise(
            builder, {adaptor.getLhs(), adaptor.getRhs()}, getWordType(result),
            [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
              auto rescale = [&](Value value, unsigned i, Saturation saturation,
                                 int64_t inputZero, int64_t outputZero,
                                 int32_t min, int32_t max) -> Value {
                return RescaleOp::create(
                    inner, inner.getI32Type(), value,
                    constantInt(inner, op.getMultipliers()[i], 32),
                    constantInt(inner, op.getShifts()[i], 32), op.getRounding(),
                    saturation, inputZero, outputZero, min, max,
                    /*axis=*/IntegerAttr());
              };
              SmallVector<Value> terms;
              for (auto [i, format] : llvm::enumerate(formats))
                terms.push_back(rescale(readCode(inner, scalars[i], format), i,
                                        Saturation::Wrap, getZeroPoint(format),
                                        0, std::numeric_limits<int32_t>::min(),
                                        std::numeric_limits<int32_t>::max()));
              Value sum = arith::AddIOp::create(inner, terms[0], terms[1]);
              sum = rescale(sum, 2, Saturation::Saturate, 0,
                            getZeroPoint(result), op.getMin(), op.getMax());
              return writeCode(inner, sum, result);
            }));
    return success();
  }
};

} // namespace

void lowbit::populateFixedPointPatterns(const TypeConverter &converter,
                                        RewritePatternSet &patterns) {
  patterns.add<MaterializeRescale, MaterializeAdd>(converter,
                                                   patterns.getContext());
}
