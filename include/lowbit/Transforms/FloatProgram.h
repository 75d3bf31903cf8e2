//===- FloatProgram.h - A float program that can be watched -----*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_FLOATPROGRAM_H
#define LOWBIT_TRANSFORMS_FLOATPROGRAM_H

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::lowbit {

/// A function compiled for this machine. Running it shows the elements of each
/// probed value; its results are not computed for their own sake.
class FloatProgram {
public:
  /// Gets the number of an observation, in the order of a walk, and the value
  /// of getProbedValue.
  using Probe = function_ref<void(int64_t observation, MutableArrayRef<float>)>;

  enum class Probes {
    Watch,       ///< They must not change the value.
    WatchLayers, ///< As well; and they see what layers read.
    Change       ///< The program goes on with what they leave.
  };

  /// What running the program shows for `observe`: the observed value; with
  /// WatchLayers, where that is the weights of a layer, what the layer reads.
  /// Null for other constants.
  static Value getProbedValue(ObserveOp observe, Probes probes);

  /// Compiles a copy of `function`, which shall have static tensors as
  /// arguments. Emits a diagnostic on failure.
  static FailureOr<FloatProgram> compile(func::FuncOp function,
                                         Probes probes = Probes::Watch);

  /// What `compile` runs.
  static void buildPipeline(OpPassManager &passes);

  /// Runs the program on one tensor for each argument: its elements in row-major
  /// order, as the machine stores them.
  LogicalResult run(MutableArrayRef<std::vector<char>> inputs, Probe probe);

private:
  SmallVector<RankedTensorType> inputTypes;
  /// The number of elements that each observation's probe shows.
  SmallVector<int64_t> sizes;
  Location loc;
  std::unique_ptr<ExecutionEngine> engine;

  explicit FloatProgram(Location loc) : loc(loc) {}
};

} // namespace mlir::lowbit

#endif // LOWBIT_TRANSFORMS_FLOATPROGRAM_H
