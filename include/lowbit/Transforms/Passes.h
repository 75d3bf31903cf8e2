//===- Passes.h - Passes that stay in their dialects ----*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_PASSES_H
#define LOWBIT_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir {
class RewritePatternSet;
} // namespace mlir

namespace mlir::lowbit {

#define GEN_PASS_DECL
#include "lowbit/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lowbit/Transforms/Passes.h.inc"

/// Computes TOSA operations on constants whose result has at most `maxElements`
/// elements.
void populateFoldConstantsPatterns(RewritePatternSet &patterns,
                                   int64_t maxElements);

} // namespace mlir::lowbit

#endif // LOWBIT_TRANSFORMS_PASSES_H
