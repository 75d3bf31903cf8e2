//===- ScalarFunction.h - Functions of one variable -------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An operation that maps each element by itself can be replaced by a table of
// its values at all codes. This is where the values come from.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ANALYSIS_SCALARFUNCTION_H
#define LOWBIT_ANALYSIS_SCALARFUNCTION_H

#include "lowbit/IR/Lowbit.h"

#include <optional>

namespace mlir::lowbit {

/// What `op` makes of an element `x`, in double precision; nothing for
/// operations that are no function of one variable. NaN and infinities where
/// the function has no finite value.
std::optional<double> evaluateFunction(Operation *op, double x);

/// The formula of lowbit.activation for `function` at `x`; parameters that it
/// does not name are ignored.
double evaluateFunction(Function function, double alpha, double beta, double x);

/// True if evaluateFunction knows `op`.
inline bool isScalarFunction(Operation *op) {
  return evaluateFunction(op, 0.5).has_value();
}

} // namespace mlir::lowbit

#endif // LOWBIT_ANALYSIS_SCALARFUNCTION_H
