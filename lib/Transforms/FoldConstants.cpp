//===- FoldConstants.cpp - TOSA operations on constants -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Computes operations of constants at compile time. Upstream's folders look at
// splats and small inline constants; here weights in blobs fold as well. Each
// element is one correctly rounded IEEE operation, as the operation would
// compute it at run time, so results do not change.

#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <cmath>

namespace mlir::lowbit {
#define GEN_PASS_DEF_FOLDCONSTANTSPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// The static result type of `op`, if it holds at most `limit` elements.
static FailureOr<RankedTensorType> matchResult(PatternRewriter &rewriter,
                                               Operation *op, int64_t limit) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !type.hasStaticShape())
    return rewriter.notifyMatchFailure(op, "the result's shape is not static");
  if (type.getNumElements() > limit)
    return rewriter.notifyMatchFailure(op, "the result exceeds max-elements");
  return type;
}

/// tosa.const of `elements` for `op`. The constant's operands may go with it.
static void replaceByConstant(PatternRewriter &rewriter, Operation *op,
                              ElementsAttr elements) {
  rewriter.replaceOpWithNewOp<tosa::ConstOp>(op, elements.getType(), elements);
}

/// The elements of `values`, which have `shape`, broadcast to `target`.
static SmallVector<float> broadcast(ArrayRef<float> values,
                                    ArrayRef<int64_t> shape,
                                    ArrayRef<int64_t> target) {
  SmallVector<int64_t> strides = computeStrides(shape);
  for (auto [stride, size] : llvm::zip(strides, shape))
    if (size == 1)
      stride = 0;
  return gatherStrided(values, target, strides);
}

namespace {

/// A pattern on `Op` that makes constants of at most `limit` elements.
template <typename Op> struct LimitedPattern : OpRewritePattern<Op> {
  LimitedPattern(MLIRContext *context, int64_t limit)
      : OpRewritePattern<Op>(context), limit(limit) {}
  int64_t limit;
};

/// transpose(constant) -> constant
struct FoldTranspose : LimitedPattern<tosa::TransposeOp> {
  using LimitedPattern::LimitedPattern;
  LogicalResult matchAndRewrite(tosa::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    ElementsAttr elements = getConstantElements(op.getInput1());
    if (!elements)
      return rewriter.notifyMatchFailure(op, "the input is not constant");
    if (failed(matchResult(rewriter, op, limit)))
      return failure();
    auto permutation = llvm::to_vector_of<int64_t>(op.getPerms());
    ElementsAttr permuted = permuteElements(elements, permutation);
    if (!permuted)
      return rewriter.notifyMatchFailure(op, "the elements cannot be read");
    replaceByConstant(rewriter, op, permuted);
    return success();
  }
};

/// reshape(constant) -> constant
struct FoldReshape : LimitedPattern<tosa::ReshapeOp> {
  using LimitedPattern::LimitedPattern;
  LogicalResult matchAndRewrite(tosa::ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    ElementsAttr elements = getConstantElements(op.getInput1());
    if (!elements)
      return rewriter.notifyMatchFailure(op, "the input is not constant");
    FailureOr<RankedTensorType> type = matchResult(rewriter, op, limit);
    if (failed(type))
      return failure();
    ElementsAttr reshaped = reshapeElements(elements, *type);
    if (!reshaped)
      return rewriter.notifyMatchFailure(op, "the elements cannot be read");
    replaceByConstant(rewriter, op, reshaped);
    return success();
  }
};

float add(float lhs, float rhs) { return lhs + rhs; }
float subtract(float lhs, float rhs) { return lhs - rhs; }
float multiply(float lhs, float rhs) { return lhs * rhs; }

/// f(constant, constant) -> constant, with sizes of 1 broadcast
template <typename Op, float (*function)(float, float)>
struct FoldBinary : LimitedPattern<Op> {
  using LimitedPattern<Op>::LimitedPattern;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    if (!getConstantElements(op.getInput1()) ||
        !getConstantElements(op.getInput2()))
      return rewriter.notifyMatchFailure(op, "an operand is not constant");
    FailureOr<RankedTensorType> type = matchResult(rewriter, op, this->limit);
    if (failed(type))
      return failure();
    std::optional<SmallVector<float>> lhs = readConstant<float>(op.getInput1());
    std::optional<SmallVector<float>> rhs = readConstant<float>(op.getInput2());
    if (!lhs || !rhs)
      return rewriter.notifyMatchFailure(op, "the elements are not f32");
    auto expand = [&](ArrayRef<float> values, Value operand) {
      return broadcast(values, cast<ShapedType>(operand.getType()).getShape(),
                       type->getShape());
    };
    SmallVector<float> values = expand(*lhs, op.getInput1());
    for (auto [value, other] : llvm::zip(values, expand(*rhs, op.getInput2())))
      value = function(value, other);
    replaceByConstant(rewriter, op,
                      makeElements<float>(*type, values, "constant"));
    return success();
  }
};

