//===- Reals.h - f32 arithmetic that is the same everywhere -----*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_LOWBITTOLINALG_REALS_H
#define LOWBIT_LIB_CONVERSION_LOWBITTOLINALG_REALS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit {

Value constantFloat(ImplicitLocOpBuilder &builder, float value);

/// The float `value` between `low` and `high`; NaN is not expected.
Value clampFloat(ImplicitLocOpBuilder &builder, Value value, Value low,
                 Value high);

/// `value` as what counts: NaN as 0, infinities as the largest numbers.
Value limitFloat(ImplicitLocOpBuilder &builder, Value value);

/// Rounds to the nearest integer, ties to even.
Value roundToNearestEven(ImplicitLocOpBuilder &builder, Value value);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_LOWBITTOLINALG_REALS_H
