//===- RecipeParser.cpp - Reads recipes -----------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RecipeParser.h"

#include "lowbit/Encoders/Encoder.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir;
using namespace mlir::lowbit;
using llvm::ArrayRef;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;
namespace yaml = llvm::yaml;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

bool RecipeParser::parsePercentile(Node *node, std::optional<double> &value) {
  std::string text;
  if (!reader.readString(node, text))
    return false;
  double number;
  if (StringRef(text).getAsDouble(number) || !(number > 50 && number <= 100))
    return reader.fail(
        node, "expected a percentile over 50 and up to 100, but found '" +
                  text + "'");
  value = number;
  return true;
}

bool RecipeParser::parseStorage(Node *node, ArrayRef<StringRef> allowed,
                                std::optional<CodeStorage> &value) {
  size_t index;
  if (!reader.readChoice(node, "storage type", allowed, index))
    return false;
  unsigned width = 0;
  (void)allowed[index].drop_front().getAsInteger(10, width);
  value = CodeStorage{allowed[index].front() == 'i', width};
  return true;
}

bool RecipeParser::parseEncoderName(Node *node, bool maybeNone,
                                    EncoderChoice &choice) {
  choice = EncoderChoice();
  if (!reader.readString(node, choice.name))
    return false;
  if (maybeNone && choice.name == "none") {
    choice.name.clear();
    return true;
  }
  auto method = choice.resolve();
  return method ? true : reader.fail(node, llvm::toString(method.takeError()));
}

bool RecipeParser::parseEncoder(Node *node,
                                std::optional<EncoderChoice> &value) {
  if (!llvm::isa<yaml::MappingNode>(node))
    return parseEncoderName(node, /*maybeNone=*/true, value.emplace());
  // An override changes the options of the encoder that is there. Otherwise the
  // name comes first: it says what else there may be.
  EncoderChoice choice = value.value_or(EncoderChoice());
  bool isRead = reader.readEntries(
      node, "an encoder", [&](Node *keyNode, StringRef key, Node *textNode) {
        if (key == "name" && choice.arguments.empty())
          return parseEncoderName(textNode, /*maybeNone=*/false, choice);
        if (key == "name" || choice.name.empty())
          return reader.fail(keyNode,
                             "expected 'name', the encoder, as the first key");
        std::string text;
        if (!reader.readString(textNode, text))
          return false;
        choice.arguments[key.str()] = text;
        auto method = choice.resolve();
        return method
                   ? true
                   : reader.fail(keyNode, llvm::toString(method.takeError()));
      });
  if (!isRead)
    return false;
  if (choice.name.empty())
    return reader.fail(node, "expected the name of an encoder");
  value = std::move(choice);
  return true;
}

bool RecipeParser::parseGlob(Node *node, std::optional<std::string> &value) {
  if (!reader.readString(node, value.emplace()))
    return false;
  auto glob = llvm::GlobPattern::create(*value);
  if (!glob)
    return reader.fail(node, "not a glob: " + llvm::toString(glob.takeError()));
  return true;
}

bool RecipeParser::parseProfile(Node *node) {
  std::string text;
  if (!reader.readString(node, text))
    return false;
  Expected<Profile> profile = lowbit::parseProfile(text);
  if (!profile)
    return reader.fail(node, llvm::toString(profile.takeError()));
  recipe.profile = *profile;
  return true;
}

bool RecipeParser::parseQuantizer(Node *node,
                                  std::optional<ActivationQuantizer> &value) {
  std::string text;
  if (!reader.readString(node, text))
    return false;
  Expected<ActivationQuantizer> quantizer = parseActivationQuantizer(text);
  if (!quantizer)
    return reader.fail(node, llvm::toString(quantizer.takeError()));
  value = std::move(*quantizer);
  return true;
}

bool RecipeParser::parseFormats(Node *node) {
  size_t index;
  if (!reader.readChoice(node, "kind of formats", {"calibrated", "imported"},
                         index))
    return false;
  recipe.importsFormats = index == 1;
  return true;
}

bool RecipeParser::parseSeed(Node *node) {
  std::string text;
  if (!reader.readString(node, text))
    return false;
  if (StringRef(text).getAsInteger(10, recipe.seed))
    return reader.fail(node, "expected a whole number below 2^32, but found '" +
                                 text + "'");
  return true;
}

