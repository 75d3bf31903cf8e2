//===- BitSum.h - Codes as sums of bits --------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_BITSUM_H
#define LOWBIT_LIB_CONVERSION_BITSUM_H

#include "lowbit/IR/Lowbit.h"

namespace mlir::lowbit {

/// The bits of lhs: what is read = offset + sum of factor * bit `plane` of codes.
struct BitSum {
  Value codes;
  int64_t offset = 0;
  SmallVector<std::pair<unsigned, int64_t>> bits; ///< plane, factor
  int64_t zeroPoint = 0; ///< what is read where zeros pad the codes

  /// True if codes are read as numbers below 0, too.
  bool isSigned() const {
    return offset < 0 ||
           llvm::any_of(bits, [](auto bit) { return bit.second < 0; });
  }
  /// What is to be added where bits that are not set pad them.
  int64_t getPadding() const { return zeroPoint - offset; }

  static std::optional<BitSum> describe(Value lhs);
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_BITSUM_H
