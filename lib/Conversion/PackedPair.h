//===- PackedPair.h - Codes of two bits and their weights ----*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_PACKEDPAIR_H
#define LOWBIT_LIB_CONVERSION_PACKEDPAIR_H

#include "BitSum.h"

namespace mlir::lowbit {

/// Codes of two bits, from bit `plane` on, and weights of 1 or 2, which are multiplied
/// several at a time: what they stand for.
struct PackedPair {
  unsigned plane;
  /// What their products are multiples of.
  int64_t factor;
  SmallVector<int64_t> lhsValues, rhsValues;

  /// Those of two bits of lhs, but for the factor, and of `weights`; nothing if they have not so few
  /// values, or bytes and 16 bits do not hold the sums of `terms` products, of which
  /// `along` lie side by side.
  static std::optional<PackedPair>
  find(ArrayRef<std::pair<unsigned, int64_t>> bits, ArrayRef<int64_t> weights,
       int64_t terms, int64_t along);

  unsigned getRhsBits() const { return rhsValues.size() == 2 ? 1 : 2; }
  /// Bits of a word of lhs that meets a byte of weights.
  unsigned getLhsWord() const { return 16 / getRhsBits(); }
  /// Which code stands for `weight`.
  int64_t getCode(int64_t weight) const {
    return llvm::find(rhsValues, weight) - rhsValues.begin();
  }
};

/// Pairs of the planes of `lhs` in place of counts: of two planes, or, where weights are
/// signs and it `mayAdd` up several contractions, of up to four, the last of three being
/// counted like any other. None if that is not possible.
SmallVector<PackedPair> listPackedPairs(const BitSum &lhs,
                                        ArrayRef<int64_t> weights,
                                        int64_t terms, int64_t along,
                                        bool mayAdd);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_PACKEDPAIR_H
