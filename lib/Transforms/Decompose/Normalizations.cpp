//===- Normalizations.cpp - softmax and norms in TOSA -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Decompose.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// softmax(x) -> exp(x - max(x)) * (1 / sum(exp(x - max(x))))
struct DecomposeSoftmax : OpRewritePattern<SoftmaxOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(SoftmaxOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    TosaArithmetic t(rewriter, op.getLoc(), type);
    int64_t axis = op.getAxis();
    Value x = op.getInput();
    Value exponential = t.exp(t.sub(x, t.reduce<tosa::ReduceMaxOp>(x, axis)));
    Value sum = t.reduce<tosa::ReduceSumOp>(exponential, axis);
    Value inverse = t.of(cast<RankedTensorType>(sum.getType())).reciprocal(sum);
    rewriter.replaceOp(op, t.mul(exponential, inverse));
    return success();
  }
};

/// log_softmax(x) -> (x - max(x)) - log(sum(exp(x - max(x))))
struct DecomposeLogSoftmax : OpRewritePattern<LogSoftmaxOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(LogSoftmaxOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    TosaArithmetic t(rewriter, op.getLoc(), type);
    int64_t axis = op.getAxis();
    Value x = op.getInput();
    Value shifted = t.sub(x, t.reduce<tosa::ReduceMaxOp>(x, axis));
    Value sum = t.reduce<tosa::ReduceSumOp>(t.exp(shifted), axis);
    Value log = t.of(cast<RankedTensorType>(sum.getType())).log(sum);
    rewriter.replaceOp(op, t.sub(shifted, log));
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
    TosaArithmetic t(rewriter, loc, type), c = t.of(channels);
    Value epsilon = c.number(op.getEpsilon().convertToFloat());
    Value factor =
        c.mul(op.getScale(), c.rsqrt(c.add(op.getVariance(), epsilon)));
    // TOSA broadcasts equal ranks only.
    SmallVector<int64_t> shape(type.getRank(), 1);
    shape.back() = channels.getDimSize(0);
    auto broadcast = [&](Value value) -> Value {
      Value target = tosa::getTosaConstShape(rewriter, loc, shape);
      return tosa::ReshapeOp::create(rewriter, loc, channels.clone(shape),
                                     value, target);
    };
    Value centred = t.sub(op.getInput(), broadcast(op.getMean()));
    Value scaled = t.mul(centred, broadcast(factor));
    rewriter.replaceOp(op, t.add(scaled, broadcast(op.getOffset())));
    return success();
  }
};

/// layer_norm(x) -> (x - mean(x)) * rsqrt(mean((x - mean(x))^2) + epsilon)
///                  * scale + offset
struct DecomposeLayerNorm : OpRewritePattern<LayerNormOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(LayerNormOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<int64_t> shape(type.getShape());
    int64_t count = 1;
    for (int64_t axis : op.getAxes())
      count *= std::exchange(shape[axis], 1);
    TosaArithmetic t(rewriter, op.getLoc(), type);
    TosaArithmetic statistics = t.of(type.clone(shape));
    auto mean = [&](Value value) {
      for (int64_t axis : op.getAxes())
        value = statistics.reduce<tosa::ReduceSumOp>(value, axis);
      return statistics.mul(value, statistics.number(1.0 / count));
    };
    Value centred = t.sub(op.getInput(), mean(op.getInput()));
    Value variance = mean(t.mul(centred, centred));
    Value epsilon = statistics.number(op.getEpsilon().convertToFloat());
    Value inverse = statistics.rsqrt(statistics.add(variance, epsilon));
    Value normalized = t.mul(centred, inverse);
    rewriter.replaceOp(op,
                       t.add(t.mul(normalized, op.getScale()), op.getOffset()));
    return success();
  }
};

} // namespace

void lowbit::populateDecomposeNormalizationPatterns(
    RewritePatternSet &patterns) {
  patterns.add<DecomposeSoftmax, DecomposeLogSoftmax, DecomposeBatchNorm,
               DecomposeLayerNorm>(patterns.getContext());
}
