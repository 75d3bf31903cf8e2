//===- WeightPlanes.h - Weights as bits in words --------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_WEIGHTPLANES_H
#define LOWBIT_LIB_CONVERSION_WEIGHTPLANES_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <functional>

namespace mlir::lowbit {

/// Weights as sums of bits.
struct WeightPlanes {
  /// True if all are -1 or 1: the one plane says which are 1.
  bool isSigns = false;
  /// What a bit is worth, and which weights have it.
  SmallVector<std::pair<int64_t, std::function<bool(int64_t)>>> planes;

  static WeightPlanes describe(ArrayRef<int64_t> values);
};

/// The codes of weights of `shape`, of `bits` bits, side by side along the last dimension
/// in words of `word` bits, as a constant called after `blob`.
arith::ConstantOp packWeightCodes(ImplicitLocOpBuilder &builder,
                                  ArrayRef<int64_t> values,
                                  ArrayRef<int64_t> shape, StringRef blob,
                                  unsigned word, unsigned bits,
                                  function_ref<int64_t(int64_t)> getCode);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_WEIGHTPLANES_H
