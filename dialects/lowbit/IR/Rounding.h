//===- Rounding.h - What lowbit.encode rounds to ----------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_IR_ROUNDING_H
#define LOWBIT_IR_ROUNDING_H

#include "lowbit/IR/Lowbit.h"

namespace mlir::lowbit {

/// The integer that `value` is rounded to, but not at random.
float roundNumber(float value, Rounding rounding);

} // namespace mlir::lowbit

#endif // LOWBIT_IR_ROUNDING_H
