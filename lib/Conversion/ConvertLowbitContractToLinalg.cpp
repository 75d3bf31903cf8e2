//===- ConvertLowbitContractToLinalg.cpp - the reference ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The description of lowbit.contract, word for word: a loop nest that adds
// products to a tensor of zeros, and a second one that applies the epilogue to
// each sum. Every faster kernel is compared with this one, bit by bit.
//
// Loops stay in the order of the indexing maps, so sums of f32 go through the
// reduction loops in lexicographic order.

#include "ContractScalars.h"

#include "lowbit/Conversion/Passes.h"
#include "lowbit/Formats/Words.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_CONVERTLOWBITCONTRACTTOLINALGPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Why `op` has no expansion; empty if it has one.
std::string findObstacle(ContractOp op) {
  if (!op.hasPureTensorSemantics())
    return "is on buffers; use this pass before bufferization";
  for (Value operand : op.getMappedOperands())
    if (!cast<ShapedType>(operand.getType()).getElementType().isIntOrFloat())
      return "has tensors of codes; use -lowbit-materialize-codes first";
  if (hasSummedEpilogueOperand(op))
    return "has an epilogue operand along a loop that is summed over";
  return "";
}

/// The sizes of the result, a packed dimension in elements.
SmallVector<OpFoldResult> getResultSizes(ImplicitLocOpBuilder &builder,
                                         ContractOp op) {
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(builder, builder.getLoc(), op.getInit());
  if (op.getPacks()) {
    unsigned last = op.getResultMap().getNumResults() - 1;
    sizes.back() = builder.getIndexAttr(
        op.getStaticLoopSizes()[op.getResultMap().getDimPosition(last)]);
  }
  return sizes;
}

/// acc = sum of lhs * rhs, for each index of the result
Value accumulate(ImplicitLocOpBuilder &builder, ContractOp op) {
  Value zero = arith::ConstantOp::create(
      builder, builder.getZeroAttr(op.getAccumulatorType()));
  Value init = filled(builder, getResultSizes(builder, op), zero);
  return loopNest(
      builder, {op.getLhs(), op.getRhs()}, init,
      {op.getLhsMap(), op.getRhsMap(), op.getResultMap()},
      [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
        return addProduct(inner, op, scalars[0], scalars[1], scalars[2]);
      });
}

/// result = epilogue(acc, operands...), in loops over the result's dimensions
Value applyEpilogue(ImplicitLocOpBuilder &builder, ContractOp op, Value acc) {
  AffineMap resultMap = op.getResultMap();
  unsigned rank = resultMap.getNumResults();
  SmallVector<AffineExpr> dimOfLoop(op.getNumLoops(),
                                    builder.getAffineConstantExpr(0));
  for (unsigned dim = 0; dim < rank; ++dim)
    dimOfLoop[resultMap.getDimPosition(dim)] = builder.getAffineDimExpr(dim);

  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  SmallVector<Value> inputs = {acc};
  SmallVector<AffineMap> maps = {identity};
  for (auto [i, operand] : llvm::enumerate(op.getEpilogueOperands())) {
    inputs.push_back(operand);
    maps.push_back(
        op.getEpilogueMap(i).replaceDimsAndSymbols(dimOfLoop, {}, rank, 0));
  }
  maps.push_back(identity);

  Value init = op.getInit();
  if (op.getPacks())
    init = tensor::EmptyOp::create(builder, getResultSizes(builder, op),
                                   getElementTypeOrSelf(init.getType()));
  Value result = loopNest(builder, inputs, init, maps,
                          [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
                            return inlineEpilogue(inner, op, scalars);
                          });
  if (!op.getPacks())
    return result;
  unsigned width = getElementTypeOrSelf(init.getType()).getIntOrFloatBitWidth();
  return packBits(builder, result, /*plane=*/0, width, op.getPackedBits());
}

/// contract -> epilogue(sum of products), two loop nests
struct ExpandContract : OpRewritePattern<ContractOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(ContractOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getPrimitive())
      return rewriter.notifyMatchFailure(op, "it becomes a vector kernel");
    std::string obstacle = findObstacle(op);
    if (!obstacle.empty())
      return rewriter.notifyMatchFailure(op, obstacle);
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    rewriter.replaceOp(op, applyEpilogue(builder, op, accumulate(builder, op)));
    return success();
  }
};

struct ConvertLowbitContractToLinalgPass
    : lowbit::impl::ConvertLowbitContractToLinalgPassBase<
          ConvertLowbitContractToLinalgPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    set.add<ExpandContract>(context);
    patterns = std::move(set);
    return success();
  }
  void runOnOperation() override {
    walkAndApplyPatterns(getOperation(), patterns);
    getOperation()->walk([&](ContractOp op) {
      if (op.getPrimitive())
        return;
      op.emitOpError() << findObstacle(op);
      signalPassFailure();
    });
  }

private:
  FrozenRewritePatternSet patterns;
};

} // namespace
