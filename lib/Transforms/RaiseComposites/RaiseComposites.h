//===- RaiseComposites.h - composites written out in TOSA -------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The patterns of -lowbit-raise-composites, by idea, and what they share.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_RAISECOMPOSITES_RAISECOMPOSITES_H
#define LOWBIT_LIB_TRANSFORMS_RAISECOMPOSITES_RAISECOMPOSITES_H

#include "mlir/IR/PatternMatch.h"

#include <optional>

namespace mlir::lowbit {

/// The number that all elements of `value`, an f32 constant, are; nothing for
/// other values.
std::optional<double> getConstantNumber(Value value);

void populateRaiseFunctionPatterns(RewritePatternSet &patterns);
void populateRaiseLayerNormPatterns(RewritePatternSet &patterns);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_RAISECOMPOSITES_RAISECOMPOSITES_H
