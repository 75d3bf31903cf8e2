//===- LayerNorms.cpp - layer norms written out in TOSA -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RaiseComposites.h"

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// The operand of the binary `op` that is not a constant number; the number
/// goes to `number`. Null if there is none.
template <typename Op>
static Value splitNumber(Op op, std::optional<double> &number) {
  Value lhs = op.getInput1(), rhs = op.getInput2();
  if ((number = getConstantNumber(rhs)))
    return lhs;
  return (number = getConstantNumber(lhs)) ? rhs : Value();
}

namespace {
/// The mean of `input` over `axes`, in ascending order.
struct Mean {
  Value input;
  SmallVector<int64_t> axes;
};
} // namespace

/// reduce_sum(... reduce_sum(input)) * (1 / count)
static std::optional<Mean> matchMean(Value value) {
  auto mul = value.getDefiningOp<tosa::MulOp>();
  std::optional<double> factor;
  Value sum = mul ? splitNumber(mul, factor) : Value();
  if (!sum)
    return std::nullopt;
  Mean mean{sum, {}};
  double count = 1;
  while (auto reduce = mean.input.getDefiningOp<tosa::ReduceSumOp>()) {
    mean.input = reduce.getInput();
    mean.axes.push_back(reduce.getAxis());
    count *=
        cast<ShapedType>(mean.input.getType()).getDimSize(reduce.getAxis());
  }
  llvm::sort(mean.axes);
  bool repeats = llvm::adjacent_find(mean.axes) != mean.axes.end();
  if (mean.axes.empty() || repeats || std::abs(*factor * count - 1) > 1e-5)
    return std::nullopt;
  return mean;
}

/// The operand of a square, x * x or x ^ 2; null for other values.
static Value matchSquare(Value value) {
  if (auto mul = value.getDefiningOp<tosa::MulOp>())
    return mul.getInput1() == mul.getInput2() ? mul.getInput1() : Value();
  auto power = value.getDefiningOp<ActivationOp>();
  bool isSquare = power && power.getFunction() == Function::Power &&
                  power.getAlpha()->isExactlyValue(2.0);
  return isSquare ? power.getInput() : Value();
}

/// The operand of 1 / sqrt(x); null for other values.
static Value matchInverseRoot(Value value) {
  if (auto rsqrt = value.getDefiningOp<tosa::RsqrtOp>())
    return rsqrt.getInput1();
  auto reciprocal = value.getDefiningOp<tosa::ReciprocalOp>();
  auto root = reciprocal ? reciprocal.getInput1().getDefiningOp<ActivationOp>()
                         : nullptr;
  bool isRoot = root && root.getFunction() == Function::Sqrt;
  return isRoot ? root.getInput() : Value();
}

/// The constant that `op` combines with `input`, if it broadcasts to the type
/// of that; null otherwise.
template <typename Op> static Value getParameter(Op op, Value input) {
  Value other = op.getInput1() == input ? op.getInput2() : op.getInput1();
  auto type = dyn_cast<RankedTensorType>(other.getType());
  bool fits = getConstantElements(other) && op.getType() == input.getType() &&
              type && type.hasStaticShape();
  return fits ? other : Value();
}

namespace {

/// (x - mean(x)) * (1 / sqrt(mean((x - mean(x))^2) + epsilon)), with a constant
/// scale and offset behind it, if there are -> lowbit.layer_norm
struct RaiseLayerNorm : OpRewritePattern<tosa::MulOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(tosa::MulOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    if (!type || !type.getElementType().isF32() || !type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "is not a static product");
    Value centred = op.getInput1();
    Value stable = matchInverseRoot(op.getInput2());
    if (!stable) {
      centred = op.getInput2();
      stable = matchInverseRoot(op.getInput1());
    }
    auto sum = stable ? stable.getDefiningOp<tosa::AddOp>() : nullptr;
    if (!sum)
      return rewriter.notifyMatchFailure(
          op, "no factor is the inverse root of a sum");
    std::optional<double> epsilon;
    Value variance = splitNumber(sum, epsilon);
    std::optional<Mean> squares = variance ? matchMean(variance) : std::nullopt;
    if (!squares || !(*epsilon >= 0) || !std::isfinite(*epsilon) ||
        matchSquare(squares->input) != centred)
      return rewriter.notifyMatchFailure(
          op, "the root is not of the variance of the other factor");
    auto sub = centred.getDefiningOp<tosa::SubOp>();
    std::optional<Mean> mean = sub ? matchMean(sub.getInput2()) : std::nullopt;
    if (!mean || mean->input != sub.getInput1() ||
        mean->axes != squares->axes || mean->input.getType() != type)
      return rewriter.notifyMatchFailure(op, "the other factor is not centred");

    Operation *last = op;
    Value scale, offset;
    if (auto mul = getOnlyUser<tosa::MulOp>(last))
      if ((scale = getParameter(mul, last->getResult(0))))
        last = mul;
    if (auto add = getOnlyUser<tosa::AddOp>(last))
      if ((offset = getParameter(add, last->getResult(0))))
        last = add;
    rewriter.setInsertionPoint(last);
    auto number = [&](float value) -> Value {
      auto scalar = RankedTensorType::get(
          SmallVector<int64_t>(type.getRank(), 1), rewriter.getF32Type());
      return tosa::ConstOp::create(rewriter, op.getLoc(), scalar,
                                   DenseElementsAttr::get(scalar, value));
    };
    rewriter.replaceOpWithNewOp<LayerNormOp>(
        last, type, mean->input, scale ? scale : number(1),
        offset ? offset : number(0), rewriter.getDenseI64ArrayAttr(mean->axes),
        rewriter.getF32FloatAttr(*epsilon));
    return success();
  }

private:
  template <typename Op> static Op getOnlyUser(Operation *op) {
    return op->hasOneUse() ? dyn_cast<Op>(*op->user_begin()) : Op();
  }
};

} // namespace

void lowbit::populateRaiseLayerNormPatterns(RewritePatternSet &patterns) {
  patterns.add<RaiseLayerNorm>(patterns.getContext());
}
