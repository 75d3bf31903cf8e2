//===- Recipe.cpp - Which values get which format -------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Transforms/Recipe.h"

#include "BuiltinRecipes.h"

#include "lowbit/Support/InputFile.h"
#include "lowbit/Support/Suggestion.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::lowbit;
using llvm::ArrayRef;
using llvm::Expected;
using llvm::StringRef;

/// The largest recipe that is read.
static constexpr uint64_t maxFileSize = 64 * 1024;

template <typename T>
static void override(std::optional<T> &value, const std::optional<T> &by) {
  if (by)
    value = by;
}

void RecipeOptions::overrideBy(const RecipeOptions &other) {
  override(quantize, other.quantize);
  override(activations.storage, other.activations.storage);
  override(activations.range, other.activations.range);
  override(activations.percentile, other.activations.percentile);
  override(activations.quantizer, other.activations.quantizer);
  override(weights.storage, other.weights.storage);
  override(weights.narrowRange, other.weights.narrowRange);
  override(weights.perChannel, other.weights.perChannel);
  override(weights.rounding, other.weights.rounding);
  override(weights.onDisk, other.weights.onDisk);
  override(weights.encoder, other.weights.encoder);
  override(heads, other.heads);
  override(softmax, other.softmax);
  override(absorbHighBias, other.absorbHighBias);
  override(equalize, other.equalize);
  override(detectFormats, other.detectFormats);
  override(correctBias, other.correctBias);
}

Expected<EncoderChoice::Method> EncoderChoice::resolve() const {
  auto encoder = findWeightEncoder(name);
  if (!encoder)
    return encoder.takeError();
  auto options = EncoderOptions::parse(**encoder, arguments);
  if (!options)
    return options.takeError();
  return Method{*encoder, std::move(*options)};
}

static bool matchesGlob(const std::optional<std::string> &pattern,
                        StringRef text) {
  if (!pattern)
    return true;
  // A compiled glob would point into the text, and not survive a move.
  llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(*pattern);
  assert(glob && "the parser has checked the glob");
  return glob->match(text);
}

bool RecipeRule::matchesLayer(StringRef name) const {
  return matchesGlob(layer, name);
}

bool RecipeRule::matches(const RecipeLayer &other) const {
  if (position &&
      !(*position == LayerPosition::First ? other.isFirst : other.isLast))
    return false;
  if (shape && other.shape.empty())
    return false;
  return matchesLayer(other.name) && (!op || *op == other.op) &&
         matchesGlob(shape, other.shape);
}

RecipeOptions Recipe::getRuleOptions(const RecipeLayer &layer) const {
  RecipeOptions options;
  for (const RecipeRule &rule : rules)
    if (rule.matches(layer))
      options.overrideBy(rule.options);
  return options;
}

RecipeOptions Recipe::getOptions(const RecipeLayer &layer) const {
  RecipeOptions options = defaults;
  options.overrideBy(getRuleOptions(layer));
  return options;
}

ArrayRef<RangeMethod> lowbit::getMixedRanges() {
  static constexpr RangeMethod methods[] = {
      RangeMethod::MinMax, RangeMethod::Percentile, RangeMethod::LeastSquares,
      RangeMethod::Divergence};
  return methods;
}

bool Recipe::hasMixedRanges() const {
  auto isMixed = [](const RecipeOptions &options) {
    return options.activations.range == RangeMethod::Mixed;
  };
  return isMixed(defaults) || llvm::any_of(rules, [&](const RecipeRule &rule) {
           return isMixed(rule.options);
         });
}

bool Recipe::needsRanges() const {
  auto needs = [](const RecipeOptions &options) {
    return options.activations.quantizer &&
           !options.activations.quantizer->isDynamic();
  };
  return needs(defaults) || llvm::any_of(rules, [&](const RecipeRule &rule) {
           return needs(rule.options);
         });
}

const ActivationQuantizer *Recipe::findQuantizer() const {
  auto find = [](const RecipeOptions &options) {
    const std::optional<ActivationQuantizer> &said =
        options.activations.quantizer;
    bool isOther = said && said->kind != ActivationQuantizer::Kind::Affine;
    return isOther ? &*said : nullptr;
  };
  const ActivationQuantizer *found = find(defaults);
  for (const RecipeRule &rule : rules)
    if (!found)
      found = find(rule.options);
  return found;
}

bool Recipe::detectsFormats() const {
  auto detects = [](const RecipeOptions &options) {
    return options.detectFormats.value_or(false);
  };
  return detects(defaults) || llvm::any_of(rules, [&](const RecipeRule &rule) {
           return detects(rule.options);
         });
}

bool Recipe::hasEncoders() const {
  auto has = [](const RecipeOptions &options) {
    return options.weights.encoder && !options.weights.encoder->name.empty();
  };
  return has(defaults) || llvm::any_of(rules, [&](const RecipeRule &rule) {
           return has(rule.options);
         });
}

