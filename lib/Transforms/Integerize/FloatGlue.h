//===- FloatGlue.h - What a profile computes in float -----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_FLOATGLUE_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_FLOATGLUE_H

#include "RefusalReasons.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::lowbit {

/// Marks the operations of `function` between codes with kFloatGlueAttr: those
/// that take real numbers only from decodes, constants and each other, and give
/// them only to encodes and each other. Multiply-accumulates are none of them.
/// The mark tells the reason that stands in `lowbit.reason`, or in `reasons`.
void markFloatGlue(func::FuncOp function, const RefusalReasons &reasons);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_FLOATGLUE_H
