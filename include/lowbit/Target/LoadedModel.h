//===- LoadedModel.h - A compiled model in this process ---------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TARGET_LOADEDMODEL_H
#define LOWBIT_TARGET_LOADEDMODEL_H

#include "lowbit/Runtime/lowbit_model.h"
#include "lowbit/Target/ObjectFile.h"

#include "llvm/Support/Error.h"

#include <memory>

namespace mlir::lowbit {

/// A model whose code is mapped into this process for as long as this lives.
class LoadedModel {
public:
  /// Maps the object that emitObject made. It is the same code that
  /// writeSharedObject links, so it gives the same bits. `prefix` is that of
  /// its symbols.
  static llvm::Expected<LoadedModel> loadInMemory(const ObjectFile &object,
                                                  llvm::StringRef prefix);

  /// Maps a shared object. `prefix` chooses among several models in one file;
  /// it may be empty where there is only one. Checks before anything is run:
  /// that the file is for this machine, and holds a model of this interface.
  static llvm::Expected<LoadedModel> loadShared(llvm::StringRef path,
                                                llvm::StringRef prefix = "");

  const lowbit_model &get() const { return *model; }

private:
  LoadedModel(std::shared_ptr<void> code, const lowbit_model *model)
      : code(std::move(code)), model(model) {}

  std::shared_ptr<void> code;
  const lowbit_model *model;
};

} // namespace mlir::lowbit

#endif // LOWBIT_TARGET_LOADEDMODEL_H
