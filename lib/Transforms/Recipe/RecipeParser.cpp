//===- RecipeParser.cpp - Reads recipes -----------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// LLVM's YAML stream makes nodes on demand. The parser below stops at the first
// node that does not fit the schema, so nothing nests deeper than the schema
// does, whatever the file holds.

#include "lowbit/Transforms/Recipe.h"

#include "lowbit/Support/Suggestion.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"

#include <functional>

using namespace mlir;
using namespace mlir::lowbit;
using llvm::ArrayRef;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;
namespace yaml = llvm::yaml;

namespace {

/// An entry of a mapping: its key, and what reads its value.
struct Field {
  StringRef key;
  std::function<bool(yaml::Node *)> read;
};

/// Each function returns false after the first error, which `error` holds.
class RecipeParser {
public:
  RecipeParser(StringRef text, StringRef file)
      : textStart(text.data()),
        stream(llvm::MemoryBufferRef(text, fileName = file.str()), sources,
               /*ShowColors=*/false) {
    sources.setDiagHandler(
        [](const llvm::SMDiagnostic &diagnostic, void *context) {
          auto *self = static_cast<RecipeParser *>(context);
          if (self->error.empty())
            self->error = format(diagnostic);
        },
        this);
  }

  Expected<Recipe> parse();

private:
  static std::string format(const llvm::SMDiagnostic &diagnostic) {
    return (diagnostic.getFilename() + ":" + Twine(diagnostic.getLineNo()) +
            ":" + Twine(diagnostic.getColumnNo() + 1) + ": " +
            diagnostic.getMessage())
        .str();
  }

  /// A node that LLVM could not read is null; it has said why.
  bool fail(yaml::Node *node, const Twine &message) {
    if (node)
      stream.printError(llvm::SMRange(getStart(node), getStart(node)), message);
    return false;
  }

  /// Where `node` starts: its bracket, which LLVM leaves out, included.
  llvm::SMLoc getStart(yaml::Node *node) const {
    const char *start = node->getSourceRange().Start.getPointer();
    if (llvm::isa<yaml::MappingNode, yaml::SequenceNode>(node) &&
        start > textStart && StringRef("[{").contains(start[-1]))
      --start;
    return llvm::SMLoc::getFromPointer(start);
  }

  std::string locate(yaml::Node *node);
  bool parseMapping(yaml::Node *node, StringRef what, ArrayRef<Field> fields);
  bool parseString(yaml::Node *node, std::string &value);
  bool parseBool(yaml::Node *node, std::optional<bool> &value);
  bool parsePercentile(yaml::Node *node, std::optional<double> &value);
  bool parseStorage(yaml::Node *node, ArrayRef<StringRef> allowed,
                    std::optional<CodeStorage> &value);
  /// One of an enumeration whose `names` are in its order.
  template <typename Enum>
  bool parseEnum(yaml::Node *node, StringRef what, ArrayRef<StringRef> names,
                 std::optional<Enum> &value) {
    std::string text;
    if (!parseChoice(node, what, names, text))
      return false;
    value = static_cast<Enum>(llvm::find(names, text) - names.begin());
    return true;
  }
  bool parseChoice(yaml::Node *node, StringRef what, ArrayRef<StringRef> known,
                   std::string &value);
  bool parseProfile(yaml::Node *node);
  bool parseFormats(yaml::Node *node);
  bool parseSeed(yaml::Node *node);
  bool parseRules(yaml::Node *node);
  bool parseRule(yaml::Node *node);
  /// The entries that the recipe and its rules share.
  std::vector<Field> getOptionFields(RecipeOptions &options);

  const char *textStart;
  std::string fileName;
  std::string error;
  llvm::SourceMgr sources;
  yaml::Stream stream;
  Recipe recipe;
};

} // namespace

std::string RecipeParser::locate(yaml::Node *node) {
  llvm::SMLoc start = getStart(node);
  if (!start.isValid())
    return fileName; // LLVM could not read what follows; it has said why
  auto [line, column] = sources.getLineAndColumn(start);
  return fileName + ":" + std::to_string(line) + ":" + std::to_string(column);
}

bool RecipeParser::parseMapping(yaml::Node *node, StringRef what,
                                ArrayRef<Field> fields) {
  auto *mapping = llvm::dyn_cast_or_null<yaml::MappingNode>(node);
  if (!mapping)
    return fail(node, "expected " + what + " to be a mapping");
  llvm::StringSet<> seen;
  for (yaml::KeyValueNode &entry : *mapping) {
    auto *keyNode = llvm::dyn_cast_or_null<yaml::ScalarNode>(entry.getKey());
    if (!keyNode)
      return fail(entry.getKey(), "expected a key of " + what);
    llvm::SmallString<32> storage;
    StringRef key = keyNode->getValue(storage);
    const Field *field = llvm::find_if(
        fields, [&](const Field &field) { return field.key == key; });
    if (field == fields.end()) {
      auto keys = llvm::map_to_vector(
          fields, [](const Field &field) { return field.key; });
      return fail(keyNode, what + " has no key '" + key + "'" +
                               suggest(key, keys) +
                               " (known: " + listQuoted(keys) + ")");
    }
    if (!seen.insert(key).second)
      return fail(keyNode, "the key '" + key + "' occurs twice");
    yaml::Node *value = entry.getValue();
    if (!value || stream.failed())
      return false;
    if (!field->read(value))
      return false;
  }
  return !stream.failed();
}

