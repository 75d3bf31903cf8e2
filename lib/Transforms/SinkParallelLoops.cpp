//===- SinkParallelLoops.cpp - sums outside, channels inside --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A convolution sums in its innermost loops, one output after the other. A sum
// of f32 must not be reordered, so those loops cannot be vectorized. With the
// loop of the output's last dimension innermost, neighbouring outputs are
// summed side by side, each of them in the same order as before.

#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_SINKPARALLELLOOPSPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// The order of loops with the one of the result's last dimension innermost;
/// nothing if it is there, or where no loop sums.
static std::optional<SmallVector<unsigned>> getOrder(linalg::LinalgOp op) {
  if (op.getNumDpsInits() != 1 || op.getNumReductionLoops() == 0)
    return std::nullopt;
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (result.getNumResults() == 0)
    return std::nullopt;
  auto last = dyn_cast<AffineDimExpr>(result.getResults().back());
  if (!last || last.getPosition() + 1 == op.getNumLoops())
    return std::nullopt;
  SmallVector<unsigned> order;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
    if (loop != last.getPosition())
      order.push_back(loop);
  order.push_back(last.getPosition());
  return order;
}

namespace {

struct SinkParallelLoopsPass
    : lowbit::impl::SinkParallelLoopsPassBase<SinkParallelLoopsPass> {
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> worklist;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (getOrder(op))
        worklist.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : worklist) {
      rewriter.setInsertionPoint(op);
      SmallVector<unsigned> order = *getOrder(op);
      auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
      if (!generic) {
        FailureOr<linalg::GenericOp> named =
            linalg::generalizeNamedOp(rewriter, op);
        if (failed(named))
          continue;
        generic = *named;
      }
      // Fails only where it changes nothing.
      (void)linalg::interchangeGenericOp(rewriter, generic, order);
    }
  }
};

} // namespace
