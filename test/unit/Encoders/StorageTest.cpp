//===- StorageTest.cpp - Codes in few bytes -------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Encoders/Storage.h"

#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

using Codes = SmallVector<int64_t>;

TEST(Prune, TakesTheSmallest) {
  EXPECT_EQ(pruneByMagnitude({3, -1, 2, 1, -4}, 0.5),
            std::vector<bool>({false, true, false, true, false}));
  EXPECT_EQ(pruneByMagnitude({1, 1, 1}, 0.4),
            std::vector<bool>({true, false, false}));
  EXPECT_EQ(pruneByMagnitude({1, 2}, 1), std::vector<bool>({true, true}));
  EXPECT_EQ(pruneByMagnitude({}, 1), std::vector<bool>());
}

TEST(RelativeIndex, FillsLongGaps) {
  // 2 bits: a gap of up to 3; then a zero is stored.
  Codes codes = {0, 0, 5, 0, 0, 0, 0, 0, 7, 9, 0};
  RelativeIndex index = RelativeIndex::encode(codes, 0, 2);
  EXPECT_EQ(index.gaps, (SmallVector<uint32_t, 0>({2, 3, 1, 0})));
  EXPECT_EQ(index.codes, (SmallVector<int64_t, 0>({5, 0, 7, 9})));
  EXPECT_EQ(llvm::cantFail(index.decode(0, codes.size())), codes);
}

TEST(RelativeIndex, GivesAllBack) {
  std::mt19937_64 generator(3);
  for (unsigned bits = 1; bits <= 8; ++bits)
    for (uint64_t density : {1, 4, 100}) {
      Codes codes;
      for (int i = 0; i < 1000; ++i)
        codes.push_back(generator() % density == 0 ? int64_t(generator() % 16)
                                                   : 3);
      RelativeIndex index = RelativeIndex::encode(codes, 3, bits);
      EXPECT_EQ(llvm::cantFail(index.decode(3, codes.size())), codes);
    }
  RelativeIndex nothing = RelativeIndex::encode(Codes(3, 0), 0, 4);
  EXPECT_TRUE(nothing.gaps.empty());
  EXPECT_EQ(llvm::cantFail(nothing.decode(0, 3)), Codes(3, 0));
}

TEST(RelativeIndex, RefusesGapsBeyondTheEnd) {
  RelativeIndex index;
  index.gaps = {2, 1};
  index.codes = {1, 1};
  EXPECT_EQ(llvm::toString(index.decode(0, 4).takeError()),
            "gaps lead beyond the last of 4 codes");
  index.codes.pop_back();
  EXPECT_EQ(llvm::toString(index.decode(0, 5).takeError()),
            "there are 2 gaps, but 1 codes");
}

/// The least bits of any code, as the sum of all inner nodes of a tree: found by
/// trying all ways to join.
int64_t searchBits(std::vector<int64_t> counts) {
  if (counts.size() < 2)
    return 0;
  int64_t least = INT64_MAX;
  for (size_t i = 0; i < counts.size(); ++i)
    for (size_t j = i + 1; j < counts.size(); ++j) {
      std::vector<int64_t> joined = counts;
      joined[i] += joined[j];
      joined.erase(joined.begin() + j);
      least = std::min(least, counts[i] + counts[j] + searchBits(joined));
    }
  return least;
}

TEST(Huffman, HasTheLeastBitsOfAllTrees) {
  std::mt19937_64 generator(5);
  for (int run = 0; run < 20; ++run) {
    std::vector<int64_t> counts;
    for (int i = 0; i < 6; ++i)
      counts.push_back(1 + int64_t(generator() % 50));
    EXPECT_EQ(HuffmanCode::build(counts).countBits(counts), searchBits(counts));
  }
}

TEST(Huffman, IsCanonical) {
  HuffmanCode code = HuffmanCode::build({1, 10, 0, 2, 4});
  EXPECT_EQ(code.getLengths(), ArrayRef<uint8_t>({3, 1, 0, 3, 2}));
  EXPECT_EQ(code.getWord(1), 0b0u);
  EXPECT_EQ(code.getWord(4), 0b10u);
  EXPECT_EQ(code.getWord(0), 0b110u);
  EXPECT_EQ(code.getWord(3), 0b111u);
  // Within one bit of the entropy.
  EXPECT_EQ(code.countBits({1, 10, 0, 2, 4}), 3 + 10 + 6 + 8);
}

TEST(Huffman, GivesAllBack) {
  std::mt19937_64 generator(6);
  for (int64_t symbols : {1, 2, 3, 16, 256}) {
    Codes codes;
    std::vector<int64_t> counts(symbols, 0);
    for (int i = 0; i < 3000; ++i) {
      double part = std::pow(double(generator() % 1000) / 1000, 4);
      codes.push_back(int64_t(part * double(symbols)));
      ++counts[codes.back()];
    }
    HuffmanCode code = HuffmanCode::build(counts);
    std::vector<uint8_t> bytes = code.encode(codes);
    EXPECT_EQ(int64_t(bytes.size()), (code.countBits(counts) + 7) / 8);
    HuffmanCode read =
        llvm::cantFail(HuffmanCode::fromLengths(code.getLengths()));
    EXPECT_EQ(llvm::cantFail(read.decode(bytes, codes.size())), codes);
  }
  EXPECT_TRUE(HuffmanCode::build({}).getLengths().empty());
}

TEST(Huffman, GrowsDeepForFibonacciCounts) {
  std::vector<int64_t> counts = {1, 1};
  while (counts.size() < 50)
    counts.push_back(counts[counts.size() - 2] + counts.back());
  HuffmanCode code = HuffmanCode::build(counts);
  EXPECT_EQ(code.getLengths()[0], 49);
  Codes codes = {0, 49, 1, 25};
  EXPECT_EQ(llvm::cantFail(code.decode(code.encode(codes), 4)), codes);
}

TEST(Huffman, RefusesWhatIsNoCode) {
  auto text = [](ArrayRef<uint8_t> lengths) {
    return llvm::toString(HuffmanCode::fromLengths(lengths).takeError());
  };
  EXPECT_EQ(text({1, 1, 2}), "the lengths of words leave none for symbol 2");
  EXPECT_EQ(text({64}),
            "symbol 0 has a word of 64 bits, but there are at most 63");
  HuffmanCode code = llvm::cantFail(HuffmanCode::fromLengths({1, 2}));
  EXPECT_EQ(llvm::toString(code.decode({0xFF}, 1).takeError()),
            "the bytes end, or hold no word, after 0 of 1 symbols");
  EXPECT_EQ(llvm::toString(code.decode({0x00}, 9).takeError()),
            "the bytes end, or hold no word, after 8 of 9 symbols");
}

} // namespace
