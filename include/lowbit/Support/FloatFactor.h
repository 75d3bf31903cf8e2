//===- FloatFactor.h - Changes of scale in f32, proven exact ----*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A change of scale makes codes of sums by products of 64 bits. One multiply-add of
// f32, rounded to the nearest integer, makes the same codes of most sums, and often
// of all that can occur:
//
//   code(sum) = clamp(round(fma(f32(sum), factor, offset)))
//
// Neither side ever falls as the sum rises. So they agree everywhere if they agree
// where a code begins: at the least sum that has it, and one below.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_SUPPORT_FLOATFACTOR_H
#define LOWBIT_SUPPORT_FLOATFACTOR_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <optional>

namespace mlir::lowbit {

/// The least sum that has `code` or a greater one.
struct CodeStart {
  int64_t sum, code;
};

/// A function of sums that never falls, in [low, high], which 32 bits hold.
struct CodeSteps {
  int64_t low = 0, high = 0;
  /// The codes of both.
  int64_t first = 0, last = 0;
  llvm::SmallVector<CodeStart, 0> starts;

  /// Asks `getCode` where codes begin; `slope` is about how much they rise from one
  /// sum to the next. Nothing if there are more than 256 codes, or if 32 bits do not hold
  /// the sums.
  static std::optional<CodeSteps>
  find(llvm::function_ref<int64_t(int64_t)> getCode, int64_t low, int64_t high,
       double slope);
};

/// The multiply-add that stands for a CodeSteps.
struct FloatFactor {
  float factor, offset;
  /// A sum whose code comes out one too low.
  std::optional<int64_t> exception;

  /// One for all of `steps`, with results `center` lower than the codes, which lie in
  /// [least, most]; with at most one exception, or none. Nothing if none is found.
  static std::optional<FloatFactor> fit(const CodeSteps &steps, double slope,
                                        int64_t center, int64_t least,
                                        int64_t most, bool takesException);
};

} // namespace mlir::lowbit

#endif // LOWBIT_SUPPORT_FLOATFACTOR_H
