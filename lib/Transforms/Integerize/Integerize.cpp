//===- Integerize.cpp - from an encoded network to integers -------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Transforms/Integerize.h"
#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_INTEGERIZEPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

struct IntegerizePass : lowbit::impl::IntegerizePassBase<IntegerizePass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populateSinkDecodePatterns(set);
    populateIntegerizeContractionPatterns(set);
    populateIntegerizeRescalingPatterns(set);
    populateIntegerizeTablePatterns(set);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    if (failed(applyPatternsGreedily(getOperation(), patterns)))
      return signalPassFailure();
    getOperation()->walk([&](func::FuncOp function) {
      for (Operation &op : function.getOps())
        if (computesOnReals(&op))
          report(&op);
    });
  }

private:
  void report(Operation *op) {
    ++numFloatOps;
    if (!requireInteger)
      return;
    op->emitOpError() << "stays in float; --require-integer does not allow it";
    signalPassFailure();
  }

  FrozenRewritePatternSet patterns;
};

} // namespace
