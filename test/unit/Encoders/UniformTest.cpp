//===- UniformTest.cpp - Encoders for affine integers ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EncoderTestUtils.h"

#include "../../../lib/Encoders/Ranges.h"

#include "lowbit/Encoders/Encoder.h"

#include <numeric>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

std::vector<int64_t> getCodes(StringRef name, ArrayRef<float> values,
                              const EncoderArguments &arguments) {
  int64_t shape[] = {int64_t(values.size())};
  auto codes = encode(name, {values, shape, std::nullopt}, arguments).codes;
  return {codes.begin(), codes.end()};
}

TEST(UniformEncoder, RoundsInFiveModes) {
  // The scale is 1: the largest is 7 of 4 bits.
  std::vector<float> values = {7, 0.5, 1.5, -0.5, -2.5, 1.2, -1.2, 3};
  auto codes = [&](StringRef mode) {
    return getCodes("absmax", values,
                    {{"bits", "4"}, {"rounding", mode.str()}});
  };
  using Codes = std::vector<int64_t>;
  EXPECT_EQ(codes("nearest-even"), Codes({7, 0, 2, 0, -2, 1, -1, 3}));
  EXPECT_EQ(codes("nearest-away"), Codes({7, 1, 2, -1, -3, 1, -1, 3}));
  EXPECT_EQ(codes("floor"), Codes({7, 0, 1, -1, -3, 1, -2, 3}));
  EXPECT_EQ(codes("ceil"), Codes({7, 1, 2, 0, -2, 2, -1, 3}));
}

TEST(UniformEncoder, RoundsStochasticallyWithoutBias) {
  std::vector<float> values(20000, 1.25f);
  values[0] = 7;
  EncoderArguments arguments = {{"bits", "4"}, {"rounding", "stochastic"}};
  std::vector<int64_t> codes = getCodes("absmax", values, arguments);
  double mean = std::accumulate(codes.begin() + 1, codes.end(), 0.0) / 19999;
  // The deviation of the mean is sqrt(3/16 / 19999) = 0.003.
  EXPECT_NEAR(mean, 1.25, 0.015);
  arguments["seed"] = "1";
  EXPECT_NE(getCodes("absmax", values, arguments), codes);
}

TEST(UniformEncoder, TakesAChannelATensorOrAGroup) {
  std::vector<float> values = {1, 2, 4, 7, 10, 70, 30, 35, 14, 21};
  int64_t shape[] = {2, 5};
  Weights weights{values, shape, 0};
  auto scalesOf = [&](const EncodedWeights &encoded) {
    std::vector<double> scales;
    auto format = cast<Format>(encoded.format);
    for (int64_t i = 0; i < format.getNumChannels(); ++i)
      scales.push_back(format.getScale(0, i));
    return scales;
  };
  EXPECT_EQ(scalesOf(encode("absmax", weights, {{"bits", "4"}})),
            std::vector<double>({float(10.0 / 7), 10}));
  EXPECT_EQ(
      scalesOf(encode("absmax", weights, {{"bits", "4"}, {"per", "tensor"}})),
      std::vector<double>({10}));
  EncodedWeights groups =
      encode("absmax", weights, {{"bits", "4"}, {"group", "2"}});
  EXPECT_EQ(groups.parameters[0].shape, SmallVector<int64_t>({2, 3}));
  std::vector<double> scales(groups.parameters[0].numbers.begin(),
                             groups.parameters[0].numbers.end());
  EXPECT_EQ(scales, std::vector<double>(
                        {float(2.0 / 7), 1, float(10.0 / 7), 10, 5, 3}));
  std::vector<float> decoded = decodeWeights(groups, shape);
  EXPECT_EQ(decoded[3], 7);
  EXPECT_EQ(decoded[9], 21);
  // Channels last: groups lie along the other dimension.
  weights.axis = 1;
  groups = encode("absmax", weights, {{"bits", "4"}, {"group", "2"}});
  EXPECT_EQ(groups.parameters[0].shape, SmallVector<int64_t>({1, 5}));
  EXPECT_EQ(groups.parameters[0].numbers[0], 10);
}

