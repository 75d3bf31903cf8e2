//===- Pow2Test.cpp - Encoders for powers of two --------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EncoderTestUtils.h"

#include <set>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// All numbers that codes of the format stand for.
std::set<float> getNumbers(Format format) {
  std::set<float> numbers;
  for (int64_t code : format.getOrderedCodes(0))
    numbers.insert(format.decode(code, 0));
  return numbers;
}

/// Each weight became one of the numbers that are nearest to it.
void expectNearest(ArrayRef<float> values, ArrayRef<float> decoded,
                   const std::set<float> &numbers) {
  for (size_t i = 0; i < values.size(); ++i) {
    float nearest = HUGE_VALF;
    for (float number : numbers)
      nearest = std::min(nearest, std::abs(values[i] - number));
    EXPECT_EQ(std::abs(values[i] - decoded[i]), nearest) << values[i];
  }
}

TEST(InqEncoder, HasTheSetOfItsAuthors) {
  for (unsigned bits = 2; bits <= 6; ++bits) {
    std::vector<float> values = makeGaussian(2000, bits);
    int64_t shape[] = {2000};
    EncodedWeights encoded = encode("inq", {values, shape, std::nullopt},
                                    {{"bits", std::to_string(bits)}});
    double most = 0;
    for (float value : values)
      most = std::max<double>(most, std::abs(value));
    // n1 = floor(log2(4 s / 3)), n2 = n1 + 1 - 2^(b-1) / 2.
    int n1 = int(std::floor(std::log2(4 * most / 3)));
    int n2 = n1 + 1 - (1 << (bits - 1)) / 2;
    std::set<float> expected = {0};
    for (int e = n2; e <= n1; ++e)
      expected.insert({std::ldexp(1.0f, e), -std::ldexp(1.0f, e)});
    EXPECT_EQ(expected.size(), (size_t(1) << (bits - 1)) + 1);
    EXPECT_EQ(getNumbers(cast<Format>(encoded.format)), expected);
    expectNearest(values, decodeWeights(encoded, shape), expected);
  }
}

TEST(InqEncoder, RoundsUpFromTheMiddle) {
  EXPECT_EQ(roundTrip("inq", {1, 0.75, 0.74, -0.375, 0.374, 0.0624, 0.0625},
                      {{"bits", "4"}}),
            std::vector<float>({1, 1, 0.5, -0.5, 0.25, 0, 0.125}));
}

TEST(LogEncoder, RoundsLogarithms) {
  // From sqrt(2) on it is 2; as numbers, from 1.5 on.
  std::vector<float> values = {4, 1.42f, 1.41f, -2.83f, 2.82f, 0.71f, 0.70f, 0};
  EncoderArguments arguments = {{"bits", "3"}};
  EXPECT_EQ(roundTrip("log", values, arguments),
            std::vector<float>({4, 2, 1, -4, 2, 1, 0, 0}));
  arguments["midpoint"] = "linear";
  EXPECT_EQ(roundTrip("log", values, arguments),
            std::vector<float>({4, 1, 1, -2, 2, 1, 1, 0}));
}

TEST(ShiftCnnEncoder, HasTheSetOfItsAuthors) {
  for (unsigned bits = 2; bits <= 5; ++bits) {
    int64_t shape[] = {2};
    std::vector<float> values = {1, -1};
    EncodedWeights encoded =
        encode("shiftcnn", {values, shape, std::nullopt},
               {{"bits", std::to_string(bits)}, {"terms", "1"}});
    // C_1 = 0 and +-2^-i up to i = floor(M / 2) - 1, with M = 2^B - 1.
    EXPECT_EQ(getNumbers(cast<Format>(encoded.format)).size(),
              (size_t(1) << bits) - 1);
  }
}

TEST(ShiftCnnEncoder, TakesTheNearestTermOneAfterTheOther) {
  std::vector<float> values;
  for (int i = -1000; i <= 1000; ++i)
    values.push_back(float(i) / 1000);
  std::vector<float> decoded = roundTrip("shiftcnn", values);
  // The definition, term by term.
  for (size_t i = 0; i < values.size(); ++i) {
    double rest = values[i];
    for (int term = 0; term < 2; ++term) {
      double nearest = 0;
      for (int e = -6 - term; e <= -term; ++e)
        for (double power : {std::ldexp(1.0, e), -std::ldexp(1.0, e)})
          if (std::abs(rest - power) < std::abs(rest - nearest))
            nearest = power;
      rest -= nearest;
    }
    EXPECT_NEAR(std::abs(double(values[i]) - double(decoded[i])),
                std::abs(rest), 1e-7)
        << values[i];
  }
  // The largest residual of 2 terms of 4 bits.
  double worst = 0;
  for (size_t i = 0; i < values.size(); ++i)
    worst = std::max<double>(worst, std::abs(values[i] - decoded[i]));
  EXPECT_NEAR(worst, 0.0625, 0.001);
}

TEST(Pow2Encoder, GivesChannelsScalesOfTheirOwn) {
  std::vector<float> values = {1, 0.5, 100, 25};
  int64_t shape[] = {2, 2};
  EncodedWeights encoded =
      encode("inq", {values, shape, 0}, {{"per", "channel"}});
  EXPECT_EQ(decodeWeights(encoded, shape),
            std::vector<float>({1, 0.5, 128, 32}));
}

} // namespace
