//===- DecomposeComposites.cpp - float composites in TOSA ---------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_DECOMPOSECOMPOSITESPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// The `shift` operand of a float tosa.mul.
static Value zeroShift(OpBuilder &builder, Location loc) {
  auto type = RankedTensorType::get({1}, builder.getI8Type());
  return tosa::ConstOp::create(
      builder, loc, type,
      DenseElementsAttr::get(type, builder.getI8IntegerAttr(0)));
}

namespace {

/// softmax(x) -> exp(x - max(x)) * (1 / sum(exp(x - max(x))))
struct DecomposeSoftmax : OpRewritePattern<SoftmaxOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(SoftmaxOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape[op.getAxis()] = 1;
    auto reduced = type.clone(shape);
    IntegerAttr axis = rewriter.getI32IntegerAttr(op.getAxis());
    Value max =
        tosa::ReduceMaxOp::create(rewriter, loc, reduced, op.getInput(), axis);
    Value shifted =
        tosa::SubOp::create(rewriter, loc, type, op.getInput(), max);
    Value exponential = tosa::ExpOp::create(rewriter, loc, type, shifted);
    Value sum =
        tosa::ReduceSumOp::create(rewriter, loc, reduced, exponential, axis);
    Value inverse = tosa::ReciprocalOp::create(rewriter, loc, reduced, sum);
    rewriter.replaceOpWithNewOp<tosa::MulOp>(op, type, exponential, inverse,
                                             zeroShift(rewriter, loc));
    return success();
  }
};

/// batch_norm(x) -> (x - mean) * (scale * rsqrt(variance + epsilon)) + offset
struct DecomposeBatchNorm : OpRewritePattern<BatchNormOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(BatchNormOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    auto channels = cast<RankedTensorType>(op.getScale().getType());
    auto scalar = RankedTensorType::get({1}, rewriter.getF32Type());
    Value epsilon = tosa::ConstOp::create(
        rewriter, loc, scalar,
        DenseElementsAttr::get(scalar, op.getEpsilonAttr()));
    Value variance =
        tosa::AddOp::create(rewriter, loc, channels, op.getVariance(), epsilon);
    Value inverse = tosa::RsqrtOp::create(rewriter, loc, channels, variance);
    Value factor = tosa::MulOp::create(rewriter, loc, channels, op.getScale(),
                                       inverse, zeroShift(rewriter, loc));
    // TOSA broadcasts equal ranks only.
    SmallVector<int64_t> shape(type.getRank(), 1);
    shape.back() = channels.getDimSize(0);
    auto broadcast = [&](Value value) -> Value {
      Value target = tosa::getTosaConstShape(rewriter, loc, shape);
      return tosa::ReshapeOp::create(rewriter, loc, channels.clone(shape),
                                     value, target);
    };
    Value centred = tosa::SubOp::create(rewriter, loc, type, op.getInput(),
                                        broadcast(op.getMean()));
    Value scaled =
        tosa::MulOp::create(rewriter, loc, type, centred, broadcast(factor),
                            zeroShift(rewriter, loc));
    rewriter.replaceOpWithNewOp<tosa::AddOp>(op, type, scaled,
                                             broadcast(op.getOffset()));
    return success();
  }
};

struct DecomposeCompositesPass
    : lowbit::impl::DecomposeCompositesPassBase<DecomposeCompositesPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    set.add<DecomposeSoftmax, DecomposeBatchNorm>(context);
    patterns = std::move(set);
    return success();
  }
  void runOnOperation() override {
    if (failed(applyPatternsGreedily(getOperation(), patterns)))
      signalPassFailure();
  }

private:
  FrozenRewritePatternSet patterns;
};

} // namespace
