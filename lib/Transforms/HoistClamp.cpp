//===- HoistClamp.cpp - clamps before reshapes --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_HOISTCLAMPPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// clamp(reshape(x)) -> reshape(clamp(x))
struct HoistClampOverReshape : OpRewritePattern<tosa::ClampOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(tosa::ClampOp op,
                                PatternRewriter &rewriter) const override {
    auto reshape = op.getInput().getDefiningOp<tosa::ReshapeOp>();
    if (!reshape)
      return rewriter.notifyMatchFailure(op, "the input is no reshape");
    if (!reshape->hasOneUse())
      return rewriter.notifyMatchFailure(op, "the reshape has other uses");
    Value input = reshape.getInput1();
    if (op.getType() != reshape.getType())
      return rewriter.notifyMatchFailure(op, "the clamp changes the type");
    Operation *clamp = rewriter.clone(*op);
    clamp->setOperand(0, input);
    clamp->getResult(0).setType(input.getType());
    rewriter.replaceOpWithNewOp<tosa::ReshapeOp>(
        op, reshape.getType(), clamp->getResult(0), reshape.getShape());
    return success();
  }
};

struct HoistClampPass : lowbit::impl::HoistClampPassBase<HoistClampPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    set.add<HoistClampOverReshape>(context);
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
