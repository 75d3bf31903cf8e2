//===- ModelStatistics.h - Counts of a network's work -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ANALYSIS_MODELSTATISTICS_H
#define LOWBIT_ANALYSIS_MODELSTATISTICS_H

#include "mlir/IR/BuiltinOps.h"

#include <map>
#include <string>

namespace mlir::lowbit {

/// Marks an operation on real numbers that the numerics profile asks for. Its
/// value, a string, says why it is not one on integers.
constexpr llvm::StringLiteral kFloatGlueAttr = "lowbit.float_glue";

/// What a network at the stage `model` to `integer` computes, for one run.
struct ModelStatistics {
  /// Multiply-accumulates, and those of them on integers.
  int64_t macs = 0;
  int64_t integerMacs = 0;
  /// Bytes of the constant operands of multiply-accumulates: weights, biases
  /// and rescaling factors.
  int64_t weightBytes = 0;
  /// Operations of the integer graph.
  int64_t integerOps = 0;
  /// Operations that compute on real numbers between entry and exit.
  int64_t floatOps = 0;
  /// The operations around them that go to codes and back, the integer
  /// operations that requantize by real factors, and what a profile computes in
  /// float between codes, by their names.
  std::map<std::string, int64_t> glue;
};

/// Multiply-accumulates of `op` in one run; 0 if it is none. Loops of dynamic
/// size count as one.
int64_t countMacs(Operation *op);

/// True if `op` computes on real numbers between the entry and the exit of its
/// function: everything with a float operand or result but constants, empty
/// destinations, the encode of an argument and the decode of a result.
bool computesOnReals(Operation *op);

/// True if `op`, which computes on reals, is an integer operation that changes
/// scales by lowbit.requantize, an encode_dynamic, an encode or decode that is
/// there for another operation in float, or marked with kFloatGlueAttr. An encode
/// or decode that only meets its counterpart, in a change of format, is not without
/// the mark.
bool isFloatGlue(Operation *op);

/// Walks the functions of `module`, the operations of their bodies.
ModelStatistics collectStatistics(ModuleOp module);

} // namespace mlir::lowbit

#endif // LOWBIT_ANALYSIS_MODELSTATISTICS_H
