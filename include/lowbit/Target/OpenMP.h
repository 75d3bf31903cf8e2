//===- OpenMP.h - Where OpenMP's runtime is ---------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TARGET_OPENMP_H
#define LOWBIT_TARGET_OPENMP_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace mlir::lowbit {

/// True for the functions of OpenMP's runtime that programs with threads call.
bool isOpenMPFunction(llvm::StringRef name);

/// Loads the first of OpenMP's runtimes that is installed into this process, for
/// good, and returns its file. An error names what was tried.
llvm::Expected<std::string> loadOpenMPRuntime();

} // namespace mlir::lowbit

#endif // LOWBIT_TARGET_OPENMP_H
