//===- Reductions.cpp - sums, means and argmax in integers ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A sum of codes is exact in 32 bits. What it is multiplied by, as a mean is by
// one over the count, joins the one factor that brings it to the result's
// format.

#include "Requantizer.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Transforms/Integerize.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

quant::UniformQuantizedType lowbit::getSumsFormat(MLIRContext *context,
                                                  double scale) {
  return quant::UniformQuantizedType::get(
      quant::QuantizationFlags::Signed, IntegerType::get(context, 32),
      Float32Type::get(context), scale, /*zeroPoint=*/0,
      std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max());
}

CodedValue lowbit::createSum(OpBuilder &builder, Location loc,
                             const CodedValue &input,
                             ArrayRef<int64_t> dimensions) {
  auto format = getSumsFormat(builder.getContext(), input.format.getScale());
  auto type = cast<RankedTensorType>(input.codes.getType());
  SmallVector<int64_t> shape(type.getShape());
  for (int64_t dim : dimensions)
    shape[dim] = 1;
  Value sum = SumOp::create(builder, loc, type.clone(shape).clone(format),
                            input.codes, dimensions);
  return {sum, format};
}

bool lowbit::fitsSum(const CodedValue &input, double count) {
  return input.getLargestCode() * count <= std::numeric_limits<int32_t>::max();
}

namespace {

/// encode(clamp(reduce_sum(...(decode(x))) * constant)) -> rescale(sum(x))
struct IntegerizeSum : OpRewritePattern<EncodeOp> {
  IntegerizeSum(MLIRContext *context, Profile profile)
      : OpRewritePattern(context), requantizer(profile) {}

  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    Value source = op.getInput();
    auto [min, max] = peelClamps(source);
    double factor = 1;
    if (std::optional<ScaledValue> scaled = getScaledValue(source)) {
      factor = scaled->factor;
      source = scaled->value;
    }
    SmallVector<int64_t> dimensions;
    Location loc = source.getLoc();
    while (auto sum = source.getDefiningOp<tosa::ReduceSumOp>()) {
      if (!dimensions.empty() && !source.hasOneUse())
        break;
      dimensions.push_back(sum.getAxis());
      source = sum.getInput();
    }
    if (dimensions.empty())
      return failure();
    // lowbit.requantize would round at other ties.
    if (requantizer.getProfile() == Profile::Onnx)
      return rewriter.notifyMatchFailure(
          op, "profile onnx adds its numbers up in f32");
    std::optional<CodedValue> input = getCodedValue(source);
    if (!input)
      return rewriter.notifyMatchFailure(
          op, "the input of its sum is not the decode of a per-tensor format");
    quant::UniformQuantizedType format = getRescaledFormat(op, rewriter);
    if (!format)
      return failure();
    auto type = cast<RankedTensorType>(input->codes.getType());
    if (!type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "the shape of its sum is dynamic");
    llvm::sort(dimensions);
    dimensions.erase(llvm::unique(dimensions), dimensions.end());
    double count = 1;
    for (int64_t dim : dimensions)
      count *= static_cast<double>(type.getDimSize(dim));
    if (!fitsSum(*input, count))
      return rewriter.notifyMatchFailure(op, "its sums may leave 32 bits");
    double ratio = input->format.getScale() / format.getScale();
    bool isMean = factor == 1.0f / static_cast<float>(count);
    auto factors =
        isMean ? requantizer.getMeanFactors(ratio, static_cast<int64_t>(count))
               : requantizer.getFactors(ratio * factor);
    if (!factors)
      return rewriter.notifyMatchFailure(
          op, "the scale of its sums exceeds the result's by more than 2^29, "
              "or is negative");
    CodedValue sum = createSum(rewriter, loc, *input, dimensions);
    rewriter.replaceOp(op, requantizer.createOnTensor(
                               rewriter, loc, sum, format, *factors,
                               requantizer.getCodeInterval(min, max, format)));
    return success();
  }

private:
  Requantizer requantizer;
};

/// argmax(decode(x)) -> arg_max(x)
struct IntegerizeArgMax : OpRewritePattern<tosa::ArgMaxOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(tosa::ArgMaxOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<CodedValue> input = getCodedValue(op.getInput());
    if (!input)
      return rewriter.notifyMatchFailure(
          op, "its input is not the decode of a per-tensor format");
    auto type = cast<RankedTensorType>(input->codes.getType());
    auto result = dyn_cast<RankedTensorType>(op.getType());
    if (!type.hasStaticShape() || !result || !result.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "its shape is dynamic");
    int64_t size = type.getDimSize(op.getAxis());
    if (!result.getElementType().isInteger(32) || size < 1 ||
        size > std::numeric_limits<int32_t>::max())
      return rewriter.notifyMatchFailure(op, "its positions are no i32");
    rewriter.replaceOpWithNewOp<ArgMaxOp>(op, result, input->codes,
                                          op.getAxis());
    return success();
  }
};

} // namespace

void lowbit::populateIntegerizeReductionPatterns(RewritePatternSet &patterns,
                                                 Profile profile) {
  patterns.add<IntegerizeSum>(patterns.getContext(), profile);
  patterns.add<IntegerizeArgMax>(patterns.getContext());
}
