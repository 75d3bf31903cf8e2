//===- RealNorm.h - Batch norms of real numbers -----------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_ASSIGN_REALNORM_H
#define LOWBIT_LIB_TRANSFORMS_ASSIGN_REALNORM_H

#include "mlir/IR/Operation.h"

namespace mlir::lowbit {

/// Makes a product and a sum of f32 of `norm`, the batch norm of a unit whose layer
/// computes real numbers: part of its epilogue, as scales are.
void expressAsPairs(Operation *norm);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_ASSIGN_REALNORM_H
