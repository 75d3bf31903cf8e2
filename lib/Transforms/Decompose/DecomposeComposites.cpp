//===- DecomposeComposites.cpp - float composites in TOSA ---------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Decompose.h"

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_DECOMPOSECOMPOSITESPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

Value TosaArithmetic::number(double value) const {
  auto scalar = RankedTensorType::get(SmallVector<int64_t>(type.getRank(), 1),
                                      rewriter.getF32Type());
  return tosa::ConstOp::create(
      rewriter, loc, scalar,
      DenseElementsAttr::get(scalar, static_cast<float>(value)));
}

Value TosaArithmetic::mul(Value lhs, Value rhs) const {
  auto shift = RankedTensorType::get({1}, rewriter.getI8Type());
  return tosa::MulOp::create(
      rewriter, loc, type, lhs, rhs,
      tosa::ConstOp::create(
          rewriter, loc, shift,
          DenseElementsAttr::get(shift, rewriter.getI8IntegerAttr(0))));
}

Value TosaArithmetic::selectGreater(Value lhs, Value rhs, Value then,
                                    Value otherwise) const {
  Value greater = tosa::GreaterOp::create(
      rewriter, loc, type.clone(type.getShape(), rewriter.getI1Type()), lhs,
      rhs);
  return make<tosa::SelectOp>(greater, then, otherwise);
}

namespace {

struct DecomposeCompositesPass
    : lowbit::impl::DecomposeCompositesPassBase<DecomposeCompositesPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populateDecomposeActivationPatterns(set);
    populateDecomposeConvolutionPatterns(set);
    populateDecomposeNormalizationPatterns(set);
    patterns = std::move(set);
    return success();
  }
  void runOnOperation() override {
    BlobScope blobs(getOperation());
    if (failed(applyPatternsGreedily(getOperation(), patterns)))
      signalPassFailure();
  }

private:
  FrozenRewritePatternSet patterns;
};

} // namespace
