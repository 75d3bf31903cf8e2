//===- YamlReader.cpp - Reads YAML by a schema ----------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "YamlReader.h"

#include "lowbit/Support/Suggestion.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::lowbit;
using llvm::ArrayRef;
using llvm::StringRef;
using llvm::Twine;
namespace yaml = llvm::yaml;

YamlReader::YamlReader(StringRef text, StringRef file)
    : textStart(text.data()),
      stream(llvm::MemoryBufferRef(text, fileName = file.str()), sources,
             /*ShowColors=*/false) {
  sources.setDiagHandler(
      [](const llvm::SMDiagnostic &diagnostic, void *context) {
        auto *self = static_cast<YamlReader *>(context);
        if (!self->errorText.empty())
          return;
        self->errorPlace =
            (diagnostic.getFilename() + ":" + Twine(diagnostic.getLineNo()) +
             ":" + Twine(diagnostic.getColumnNo() + 1) + ": ")
                .str();
        self->errorText = diagnostic.getMessage().str();
      },
      this);
}

llvm::SMLoc YamlReader::getStart(yaml::Node *node) const {
  const char *start = node->getSourceRange().Start.getPointer();
  if (llvm::isa<yaml::MappingNode, yaml::SequenceNode>(node) &&
      start > textStart && StringRef("[{").contains(start[-1]))
    --start;
  return llvm::SMLoc::getFromPointer(start);
}

bool YamlReader::fail(yaml::Node *node, const Twine &message) {
  if (node)
    stream.printError(llvm::SMRange(getStart(node), getStart(node)), message);
  return false;
}

std::string YamlReader::locate(yaml::Node *node) {
  llvm::SMLoc start = getStart(node);
  if (!start.isValid())
    return fileName; // LLVM could not read what follows; it has said why
  auto [line, column] = sources.getLineAndColumn(start);
  return fileName + ":" + std::to_string(line) + ":" + std::to_string(column);
}

bool YamlReader::readEntries(
    yaml::Node *node, StringRef what,
    llvm::function_ref<bool(yaml::Node *, StringRef, yaml::Node *)> visit) {
  auto *mapping = llvm::dyn_cast_or_null<yaml::MappingNode>(node);
  if (!mapping)
    return fail(node, "expected " + what + " to be a mapping");
  llvm::StringSet<> seen;
  for (yaml::KeyValueNode &entry : *mapping) {
    auto *keyNode = llvm::dyn_cast_or_null<yaml::ScalarNode>(entry.getKey());
    if (!keyNode)
      return fail(entry.getKey(), "expected a key of " + what);
    llvm::SmallString<32> storage;
    std::string key = keyNode->getValue(storage).str();
    if (!seen.insert(key).second)
      return fail(keyNode, "the key '" + Twine(key) + "' occurs twice");
    yaml::Node *value = entry.getValue();
    if (!value || stream.failed() || !visit(keyNode, key, value))
      return false;
  }
  return !stream.failed();
}

bool YamlReader::readMapping(yaml::Node *node, StringRef what,
                             ArrayRef<YamlField> fields) {
  return readEntries(
      node, what, [&](yaml::Node *keyNode, StringRef key, yaml::Node *value) {
        const YamlField *field = llvm::find_if(
            fields, [&](const YamlField &field) { return field.key == key; });
        if (field != fields.end())
          return field->read(value);
        auto keys = llvm::map_to_vector(
            fields, [](const YamlField &field) { return field.key; });
        return fail(keyNode, what + " has no key '" + key + "'" +
                                 suggest(key, keys) +
                                 " (known: " + listQuoted(keys) + ")");
      });
}

bool YamlReader::readList(yaml::Node *node, StringRef what,
                          llvm::function_ref<bool(yaml::Node *)> visit) {
  auto *sequence = llvm::dyn_cast<yaml::SequenceNode>(node);
  if (!sequence)
    return fail(node, "expected " + what + " to be a list");
  for (yaml::Node &element : *sequence)
    if (!visit(&element))
      return false;
  return !stream.failed();
}

bool YamlReader::readString(yaml::Node *node, std::string &value) {
  llvm::SmallString<64> storage;
  if (auto *scalar = llvm::dyn_cast<yaml::ScalarNode>(node))
    value = scalar->getValue(storage).str();
  else if (auto *block = llvm::dyn_cast<yaml::BlockScalarNode>(node))
    value = block->getValue().trim().str();
  else
    return fail(node, "expected a string");
  return true;
}

bool YamlReader::readBool(yaml::Node *node, std::optional<bool> &value) {
  std::string text;
  if (!readString(node, text))
    return false;
  if (text != "true" && text != "false")
    return fail(node, "expected true or false, but found '" + text + "'");
  value = text == "true";
  return true;
}

bool YamlReader::readChoice(yaml::Node *node, StringRef what,
                            ArrayRef<StringRef> known, size_t &index) {
  std::string value;
  if (!readString(node, value))
    return false;
  index = llvm::find(known, StringRef(value)) - known.begin();
  if (index < known.size())
    return true;
  return fail(node, "there is no " + what + " '" + value + "'" +
                        suggest(value, known) +
                        " (known: " + listQuoted(known) + ")");
}

bool YamlReader::readDocument(StringRef what, ArrayRef<YamlField> fields,
                              llvm::function_ref<bool(yaml::Node *)> finish) {
  yaml::document_iterator document = stream.begin();
  yaml::Node *root = document->getRoot();
  if (!root || !readMapping(root, what, fields) || !finish(root))
    return false;
  if (++document != stream.end())
    return fail(document->getRoot(), "expected one document");
  return !stream.failed();
}
