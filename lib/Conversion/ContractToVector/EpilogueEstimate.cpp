//===- EpilogueEstimate.cpp - Codes that f32 nearly tells -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EpilogueEstimate.h"

#include "EpilogueChannels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Some real numbers.
struct Interval {
  double low = 0, high = 0;

  Interval operator+(Interval other) const {
    return {low + other.low, high + other.high};
  }
  Interval operator*(double factor) const {
    return factor < 0 ? Interval{high * factor, low * factor}
                      : Interval{low * factor, high * factor};
  }
  double getMagnitude() const { return std::max(-low, high); }
  bool isWithin(double least, double most) const {
    return low >= least && high <= most;
  }
};

/// An integer of the epilogue in one channel: at most `error` from
///   sum * factor + codes * terms + constant,
/// unless one of `clamps` changes it.
struct Linear {
  double factor = 0, constant = 0;
  SmallVector<double, 2> terms;
  double error = 0;
  /// Where it lies, and where it would without its clamps.
  Interval range, unclamped;
  /// A number that is clamped, and what it is multiplied by since.
  struct Clamp {
    double factor, constant;
    SmallVector<double, 2> terms;
    double error, least, most, scale = 1;
  };
  SmallVector<Clamp, 1> clamps;

  void scale(double by) {
    factor *= by;
    constant *= by;
    for (double &term : terms)
      term *= by;
    error *= by;
    range = range * by;
    unclamped = unclamped * by;
    for (Clamp &clamp : clamps)
      clamp.scale *= by;
  }
  void add(double number) {
    constant += number;
    range = range + Interval{number, number};
    unclamped = unclamped + Interval{number, number};
  }
  void add(const Linear &other) {
    factor += other.factor;
    constant += other.constant;
    for (auto [term, added] : llvm::zip(terms, other.terms))
      term += added;
    error += other.error;
    range = range + other.range;
    unclamped = unclamped + other.unclamped;
    llvm::append_range(clamps, other.clamps);
  }
  void blur(double by) {
    error += by;
    range = range + Interval{-by, by};
    unclamped = unclamped + Interval{-by, by};
  }
};

/// Follows the epilogue of `op` in all channels.
class EpilogueReader {
public:
  EpilogueReader(ContractOp op, const ContractionLoops &loops,
                 ArrayRef<LinearOperand> operands, ArrayRef<SumRange> ranges)
      : op(op), loops(loops), operands(operands), ranges(ranges) {
    // Codes that are added, in the order of the operands.
    Block &body = op.getEpilogue().front();
    for (unsigned i = 1; i < body.getNumArguments(); ++i) {
      const LinearOperand &operand = operands[i + 1];
      if (!operand.elementType.isInteger() ||
          operand.elementType.getIntOrFloatBitWidth() > 16)
        continue;
      codes.push_back(i);
      auto [low, high] = getStorageRange(operand.format);
      codeRanges.push_back({double(low), double(high)});
    }
  }

  ArrayRef<unsigned> getCodes() const { return codes; }
  Interval getCodeRange(size_t i) const { return codeRanges[i]; }
  Interval getSumRange(size_t channel) const {
    return {double(ranges[channel].low), double(ranges[channel].high)};
  }
  size_t getNumChannels() const { return ranges.size(); }

  /// What `value` is; nothing if it is not followed.
  std::optional<SmallVector<Linear, 0>> read(Value value);
  /// What `scaled`, the operand of a change of scale less its zero point, becomes before
  /// it is rounded and clamped.
  template <typename Op>
  std::optional<SmallVector<Linear, 0>> readScaled(Op op);

private:
  SmallVector<Linear, 0> makeAll() const {
    Linear zero;
    zero.terms.assign(codes.size(), 0);
    return SmallVector<Linear, 0>(ranges.size(), zero);
  }
  static bool fits(ArrayRef<Linear> values) {
    return llvm::all_of(values, [](const Linear &value) {
      return value.range.isWithin(INT32_MIN, INT32_MAX);
    });
  }

  ContractOp op;
  const ContractionLoops &loops;
  ArrayRef<LinearOperand> operands;
  ArrayRef<SumRange> ranges;
  SmallVector<unsigned> codes;
  SmallVector<Interval> codeRanges;
};

} // namespace

