//===- FloatSearchTest.cpp - Where a property of floats begins ----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/FloatSearch.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace mlir::lowbit;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float least = std::numeric_limits<float>::denorm_min();
constexpr float greatest = std::numeric_limits<float>::max();

TEST(FloatSearchTest, FindsEachNumber) {
  for (float number : {-infinity, -greatest, -1.0f, -least, 0.0f, least, 0.1f,
                       1.0f, greatest, infinity})
    EXPECT_EQ(findLeastFloat([&](float x) { return x >= number; }), number);
}

TEST(FloatSearchTest, FindsTheNeighbourAboveAnOpenBorder) {
  for (float number : {-1.0f, -least, 0.0f, 0.1f, 16777216.0f})
    EXPECT_EQ(findLeastFloat([&](float x) { return x > number; }),
              std::nextafter(number, infinity));
}

TEST(FloatSearchTest, FindsInfinityIfNothingHolds) {
  EXPECT_EQ(findLeastFloat([](float) { return false; }), infinity);
}

TEST(FloatSearchTest, AsksWithTheArithmeticOfFloats) {
  // 2^24 + 1 is no float: the sum is a tie, and goes down to 2^24.
  float found = findLeastFloat([](float x) { return x + 1.0f > 0x1p24f; });
  EXPECT_EQ(found, 0x1p24f + 2.0f);
}

} // namespace
