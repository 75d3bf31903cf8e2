//===- RangeSearch.cpp - Ranges that lose least ---------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/RangeSearch.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Bins [first, last) of a histogram, with 0 inside or at an end.
struct Window {
  int64_t first, last;
};

/// The number of bins below 0.
int64_t countNegative(const Histogram &histogram) {
  int64_t bins = histogram.counts.size();
  return std::min(std::max<int64_t>(-histogram.firstBin, 0), bins);
}

/// The real numbers that `window` covers.
std::pair<double, double> getRange(const Histogram &histogram, Window window) {
  auto edge = [&](int64_t i) {
    return static_cast<double>(histogram.firstBin + i) * histogram.binWidth;
  };
  double low = std::max(edge(window.first), histogram.min);
  double high = std::min(edge(window.last), histogram.max);
  return {std::min(low, 0.0), std::max(high, 0.0)};
}

/// Sums over the bins before each one, so that a sum over a window takes one
/// subtraction.
class Moments {
public:
  explicit Moments(const Histogram &histogram) {
    sums.push_back({});
    for (auto [i, count] : llvm::enumerate(histogram.counts)) {
      double middle = (static_cast<double>(histogram.firstBin) + i + 0.5) *
                      histogram.binWidth;
      middle = std::min(std::max(middle, histogram.min), histogram.max);
      Sums next = sums.back();
      next.count += count;
      next.first += count * middle;
      next.second += count * middle * middle;
      sums.push_back(next);
    }
  }

  double count(int64_t first, int64_t last) const {
    return sums[last].count - sums[first].count;
  }
  /// The sum of (x - center)^2.
  double squares(int64_t first, int64_t last, double center) const {
    double second = sums[last].second - sums[first].second;
    double linear = sums[last].first - sums[first].first;
    return second - 2 * center * linear + center * center * count(first, last);
  }

private:
  struct Sums {
    double count = 0, first = 0, second = 0;
  };
  llvm::SmallVector<Sums, 0> sums;
};

double getSquaredError(const Histogram &histogram, const Moments &moments,
                       Window window, int64_t levels) {
  auto [low, high] = getRange(histogram, window);
  double step = (high - low) / (levels - 1);
  // Bins whose middle is less than half a step from 0.
  auto clampBin = [&](double bin) {
    bin -= static_cast<double>(histogram.firstBin);
    return static_cast<int64_t>(
        std::min<double>(std::max<double>(bin, window.first), window.last));
  };
  double half = step / 2 / histogram.binWidth;
  int64_t nearFirst = clampBin(std::floor(-half - 0.5) + 1);
  int64_t nearLast = clampBin(std::ceil(half - 0.5));
  int64_t bins = histogram.counts.size();
  double between = moments.count(window.first, nearFirst) +
                   moments.count(nearLast, window.last);
  return moments.squares(0, window.first, low) +
         moments.squares(window.last, bins, high) +
         moments.squares(nearFirst, nearLast, 0) + between * step * step / 12;
}

/// What KL(P || Q) needs of one histogram.
class Divergence {
public:
  Divergence(const Histogram &histogram, int64_t levels)
      : counts(histogram.counts.begin(), histogram.counts.end()),
        levels(levels) {
    int64_t zero = countNegative(histogram), bins = counts.size();
    if (histogram.firstBin > 0 || zero == bins)
      return;
    double below = zero > 0 ? counts[zero - 1] : 0;
    double above = zero + 1 < bins ? counts[zero + 1] : 0;
    counts[zero] = std::max(below, above);
  }

  double operator()(Window window) const {
    double before = 0, inside = 0, after = 0;
    for (auto [i, count] : llvm::enumerate(counts))
      (int64_t(i) < window.first  ? before
       : int64_t(i) < window.last ? inside
                                  : after) += count;
    double total = before + inside + after, divergence = 0;
    int64_t size = window.last - window.first;
    for (int64_t bin = 0; bin < size;) {
      // The bins of one code.
      int64_t level = bin * levels / size, end = bin;
      double sum = 0, used = 0;
      for (; end < size && end * levels / size == level; ++end) {
        sum += counts[window.first + end];
        used += counts[window.first + end] > 0;
      }
      for (; bin < end; ++bin) {
        double seen = counts[window.first + bin];
        double coded = seen > 0 ? sum / used / inside : 0;
        seen += bin == 0 ? before : 0;
        seen += bin == size - 1 ? after : 0;
        if (seen == 0)
          continue;
        if (coded == 0)
          return std::numeric_limits<double>::infinity();
        divergence += seen / total * std::log(seen / total / coded);
      }
    }
    return divergence;
  }

  double getCount(int64_t bin) const { return counts[bin]; }

private:
  llvm::SmallVector<double, 0> counts;
  int64_t levels;
};

} // namespace

std::pair<double, double>
lowbit::findLeastSquaresRange(const Histogram &histogram, int64_t levels) {
  int64_t bins = histogram.counts.size(), zero = countNegative(histogram);
  Moments moments(histogram);
  Window best{0, bins};
  double least = std::numeric_limits<double>::infinity();
  for (int64_t first = 0; first <= zero; ++first)
    for (int64_t last = bins; last >= zero && last > first; --last) {
      double error = getSquaredError(histogram, moments, {first, last}, levels);
      if (error < least) {
        least = error;
        best = {first, last};
      }
    }
  return bins == 0 ? std::pair(histogram.min, histogram.max)
                   : getRange(histogram, best);
}

std::pair<double, double>
lowbit::findLeastDivergenceRange(const Histogram &histogram, int64_t levels) {
  int64_t bins = histogram.counts.size(), zero = countNegative(histogram);
  if (bins <= levels)
    return {histogram.min, histogram.max};
  Divergence divergence(histogram, levels);
  Window window{0, bins}, best = window;
  double least = divergence(window);
  while (window.last - window.first > levels) {
    bool mayRise = window.first<zero, mayFall = window.last> zero;
    if (!mayRise && !mayFall)
      break;
    double left = mayRise ? divergence.getCount(window.first) : 0;
    double right = mayFall ? divergence.getCount(window.last - 1) : 0;
    bool leftIsFarther = zero - window.first > window.last - zero;
    bool rise = mayRise &&
                (!mayFall || left < right || (left == right && leftIsFarther));
    rise ? ++window.first : --window.last;
    if (double found = divergence(window); found < least) {
      least = found;
      best = window;
    }
  }
  return getRange(histogram, best);
}
