//===- ModelPorts.h - Where a debugger finds values -------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ANALYSIS_MODELPORTS_H
#define LOWBIT_ANALYSIS_MODELPORTS_H

#include "lowbit/Analysis/ModelInterface.h"

namespace mlir::lowbit {

/// Module attribute: `[{name, type, offset, strides}, ...]`, where `type` is a
/// tensor of words with their format. Absent in a program without ports.
constexpr llvm::StringLiteral kPortsAttr = "lowbit.ports";

/// A value that is still in the workspace when the program has ended.
struct PortDescription {
  TensorDescription tensor;
  /// Bytes from the start of the workspace to the first word.
  int64_t offset = 0;
  /// Words from one index to the next, for each dimension.
  SmallVector<int64_t> strides;
};

/// Reads kPortsAttr, where present. Emits an error and fails where it is
/// malformed, or a port does not lie within a workspace of `workspaceSize`.
FailureOr<SmallVector<PortDescription>> readModelPorts(ModuleOp module,
                                                       int64_t workspaceSize);

} // namespace mlir::lowbit

#endif // LOWBIT_ANALYSIS_MODELPORTS_H
