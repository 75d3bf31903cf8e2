//===- GridTest.cpp - Encoders for balanced and projected grids -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EncoderTestUtils.h"

#include "../../../lib/Encoders/Projection.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

TEST(BalancedEncoder, UsesEachCodeAsOften) {
  std::vector<float> values = makeGaussian(4096);
  int64_t shape[] = {4096};
  for (unsigned bits = 1; bits <= 8; ++bits) {
    EncodedWeights encoded = encode("balanced", {values, shape, std::nullopt},
                                    {{"bits", std::to_string(bits)}});
    std::vector<int64_t> counts(size_t(1) << bits, 0);
    for (int64_t code : encoded.codes)
      ++counts[code];
    for (int64_t count : counts)
      EXPECT_EQ(count, 4096 >> bits);
    // One term: levels are odd multiples of one step.
    EXPECT_EQ(cast<Format>(encoded.format).getNumTerms(), 1u);
    for (size_t i = 1; i < values.size(); ++i)
      EXPECT_EQ(values[i] < values[0] && encoded.codes[i] > encoded.codes[0],
                false);
  }
}

TEST(BalancedEncoder, TakesTheStepOfLeastCost) {
  // Levels -3, -1, 1 and 3 times (3 * 6 + 2 + 1 + 3 * 5) / 20.
  EXPECT_EQ(roundTrip("balanced", {-2, 5, 1, -6}),
            std::vector<float>({-1.8f, 1.8f * 3, 1.8f, -1.8f * 3}));
  // The halves by mean: 5 of these are below it.
  std::vector<float> values = {0, 0.1f, 0.2f, 0.3f, 0.4f, 100};
  int64_t shape[] = {6};
  EXPECT_EQ(encode("balanced", {values, shape, std::nullopt},
                   {{"bits", "1"}, {"halves", "mean"}})
                .codes,
            SmallVector<int64_t>({0, 0, 0, 0, 0, 1}));
}

TEST(BalancedEncoder, KeepsEqualWeightsTogether) {
  EXPECT_EQ(roundTrip("balanced", {5, 5, 5, 5}), std::vector<float>(4, 5));
  EXPECT_EQ(roundTrip("balanced", {-5, -5, 5, 5, 5, 5, 5, 5}, {{"bits", "1"}}),
            std::vector<float>({-5, -5, 5, 5, 5, 5, 5, 5}));
}

const SmallVector<double> kGrids[] = {
    {-1, 1}, {-1, 0, 1}, {-4, -2, -1, 0, 1, 2, 4}, {-3, -2, -1, 0, 1, 2, 3}};

TEST(Projection, NeverCostsMore) {
  for (ArrayRef<double> grid : kGrids)
    for (bool hasCosts : {false, true}) {
      std::vector<float> values = makeGaussian(300, grid.size());
      Slice slice(std::vector<double>(values.begin(), values.end()));
      // One number costs something.
      if (hasCosts) {
        slice.costs.assign(300, 0);
        slice.costs.back() = 2;
      }
      std::vector<std::vector<double>> costs;
      Projection found = projectOntoGrid(slice, grid, 100, &costs);
      EXPECT_FALSE(costs.empty());
      for (const std::vector<double> &start : costs) {
        EXPECT_LE(getCost(slice, grid, found), start.back() * (1 + 1e-12));
        for (size_t i = 1; i < start.size(); ++i)
          EXPECT_LE(start[i], start[i - 1] * (1 + 1e-12) + 1e-12);
      }
    }
}

/// The least cost over all levels, each with its best scale.
double searchGrid(const Slice &slice, ArrayRef<double> grid) {
  size_t choices = 1;
  for (size_t i = 0; i < slice.size(); ++i)
    choices *= grid.size();
  double least = HUGE_VAL;
  for (size_t choice = 0; choice < choices; ++choice) {
    double product = 0, square = 0, cost = 0;
    size_t digits = choice;
    for (size_t i = 0; i < slice.size(); ++i, digits /= grid.size()) {
      double level = grid[digits % grid.size()], value = slice.values[i];
      product += slice.costs[i] * value * level;
      square += slice.costs[i] * level * level;
      cost += slice.costs[i] * value * value;
    }
    if (square > 0 && product > 0)
      cost -= product * product / square;
    least = std::min(least, cost);
  }
  return least;
}

TEST(Projection, IsNotFarFromTheBestOfAll) {
  for (ArrayRef<double> grid : kGrids) {
    double found = 0, best = 0;
    for (uint64_t seed = 1; seed < 6; ++seed) {
      std::vector<float> values = makeGaussian(5, seed);
      std::vector<double> costs = makeCosts(5, seed);
      Slice slice(std::vector<double>(values.begin(), values.end()));
      slice.costs.assign(costs.begin(), costs.end());
      double least = searchGrid(slice, grid);
      double cost = getCost(slice, grid, projectOntoGrid(slice, grid, 100));
      EXPECT_GE(cost, least - 1e-12);
      found += cost;
      best += least;
    }
    EXPECT_LT(found, 2.5 * best) << grid.size();
  }
}

TEST(ProjectionEncoder, GivesGridsBackExactly) {
  using List = std::vector<float>;
  EXPECT_EQ(roundTrip("admm", {-3, 0, 3}), List({-3, 0, 3}));
  EXPECT_EQ(roundTrip("admm", {-3, 3}, {{"grid", "binary"}}), List({-3, 3}));
  List powers = {-12, -6, -3, 0, 3, 6, 12};
  EXPECT_EQ(roundTrip("admm", powers, {{"grid", "pow2"}}), powers);
  List steps = {-9, -6, -3, 0, 3, 6, 9};
  EXPECT_EQ(roundTrip("admm", steps, {{"grid", "linear"}}), steps);
}

TEST(ProjectionEncoder, WeighsByCurvature) {
  // The one weight that costs something is met.
  std::vector<float> values = {3, 0.5, 0.75, 1};
  std::vector<double> costs = {1e-9, 1, 1e-9, 1e-9};
  EXPECT_NEAR(roundTrip("laq", values, {}, costs)[1], 0.5, 1e-6);
  EXPECT_GT(std::abs(roundTrip("admm", values)[1] - 0.5), 0.1);
}

TEST(ProjectionEncoder, OfTernaryGridsIsNotBetterThanTheBest) {
  std::vector<float> values = makeGaussian(1000);
  double best = getError(values, roundTrip("ternary", values));
  double found = getError(values, roundTrip("admm", values));
  EXPECT_GE(found, best * (1 - 1e-6));
  EXPECT_LT(found, best * 1.01);
}

} // namespace
