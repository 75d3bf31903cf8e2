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

/// What KL(P || Q) needs of one histogram. A bin of a code is expected to have the
/// same share q as the others of it, so that sums of p log p and of p say all:
/// sums over the bins before each one are kept, and a window takes a few
/// operations for each code.
class Divergence {
public:
  Divergence(const Histogram &histogram, int64_t levels)
      : counts(histogram.counts.begin(), histogram.counts.end()),
        levels(levels) {
    int64_t zero = countNegative(histogram), bins = counts.size();
    if (histogram.firstBin <= 0 && zero < bins) {
      double below = zero > 0 ? counts[zero - 1] : 0;
      double above = zero + 1 < bins ? counts[zero + 1] : 0;
      counts[zero] = std::max(below, above);
    }
    sums.push_back({});
    for (double count : counts) {
      Sums next = sums.back();
      next.count += count;
      next.used += count > 0;
      next.logarithms += timesLog(count);
      sums.push_back(next);
    }
  }

  double operator()(Window window) const {
    double total = sums.back().count;
    double before = sums[window.first].count;
    double inside = sums[window.last].count - before;
    double after = total - sums[window.last].count;
    // Elements outside are in bins that Q leaves empty.
    if ((before > 0 && counts[window.first] == 0) ||
        (after > 0 && counts[window.last - 1] == 0))
      return std::numeric_limits<double>::infinity();
    int64_t size = window.last - window.first;
    double divergence = 0;
    for (int64_t level = 0; level < levels; ++level) {
      // The bins of one code: those whose i * levels / size is `level`. There are
      // as many bins as codes at least, so that the first is not the last.
      int64_t first = (level * size + levels - 1) / levels;
      int64_t last = ((level + 1) * size + levels - 1) / levels;
      const Sums &from = sums[window.first + first];
      const Sums &to = sums[window.first + last];
      double count = to.count - from.count;
      if (count == 0)
        continue;
      double seen = count, logarithms = to.logarithms - from.logarithms;
      auto add = [&](double outside, int64_t bin) {
        double within = counts[window.first + bin];
        seen += outside;
        logarithms += timesLog(within + outside) - timesLog(within);
      };
      if (first == 0)
        add(before, 0);
      if (last == size)
        add(after, size - 1);
      double share = count / (to.used - from.used) / inside;
      divergence += logarithms - seen * std::log(total * share);
    }
    return divergence / total;
  }

  double getCount(int64_t bin) const { return counts[bin]; }

private:
  static double timesLog(double x) { return x > 0 ? x * std::log(x) : 0; }

  struct Sums {
    double count = 0, used = 0, logarithms = 0;
  };
  llvm::SmallVector<double, 0> counts;
  llvm::SmallVector<Sums, 0> sums;
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
