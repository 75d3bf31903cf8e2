//===- PropagateLayout.cpp - no transposes inside a network -------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An importer of a channels-first model puts a transpose before and after each
// spatial operation. Between two of them stand operations that commute with
// transposes. So transposes sink towards the results, through everything that
// commutes, until they meet their inverse. Only a transpose to channels-last
// does not sink: it rises towards the arguments instead, so that the two kinds
// move towards each other and never past each other. That is why this ends:
// each rewrite moves one operation out from between its transposes, and none
// ever brings one back.

#include "PermuteCodes.h"
#include "PermuteDimensions.h"

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_PROPAGATELAYOUTPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

using Permutation = SmallVector<int64_t>;

static Permutation getPermutation(tosa::TransposeOp op) {
  return llvm::to_vector_of<int64_t>(op.getPerms());
}

/// True if the dimensions of `shape` other than 1 keep their order.
static bool movesOnlyUnits(ArrayRef<int64_t> shape,
                           ArrayRef<int64_t> permutation) {
  int64_t last = -1;
  for (int64_t dim : permutation) {
    if (shape[dim] == 1)
      continue;
    if (dim < last)
      return false;
    last = dim;
  }
  return true;
}

static bool isStatic(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape();
}

static Value createReshape(PatternRewriter &rewriter, Location loc, Value value,
                           ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(value.getType());
  return tosa::ReshapeOp::create(rewriter, loc, type.clone(shape), value,
                                 tosa::getTosaConstShape(rewriter, loc, shape));
}

static Value createTranspose(PatternRewriter &rewriter, Location loc,
                             Value value, ArrayRef<int64_t> permutation) {
  auto type = cast<RankedTensorType>(value.getType());
  auto perms = llvm::to_vector_of<int32_t>(permutation);
  return tosa::TransposeOp::create(
      rewriter, loc, type.clone(applyPermutation(type.getShape(), permutation)),
      value, perms);
}

/// `value` transposed by `permutation` without an operation that moves data:
/// the input of the inverse transpose, a constant or a reshape. With a null
/// rewriter, only says whether there is one, by returning `value` or null.
static Value transposeFreely(PatternRewriter *rewriter, Value value,
                             ArrayRef<int64_t> permutation) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() != static_cast<int64_t>(permutation.size()))
    return {};
  if (auto transpose = value.getDefiningOp<tosa::TransposeOp>())
    if (getPermutation(transpose) == invertPermutationVector(permutation))
      return rewriter ? transpose.getInput1() : value;
  if (!type.hasStaticShape())
    return {};
  SmallVector<int64_t> shape = applyPermutation(type.getShape(), permutation);
  if (movesOnlyUnits(type.getShape(), permutation))
    return rewriter ? createReshape(*rewriter, value.getLoc(), value, shape)
                    : value;
  if (DecodeOp decode = getDecodedConstant(value))
    return permuteDecodedConstant(rewriter, decode, permutation);
  ElementsAttr elements = getConstantElements(value);
  if (!elements)
    return {};
  ElementsAttr permuted = permuteElements(elements, permutation);
  if (!permuted)
    return {};
  return rewriter ? tosa::ConstOp::create(*rewriter, value.getLoc(),
                                          type.clone(shape), permuted)
                  : value;
}

namespace {

/// transpose(transpose(x)) -> transpose(x)
struct ComposeTransposes : OpRewritePattern<tosa::TransposeOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(tosa::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput1().getDefiningOp<tosa::TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "the input is no transpose");
    Permutation composed =
        applyPermutation<int64_t>(getPermutation(inner), getPermutation(op));
    if (isIdentityPermutation(composed) &&
        inner.getInput1().getType() == op.getType()) {
      rewriter.replaceOp(op, inner.getInput1());
      return success();
    }
    rewriter.replaceOpWithNewOp<tosa::TransposeOp>(
        op, op.getType(), inner.getInput1(),
        llvm::to_vector_of<int32_t>(composed));
    return success();
  }
};

/// transpose(x) -> x, a reshape or a constant, where no data moves
struct DropTransposeWithoutMovement : OpRewritePattern<tosa::TransposeOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(tosa::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    if (!isStatic(op.getInput1()) || !isStatic(op))
      return rewriter.notifyMatchFailure(op, "a shape is not static");
    Value free = transposeFreely(&rewriter, op.getInput1(), getPermutation(op));
    if (!free)
      return rewriter.notifyMatchFailure(op, "data moves");
    rewriter.replaceOp(op, free);
    return success();
  }
};

