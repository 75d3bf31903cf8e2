//===- FloatFactorTest.cpp - Changes of scale in f32, proven exact --------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/FloatFactor.h"

#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace mlir::lowbit;

namespace {

/// round((sum + bias) * multiplier / 2^shift), halves upwards, clamped.
struct Rescale {
  int64_t bias, multiplier, shift, least, most;

  int64_t getCode(int64_t sum) const {
    int64_t product = (sum + bias) * multiplier + (int64_t(1) << (shift - 1));
    return std::clamp(product >> shift, least, most);
  }
  double getSlope() const { return std::ldexp(multiplier, -int(shift)); }
};

int64_t run(const FloatFactor &factor, int64_t sum, int64_t center,
            const Rescale &rescale) {
  float value = std::fma(static_cast<float>(sum), factor.factor, factor.offset);
  int64_t code = std::llrint(value) + (factor.exception == sum ? 1 : 0);
  return std::clamp(code + center, rescale.least, rescale.most);
}

/// Where codes begin.
TEST(FloatFactorTest, FindsStarts) {
  std::mt19937 random(1);
  for (int i = 0; i < 100; ++i) {
    Rescale rescale{int64_t(random() % 2000) - 1000,
                    int64_t(1) << 30 | int64_t(random() & 0x3fffffff),
                    31 + int64_t(random() % 12), 0, 255};
    // A slope that is wrong costs time only.
    double slope = rescale.getSlope() * (i % 3 == 0   ? 1000
                                         : i % 3 == 1 ? 1
                                                      : 0);
    auto steps = CodeSteps::find(
        [&](int64_t sum) { return rescale.getCode(sum); }, -5000, 6000, slope);
    ASSERT_TRUE(steps);
    EXPECT_EQ(steps->first, rescale.getCode(-5000));
    EXPECT_EQ(steps->last, rescale.getCode(6000));
    EXPECT_EQ(int64_t(steps->starts.size()), steps->last - steps->first);
    for (const CodeStart &start : steps->starts) {
      EXPECT_GE(rescale.getCode(start.sum), start.code);
      EXPECT_LT(rescale.getCode(start.sum - 1), start.code);
    }
  }
}

/// Every sum between the bounds has the same code both ways.
TEST(FloatFactorTest, IsExact) {
  std::mt19937 random(2);
  int fits = 0, exceptions = 0;
  for (int i = 0; i < 60; ++i) {
    int64_t shift = 36 + random() % 4, high = int64_t(1) << (shift - 22);
    Rescale rescale{int64_t(random() % 20000) - 10000,
                    int64_t(1) << 30 | int64_t(random() & 0x3fffffff), shift, 0,
                    255};
    auto steps =
        CodeSteps::find([&](int64_t sum) { return rescale.getCode(sum); },
                        -high, high, rescale.getSlope());
    ASSERT_TRUE(steps);
    for (int64_t center : {0, 128}) {
      auto factor = FloatFactor::fit(*steps, rescale.getSlope(), center, 0, 255,
                                     /*takesException=*/true);
      if (!factor)
        continue;
      ++fits;
      exceptions += factor->exception ? 1 : 0;
      for (int64_t sum = -high; sum <= high; ++sum)
        ASSERT_EQ(run(*factor, sum, center, rescale), rescale.getCode(sum))
            << sum << " " << rescale.multiplier << " " << shift;
    }
  }
  EXPECT_GT(fits, 110);
  EXPECT_GT(exceptions, 0);
}

/// Ends of 32 bits, a factor of 0, and of more than 1.
TEST(FloatFactorTest, TakesEnds) {
  constexpr int64_t least = std::numeric_limits<int32_t>::min();
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  for (Rescale rescale :
       {Rescale{0, 0, 62, -128, 127}, Rescale{0, 3 << 29, 30, -128, 127}}) {
    bool isSteep = rescale.shift == 30;
    int64_t low = isSteep ? -200 : least, high = isSteep ? 200 : most;
    auto steps =
        CodeSteps::find([&](int64_t sum) { return rescale.getCode(sum); }, low,
                        high, rescale.getSlope());
    ASSERT_TRUE(steps);
    auto factor = FloatFactor::fit(*steps, rescale.getSlope(), 0, -128, 127,
                                   /*takesException=*/false);
    ASSERT_TRUE(factor);
    std::vector<int64_t> sums = {low, -1, 0, 1, high};
    for (const CodeStart &start : steps->starts)
      sums.insert(sums.end(), {start.sum - 1, start.sum});
    for (int64_t sum : sums)
      EXPECT_EQ(run(*factor, sum, 0, rescale), rescale.getCode(sum)) << sum;
  }
}

/// More than 256 codes, sums of more than 32 bits, and codes that begin where f32 does not
/// tell sums apart.
TEST(FloatFactorTest, Refuses) {
  Rescale wide{0, 1 << 30, 31, -32768, 32767};
  auto getCode = [&](int64_t sum) { return wide.getCode(sum); };
  EXPECT_FALSE(CodeSteps::find(getCode, -1000, 1000, wide.getSlope()));
  EXPECT_TRUE(CodeSteps::find(getCode, -200, 200, wide.getSlope()));
  EXPECT_FALSE(CodeSteps::find(getCode, 0, int64_t(1) << 31, wide.getSlope()));
  // f32 does not tell a sum of more than 24 bits from its neighbour.
  Rescale large{0, 1 << 30, 53, -128, 127};
  auto steps = CodeSteps::find([&](int64_t sum) { return large.getCode(sum); },
                               -(int64_t(1) << 31), 0, large.getSlope());
  ASSERT_TRUE(steps);
  EXPECT_FALSE(FloatFactor::fit(*steps, large.getSlope(), 0, -128, 127, true));
}

} // namespace