template <typename Op>
std::optional<SmallVector<Linear, 0>> EpilogueReader::readScaled(Op scaled) {
  auto values = read(scaled.getValue());
  if (!values)
    return std::nullopt;
  for (Linear &value : *values)
    value.add(-static_cast<int32_t>(scaled.getInputZeroPoint()));
  if (!fits(*values))
    return std::nullopt;
  if constexpr (std::is_same_v<Op, RescaleOp>) {
    auto multipliers =
        readChannels<int32_t>(scaled.getMultiplier(), op, loops, operands);
    auto shifts = readChannels<int32_t>(scaled.getShift(), op, loops, operands);
    if (!multipliers || !shifts)
      return std::nullopt;
    bool roundsTwice = scaled.getRounding() == RescaleMode::DoubleRound;
    for (auto [value, multiplier, shift] :
         llvm::zip(*values, *multipliers, *shifts)) {
      value.scale(std::ldexp(multiplier, -shift));
      if (roundsTwice && shift > 31)
        value.blur(std::ldexp(1, 30 - shift));
    }
  } else {
    auto scales = readChannels<float>(scaled.getScale(), op, loops, operands);
    if (!scales ||
        llvm::any_of(*scales, [](float scale) { return !(scale >= 0); }))
      return std::nullopt;
    for (auto [value, scale] : llvm::zip(*values, *scales)) {
      value.scale(scale);
      value.blur(value.range.getMagnitude() * 0x1p-52); // of f64
    }
  }
  for (Linear &value : *values)
    value.add(static_cast<int32_t>(scaled.getOutputZeroPoint()));
  return values;
}

std::optional<SmallVector<Linear, 0>> EpilogueReader::read(Value value) {
  SmallVector<Linear, 0> result = makeAll();
  if (auto constants = readChannels<int32_t>(value, op, loops, operands)) {
    for (auto [number, constant] : llvm::zip(result, *constants))
      number.add(constant);
    return result;
  }
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    if (argument.getOwner() != &op.getEpilogue().front())
      return std::nullopt;
    unsigned position = argument.getArgNumber();
    const auto *code = llvm::find(codes, position);
    if (position != 0 && code == codes.end())
      return std::nullopt;
    for (auto [channel, number] : llvm::enumerate(result)) {
      size_t i = code - codes.begin();
      (position == 0 ? number.factor : number.terms[i]) = 1;
      number.range = number.unclamped =
          position == 0 ? getSumRange(channel) : codeRanges[i];
    }
    return result;
  }
  Operation *source = value.getDefiningOp();
  if (!source)
    return std::nullopt;
  if (auto shift = dyn_cast<arith::ShLIOp>(source)) {
    auto values = read(shift.getLhs());
    APInt bits;
    if (!values || !matchPattern(shift.getRhs(), m_ConstantInt(&bits)) ||
        bits.uge(31))
      return std::nullopt;
    for (Linear &number : *values)
      number.scale(std::ldexp(1, bits.getZExtValue()));
    return fits(*values) ? values : std::nullopt;
  }
  if (auto product = dyn_cast<arith::MulIOp>(source)) {
    auto values = read(product.getLhs());
    APInt factor;
    if (!values || !matchPattern(product.getRhs(), m_ConstantInt(&factor)) ||
        factor.isNegative())
      return std::nullopt;
    for (Linear &number : *values)
      number.scale(factor.getSExtValue());
    return fits(*values) ? values : std::nullopt;
  }
  if (auto add = dyn_cast<arith::AddIOp>(source)) {
    auto lhs = read(add.getLhs()), rhs = read(add.getRhs());
    if (!lhs || !rhs)
      return std::nullopt;
    for (auto [number, added] : llvm::zip(*lhs, *rhs))
      number.add(added);
    return fits(*lhs) ? lhs : std::nullopt;
  }
  auto rescale = dyn_cast<RescaleOp>(source);
  if (!rescale)
    return std::nullopt;
  auto values = readScaled(rescale);
  if (!values)
    return std::nullopt;
  bool saturates = rescale.getSaturation() == Saturation::Saturate;
  double least = static_cast<int32_t>(rescale.getMin()),
         most = static_cast<int32_t>(rescale.getMax());
  for (Linear &number : *values) {
    number.blur(0.5);
    if (!saturates || number.range.isWithin(least, most))
      continue;
    number.clamps.push_back({number.factor, number.constant, number.terms,
                             number.error, least, most});
    number.range = {std::clamp(number.range.low, least, most),
                    std::clamp(number.range.high, least, most)};
  }
  return fits(*values) ? values : std::nullopt;
}