float negate(float value) { return -value; }
float absolute(float value) { return std::fabs(value); }
float reciprocal(float value) { return 1.0f / value; }
float reciprocalRoot(float value) { return 1.0f / std::sqrt(value); }

/// f(constant) -> constant
template <typename Op, float (*function)(float)>
struct FoldUnary : LimitedPattern<Op> {
  using LimitedPattern<Op>::LimitedPattern;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    FailureOr<RankedTensorType> type = matchResult(rewriter, op, this->limit);
    if (failed(type))
      return failure();
    std::optional<SmallVector<float>> values =
        readConstant<float>(op->getOperand(0));
    if (!values)
      return rewriter.notifyMatchFailure(op, "the input is not constant f32");
    for (float &value : *values)
      value = function(value);
    replaceByConstant(rewriter, op,
                      makeElements<float>(*type, *values, "constant"));
    return success();
  }
};

/// cast(integers) to f32 -> constant, rounded to nearest even
struct FoldCastToFloat : LimitedPattern<tosa::CastOp> {
  using LimitedPattern::LimitedPattern;
  LogicalResult matchAndRewrite(tosa::CastOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<RankedTensorType> type = matchResult(rewriter, op, limit);
    if (failed(type))
      return failure();
    if (!type->getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "the result is not f32");
    ElementsAttr elements = getConstantElements(op.getInput());
    if (tryFold<int8_t>(op, elements, *type, rewriter) ||
        tryFold<int16_t>(op, elements, *type, rewriter) ||
        tryFold<int32_t>(op, elements, *type, rewriter))
      return success();
    return rewriter.notifyMatchFailure(op,
                                       "the input is not constant integers");
  }

private:
  template <typename T>
  static bool tryFold(tosa::CastOp op, ElementsAttr elements,
                      RankedTensorType type, PatternRewriter &rewriter) {
    if (elements && elements.getElementType().isUnsignedInteger())
      return false;
    std::optional<SmallVector<T>> values = readElements<T>(elements);
    if (!values)
      return false;
    auto floats = llvm::map_to_vector(
        *values, [](T value) { return static_cast<float>(value); });
    replaceByConstant(rewriter, op,
                      makeElements<float>(type, floats, "constant"));
    return true;
  }
};

/// concat(constants) -> constant
struct FoldConcat : LimitedPattern<tosa::ConcatOp> {
  using LimitedPattern::LimitedPattern;
  LogicalResult matchAndRewrite(tosa::ConcatOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<RankedTensorType> type = matchResult(rewriter, op, limit);
    if (failed(type))
      return failure();
    int64_t outer = computeProduct(type->getShape().take_front(op.getAxis()));
    SmallVector<SmallVector<float>> parts;
    for (Value input : op.getInput1()) {
      std::optional<SmallVector<float>> part = readConstant<float>(input);
      if (!part)
        return rewriter.notifyMatchFailure(op, "an input is not constant f32");
      parts.push_back(std::move(*part));
    }
    SmallVector<float> values;
    values.reserve(type->getNumElements());
    for (int64_t row = 0; row < outer; ++row)
      for (ArrayRef<float> part : parts) {
        size_t size = part.size() / outer;
        llvm::append_range(values, part.slice(row * size, size));
      }
    replaceByConstant(rewriter, op,
                      makeElements<float>(*type, values, "constant"));
    return success();
  }
};

struct FoldConstantsPass
    : lowbit::impl::FoldConstantsPassBase<FoldConstantsPass> {
  using Base::Base;
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populateFoldConstantsPatterns(set, maxElements);
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

void lowbit::populateFoldConstantsPatterns(RewritePatternSet &patterns,
                                           int64_t maxElements) {
  patterns
      .add<FoldTranspose, FoldReshape, FoldBinary<tosa::AddOp, add>,
           FoldBinary<tosa::SubOp, subtract>, FoldBinary<tosa::MulOp, multiply>,
           FoldUnary<tosa::NegateOp, negate>, FoldUnary<tosa::AbsOp, absolute>,
           FoldUnary<tosa::ReciprocalOp, reciprocal>,
           FoldUnary<tosa::RsqrtOp, reciprocalRoot>, FoldCastToFloat,
           FoldConcat>(patterns.getContext(), maxElements);
}
