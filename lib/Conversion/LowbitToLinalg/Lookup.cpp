//===- Lookup.cpp - table, threshold and table_softmax on words -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Functions of one variable as tables and thresholds, and the softmax that is
// made of two tables. Indices never leave a table, whatever words come in.

#include "Patterns.h"
#include "lowbit/Formats/Words.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// table[i], `i` unsigned
Value lookUp(ImplicitLocOpBuilder &builder, Value table, Value i) {
  Value index =
      arith::IndexCastUIOp::create(builder, builder.getIndexType(), i);
  return tensor::ExtractOp::create(builder, table, ValueRange{index});
}

/// table(q) -> t[q - lo]
struct MaterializeTable : OpConversionPattern<TableOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(TableOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type from = cast<ShapedType>(op.getInput().getType()).getElementType();
    Type to = op.getType().getElementType();
    auto [low, high] = getStorageRange(from);
    int64_t words = int64_t(1) << getWordType(from).getIntOrFloatBitWidth();
    bool partial = high - low + 1 < words;
    rewriter.replaceOp(
        op,
        elementwise(builder, adaptor.getInput(), getWordType(to),
                    [&, low = low, high = high](ImplicitLocOpBuilder &inner,
                                                ValueRange scalars) {
                      Value code = readCode(inner, scalars[0], from);
                      if (partial) { // words outside the storage range exist
                        code = arith::MaxSIOp::create(
                            inner, code, constantInt(inner, low, 32));
                        code = arith::MinSIOp::create(
                            inner, code, constantInt(inner, high, 32));
                      }
                      Value index = arith::SubIOp::create(
                          inner, code, constantInt(inner, low, 32));
                      return lookUp(inner, adaptor.getTable(), index);
                    }));
    return success();
  }
};

/// threshold(v) -> lo + sum over t of (v >= t), or (v <= t) where falling
struct MaterializeThreshold : OpConversionPattern<ThresholdOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(ThresholdOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type format = op.getType().getElementType();
    int64_t rank = op.getType().getRank();
    int64_t rows = cast<ShapedType>(op.getThresholds().getType()).getDimSize(0);
    AffineMap loops = builder.getMultiDimIdentityMap(rank + 1);
    AffineMap element = loops.getMajorSubMap(rank);
    AffineExpr row = rows == 1 ? builder.getAffineConstantExpr(0)
                               : builder.getAffineDimExpr(op.getAxis());
    AffineExpr step = builder.getAffineDimExpr(rank);
    auto map = [&](ArrayRef<AffineExpr> results) {
      return AffineMap::get(rank + 1, 0, results, builder.getContext());
    };
    SmallVector<Value> inputs = {adaptor.getInput(), adaptor.getThresholds()};
    SmallVector<AffineMap> maps = {element, map({row, step})};
    bool mixed = !op.getFalling().empty() && !llvm::all_equal(op.getFalling());
    if (mixed) {
      auto type = RankedTensorType::get({rows}, builder.getI1Type());
      inputs.push_back(arith::ConstantOp::create(
          builder, DenseElementsAttr::get(type, op.getFalling())));
      maps.push_back(map({row}));
    }
    maps.push_back(element);
    Value least = constantCode(builder, getStorageRange(format).first, format);
    Value init = filled(
        builder,
        tensor::getMixedSizes(builder, op.getLoc(), adaptor.getInput()), least);
    rewriter.replaceOp(
        op,
        loopNest(builder, inputs, init, maps,
                 [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
                   auto compare = [&](arith::CmpIPredicate predicate) -> Value {
                     return arith::CmpIOp::create(inner, predicate, scalars[0],
                                                  scalars[1]);
                   };
                   Value reached;
                   if (mixed)
                     reached = arith::SelectOp::create(
                         inner, scalars[2], compare(arith::CmpIPredicate::sle),
                         compare(arith::CmpIPredicate::sge));
                   else if (!op.getFalling().empty() && op.getFalling().front())
                     reached = compare(arith::CmpIPredicate::sle);
                   else
                     reached = compare(arith::CmpIPredicate::sge);
                   Value one = arith::ExtUIOp::create(
                       inner, getWordType(format), reached);
                   return arith::AddIOp::create(inner, scalars.back(), one);
                 }));
    return success();
  }
};

