//===- WeightedEntropyTest.cpp - Tables by weighted entropy ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EncoderTestUtils.h"

#include "../../../lib/Encoders/WeightedEntropy.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

std::vector<double> makeImportances(size_t count, uint64_t seed) {
  std::vector<double> numbers;
  for (float value : makeGaussian(count, seed))
    numbers.push_back(double(value) * value);
  llvm::sort(numbers);
  return numbers;
}

/// The definition: mean importance times p log(1 / p), p = share of elements.
double getEntropy(ArrayRef<double> importances, ArrayRef<int64_t> borders) {
  double sum = 0, all = double(importances.size());
  for (size_t k = 0; k + 1 < borders.size(); ++k) {
    double size = double(borders[k + 1] - borders[k]), importance = 0;
    for (int64_t i = borders[k]; i < borders[k + 1]; ++i)
      importance += importances[i];
    sum += importance / size * (size / all) * std::log(all / size);
  }
  return sum;
}

TEST(WeightedEntropy, NeverFalls) {
  std::vector<double> importances = makeImportances(300, 3), entropies;
  SmallVector<int64_t> borders =
      cutByWeightedEntropy(importances, 8, 100, &entropies);
  EXPECT_GT(entropies.size(), 3u);
  for (size_t i = 1; i < entropies.size(); ++i)
    EXPECT_GE(entropies[i], entropies[i - 1] * (1 - 1e-12));
  EXPECT_NEAR(entropies.back(), getEntropy(importances, borders), 1e-9);
  EXPECT_EQ(borders.size(), 9u);
  EXPECT_EQ(borders.front(), 0);
  EXPECT_EQ(borders.back(), 300);
  for (size_t k = 1; k < borders.size(); ++k)
    EXPECT_LT(borders[k - 1], borders[k]);
}

TEST(WeightedEntropy, FindsTheBestOfTwoParts) {
  for (uint64_t seed = 1; seed < 20; ++seed) {
    std::vector<double> importances = makeImportances(9, seed);
    double best = 0;
    for (int64_t border = 1; border < 9; ++border)
      best = std::max(best, getEntropy(importances, {0, border, 9}));
    EXPECT_NEAR(
        getEntropy(importances, cutByWeightedEntropy(importances, 2, 10)), best,
        1e-12);
  }
}

TEST(WeightedEntropy, ComesNearBruteForce) {
  double found = 0, best = 0;
  for (uint64_t seed = 1; seed < 20; ++seed) {
    std::vector<double> importances = makeImportances(9, seed);
    double most = 0;
    for (int64_t one = 1; one < 8; ++one)
      for (int64_t two = one + 1; two < 9; ++two)
        most = std::max(most, getEntropy(importances, {0, one, two, 9}));
    double entropy =
        getEntropy(importances, cutByWeightedEntropy(importances, 3, 10));
    EXPECT_LE(entropy, most + 1e-12);
    found += entropy;
    best += most;
  }
  EXPECT_GT(found, 0.98 * best);
}

TEST(WeightedEntropyEncoder, KeepsFewDistinctValues) {
  std::vector<float> values = {1, 7, 2, 2, -4.5, 1, 7, 0};
  EXPECT_EQ(roundTrip("weighted-entropy", values, {{"centroids", "5"}}),
            values);
  std::vector<float> equal(7, 0.3f);
  EXPECT_EQ(roundTrip("weighted-entropy", equal), equal);
}

TEST(WeightedEntropyEncoder, StandsForTheRootOfTheMeanSquare) {
  // One part for each sign.
  std::vector<float> values = {1, 7, -3, -4, -5};
  float above = float(std::sqrt(25.0)), below = float(std::sqrt(50 / 3.0));
  EXPECT_EQ(roundTrip("weighted-entropy", values, {{"centroids", "2"}}),
            std::vector<float>({above, above, -below, -below, -below}));
}

TEST(WeightedEntropyEncoder, KeepsSignsAndOrder) {
  std::vector<float> values = makeGaussian(500);
  std::vector<float> decoded = roundTrip("weighted-entropy", values);
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(values[i] < 0, decoded[i] < 0);
    for (size_t j = 0; j < 20; ++j)
      if (values[i] < values[j])
        EXPECT_LE(decoded[i], decoded[j]);
  }
}

} // namespace
