//===- Codebooks.cpp - Codebooks of integers ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A codebook whose numbers are all multiples of one step names integers. Constant
// indices into it are affine codes with that step as their scale. The numbers of any
// other are rounded to steps of 16 bits: RoundCodebook.cpp. Where sums of these would
// leave 32 bits, they are written with three digits of 8 bits, where the last place is
// 2^-24 of the largest number or less: the codebook is the sum of three that have a step
// each.

#include "Codebooks.h"

#include "lowbit/Analysis/CodeData.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Integerize.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::lowbit;

std::optional<ConstantCodebook> ConstantCodebook::read(DecodeOp decode) {
  auto coded = cast<RankedTensorType>(decode.getInput().getType());
  auto constant = decode.getInput().getDefiningOp<ConstantOp>();
  ConstantCodebook result;
  result.format = dyn_cast<CodebookType>(coded.getElementType());
  if (!result.format || !constant)
    return std::nullopt;
  Value book = decode.getParameters().front();
  std::optional<SmallVector<float>> numbers = readConstant<float>(book);
  std::optional<SmallVector<int64_t>> codes = readCodes(constant);
  if (!numbers || !codes)
    return std::nullopt;
  result.constant = constant;
  result.numbers = std::move(*numbers);
  result.codes = std::move(*codes);
  llvm::append_range(result.bookShape,
                     cast<ShapedType>(book.getType()).getShape());
  llvm::append_range(result.codedShape, coded.getShape());
  llvm::append_range(result.shape, decode.getType().getShape());
  return result;
}

double ConstantCodebook::getMagnitude() const {
  double most = 0;
  for (float number : numbers) {
    if (!std::isfinite(number))
      return std::numeric_limits<double>::infinity();
    most = std::max<double>(most, std::abs(number));
  }
  return most;
}

std::optional<double> ConstantCodebook::findStep() const {
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
  std::optional<ConstantCodebook> book = ConstantCodebook::read(decode);
  if (!book || book->findStep())
    return {};
  double most = book->getMagnitude();
  double place = getLastPlace(most);
  if (!std::isfinite(most) || place < std::numeric_limits<float>::min())
    return {};
  SmallVector<int64_t> rest;
  for (float number : book->numbers)
    rest.push_back(std::llround(number / place));
  SmallVector<Value> parts;
  auto type = cast<RankedTensorType>(decode.getParameters().front().getType());
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

Value ConstantCodebook::createDecode(OpBuilder &builder, DecodeOp decode,
                                     ConstantSteps steps,
                                     ArrayRef<int64_t> book) const {
  steps.storage = constant->getAttrOfType<StorageAttr>(kStorageAttr);
  // The codebook in steps, unless some take over 16 bits.
  if ((format.getDim() > 1 || format.getStages() > 1) &&
      llvm::all_of(book, llvm::isInt<16>)) {
    auto numbers = llvm::to_vector_of<int16_t>(book);
    auto element = IntegerType::get(decode.getContext(), 16);
    steps.tables = DenseElementsAttr::get(
        RankedTensorType::get(bookShape, element), ArrayRef<int16_t>(numbers));
  }
  ConstantOp copy = constant;
  Value words = createSteps(builder, decode.getLoc(), steps, shape,
                            getBlobName(copy.getValue(), "weights"));
  return DecodeOp::create(builder, decode.getLoc(), decode.getType(), words);
}

namespace {

/// decode(constant, constant codebook) -> decode(constant steps)
struct DecodeCodebook : OpRewritePattern<DecodeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(DecodeOp op,
                                PatternRewriter &rewriter) const override {
    auto coded = cast<RankedTensorType>(op.getInput().getType());
    if (!isa<CodebookType>(coded.getElementType()) ||
        !op.getInput().getDefiningOp<ConstantOp>())
      return failure();
    std::optional<ConstantCodebook> book = ConstantCodebook::read(op);
    if (!book)
      return rewriter.notifyMatchFailure(op, "its codebook is not constant");
    std::optional<double> step = book->findStep();
    if (!step || *step < std::numeric_limits<float>::min())
      return rewriter.notifyMatchFailure(
          op, "its codebook holds numbers that are no multiples of one step");
    SmallVector<int64_t> entries;
    for (float number : book->numbers)
      entries.push_back(static_cast<int64_t>(number / *step));
    ConstantSteps steps;
    steps.scales = {*step};
    steps.steps = book->lookUp(ArrayRef<int64_t>(entries));
    if (!llvm::all_of(steps.steps, llvm::isInt<16>))
      return rewriter.notifyMatchFailure(
          op, "the sums of its codebook's stages have over 16 bits");
    rewriter.replaceOp(
        op, book->createDecode(rewriter, op, std::move(steps), entries));
    return success();
  }
};

} // namespace

void lowbit::populateCodebookPatterns(RewritePatternSet &patterns) {
  patterns.add<DecodeCodebook>(patterns.getContext());
}
