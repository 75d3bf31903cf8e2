//===- Storage.h - Codes in few bytes ---------------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is done to a stream of codes for storage, whatever they stand for: weights
// near 0 are pruned, the gaps between the others stored, and codes that occur
// often given short words.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ENCODERS_STORAGE_H
#define LOWBIT_ENCODERS_STORAGE_H

#include "mlir/Support/LLVM.h"

#include "llvm/Support/Error.h"

#include <cstdint>
#include <vector>

namespace mlir::lowbit {

/// True for those `share` (0 to 1) of all values that are nearest to 0, rounded
/// down to a whole number; of equals, the first.
std::vector<bool> pruneByMagnitude(ArrayRef<float> values, double share);

/// Codes that are not zero, with the number of zeros before each. A gap that
/// `bits` bits do not hold is filled by zeros that are stored.
struct RelativeIndex {
  SmallVector<uint32_t, 0> gaps;
  SmallVector<int64_t, 0> codes;

  static RelativeIndex encode(ArrayRef<int64_t> codes, int64_t zero,
                              unsigned bits);
  /// All `count` codes; an error if there are more.
  llvm::Expected<SmallVector<int64_t>> decode(int64_t zero, size_t count) const;
};

/// A canonical Huffman code: words of one length are consecutive numbers, in the
/// order of symbols, and the lengths tell it.
class HuffmanCode {
public:
  /// For symbols that occur `counts` times. Those that do not have no word; a
  /// single one has a word of one bit.
  static HuffmanCode build(ArrayRef<int64_t> counts);

  /// The code of these lengths, each 0 for no word; an error if there is none.
  static llvm::Expected<HuffmanCode> fromLengths(ArrayRef<uint8_t> lengths);

  ArrayRef<uint8_t> getLengths() const { return lengths; }
  /// The word of a symbol: its highest bit is the first.
  uint64_t getWord(size_t symbol) const { return words[symbol]; }

  /// The bits of symbols that occur `counts` times.
  int64_t countBits(ArrayRef<int64_t> counts) const;

  /// Words in a row, the first bit of a byte its highest. All have words.
  std::vector<uint8_t> encode(ArrayRef<int64_t> symbols) const;
  /// The first `count` symbols; an error if the bytes end before.
  llvm::Expected<SmallVector<int64_t>> decode(ArrayRef<uint8_t> bytes,
                                              size_t count) const;

private:
  SmallVector<uint8_t, 0> lengths;
  SmallVector<uint64_t, 0> words;
};

} // namespace mlir::lowbit

#endif // LOWBIT_ENCODERS_STORAGE_H
