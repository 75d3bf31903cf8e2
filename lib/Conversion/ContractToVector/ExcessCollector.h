//===- ExcessCollector.h - What is taken from packed weights ------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_CONTRACTTOVECTOR_EXCESSCOLLECTOR_H
#define LOWBIT_CONVERSION_CONTRACTTOVECTOR_EXCESSCOLLECTOR_H

#include "lowbit/Analysis/ExcessWeights.h"
#include "lowbit/Conversion/KernelLayout.h"

namespace mlir::lowbit {

/// Collects what is taken from packed weights, in the form of PackedExcess.
class ExcessCollector {
public:
  /// `tripOffsets` are those of lhs in the trips of the loops around a run.
  ExcessCollector(StepShape shape, PartialLimit partial, int64_t runLength,
                  SmallVector<int64_t> tripOffsets)
      : shape(shape), partial(partial), runLength(runLength),
        tripOffsets(std::move(tripOffsets)) {}

  /// Takes the excess of one run of a panel of `width` lanes.
  void take(MutableArrayRef<char> panel, int64_t width, size_t trip);

  /// Ends the vectors of a panel.
  void closePanel();

  /// As globals; nothing where there is none.
  std::optional<PackedExcess> build(OpBuilder &builder, Location loc,
                                    memref::GlobalOp original) const;

private:
  struct Steps {
    SmallVector<int8_t> weights;
    SmallVector<int64_t> offsets;
  };

  void add(Steps &steps, int64_t offset, int64_t step,
           ArrayRef<int8_t> excess) const;

  StepShape shape;
  PartialLimit partial;
  int64_t runLength;
  SmallVector<int64_t> tripOffsets;
  SmallVector<Steps> current;
  SmallVector<int8_t> weights;
  SmallVector<int64_t> offsets;
  SmallVector<int32_t> starts = {0};
};

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_CONTRACTTOVECTOR_EXCESSCOLLECTOR_H
