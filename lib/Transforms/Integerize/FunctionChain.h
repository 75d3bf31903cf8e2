//===- FunctionChain.h - Functions of one variable --------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_FUNCTIONCHAIN_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_FUNCTIONCHAIN_H

#include "mlir/IR/Operation.h"

#include <optional>

namespace mlir::lowbit {

/// An operation that maps each element of `variable` by itself: a function of
/// one variable, or add, sub, mul, maximum or minimum with one number.
struct FunctionStep {
  Operation *op;
  Value variable;
  /// The number of a pairwise operation, and whether it comes first.
  std::optional<float> number;
  bool isFirst = false;

  bool isPairwise() const { return number.has_value(); }
  /// What becomes of `x`, in double precision.
  double evaluate(double x) const;
};

/// Operations of which each but the last has no use but the next one.
struct FunctionChain {
  /// From the result to the variable.
  SmallVector<FunctionStep> steps;
  Value variable;
};

/// The step that `value` is the result of. A decoded constant counts as a number
/// if `decodesNumbers`.
std::optional<FunctionStep> getFunctionStep(Value value, bool decodesNumbers);

/// The longest chain that ends in `result`.
FunctionChain getFunctionChain(Value result, bool decodesNumbers);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_FUNCTIONCHAIN_H
