//===- LayerChoice.cpp - Which layers a recipe names ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayerChoice.h"

#include "LayerParameters.h"

using namespace mlir;
using namespace mlir::lowbit;

FailureOr<LayerChoice> LayerChoice::load(ModuleOp module, StringRef recipe,
                                         Option option) {
  LayerChoice choice;
  choice.option = option;
  if (recipe.empty())
    return choice;
  llvm::Expected<Recipe> loaded = loadRecipe(recipe);
  if (!loaded)
    return module.emitError() << llvm::toString(loaded.takeError());
  choice.recipe = std::move(*loaded);
  choice.layers.emplace(module);
  return choice;
}

bool LayerChoice::includes(Operation *layer) const {
  if (!recipe)
    return true;
  std::string name = getLayerName(layer);
  RecipeOptions options = recipe->getOptions(layers->describe(layer, name));
  return *(options.*option);
}
