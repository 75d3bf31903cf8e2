//===- Huffman.cpp - Canonical Huffman codes ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Encoders/Storage.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>
#include <queue>

using namespace mlir;
using namespace mlir::lowbit;
using llvm::Expected;

/// Words of up to 63 bits: longer ones need more symbols than memory holds.
static constexpr unsigned mostBits = 63;

/// The symbols with words, in the order of the words.
static SmallVector<size_t, 0> sortByLength(ArrayRef<uint8_t> lengths) {
  SmallVector<size_t, 0> symbols;
  for (auto [symbol, length] : llvm::enumerate(lengths))
    if (length > 0)
      symbols.push_back(symbol);
  llvm::sort(symbols, [&](size_t lhs, size_t rhs) {
    return std::pair(lengths[lhs], lhs) < std::pair(lengths[rhs], rhs);
  });
  return symbols;
}

HuffmanCode HuffmanCode::build(ArrayRef<int64_t> counts) {
  // Nodes by count, then by when they were made; leaves come first.
  using Entry = std::pair<int64_t, size_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  std::vector<size_t> parents;
  SmallVector<size_t, 0> leaves;
  for (auto [symbol, count] : llvm::enumerate(counts))
    if (count > 0) {
      queue.push({count, leaves.size()});
      leaves.push_back(symbol);
    }
  parents.resize(leaves.size(), 0);
  while (queue.size() > 1) {
    Entry first = queue.top();
    queue.pop();
    Entry second = queue.top();
    queue.pop();
    parents[first.second] = parents[second.second] = parents.size();
    queue.push({first.first + second.first, parents.size()});
    parents.push_back(0);
  }
  // Parents come after their children: from the root down.
  std::vector<uint8_t> depths(parents.size(), 0);
  for (size_t node = parents.size() - (parents.empty() ? 0 : 1); node-- > 0;)
    depths[node] = depths[parents[node]] + 1;
  SmallVector<uint8_t, 0> lengths(counts.size(), 0);
  for (auto [leaf, symbol] : llvm::enumerate(leaves))
    lengths[symbol] = std::max<uint8_t>(depths[leaf], 1);
  return llvm::cantFail(fromLengths(lengths));
}

Expected<HuffmanCode> HuffmanCode::fromLengths(ArrayRef<uint8_t> lengths) {
  HuffmanCode code;
  code.lengths.assign(lengths.begin(), lengths.end());
  code.words.assign(lengths.size(), 0);
  uint64_t next = 0;
  unsigned length = 0;
  for (size_t symbol : sortByLength(lengths)) {
    if (lengths[symbol] > mostBits)
      return llvm::createStringError("symbol %zu has a word of %u bits, but "
                                     "there are at most %u",
                                     symbol, unsigned(lengths[symbol]),
                                     mostBits);
    next <<= lengths[symbol] - length;
    length = lengths[symbol];
    if (next >> length != 0)
      return llvm::createStringError(
          "the lengths of words leave none for symbol %zu", symbol);
    code.words[symbol] = next++;
  }
  return code;
}

int64_t HuffmanCode::countBits(ArrayRef<int64_t> counts) const {
  int64_t bits = 0;
  for (auto [count, length] : llvm::zip_equal(counts, lengths))
    bits += count * length;
  return bits;
}

std::vector<uint8_t> HuffmanCode::encode(ArrayRef<int64_t> symbols) const {
  std::vector<uint8_t> bytes;
  unsigned free = 0;
  for (int64_t symbol : symbols) {
    assert(lengths[symbol] > 0 && "the symbol has no word");
    for (unsigned bit = lengths[symbol]; bit-- > 0;) {
      if (free == 0) {
        bytes.push_back(0);
        free = 8;
      }
      bytes.back() |= ((words[symbol] >> bit) & 1) << --free;
    }
  }
  return bytes;
}

Expected<SmallVector<int64_t>> HuffmanCode::decode(ArrayRef<uint8_t> bytes,
                                                   size_t count) const {
  SmallVector<size_t, 0> symbols = sortByLength(lengths);
  SmallVector<int64_t> result;
  size_t place = 0, end = bytes.size() * 8;
  while (result.size() < count) {
    // Words of one length are consecutive: so are their symbols in this order.
    uint64_t word = 0;
    unsigned length = 0;
    size_t first = 0;
    while (true) {
      if (place == end || length == mostBits)
        return llvm::createStringError(
            "the bytes end, or hold no word, after %zu of %zu symbols",
            result.size(), count);
      word = word << 1 | ((bytes[place / 8] >> (7 - place % 8)) & 1);
      ++place;
      ++length;
      size_t last = first;
      while (last < symbols.size() && lengths[symbols[last]] == length)
        ++last;
      if (last > first && word >= words[symbols[first]] &&
          word - words[symbols[first]] < last - first) {
        result.push_back(symbols[first + (word - words[symbols[first]])]);
        break;
      }
      first = last;
    }
  }
  return result;
}
