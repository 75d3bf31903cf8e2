//===- MatMul.cpp - products of two computed matrices in integers ---------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where both operands are computed, as in attention, no zero point joins a
// constant bias. With the sums of each row and column relative to zero,
//
//   sum (a - za) (b - zb) = sum a b - zb sum (a - za) - za sum (b - zb)
//                           - count za zb
//
// The sums are made before, in 32 bits, and join the accumulator in the
// epilogue. A zero point of 0, as softmax has it, needs none.

#include "Requantizer.h"

#include "lowbit/Analysis/LinearLayer.h"
#include "lowbit/Transforms/Integerize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// encode(clamp(matmul(decode(x), decode(y)))) -> contract(x, y)
struct IntegerizeMatMul : OpRewritePattern<EncodeOp> {
  IntegerizeMatMul(MLIRContext *context, Profile profile)
      : OpRewritePattern(context), requantizer(profile) {}

  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    Value source = op.getInput();
    auto [min, max] = peelClamps(source);
    auto matmul = source.getDefiningOp<tosa::MatMulOp>();
    if (!matmul || !source.hasOneUse())
      return failure();
    // Constant weights are those of a layer: Contraction.cpp.
    auto decode = matmul.getB().getDefiningOp<DecodeOp>();
    if (!decode || decode.getInput().getDefiningOp<ConstantOp>())
      return failure();
    auto lhs = getCodedValue(matmul.getA());
    auto rhs = getCodedValue(matmul.getB());
    if (!lhs || !rhs)
      return rewriter.notifyMatchFailure(
          op, "an operand of its matmul is not the decode of a per-tensor "
              "format");
    quant::UniformQuantizedType format = getRescaledFormat(op, rewriter);
    if (!format)
      return failure();
    std::string reason;
    std::optional<LinearLayer> loops = describeLinearLayer(matmul, reason);
    if (!loops)
      return rewriter.notifyMatchFailure(op, reason);
    int64_t count = loops->weightShape[1];
    if (!fit(*lhs, *rhs, count))
      return rewriter.notifyMatchFailure(op, "its sums may leave 32 bits");
    auto factors = requantizer.getFactors(
        lhs->format.getScale() * rhs->format.getScale() / format.getScale());
    if (!factors)
      return rewriter.notifyMatchFailure(
          op, "the scale of its sums exceeds the result's by more than 2^29");
    ScaleBounds bounds;
    bounds.outputZero = format.getZeroPoint();
    std::tie(bounds.min, bounds.max) =
        requantizer.getCodeInterval(min, max, format);
    rewriter.replaceOp(op, buildContract(rewriter, matmul.getLoc(), *loops,
                                         *lhs, *rhs, format, *factors, bounds));
    return success();
  }

private:
  /// True if neither sums of products of codes nor of what they stand for
  /// leave 32 bits.
  static bool fit(const CodedValue &lhs, const CodedValue &rhs, int64_t count) {
    auto most = [](const CodedValue &value) {
      auto [low, high] = getStorageRange(value.format);
      return std::max({std::abs(static_cast<double>(low)),
                       std::abs(static_cast<double>(high)),
                       value.getLargestCode()});
    };
    return most(lhs) * most(rhs) * static_cast<double>(count) <=
           std::numeric_limits<int32_t>::max();
  }

  Value buildContract(PatternRewriter &rewriter, Location loc,
                      const LinearLayer &loops, const CodedValue &lhs,
                      const CodedValue &rhs, quant::UniformQuantizedType format,
                      const ScaleFactors &factors,
                      const ScaleBounds &bounds) const;

  Requantizer requantizer;
};

} // namespace

/// The sums of `input` along one of its last two dimensions, without it.
static Value sumAlong(OpBuilder &builder, Location loc, const CodedValue &input,
                      int64_t dimension) {
  SmallVector<ReassociationIndices> groups = {{0}, {1, 2}};
  return tensor::CollapseShapeOp::create(
      builder, loc, createSum(builder, loc, input, dimension).codes, groups);
}

Value IntegerizeMatMul::buildContract(PatternRewriter &rewriter, Location loc,
                                      const LinearLayer &loops,
                                      const CodedValue &lhs,
                                      const CodedValue &rhs,
                                      quant::UniformQuantizedType format,
                                      const ScaleFactors &factors,
                                      const ScaleBounds &bounds) const {
  int64_t lhsZero = lhs.format.getZeroPoint();
  int64_t rhsZero = rhs.format.getZeroPoint();
  SmallVector<AffineMap> maps = {loops.lhs, loops.rhs};
  // What each sum is multiplied by before it is taken away.
  SmallVector<Value> sums;
  SmallVector<int64_t> weights;
  if (rhsZero != 0) {
    sums.push_back(sumAlong(rewriter, loc, lhs, /*dimension=*/2));
    maps.push_back(loops.result.getSubMap({0, 1}));
    weights.push_back(rhsZero);
  }
  if (lhsZero != 0) {
    sums.push_back(sumAlong(rewriter, loc, rhs, /*dimension=*/1));
    maps.push_back(loops.result.getSubMap({0, 2}));
    weights.push_back(lhsZero);
  }
  maps.push_back(loops.result);
  auto type = RankedTensorType::get(loops.resultShape, format);
  Value init =
      tensor::EmptyOp::create(rewriter, loc, loops.resultShape, format);
  auto contract = ContractOp::create(
      rewriter, loc, type, lhs.codes, rhs.codes, sums, init,
      rewriter.getAffineMapArrayAttr(maps), ArrayAttr(), StringAttr());

  OpBuilder::InsertionGuard guard(rewriter);
  SmallVector<Type> types(1 + sums.size(), rewriter.getI32Type());
  SmallVector<Location> locations(types.size(), loc);
  Block *body =
      rewriter.createBlock(&contract.getEpilogue(), {}, types, locations);
  auto subtract = [&](Value value, Value other) -> Value {
    return arith::SubIOp::create(rewriter, loc, value, other);
  };
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(rewriter, loc, value, 32);
  };
  Value value = body->getArgument(0);
  for (auto [sum, weight] :
       llvm::zip(body->getArguments().drop_front(), weights))
    value = subtract(
        value, arith::MulIOp::create(rewriter, loc, sum, constant(weight)));
  if (int64_t zeros = loops.weightShape[1] * lhsZero * rhsZero)
    value = subtract(value, constant(zeros));
  YieldOp::create(rewriter, loc,
                  requantizer.createOnScalar(
                      rewriter, loc, value,
                      requantizer.createScalars(rewriter, loc, factors),
                      bounds));
  return contract.getResult();
}

void lowbit::populateIntegerizeMatMulPatterns(RewritePatternSet &patterns,
                                              Profile profile) {
  patterns.add<IntegerizeMatMul>(patterns.getContext(), profile);
}
