//===- StoredWords.cpp - Constants in few bytes ---------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Encoders/StoredWords.h"

#include "lowbit/Encoders/Storage.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <utility>

using namespace mlir;
using namespace mlir::lowbit;

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

/// The bits that number values: as many for each, but that one value too many for
/// them, such as the zero of padding, makes the two rarest longer and not all.
static SmallVector<uint8_t> choosePackedLengths(ArrayRef<int64_t> occurrences) {
  constexpr unsigned leastBits = 4; // All words of one length are read faster.
  unsigned bits = llvm::Log2_64_Ceil(occurrences.size());
  SmallVector<uint8_t> lengths(occurrences.size(), bits);
  if (bits <= leastBits || !llvm::isPowerOf2_64(occurrences.size() - 1))
    return lengths;
  lengths.assign(occurrences.size(), bits - 1);
  auto order = llvm::to_vector(llvm::seq<size_t>(0, occurrences.size()));
  std::nth_element(order.begin(), order.begin() + 1, order.end(),
                   [&](size_t lhs, size_t rhs) {
                     return std::pair(occurrences[lhs], lhs) <
                            std::pair(occurrences[rhs], rhs);
                   });
  lengths[order[0]] = lengths[order[1]] = bits;
  return lengths;
}

StoredStream StoredStream::encode(ArrayRef<int64_t> values, bool isHuffman) {
  StoredStream stream;
  int64_t least = 0, most = 0; // of 16 bits at most
  for (int64_t value : values) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
  SmallVector<int64_t, 0> numbers(most - least + 1, 0);
  for (int64_t value : values)
    ++numbers[value - least];
  SmallVector<int64_t, 0> known, occurrences;
  for (auto [i, number] : llvm::enumerate(numbers)) {
    if (number == 0)
      continue;
    occurrences.push_back(std::exchange(number, known.size()));
    known.push_back(static_cast<int64_t>(i) + least);
  }
  if (known.size() <= 1) { // A word of no bits.
    stream.counts.assign(1, known.size());
    stream.symbols = std::move(known);
    return stream;
  }
  SmallVector<int64_t, 0> symbols;
  symbols.reserve(values.size());
  for (int64_t value : values)
    symbols.push_back(numbers[value - least]);
  HuffmanCode code = isHuffman ? HuffmanCode::build(occurrences)
                               : llvm::cantFail(HuffmanCode::fromLengths(
                                     choosePackedLengths(occurrences)));
  ArrayRef<uint8_t> lengths = code.getLengths();
  stream.minLength = *llvm::min_element(lengths);
  stream.counts.assign(*llvm::max_element(lengths) - stream.minLength + 1, 0);
  for (uint8_t length : lengths)
    ++stream.counts[length - stream.minLength];
  auto order = llvm::to_vector(llvm::seq<size_t>(0, known.size()));
  llvm::sort(order, [&](size_t lhs, size_t rhs) {
    return std::pair(lengths[lhs], lhs) < std::pair(lengths[rhs], rhs);
  });
  for (size_t symbol : order)
    stream.symbols.push_back(known[symbol]);
  stream.bits = code.encode(symbols);
  return stream;
}

