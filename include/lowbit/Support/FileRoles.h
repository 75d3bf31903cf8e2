//===- FileRoles.h - What one command reads and writes ----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_SUPPORT_FILEROLES_H
#define LOWBIT_SUPPORT_FILEROLES_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace mlir::lowbit {

/// The files of one command, so that none is overwritten that it reads or writes
/// elsewhere. Roles are what the user knows files by: "--calibrate", "the model". An
/// empty path is no file.
class FileRoles {
public:
  void addRead(llvm::StringRef path, llvm::StringRef role);

  /// An error if `path` has a role already, or if no file can be written to it because
  /// it is a folder or there is none around it: what takes long asks before.
  llvm::Error addWritten(llvm::StringRef path, llvm::StringRef role);

private:
  struct File {
    std::string path, role;
  };
  llvm::SmallVector<File> files;
};

} // namespace mlir::lowbit

#endif // LOWBIT_SUPPORT_FILEROLES_H
