//===- Movement.cpp - concat, gather, pad and transpose on words ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Codes move, their values stay. Destinations are made before what is written
// into them, so that -eliminate-empty-tensors lets producers write in place.

#include "Patterns.h"
#include "lowbit/Formats/Words.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// concat(x...) -> insert_slice of each x into one tensor.empty
struct MaterializeConcat : OpConversionPattern<ConcatOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(ConcatOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    int64_t axis = op.getAxis(), rank = op.getType().getRank();
    Value first = adaptor.getInputs().front();
    SmallVector<OpFoldResult> whole =
        tensor::getMixedSizes(builder, op.getLoc(), first);
    whole[axis] = builder.getIndexAttr(op.getType().getDimSize(axis));
    Value joined = tensor::EmptyOp::create(
        builder, whole, getWordType(op.getType().getElementType()));
    SmallVector<OpFoldResult> offsets(rank, builder.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(rank, builder.getIndexAttr(1));
    int64_t offset = 0;
    for (Value input : adaptor.getInputs()) {
      offsets[axis] = builder.getIndexAttr(offset);
      joined = tensor::InsertSliceOp::create(
          builder, input, joined, offsets,
          tensor::getMixedSizes(builder, op.getLoc(), input), strides);
      offset += cast<RankedTensorType>(input.getType()).getDimSize(axis);
    }
    rewriter.replaceOp(op, joined);
    return success();
  }
};

/// gather(x, i) -> loops that extract x[n, i clamped to what there is, c]
struct MaterializeGather : OpConversionPattern<GatherOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(GatherOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Value input = adaptor.getInput(), indices = adaptor.getIndices();
    auto type = cast<RankedTensorType>(indices.getType());
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(builder, op.getLoc(), input);
    sizes[1] = tensor::getMixedSize(builder, op.getLoc(), indices, 1);
    int64_t count = cast<ShapedType>(input.getType()).getDimSize(1);
    Value first = constantInt(builder, 0, 32);
    Value last = constantInt(builder, count - 1, 32);
    AffineExpr row = builder.getAffineDimExpr(0);
    if (type.getDimSize(0) == 1)
      row = builder.getAffineConstantExpr(0);
    AffineMap positions = AffineMap::get(
        3, 0, {row, builder.getAffineDimExpr(1)}, builder.getContext());
    Value init = tensor::EmptyOp::create(
        builder, sizes, getWordType(op.getType().getElementType()));
    rewriter.replaceOp(
        op, loopNest(builder, indices, init,
                     {positions, builder.getMultiDimIdentityMap(3)},
                     [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
                       Value inside =
                           arith::MaxSIOp::create(inner, scalars[0], first);
                       inside = arith::MinSIOp::create(inner, inside, last);
                       Value index = arith::IndexCastOp::create(
                           inner, inner.getIndexType(), inside);
                       Value batch = linalg::IndexOp::create(inner, 0);
                       Value channel = linalg::IndexOp::create(inner, 2);
                       return tensor::ExtractOp::create(
                           inner, input, ValueRange{batch, index, channel});
                     }));
    return success();
  }
};

/// pad(x) -> insert_slice of x into a tensor filled with the zero point
struct MaterializePad : OpConversionPattern<PadOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(PadOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type format = op.getType().getElementType();
    rewriter.replaceOp(
        op, surround(builder, adaptor.getInput(), op.getLow(), op.getHigh(),
                     constantCode(builder, getZeroPoint(format), format)));
    return success();
  }
};

/// transpose -> linalg.transpose
struct MaterializeTranspose : OpConversionPattern<TransposeOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(TransposeOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    SmallVector<OpFoldResult> from =
        tensor::getMixedSizes(builder, op.getLoc(), adaptor.getInput());
    SmallVector<OpFoldResult> sizes;
    for (int64_t dim : op.getPermutation())
      sizes.push_back(from[dim]);
    Value empty = tensor::EmptyOp::create(
        builder, sizes, getWordType(op.getType().getElementType()));
    rewriter.replaceOpWithNewOp<linalg::TransposeOp>(
        op, adaptor.getInput(), empty, op.getPermutation());
    return success();
  }
};

} // namespace

void lowbit::populateMovementPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns) {
  patterns.add<MaterializeConcat, MaterializeGather, MaterializePad,
               MaterializeTranspose>(converter, patterns.getContext());
}