/// A second transpose of one value, equal to one before it -> that one
struct ShareTranspose : OpRewritePattern<tosa::TransposeOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(tosa::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    for (Operation *user : op.getInput1().getUsers()) {
      auto other = dyn_cast<tosa::TransposeOp>(user);
      if (!other || other == op || other->getBlock() != op->getBlock() ||
          other.getPerms() != op.getPerms() ||
          other.getType() != op.getType() || !other->isBeforeInBlock(op))
        continue;
      rewriter.replaceOp(op, other);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no equal transpose comes before");
  }
};

/// op(transpose(x)) -> transpose(op(x))
struct SinkTranspose : RewritePattern {
  SinkTranspose(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    OperandRange operands =
        op->getOperands().take_front(countPermutableOperands(op));
    tosa::TransposeOp transpose;
    for (Value operand : operands)
      if (auto candidate = operand.getDefiningOp<tosa::TransposeOp>())
        if (!transpose && !isToChannelsLast(getPermutation(candidate)))
          transpose = candidate;
    if (!transpose)
      return rewriter.notifyMatchFailure(op, "no operand is a transpose that "
                                             "sinks");
    Permutation permutation = getPermutation(transpose);
    StringRef reason = whyNotPermutable(op, permutation);
    if (!reason.empty())
      return rewriter.notifyMatchFailure(op, reason);
    Permutation inverse = invertPermutationVector(permutation);
    for (Value operand : operands)
      if (!transposeFreely(nullptr, operand, inverse))
        return rewriter.notifyMatchFailure(
            op, "an operand is not transposed alike, constant or a vector");
    SmallVector<Value> inner;
    for (Value operand : operands)
      inner.push_back(transposeFreely(&rewriter, operand, inverse));
    Operation *permuted = permuteOperation(rewriter, op, permutation, inner);
    rewriter.replaceOpWithNewOp<tosa::TransposeOp>(
        op, op->getResult(0).getType(), permuted->getResult(0),
        transpose.getPerms());
    return success();
  }
};

/// to_channels_last(op(x)) -> op(to_channels_last(x))
struct RaiseTranspose : OpRewritePattern<tosa::TransposeOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(tosa::TransposeOp transpose,
                                PatternRewriter &rewriter) const override {
    Permutation inverse = getPermutation(transpose);
    if (!isToChannelsLast(inverse))
      return rewriter.notifyMatchFailure(transpose, "is not to channels-last");
    Operation *op = transpose.getInput1().getDefiningOp();
    if (!op || op->getBlock() != transpose->getBlock())
      return rewriter.notifyMatchFailure(transpose, "no operation before it");
    Permutation permutation = invertPermutationVector(inverse);
    StringRef reason = whyNotPermutable(op, permutation);
    if (!reason.empty())
      return rewriter.notifyMatchFailure(transpose, reason);
    // At most one transpose may take the place of this one. Where the result
    // has other uses, they need a transpose back: only worth it if one goes.
    OperandRange operands =
        op->getOperands().take_front(countPermutableOperands(op));
    llvm::SmallPtrSet<Value, 4> moved;
    bool cancels = false;
    for (Value operand : operands) {
      auto other = operand.getDefiningOp<tosa::TransposeOp>();
      cancels |= other && getPermutation(other) == permutation;
      if (!transposeFreely(nullptr, operand, inverse))
        moved.insert(operand);
    }
    if (moved.size() > 1 || !(cancels || op->hasOneUse()))
      return rewriter.notifyMatchFailure(
          transpose, "it would take more transposes above the operation");
    rewriter.setInsertionPoint(op);
    SmallVector<Value> inner;
    for (Value operand : operands) {
      Value free = transposeFreely(&rewriter, operand, inverse);
      inner.push_back(
          free ? free
               : createTranspose(rewriter, op->getLoc(), operand, inverse));
    }
    Operation *permuted = permuteOperation(rewriter, op, permutation, inner);
    rewriter.replaceOp(transpose, permuted->getResults());
    if (op->use_empty())
      rewriter.eraseOp(op);
    else
      rewriter.replaceOpWithNewOp<tosa::TransposeOp>(
          op, op->getResult(0).getType(), permuted->getResult(0),
          llvm::to_vector_of<int32_t>(permutation));
    return success();
  }
};

/// f(reshape(transpose(x))) -> reshape(f(transpose(x))) for elementwise f
struct SinkFlattening : RewritePattern {
  SinkFlattening(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isUnaryElementwise(op))
      return rewriter.notifyMatchFailure(op, "is not elementwise");
    auto reshape = op->getOperand(0).getDefiningOp<tosa::ReshapeOp>();
    if (!reshape || !reshape.getInput1().getDefiningOp<tosa::TransposeOp>())
      return rewriter.notifyMatchFailure(op, "no reshape of a transpose");
    auto from = cast<RankedTensorType>(reshape.getInput1().getType());
    auto to = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!to)
      return rewriter.notifyMatchFailure(op, "the result has no rank");
    Operation *f = rewriter.clone(*op);
    f->setOperand(0, reshape.getInput1());
    f->getResult(0).setType(from.clone(to.getElementType()));
    rewriter.replaceOpWithNewOp<tosa::ReshapeOp>(op, to, f->getResult(0),
                                                 reshape.getShape());
    return success();
  }
};

