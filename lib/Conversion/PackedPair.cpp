//===- PackedPair.cpp - Codes of two bits and their weights ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PackedPair.h"

#include "lowbit/Conversion/PackedTable.h"

#include <numeric>

using namespace mlir;
using namespace mlir::lowbit;

std::optional<PackedPair>
PackedPair::find(ArrayRef<std::pair<unsigned, int64_t>> bits,
                 ArrayRef<int64_t> weights, int64_t terms, int64_t along) {
  if (bits[1].first != bits[0].first + 1)
    return std::nullopt;
  PackedPair pair;
  pair.plane = bits[0].first;
  pair.factor = std::gcd(bits[0].second, bits[1].second);
  int64_t low = bits[0].second / pair.factor,
          high = bits[1].second / pair.factor;
  pair.lhsValues = {0, low, high, low + high};
  for (int64_t weight : weights)
    if (!llvm::is_contained(pair.rhsValues, weight)) {
      if (pair.rhsValues.size() == 4)
        return std::nullopt;
      pair.rhsValues.push_back(weight);
    }
  if (pair.rhsValues.empty())
    return std::nullopt;
  llvm::sort(pair.rhsValues);
  auto isByte = [](int64_t value) { return llvm::isInt<8>(value); };
  if (!llvm::all_of(pair.lhsValues, isByte) ||
      !llvm::all_of(pair.rhsValues, isByte))
    return std::nullopt;
  // Bytes are to hold the sums of a few words. Those of four products with weights of two
  // values may be too large where those of two are not.
  constexpr int64_t fewest = 4;
  for (size_t size : {2, 4}) {
    if (pair.rhsValues.size() > size)
      continue;
    pair.rhsValues.resize(size, int64_t(pair.rhsValues.back()));
    PackedTable table = PackedTable::build(Product::MultiplyPacked,
                                           pair.lhsValues, pair.rhsValues);
    int64_t words =
        terms / along * llvm::divideCeil(along, 8 / pair.getRhsBits());
    if (table.getWordsInBytes() >= fewest && table.fits(words))
      return pair;
  }
  return std::nullopt;
}

SmallVector<PackedPair> lowbit::listPackedPairs(const BitSum &lhs,
                                                ArrayRef<int64_t> weights,
                                                int64_t terms, int64_t along,
                                                bool mayAdd) {
  // Four products with signs are looked up at once, and two with other weights: more
  // planes of these are no faster than bytes.
  size_t numPlanes = lhs.bits.size(), most = mayAdd ? 4 : 2;
  if (numPlanes < 2 || numPlanes > most)
    return {};
  SmallVector<PackedPair> pairs;
  for (size_t i = 0; i + 1 < numPlanes; i += 2) {
    auto pair =
        PackedPair::find(ArrayRef(lhs.bits).slice(i, 2), weights, terms, along);
    if (!pair || (numPlanes > 2 && pair->rhsValues != ArrayRef<int64_t>{-1, 1}))
      return {};
    pairs.push_back(*pair);
  }
  return pairs;
}