/// e = (coarse[d >> 8] * fine[d & 255] + 2^29) >> 30,  d = max - code
/// result = min(hi, lo + (e * levels + sum(e) / 2) / sum(e))
struct MaterializeTableSoftmax : OpConversionPattern<TableSoftmaxOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(TableSoftmaxOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type from = cast<ShapedType>(op.getInput().getType()).getElementType();
    Type to = op.getType().getElementType();
    unsigned rank = op.getType().getRank();
    AffineMap element = builder.getMultiDimIdentityMap(rank);
    AffineMap row = element.dropResult(rank - 1);
    SmallVector<OpFoldResult> rows =
        tensor::getMixedSizes(builder, op.getLoc(), adaptor.getInput());
    rows.pop_back();

    Value least = constantCode(builder, getStorageRange(from).first, from);
    Value largest = loopNest(
        builder, adaptor.getInput(), filled(builder, rows, least),
        {element, row}, [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
          return maxOfWords(inner, scalars[0], scalars[1], from);
        });
    Value exponentials =
        loopNest(builder, {adaptor.getInput(), largest},
                 emptyLike(builder, adaptor.getInput(), builder.getI32Type()),
                 {element, row, element},
                 [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
                   Value distance = arith::SubIOp::create(
                       inner, readCode(inner, scalars[1], from),
                       readCode(inner, scalars[0], from));
                   return exponential(inner, distance, adaptor.getCoarse(),
                                      adaptor.getFine());
                 });
    Value sums = loopNest(
        builder, exponentials,
        filled(builder, rows, constantInt(builder, 0, 64)), {element, row},
        [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
          Value wide =
              arith::ExtUIOp::create(inner, inner.getI64Type(), scalars[0]);
          return arith::AddIOp::create(inner, scalars[1], wide);
        });
    rewriter.replaceOp(
        op, loopNest(builder, {exponentials, sums},
                     emptyLike(builder, exponentials, getWordType(to)),
                     {element, row, element},
                     [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
                       return quotient(inner, scalars[0], scalars[1],
                                       op.getLevels(), to);
                     }));
    return success();
  }

private:
  /// At most 2^30, so i32 holds it.
  static Value exponential(ImplicitLocOpBuilder &builder, Value distance,
                           Value coarse, Value fine) {
    Type i64 = builder.getI64Type();
    auto factor = [&](Value table, Value index) -> Value {
      return arith::ExtUIOp::create(builder, i64,
                                    lookUp(builder, table, index));
    };
    Value high =
        arith::ShRUIOp::create(builder, distance, constantInt(builder, 8, 32));
    Value low =
        arith::AndIOp::create(builder, distance, constantInt(builder, 255, 32));
    Value product =
        arith::MulIOp::create(builder, factor(coarse, high), factor(fine, low));
    product = arith::AddIOp::create(builder, product,
                                    constantInt(builder, int64_t(1) << 29, 64));
    product =
        arith::ShRUIOp::create(builder, product, constantInt(builder, 30, 64));
    return arith::TruncIOp::create(builder, builder.getI32Type(), product);
  }

  /// e * levels < 2^61, and lo + quotient fits i64.
  static Value quotient(ImplicitLocOpBuilder &builder, Value exponential,
                        Value sum, int64_t levels, Type format) {
    auto [low, high] = getStorageRange(format);
    // The largest code adds 2^30, unless the tables hold no exponentials.
    sum = arith::MaxUIOp::create(builder, sum, constantInt(builder, 1, 64));
    Value wide =
        arith::ExtUIOp::create(builder, builder.getI64Type(), exponential);
    Value dividend =
        arith::MulIOp::create(builder, wide, constantInt(builder, levels, 64));
    Value half =
        arith::ShRUIOp::create(builder, sum, constantInt(builder, 1, 64));
    dividend = arith::AddIOp::create(builder, dividend, half);
    Value code = arith::DivUIOp::create(builder, dividend, sum);
    code = arith::AddIOp::create(builder, code, constantInt(builder, low, 64));
    code =
        arith::MinSIOp::create(builder, code, constantInt(builder, high, 64));
    return writeCode(builder, code, format);
  }
};

} // namespace

void lowbit::populateLookupPatterns(const TypeConverter &converter,
                                    RewritePatternSet &patterns) {
  patterns.add<MaterializeTable, MaterializeThreshold, MaterializeTableSoftmax>(
      converter, patterns.getContext());
}
