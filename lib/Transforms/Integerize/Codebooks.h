//===- Codebooks.h - Codebooks of integers ----------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_CODEBOOKS_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_CODEBOOKS_H

#include "lowbit/IR/Lowbit.h"

#include "mlir/IR/PatternMatch.h"

namespace mlir::lowbit {

/// Decodes of the same constant indices with codebooks of bytes, whose sum is what
/// `decode` makes of them, up to 2^-24 of the largest number. None if `decode` has
/// no constant codebook, or one that is made of one step already.
SmallVector<Value> splitCodebook(DecodeOp decode, PatternRewriter &rewriter);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_CODEBOOKS_H
