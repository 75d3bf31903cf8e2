//===- Pooling.cpp - max_pool2d and avg_pool2d on words -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Loops over [batch, height, width, kernel height, kernel width, channel]: the
// channel is innermost, as it is in memory. Padded positions hold a code that
// takes no part: the least one under a maximum, the zero point in a sum.

#include "Patterns.h"
#include "Words.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Loops, maps and sizes of one pooling operation.
class PoolBuilder {
public:
  template <typename OpTy>
  PoolBuilder(ImplicitLocOpBuilder &builder, OpTy op)
      : builder(builder), kernel(op.getKernel()), stride(op.getStride()),
        pad(op.getPad()), result(op.getType()) {}

  /// The input, with `code` around it where windows reach out of it.
  Value padded(Value input, Value code) {
    return surround(builder, input, {0, pad[0], pad[2], 0},
                    {0, pad[1], pad[3], 0}, code);
  }

  /// The sizes of the result.
  SmallVector<OpFoldResult> sizes(Value input) {
    SmallVector<OpFoldResult> sizes =
        getAsIndexOpFoldResult(builder.getContext(), result.getShape());
    for (auto [dim, size] : llvm::enumerate(result.getShape()))
      if (ShapedType::isDynamic(size)) // batch or channel: as in the input
        sizes[dim] =
            tensor::getMixedSize(builder, builder.getLoc(), input, dim);
    return sizes;
  }

  /// Reduces every window of `input` into `init` by `body`, which gets an
  /// element and what came of the elements before.
  Value reduce(Value input, Value init, ScalarBody body) {
    SmallVector<AffineExpr> d(6);
    for (auto [i, expr] : llvm::enumerate(d))
      expr = builder.getAffineDimExpr(i);
    auto map = [&](ArrayRef<AffineExpr> results) {
      return AffineMap::get(6, 0, results, builder.getContext());
    };
    AffineMap window =
        map({d[0], d[1] * stride[0] + d[3], d[2] * stride[1] + d[4], d[5]});
    // Only the shape of this operand matters: it bounds the kernel's loops.
    Value shape = tensor::EmptyOp::create(builder, kernel, builder.getI8Type());
    return loopNest(builder, {input, shape}, init,
                    {window, map({d[3], d[4]}), map({d[0], d[1], d[2], d[5]})},
                    [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
                      return body(inner, {scalars[0], scalars[2]});
                    });
  }

private:
  ImplicitLocOpBuilder &builder;
  ArrayRef<int64_t> kernel, stride, pad;
  RankedTensorType result;
};

/// max_pool2d -> maximum over each window, from the least code on
struct MaterializeMaxPool2d : OpConversionPattern<MaxPool2dOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(MaxPool2dOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type format = op.getType().getElementType();
    PoolBuilder pool(builder, op);
    Value least = constantCode(builder, getStorageRange(format).first, format);
    Value input = pool.padded(adaptor.getInput(), least);
    Value init = filled(builder, pool.sizes(input), least);
    rewriter.replaceOp(
        op, pool.reduce(input, init,
                        [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
                          return maxOfWords(inner, scalars[0], scalars[1],
                                            format);
                        }));
    return success();
  }
};

/// avg_pool2d -> rescale(sum over each window of (code - zi)) + zo
///
/// A window has K positions, padded ones included, each with its zero point:
/// sum of (code - zi) = (sum of codes) - K * zi.
struct MaterializeAvgPool2d : OpConversionPattern<AvgPool2dOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(AvgPool2dOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type from = cast<ShapedType>(op.getInput().getType()).getElementType();
    Type to = op.getType().getElementType();
    int64_t zeroPoint = getZeroPoint(from);
    PoolBuilder pool(builder, op);
    Value input =
        pool.padded(adaptor.getInput(), constantCode(builder, zeroPoint, from));
    Value zero = constantInt(builder, 0, 32);
    Value sums = pool.reduce(
        input, filled(builder, pool.sizes(input), zero),
        [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
          return arith::AddIOp::create(inner, scalars[1],
                                       readCode(inner, scalars[0], from));
        });

    AffineMap identity = builder.getMultiDimIdentityMap(4);
    auto factors = cast<ShapedType>(op.getMultiplier().getType());
    AffineExpr none = builder.getAffineConstantExpr(0);
    AffineMap factor =
        factors.getNumElements() == 1
            ? AffineMap::get(4, 0, {none, none}, builder.getContext())
            : identity.getSubMap({1, 2});
    auto [low, high] = getStorageRange(to);
    // Modulo 2^32, as the sum itself.
    auto zeros =
        static_cast<int32_t>(op.getKernel()[0] * op.getKernel()[1] * zeroPoint);
    rewriter.replaceOp(
        op,
        loopNest(builder, {sums, adaptor.getMultiplier(), adaptor.getShift()},
                 emptyLike(builder, sums, getWordType(to)),
                 {identity, factor, factor, identity},
                 [&, low = low, high = high](ImplicitLocOpBuilder &inner,
                                             ValueRange scalars) {
                   Value rescaled = RescaleOp::create(
                       inner, inner.getI32Type(), scalars[0], scalars[1],
                       scalars[2], op.getRounding(), Saturation::Saturate,
                       zeros, getZeroPoint(to), low, high,
                       /*axis=*/IntegerAttr());
                   return writeCode(inner, rescaled, to);
                 }));
    return success();
  }
};

} // namespace

void lowbit::populatePoolingPatterns(const TypeConverter &converter,
                                     RewritePatternSet &patterns) {
  patterns.add<MaterializeMaxPool2d, MaterializeAvgPool2d>(
      converter, patterns.getContext());
}
