//===- EncodeEntry.cpp - numbers from outside get codes at once -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A model with few bits brings its input to their range before it encodes it, as
// in encode(2 x - 1). Each step is monotonic, so each code begins at one number.
// It is found by bisection of all floats, with the arithmetic of the steps. Then
// the argument itself is encoded, by counting thresholds, to the same codes.

#include "FunctionChain.h"
#include "SinkDecode.h"

#include "lowbit/IR/Rounding.h"
#include "lowbit/Support/FloatSearch.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Code by code, what an encode of a per-tensor format computes.
class EncodeFunction {
public:
  explicit EncodeFunction(EncodeOp op) : op(op) {
    auto format = cast<Format>(op.getType().getElementType());
    auto given = [](auto list, auto byDefault) {
      return list ? decltype(byDefault)(*list) : byDefault;
    };
    if (op.countsThresholds()) {
      thresholds = given(op.getThresholds(), format.getThresholds(0));
      codes = given(op.getCodes(), format.getOrderedCodes(0));
      return;
    }
    auto uniform = cast<quant::UniformQuantizedType>(format);
    scale = static_cast<float>(uniform.getScale());
    zeroPoint = uniform.getZeroPoint();
    auto [least, most] = format.getCodeRange();
    for (int64_t code = least; code <= most; ++code)
      codes.push_back(code);
  }

  /// In ascending order of the numbers that have them.
  ArrayRef<int64_t> getCodes() const { return codes; }

  /// The position among the codes of that of `x`, which is not NaN.
  int64_t getRank(float x) {
    if (op.countsThresholds())
      return llvm::count_if(thresholds, [&](float t) { return x >= t; });
    bool multiplies = op.getScaling() == Scaling::Multiply;
    bool shifts = op.getScaling() == Scaling::DivideShift;
    float steps = multiplies ? x * (1.0f / scale) : x / scale;
    if (shifts)
      steps += static_cast<float>(zeroPoint);
    double code = roundNumber(steps, op.getRounding());
    code = std::isnan(code) ? 0 : code; // infinity times 0
    if (!shifts)
      code += zeroPoint;
    code = std::max<double>(code, codes.front());
    return std::min<double>(code, codes.back()) - codes.front();
  }

private:
  EncodeOp op;
  SmallVector<int64_t> codes;
  SmallVector<float> thresholds;
  float scale = 1;
  int64_t zeroPoint = 0;
};

/// encode(f(x)) -> encode(x) {thresholds, codes}, and
/// encode(reshape(x)) -> reshape(encode(x)), where x is an argument and f monotonic
struct EncodeEntry : OpRewritePattern<EncodeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    FunctionChain chain =
        getFunctionChain(op.getInput(), /*decodesNumbers=*/false);
    auto reshape = chain.variable.getDefiningOp<tosa::ReshapeOp>();
    Value argument = reshape ? reshape.getInput1() : chain.variable;
    if (!isa<BlockArgument>(argument) || (!reshape && chain.steps.empty()) ||
        (reshape && !reshape->hasOneUse()))
      return failure();
    auto format = cast<Format>(op.getType().getElementType());
    if (format.getScaleAxis() || format.hasParameters())
      return rewriter.notifyMatchFailure(
          op, "its format has scales along an axis, or parameters");
    auto type = cast<RankedTensorType>(argument.getType());
    if (!type.hasStaticShape() || !op.getType().hasStaticShape() ||
        type.getRank() == 0 || op.getType().getRank() == 0)
      return rewriter.notifyMatchFailure(op,
                                         "its shape is dynamic or of rank 0");

    EncodeOp entry;
    if (chain.steps.empty()) {
      entry = cast<EncodeOp>(rewriter.clone(*op));
      entry.getInputMutable().assign(argument);
      entry.getResult().setType(type.clone(op.getType().getElementType()));
    } else {
      entry = countThresholds(op, chain, argument, rewriter);
    }
    if (!entry)
      return failure();
    Value codes = entry;
    if (reshape)
      codes = reshapeCodes(rewriter, reshape.getLoc(), codes,
                           op.getType().getShape());
    rewriter.replaceOp(op, codes);
    return success();
  }

private:
  /// An encode of `argument` that finds the same codes; null, with a reason given,
  /// if there is none.
  static EncodeOp countThresholds(EncodeOp op, const FunctionChain &chain,
                                  Value argument, PatternRewriter &rewriter) {
    auto refuse = [&](const Twine &reason) {
      (void)rewriter.notifyMatchFailure(op, reason);
      return EncodeOp();
    };
    if (op.getRounding() == Rounding::Stochastic)
      return refuse("it rounds at random");
    if (!llvm::all_of(chain.steps, isMonotonic))
      return refuse("a step from the argument is no sum or product with a "
                    "number");
    auto format = cast<Format>(op.getType().getElementType());
    auto [least, most] = format.getCodeRange();
    constexpr int64_t mostCodes = 16;
    if (most - least >= mostCodes || op.getSaturation() == Saturation::Wrap)
      return refuse("its format has more than 16 codes, or codes that wrap");

    EncodeFunction function(op);
    auto getRank = [&](float x) {
      for (const FunctionStep &step : llvm::reverse(chain.steps))
        x = static_cast<float>(step.evaluate(x));
      return function.getRank(x);
    };
    SmallVector<int64_t> codes(function.getCodes());
    int64_t count = codes.size();
    bool falls = llvm::count_if(chain.steps, isFalling) % 2;
    if (falls)
      std::reverse(codes.begin(), codes.end());
    SmallVector<float> thresholds;
    for (int64_t rank = 1; rank < count; ++rank)
      thresholds.push_back(findLeastFloat([&](float x) {
        return falls ? getRank(x) < count - rank : getRank(x) >= rank;
      }));
    for (auto [index, threshold] : llvm::enumerate(thresholds))
      if (!std::isfinite(threshold) ||
          (index > 0 && threshold <= thresholds[index - 1]))
        return refuse("no number of the argument has some of its codes");
    auto type = cast<RankedTensorType>(argument.getType());
    return EncodeOp::create(
        rewriter, op.getLoc(), type.clone(op.getType().getElementType()),
        argument, Rounding::NearestEven, Saturation::Saturate,
        Scaling::Multiply, rewriter.getDenseF32ArrayAttr(thresholds),
        rewriter.getDenseI64ArrayAttr(codes), /*seed=*/IntegerAttr(),
        /*tensor_id=*/IntegerAttr());
  }

  /// Steps that float arithmetic computes here as it does there: double precision
  /// rounds a sum and a product of two floats to the same float.
  static bool isMonotonic(const FunctionStep &step) {
    if (!step.isPairwise())
      return isa<tosa::ClampOp>(step.op);
    return std::isfinite(*step.number) &&
           (*step.number != 0 || !isa<tosa::MulOp>(step.op));
  }

  static bool isFalling(const FunctionStep &step) {
    return (isa<tosa::SubOp>(step.op) && step.isFirst) ||
           (isa<tosa::MulOp>(step.op) && *step.number < 0);
  }
};

} // namespace

void lowbit::populateEncodeEntryPatterns(RewritePatternSet &patterns,
                                         Profile profile) {
  // The profiles of TFLite round entries in a way of their own.
  if (profile == Profile::Tosa || profile == Profile::Onnx)
    patterns.add<EncodeEntry>(patterns.getContext());
}