bool RecipeParser::parseString(yaml::Node *node, std::string &value) {
  llvm::SmallString<64> storage;
  if (auto *scalar = llvm::dyn_cast<yaml::ScalarNode>(node))
    value = scalar->getValue(storage).str();
  else if (auto *block = llvm::dyn_cast<yaml::BlockScalarNode>(node))
    value = block->getValue().trim().str();
  else
    return fail(node, "expected a string");
  return true;
}

bool RecipeParser::parseBool(yaml::Node *node, std::optional<bool> &value) {
  std::string text;
  if (!parseString(node, text))
    return false;
  if (text != "true" && text != "false")
    return fail(node, "expected true or false, but found '" + text + "'");
  value = text == "true";
  return true;
}

bool RecipeParser::parsePercentile(yaml::Node *node,
                                   std::optional<double> &value) {
  std::string text;
  if (!parseString(node, text))
    return false;
  double number;
  if (StringRef(text).getAsDouble(number) || !(number > 50 && number <= 100))
    return fail(node,
                "expected a percentile over 50 and up to 100, but found '" +
                    text + "'");
  value = number;
  return true;
}

bool RecipeParser::parseChoice(yaml::Node *node, StringRef what,
                               ArrayRef<StringRef> known, std::string &value) {
  if (!parseString(node, value))
    return false;
  if (llvm::is_contained(known, StringRef(value)))
    return true;
  return fail(node, "there is no " + what + " '" + value + "'" +
                        suggest(value, known) +
                        " (known: " + listQuoted(known) + ")");
}

bool RecipeParser::parseStorage(yaml::Node *node, ArrayRef<StringRef> allowed,
                                std::optional<CodeStorage> &value) {
  std::string text;
  if (!parseChoice(node, "storage type", allowed, text))
    return false;
  unsigned width = 0;
  (void)StringRef(text).drop_front().getAsInteger(10, width);
  value = CodeStorage{text[0] == 'i', width};
  return true;
}

bool RecipeParser::parseProfile(yaml::Node *node) {
  std::string text;
  if (!parseString(node, text))
    return false;
  Expected<Profile> profile = lowbit::parseProfile(text);
  if (!profile)
    return fail(node, llvm::toString(profile.takeError()));
  recipe.profile = *profile;
  return true;
}

bool RecipeParser::parseFormats(yaml::Node *node) {
  std::string text;
  if (!parseChoice(node, "kind of formats", {"calibrated", "imported"}, text))
    return false;
  recipe.importsFormats = text == "imported";
  return true;
}

bool RecipeParser::parseSeed(yaml::Node *node) {
  std::string text;
  if (!parseString(node, text))
    return false;
  if (StringRef(text).getAsInteger(10, recipe.seed))
    return fail(node,
                "expected a whole number below 2^32, but found '" + text + "'");
  return true;
}

