//===- RecipeLayers.h - What rules of recipes match -------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_ACCURACY_RECIPELAYERS_H
#define LOWBIT_LIB_TRANSFORMS_ACCURACY_RECIPELAYERS_H

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Recipe.h"

namespace mlir::lowbit {

/// The operations of a function or module, as rules of recipes ask about them.
class RecipeLayers {
public:
  explicit RecipeLayers(Operation *root);

  /// The layer that `op` is the root of, by its name in `name`, which must live
  /// as long as the result.
  RecipeLayer describe(Operation *op, StringRef name) const;

  /// The layer that the observed value belongs to.
  RecipeLayer describe(ObserveOp observe) const;

private:
  Operation *first = nullptr, *last = nullptr;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_ACCURACY_RECIPELAYERS_H
