//===- StoredWordsTest.cpp - Constants come back from few bytes -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Encoders/StoredWords.h"

#include "gtest/gtest.h"

#include <random>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

struct StoredWordsTest : ::testing::Test {
  StoredWordsTest() { context.loadDialect<LowbitDialect>(); }

  StoredWords encode(ArrayRef<int64_t> words, StorageKind kind,
                     unsigned gap = 0, unsigned wordBytes = 1) {
    return StoredWords::encode(words, wordBytes,
                               StorageAttr::get(&context, kind, gap));
  }

  static constexpr StorageKind kinds[] = {
      StorageKind::Packed, StorageKind::Sparse, StorageKind::Huffman,
      StorageKind::SparseHuffman, StorageKind::Smallest};
  /// Bytes that describe a stream of one length and a constant.
  static constexpr int64_t count = 4, row = 4 * StoredSection::rowSize;
  MLIRContext context;
};

constexpr StorageKind StoredWordsTest::kinds[];

TEST_F(StoredWordsTest, PackedTakesTheBytesOfItsFormula) {
  for (int64_t bits = 1; bits <= 8; ++bits)
    for (int64_t size : {256, 257, 1000, 1031}) {
      SmallVector<int64_t> words;
      for (int64_t i = 0; i < size; ++i)
        words.push_back(i % (int64_t(1) << bits) - (int64_t(1) << (bits - 1)));
      StoredWords stored = encode(words, StorageKind::Packed);
      // One gap of 0 is described in a byte and a count.
      int64_t symbols = int64_t(1) << bits;
      EXPECT_EQ(stored.values.bits.size(), size_t(size * bits + 7) / 8);
      EXPECT_EQ(stored.countBytes(),
                (size * bits + 7) / 8 + symbols + 1 + 2 * count + row);
      EXPECT_EQ(stored.decode(size), words);
    }
}

TEST_F(StoredWordsTest, OneValueTooManyMakesTheRarestLonger) {
  // 0 and 255 values that occur more often, and another as rare.
  for (int64_t size : {700, 1031}) {
    SmallVector<int64_t> words;
    for (int64_t i = 0; i < size; ++i)
      words.push_back(i % 255 + 1);
    words.insert(words.begin() + size / 2, {300, 0, 300});
    StoredWords stored =
        encode(words, StorageKind::Packed, /*gap=*/0, /*wordBytes=*/2);
    EXPECT_EQ(stored.values.minLength, 8u);
    EXPECT_EQ(stored.values.counts, (SmallVector<uint32_t>{255, 2}));
    // 0 occurs once, 300 twice, the others at least twice.
    int64_t bits = 8 * words.size() + 1 + 2;
    EXPECT_EQ(stored.values.bits.size(), size_t(bits + 7) / 8);
    EXPECT_EQ(stored.decode(words.size()), words);
  }
}

TEST_F(StoredWordsTest, OnlyOneValueTakesNoBits) {
  for (StorageKind kind : kinds)
    for (int64_t value : {0, 5, -128})
      for (size_t size : {1, 255, 256, 257, 4097}) {
        SmallVector<int64_t> words(size, value);
        StoredWords stored = encode(words, kind);
        EXPECT_EQ(stored.values.bits.size(), 0u);
        EXPECT_EQ(stored.gaps.bits.size(), 0u);
        EXPECT_EQ(stored.decode(size), words);
      }
}

TEST_F(StoredWordsTest, NoWordIsStored) {
  for (StorageKind kind : kinds)
    EXPECT_TRUE(encode({}, kind).decode(0).empty());
}

TEST_F(StoredWordsTest, GapsThatAreTooLongAreFilled) {
  for (unsigned bits = 1; bits <= mostGapBits; ++bits)
    for (size_t zeros : {0, 1, 2, 254, 255, 256, 257, 511, 512}) {
      SmallVector<int64_t> words(zeros, 0);
      words.push_back(7);
      words.append(zeros, 0);
      StoredWords stored = encode(words, StorageKind::Sparse, bits);
      EXPECT_EQ(stored.gapBits, bits);
      // Each filler covers 2^bits zeros. Those at the end need one each, too.
      EXPECT_EQ(stored.entries, 1 + 2 * (zeros >> bits));
      EXPECT_EQ(stored.decode(words.size()), words);
    }
}

TEST_F(StoredWordsTest, HuffmanIsAsLongAsItsWords) {
  // Words of 1, 2, 3 and 3 bits.
  SmallVector<int64_t> words;
  for (auto [value, times] : {std::pair(3, 80), {-1, 40}, {0, 20}, {9, 20}})
    words.append(times, value);
  StoredWords stored = encode(words, StorageKind::Huffman);
  EXPECT_EQ(stored.values.minLength, 1u);
  EXPECT_EQ(stored.values.counts, (SmallVector<uint32_t>{1, 1, 2}));
  EXPECT_EQ(stored.values.symbols, (SmallVector<int64_t, 0>{3, -1, 0, 9}));
  EXPECT_EQ(stored.values.bits.size(), size_t(80 + 80 + 60 + 60) / 8);
  EXPECT_EQ(stored.countBytes(), 35 + 4 + 1 + 3 * count + count + row);
}

TEST_F(StoredWordsTest, RandomWordsComeBackFromEveryWay) {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    size_t size = 1 + random() % 700;
    unsigned wordBytes = 1 + random() % 2;
    int64_t range = int64_t(1) << (random() % (8 * wordBytes) + 1);
    unsigned zeros = random() % 100;
    std::geometric_distribution<int64_t> skewed(0.3);
    SmallVector<int64_t> words;
    for (size_t i = 0; i < size; ++i)
      words.push_back(random() % 100 < zeros ? 0
                      : round % 2 ? std::min<int64_t>(skewed(random), 127)
                                  : int64_t(random() % range) - range / 2);
    int64_t best = std::numeric_limits<int64_t>::max();
    for (StorageKind kind : kinds) {
      StoredWords stored = encode(words, kind, 0, wordBytes);
      EXPECT_EQ(stored.decode(size), words);
      EXPECT_LE(stored.values.minLength, 16u);
      if (kind != StorageKind::Smallest)
        best = std::min(best, stored.countBytes());
      else
        EXPECT_EQ(stored.countBytes(), best);
    }
    for (unsigned gap = 1; gap <= mostGapBits; ++gap) {
      EXPECT_EQ(encode(words, StorageKind::Sparse, gap).decode(size), words);
      EXPECT_EQ(encode(words, StorageKind::SparseHuffman, gap).decode(size),
                words);
    }
  }
}

TEST_F(StoredWordsTest, ASectionIsAsLargeAsItsConstants) {
  SmallVector<StoredWords> constants = {
      encode({1, 2, 3, 1, 1}, StorageKind::Packed),
      encode({0, 0, 300, -300, 0}, StorageKind::Sparse, 2, 2),
      encode({0, 0, 0}, StorageKind::Huffman)};
  StoredSection section = StoredSection::build(constants, {0, 64, 128});
  int64_t total = StoredSection::padding;
  for (const StoredWords &stored : constants)
    total += stored.countBytes();
  EXPECT_EQ(int64_t(section.bytes.size() + 4 * section.index.size()), total);
  EXPECT_EQ(section.index[StoredSection::rowSize + 1], 64u);
}

} // namespace
