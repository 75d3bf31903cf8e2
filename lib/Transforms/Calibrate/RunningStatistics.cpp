//===- RunningStatistics.cpp - Statistics of a stream ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunningStatistics.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

/// floor(x / 2^exponent), for quotients that fit an int64_t.
static int64_t getBin(double x, int exponent) {
  return static_cast<int64_t>(std::floor(std::ldexp(x, -exponent)));
}

/// The least exponent whose bins cover [low, high], but no finer than f32
/// resolves the larger end: so bin numbers stay below 2^24.
static int getExponent(double low, double high) {
  constexpr int least = -149; // The smallest f32 is 2^-149.
  double magnitude = std::max(std::abs(low), std::abs(high));
  int exponent =
      magnitude == 0 ? least : std::max(std::ilogb(magnitude) - 23, least);
  while (getBin(high, exponent) - getBin(low, exponent) >=
         RunningStatistics::maxBins)
    ++exponent;
  return exponent;
}

void RunningStatistics::extend(double low, double high) {
  int newExponent = getExponent(low, high);
  if (!bins.empty())
    newExponent = std::max(newExponent, exponent);
  int64_t newFirst = getBin(low, newExponent);
  SmallVector<int64_t, 0> newBins(getBin(high, newExponent) - newFirst + 1, 0);
  // floor(floor(x) / 2^n) = floor(x / 2^n); beyond 63 all bits are the sign.
  int shift = bins.empty() ? 0 : std::min(newExponent - exponent, 63);
  for (auto [i, bin] : llvm::enumerate(bins))
    newBins[((firstBin + static_cast<int64_t>(i)) >> shift) - newFirst] += bin;
  bins = std::move(newBins);
  exponent = newExponent;
  firstBin = newFirst;
}

bool RunningStatistics::addSample(ArrayRef<float> elements) {
  if (elements.empty())
    return true;
  float low = elements.front(), high = low;
  bool isFinite = true;
  for (float x : elements) {
    isFinite &= std::abs(x) <= std::numeric_limits<float>::max();
    low = std::min(low, x);
    high = std::max(high, x);
  }
  if (!isFinite)
    return false;

  if (count == 0) {
    min = averageMin = low;
    max = averageMax = high;
    extend(min, max);
  } else {
    auto average = [](double &past, double now) {
      // Statements of one operation each: none may become a multiply-add.
      double kept = 0.9 * past, added = 0.1 * now;
      past = kept + added;
    };
    average(averageMin, low);
    average(averageMax, high);
    if (low < min || high > max) {
      min = std::min<double>(min, low);
      max = std::max<double>(max, high);
      extend(min, max);
    }
  }
  count += elements.size();

  double inverse = std::ldexp(1.0, -exponent);
  for (float x : elements) {
    double quotient = x * inverse; // Exact.
    int64_t bin = static_cast<int64_t>(quotient);
    bin -= quotient < static_cast<double>(bin);
    ++bins[bin - firstBin];
  }
  return true;
}

StatsAttr RunningStatistics::get(MLIRContext *context) const {
  assert(!isEmpty() && "there are no statistics of nothing");
  return StatsAttr::get(context, count, min, max, averageMin, averageMax,
                        std::ldexp(1.0, exponent), firstBin, bins);
}

StatsAttr lowbit::getConstantStatistics(ObserveOp op) {
  if (!isConstant(op.getInput()))
    return {};
  std::optional<SmallVector<float>> elements =
      readConstant<float>(op.getInput());
  RunningStatistics statistics;
  if (!elements || !statistics.addSample(*elements) || statistics.isEmpty())
    return {};
  return statistics.get(op.getContext());
}
