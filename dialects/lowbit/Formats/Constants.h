//===- Constants.h - Codes of numbers that are known ------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the interface of formats implies for constants and for sums of products.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_FORMATS_CONSTANTS_H
#define LOWBIT_FORMATS_CONSTANTS_H

#include "lowbit/Formats/Format.h"

namespace mlir::lowbit {

/// Encodes numbers as `lowbit.encode` does where it counts thresholds: the
/// nearest code, the greater number at a tie. `format` has at most 8 bits and no
/// parameters.
class RankEncoder {
public:
  explicit RankEncoder(Format format);

  /// The code of `real` in `channel`; NaN is taken as 0.
  int64_t encode(float real, int64_t channel) const;

private:
  struct Channel {
    SmallVector<float> thresholds;
    SmallVector<int64_t> codes;
  };
  SmallVector<Channel> channels;
};

/// How many products of a step of `lhs` and a step of `rhs` add up in `bits`
/// bits, signed, whatever the codes are. Terms are those that give the longest
/// steps.
int64_t getExactDepth(Format lhs, Format rhs, unsigned bits = 32);

} // namespace mlir::lowbit

#endif // LOWBIT_FORMATS_CONSTANTS_H
