//===- WeightTables.h - Tables that weights come from -----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_IR_WEIGHTTABLES_H
#define LOWBIT_IR_WEIGHTTABLES_H

#include "llvm/ADT/StringRef.h"

namespace mlir::lowbit {

/// On constant weights: i16 numbers by places, stages, entries and coordinates. Along the
/// inputs, each vector of weights is a sum of one entry of each stage, from the tables of
/// its place or from those of the only one. What reads it checks that.
constexpr llvm::StringLiteral kTablesAttr = "lowbit.tables";

} // namespace mlir::lowbit

#endif // LOWBIT_IR_WEIGHTTABLES_H
