//===- Requantize.cpp - requantize on words -------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The body holds lowbit.requantize on scalars, which -lowbit-expand-rescale
// expresses in arith.

#include "Patterns.h"
#include "SliceBuilder.h"
#include "lowbit/Formats/Words.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// requantize on a tensor -> loops with requantize on scalars
struct MaterializeRequantize : OpConversionPattern<RequantizeOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(RequantizeOp op, OpAdaptor adaptor,
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
        op, loopNest(builder, {adaptor.getValue(), adaptor.getScale()},
                     emptyLike(builder, adaptor.getValue(), getWordType(to)),
                     {identity, factor, identity},
                     [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
                       Value code = RequantizeOp::create(
                           inner, inner.getI32Type(),
                           readCode(inner, scalars[0], from), scalars[1],
                           op.getInputZeroPoint(), op.getOutputZeroPoint(),
                           op.getMin(), op.getMax(), /*axis=*/IntegerAttr());
                       return writeCode(inner, code, to);
                     }));
    return success();
  }
};

} // namespace

void lowbit::populateRequantizePatterns(const TypeConverter &converter,
                                        RewritePatternSet &patterns) {
  patterns.add<MaterializeRequantize>(converter, patterns.getContext());
}
