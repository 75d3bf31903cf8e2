//===- RaiseComposites.cpp - composites written out in TOSA -------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RaiseComposites.h"

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_RAISECOMPOSITESPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

std::optional<double> lowbit::getConstantNumber(Value value) {
  auto elements =
      dyn_cast_if_present<DenseElementsAttr>(getConstantElements(value));
  if (!elements || !elements.isSplat() || !elements.getElementType().isF32())
    return std::nullopt;
  return elements.getSplatValue<APFloat>().convertToFloat();
}

namespace {

struct RaiseCompositesPass
    : lowbit::impl::RaiseCompositesPassBase<RaiseCompositesPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populateRaiseFunctionPatterns(set);
    populateRaiseLayerNormPatterns(set);
    patterns = std::move(set);
    return success();
  }
  void runOnOperation() override {
    // Every intermediate state computes the same, so a limit does no harm.
    (void)applyPatternsGreedily(getOperation(), patterns);
  }

private:
  FrozenRewritePatternSet patterns;
};

} // namespace
