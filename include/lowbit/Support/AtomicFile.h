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

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace mlir::lowbit {

/// Lets `write` fill a temporary file beside `path` and renames it to `path`
/// when everything is on disk. On an error the file that was there before
/// stays, and the temporary is removed. What is not a regular file (a device, a
/// pipe) is written directly.
llvm::Error
writeFileAtomically(llvm::StringRef path,
                    llvm::function_ref<void(llvm::raw_ostream &)> write);

/// An error if no file can be written to `path` because there is no such folder: what
/// takes long can ask before.
llvm::Error checkFolder(llvm::StringRef path);

} // namespace mlir::lowbit

#endif // LOWBIT_SUPPORT_ATOMICFILE_H
