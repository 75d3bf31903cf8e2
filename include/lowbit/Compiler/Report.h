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

/// A line of a table, for people.
struct Figure {
  std::string label, value;
};

/// What the summary says, figure by figure. Those of stages that did not run are
/// left out.
std::vector<Figure> collectFigures(const Compiler &compiler, ModuleOp module);

/// Two lines: integer and float operations, bytes of weights, the share of
/// multiply-accumulates in integers; bytes of workspace, and encodes and decodes
/// that stand inside the network.
void printSummary(const Compiler &compiler, ModuleOp module,
                  llvm::raw_ostream &os);

/// How many bytes of constants the code for several processors reads, if there is
/// such: together, and of each kind.
void printVariants(ModuleOp module, llvm::raw_ostream &os);

/// With `explain`, the primitive of each contraction and each thing that is not
/// quantized or not fused, one a line; otherwise the number of those, if there are
/// any.
void printFindings(const Compiler &compiler, bool explain,
                   llvm::raw_ostream &os);

/// How many bytes stored constants take on disk and in memory, if there are any;
/// with `explain`, of each one.
void printStorage(ModuleOp module, bool explain, llvm::raw_ostream &os);

/// Milliseconds of each stage.
void printTimings(const Compiler &compiler, llvm::raw_ostream &os);

/// The same as JSON: {"recipe", "macs_total", "macs_integer", "weight_bytes",
/// "integer_ops", "float_ops_between", "float_glue": {"lowbit.encode": 1, ...},
/// "workspace_bytes", "variants": {"shared_bytes", "own_bytes": {"v3": 0, ...}},
/// "storage": [{"at", "storage", "gap_bits", "disk_bytes",
/// "memory_bytes"}, ...], "primitives": [as findings, with `explain`], "findings": [{"op", "at", "node", "macs", "elements",
/// "text"}, ...], "stages_ms": {...}}. Figures of stages that did not run are
/// left out.
void writeReport(const Compiler &compiler, ModuleOp module,
                 llvm::raw_ostream &os);

/// The same as one HTML page that needs no other file.
void writeHtmlReport(const Compiler &compiler, ModuleOp module,
                     llvm::raw_ostream &os);

} // namespace mlir::lowbit

#endif // LOWBIT_COMPILER_REPORT_H