SmallVector<int64_t> StoredStream::decode(size_t count) const {
  SmallVector<int64_t> values;
  size_t place = 0;
  auto readBit = [&]() -> uint64_t {
    uint64_t bit = (bits[place / 8] >> (7 - place % 8)) & 1;
    ++place;
    return bit;
  };
  while (values.size() < count) {
    uint64_t word = 0, rank = 0;
    for (unsigned i = 0; i < minLength; ++i)
      word = 2 * word + readBit();
    const uint32_t *left = counts.begin();
    for (; word >= *left; ++left) {
      rank += *left;
      word = 2 * (word - *left) + readBit();
    }
    values.push_back(symbols[rank + word]);
  }
  return values;
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

static StoredWords encodeAs(ArrayRef<int64_t> words, unsigned wordBytes,
                            StorageKind kind, unsigned gapBits) {
  StoredWords stored;
  stored.kind = kind;
  stored.gapBits = gapBits;
  stored.wordBytes = wordBytes;
  bool isHuffman =
      kind == StorageKind::Huffman || kind == StorageKind::SparseHuffman;
  if (gapBits == 0) {
    stored.entries = words.size();
    stored.values = StoredStream::encode(words, isHuffman);
    stored.gaps = StoredStream::encode({0}, isHuffman);
    return stored;
  }
  RelativeIndex index = RelativeIndex::encode(words, /*zero=*/0, gapBits);
  stored.entries = index.codes.size();
  stored.values = StoredStream::encode(index.codes, isHuffman);
  stored.gaps =
      StoredStream::encode(llvm::to_vector_of<int64_t>(index.gaps), isHuffman);
  return stored;
}

StoredWords StoredWords::encode(ArrayRef<int64_t> words, unsigned wordBytes,
                                StorageAttr storage) {
  SmallVector<StorageKind> kinds = {storage.getKind()};
  if (storage.getKind() == StorageKind::Smallest)
    kinds = {StorageKind::Packed, StorageKind::Sparse, StorageKind::Huffman,
             StorageKind::SparseHuffman};
  std::optional<StoredWords> best;
  auto consider = [&](StorageKind kind, unsigned gapBits) {
    StoredWords stored = encodeAs(words, wordBytes, kind, gapBits);
    if (!best || stored.countBytes() < best->countBytes())
      best = std::move(stored);
  };
  for (StorageKind kind : kinds) {
    if (kind == StorageKind::Packed || kind == StorageKind::Huffman)
      consider(kind, 0);
    else if (storage.getGap() != 0)
      consider(kind, storage.getGap());
    else
      for (unsigned bits = 1; bits <= mostGapBits; ++bits)
        consider(kind, bits);
  }
  return std::move(*best);
}

SmallVector<int64_t> StoredWords::decode(size_t count) const {
  SmallVector<int64_t> words(count, 0);
  size_t place = 0;
  for (auto [gap, value] :
       llvm::zip_equal(gaps.decode(entries), values.decode(entries))) {
    place += gap;
    words[place++] = value;
  }
  return words;
}

int64_t StoredWords::countBytes() const {
  return values.bits.size() + gaps.bits.size() +
         values.symbols.size() * wordBytes + gaps.symbols.size() +
         (values.counts.size() + gaps.counts.size() + StoredSection::rowSize) *
             sizeof(uint32_t);
}

//===----------------------------------------------------------------------===//
// Sections
//===----------------------------------------------------------------------===//

StoredSection StoredSection::build(ArrayRef<StoredWords> constants,
                                   ArrayRef<int64_t> places) {
  StoredSection section;
  std::vector<uint32_t> counts;
  size_t firstCount = constants.size() * rowSize;
  auto append = [&](const StoredStream &stream, unsigned symbolBytes) {
    section.index.push_back(section.bytes.size());
    for (int64_t symbol : stream.symbols)
      for (unsigned byte = 0; byte < symbolBytes; ++byte)
        section.bytes.push_back(symbol >> (8 * byte));
    section.index.push_back(section.bytes.size());
    llvm::append_range(section.bytes, stream.bits);
    section.index.push_back(stream.minLength);
    section.index.push_back(firstCount + counts.size());
    llvm::append_range(counts, stream.counts);
  };
  for (auto [stored, place] : llvm::zip_equal(constants, places)) {
    section.index.push_back(stored.entries);
    section.index.push_back(place);
    section.index.push_back(stored.wordBytes);
    append(stored.values, stored.wordBytes);
    append(stored.gaps, 1);
  }
  section.bytes.insert(section.bytes.end(), padding, 0);
  llvm::append_range(section.index, counts);
  return section;
}
