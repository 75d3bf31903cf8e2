//===- JoinFormats.h - one format for what is joined ------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_ASSIGN_JOINFORMATS_H
#define LOWBIT_LIB_TRANSFORMS_ASSIGN_JOINFORMATS_H

#include "Plan.h"

namespace mlir::lowbit {

/// Gives values that only a concat reads the format of its result, where formats
/// are uniform, of the same storage, and chosen from statistics.
void joinFormats(func::FuncOp function, const QuantizationPlan &plan);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_ASSIGN_JOINFORMATS_H
