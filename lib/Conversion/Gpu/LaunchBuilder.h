//===- LaunchBuilder.h - Launches of one thread for each point --*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_GPU_LAUNCHBUILDER_H
#define LOWBIT_LIB_CONVERSION_GPU_LAUNCHBUILDER_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit {

/// Builds launches whose threads know nothing of each other.
class LaunchBuilder {
public:
  /// Blocks of `threads` threads, and at most `maxBlocks` of them.
  LaunchBuilder(int64_t threads, int64_t maxBlocks)
      : threads(threads), maxBlocks(maxBlocks) {}

  /// Builds what happens at one point of the space.
  using PointBody = llvm::function_ref<void(ImplicitLocOpBuilder &builder,
                                            ValueRange indices)>;

  /// A launch before `op` that does `body` at each index below `sizes`; none
  /// for an empty space. Neighbours along the last dimension are neighbours
  /// in a block.
  void buildLaunch(Operation *op, ArrayRef<int64_t> sizes,
                   PointBody body) const;

private:
  int64_t threads, maxBlocks;
};

/// Builds the values of the next step of a sum from those of the step before.
using StepBody = llvm::function_ref<SmallVector<Value>(
    ImplicitLocOpBuilder &builder, ValueRange indices, ValueRange values)>;

/// Serial loops over those dimensions of `sizes` whose index is null in
/// `indices`, from the first to the last; gives what the last step made of
/// `values`.
SmallVector<Value> buildSteps(ImplicitLocOpBuilder &builder,
                              ArrayRef<int64_t> sizes, ArrayRef<Value> indices,
                              ValueRange values, StepBody body);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_GPU_LAUNCHBUILDER_H
