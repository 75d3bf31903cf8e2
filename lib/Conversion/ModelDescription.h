//===- ModelDescription.h - The lowbit_model of a program -------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_MODELDESCRIPTION_H
#define LOWBIT_LIB_CONVERSION_MODELDESCRIPTION_H

#include "lowbit/Analysis/ModelPorts.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace mlir::lowbit {

/// Adds the constant `<prefix>_lowbit_model` to the end of `module`, with all
/// that it points to. `device` is its lowbit_device, and `variants` its
/// lowbit_variants, or null.
void emitModelDescription(ModuleOp module, const ModelInterface &interface,
                          ArrayRef<PortDescription> ports,
                          const ModelIdentity &identity, LLVM::LLVMFuncOp run,
                          LLVM::GlobalOp device = nullptr,
                          LLVM::GlobalOp variants = nullptr);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_MODELDESCRIPTION_H
