//===- PaddingSums.h - What padding adds to sums ------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_PADDINGSUMS_H
#define LOWBIT_LIB_CONVERSION_PADDINGSUMS_H

#include "lowbit/IR/Lowbit.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit {

/// Values of an epilogue operand, and the map of its index.
struct MappedValue {
  Value value;
  AffineMap map;
};

/// `factor` times the sum of those weights of `op` that meet padding, for each
/// position and channel of its result: a contraction of the padding, as 1 inside 0,
/// with the weights of a position added up. lhs of `op` is `pad`, along none but its
/// first dimensions; `weights` of `shape` are its constant rhs, whose last dimension
/// is summed over, as is that of lhs.
MappedValue buildPaddingSums(ImplicitLocOpBuilder &builder, ContractOp op,
                             PadOp pad, ArrayRef<int64_t> weights,
                             ArrayRef<int64_t> shape, int64_t factor);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_PADDINGSUMS_H
