//===- Rounding.h - Real numbers to integers --------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_ENCODERS_ROUNDING_H
#define LOWBIT_LIB_ENCODERS_ROUNDING_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <random>

namespace mlir::lowbit {

/// Rounds in one of the modes of the option `rounding`: nearest-even,
/// nearest-away, floor, ceil, or stochastic: up with the probability of the
/// fraction, from numbers that follow from the seed alone.
class Rounder {
public:
  Rounder(llvm::StringRef mode, uint64_t seed);

  int64_t operator()(double number);

private:
  enum class Mode { NearestEven, NearestAway, Floor, Ceil, Stochastic } mode;
  std::mt19937_64 generator;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_ENCODERS_ROUNDING_H