TEST(UniformEncoder, GivesMinMaxAZeroPoint) {
  std::vector<float> values = {-3, 0, 1, 12};
  EXPECT_EQ(getCodes("min-max", values, {{"bits", "4"}}),
            std::vector<int64_t>({0, 3, 4, 15}));
  EXPECT_EQ(roundTrip("min-max", values, {{"bits", "4"}}), values);
  // All of one sign: 0 is a code still.
  EXPECT_EQ(getCodes("min-max", {5, 15}, {{"bits", "4"}}),
            std::vector<int64_t>({5, 15}));
}

TEST(UniformEncoder, TakesPowersOfTwoAsScales) {
  int64_t shape[] = {2};
  std::vector<float> values = {5, -1};
  auto format = cast<Format>(encode("absmax", {values, shape, std::nullopt},
                                    {{"bits", "4"}, {"scale", "power-of-two"}})
                                 .format);
  EXPECT_EQ(format.getScale(0, 0), 1);
}

TEST(UniformEncoder, CutsAtThePercentile) {
  std::vector<double> values;
  for (int i = 1; i <= 100; ++i)
    values.push_back(i % 2 ? i : -i);
  EXPECT_EQ(findPercentile(Slice(values), 90), 90);
  EXPECT_EQ(findPercentile(Slice(values), 100), 100);
}

TEST(UniformEncoder, FindsTheLeastErrorThatBruteForceFinds) {
  std::vector<float> floats = makeGaussian(8, 5);
  Slice slice(std::vector<double>(floats.begin(), floats.end()));
  double found = findLeastErrorMagnitude(slice, 3, 100, 2), least = HUGE_VAL;
  double best = 0;
  for (int i = 100; i > 0; --i) {
    double magnitude = slice.getMost() * i / 100, sum = 0;
    double scale = float(magnitude / 3);
    for (double value : slice.values) {
      double nearest = HUGE_VAL;
      for (int code = -3; code <= 3; ++code)
        nearest = std::min(nearest, std::abs(value - code * scale));
      sum += nearest * nearest;
    }
    if (sum < least) {
      least = sum;
      best = magnitude;
    }
  }
  EXPECT_EQ(found, best);
  EXPECT_NEAR(getError(floats, roundTrip("mse", floats, {{"bits", "3"}})),
              least, 1e-6);
}

TEST(UniformEncoder, ClipsAsItsMethodsDo) {
  // 4 bits of a Gaussian: cutting off tails costs less than coarse steps.
  std::vector<float> values = makeGaussian(20000);
  EncoderArguments bits = {{"bits", "4"}};
  double absmax = getError(values, roundTrip("absmax", values, bits));
  for (StringRef name : {"mse", "kl", "aciq", "percentile"})
    EXPECT_LT(getError(values, roundTrip(name, values, bits)), absmax)
        << name.str();
  double mse = getError(values, roundTrip("mse", values, bits));
  bits["distribution"] = "gauss";
  double aciq = getError(values, roundTrip("aciq", values, bits));
  EXPECT_LE(mse, aciq);
  EXPECT_LT(aciq, 1.02 * mse);
}

TEST(UniformEncoder, KnowsTheClipsOfDistributions) {
  // The tables that ACIQ's authors print, some digits cut off.
  EXPECT_NEAR(getLaplaceClip(2), 2.83, 0.005);
  EXPECT_NEAR(getLaplaceClip(3), 3.89, 0.01);
  EXPECT_NEAR(getLaplaceClip(4), 5.03, 0.005);
  EXPECT_NEAR(getLaplaceClip(8), 9.89, 0.015);
  EXPECT_NEAR(getGaussClip(2), 1.71, 0.005);
  EXPECT_NEAR(getGaussClip(3), 2.15, 0.005);
  EXPECT_NEAR(getGaussClip(4), 2.55, 0.01);
  EXPECT_NEAR(getGaussClip(8), 3.92, 0.01);
}

} // namespace
