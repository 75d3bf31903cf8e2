//===- EpilogueEstimate.h - Codes that f32 nearly tells ---------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// But for its roundings, an epilogue that adds and changes scales is linear in the sum and
// in the codes that it adds. f32 computes that in a few instructions, as
//
//   n = round(sum * factor + codes * terms + offset),
//
// the code with `fractionBits` bits behind it. The offset is higher than the exact value by
// as much as all roundings, of the integers and of f32, can change, so that n is at least
// the exact value and at most `margin` more. If the bits behind are `margin` or more, then
// no code begins between the two, and the bits in front are the code. Otherwise, for one
// in some thousands of sums, nothing is known.

#ifndef LOWBIT_CONVERSION_CONTRACTTOVECTOR_EPILOGUEESTIMATE_H
#define LOWBIT_CONVERSION_CONTRACTTOVECTOR_EPILOGUEESTIMATE_H

#include "lowbit/Analysis/AccumulatorRange.h"
#include "lowbit/Conversion/KernelLayout.h"

namespace mlir::lowbit {

struct EpilogueEstimate {
  /// Of each channel.
  SmallVector<float> factors, offsets;
  /// Of operands of the epilogue that are codes, by their number among the epilogue's
  /// arguments, and what they are multiplied by.
  SmallVector<std::pair<unsigned, float>> terms;
  int64_t fractionBits, margin;
  /// Of codes, which are clamped to this range.
  int64_t least, most;
};

/// Finds it for the epilogue of `op`, whose operands are `operands` and whose sums lie in
/// `ranges`; nothing if the epilogue has other operations, or too few sums are certain.
std::optional<EpilogueEstimate>
estimateEpilogue(ContractOp op, const ContractionLoops &loops,
                 ArrayRef<LinearOperand> operands, ArrayRef<SumRange> ranges);

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_CONTRACTTOVECTOR_EPILOGUEESTIMATE_H
