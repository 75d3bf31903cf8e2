//===- BuiltinRecipes.h - The recipes inside the library --------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_RECIPE_BUILTINRECIPES_H
#define LOWBIT_LIB_TRANSFORMS_RECIPE_BUILTINRECIPES_H

#include "llvm/ADT/ArrayRef.h"

namespace mlir::lowbit {

struct BuiltinRecipe {
  const char *name;
  const char *text;
};

/// The files of recipes/, by name.
llvm::ArrayRef<BuiltinRecipe> getBuiltinRecipes();

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_RECIPE_BUILTINRECIPES_H