/// fully_connected(reshape(transpose(x)), w)
///   -> fully_connected(reshape(x), w with its input dimension permuted)
struct PermuteFlattenedWeights : OpRewritePattern<tosa::Conv2DOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(tosa::Conv2DOp op,
                                PatternRewriter &rewriter) const override {
    auto reshape = op.getInput().getDefiningOp<tosa::ReshapeOp>();
    auto transpose =
        reshape ? reshape.getInput1().getDefiningOp<tosa::TransposeOp>()
                : nullptr;
    if (!transpose)
      return rewriter.notifyMatchFailure(op, "no reshape of a transpose");
    if (!isStatic(transpose) || !isStatic(reshape) || !isStatic(op.getWeight()))
      return rewriter.notifyMatchFailure(op, "a shape is not static");
    auto outer = cast<RankedTensorType>(transpose.getType());
    auto flat = cast<RankedTensorType>(reshape.getType());
    auto weightType = cast<RankedTensorType>(op.getWeight().getType());
    auto isUnit = [](int64_t size) { return size == 1; };
    if (flat.getDimSize(3) != weightType.getDimSize(3) ||
        !llvm::all_of(flat.getShape().slice(1, 2), isUnit) ||
        !llvm::all_of(weightType.getShape().slice(1, 2), isUnit) ||
        llvm::any_of(op.getPad(), [](int64_t pad) { return pad != 0; }))
      return rewriter.notifyMatchFailure(op, "is not fully connected");
    Permutation permutation = getPermutation(transpose);
    if (permutation.front() != 0 || outer.getDimSize(0) != flat.getDimSize(0))
      return rewriter.notifyMatchFailure(op, "the reshape mixes samples");
    // [out, 1, 1, in] -> [out, outer...] -> [out, inner...] -> [out, 1, 1, in]
    SmallVector<int64_t> shape(outer.getShape());
    shape.front() = weightType.getDimSize(0);
    Value weight = permuteWeights(rewriter, op.getWeight(), shape,
                                  invertPermutationVector(permutation));
    if (!weight)
      return rewriter.notifyMatchFailure(op, "the weights are not constant");
    Value input = createReshape(rewriter, reshape.getLoc(),
                                transpose.getInput1(), flat.getShape());
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(input);
      op.getWeightMutable().assign(weight);
    });
    return success();
  }

private:
  /// The constant `weights` after a detour through `shape`, where its dimensions
  /// are permuted; null if it is no constant.
  static Value permuteWeights(PatternRewriter &rewriter, Value weights,
                              ArrayRef<int64_t> shape,
                              ArrayRef<int64_t> permutation) {
    auto type = cast<RankedTensorType>(weights.getType());
    if (DecodeOp decode = getDecodedConstant(weights)) {
      Value unflat = reshapeDecodedConstant(rewriter, decode, shape);
      Value permuted =
          unflat ? permuteDecodedConstant(
                       &rewriter, unflat.getDefiningOp<DecodeOp>(), permutation)
                 : nullptr;
      return permuted
                 ? reshapeDecodedConstant(rewriter,
                                          permuted.getDefiningOp<DecodeOp>(),
                                          type.getShape())
                 : nullptr;
    }
    ElementsAttr elements = getConstantElements(weights);
    ElementsAttr unflat =
        elements ? reshapeElements(elements, type.clone(shape)) : nullptr;
    ElementsAttr permuted =
        unflat ? permuteElements(unflat, permutation) : nullptr;
    if (!permuted)
      return nullptr;
    return tosa::ConstOp::create(rewriter, weights.getLoc(), type,
                                 reshapeElements(permuted, type));
  }
};

struct PropagateLayoutPass
    : lowbit::impl::PropagateLayoutPassBase<PropagateLayoutPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    set.add<ComposeTransposes, DropTransposeWithoutMovement, ShareTranspose,
            SinkTranspose, RaiseTranspose, SinkFlattening,
            PermuteFlattenedWeights>(context);
    populatePermuteCodesPatterns(set);
    patterns = std::move(set);
    return success();
  }
  void runOnOperation() override {
    BlobScope blobs(getOperation());
    // Every intermediate state computes the same, so a limit does no harm.
    GreedyRewriteConfig config;
    config.setMaxIterations(100);
    (void)applyPatternsGreedily(getOperation(), patterns, config);
  }

private:
  FrozenRewritePatternSet patterns;
};

} // namespace
