//===- OptimizeModule.h - LLVM's optimizer --------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_SUPPORT_OPTIMIZEMODULE_H
#define LOWBIT_SUPPORT_OPTIMIZEMODULE_H

#include "llvm/Passes/PassBuilder.h"

namespace mlir::lowbit {

/// Runs LLVM's default passes of `level` on `module`, for what `machine` is.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine,
                    llvm::OptimizationLevel level,
                    const llvm::PipelineTuningOptions &tuning = {});

} // namespace mlir::lowbit

#endif // LOWBIT_SUPPORT_OPTIMIZEMODULE_H
