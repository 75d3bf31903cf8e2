//===- RangeSearchTest.cpp - Ranges that lose least -----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/RangeSearch.h"

#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"

#include <cmath>
#include <limits>
#include <vector>

using namespace mlir::lowbit;

namespace {

using Range = std::pair<double, double>;

/// Bins of width 1 from `first` on, whose elements reach the outer edges.
Histogram makeHistogram(const std::vector<int64_t> &counts, int64_t first) {
  return {double(first), double(first + int64_t(counts.size())), 1, first,
          counts};
}

/// The description of findLeastSquaresRange, element by element.
Range searchSquares(const Histogram &histogram, int64_t levels) {
  int64_t first = histogram.firstBin;
  int64_t last = first + int64_t(histogram.counts.size());
  double least = std::numeric_limits<double>::infinity();
  Range best;
  for (int64_t i = std::min<int64_t>(first, 0); i <= 0; ++i)
    for (int64_t j = std::max<int64_t>(last, 0); j >= 0 && j > i; --j) {
      if ((i < 0 && i < first) || (j > 0 && j > last))
        continue;
      double step = double(j - i) / (levels - 1), error = 0;
      for (auto [bin, count] : llvm::enumerate(histogram.counts)) {
        double x = first + double(bin) + 0.5;
        double one = x < i ? x - i : x > j ? x - j : 0;
        error += count * (one != 0                 ? one * one
                          : std::abs(x) < step / 2 ? x * x
                                                   : step * step / 12);
      }
      if (error < least - 1e-9) {
        least = error;
        best = {double(i), double(j)};
      }
    }
  return best;
}

TEST(RangeSearch, SquaresFindWhatBruteForceFinds) {
  std::vector<std::vector<int64_t>> shapes;
  // A bell with outliers, a ReLU, an even spread, one far bin, two spikes.
  std::vector<int64_t> bell(64), half(64), even(64, 5), far(64), spikes(64);
  for (int i = 0; i < 64; ++i)
    bell[i] = std::lround(1e4 * std::exp(-(i - 30) * (i - 30) / 60.0));
  bell[63] = 1;
  for (int i = 0; i < 64; ++i)
    half[i] = std::lround(1e5 * std::exp(-i / 4.0));
  far[0] = 1000, far[1] = 900, far[63] = 1;
  spikes[3] = 7, spikes[50] = 100;
  for (const auto &counts : {bell, half, even, far, spikes})
    for (int64_t first : {-64, -30, -1, 0, 5})
      for (int64_t levels : {4, 16, 256}) {
        Histogram histogram = makeHistogram(counts, first);
        EXPECT_EQ(findLeastSquaresRange(histogram, levels),
                  searchSquares(histogram, levels))
            << "from " << first << " in " << levels << " levels";
      }
}

TEST(RangeSearch, SquaresCutAnOutlierOff) {
  std::vector<int64_t> counts(1000, 0);
  for (int i = 0; i < 100; ++i)
    counts[i] = 1000;
  counts[999] = 1;
  // In 16 levels, a step over everything costs more than one element.
  Range found = findLeastSquaresRange(makeHistogram(counts, 0), 16);
  EXPECT_EQ(found.first, 0);
  EXPECT_LT(found.second, 200);
  // In 2^16 levels it does not.
  EXPECT_EQ(findLeastSquaresRange(makeHistogram(counts, 0), 1 << 16),
            Range(0, 1000));
}

TEST(RangeSearch, StaysInsideTheExtremes) {
  std::vector<int64_t> counts(8, 10);
  Histogram histogram{-3.25, 3.5, 1, -4, counts};
  EXPECT_EQ(findLeastSquaresRange(histogram, 1 << 20), Range(-3.25, 3.5));
  EXPECT_EQ(findLeastDivergenceRange(histogram, 256), Range(-3.25, 3.5));
}

TEST(RangeSearch, TakesTheExtremesWithoutBins) {
  Histogram histogram{-1, 2, 0, 0, {}};
  EXPECT_EQ(findLeastSquaresRange(histogram, 256), Range(-1, 2));
  EXPECT_EQ(findLeastDivergenceRange(histogram, 256), Range(-1, 2));
}

/// KL(P || Q) of bins [first, last) in `levels`, for bins that are no zeros.
double divergenceOf(const std::vector<int64_t> &counts, int64_t first,
                    int64_t last, int64_t levels) {
  int64_t size = last - first;
  double before = 0, inside = 0, after = 0, result = 0;
  for (auto [i, count] : llvm::enumerate(counts))
    (int64_t(i) < first ? before : int64_t(i) < last ? inside : after) += count;
  double total = before + inside + after;
  for (int64_t i = 0; i < size; ++i) {
    double sum = 0, used = 0;
    for (int64_t j = 0; j < size; ++j)
      if (j * levels / size == i * levels / size) {
        sum += counts[first + j];
        used += counts[first + j] > 0;
      }
    double p = (counts[first + i] + (i == 0 ? before : 0) +
                (i == size - 1 ? after : 0)) /
               total;
    double q = counts[first + i] ? sum / used / inside : 0;
    if (p > 0)
      result +=
          q > 0 ? p * std::log(p / q) : std::numeric_limits<double>::infinity();
  }
  return result;
}

TEST(RangeSearch, DivergenceFindsWhatBruteForceFinds) {
  // From bin 1 on, so that no bin holds 0.
  std::vector<int64_t> counts(64);
  for (int i = 0; i < 64; ++i)
    counts[i] = 1 + std::lround(5e4 * std::exp(-i / 5.0)) + i % 3;
  for (int64_t levels : {8, 16, 32}) {
    double least = std::numeric_limits<double>::infinity();
    int64_t best = 0;
    for (int64_t last = 64; last >= levels; --last)
      if (double found = divergenceOf(counts, 0, last, levels); found < least) {
        least = found;
        best = last;
      }
    EXPECT_EQ(findLeastDivergenceRange(makeHistogram(counts, 1), levels),
              Range(0, double(best + 1)));
  }
}

TEST(RangeSearch, DivergenceOfBothSidesFindsWhatItsDescriptionSays) {
  // Bells with empty bins, off the middle of bins from -40 to 60; the bin of 0
  // counts as its larger neighbour.
  for (int seed = 0; seed < 20; ++seed) {
    std::vector<int64_t> counts(100);
    for (int i = 0; i < 100; ++i)
      counts[i] = i * (seed + 3) % 7 < 2
                      ? 0
                      : std::lround(1e3 * std::exp(-std::pow(i - 45, 2) / 500));
    int64_t zero = 40, levels = 5 + seed;
    counts[zero] = std::max(counts[zero - 1], counts[zero + 1]);
    int64_t first = 0, last = 100;
    double least = divergenceOf(counts, first, last, levels);
    Range best(first, last);
    while (last - first > levels && (first < zero || last > zero)) {
      double left = first < zero ? counts[first] : HUGE_VAL;
      double right = last > zero ? counts[last - 1] : HUGE_VAL;
      left < right || (left == right && zero - first > last - zero) ? ++first
                                                                    : --last;
      double found = divergenceOf(counts, first, last, levels);
      if (found < least - 1e-12) {
        least = found;
        best = {first, last};
      }
    }
    EXPECT_EQ(findLeastDivergenceRange(makeHistogram(counts, -zero), levels),
              Range(best.first - zero, best.second - zero))
        << seed;
  }
}

TEST(RangeSearch, DivergenceNarrowsTheSideThatHasLess) {
  // A bell from -32 to 32, and one element far to the right.
  std::vector<int64_t> counts(160, 0);
  for (int i = 0; i < 64; ++i)
    counts[i] = 10 + std::lround(1e4 * std::exp(-(i - 32) * (i - 32) / 200.0));
  counts[159] = 1;
  auto [low, high] = findLeastDivergenceRange(makeHistogram(counts, -32), 16);
  EXPECT_LE(low, -24);
  EXPECT_GE(high, 24);
  EXPECT_LE(high, 40);
}

TEST(RangeSearch, ZerosDoNotDecideAboutDivergence) {
  std::vector<int64_t> counts(64);
  for (int i = 0; i < 64; ++i)
    counts[i] = 1 + std::lround(5e4 * std::exp(-i / 5.0));
  Range without = findLeastDivergenceRange(makeHistogram(counts, 0), 16);
  counts[0] = 1 << 30;
  EXPECT_EQ(findLeastDivergenceRange(makeHistogram(counts, 0), 16), without);
}

} // namespace
