//===- ContractionLoops.h - What the loops of a contraction do ----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// A contraction is given by its maps alone. To build a kernel one needs to know
// which loops walk rows, columns and the sum: read off where a loop occurs.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ANALYSIS_CONTRACTIONLOOPS_H
#define LOWBIT_ANALYSIS_CONTRACTIONLOOPS_H

#include "lowbit/IR/Lowbit.h"

namespace mlir::lowbit {

/// How a kernel uses vector lanes.
enum class LaneKind {
  /// Lanes hold columns; the lhs element is the same for all of them: matrix
  /// products and convolutions.
  Columns,
  /// Lanes hold channels, which each has a weight of its own and no sum goes
  /// across: depthwise convolutions.
  Channels
};

/// The loops of a contraction with static sizes, by their part. All lists are
/// in loop order.
struct ContractionLoops {
  SmallVector<int64_t> sizes;
  /// In lhs, rhs and result, but for the lanes'.
  SmallVector<unsigned> batch;
  /// In lhs and result.
  SmallVector<unsigned> rows;
  /// In lhs and rhs only: summed over.
  SmallVector<unsigned> reduction;
  /// In lhs, rhs and an operand of the epilogue: sums of the other loops go through
  /// the epilogue, whose results are added up in f32, from 0 on and in the order of
  /// these loops.
  SmallVector<unsigned> groups;
  /// The loop along the lanes: the result's last dimension.
  unsigned lane;
  LaneKind kind;
};

/// The parts of `op`'s loops; nothing, with `reason` set, where they do not
/// have the shape of a product with rows, lanes and a sum, or have groups without
/// `takesGroups`.
std::optional<ContractionLoops> analyzeLoops(ContractOp op, std::string &reason,
                                             bool takesGroups = false);

} // namespace mlir::lowbit

#endif // LOWBIT_ANALYSIS_CONTRACTIONLOOPS_H
