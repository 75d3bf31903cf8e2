//===- SensitivityReport.h - Which layers cost accuracy ---------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_COMPILER_SENSITIVITYREPORT_H
#define LOWBIT_COMPILER_SENSITIVITYREPORT_H

#include "lowbit/Compiler/Compiler.h"

namespace mlir::lowbit {

/// A recipe to write, and what it is to reach: one of the two.
struct MixedRecipeRequest {
  std::string path;
  std::optional<double> sqnr;
  std::optional<int64_t> bytes;
};

/// Ranks the layers of `module`, a model at the stage `observed` or before, by
/// the error that each alone causes, prints the ranking to `os`, and writes the
/// recipe that is asked for, if one is. Emits an error on failure.
LogicalResult
reportSensitivity(Compiler &compiler, ModuleOp module,
                  const std::optional<MixedRecipeRequest> &request,
                  llvm::raw_ostream &os);

} // namespace mlir::lowbit

#endif // LOWBIT_COMPILER_SENSITIVITYREPORT_H
