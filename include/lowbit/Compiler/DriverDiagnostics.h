//===- DriverDiagnostics.h - How drivers print diagnostics ------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_COMPILER_DRIVERDIAGNOSTICS_H
#define LOWBIT_COMPILER_DRIVERDIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/SourceMgr.h"

#include <string>

namespace mlir::lowbit {

/// Prints the diagnostics of `context` to stderr for as long as this lives:
///
///   net.mlir:3:8: error: ...                 with the line, where there is one
///   net.onnx: error: in '/conv1/Conv': ...   where only a name is known
///   net.onnx: error: ...                     where only the file is known
///   lowbit-compile: error: ...               otherwise
class DriverDiagnostics : public SourceMgrDiagnosticHandler {
public:
  DriverDiagnostics(MLIRContext &context, StringRef tool, StringRef model);

private:
  void print(Diagnostic &diagnostic);
  void printOne(Location loc, DiagnosticSeverity severity,
                const llvm::Twine &message);

  llvm::SourceMgr sources;
  std::string tool, model;
};

/// What a driver returns in place of `status`: 1, with an error of `tool`, where not all
/// of its output has reached stdout.
int finishOutput(StringRef tool, int status);

} // namespace mlir::lowbit

#endif // LOWBIT_COMPILER_DRIVERDIAGNOSTICS_H