std::vector<Field> RecipeParser::getOptionFields(RecipeOptions &options) {
  static constexpr StringRef signedTypes[] = {"i2", "i3", "i4", "i5",
                                              "i6", "i7", "i8"};
  static constexpr StringRef byteTypes[] = {"u8", "u2", "u3", "u4", "u5",
                                            "u6", "u7", "i8", "i2", "i3",
                                            "i4", "i5", "i6", "i7"};
  static constexpr StringRef headTypes[] = {"i16", "i8"};
  static constexpr StringRef softmaxTypes[] = {"u16", "u8"};
  auto storageOnly = [this](StringRef what, ArrayRef<StringRef> allowed,
                            std::optional<CodeStorage> &value) {
    return [this, what, allowed, &value](yaml::Node *node) {
      return parseMapping(node, what, {{"storage", [&](yaml::Node *node) {
                                          return parseStorage(node, allowed,
                                                              value);
                                        }}});
    };
  };
  auto boolean = [this](std::optional<bool> &value) {
    return [this, &value](yaml::Node *node) { return parseBool(node, value); };
  };
  ActivationOptions &activations = options.activations;
  WeightOptions &weights = options.weights;
  return {
      {"activations",
       [&, this](yaml::Node *node) {
         return parseMapping(
             node, "activations",
             {{"storage",
               [&](yaml::Node *node) {
                 return parseStorage(node, byteTypes, activations.storage);
               }},
              {"range",
               [&](yaml::Node *node) {
                 return parseEnum(node, "range", getRangeMethodNames(),
                                  activations.range);
               }},
              {"percentile", [&](yaml::Node *node) {
                 return parsePercentile(node, activations.percentile);
               }}});
       }},
      {"weights",
       [&, this](yaml::Node *node) {
         return parseMapping(
             node, "weights",
             {{"storage",
               [&](yaml::Node *node) {
                 return parseStorage(node, signedTypes, weights.storage);
               }},
              {"narrow-range",
               [&](yaml::Node *node) {
                 return parseBool(node, weights.narrowRange);
               }},
              {"per-channel",
               [&](yaml::Node *node) {
                 return parseBool(node, weights.perChannel);
               }},
              {"rounding",
               [&](yaml::Node *node) {
                 return parseEnum(node, "rounding", getWeightRoundingNames(),
                                  weights.rounding);
               }},
              {"on-disk", [&](yaml::Node *node) {
                 return parseEnum(node, "way on disk", getOnDiskNames(),
                                  weights.onDisk);
               }}});
       }},
      {"heads", storageOnly("heads", headTypes, options.heads)},
      {"softmax", storageOnly("softmax", softmaxTypes, options.softmax)},
      {"detect-formats", boolean(options.detectFormats)},
      {"absorb-high-bias", boolean(options.absorbHighBias)},
      {"equalize", boolean(options.equalize)},
      {"correct-bias", boolean(options.correctBias)},
  };
}

bool RecipeParser::parseRule(yaml::Node *node) {
  RecipeRule rule;
  rule.location = locate(node);
  std::vector<Field> fields = getOptionFields(rule.options);
  fields.push_back({"layer", [&](yaml::Node *node) {
                      if (!parseString(node, rule.layer.emplace()))
                        return false;
                      auto glob = llvm::GlobPattern::create(*rule.layer);
                      if (!glob)
                        return fail(node, "not a glob: " +
                                              llvm::toString(glob.takeError()));
                      rule.location = locate(node);
                      return true;
                    }});
  fields.push_back({"op", [&](yaml::Node *node) {
                      return parseChoice(node, "kind of operation",
                                         getRecipeOpKinds(), rule.op.emplace());
                    }});
  fields.push_back({"quantize", [&](yaml::Node *node) {
                      return parseBool(node, rule.options.quantize);
                    }});
  if (!parseMapping(node, "a rule", fields))
    return false;
  recipe.rules.push_back(std::move(rule));
  return true;
}

bool RecipeParser::parseRules(yaml::Node *node) {
  auto *sequence = llvm::dyn_cast<yaml::SequenceNode>(node);
  if (!sequence)
    return fail(node, "expected rules to be a list");
  for (yaml::Node &rule : *sequence)
    if (!parseRule(&rule))
      return false;
  return !stream.failed();
}

Expected<Recipe> RecipeParser::parse() {
  RecipeOptions &defaults = recipe.defaults;
  defaults.quantize = true;
  defaults.activations = {CodeStorage{false, 8}, RangeMethod::MinMax, 99.99};
  defaults.weights = {CodeStorage{true, 8}, true, true, WeightRounding::Nearest,
                      OnDisk::Words};
  defaults.heads = CodeStorage{true, 16};
  defaults.softmax = CodeStorage{false, 16};
  defaults.detectFormats = false;
  defaults.absorbHighBias = defaults.equalize = defaults.correctBias = false;

  std::vector<Field> fields = getOptionFields(defaults);
  fields.push_back({"name", [&](yaml::Node *node) {
                      return parseString(node, recipe.name);
                    }});
  fields.push_back({"description", [&](yaml::Node *node) {
                      return parseString(node, recipe.description);
                    }});
  fields.push_back(
      {"profile", [&](yaml::Node *node) { return parseProfile(node); }});
  fields.push_back(
      {"formats", [&](yaml::Node *node) { return parseFormats(node); }});
  fields.push_back({"seed", [&](yaml::Node *node) { return parseSeed(node); }});
  fields.push_back(
      {"rules", [&](yaml::Node *node) { return parseRules(node); }});

  yaml::document_iterator document = stream.begin();
  yaml::Node *root = document->getRoot();
  bool isRead = root && parseMapping(root, "the recipe", fields);
  if (isRead && recipe.name.empty())
    isRead = fail(root, "the recipe has no name");
  if (isRead && ++document != stream.end())
    isRead = fail(document->getRoot(), "expected one document");
  if (isRead && !stream.failed())
    return std::move(recipe);
  return llvm::createStringError(
      error.empty() ? fileName + ":1:1: expected a recipe" : error);
}

Expected<Recipe> lowbit::parseRecipe(StringRef text, StringRef file) {
  return RecipeParser(text, file).parse();
}
