//===- RandomWords.h - Philox on lanes --------------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_GRADIENTSTOLOOPS_RANDOMWORDS_H
#define LOWBIT_LIB_CONVERSION_GRADIENTSTOLOOPS_RANDOMWORDS_H

#include "Lanes.h"

namespace mlir::lowbit {

/// The random words of a gradient's elements, as `#lowbit.codec` says.
class RandomSource {
public:
  /// All i32.
  RandomSource(ImplicitLocOpBuilder &builder, Value seed, Value tensor,
               Value step);

  /// The same for the sample `number` of each element.
  void setSample(int64_t number) { sample = number; }

  /// The word of the element `index`, an i32.
  Value getWord(ImplicitLocOpBuilder &builder, Value index) const;

  /// The words of `8 * count` elements from `index` on, a multiple of 4: vectors
  /// of 8.
  SmallVector<Value> getVectors(ImplicitLocOpBuilder &builder, Value index,
                                int64_t count) const;

private:
  /// The four words of the blocks whose numbers are `blocks`, i64: in the lower
  /// halves of i64.
  std::array<Value, 4> getBlocks(const Lanes &lanes, Value blocks) const;

  /// Zero-extended to i64.
  Value keys[2], step;
  int64_t sample = 0;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_GRADIENTSTOLOOPS_RANDOMWORDS_H
