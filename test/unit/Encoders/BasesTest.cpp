//===- BasesTest.cpp - Encoders for sums of signs -------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EncoderTestUtils.h"

#include "../../../lib/Encoders/Bases.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

Slice makeSlice(size_t count, uint64_t seed, bool hasCosts = false) {
  std::vector<float> values = makeGaussian(count, seed);
  Slice slice(std::vector<double>(values.begin(), values.end()));
  if (hasCosts) {
    std::vector<double> costs = makeCosts(count, seed);
    slice.costs.assign(costs.begin(), costs.end());
  }
  return slice;
}

/// The least cost of all signs, each with the best scales.
double searchSigns(const Slice &slice, unsigned count) {
  double least = HUGE_VAL;
  uint64_t choices = uint64_t(1) << (count * slice.size());
  for (uint64_t choice = 0; choice < choices; ++choice) {
    Bases bases;
    bases.scales.assign(count, 0);
    for (size_t i = 0; i < slice.size(); ++i)
      bases.signs.push_back((choice >> (i * count)) & ((1u << count) - 1));
    solveScales(slice, bases);
    least = std::min(least, getCost(slice, bases));
  }
  return least;
}

TEST(Bases, SolveScalesOfLeastCost) {
  Slice slice = makeSlice(20, 2, /*hasCosts=*/true);
  Bases bases = approximateGreedily(slice, 3, /*refine=*/true);
  double least = getCost(slice, bases);
  for (double &scale : bases.scales)
    for (double change : {-1e-3, 1e-3}) {
      scale += change;
      EXPECT_GT(getCost(slice, bases), least);
      scale -= change;
    }
}

TEST(Bases, ChooseTheNearestOfAllSums) {
  Slice slice = makeSlice(50, 3, /*hasCosts=*/true);
  Bases bases = approximateGreedily(slice, 3, /*refine=*/true);
  chooseSigns(slice, bases);
  for (size_t i = 0; i < slice.size(); ++i)
    for (uint32_t code = 0; code < 8; ++code)
      EXPECT_LE(std::abs(slice.values[i] - bases.decode(bases.signs[i])),
                std::abs(slice.values[i] - bases.decode(code)));
}

TEST(Bases, AlternateWithoutEverCostingMore) {
  for (unsigned count = 1; count <= 4; ++count)
    for (bool hasCosts : {false, true}) {
      Slice slice = makeSlice(200, count, hasCosts);
      Bases bases = approximateGreedily(slice, count, /*refine=*/false);
      std::vector<double> costs;
      alternate(slice, bases, 1000, &costs);
      for (size_t i = 1; i < costs.size(); ++i)
        EXPECT_LE(costs[i], costs[i - 1] * (1 + 1e-12));
      EXPECT_EQ(costs.back(), getCost(slice, bases));
      // A fixed point: less than all rounds were needed.
      EXPECT_LT(costs.size(), 2001u);
    }
}

TEST(Bases, AreNotFarFromTheBestOfAll) {
  double found = 0, best = 0;
  for (uint64_t seed = 1; seed < 3; ++seed) {
    Slice slice = makeSlice(6, seed);
    Bases bases = approximateGreedily(slice, 2, /*refine=*/true);
    alternate(slice, bases, 100);
    double least = searchSigns(slice, 2);
    EXPECT_GE(getCost(slice, bases), least - 1e-12);
    found += getCost(slice, bases);
    best += least;
  }
  EXPECT_LT(found, 4 * best);
}

TEST(BasesEncoder, OrdersMethodsByWhatTheySolve) {
  std::vector<float> values = makeGaussian(512);
  for (StringRef count : {"2", "3", "4"}) {
    EncoderArguments bases = {{"bases", count.str()}};
    double direct = getError(values, roundTrip("sketch-direct", values, bases));
    double refined =
        getError(values, roundTrip("sketch-refined", values, bases));
    double turns = getError(values, roundTrip("alternating", values, bases));
    EXPECT_LE(refined, direct * (1 + 1e-6));
    EXPECT_LE(turns, refined * (1 + 1e-6));
    EXPECT_EQ(roundTrip("horq", values, bases),
              roundTrip("sketch-direct", values, bases));
  }
}

/// Relative errors of a Gaussian: greedily, and in turns.
TEST(BasesEncoder, HasTheErrorsOfTheAuthorsTable) {
  std::vector<float> values = makeGaussian(100000);
  double square = getSquare(values);
  struct Row {
    const char *bases;
    double greedy, alternating;
  };
  // Those of the distribution, greedily: of one base, 1 - 2 / pi.
  for (const Row &row :
       {Row{"1", 1 - 2 / M_PI, 1 - 2 / M_PI}, Row{"2", 0.1307, 0.122},
        Row{"3", 0.0585, 0.033}, Row{"4", 0.0330, 0.015}}) {
    EncoderArguments arguments = {{"bases", row.bases}};
    EXPECT_NEAR(
        getError(values, roundTrip("sketch-direct", values, arguments)) /
            square,
        row.greedy, 0.004);
    double found =
        getError(values, roundTrip("alternating", values, arguments)) / square;
    EXPECT_LT(found, row.alternating + 0.006) << row.bases;
  }
}

TEST(BasesEncoder, OfOneBaseIsTheBinaryEncoder) {
  std::vector<float> values = makeGaussian(100);
  std::vector<float> binary = roundTrip("bwn", values);
  for (StringRef name : {"sketch-direct", "sketch-refined", "alternating"})
    EXPECT_EQ(roundTrip(name, values, {{"bases", "1"}}), binary);
}

TEST(BasesEncoder, ShiftsAsAbcNetDoes) {
  // Mean 0 and deviation 2: the signs of w - 2, w and w + 2.
  std::vector<float> values = {-3, -1, 1, 3, -2.5, 2.5, -1, 1, 0, 0};
  double variance = 0;
  for (float value : values)
    variance += value * value / 10;
  Slice slice(std::vector<double>(values.begin(), values.end()));
  Bases bases = approximateByShifts(slice, 3);
  for (size_t i = 0; i < values.size(); ++i)
    for (int base = 0; base < 3; ++base)
      EXPECT_EQ((bases.signs[i] >> base) & 1,
                values[i] + (base - 1) * std::sqrt(variance) >= 0);
  // Sums of signs that ascend with w: the scales are those of least squares.
  double least = getCost(slice, bases);
  bases.scales[1] += 1e-3;
  EXPECT_GT(getCost(slice, bases), least);
}

TEST(BasesEncoder, GivesSumsBackExactly) {
  std::vector<float> values;
  for (int code = 0; code < 16; ++code)
    values.push_back((code & 1 ? 4.0f : -4.0f) + (code & 2 ? 1.0f : -1.0f));
  EXPECT_EQ(roundTrip("alternating", values), values);
  // Of one magnitude, two bases are halves of it.
  std::vector<float> signs = {3, -3, 3, 3};
  EXPECT_EQ(roundTrip("sketch-direct", signs, {{"bases", "3"}}), signs);
}

} // namespace
