//===- ExcessWeights.h - What 16-bit sums do not hold -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// A primitive that adds up in 16 bits is exact where the weights of a sum are small
// enough. Where a few are not, weights are taken apart: w = u + e, with u in the place
// of w and e, which is zero nearly everywhere, in further steps at the end of the sum.
// As sums are integers the result is the same, and 16 bits hold all of its parts.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ANALYSIS_EXCESSWEIGHTS_H
#define LOWBIT_ANALYSIS_EXCESSWEIGHTS_H

#include "mlir/Support/LLVM.h"

namespace mlir::lowbit {

/// The steps of one vector of lanes: weights lie by steps, lanes and products. Every
/// sum of 16 bits takes two neighbouring products of each step of a chunk.
struct StepShape {
  int64_t lanes, products;

  int64_t getStepSize() const { return lanes * products; }
};

/// What a 16-bit sum of weights of one sign may reach for codes of at most `highest`.
int64_t getWeightLimit(int64_t highest);

/// Takes from `weights`, the steps of one run, what chunks of `chunk` steps exceed
/// `limit` by, so that the rest does not. Calls `use` with a step and weights for it, a
/// step of its own, as often as that takes, and returns how often. What it passes on
/// does not exceed `limit` in itself.
int64_t takeExcess(MutableArrayRef<int8_t> weights, StepShape shape,
                   int64_t chunk, int64_t limit,
                   function_ref<void(int64_t, ArrayRef<int8_t>)> use);

/// How a contraction is added up in 16 bits.
struct PartialSums {
  /// Steps that are added in 16 bits, a power of two.
  int64_t chunk = 1;
  /// Steps of vectors, and those that excess takes besides.
  int64_t steps = 0, excess = 0;

  /// In steps that are widened one by one, without excess; `widening` is the share of
  /// these that widening takes.
  double getCost(double widening) const;
};

/// Of chunks of at most `mostSteps`, a power of two, the one with the least cost.
/// Calls of `walk` pass each run of each vector of the contraction to its argument.
PartialSums
choosePartialSums(function_ref<void(function_ref<void(ArrayRef<int8_t>)>)> walk,
                  StepShape shape, int64_t limit, double widening,
                  int64_t mostSteps);

} // namespace mlir::lowbit

#endif // LOWBIT_ANALYSIS_EXCESSWEIGHTS_H
