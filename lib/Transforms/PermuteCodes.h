//===- PermuteCodes.h - Transposes and codes --------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What -lowbit-propagate-layout does in a network that is encoded already: a
// quantized model that was imported, above all.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_PERMUTECODES_H
#define LOWBIT_LIB_TRANSFORMS_PERMUTECODES_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::lowbit {

class DecodeOp;

/// The decode of a constant behind `value`; null if it is anything else, or if
/// its format has parameters.
DecodeOp getDecodedConstant(Value value);

/// `constant` with dimension `permutation[d]` as dimension `d`, of the same
/// codes; null if its data cannot be read, or if the scales of a format that is
/// not upstream's would move to another dimension. With a null rewriter, only says
/// whether it can, by returning `constant` or null.
Value permuteDecodedConstant(RewriterBase *rewriter, DecodeOp constant,
                             ArrayRef<int64_t> permutation);

/// The decode `constant` in another shape; null where the scales of a per-axis
/// format would not stay along one dimension, or, if it is not upstream's, along
/// the same one.
Value reshapeDecodedConstant(RewriterBase &rewriter, DecodeOp constant,
                             ArrayRef<int64_t> shape);

/// Moves transposes below encode and decode, except those to channels-last;
/// removes an encode and decode behind data movement that changes nothing.
void populatePermuteCodesPatterns(RewritePatternSet &patterns);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_PERMUTECODES_H
