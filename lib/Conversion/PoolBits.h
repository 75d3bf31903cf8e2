//===- PoolBits.h - Largest codes of few bits ------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_POOLBITS_H
#define LOWBIT_LIB_CONVERSION_POOLBITS_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::lowbit {

/// max_pool2d next to pack_bits or in front of thresholds: on words, or on codes.
void populatePoolBitsPatterns(RewritePatternSet &patterns);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_POOLBITS_H
