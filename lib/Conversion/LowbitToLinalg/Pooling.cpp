//===- Pooling.cpp - windows of pooling on words -------------------===//
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
#include "lowbit/Formats/Words.h"

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

/// mean_pool2d -> (sum of codes) / n, rounded away from 0 at ties
///
/// Padded positions add 0, whatever the zero point; n counts the others.
struct MaterializeMeanPool2d : OpConversionPattern<MeanPool2dOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(MeanPool2dOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type format = op.getType().getElementType();
    PoolBuilder pool(builder, op);
    Value input =
        pool.padded(adaptor.getInput(),
                    arith::ConstantOp::create(
                        builder, builder.getZeroAttr(getWordType(format))));
    Value sums = pool.reduce(
        input, filled(builder, pool.sizes(input), constantInt(builder, 0, 32)),
        [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
          return arith::AddIOp::create(inner, scalars[1],
                                       readCode(inner, scalars[0], format));
        });

    AffineMap identity = builder.getMultiDimIdentityMap(4);
    Value counts = arith::ConstantOp::create(builder, countPositions(op));
    rewriter.replaceOp(
        op, loopNest(builder, {sums, counts},
                     emptyLike(builder, sums, getWordType(format)),
                     {identity, identity.getSubMap({1, 2}), identity},
                     [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
                       return writeCode(inner,
                                        divide(inner, scalars[0], scalars[1]),
                                        format);
                     }));
    return success();
  }

private:
  /// The number of positions inside the input, for each of the result.
  static DenseElementsAttr countPositions(MeanPool2dOp op) {
    ArrayRef<int64_t> sizes =
        cast<ShapedType>(op.getInput().getType()).getShape();
    ArrayRef<int64_t> shape = op.getType().getShape().slice(1, 2);
    auto inside = [&](int dim, int64_t index) {
      int64_t start = index * op.getStride()[dim] - op.getPad()[2 * dim];
      int64_t end = std::min(start + op.getKernel()[dim], sizes[1 + dim]);
      return static_cast<int32_t>(end - std::max<int64_t>(start, 0));
    };
    SmallVector<int32_t> counts;
    for (int64_t row = 0; row < shape[0]; ++row)
      for (int64_t column = 0; column < shape[1]; ++column)
        counts.push_back(inside(0, row) * inside(1, column));
    auto type =
        RankedTensorType::get(shape, IntegerType::get(op.getContext(), 32));
    return DenseElementsAttr::get(type, ArrayRef<int32_t>(counts));
  }

  /// (sum +- n / 2) / n, with the sign of the sum and divisions toward 0.
  static Value divide(ImplicitLocOpBuilder &builder, Value sum, Value count) {
    Value half =
        arith::ShRUIOp::create(builder, count, constantInt(builder, 1, 32));
    Value isPositive = arith::CmpIOp::create(builder, arith::CmpIPredicate::sgt,
                                             sum, constantInt(builder, 0, 32));
    Value rounded = arith::SelectOp::create(
        builder, isPositive, arith::AddIOp::create(builder, sum, half),
        arith::SubIOp::create(builder, sum, half));
    return arith::DivSIOp::create(builder, rounded, count);
  }
};

} // namespace

void lowbit::populatePoolingPatterns(const TypeConverter &converter,
                                     RewritePatternSet &patterns) {
  patterns
      .add<MaterializeMaxPool2d, MaterializeAvgPool2d, MaterializeMeanPool2d>(
          converter, patterns.getContext());
}
