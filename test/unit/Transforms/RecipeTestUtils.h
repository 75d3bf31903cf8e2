//===- RecipeTestUtils.h - Recipes from their text ---------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TEST_UNIT_TRANSFORMS_RECIPETESTUTILS_H
#define LOWBIT_TEST_UNIT_TRANSFORMS_RECIPETESTUTILS_H

#include "lowbit/Transforms/Recipe.h"

#include "gtest/gtest.h"

#include <string>

namespace mlir::lowbit {

/// What is wrong with a recipe.
inline std::string errorOf(llvm::StringRef text) {
  llvm::Expected<Recipe> recipe = parseRecipe(text, "r.yaml");
  return recipe ? "no error" : llvm::toString(recipe.takeError());
}

/// A recipe that is right, or the test fails.
inline Recipe read(llvm::StringRef text) {
  llvm::Expected<Recipe> recipe = parseRecipe(text, "r.yaml");
  if (recipe)
    return std::move(*recipe);
  ADD_FAILURE() << llvm::toString(recipe.takeError());
  return {};
}

} // namespace mlir::lowbit

#endif // LOWBIT_TEST_UNIT_TRANSFORMS_RECIPETESTUTILS_H
