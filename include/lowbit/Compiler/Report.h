//===- Report.h - What a compilation tells its user ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_COMPILER_REPORT_H
#define LOWBIT_COMPILER_REPORT_H

#include "lowbit/Compiler/Compiler.h"

#include "llvm/Support/raw_ostream.h"

namespace mlir::lowbit {

/// One paragraph: integer and float operations, bytes of weights, the share of
/// multiply-accumulates in integers; with `listFloat`, each operation that
/// stayed in float and why.
void printSummary(const Compiler &compiler, bool listFloat,
                  llvm::raw_ostream &os);

/// Milliseconds of each stage.
void printTimings(const Compiler &compiler, llvm::raw_ostream &os);

/// The same as JSON: {"recipe", "macs_total", "macs_integer", "weight_bytes",
/// "integer_ops", "float_ops_between", "float_ops": [...], "workspace_bytes",
/// "stages_ms": {...}}. Figures of stages that did not run are left out.
void writeReport(const Compiler &compiler, ModuleOp module,
                 llvm::raw_ostream &os);

} // namespace mlir::lowbit

#endif // LOWBIT_COMPILER_REPORT_H
