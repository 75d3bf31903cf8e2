//===- ExpandRescale.cpp - changes of scale in arith ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The one place that knows rescaling's arithmetic in terms of machine numbers.
//
// lowbit.rescale in integers: |u| <= 2^31, 0 <= m < 2^31 and the rounding term is at most 2^61 +
// 2^30, so every intermediate fits 64 bits.
//
// RescaleForms.cpp has shorter forms for operands of which more is known.
//
// lowbit.requantize in f64: each operation is one of IEEE, and the number is
// clamped before it is converted, so nothing is poison.

#include "RescaleForms.h"

#include "lowbit/Conversion/Passes.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_EXPANDRESCALEPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// value - zeroPoint, in 32 bits.
static Value subtractZeroPoint(const ShapedBuilder &build, Value value,
                               int32_t zeroPoint) {
  if (zeroPoint == 0)
    return value;
  return arith::SubIOp::create(build.builder, build.loc, value,
                               build.constant(zeroPoint, 32));
}

namespace {

struct ExpandRescale : OpRewritePattern<RescaleOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(RescaleOp op,
                                PatternRewriter &rewriter) const override {
    if (isa<TensorType>(op.getValue().getType()))
      return rewriter.notifyMatchFailure(
          op, "rescales a tensor; use -lowbit-materialize-codes first");
    Location loc = op.getLoc();
    ShapedBuilder build{rewriter, loc, op.getValue().getType()};

    Value value =
        subtractZeroPoint(build, op.getValue(), op.getInputZeroPoint());
    if (Value result = rescaleShort(build, value, op)) {
      rewriter.replaceOp(op, result);
      return success();
    }
    Value wide = build.wide(value), shift = build.wide(op.getShift());
    Value product = arith::MulIOp::create(rewriter, loc, wide,
                                          build.wide(op.getMultiplier()));
    Value one = build.constant(1, 64);
    Value half = arith::ShLIOp::create(
        rewriter, loc, one, arith::SubIOp::create(rewriter, loc, shift, one));
    product = arith::AddIOp::create(rewriter, loc, product, half);
    if (op.getRounding() == RescaleMode::DoubleRound)
      product = addSecondRounding(build, product, wide, shift);
    Value result = arith::ShRSIOp::create(rewriter, loc, product, shift);
    if (int32_t zeroPoint = op.getOutputZeroPoint())
      result = arith::AddIOp::create(rewriter, loc, result,
                                     build.constant(zeroPoint, 64));
    if (op.getSaturation() == Saturation::Saturate) {
      result = arith::MaxSIOp::create(
          rewriter, loc, result,
          build.constant(static_cast<int32_t>(op.getMin()), 64));
      result = arith::MinSIOp::create(
          rewriter, loc, result,
          build.constant(static_cast<int32_t>(op.getMax()), 64));
    }
    rewriter.replaceOpWithNewOp<arith::TruncIOp>(op, build.type(32), result);
    return success();
  }

private:
  /// product + (shift > 31 ? (value >= 0 ? 2^30 : -2^30) : 0)
  static Value addSecondRounding(const ShapedBuilder &build, Value product,
                                 Value value, Value shift) {
    OpBuilder &builder = build.builder;
    Location loc = build.loc;
    Value zero = build.constant(0, 64);
    Value negative = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::slt, value, zero);
    Value away = arith::SelectOp::create(
        builder, loc, negative, build.constant(-(int64_t(1) << 30), 64),
        build.constant(int64_t(1) << 30, 64));
    Value large = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sgt,
                                        shift, build.constant(31, 64));
    Value term = arith::SelectOp::create(builder, loc, large, away, zero);
    return arith::AddIOp::create(builder, loc, product, term);
  }
};

/// requantize -> i32(roundeven(clamp(f64(u) * f64(scale) + z, min, max)))
struct ExpandRequantize : OpRewritePattern<RequantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(RequantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (isa<TensorType>(op.getValue().getType()))
      return rewriter.notifyMatchFailure(
          op, "requantizes a tensor; use -lowbit-materialize-codes first");
    Location loc = op.getLoc();
    ShapedBuilder build{rewriter, loc, op.getValue().getType()};

    Value value =
        subtractZeroPoint(build, op.getValue(), op.getInputZeroPoint());
    Value real = arith::SIToFPOp::create(rewriter, loc, build.f64(), value);
    Value scale =
        arith::ExtFOp::create(rewriter, loc, build.f64(), op.getScale());
    real = arith::MulFOp::create(rewriter, loc, real, scale);
    if (int32_t zeroPoint = op.getOutputZeroPoint())
      real = arith::AddFOp::create(rewriter, loc, real,
                                   build.constant(double(zeroPoint)));
    auto bound = [&](arith::CmpFPredicate predicate, double limit) {
      Value most = build.constant(limit);
      Value inside =
          arith::CmpFOp::create(rewriter, loc, predicate, real, most);
      real = arith::SelectOp::create(rewriter, loc, inside, real, most);
    };
    // NaN compares with nothing: it becomes the least code.
    bound(arith::CmpFPredicate::OGT, static_cast<int32_t>(op.getMin()));
    bound(arith::CmpFPredicate::OLT, static_cast<int32_t>(op.getMax()));
    // From 2^52 to 2^53 all doubles are integers: the sum is rounded to nearest
    // even, and the difference is exact. |real| <= 2^31 stays in that range.
    Value shifter = build.constant(0x1.8p52);
    real = arith::AddFOp::create(rewriter, loc, real, shifter);
    real = arith::SubFOp::create(rewriter, loc, real, shifter);
    rewriter.replaceOpWithNewOp<arith::FPToSIOp>(op, build.type(32), real);
    return success();
  }
};

struct ExpandRescalePass
    : lowbit::impl::ExpandRescalePassBase<ExpandRescalePass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    set.add<ExpandRescale, ExpandRequantize>(context);
    patterns = std::move(set);
    return success();
  }
  void runOnOperation() override {
    if (failed(applyPatternsGreedily(getOperation(), patterns)))
      return signalPassFailure();
    getOperation()->walk([&](Operation *op) {
      if (!isa<RescaleOp, RequantizeOp>(op))
        return;
      op->emitOpError() << "rescales a tensor and cannot be expanded; use "
                           "-lowbit-materialize-codes first";
      signalPassFailure();
    });
  }

private:
  FrozenRewritePatternSet patterns;
};

} // namespace
