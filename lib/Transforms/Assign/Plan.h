//===- Plan.h - Which operations compute on codes ---------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_ASSIGN_PLAN_H
#define LOWBIT_LIB_TRANSFORMS_ASSIGN_PLAN_H

#include "../Accuracy/RecipeLayers.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Recipe.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::lowbit {

/// For each unit of a function, whether it computes on codes, and why not.
class QuantizationPlan {
public:
  QuantizationPlan(func::FuncOp function, const Recipe &recipe);

  /// Roots of all units that compute on real numbers, in order.
  ArrayRef<Operation *> getUnits() const { return units; }

  /// Why the unit of `op` stays in float; empty if it computes on codes.
  StringRef getReason(Operation *op) const;

  /// True if an operation that computes on codes reads `value`, through data
  /// movement or directly.
  bool isReadAsCodes(Value value) const;

  /// What the recipe says of the value that `op` observes.
  RecipeOptions getOptions(ObserveOp op) const;

  /// What of that the recipe's rules say.
  RecipeOptions getRuleOptions(ObserveOp op) const;

private:
  std::string explain(const QuantizationUnit &unit) const;
  std::string explainInput(OpOperand &operand) const;
  std::string explainDecode(OpOperand &operand, DecodeOp decode) const;
  std::string explainLinear(const QuantizationUnit &unit) const;

  const Recipe &recipe;
  RecipeLayers layers;
  SmallVector<Operation *> units;
  DenseMap<Operation *, std::string> reasons;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_ASSIGN_PLAN_H
