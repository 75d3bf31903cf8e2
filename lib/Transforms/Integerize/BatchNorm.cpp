//===- BatchNorm.cpp - a factor and a term for each channel on codes ------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A quantized model that has a batch norm between quantizers has no codes for its
// parameters. -lowbit-fold-batch-norm makes a depthwise convolution of one
// position of it, whose weights get codes here: 2^14 or -2^14 in each channel,
// with the scale that makes the factor of it. That is the factor itself, and the
// steps of the sums are fine enough for the term.

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Integerize.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

/// True if all that reads `value`, clamped or not, are encodes.
static bool isEncoded(Value value) {
  return llvm::all_of(value.getUsers(), [](Operation *user) {
    return isa<EncodeOp>(user) ||
           (isa<tosa::ClampOp>(user) && isEncoded(user->getResult(0)));
  });
}

namespace {

/// depthwise_conv2d(decode(x), w, b) -> depthwise_conv2d(decode(x), decode(w'), b)
struct EncodeFactors : OpRewritePattern<tosa::DepthwiseConv2DOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(tosa::DepthwiseConv2DOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getWeight().getType());
    ArrayRef<int64_t> shape = type.getShape();
    std::optional<CodedValue> input = getCodedValue(op.getInput());
    if (!input || shape[0] != 1 || shape[1] != 1 || shape[3] != 1 ||
        op->hasAttr("lowbit.reason") || !isEncoded(op.getResult()))
      return failure();
    std::optional<SmallVector<float>> factors =
        readConstant<float>(op.getWeight());
    std::optional<SmallVector<float>> terms = readConstant<float>(op.getBias());
    auto isFinite = [](float x) { return std::isfinite(x); };
    if (!factors || !terms || !llvm::all_of(*factors, isFinite) ||
        !llvm::all_of(*terms, isFinite))
      return failure();

    SmallVector<int16_t> codes;
    SmallVector<double> scales;
    for (auto [channel, factor] : llvm::enumerate(*factors)) {
      double term = (*terms)[terms->size() == 1 ? 0 : channel];
      double scale = getScale(factor, term / input->format.getScale());
      scales.push_back(scale);
      codes.push_back(static_cast<int16_t>(std::nearbyint(factor / scale)));
    }
    auto format = quant::UniformQuantizedPerAxisType::get(
        quant::QuantizationFlags::Signed, rewriter.getIntegerType(16),
        rewriter.getF32Type(), scales, SmallVector<int64_t>(scales.size(), 0),
        /*quantizedDimension=*/2, -largestCode, largestCode);
    Location loc = op.getWeight().getLoc();
    Value constant = ConstantOp::create(
        rewriter, loc, type.clone(format),
        makeElements<int16_t>(type.clone(format.getStorageType()), codes,
                              "factors"));
    Value decoded = DecodeOp::create(rewriter, loc, type, constant);
    rewriter.modifyOpInPlace(op,
                             [&] { op.getWeightMutable().assign(decoded); });
    return success();
  }

private:
  static constexpr int64_t largestCode = 1 << 14;

  /// The scale of a channel's factor. A term that is large beside the factor, in
  /// steps of the input, makes it coarser: sums stay below 2^30.
  static double getScale(double factor, double steps) {
    double scale =
        std::max(std::abs(factor) / largestCode, std::abs(steps) / (1 << 29));
    constexpr double least = std::numeric_limits<float>::min();
    constexpr double most = std::numeric_limits<float>::max();
    return scale >= least ? static_cast<float>(std::min(scale, most)) : 1.0f;
  }
};

} // namespace

void lowbit::populateIntegerizeBatchNormPatterns(RewritePatternSet &patterns,
                                                 Profile profile) {
  // The standard's own arithmetic is on real numbers.
  if (profile != Profile::Onnx)
    patterns.add<EncodeFactors>(patterns.getContext());
}
