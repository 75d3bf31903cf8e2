//===- PackedTable.h - Sums of products of packed codes ------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Codes of 1 or 2 bits share words, see lowbit.contract. Kernels look up what a byte
// of lhs and a nibble of rhs add up to, in a table of all bytes and nibbles.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_PACKEDTABLE_H
#define LOWBIT_CONVERSION_PACKEDTABLE_H

#include "lowbit/IR/Lowbit.h"

#include "mlir/IR/Builders.h"

namespace mlir::lowbit {

/// What products of packed codes add up to.
struct PackedTable {
  /// For each byte of lhs, and each nibble of rhs that meets a part of it, 16 sums,
  /// lessened by `least`.
  SmallVector<uint8_t> sums;
  int64_t least = 0, most = 0;

  /// Nibbles of rhs that meet a byte of lhs: 2 for codes as wide as those of rhs, 1 for
  /// codes of twice their width.
  int64_t nibbles = 2;

  /// The table of a product other than Multiply; values are those of lowbit.contract.
  static PackedTable build(Product product, ArrayRef<int64_t> lhsValues,
                           ArrayRef<int64_t> rhsValues);

  /// Words of rhs, of two nibbles, whose sums bytes hold.
  int64_t getWordsInBytes() const {
    return 255 / std::max<int64_t>(2 * (most - least), 1);
  }
  /// True if 16 bits hold the sums of `words` words, and bytes those of some.
  bool fits(int64_t words) const {
    return getWordsInBytes() > 0 && words * 2 * (most - least) <= 65535;
  }
};

/// The low `bits` bits of each of a vector of codes, side by side, as a vector of
/// bytes. Of a multiple of 8 / `bits` codes.
Value packCodes(OpBuilder &builder, Location loc, Value codes, unsigned bits);

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_PACKEDTABLE_H
