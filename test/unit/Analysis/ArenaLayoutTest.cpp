//===- ArenaLayoutTest.cpp - Where buffers lie ----------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/ArenaLayout.h"

#include "gtest/gtest.h"

#include <random>

using namespace mlir::lowbit;

/// Checks what every layout must satisfy.
static void expectValid(llvm::ArrayRef<BufferLifetime> buffers,
                        const ArenaLayout &layout, int64_t alignment) {
  ASSERT_EQ(layout.offsets.size(), buffers.size());
  EXPECT_GE(layout.size, layout.lowerBound);
  for (size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_EQ(layout.offsets[i] % alignment, 0);
    EXPECT_LE(layout.offsets[i] + buffers[i].size, layout.size);
    for (size_t j = 0; j < i; ++j)
      EXPECT_TRUE(!buffers[i].overlaps(buffers[j]) ||
                  layout.offsets[i] + buffers[i].size <= layout.offsets[j] ||
                  layout.offsets[j] + buffers[j].size <= layout.offsets[i])
          << "buffers " << j << " and " << i << " share bytes";
  }
}

TEST(ArenaLayoutTest, EmptyNeedsNothing) {
  ArenaLayout layout = layOutArena({}, 64);
  EXPECT_EQ(layout.size, 0);
  EXPECT_EQ(layout.lowerBound, 0);
}

TEST(ArenaLayoutTest, TouchingLifetimesOverlap) {
  BufferLifetime buffers[] = {{64, 0, 3}, {64, 3, 5}};
  EXPECT_EQ(layOutArena(buffers, 64).size, 128);
}

TEST(ArenaLayoutTest, DisjointLifetimesShare) {
  BufferLifetime buffers[] = {{64, 0, 2}, {100, 3, 5}};
  ArenaLayout layout = layOutArena(buffers, 64);
  EXPECT_EQ(layout.size, 128);
  EXPECT_EQ(layout.lowerBound, 128);
}

TEST(ArenaLayoutTest, TakesTheSmallestGap) {
  // At step 5 the second and the fourth leave gaps of 512 and 256 bytes.
  BufferLifetime buffers[] = {{1024, 0, 9}, {512, 0, 1}, {448, 0, 9},
                              {256, 0, 1},  {192, 0, 9}, {128, 5, 5}};
  ArenaLayout layout = layOutArena(buffers, 64);
  expectValid(buffers, layout, 64);
  EXPECT_EQ(layout.offsets[5], layout.offsets[3]);
}

TEST(ArenaLayoutTest, PlacesWhatReachesTooFarEarlier) {
  // By size, the third finds the end of the fifth taken by the second.
  BufferLifetime buffers[] = {{12 * 64, 0, 1},
                              {6 * 64, 1, 2},
                              {64, 2, 5},
                              {5 * 64, 3, 4},
                              {9 * 64, 4, 5}};
  ArenaLayout layout = layOutArena(buffers, 64);
  expectValid(buffers, layout, 64);
  EXPECT_EQ(layout.lowerBound, 18 * 64);
  EXPECT_EQ(layout.size, layout.lowerBound);
}

TEST(ArenaLayoutTest, RandomLayoutsAreValid) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    llvm::SmallVector<BufferLifetime> buffers;
    unsigned count = random() % 40;
    for (unsigned i = 0; i < count; ++i) {
      unsigned first = random() % 20, steps = random() % 6;
      int64_t size = random() % 1000;
      buffers.push_back({size, first, first + steps});
    }
    ArenaLayout layout = layOutArena(buffers, 64);
    expectValid(buffers, layout, 64);
    EXPECT_EQ(layout.offsets, layOutArena(buffers, 64).offsets);
  }
}
