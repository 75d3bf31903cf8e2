//===- Artefact.h - Files that a compiled model is --------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TARGET_ARTEFACT_H
#define LOWBIT_TARGET_ARTEFACT_H

#include "lowbit/Target/ObjectFile.h"

#include "llvm/Support/Error.h"

namespace mlir::lowbit {

// Each file is written to a temporary beside `path` and renamed, so that `path`
// is either as before or complete.

/// Writes the relocatable object.
llvm::Error writeObject(const ObjectFile &object, llvm::StringRef path);

/// Writes a static library of one member, `<prefix>.o`.
llvm::Error writeArchive(const ObjectFile &object, llvm::StringRef prefix,
                         llvm::StringRef path);

/// Links a shared object with the first linker on PATH. It needs libc, and
/// libm if the object calls it; its name in the dynamic section is the file
/// name of `path`.
llvm::Error writeSharedObject(const ObjectFile &object, llvm::StringRef path);

/// Links a module of WebAssembly that exports the function and the description of the
/// model `prefix`, its memory, and where the memory is free.
llvm::Error writeWebAssembly(const ObjectFile &object, llvm::StringRef prefix,
                             llvm::StringRef path);

/// Writes the C and C++ header of a module that -lowbit-emit-interface has
/// finished. It needs no other file of Lowbit. Emits an error and fails if the
/// module lacks its attributes.
LogicalResult emitHeader(ModuleOp module, llvm::raw_ostream &os);

} // namespace mlir::lowbit

#endif // LOWBIT_TARGET_ARTEFACT_H
