//===- FixedPoint.cpp - rescale on words ----------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The body holds lowbit.rescale on scalars, which -lowbit-expand-rescale
// expresses in arith.

#include "Patterns.h"
#include "SliceBuilder.h"
#include "lowbit/Formats/Words.h"

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
    AffineMap factor = mapToSlice(identity, op.getAxis());
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

} // namespace

void lowbit::populateFixedPointPatterns(const TypeConverter &converter,
                                        RewritePatternSet &patterns) {
  patterns.add<MaterializeRescale>(converter, patterns.getContext());
}
