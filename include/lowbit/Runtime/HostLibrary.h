//===- HostLibrary.h - What artefacts for devices have within ---*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_RUNTIME_HOSTLIBRARY_H
#define LOWBIT_RUNTIME_HOSTLIBRARY_H

#include "mlir/IR/Location.h"

#include "llvm/IR/Module.h"

namespace mlir::lowbit {

/// Links the host libraries whose functions `program` declares, such as
/// `lowbit_cuda_run`, and makes them internal. Sets `isLinked` where there were
/// any. Emits an error at `loc` for a library that does not exist.
LogicalResult linkHostLibraries(Location loc, llvm::Module &program,
                                bool &isLinked);

/// True for functions of libc that host libraries call.
bool isHostLibraryFunction(StringRef name);

} // namespace mlir::lowbit

#endif // LOWBIT_RUNTIME_HOSTLIBRARY_H
