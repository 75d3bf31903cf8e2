//===- Ranges.cpp - Where uniform grids end -------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Ranges.h"

#include "lowbit/Support/RangeSearch.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

double lowbit::findPercentile(const Slice &slice, double percentile) {
  std::vector<double> magnitudes;
  for (double value : slice.values)
    magnitudes.push_back(std::abs(value));
  // As many as make up the share, at least one.
  auto rank = static_cast<size_t>(
      std::ceil(percentile / 100 * double(magnitudes.size())));
  rank = std::min(std::max<size_t>(rank, 1), magnitudes.size()) - 1;
  std::nth_element(magnitudes.begin(), magnitudes.begin() + rank,
                   magnitudes.end());
  return magnitudes[rank];
}

double lowbit::findLeastErrorMagnitude(const Slice &slice, int64_t top,
                                       int64_t steps, double norm) {
  double most = slice.getMost(), best = most;
  double least = std::numeric_limits<double>::infinity();
  for (int64_t i = steps; i > 0 && most > 0; --i) {
    double magnitude = most * double(i) / double(steps);
    double scale = toUsableScale(magnitude / double(top)), sum = 0;
    for (auto [value, cost] : llvm::zip_equal(slice.values, slice.costs)) {
      double code = std::nearbyint(value / scale);
      code = std::min(std::max(code, -double(top)), double(top));
      double error = std::abs(value - code * scale);
      sum += cost * (norm == 2 ? error * error : std::pow(error, norm));
    }
    if (sum < least) {
      least = sum;
      best = magnitude;
    }
  }
  return best;
}

double lowbit::findLeastDivergenceMagnitude(const Slice &slice, int64_t top) {
  constexpr int64_t bins = 2048;
  double most = slice.getMost();
  // Bins of numbers so small would have no width; and with a code for each
  // number, nothing is gained by clipping.
  if (most < std::numeric_limits<float>::min() ||
      int64_t(slice.size()) <= 2 * top + 1)
    return most;
  double width = 2 * most / bins;
  SmallVector<int64_t, 0> counts(bins, 0);
  double low = 0, high = 0;
  for (double value : slice.values) {
    auto bin = static_cast<int64_t>(std::floor(value / width)) + bins / 2;
    ++counts[std::min(std::max<int64_t>(bin, 0), bins - 1)];
    low = std::min(low, value);
    high = std::max(high, value);
  }
  Histogram histogram{low, high, width, -bins / 2, counts};
  auto [first, last] = findLeastDivergenceRange(histogram, 2 * top + 1);
  return std::max(-first, last);
}

/// The root of the falling or rising `function` between `low` and `high`, where
/// it is negative and positive.
static double bisect(double low, double high,
                     llvm::function_ref<double(double)> function) {
  for (int i = 0; i < 100; ++i) {
    double middle = (low + high) / 2;
    (function(middle) < 0 ? low : high) = middle;
  }
  return (low + high) / 2;
}

/// The error is 2 exp(-a) of what is clipped and a^2 / (3 * 4^bits) of rounding.
double lowbit::getLaplaceClip(unsigned bits) {
  double levels = std::ldexp(1.0, 2 * bits);
  return bisect(0, 64, [&](double clip) {
    return clip / (3 * levels) - std::exp(-clip);
  });
}

/// The error is (1 + a^2) (1 - erf(a / sqrt 2)) - sqrt(2 / pi) a exp(-a^2 / 2)
/// of what is clipped and a^2 / (3 * 4^bits) of rounding.
double lowbit::getGaussClip(unsigned bits) {
  double levels = std::ldexp(1.0, 2 * bits);
  return bisect(0, 32, [&](double clip) {
    double density = std::sqrt(2 / M_PI) * std::exp(-clip * clip / 2);
    return clip * std::erfc(clip / std::sqrt(2.0)) - density +
           clip / (3 * levels);
  });
}