bool RecipeParser::parseArgument(Node *node) {
  if (!reader.readString(node, recipe.argument))
    return false;
  bool isPath =
      !recipe.argument.empty() && llvm::all_of(recipe.argument, [](char c) {
        return llvm::isLower(c) || c == '-' || c == '.';
      });
  return isPath ? true
                : reader.fail(node, "expected an entry, such as "
                                    "weights.encoder.bits");
}

//===----------------------------------------------------------------------===//
// Sections
//===----------------------------------------------------------------------===//

YamlField RecipeParser::getStorageSection(StringRef name,
                                          ArrayRef<StringRef> allowed,
                                          std::optional<CodeStorage> &value) {
  return {name, [this, name, allowed, &value](Node *node) {
            return reader.readMapping(node, name, {{"storage", [&](Node *node) {
                                                      return parseStorage(
                                                          node, allowed, value);
                                                    }}});
          }};
}

RecipeParser::Fields
RecipeParser::getActivationFields(ActivationOptions &activations) {
  static constexpr StringRef types[] = {"u8", "u2", "u3", "u4", "u5",
                                        "u6", "u7", "i8", "i2", "i3",
                                        "i4", "i5", "i6", "i7"};
  return {{"storage",
           [&, this](Node *node) {
             return parseStorage(node, types, activations.storage);
           }},
          {"range",
           [&, this](Node *node) {
             return reader.readEnum(node, "range", getRangeMethodNames(),
                                    activations.range);
           }},
          {"percentile",
           [&, this](Node *node) {
             return parsePercentile(node, activations.percentile);
           }},
          {"quantizer", [&, this](Node *node) {
             return parseQuantizer(node, activations.quantizer);
           }}};
}

RecipeParser::Fields RecipeParser::getWeightFields(WeightOptions &weights) {
  static constexpr StringRef types[] = {"i2", "i3", "i4", "i5",
                                        "i6", "i7", "i8"};
  return {{"storage",
           [&, this](Node *node) {
             return parseStorage(node, types, weights.storage);
           }},
          {"narrow-range",
           [&, this](Node *node) {
             return reader.readBool(node, weights.narrowRange);
           }},
          {"per-channel",
           [&, this](Node *node) {
             return reader.readBool(node, weights.perChannel);
           }},
          {"rounding",
           [&, this](Node *node) {
             return reader.readEnum(node, "rounding", getWeightRoundingNames(),
                                    weights.rounding);
           }},
          {"on-disk",
           [&, this](Node *node) {
             return reader.readEnum(node, "way on disk", getOnDiskNames(),
                                    weights.onDisk);
           }},
          {"encoder", [&, this](Node *node) {
             return parseEncoder(node, weights.encoder);
           }}};
}

RecipeParser::Fields RecipeParser::getOptionFields(RecipeOptions &options) {
  static constexpr StringRef headTypes[] = {"i16", "i8"};
  static constexpr StringRef softmaxTypes[] = {"u16", "u8"};
  auto boolean = [this](StringRef key, std::optional<bool> &value) {
    return YamlField{key, [this, &value](Node *node) {
                       return reader.readBool(node, value);
                     }};
  };
  return {{"activations",
           [&, this](Node *node) {
             return reader.readMapping(
                 node, "activations", getActivationFields(options.activations));
           }},
          {"weights",
           [&, this](Node *node) {
             return reader.readMapping(node, "weights",
                                       getWeightFields(options.weights));
           }},
          getStorageSection("heads", headTypes, options.heads),
          getStorageSection("softmax", softmaxTypes, options.softmax),
          boolean("detect-formats", options.detectFormats),
          boolean("absorb-high-bias", options.absorbHighBias),
          boolean("equalize", options.equalize),
          boolean("correct-bias", options.correctBias)};
}

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

/// True if it says something about formats.
static bool choosesFormats(const RecipeOptions &options) {
  const ActivationOptions &activations = options.activations;
  const WeightOptions &weights = options.weights;
  return activations.storage || activations.range || activations.percentile ||
         activations.quantizer || weights.storage || weights.narrowRange ||
         weights.perChannel || weights.rounding || weights.encoder ||
         options.heads || options.softmax;
}

/// What a rule says must not contradict itself; rules may contradict each other.
bool RecipeParser::checkRule(Node *node, const RecipeRule &rule) {
  const RecipeOptions &options = rule.options;
  const WeightOptions &weights = options.weights;
  if (options.quantize == false && choosesFormats(options))
    return reader.fail(node, "a rule with 'quantize: false' leaves layers in "
                             "float, so that it chooses no formats");
  if (weights.encoder && !weights.encoder->name.empty() &&
      (weights.storage || weights.narrowRange || weights.perChannel ||
       weights.rounding))
    return reader.fail(node, "the encoder '" + weights.encoder->name +
                                 "' chooses the format of weights; the rule "
                                 "chooses another");
  return true;
}

