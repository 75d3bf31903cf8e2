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

std::optional<PackedPair> PackedPair::find(const BitSum &lhs,
                                           ArrayRef<int64_t> weights,
                                           int64_t terms, int64_t along) {
  if (lhs.bits.size() != 2 || lhs.bits[1].first != lhs.bits[0].first + 1)
    return std::nullopt;
  PackedPair pair;
  pair.plane = lhs.bits[0].first;
  pair.factor = std::gcd(lhs.bits[0].second, lhs.bits[1].second);
  int64_t low = lhs.bits[0].second / pair.factor,
          high = lhs.bits[1].second / pair.factor;
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
