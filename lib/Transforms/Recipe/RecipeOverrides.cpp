//===- RecipeOverrides.cpp - Recipes with arguments -----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An override is a small recipe of one entry, which the parser reads on top of
// the recipe: so its entries, values and errors are those of files.

#include "RecipeParser.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::lowbit;
using llvm::StringRef;
using llvm::Twine;

/// Names and numbers: no value of an entry needs more.
static bool isValue(StringRef text) {
  return !text.empty() && llvm::all_of(text, [](char c) {
    return llvm::isAlnum(c) || StringRef("-_.+").contains(c);
  });
}

static bool isEntry(StringRef text) {
  return !text.empty() && llvm::all_of(text, [](char c) {
    return llvm::isLower(c) || c == '-' || c == '.';
  });
}

/// "weights.encoder.bits", "5": a mapping in a mapping in a mapping.
static std::string writeEntry(StringRef path, StringRef value) {
  std::string text, indent;
  llvm::raw_string_ostream os(text);
  llvm::SmallVector<StringRef> keys;
  path.split(keys, '.');
  for (StringRef key : keys) {
    os << (indent.empty() ? "" : "\n") << indent << "\"" << key << "\":";
    indent += ' ';
  }
  os << " \"" << value << "\"\n";
  return text;
}

/// Sets one entry; returns what is wrong.
static std::string setEntry(Recipe &recipe, StringRef path, StringRef value) {
  if (!isEntry(path))
    return ("'" + path + "' is no entry, such as weights.encoder.bits").str();
  if (!isValue(value))
    return ("expected a name or a number, but found '" + value + "'").str();
  std::string text = writeEntry(path, value);
  RecipeParser parser(text, path, recipe);
  if (parser.parseOverride())
    return "";
  return parser.getErrorText().str();
}

llvm::Error lowbit::overrideRecipe(Recipe &recipe, StringRef overrides) {
  std::string name = recipe.name;
  llvm::SmallVector<StringRef> items;
  overrides.split(items, ',');
  for (auto [i, item] : llvm::enumerate(items)) {
    auto [path, value] = item.split('=');
    std::string wrong;
    if (item.contains('='))
      wrong = setEntry(recipe, path, value);
    else if (item.empty())
      wrong = "expected an argument, or entry=value";
    else if (recipe.argument.empty())
      wrong = "it takes no argument, only entry=value";
    else if (i > 0)
      wrong = "it takes one argument; expected entry=value";
    else
      wrong = setEntry(recipe, recipe.argument, item);
    if (!wrong.empty())
      return llvm::createStringError("recipe '" + name + "', '" + item +
                                     "': " + wrong);
  }
  recipe.name = (name + ":" + overrides).str();
  return llvm::Error::success();
}
