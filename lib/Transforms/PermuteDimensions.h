//===- PermuteDimensions.h - One operation, other dimensions ----*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which operations commute with a transpose, and how they look on the other
// side. `permutation` always reads as in tosa.transpose: dimension `d` of the
// outer tensor is dimension `permutation[d]` of the inner one, so that
//
//   op(transpose(x, permutation)) = transpose(permuted(x), permutation)
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_PERMUTEDIMENSIONS_H
#define LOWBIT_LIB_TRANSFORMS_PERMUTEDIMENSIONS_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::lowbit {

/// True for [0, 2, ..., rank - 1, 1] of rank 4 or more. Rank 3 would be its
/// own inverse, and could not have a direction.
bool isToChannelsLast(ArrayRef<int64_t> permutation);

/// The number of leading operands of `op` whose dimensions are those of the
/// result (a size of 1 may be broadcast): all of them for elementwise
/// operations, one for reductions, ...; 0 if `op` commutes with no transpose.
unsigned countPermutableOperands(Operation *op);

/// True if `op` is a function of each element of one operand.
bool isUnaryElementwise(Operation *op);

/// Why the inner form of `op` cannot be expressed; empty if it can.
StringRef whyNotPermutable(Operation *op, ArrayRef<int64_t> permutation);

/// The inner form of `op`, with `inner` as its permutable operands. `op` is
/// left in place. Expects that whyNotPermutable is empty.
Operation *permuteOperation(RewriterBase &rewriter, Operation *op,
                            ArrayRef<int64_t> permutation,
                            ArrayRef<Value> inner);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_PERMUTEDIMENSIONS_H