/// True if what is clamped inside changes no code: where one of the clamps takes effect,
/// whatever else is added, `value` is one and more beyond `least` and `most`.
static bool ignoresClamps(const EpilogueReader &reader, const Linear &value,
                          size_t channel, int64_t least, int64_t most) {
  return llvm::all_of(value.clamps, [&](const Linear::Clamp &clamp) {
    Interval rest = reader.getSumRange(channel) *
                    (value.factor - clamp.scale * clamp.factor);
    for (size_t i = 0; i < value.terms.size(); ++i)
      rest = rest + reader.getCodeRange(i) *
                        (value.terms[i] - clamp.scale * clamp.terms[i]);
    double constant = value.constant - clamp.scale * clamp.constant;
    double error = value.error + 1;
    return clamp.scale * clamp.most + constant + rest.low - error > most + 1 &&
           clamp.scale * clamp.least + constant + rest.high + error < least;
  });
}

std::optional<EpilogueEstimate>
lowbit::estimateEpilogue(ContractOp op, const ContractionLoops &loops,
                         ArrayRef<LinearOperand> operands,
                         ArrayRef<SumRange> ranges) {
  EpilogueReader reader(op, loops, operands, ranges);
  Value last =
      cast<YieldOp>(op.getEpilogue().front().getTerminator()).getValue();
  EpilogueEstimate estimate;
  std::optional<SmallVector<Linear, 0>> values;
  auto readLast = [&](auto scaled) {
    estimate.least = static_cast<int32_t>(scaled.getMin());
    estimate.most = static_cast<int32_t>(scaled.getMax());
    values = reader.readScaled(scaled);
  };
  if (auto rescale = last.getDefiningOp<RescaleOp>();
      rescale && rescale.getSaturation() == Saturation::Saturate)
    readLast(rescale);
  else if (auto requantize = last.getDefiningOp<RequantizeOp>())
    readLast(requantize);
  if (!values || estimate.most - estimate.least > 255 || estimate.most > 255 ||
      estimate.least < -128)
    return std::nullopt;

  double largest = 1; // of all numbers whose integer part is the code
  for (auto [channel, value] : llvm::enumerate(*values)) {
    value.add(0.5);
    if (value.terms != values->front().terms ||
        !ignoresClamps(reader, value, channel, estimate.least, estimate.most))
      return std::nullopt;
    largest = std::max(largest, value.unclamped.getMagnitude());
  }
  // n is less than 2^30, and 16 bits behind a code of 8 are as many as f32 has.
  int64_t bits = std::min<int64_t>(16, 29 - std::ilogb(largest + 1));
  if (bits < 8)
    return std::nullopt;

  // Of f32: each number that is not exact, each product and each sum is rounded once.
  constexpr double rounding = 0x1p-24;
  double one = std::ldexp(1, bits);
  double inside = std::max(std::abs(double(estimate.least)),
                           std::abs(double(estimate.most))) +
                  2;
  auto getError = [&](const Linear &value, size_t channel, double result) {
    double added = std::abs(value.constant) + 1;
    for (size_t i = 0; i < value.terms.size(); ++i)
      added += std::abs(value.terms[i]) * reader.getCodeRange(i).getMagnitude();
    // The constant and the factors of codes; the sums that have them; the factor of the
    // sum, and the sum; the result.
    double numbers = added + added * (1 + value.terms.size()) +
                     2 * (result + added) + result;
    return 0.5 + one * (value.error + 1.01 * rounding * numbers);
  };
  double error = 0;
  for (auto [channel, value] : llvm::enumerate(*values)) {
    error = std::max(error, getError(value, channel, inside));
    // Further outside it may be larger, but never reaches back.
    if (getError(value, channel, value.unclamped.getMagnitude()) > one / 2)
      return std::nullopt;
  }
  int64_t raised = std::ceil(error) + 1;
  estimate.fractionBits = bits;
  estimate.margin = 2 * raised;
  if (estimate.margin * 512 > one)
    return std::nullopt;
  for (const Linear &value : *values) {
    estimate.factors.push_back(value.factor * one);
    estimate.offsets.push_back(value.constant * one + raised);
  }
  for (auto [i, position] : llvm::enumerate(reader.getCodes()))
    if (double term = values->front().terms[i])
      estimate.terms.push_back({position, float(term * one)});
  return estimate;
}
