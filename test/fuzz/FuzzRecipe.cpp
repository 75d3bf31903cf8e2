//===- FuzzRecipe.cpp - Reads arbitrary bytes as a recipe -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Transforms/Recipe.h"

using namespace mlir::lowbit;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  llvm::Expected<Recipe> recipe = parseRecipe(text, "recipe.yaml");
  if (!recipe) {
    llvm::consumeError(recipe.takeError());
    return 0;
  }
  recipe->isFloat();
  for (llvm::StringRef kind : getRecipeOpKinds())
    recipe->getOptions({"layer", kind});
  return 0;
}
