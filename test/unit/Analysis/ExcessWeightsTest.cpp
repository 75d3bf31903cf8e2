//===- ExcessWeightsTest.cpp - What 16-bit sums do not hold ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/ExcessWeights.h"

#include "gtest/gtest.h"
#include <random>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// The greatest sum of weights of one sign that a 16-bit sum of a chunk has.
int64_t findGreatest(ArrayRef<int8_t> weights, StepShape shape, int64_t chunk) {
  int64_t size = shape.getStepSize(), greatest = 0;
  int64_t steps = weights.size() / size;
  for (int64_t first = 0; first < steps; first += chunk)
    for (int64_t position = 0; position < size; position += 2) {
      int64_t positive = 0, negative = 0;
      for (int64_t step = first; step < std::min(first + chunk, steps); ++step)
        for (int64_t i = 0; i < 2; ++i) {
          int64_t weight = weights[step * size + position + i];
          (weight > 0 ? positive : negative) += std::abs(weight);
        }
      greatest = std::max({greatest, positive, negative});
    }
  return greatest;
}

/// Takes the excess of random weights of at most `largest`; returns in how many steps.
int64_t check(int64_t steps, StepShape shape, int64_t chunk, int64_t highest,
              int largest, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> draw(-largest, std::min(largest, 127));
  SmallVector<int8_t> weights(steps * shape.getStepSize());
  for (int8_t &weight : weights)
    weight = draw(random);
  int64_t limit = getWeightLimit(highest);
  SmallVector<int8_t> rest(weights);
  SmallVector<int64_t> sums;
  int64_t calls = 0;
  int64_t count = takeExcess(rest, shape, chunk, limit,
                             [&](int64_t step, ArrayRef<int8_t> excess) {
                               ++calls;
                               if (sums.empty())
                                 sums.assign(weights.size(), 0);
                               EXPECT_LT(step, steps);
                               EXPECT_LE(findGreatest(excess, shape, 1), limit);
                               for (auto [i, weight] : llvm::enumerate(excess))
                                 sums[step * shape.getStepSize() + i] += weight;
                             });
  EXPECT_EQ(calls, count);
  EXPECT_LE(findGreatest(rest, shape, chunk), limit);
  for (size_t i = 0; i < weights.size(); ++i)
    EXPECT_EQ(weights[i], rest[i] + (sums.empty() ? 0 : sums[i]));
  return count;
}

TEST(ExcessWeightsTest, PartsAddUpAndFit) {
  unsigned seed = 0;
  for (int64_t highest : {1, 15, 127, 255})
    for (int largest : {1, 64, 127, 128})
      for (int64_t chunk : {1, 2, 4, 8})
        for (int64_t steps : {1, 3, 8, 17})
          check(steps, {8, 4}, chunk, highest, largest, ++seed);
  check(5, {1, 2}, 2, 255, 128, ++seed);
}

TEST(ExcessWeightsTest, NothingIsTakenOfWhatFits) {
  // 2 * 64 * 255 fits 16 bits; so do 4 * 127 * 64.
  EXPECT_EQ(check(16, {8, 4}, 1, 255, 64, 1), 0);
  EXPECT_EQ(check(16, {8, 4}, 2, 64, 127, 2), 0);
  EXPECT_GT(check(16, {8, 4}, 2, 255, 127, 3), 0);
}

TEST(ExcessWeightsTest, EndsOfTheRange) {
  // A pair of -128: 128 stays, 128 goes; of two steps each pair goes but one weight.
  SmallVector<int8_t> pair(2, -128);
  int64_t count = takeExcess(pair, {1, 2}, 1, getWeightLimit(255),
                             [](int64_t step, ArrayRef<int8_t> excess) {
                               EXPECT_EQ(step, 0);
                               EXPECT_EQ(excess[0] + excess[1], -128);
                             });
  EXPECT_EQ(count, 1);
  EXPECT_EQ(pair[0] + pair[1], -128);
}

TEST(ExcessWeightsTest, TheCheapestChunkIsChosen) {
  auto choose = [](int8_t weight) {
    SmallVector<int8_t> weights(64 * 32, weight);
    return choosePartialSums([&](auto use) { use(weights); }, {8, 4},
                             getWeightLimit(255), /*widening=*/0.3,
                             /*mostSteps=*/8);
  };
  EXPECT_EQ(choose(1).chunk, 8);
  EXPECT_EQ(choose(1).excess, 0);
  // Four times 2 * 16 * 255 fits.
  EXPECT_EQ(choose(16).chunk, 4);
  EXPECT_EQ(choose(64).chunk, 1);
  EXPECT_EQ(choose(127).chunk, 1);
  EXPECT_EQ(choose(127).excess, 64);
  EXPECT_EQ(choose(127).steps, 64);
}

} // namespace
