//===- Tables.cpp - functions of one variable as tables -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A function of one 8-bit code has at most 256 values: they are computed here,
// in double precision, and rounded once. Softmax takes two small tables. In the
// profiles tflite-*, logistic and tanh are what TFLite computes in fixed point;
// in onnx, entries are the codes of what f32 operations give.

#include "FunctionChain.h"
#include "Requantizer.h"
#include "TfliteFunctions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// encode(f(decode(x))) -> table(x), for a chain f of operations on one variable
struct IntegerizeFunction : OpRewritePattern<EncodeOp> {
  IntegerizeFunction(MLIRContext *context, Profile profile)
      : OpRewritePattern(context), requantizer(profile) {}

  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    // Fixed-point patterns have a form of their own for decoded constants.
    bool decodesNumbers = !requantizer.isFixedPoint();
    FunctionChain chain = getFunctionChain(op.getInput(), decodesNumbers);
    bool isChange = chain.steps.empty();
    if (isChange && getFunctionStep(chain.variable, decodesNumbers))
      return rewriter.notifyMatchFailure(op,
                                         "its real numbers have another use");
    // A change of format alone rescales, but where that is no integer product.
    if (isChange && (requantizer.isFixedPoint() ||
                     !chain.variable.getDefiningOp<DecodeOp>()))
      return failure();
    std::optional<CodedValue> input = getCodedValue(chain.variable);
    if (!input && !isChange && chain.steps.back().isPairwise())
      return failure(); // It may be the factor of a sum.
    if (!input)
      return rewriter.notifyMatchFailure(
          op, "its variable is not the decode of a per-tensor format");
    quant::UniformQuantizedType format = getRescaledFormat(op, rewriter);
    if (!format)
      return failure();
    if (input->format.getStorageTypeIntegralWidth() > 8)
      return rewriter.notifyMatchFailure(op, "its variable has over 8 bits");

    auto [low, high] = getStorageRange(input->format);
    SmallVector<APInt> entries;
    for (int64_t code = low; code <= high; ++code)
      entries.push_back(
          APInt(getWordType(format).getIntOrFloatBitWidth(),
                computeEntry(code, input->format, chain.steps, format),
                /*isSigned=*/true, /*implicitTrunc=*/true));
    auto type = RankedTensorType::get({high - low + 1}, getWordType(format));
    Value table = arith::ConstantOp::create(
        rewriter, op.getLoc(), DenseElementsAttr::get(type, entries));
    rewriter.replaceOpWithNewOp<TableOp>(op, op.getType(), input->codes, table);
    return success();
  }

private:
  /// The code of the chain's value for `code` of `from`.
  int64_t computeEntry(int64_t code, quant::UniformQuantizedType from,
                       ArrayRef<FunctionStep> chain,
                       quant::UniformQuantizedType to) const {
    int64_t steps = code - from.getZeroPoint();
    if (auto known = computeAsTflite(steps, from, chain, to))
      return *known;
    // In profile onnx each number is an f32, as in the standard's operations.
    bool isOnnx = requantizer.getProfile() == Profile::Onnx;
    auto round = [&](double x) { return isOnnx ? static_cast<float>(x) : x; };
    double value = round(steps * from.getScale());
    for (const FunctionStep &step : llvm::reverse(chain))
      value = round(step.evaluate(value));
    if (isOnnx)
      return requantizer.encode(value, to);
    // NaN encodes as zero, as in lowbit.encode.
    double result =
        std::isnan(value) ? 0 : std::nearbyint(value / to.getScale());
    return static_cast<int64_t>(std::min<double>(
        std::max<double>(result + to.getZeroPoint(), to.getStorageTypeMin()),
        to.getStorageTypeMax()));
  }

  /// What TFLite's kernel computes, if it has one for these formats.
  std::optional<int64_t> computeAsTflite(int64_t steps,
                                         quant::UniformQuantizedType from,
                                         ArrayRef<FunctionStep> chain,
                                         quant::UniformQuantizedType to) const {
    auto isByte = [](quant::UniformQuantizedType format) {
      return format.isSigned() &&
             getStorageRange(format) == std::pair<int64_t, int64_t>(-128, 127);
    };
    if (!requantizer.isTflite() || chain.size() != 1 || !isByte(from) ||
        !isByte(to))
      return std::nullopt;
    auto scale = static_cast<float>(from.getScale());
    bool doubleRound = requantizer.getRounding() == RescaleMode::DoubleRound;
    if (isa<tosa::SigmoidOp>(chain.front().op) && to.getScale() == 1.0 / 256 &&
        to.getZeroPoint() == -128)
      return computeTfliteLogistic(steps, scale, doubleRound);
    if (isa<tosa::TanhOp>(chain.front().op) && to.getScale() == 1.0 / 128 &&
        to.getZeroPoint() == 0)
      return computeTfliteTanh(steps, scale, doubleRound);
    return std::nullopt;
  }

  Requantizer requantizer;
};

/// encode(softmax(decode(x))) -> table_softmax(x), last dimension last
struct IntegerizeSoftmax : OpRewritePattern<EncodeOp> {
  IntegerizeSoftmax(MLIRContext *context, Profile profile)
      : OpRewritePattern(context), profile(profile) {}

  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    auto softmax = op.getInput().getDefiningOp<SoftmaxOp>();
    if (!softmax)
      return failure();
    if (profile == Profile::Onnx)
      return rewriter.notifyMatchFailure(
          op, "profile onnx computes its softmax with real numbers");
    auto input = getCodedValue(softmax.getInput());
    if (!input)
      return rewriter.notifyMatchFailure(
          op, "the input of its softmax is not the decode of a per-tensor "
              "format");
    quant::UniformQuantizedType format = getRescaledFormat(op, rewriter);
    if (!format)
      return failure();
    int64_t rank = op.getType().getRank();
    if (static_cast<int64_t>(softmax.getAxis()) != rank - 1)
      return rewriter.notifyMatchFailure(
          op, "its softmax is not along the last dimension");
    double levels = std::round(1 / format.getScale());
    if (levels < 1 || levels > (1 << 24) ||
        static_cast<float>(format.getScale()) !=
            static_cast<float>(1 / levels) ||
        format.getZeroPoint() != format.getStorageTypeMin())
      return rewriter.notifyMatchFailure(
          op, "the format of its softmax does not divide [0, 1] from the least "
              "code up");
    if (input->format.getStorageTypeIntegralWidth() > 16 ||
        format.getStorageTypeIntegralWidth() > 16)
      return rewriter.notifyMatchFailure(op, "its softmax has over 16 bits");

    auto makeTable = [&](int64_t step) {
      SmallVector<int32_t> entries;
      for (int64_t i = 0; i < 256; ++i)
        entries.push_back(static_cast<int32_t>(std::llround(
            std::ldexp(std::exp(-input->format.getScale() * (step * i)), 30))));
      return createI32Tensor(rewriter, softmax.getLoc(), entries, {256});
    };
    Value coarse = makeTable(256), fine = makeTable(1);
    rewriter.replaceOpWithNewOp<TableSoftmaxOp>(op, op.getType(), input->codes,
                                                coarse, fine,
                                                static_cast<int32_t>(levels));
    return success();
  }

private:
  Profile profile;
};

} // namespace

void lowbit::populateIntegerizeTablePatterns(RewritePatternSet &patterns,
                                             Profile profile) {
  patterns.add<IntegerizeFunction, IntegerizeSoftmax>(patterns.getContext(),
                                                      profile);
}