bool RecipeParser::parseRule(Node *node) {
  RecipeRule rule;
  rule.location = reader.locate(node);
  Fields fields = getOptionFields(rule.options);
  fields.push_back({"layer", [&](Node *node) {
                      rule.location = reader.locate(node);
                      return parseGlob(node, rule.layer);
                    }});
  fields.push_back(
      {"op", [&](Node *node) {
         ArrayRef<StringRef> kinds = getRecipeOpKinds();
         size_t index;
         if (!reader.readChoice(node, "kind of operation", kinds, index))
           return false;
         rule.op = kinds[index].str();
         return true;
       }});
  fields.push_back({"position", [&](Node *node) {
                      return reader.readEnum(node, "position",
                                             getLayerPositionNames(),
                                             rule.position);
                    }});
  fields.push_back(
      {"shape", [&](Node *node) { return parseGlob(node, rule.shape); }});
  fields.push_back({"quantize", [&](Node *node) {
                      return reader.readBool(node, rule.options.quantize);
                    }});
  if (!reader.readMapping(node, "a rule", fields) || !checkRule(node, rule))
    return false;
  recipe.rules.push_back(std::move(rule));
  return true;
}

//===----------------------------------------------------------------------===//
// Recipes
//===----------------------------------------------------------------------===//

RecipeParser::Fields RecipeParser::getOverrideFields() {
  Fields fields = getOptionFields(said);
  fields.push_back({"profile", [&](Node *node) { return parseProfile(node); }});
  fields.push_back({"seed", [&](Node *node) { return parseSeed(node); }});
  return fields;
}

bool RecipeParser::checkRecipe(Node *root) {
  if (recipe.name.empty())
    return reader.fail(root, "the recipe has no name");
  if (recipe.importsFormats && choosesFormats(said))
    return reader.fail(root, "a recipe with 'formats: imported' takes those of "
                             "the model, so that it chooses none");
  return true;
}

bool RecipeParser::parseFile() {
  auto string = [this](StringRef key, std::string &value) {
    return YamlField{key, [this, &value](Node *node) {
                       return reader.readString(node, value);
                     }};
  };
  Fields fields = getOverrideFields();
  fields.push_back(string("name", recipe.name));
  fields.push_back(string("description", recipe.description));
  fields.push_back(string("citation", recipe.citation));
  fields.push_back(
      {"argument", [&](Node *node) { return parseArgument(node); }});
  fields.push_back({"formats", [&](Node *node) { return parseFormats(node); }});
  fields.push_back({"rules", [&](Node *node) {
                      return reader.readList(node, "rules", [&](Node *rule) {
                        return parseRule(rule);
                      });
                    }});
  bool isRead = reader.readDocument(
      "the recipe", fields, [&](Node *root) { return checkRecipe(root); });
  recipe.defaults.overrideBy(said);
  return isRead;
}

bool RecipeParser::parseOverride() {
  // An override of an encoder's option adds to those that are there.
  if (!recipe.defaults.weights.encoder->name.empty())
    said.weights.encoder = recipe.defaults.weights.encoder;
  bool isRead =
      reader.readDocument("the recipe", getOverrideFields(),
                          [&](Node *root) { return checkRecipe(root); });
  recipe.defaults.overrideBy(said);
  return isRead;
}

Expected<Recipe> lowbit::parseRecipe(StringRef text, StringRef file) {
  Recipe recipe;
  RecipeOptions &defaults = recipe.defaults;
  defaults.quantize = true;
  defaults.activations = {CodeStorage{false, 8}, RangeMethod::MinMax, 99.99,
                          ActivationQuantizer()};
  defaults.weights = {
      CodeStorage{true, 8}, true,           true, WeightRounding::Nearest,
      OnDisk::Automatic,    EncoderChoice()};
  defaults.heads = CodeStorage{true, 16};
  defaults.softmax = CodeStorage{false, 16};
  defaults.detectFormats = false;
  defaults.absorbHighBias = defaults.equalize = defaults.correctBias = false;

  RecipeParser parser(text, file, recipe);
  if (parser.parseFile())
    return recipe;
  if (parser.getErrorText().empty())
    return llvm::createStringError(file + ":1:1: expected a recipe");
  return llvm::createStringError(parser.getErrorPlace() +
                                 parser.getErrorText());
}
