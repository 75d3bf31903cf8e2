//===- ParallelCalls.h - Functions that threads may divide ------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_PARALLELCALLS_H
#define LOWBIT_CONVERSION_PARALLELCALLS_H

#include "llvm/ADT/StringRef.h"

namespace mlir::lowbit {

/// On a function whose first two arguments are a range: how many iterations all
/// ranges have together. Calls compute all of them.
inline constexpr llvm::StringLiteral kTripsAttr = "lowbit.trips";

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_PARALLELCALLS_H
