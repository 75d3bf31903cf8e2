//===- StoredConstants.h - What an artefact decodes -------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ANALYSIS_STOREDCONSTANTS_H
#define LOWBIT_ANALYSIS_STOREDCONSTANTS_H

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace mlir::lowbit {

/// What -lowbit-store-constants makes: the encoded bytes, their index, the
/// memory of the decoded words, and the function that decodes.
constexpr llvm::StringLiteral kStoredSymbol = "lowbit_stored";
constexpr llvm::StringLiteral kStoredIndexSymbol = "lowbit_stored_index";
constexpr llvm::StringLiteral kResidentSymbol = "lowbit_resident";
constexpr llvm::StringLiteral kLoadSymbol = "lowbit_load";

/// Of stored bytes, and of each constant in memory.
constexpr int64_t kStoredAlignment = 64;

/// Module attribute: an array of `{name, storage, gap, disk, memory}`, one for
/// each constant whose storage was said, with its bytes.
constexpr llvm::StringLiteral kStoredAttr = "lowbit.stored";

/// One of them.
struct StoredConstant {
  std::string name, storage;
  int64_t gap = 0, diskBytes = 0, memoryBytes = 0;

  /// False for one that is on disk as it is in memory.
  bool isEncoded() const { return storage != "words"; }
};

/// Reads kStoredAttr; nothing where there is none.
SmallVector<StoredConstant> readStoredConstants(ModuleOp module);
/// Writes it.
void setStoredConstants(ModuleOp module, ArrayRef<StoredConstant> constants);

} // namespace mlir::lowbit

#endif // LOWBIT_ANALYSIS_STOREDCONSTANTS_H
