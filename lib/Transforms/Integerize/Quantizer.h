//===- Quantizer.h - An encode as decisions ---------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_QUANTIZER_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_QUANTIZER_H

#include "ChannelFunction.h"

#include "lowbit/IR/Lowbit.h"

namespace mlir::lowbit {

/// The number from which on a real number has a greater code. Whether the number
/// itself has it is the rule for ties.
struct Decision {
  APFloat number;
  bool isInclusive;

  bool isReachedBy(const APFloat &value) const {
    return isInclusive ? number <= value : number < value;
  }
};

/// What an encode computes: a factor, and the number of decisions that the
/// product reaches, the rank of the code.
struct Quantizer {
  /// One for all, or one for each index of the last dimension.
  SmallVector<double> factors;
  SmallVector<SmallVector<Decision>> decisions;
  /// The code of each rank.
  SmallVector<int64_t> codes;

  /// True if ranks are codes, counted from the least code of `format`.
  bool countsCodes(Type format) const;
};

/// True if thresholds may find the codes of `op`: it counts some itself, or has 4
/// bits at most and does not round at random.
bool hasFewCodes(EncodeOp op);

/// What `op`, which has few codes, computes. Nothing, with the reason given to `rewriter`, where its
/// codes are not found by fixed decisions for each index of the last dimension.
std::optional<Quantizer> describeQuantizer(EncodeOp op, RewriterBase &rewriter);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_QUANTIZER_H
