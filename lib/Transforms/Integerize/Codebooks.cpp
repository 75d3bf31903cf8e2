//===- Codebooks.cpp - Codebooks of integers ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A codebook whose numbers are all multiples of one step names integers. Constant
// indices into it are affine codes with that step as their scale. Any other numbers
// are written with three digits of 8 bits, where the last place is 2^-24 of the largest
// number or less: the codebook is the sum of three that have a step each.

#include "Codebooks.h"

#include "ConstantSteps.h"

#include "lowbit/Analysis/CodeData.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Integerize.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::lowbit;

/// The largest number that all of `numbers` are multiples of, by less than 2^15
/// times; nothing if there is none.
static std::optional<double> findStep(ArrayRef<float> numbers) {
  constexpr double mostSteps = 1 << 15;
  double least = 0, most = 0;
  for (float number : numbers) {
    double magnitude = std::abs(number);
    if (!std::isfinite(magnitude))
      return std::nullopt;
    most = std::max(most, magnitude);
    if (magnitude != 0 && (least == 0 || magnitude < least))
      least = magnitude;
  }
  if (least == 0)
    return 1.0;
  if (most >= least * mostSteps)
    return std::nullopt;
  // In units of the last place of the least number all are integers below 2^39.
  int exponent;
  std::frexp(least, &exponent);
  double unit = std::ldexp(1.0, exponent - 24);
  int64_t divisor = 0;
  for (float number : numbers)
    divisor = std::gcd(divisor, static_cast<int64_t>(std::abs(number) / unit));
  double step = divisor * unit;
  if (most >= step * mostSteps ||
      static_cast<double>(static_cast<float>(step)) != step)
    return std::nullopt;
  return step;
}

/// The last place of three digits for numbers up to `most`: of so few bits that
/// its multiples are f32 numbers.
static double getLastPlace(double most) {
  constexpr double largest = 127 * (65536 + 256 + 1);
  int exponent;
  std::frexp(most / largest, &exponent);
  double unit = std::ldexp(1.0, exponent - 16);
  return std::ceil(most / largest / unit) * unit;
}

SmallVector<Value> lowbit::splitCodebook(DecodeOp decode,
                                         PatternRewriter &rewriter) {
  auto coded = cast<RankedTensorType>(decode.getInput().getType());
  if (!isa<CodebookType>(coded.getElementType()) ||
      !decode.getInput().getDefiningOp<ConstantOp>())
    return {};
  Value bookValue = decode.getParameters().front();
  std::optional<SmallVector<float>> book = readConstant<float>(bookValue);
  double most = 0;
  if (!book || findStep(*book))
    return {};
  for (float number : *book)
    most = std::max<double>(most, std::abs(number));
  double place = getLastPlace(most);
  if (!std::isfinite(most) || place < std::numeric_limits<float>::min())
    return {};
  SmallVector<int64_t> rest;
  for (float number : *book)
    rest.push_back(std::llround(number / place));
  SmallVector<Value> parts;
  auto type = cast<RankedTensorType>(bookValue.getType());
  for (int digit = 0; digit < 3; ++digit, place *= 256) {
    SmallVector<float> numbers;
    for (int64_t &number : rest) {
      int64_t low = digit == 2 ? number : int8_t(number);
      numbers.push_back(static_cast<float>(double(low) * place));
      number = (number - low) / 256;
    }
    if (llvm::all_of(numbers, [](float number) { return number == 0; }))
      continue;
    Value constant =
        tosa::ConstOp::create(rewriter, decode.getLoc(), type,
                              makeElements<float>(type, numbers, "codebook"));
    parts.push_back(DecodeOp::create(rewriter, decode.getLoc(),
                                     decode.getType(), decode.getInput(),
                                     constant));
  }
  // The first layer takes the bias, which would be many steps of the last place.
  std::reverse(parts.begin(), parts.end());
  return parts;
}

