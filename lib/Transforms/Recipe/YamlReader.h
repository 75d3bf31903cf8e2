//===- YamlReader.h - Reads YAML by a schema --------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's YAML stream makes nodes on demand. The reader stops at the first node
// that does not fit the schema, so nothing nests deeper than the schema does,
// whatever the file holds; aliases are no values, so nothing is repeated.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_RECIPE_YAMLREADER_H
#define LOWBIT_LIB_TRANSFORMS_RECIPE_YAMLREADER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mlir::lowbit {

/// An entry of a mapping: its key, and what reads its value.
struct YamlField {
  llvm::StringRef key;
  std::function<bool(llvm::yaml::Node *)> read;
};

/// Each function returns false after the first error, which the reader keeps.
class YamlReader {
public:
  YamlReader(llvm::StringRef text, llvm::StringRef file);

  /// Reads the one document that the file is to be, a mapping of `fields`, and
  /// has `finish` look at it.
  bool readDocument(llvm::StringRef what, llvm::ArrayRef<YamlField> fields,
                    llvm::function_ref<bool(llvm::yaml::Node *)> finish);

  bool readMapping(llvm::yaml::Node *node, llvm::StringRef what,
                   llvm::ArrayRef<YamlField> fields);
  /// Calls `visit` for each entry, which are in no schema.
  bool
  readEntries(llvm::yaml::Node *node, llvm::StringRef what,
              llvm::function_ref<bool(llvm::yaml::Node *, llvm::StringRef key,
                                      llvm::yaml::Node *value)>
                  visit);
  bool readList(llvm::yaml::Node *node, llvm::StringRef what,
                llvm::function_ref<bool(llvm::yaml::Node *)> visit);
  bool readString(llvm::yaml::Node *node, std::string &value);
  bool readBool(llvm::yaml::Node *node, std::optional<bool> &value);
  /// One of `known`, as its place there.
  bool readChoice(llvm::yaml::Node *node, llvm::StringRef what,
                  llvm::ArrayRef<llvm::StringRef> known, size_t &index);
  template <typename Enum>
  bool readEnum(llvm::yaml::Node *node, llvm::StringRef what,
                llvm::ArrayRef<llvm::StringRef> names,
                std::optional<Enum> &value) {
    size_t index;
    if (!readChoice(node, what, names, index))
      return false;
    value = static_cast<Enum>(index);
    return true;
  }

  /// Keeps `message` as the error at `node`; returns false. A node that LLVM could
  /// not read is null; it has said why.
  bool fail(llvm::yaml::Node *node, const llvm::Twine &message);

  /// "file:line:column".
  std::string locate(llvm::yaml::Node *node);

  /// The first error: where it is, "file:line:column: ", and what.
  llvm::StringRef getErrorPlace() const { return errorPlace; }
  llvm::StringRef getErrorText() const { return errorText; }

private:
  /// Where `node` starts: its bracket, which LLVM leaves out, included.
  llvm::SMLoc getStart(llvm::yaml::Node *node) const;

  const char *textStart;
  std::string fileName;
  std::string errorPlace, errorText;
  llvm::SourceMgr sources;
  llvm::yaml::Stream stream;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_RECIPE_YAMLREADER_H
