//===- LayerChoice.h - Which layers a recipe names --------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_ACCURACY_LAYERCHOICE_H
#define LOWBIT_LIB_TRANSFORMS_ACCURACY_LAYERCHOICE_H

#include "RecipeLayers.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::lowbit {

/// The layers for which a recipe says one thing; all layers without a recipe.
class LayerChoice {
public:
  using Option = std::optional<bool> RecipeOptions::*;

  /// Emits an error at `module` if there is no such recipe.
  static FailureOr<LayerChoice> load(ModuleOp module, StringRef recipe,
                                     Option option);

  bool includes(Operation *layer) const;

private:
  std::optional<Recipe> recipe;
  std::optional<RecipeLayers> layers;
  Option option = nullptr;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_ACCURACY_LAYERCHOICE_H
