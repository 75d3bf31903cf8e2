//===- Comparison.h - Outputs against expectations --------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_RUNNER_COMPARISON_H
#define LOWBIT_LIB_RUNNER_COMPARISON_H

#include "Arrays.h"

namespace mlir::lowbit {

struct Comparison {
  int64_t numElements = 0, numDiffering = 0;
  double maxAbsError = 0;
  /// The first element that differs, by its index in C order.
  int64_t first = -1;
  double firstExpected = 0, firstGot = 0;
};

/// Compares arrays of one type and shape: integers and, where the tolerance is
/// 0, floats by their bits, else floats by `|got - expected| <= tolerance`,
/// where NaN equals NaN.
Comparison compareArrays(const NpyArray &got, const NpyArray &expected,
                         double tolerance);

/// How many rows of `scores` have their (first) largest element where `labels`
/// say. Fails if labels are not integers, one for each row.
llvm::Expected<int64_t> countCorrect(const NpyArray &scores,
                                     const NpyArray &labels,
                                     llvm::StringRef labelFile);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_RUNNER_COMPARISON_H
