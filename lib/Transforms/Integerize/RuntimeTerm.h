//===- RuntimeTerm.h - Codes whose scales are known at run time ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_RUNTIMETERM_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_RUNTIMETERM_H

#include "lowbit/IR/Lowbit.h"

#include "mlir/IR/PatternMatch.h"

namespace mlir::lowbit {

/// Integers whose scale, and zero point, are elements of tensors: one for all, of
/// rank 0, or one for each index along an axis.
struct RuntimeTerm {
  Value codes;
  quant::UniformQuantizedType format;
  Value scales;
  Value zeroPoints;
};

/// Marks what is computed in f32 with such scales.
void markRuntimeGlue(Operation *op);

/// Integers with scale 1: what `format` stores.
quant::UniformQuantizedType getPlainFormat(Format format);

/// The term number `plane` of what `decode` reads.
RuntimeTerm buildRuntimeTerm(PatternRewriter &rewriter, DecodeOp decode,
                             unsigned plane);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_RUNTIMETERM_H
