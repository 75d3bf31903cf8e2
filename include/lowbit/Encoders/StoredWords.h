//===- StoredWords.h - Constants in few bytes -------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All ways of storage are one format with one decoder. A stream of symbols is
// words of a canonical prefix code, the first bit of a byte its highest: packed
// symbols have words of one length, and a symbol that is the only one has none.
// Stored words are two such streams, of equally many symbols: how many zeros
// come before a value, and which value. Where every word is stored, the only
// count is 0.
//
// With its symbols in the order of their code words, a code is no more than how
// many words of each length there are:
//
//   word = the next minLength bits; rank = 0
//   for each length from minLength on:
//     if word < counts[length]: the symbol is symbols[rank + word]
//     rank += counts[length]; word = 2 * (word - counts[length]) + the next bit
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ENCODERS_STOREDWORDS_H
#define LOWBIT_ENCODERS_STOREDWORDS_H

#include "lowbit/IR/Lowbit.h"

#include <cstdint>
#include <vector>

namespace mlir::lowbit {

/// Symbols in a prefix code.
struct StoredStream {
  /// The bits of the shortest word, and how many words there are of this length,
  /// of the next, ...
  unsigned minLength = 0;
  SmallVector<uint32_t> counts;
  /// What the words stand for, in their order.
  SmallVector<int64_t, 0> symbols;
  std::vector<uint8_t> bits;

  static StoredStream encode(ArrayRef<int64_t> values, bool isHuffman);
  SmallVector<int64_t> decode(size_t count) const;
};

/// A constant of words of `wordBytes` bytes, 1 or 2.
struct StoredWords {
  StorageKind kind = StorageKind::Packed;
  /// Of sparse storage.
  unsigned gapBits = 0;
  unsigned wordBytes = 1;
  /// The symbols of each stream.
  size_t entries = 0;
  StoredStream values, gaps;

  /// What `storage` says, which is not `words`, or the smallest of what it leaves open.
  static StoredWords encode(ArrayRef<int64_t> words, unsigned wordBytes,
                            StorageAttr storage);
  /// All `count` words, those after the last entry 0.
  SmallVector<int64_t> decode(size_t count) const;

  /// The bytes on disk: bits, values, counts and the row of the index.
  int64_t countBytes() const;
};

/// What an artefact holds of all stored constants.
///
/// `index` starts with a row of `rowSize` integers for each constant: the count
/// of entries, the place of its words in memory, the bytes of each word, and for
/// values and gaps where in `bytes` their symbols are, and their bits, minLength,
/// and where in `index` their counts are. Counts follow. Symbols take as many
/// bytes as a word, or one for a gap, the lowest first.
struct StoredSection {
  static constexpr unsigned rowSize = 11;
  /// A decoder reads three bytes at a time, so bytes of 0 end the section.
  static constexpr unsigned padding = 3;

  std::vector<uint8_t> bytes;
  std::vector<uint32_t> index;

  /// `places[i]` is the byte of memory where words of `constants[i]` start.
  static StoredSection build(ArrayRef<StoredWords> constants,
                             ArrayRef<int64_t> places);
};

} // namespace mlir::lowbit

#endif // LOWBIT_ENCODERS_STOREDWORDS_H
