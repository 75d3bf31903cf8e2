//===- RaiseToContract.cpp - float layers as contractions ---------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What stays in float is computed by the same generator as codes are: the
// float program is an honest measure for the integer one.

#include "lowbit/Analysis/LinearLayer.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_RAISETOCONTRACTPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// The constant `elements` in another shape, its data shared.
static Value createReshaped(OpBuilder &builder, Location loc,
                            ElementsAttr elements, ArrayRef<int64_t> shape) {
  auto type = cast<ShapedType>(elements.getType()).clone(shape);
  return arith::ConstantOp::create(
      builder, loc, cast<TypedAttr>(reshapeElements(elements, type)));
}

/// `input` surrounded by zeros.
static Value padWithZero(OpBuilder &builder, Location loc, Value input,
                         const LinearLayer &layer) {
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> shape(type.getShape());
  SmallVector<OpFoldResult> offsets, sizes, strides;
  for (auto [size, low, high] : llvm::zip(shape, layer.padLow, layer.padHigh)) {
    offsets.push_back(builder.getIndexAttr(low));
    sizes.push_back(builder.getIndexAttr(size));
    strides.push_back(builder.getIndexAttr(1));
    size += low + high;
  }
  Value empty =
      tensor::EmptyOp::create(builder, loc, shape, type.getElementType());
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(0.0f));
  Value zeros = linalg::FillOp::create(builder, loc, zero, empty).getResult(0);
  return tensor::InsertSliceOp::create(builder, loc, input, zeros, offsets,
                                       sizes, strides);
}

namespace {

/// clamp(layer(x, w, b)) in f32 -> contract
struct RaiseLayer : RewritePattern {
  explicit RaiseLayer(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    std::string reason;
    std::optional<LinearLayer> layer = describeLinearLayer(op, reason);
    if (!layer)
      return rewriter.notifyMatchFailure(op, reason);
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    ElementsAttr weights = getConstantElements(op->getOperand(1));
    if (!type.getElementType().isF32() ||
        !isa_and_present<DenseElementsAttr, DenseResourceElementsAttr>(
            weights) ||
        !weights.getElementType().isF32())
      return rewriter.notifyMatchFailure(op,
                                         "its weights are not constant f32");
    std::optional<SmallVector<float>> bias;
    if (!isa<tosa::MatMulOp>(op)) {
      bias = readConstant<float>(op->getOperand(2));
      if (!bias)
        return rewriter.notifyMatchFailure(op, "its bias is not constant");
    }
    // A clamp that is the only reader is part of the epilogue.
    tosa::ClampOp clamp;
    if (op->hasOneUse())
      clamp = dyn_cast<tosa::ClampOp>(*op->user_begin());
    Operation *last = clamp ? clamp.getOperation() : op;
    rewriter.setInsertionPoint(last);

    Location loc = op->getLoc();
    Value result =
        buildContract(rewriter, loc, op, *layer, weights, bias, clamp);
    if (result.getType() != type) { // collapse channel and multiplier
      SmallVector<ReassociationIndices> groups = {{0}, {1}, {2}, {3, 4}};
      result =
          tensor::CollapseShapeOp::create(rewriter, loc, type, result, groups);
    }
    rewriter.replaceOp(last, result);
    if (clamp)
      rewriter.eraseOp(op);
    return success();
  }

private:
  static Value buildContract(PatternRewriter &rewriter, Location loc,
                             Operation *op, const LinearLayer &layer,
                             ElementsAttr weights,
                             std::optional<SmallVector<float>> &bias,
                             tosa::ClampOp clamp) {
    Value input = op->getOperand(0);
    if (layer.hasPadding())
      input = padWithZero(rewriter, loc, input, layer);
    SmallVector<AffineMap> maps = {layer.lhs, layer.rhs};
    SmallVector<Value> operands;
    if (bias) {
      auto type =
          RankedTensorType::get(layer.getChannelShape(), rewriter.getF32Type());
      bias->resize(type.getNumElements(), bias->front()); // one for all
      operands.push_back(arith::ConstantOp::create(
          rewriter, loc, DenseElementsAttr::get(type, ArrayRef<float>(*bias))));
      maps.push_back(layer.channel);
    }
    maps.push_back(layer.result);
    Value init = tensor::EmptyOp::create(rewriter, loc, layer.resultShape,
                                         rewriter.getF32Type());
    auto contract = ContractOp::create(
        rewriter, loc, init.getType(), input,
        createReshaped(rewriter, loc, weights, layer.weightShape), operands,
        init, rewriter.getAffineMapArrayAttr(maps), ArrayAttr(), StringAttr());

    OpBuilder::InsertionGuard guard(rewriter);
    SmallVector<Type> types(1 + operands.size(), rewriter.getF32Type());
    SmallVector<Location> locations(types.size(), loc);
    Block *body =
        rewriter.createBlock(&contract.getEpilogue(), {}, types, locations);
    Value value = body->getArgument(0);
    if (bias)
      value = arith::AddFOp::create(rewriter, loc, value, body->getArgument(1));
    if (clamp) {
      auto bound = [&](Attribute attribute) -> Value {
        return arith::ConstantOp::create(rewriter, loc,
                                         cast<FloatAttr>(attribute));
      };
      value = arith::MaximumFOp::create(rewriter, loc, value,
                                        bound(clamp.getMinValAttr()));
      value = arith::MinimumFOp::create(rewriter, loc, value,
                                        bound(clamp.getMaxValAttr()));
    }
    YieldOp::create(rewriter, loc, value);
    return contract.getResult();
  }
};

struct RaiseToContractPass
    : lowbit::impl::RaiseToContractPassBase<RaiseToContractPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    set.add<RaiseLayer>(context);
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
