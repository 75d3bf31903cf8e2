//===- AccumulatorRange.h - Between which numbers sums lie ------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights are constants, and codes of lhs lie in the range of their format. So the
// least and the greatest sum of each channel are known, and attained by some codes:
// those that are least where weights are of one sign, and greatest where they are
// of the other. The same holds for parts of a sum, which decides whether 16 bits
// are enough for them.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ANALYSIS_ACCUMULATORRANGE_H
#define LOWBIT_ANALYSIS_ACCUMULATORRANGE_H

#include "lowbit/Analysis/ContractionLoops.h"
#include "lowbit/Analysis/ExcessWeights.h"

namespace mlir::lowbit {

/// The least and the greatest value of a sum, both attained.
struct SumRange {
  int64_t low = 0, high = 0;

  /// Adds the products of `weight` with all of [first, last].
  void add(int64_t weight, std::pair<int64_t, int64_t> codes);
  /// Makes it hold what `other` holds.
  void join(SumRange other);
  /// Of a signed integer that holds it.
  unsigned getWidth() const;
  bool fits(unsigned width) const { return getWidth() <= width; }
};

/// The constant weights of a contraction.
class ContractionWeights {
public:
  /// Reads them from a constant on codes or on words; nothing for others, for f32,
  /// and for maps with sums.
  static std::optional<ContractionWeights> read(ContractOp op,
                                                const ContractionLoops &loops);

  int64_t getNumBatches() const { return numBatches; }
  int64_t getNumLanes() const { return numLanes; }
  /// Terms of a sum, the last reduction loop innermost.
  int64_t getNumTerms() const { return terms.size(); }
  /// Terms of the last reduction loop.
  int64_t getRunLength() const { return runLength; }
  int64_t getLeast() const { return *llvm::min_element(values); }
  /// True if there are no more than 16 different ones: 4 bits tell them apart.
  bool hasFewValues() const;
  int64_t get(int64_t batch, int64_t lane, int64_t term) const {
    return values[batches[batch] + lane * laneStride + terms[term]];
  }

private:
  SmallVector<int64_t> values, batches, terms;
  int64_t numBatches = 1, numLanes = 1, laneStride = 0, runLength = 1;
};

/// What is known of the sums of some channels.
struct AccumulatorRange {
  int64_t firstLane, lastLane;
  /// Of whole sums, and of pairs of neighbouring products.
  SumRange sum, pair;
  /// How many pairs a 16-bit sum holds, of those that follow each other every
  /// `step` products; 0 if a pair exceeds it.
  int64_t run;
};

/// Ranges of the channels from `first` to before `last`. Codes of lhs are anywhere
/// between `codes`.
AccumulatorRange getAccumulatorRange(const ContractionWeights &weights,
                                     std::pair<int64_t, int64_t> codes,
                                     int64_t step, int64_t first, int64_t last);

/// True if any two neighbouring products of `op` add up in 16 bits, wherever
/// pairs start.
bool fitsPairs(ContractOp op, const ContractionLoops &loops);

/// Calls `use` with the weights of some vectors of lanes, evenly spread, in the form of
/// takeExcess. Terms count as one run: where steps begin is up to a kernel, and matters
/// little.
void sampleSteps(const ContractionWeights &weights, StepShape shape,
                 function_ref<void(ArrayRef<int8_t>)> use);

} // namespace mlir::lowbit

#endif // LOWBIT_ANALYSIS_ACCUMULATORRANGE_H