namespace {

/// decode(constant, constant codebook) -> decode(constant steps)
struct DecodeCodebook : OpRewritePattern<DecodeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(DecodeOp op,
                                PatternRewriter &rewriter) const override {
    auto coded = cast<RankedTensorType>(op.getInput().getType());
    auto format = dyn_cast<CodebookType>(coded.getElementType());
    auto constant = op.getInput().getDefiningOp<ConstantOp>();
    if (!format || !constant)
      return failure();
    Value bookValue = op.getParameters().front();
    std::optional<SmallVector<float>> book = readConstant<float>(bookValue);
    std::optional<SmallVector<int64_t>> codes = readCodes(constant);
    if (!book || !codes)
      return rewriter.notifyMatchFailure(op, "its codebook is not constant");
    std::optional<double> step = findStep(*book);
    if (!step || *step < std::numeric_limits<float>::min())
      return rewriter.notifyMatchFailure(
          op, "its codebook holds numbers that are no multiples of one step");
    RankedTensorType type = op.getType();
    ConstantSteps steps;
    steps.scales = {*step};
    steps.storage = constant->getAttrOfType<StorageAttr>(kStorageAttr);
    steps.steps =
        lookUp(format, coded.getShape(), type.getShape(), *codes,
               cast<ShapedType>(bookValue.getType()).getShape(), *book, *step);
    if (!llvm::all_of(steps.steps, llvm::isInt<16>))
      return rewriter.notifyMatchFailure(
          op, "the sums of its codebook's stages have over 16 bits");
    if (format.getDim() > 1 || format.getStages() > 1)
      steps.tables =
          getTables(cast<ShapedType>(bookValue.getType()), *book, *step);
    Value words = createSteps(rewriter, op.getLoc(), steps, type.getShape(),
                              getBlobName(constant.getValue(), "weights"));
    rewriter.replaceOpWithNewOp<DecodeOp>(op, type, words);
    return success();
  }

private:
  /// The codebook in steps; null if some take over 16 bits.
  static Attribute getTables(ShapedType type, ArrayRef<float> book,
                             double step) {
    SmallVector<int16_t> numbers;
    for (float number : book) {
      auto steps = static_cast<int64_t>(number / step);
      if (!llvm::isInt<16>(steps))
        return {};
      numbers.push_back(static_cast<int16_t>(steps));
    }
    auto element = IntegerType::get(type.getContext(), 16);
    return DenseElementsAttr::get(
        RankedTensorType::get(type.getShape(), element),
        ArrayRef<int16_t>(numbers));
  }

  /// sum over stages of book[m or 0, stage, min(index, K - 1), d], in steps
  static SmallVector<int64_t>
  lookUp(CodebookType format, ArrayRef<int64_t> codedShape,
         ArrayRef<int64_t> shape, ArrayRef<int64_t> codes,
         ArrayRef<int64_t> bookShape, ArrayRef<float> book, double step) {
    int64_t axis = format.getAxis().value_or(0), dim = format.getDim();
    int64_t inner = 1, along = 1, codedAlong = 1;
    if (format.getAxis()) {
      inner = ShapedType::getNumElements(shape.drop_front(axis + 1));
      along = shape[axis];
      codedAlong = codedShape[axis];
    }
    int64_t stages = format.getStages(), entries = bookShape[2];
    SmallVector<int64_t> steps;
    for (int64_t i = 0, e = ShapedType::getNumElements(shape); i < e; ++i) {
      int64_t position = i / inner % along, outer = i / inner / along;
      int64_t vector = position / dim;
      uint64_t code = codes[(outer * codedAlong + vector) * inner + i % inner];
      int64_t sum = 0;
      for (int64_t stage = 0; stage < stages; ++stage) {
        int64_t index = (code >> (stage * format.getWidth())) &
                        llvm::maskTrailingOnes<uint64_t>(format.getWidth());
        index = std::min(index, entries - 1);
        int64_t row = (bookShape[0] == 1 ? 0 : vector) * stages + stage;
        float number = book[(row * entries + index) * dim + position % dim];
        sum += static_cast<int64_t>(number / step);
      }
      steps.push_back(sum);
    }
    return steps;
  }
};

} // namespace

void lowbit::populateCodebookPatterns(RewritePatternSet &patterns) {
  patterns.add<DecodeCodebook>(patterns.getContext());
}
