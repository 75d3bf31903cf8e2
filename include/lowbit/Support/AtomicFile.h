//===- AtomicFile.h - Files that are whole or absent ------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_SUPPORT_ATOMICFILE_H
#define LOWBIT_SUPPORT_ATOMICFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"

#include <optional>
#include <string>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace mlir::lowbit {

/// A file that is on disk under another name, beside its own, until `keep` renames it.
/// Where it is not kept, the file that was there before stays.
class PendingFile {
public:
  static llvm::Expected<PendingFile>
  create(llvm::StringRef path,
         llvm::function_ref<void(llvm::raw_ostream &)> write);
  PendingFile(PendingFile &&) = default;
  ~PendingFile();

  llvm::Error keep();

private:
  PendingFile(llvm::StringRef path, llvm::sys::fs::TempFile file)
      : path(path), file(std::move(file)) {}

  std::string path;
  llvm::sys::fs::TempFile file;
};

/// Lets `write` fill a temporary file beside `path` and renames it to `path`
/// when everything is on disk. On an error the file that was there before
/// stays, and the temporary is removed. What is not a regular file (a device, a
/// pipe) is written directly.
llvm::Error
writeFileAtomically(llvm::StringRef path,
                    llvm::function_ref<void(llvm::raw_ostream &)> write);

} // namespace mlir::lowbit

#endif // LOWBIT_SUPPORT_ATOMICFILE_H
