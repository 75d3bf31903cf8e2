//===- InputFile.h - Files whose size is known ------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Only regular files are read. Devices and pipes have no size, so that reading
// one may wait or go on for ever, until no memory is left.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_SUPPORT_INPUTFILE_H
#define LOWBIT_SUPPORT_INPUTFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstdint>
#include <memory>

namespace mlir::lowbit {

/// The reason, without the path, why `path` is not read: it is not there, is no
/// regular file, or has more than `mostBytes`.
llvm::Error checkInputFile(llvm::StringRef path,
                           uint64_t mostBytes = UINT64_MAX);

/// The contents of the file `path`, mapped where that is possible. Errors are
/// those of `checkInputFile`. A null follows the last byte of a text.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
readInputFile(llvm::StringRef path);
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
readInputText(llvm::StringRef path, uint64_t mostBytes);

} // namespace mlir::lowbit

#endif // LOWBIT_SUPPORT_INPUTFILE_H
