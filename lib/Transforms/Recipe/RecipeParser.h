//===- RecipeParser.h - The schema of recipes -------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_RECIPE_RECIPEPARSER_H
#define LOWBIT_LIB_TRANSFORMS_RECIPE_RECIPEPARSER_H

#include "YamlReader.h"

#include "lowbit/Transforms/Recipe.h"

namespace mlir::lowbit {

/// Reads a text into a recipe. Each function returns false after the first
/// error, which the reader keeps.
class RecipeParser {
public:
  RecipeParser(llvm::StringRef text, llvm::StringRef file, Recipe &recipe)
      : reader(text, file), recipe(recipe) {}

  /// Reads a file.
  bool parseFile();
  /// Reads entries that override those of the recipe.
  bool parseOverride();

  /// The first error: where it is, "file:line:column: ", and what.
  llvm::StringRef getErrorPlace() const { return reader.getErrorPlace(); }
  llvm::StringRef getErrorText() const { return reader.getErrorText(); }

private:
  using Node = llvm::yaml::Node;
  using Fields = std::vector<YamlField>;

  bool parseQuantizer(llvm::yaml::Node *node,
                      std::optional<ActivationQuantizer> &value);
  bool parsePercentile(Node *node, std::optional<double> &value);
  bool parseStorage(Node *node, llvm::ArrayRef<llvm::StringRef> allowed,
                    std::optional<CodeStorage> &value);
  bool parseEncoder(Node *node, std::optional<EncoderChoice> &value);
  bool parseEncoderName(Node *node, bool maybeNone, EncoderChoice &choice);
  bool parseGlob(Node *node, std::optional<std::string> &value);
  bool parseProfile(Node *node);
  bool parseFormats(Node *node);
  bool parseSeed(Node *node);
  bool parseArgument(Node *node);
  bool parseRule(Node *node);
  bool checkRule(Node *node, const RecipeRule &rule);
  bool checkRecipe(Node *root);

  /// What reads the entry `storage`, alone in a mapping.
  YamlField getStorageSection(llvm::StringRef name,
                              llvm::ArrayRef<llvm::StringRef> allowed,
                              std::optional<CodeStorage> &value);
  Fields getActivationFields(ActivationOptions &activations);
  Fields getWeightFields(WeightOptions &weights);
  /// The entries that the recipe and its rules share.
  Fields getOptionFields(RecipeOptions &options);
  Fields getOverrideFields();

  YamlReader reader;
  Recipe &recipe;
  /// Says only what the file does.
  RecipeOptions said;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_RECIPE_RECIPEPARSER_H
