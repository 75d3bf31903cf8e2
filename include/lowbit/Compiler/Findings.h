//===- Findings.h - What a compilation left undone --------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nothing is left undone in silence. What stays in float is in the integer
// graph, with its reason; what passes could not do, such as folding a batch norm
// or building a kernel, they say in remarks. Both end up in one list.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_COMPILER_FINDINGS_H
#define LOWBIT_COMPILER_FINDINGS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"

#include <string>
#include <vector>

namespace mlir::lowbit {

/// Something that could be faster or smaller, and why it is not.
struct Finding {
  /// "tosa.conv2d"; empty where only the place is known.
  std::string operation;
  /// The node's name, or "file:line:column", and the kind of ONNX node; empty
  /// where they are not known.
  std::string place, nodeKind;
  /// What it costs in each run; 0 where that is not known.
  int64_t macs = 0, elements = 0;
  /// What is the case, and why: "stays in float: its bias is not constant".
  std::string text;
};

/// "'tosa.conv2d' at '/conv1/Conv' (Conv), 18432 multiply-accumulates: stays in
/// float: ..."
std::string describe(const Finding &finding);

/// Appends what the integer graph shows: operations in float, those that a
/// profile has as float glue, and transposes between layers.
void collectFindings(ModuleOp module, std::vector<Finding> &findings);

/// Takes the remarks of passes for as long as it lives: `findings`, and the
/// `choices` that -lowbit-select-primitive explains. Other diagnostics go where
/// they would without it.
class RemarkCollector : public ScopedDiagnosticHandler {
public:
  RemarkCollector(MLIRContext &context, std::vector<Finding> &findings,
                  std::vector<Finding> &choices);
};

} // namespace mlir::lowbit

#endif // LOWBIT_COMPILER_FINDINGS_H
