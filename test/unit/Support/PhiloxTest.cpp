//===- PhiloxTest.cpp - Random words by their number ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/Philox.h"

#include "gtest/gtest.h"

using namespace mlir::lowbit;

namespace {

using Words = std::array<uint32_t, 4>;

/// The known answers that the generator's authors publish with Random123.
TEST(PhiloxTest, HasTheKnownAnswers) {
  EXPECT_EQ(computePhilox({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  uint32_t ones = 0xffffffff;
  EXPECT_EQ(computePhilox({ones, ones, ones, ones}, {ones, ones}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(computePhilox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                          {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(PhiloxTest, FourElementsShareACounter) {
  RandomWords words{7, 9};
  for (uint64_t block : {uint64_t(0), uint64_t(1), (uint64_t(1) << 32) + 3}) {
    Words four =
        computePhilox({uint32_t(block), uint32_t(block >> 32), 0, 0}, {7, 9});
    for (unsigned i = 0; i < 4; ++i)
      EXPECT_EQ(words.get(4 * block + i), four[i]);
  }
}

/// The reference vectors of FNV-1a.
TEST(PhiloxTest, NamesHaveNumbers) {
  EXPECT_EQ(numberTensor(""), 0x811c9dc5u);
  EXPECT_EQ(numberTensor("a"), 0xe40c292cu);
  EXPECT_EQ(numberTensor("foobar"), 0xbf9cf968u);
}

} // namespace