bool Recipe::isFloat() const {
  if (importsFormats)
    return false;
  bool isFloat = false;
  for (const RecipeRule &rule : rules) {
    if (!rule.options.quantize)
      continue;
    if (*rule.options.quantize)
      isFloat = false;
    else if (rule.isGeneral())
      isFloat = true;
  }
  return isFloat;
}

ArrayRef<StringRef> lowbit::getRecipeOpKinds() {
  static constexpr StringRef kinds[] = {"abs",
                                        "activation",
                                        "add",
                                        "avg_pool2d",
                                        "ceil",
                                        "clamp",
                                        "concat",
                                        "conv2d",
                                        "cos",
                                        "erf",
                                        "exp",
                                        "floor",
                                        "depthwise_conv2d",
                                        "grouped_conv2d",
                                        "input",
                                        "log",
                                        "matmul",
                                        "maximum",
                                        "minimum",
                                        "mul",
                                        "reciprocal",
                                        "reduce_sum",
                                        "rsqrt",
                                        "sigmoid",
                                        "sin",
                                        "softmax",
                                        "sub",
                                        "tanh"};
  return kinds;
}

ArrayRef<StringRef> lowbit::getRangeMethodNames() {
  static constexpr StringRef names[] = {
      "min-max", "percentile", "moving-average", "mse", "kl", "mixed"};
  return names;
}

ArrayRef<StringRef> lowbit::getWeightRoundingNames() {
  static constexpr StringRef names[] = {"nearest", "balanced", "stochastic"};
  return names;
}

ArrayRef<StringRef> lowbit::getOnDiskNames() {
  static constexpr StringRef names[] = {
      "automatic", "words",          "packed",  "sparse",
      "huffman",   "sparse-huffman", "smallest"};
  return names;
}

ArrayRef<StringRef> lowbit::getLayerPositionNames() {
  static constexpr StringRef names[] = {"first", "last"};
  return names;
}

std::vector<StringRef> lowbit::getRecipeNames() {
  std::vector<StringRef> names;
  for (const BuiltinRecipe &recipe : getBuiltinRecipes())
    names.push_back(recipe.name);
  return names;
}

/// The recipe's name or path, and what is after the colon.
static std::pair<StringRef, std::optional<StringRef>>
splitOverrides(StringRef text) {
  size_t colon = text.contains('/') ? StringRef::npos : text.find(':');
  for (StringRef extension : {".yaml:", ".yml:"})
    if (size_t at = text.find(extension); at != StringRef::npos)
      colon = at + extension.size() - 1;
  if (colon == StringRef::npos)
    return {text, std::nullopt};
  return {text.take_front(colon), text.drop_front(colon + 1)};
}

static Expected<Recipe> loadWithoutOverrides(StringRef nameOrPath) {
  if (!nameOrPath.contains('/') && !nameOrPath.ends_with(".yaml") &&
      !nameOrPath.ends_with(".yml")) {
    for (const BuiltinRecipe &recipe : getBuiltinRecipes())
      if (recipe.name == nameOrPath)
        return parseRecipe(recipe.text, (nameOrPath + ".yaml").str());
    std::vector<StringRef> names = getRecipeNames();
    return llvm::createStringError(
        "there is no recipe '" + nameOrPath + "'" + suggest(nameOrPath, names) +
        " (--list-recipes of lowbit-compile lists them; a file's name ends in "
        ".yaml)");
  }
  auto file = readInputText(nameOrPath, maxFileSize);
  if (!file)
    return llvm::createStringError("cannot read recipe '" + nameOrPath +
                                   "': " + llvm::toString(file.takeError()));
  return parseRecipe((*file)->getBuffer(), nameOrPath);
}

Expected<Recipe> lowbit::loadRecipe(StringRef text) {
  auto [nameOrPath, overrides] = splitOverrides(text);
  Expected<Recipe> recipe = loadWithoutOverrides(nameOrPath);
  if (recipe && overrides)
    if (llvm::Error error = overrideRecipe(*recipe, *overrides))
      return std::move(error);
  return recipe;
}

llvm::Error lowbit::printRecipes(llvm::raw_ostream &os) {
  for (StringRef name : getRecipeNames()) {
    Expected<Recipe> recipe = loadRecipe(name);
    if (!recipe)
      return recipe.takeError();
    std::string title = name.str();
    if (!recipe->argument.empty())
      title +=
          "[:" + StringRef(recipe->argument).rsplit('.').second.str() + "]";
    os << llvm::left_justify(title, 34) << recipe->description;
    if (!recipe->citation.empty())
      os << " (" << recipe->citation << ")";
    os << "\n";
  }
  return llvm::Error::success();
}
