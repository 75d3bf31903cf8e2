//===- StochasticRounding.h - Rounding at random ----------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_LOWBITTOLINALG_STOCHASTICROUNDING_H
#define LOWBIT_LIB_CONVERSION_LOWBITTOLINALG_STOCHASTICROUNDING_H

#include "lowbit/Support/Philox.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit {

/// Rounds the elements of a tensor in the body of a loop nest over it, as
/// lowbit.encode says for the rounding `stochastic`.
class StochasticRounding {
public:
  /// `builder` stands before the loops over `input`.
  StochasticRounding(ImplicitLocOpBuilder &builder, Value input,
                     RandomWords words);

  /// The f32 `value` of the element at hand, rounded.
  Value round(ImplicitLocOpBuilder &builder, Value value) const;

private:
  /// The element's number in row-major order, an i64.
  Value buildNumber(ImplicitLocOpBuilder &builder) const;
  /// The random word of the element `number`, an i32.
  Value buildWord(ImplicitLocOpBuilder &builder, Value number) const;

  RandomWords words;
  /// Of the tensor's dimensions, but for the first: i64.
  SmallVector<Value> sizes;
  int64_t rank;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_LOWBITTOLINALG_STOCHASTICROUNDING_H
