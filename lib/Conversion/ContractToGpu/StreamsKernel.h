//===- StreamsKernel.h - Weights that stream past a few rows -*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_CONTRACTTOGPU_STREAMSKERNEL_H
#define LOWBIT_LIB_CONVERSION_CONTRACTTOGPU_STREAMSKERNEL_H

#include "GpuKernelBuilder.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace mlir::lowbit {

/// What kernels have in common that stream weights past at most eight rows.
class StreamsKernel : public GpuKernelBuilder {
public:
  using GpuKernelBuilder::GpuKernelBuilder;

protected:
  using Values = SmallVector<Value>;

  /// Loads of a lane that are under way.
  static constexpr int64_t loadsUnderWay = 8, mostRows = 8;

  /// Measures operands and finds the run of lhs; false, with a reason, where there
  /// are too many rows.
  bool prepare(std::string &reason);
  /// Packs weights for blocks of `lanes` columns; false, with a reason, where they are
  /// not constant.
  bool pack(int64_t lanes, std::string &reason);

  /// Terms of a step.
  int64_t terms() const {
    return (acrossLanes ? warpSize : 1) * weights->loadBytes * 8 /
           weights->bits;
  }
  /// Parts of a byte of weights that have sums of their own.
  int64_t numParts() const { return keepsParts ? 8 / weights->bits : 1; }

  /// Sums before the first step: of each row and column and part, then of each row's
  /// x where the least weight is not 0.
  Values firstSums();
  /// What a lane reads of the weights of one step, `offset` bytes after `start`.
  Value loadStep(Value start, int64_t offset);
  /// Adds the products of a step, `loaded` for each column, with the terms from `term`
  /// on of `rows`.
  void addStep(Value term, ArrayRef<Value> rows, ArrayRef<Value> loaded,
               Values &sums);
  /// The lane's sum for row `row` and its column `c`.
  Value totalOf(ArrayRef<Value> sums, int64_t row, int64_t c);

  bool acrossLanes = true, keepsParts = true;
  /// Columns of a lane, and warps of a block.
  int64_t columns = 1, warps = 4;
  ReductionRun runOfLhs;
  std::optional<StreamedWeights> weights;
  Value lane, weightPointer;
  Values rowPointers;

private:
  Value dot(Value lhs, Value codes, NVVM::DotAccumulateType type, Value sum);
  Values loadTerms(Value row, Value term);
  void loadPart(Value row, Value term, Values &words);
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_CONTRACTTOGPU_STREAMSKERNEL_H
