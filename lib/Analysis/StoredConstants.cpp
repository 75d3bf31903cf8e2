//===- StoredConstants.cpp - What an artefact decodes ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/StoredConstants.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::lowbit;

SmallVector<StoredConstant> lowbit::readStoredConstants(ModuleOp module) {
  SmallVector<StoredConstant> constants;
  auto entries = module->getAttrOfType<ArrayAttr>(kStoredAttr);
  if (!entries)
    return constants;
  for (auto entry : entries.getAsRange<DictionaryAttr>()) {
    auto text = [&](StringRef key) {
      auto value = entry.getAs<StringAttr>(key);
      return value ? value.str() : std::string();
    };
    auto number = [&](StringRef key) {
      auto value = entry.getAs<IntegerAttr>(key);
      return value ? value.getInt() : 0;
    };
    constants.push_back({text("name"), text("storage"), number("gap"),
                         number("disk"), number("memory")});
  }
  return constants;
}

void lowbit::setStoredConstants(ModuleOp module,
                                ArrayRef<StoredConstant> constants) {
  Builder builder(module.getContext());
  auto text = [&](StringRef key, StringRef value) {
    return builder.getNamedAttr(key, builder.getStringAttr(value));
  };
  auto number = [&](StringRef key, int64_t value) {
    return builder.getNamedAttr(key, builder.getI64IntegerAttr(value));
  };
  SmallVector<Attribute> entries;
  for (const StoredConstant &constant : constants)
    entries.push_back(builder.getDictionaryAttr(
        {text("name", constant.name), text("storage", constant.storage),
         number("gap", constant.gap), number("disk", constant.diskBytes),
         number("memory", constant.memoryBytes)}));
  module->setAttr(kStoredAttr, builder.getArrayAttr(entries));
}
