//===- ParameterCopy.h - The network that is quantized ----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_COMPILER_PARAMETERCOPY_H
#define LOWBIT_LIB_COMPILER_PARAMETERCOPY_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlir::lowbit {

/// Sets `copy` to a copy of `module`, which is observed, with what moves between
/// layers moved as `recipe` says. It lives in the module that is returned: it is
/// not the outermost operation, so that it frees no constants of the original.
/// Null after a diagnostic.
OwningOpRef<ModuleOp> copyWithParameters(ModuleOp module, StringRef recipe,
                                         ModuleOp &copy);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_COMPILER_PARAMETERCOPY_H
