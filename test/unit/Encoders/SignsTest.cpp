//===- SignsTest.cpp - Encoders for signs and ternary weights -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EncoderTestUtils.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// The least cost of levels for each weight from -1, +1, and 0 if `hasZero`,
/// times one scale, or one for each sign: over all choices of levels.
double searchLevels(ArrayRef<float> values, ArrayRef<double> costs,
                    bool hasZero, bool twoLevels) {
  size_t base = hasZero ? 3 : 2, count = 1;
  for (size_t i = 0; i < values.size(); ++i)
    count *= base;
  double least = HUGE_VAL;
  for (size_t choice = 0; choice < count; ++choice) {
    double product[2] = {0, 0}, square[2] = {0, 0}, cost = 0;
    size_t digits = choice;
    for (size_t i = 0; i < values.size(); ++i, digits /= base) {
      double d = costs.empty() ? 1 : costs[i], value = values[i];
      cost += d * value * value;
      size_t digit = digits % base;
      if (digit == 2)
        continue;
      int side = twoLevels ? digit : 0;
      product[side] += d * (digit == 0 ? value : -value);
      square[side] += d;
    }
    for (int side : {0, 1})
      if (square[side] > 0 && product[side] > 0)
        cost -= product[side] * product[side] / square[side];
    least = std::min(least, cost);
  }
  return least;
}

TEST(BinaryEncoder, IsTheBestOfAll) {
  for (uint64_t seed = 1; seed < 6; ++seed) {
    std::vector<float> values = makeGaussian(8, seed);
    std::vector<double> costs = makeCosts(8, seed);
    EXPECT_NEAR(getError(values, roundTrip("bwn", values)),
                searchLevels(values, {}, false, false), 1e-6);
    EXPECT_NEAR(getError(values, roundTrip("lab", values, {}, costs), costs),
                searchLevels(values, costs, false, false), 1e-6);
  }
}

TEST(BinaryEncoder, HasTheMeanMagnitudeOfEachChannel) {
  std::vector<float> values = {1, -3, 0, 4, 8, -12};
  int64_t shape[] = {2, 3};
  EncodedWeights encoded = encode("bwn", {values, shape, 0});
  EXPECT_EQ(cast<PlanesType>(encoded.format).getScales().asArrayRef(),
            ArrayRef<float>({float(4.0 / 3), 8}));
  EXPECT_EQ(encoded.codes, SmallVector<int64_t>({1, 0, 1, 1, 1, 0}));
}

TEST(TernaryEncoder, IsTheBestOfAll) {
  for (uint64_t seed = 1; seed < 6; ++seed) {
    std::vector<float> values = makeGaussian(8, seed);
    std::vector<double> costs = makeCosts(8, seed);
    EXPECT_NEAR(getError(values, roundTrip("ternary", values)),
                searchLevels(values, {}, true, false), 1e-6);
    EXPECT_NEAR(getError(values, roundTrip("lat", values, {}, costs), costs),
                searchLevels(values, costs, true, false), 1e-6);
    EXPECT_NEAR(getError(values, roundTrip("ternary2", values)),
                searchLevels(values, {}, true, true), 1e-6);
    EXPECT_NEAR(getError(values, roundTrip("lat2", values, {}, costs), costs),
                searchLevels(values, costs, true, true), 1e-6);
  }
}

TEST(TernaryEncoder, FollowsItsAuthorsRules) {
  // Mean magnitude 2, threshold 1.4; the mean beyond it is 3.
  std::vector<float> values = {1, -1, 3, -4, 1, 2};
  EXPECT_EQ(roundTrip("twn", values), std::vector<float>({0, 0, 3, -3, 0, 3}));
  // Threshold 0.4 of the largest: what lies on it is 0.
  EXPECT_EQ(roundTrip("ttq", {10, -4, 4, 5, -6, -8}, {{"factor", "0.4"}}),
            std::vector<float>({7.5, 0, 0, 7.5, -7, -7}));
}

TEST(TernaryEncoder, CutsGaussiansWhereTheFormulaSays) {
  std::vector<float> values = makeGaussian(200000);
  std::vector<float> decoded = roundTrip("ternary", values);
  double sum = 0, least = HUGE_VAL;
  for (size_t i = 0; i < values.size(); ++i) {
    sum += std::abs(values[i]);
    if (decoded[i] != 0)
      least = std::min<double>(least, std::abs(values[i]));
  }
  EXPECT_NEAR(least / (sum / double(values.size())), 0.767, 0.01);
  // The authors' 0.7 is not far from it.
  EXPECT_LT(getError(values, roundTrip("twn", values)),
            1.01 * getError(values, decoded));
}

TEST(TernaryEncoder, GivesGroupsScalesOfTheirOwn) {
  std::vector<float> values = {1, -1, 0, 8, 8, 0};
  int64_t shape[] = {1, 6};
  EncodedWeights encoded =
      encode("ternary", {values, shape, 0}, {{"group", "3"}});
  EXPECT_EQ(encoded.parameters[0].numbers, SmallVector<float>({1, 8}));
  EXPECT_EQ(encoded.codes, SmallVector<int64_t>({1, -1, 0, 1, 1, 0}));
  EXPECT_EQ(decodeWeights(encoded, shape), values);
}

} // namespace
