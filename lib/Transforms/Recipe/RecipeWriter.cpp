//===- RecipeWriter.cpp - Writes recipes ----------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Says what the parser reads, entry by entry, in the order of Recipe.h.

#include "lowbit/Transforms/Recipe.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/YAMLParser.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::lowbit;
using llvm::StringRef;

/// As few digits as give `value` back.
static std::string formatShortest(double value) {
  for (int digits = 1;; ++digits) {
    std::string text;
    llvm::raw_string_ostream(text) << llvm::format("%.*g", digits, value);
    double read;
    if (digits == 17 || (!StringRef(text).getAsDouble(read) && read == value))
      return text;
  }
}

namespace {

/// Writes the entries of a mapping that are said, each with `indent` before it.
class EntryWriter {
public:
  EntryWriter(llvm::raw_ostream &os, StringRef indent)
      : os(os), indent(indent) {}

  void write(StringRef key, const std::optional<bool> &value) {
    if (value)
      begin(key) << (*value ? "true" : "false") << "\n";
  }
  void write(StringRef key, const std::optional<double> &value) {
    if (value)
      begin(key) << formatShortest(*value) << "\n";
  }
  void write(StringRef key, const std::optional<CodeStorage> &value) {
    if (value)
      begin(key) << (value->isSigned ? "i" : "u") << value->width << "\n";
  }
  void write(StringRef key, const std::optional<RangeMethod> &value) {
    if (value)
      begin(key) << getRangeMethodNames()[static_cast<int>(*value)] << "\n";
  }
  void write(StringRef key, const std::optional<WeightRounding> &value) {
    if (value)
      begin(key) << getWeightRoundingNames()[static_cast<int>(*value)] << "\n";
  }
  void write(StringRef key, const std::optional<OnDisk> &value) {
    if (value)
      begin(key) << getOnDiskNames()[static_cast<int>(*value)] << "\n";
  }
  void write(StringRef key, const std::optional<ActivationQuantizer> &value) {
    if (value)
      begin(key) << value->text << "\n";
  }
  void write(StringRef key, const std::optional<LayerPosition> &value) {
    if (value)
      begin(key) << getLayerPositionNames()[static_cast<int>(*value)] << "\n";
  }
  void write(StringRef key, const std::optional<std::string> &value) {
    if (value)
      begin(key) << '"' << llvm::yaml::escape(*value) << "\"\n";
  }
  void write(StringRef key, const std::optional<EncoderChoice> &value) {
    if (!value)
      return;
    if (value->arguments.empty()) {
      begin(key) << (value->name.empty() ? "none" : value->name) << "\n";
      return;
    }
    begin(key) << "{name: " << value->name;
    for (const auto &[name, text] : value->arguments)
      os << ", " << name << ": " << text;
    os << "}\n";
  }
  /// A section, with the entries that `writeEntries` writes.
  void writeSection(StringRef key,
                    llvm::function_ref<void(EntryWriter &)> writeEntries) {
    std::string text;
    llvm::raw_string_ostream section(text);
    std::string deeper = (indent + "  ").str();
    EntryWriter entries(section, deeper);
    writeEntries(entries);
    if (!text.empty())
      os << indent << key << ":\n" << text;
  }

private:
  llvm::raw_ostream &begin(StringRef key) {
    return os << indent << key << ": ";
  }

  llvm::raw_ostream &os;
  StringRef indent;
};

} // namespace

static void writeOptions(EntryWriter &writer, const RecipeOptions &options) {
  writer.writeSection("activations", [&](EntryWriter &entries) {
    entries.write("storage", options.activations.storage);
    entries.write("range", options.activations.range);
    entries.write("percentile", options.activations.percentile);
    entries.write("quantizer", options.activations.quantizer);
  });
  writer.writeSection("weights", [&](EntryWriter &entries) {
    entries.write("storage", options.weights.storage);
    entries.write("narrow-range", options.weights.narrowRange);
    entries.write("per-channel", options.weights.perChannel);
    entries.write("rounding", options.weights.rounding);
    entries.write("on-disk", options.weights.onDisk);
    entries.write("encoder", options.weights.encoder);
  });
  writer.writeSection("heads", [&](EntryWriter &entries) {
    entries.write("storage", options.heads);
  });
  writer.writeSection("softmax", [&](EntryWriter &entries) {
    entries.write("storage", options.softmax);
  });
  writer.write("detect-formats", options.detectFormats);
  writer.write("absorb-high-bias", options.absorbHighBias);
  writer.write("equalize", options.equalize);
  writer.write("correct-bias", options.correctBias);
}

void lowbit::writeRecipe(const Recipe &recipe, llvm::raw_ostream &os) {
  EntryWriter writer(os, "");
  writer.write("name", std::optional(recipe.name));
  if (!recipe.description.empty())
    writer.write("description", std::optional(recipe.description));
  if (!recipe.citation.empty())
    writer.write("citation", std::optional(recipe.citation));
  if (!recipe.argument.empty())
    writer.write("argument", std::optional(recipe.argument));
  writer.write("profile",
               std::optional(stringifyProfile(recipe.profile).str()));
  if (recipe.seed != 0)
    os << "seed: " << recipe.seed << "\n";
  if (recipe.importsFormats) {
    os << "formats: imported\n";
    writer.write("detect-formats", recipe.defaults.detectFormats);
    writer.writeSection("weights", [&](EntryWriter &entries) {
      entries.write("on-disk", recipe.defaults.weights.onDisk);
    });
  } else {
    RecipeOptions defaults = recipe.defaults;
    if (defaults.activations.quantizer->kind ==
        ActivationQuantizer::Kind::Affine)
      defaults.activations.quantizer.reset();
    writeOptions(writer, defaults);
  }
  if (recipe.rules.empty())
    return;
  os << "rules:\n";
  for (const RecipeRule &rule : recipe.rules) {
    std::string text;
    llvm::raw_string_ostream ruleOs(text);
    EntryWriter entries(ruleOs, "    ");
    entries.write("layer", rule.layer);
    entries.write("op", rule.op);
    entries.write("position", rule.position);
    entries.write("shape", rule.shape);
    entries.write("quantize", rule.options.quantize);
    writeOptions(entries, rule.options);
    // A list marks the first entry of an element.
    os << "  - " << (text.empty() ? "{}\n" : StringRef(text).drop_front(4));
  }
}
