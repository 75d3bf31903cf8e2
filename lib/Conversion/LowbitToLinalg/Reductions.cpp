//===- Reductions.cpp - sums and largest words ----------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"
#include "lowbit/Formats/Words.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// sum(x) -> loops that add code - zi up, to a tensor without the dimensions
/// that are summed over, which get their size of 1 back
struct MaterializeSum : OpConversionPattern<SumOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(SumOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type format = cast<ShapedType>(op.getInput().getType()).getElementType();
    int64_t rank = op.getType().getRank();
    SmallVector<OpFoldResult> sizes, kept;
    SmallVector<AffineExpr> index;
    SmallVector<ReassociationIndices> groups;
    for (int64_t dim = 0; dim < rank; ++dim) {
      bool isKept = !llvm::is_contained(op.getDimensions(), dim);
      OpFoldResult size = builder.getIndexAttr(1);
      if (isKept) {
        size =
            tensor::getMixedSize(builder, op.getLoc(), adaptor.getInput(), dim);
        kept.push_back(size);
        index.push_back(builder.getAffineDimExpr(dim));
        groups.emplace_back();
        // Ones before the first kept dimension belong to it.
        for (int64_t before = groups.size() == 1 ? 0 : dim; before < dim;
             ++before)
          groups.back().push_back(before);
      }
      if (!groups.empty())
        groups.back().push_back(dim);
      sizes.push_back(size);
    }
    Value zero = constantInt(builder, 0, 32);
    Value sums =
        loopNest(builder, adaptor.getInput(), filled(builder, kept, zero),
                 {builder.getMultiDimIdentityMap(rank),
                  AffineMap::get(rank, 0, index, builder.getContext())},
                 [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
                   Value code = readCode(inner, scalars[0], format);
                   if (int64_t zeroPoint = getZeroPoint(format))
                     code = arith::SubIOp::create(
                         inner, code, constantInt(inner, zeroPoint, 32));
                   return arith::AddIOp::create(inner, scalars[1], code);
                 });
    auto type = op.getType().clone(builder.getI32Type());
    rewriter.replaceOp(
        op, tensor::ExpandShapeOp::create(builder, type, sums, groups, sizes));
    return success();
  }
};

/// arg_max(x) -> loops that keep the largest code so far and its position
struct MaterializeArgMax : OpConversionPattern<ArgMaxOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(ArgMaxOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Value input = adaptor.getInput();
    Type format = cast<ShapedType>(op.getInput().getType()).getElementType();
    int64_t rank = cast<ShapedType>(input.getType()).getRank();
    auto axis = static_cast<int64_t>(op.getAxis());
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(builder, op.getLoc(), input);
    sizes.erase(sizes.begin() + axis);
    AffineMap identity = builder.getMultiDimIdentityMap(rank);
    AffineMap result = identity.dropResult(axis);
    SmallVector<utils::IteratorType> iterators(rank,
                                               utils::IteratorType::parallel);
    iterators[axis] = utils::IteratorType::reduction;
    // The first code is larger than, or equal to, where the search starts.
    constexpr int64_t least = std::numeric_limits<int64_t>::min();
    Value largest = filled(builder, sizes, constantInt(builder, least, 64));
    Value position = filled(builder, sizes, constantInt(builder, 0, 32));
    auto loops = linalg::GenericOp::create(
        builder, TypeRange{largest.getType(), position.getType()}, input,
        ValueRange{largest, position}, {identity, result, result}, iterators,
        [&](OpBuilder &inner, Location loc, ValueRange scalars) {
          ImplicitLocOpBuilder scope(loc, inner);
          Value code = readCode(scope, scalars[0], format, 64);
          Value better = arith::CmpIOp::create(scope, arith::CmpIPredicate::sgt,
                                               code, scalars[1]);
          Value index = arith::IndexCastOp::create(
              scope, scope.getI32Type(), linalg::IndexOp::create(scope, axis));
          linalg::YieldOp::create(
              scope,
              ValueRange{
                  arith::SelectOp::create(scope, better, code, scalars[1]),
                  arith::SelectOp::create(scope, better, index, scalars[2])});
        });
    rewriter.replaceOp(op, loops.getResult(1));
    return success();
  }
};

} // namespace

void lowbit::populateReductionPatterns(const TypeConverter &converter,
                                       RewritePatternSet &patterns) {
  patterns.add<MaterializeSum, MaterializeArgMax>(converter,
                                                  patterns.getContext());
}
