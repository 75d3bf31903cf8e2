//===- FixedPointTest.cpp - Factors of fixed-point rescaling ------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/FixedPoint.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>
#include <random>

using namespace mlir::lowbit;

namespace {

constexpr int64_t int32Max = std::numeric_limits<int32_t>::max();

/// multiplier * 2^-shift, exact in double precision.
double toReal(RescaleFactor factor) {
  return std::ldexp(static_cast<double>(factor.multiplier), -factor.shift);
}

void expectFactor(double real, int64_t multiplier, int shift) {
  std::optional<RescaleFactor> factor = getRescaleFactor(real);
  ASSERT_TRUE(factor) << real;
  EXPECT_EQ(factor->multiplier, multiplier) << real;
  EXPECT_EQ(factor->shift, shift) << real;
}

TEST(FixedPointTest, PowersOfTwoAreExact) {
  for (int exponent = -32; exponent < 29; ++exponent)
    expectFactor(std::ldexp(1.0, exponent), int64_t(1) << 30, 30 - exponent);
}

TEST(FixedPointTest, NormalizedMultipliersAreNearest) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100000; ++i) {
    int exponent = static_cast<int>(random() % 61) - 31; // of the factor: <= 29
    double mantissa =
        0.5 + std::ldexp(static_cast<double>(random() >> 12), -53);
    double real = std::ldexp(mantissa, exponent);
    std::optional<RescaleFactor> factor = getRescaleFactor(real);
    ASSERT_TRUE(factor) << real;
    ASSERT_GE(factor->multiplier, 1 << 30) << real;
    ASSERT_GE(factor->shift, 2) << real;
    ASSERT_LE(factor->shift, 62) << real;
    // Half a unit of the multiplier, at the scale of the number itself.
    ASSERT_LE(std::abs(toReal(*factor) - real), std::ldexp(0.5, exponent - 31))
        << real;
  }
}

TEST(FixedPointTest, RoundsUpToTheNextPowerOfTwo) {
  // 1 - 2^-31 has the multiplier 2^31 - 1; half a unit more is 1.
  expectFactor(1 - std::ldexp(1.0, -31), int32Max, 31);
  expectFactor(1 - std::ldexp(1.0, -32), int64_t(1) << 30, 30);
  expectFactor(1 - std::ldexp(1.0, -53), int64_t(1) << 30, 30);
  expectFactor(1 - std::ldexp(1.0, -32) - std::ldexp(1.0, -53), int32Max, 31);
}

TEST(FixedPointTest, LargestFactor) {
  double limit = std::ldexp(1.0, 29);
  expectFactor(limit / 2, int64_t(1) << 30, 2);
  expectFactor(std::nextafter(limit, 0.0), int32Max, 2);
  EXPECT_FALSE(getRescaleFactor(limit));
  EXPECT_FALSE(getRescaleFactor(std::nextafter(limit, 2 * limit)));
  EXPECT_FALSE(getRescaleFactor(std::numeric_limits<double>::max()));
}

TEST(FixedPointTest, TinyFactorsKeepShift62) {
  // 2^-32 is the least power of two with a multiplier of 2^30.
  expectFactor(std::ldexp(1.0, -32), int64_t(1) << 30, 62);
  expectFactor(std::ldexp(1.0, -33), int64_t(1) << 29, 62);
  expectFactor(std::ldexp(3.0, -35), int64_t(3) << 27, 62);
  expectFactor(std::ldexp(1.0, -32) - std::ldexp(1.0, -85), int64_t(1) << 30,
               62);
  expectFactor(std::ldexp(1.0, -62), 1, 62);
  expectFactor(std::ldexp(1.5, -62), 2, 62); // ties away from zero
  expectFactor(std::ldexp(1.0, -63), 1, 62);
  expectFactor(std::nextafter(std::ldexp(1.0, -63), 0.0), 0, 62);
  expectFactor(std::ldexp(1.0, -200), 0, 62);
  expectFactor(std::numeric_limits<double>::denorm_min(), 0, 62);
}

TEST(FixedPointTest, Zero) {
  expectFactor(0.0, 0, 62);
  expectFactor(-0.0, 0, 62);
}

TEST(FixedPointTest, RefusesNegativeAndNonFinite) {
  EXPECT_FALSE(getRescaleFactor(-1.0));
  EXPECT_FALSE(getRescaleFactor(-std::numeric_limits<double>::denorm_min()));
  EXPECT_FALSE(getRescaleFactor(std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(getRescaleFactor(-std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(getRescaleFactor(std::numeric_limits<double>::quiet_NaN()));
}

} // namespace
