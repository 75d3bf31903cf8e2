//===- RescaleFactors.h - Ranges of multipliers and shifts ------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_IR_RESCALEFACTORS_H
#define LOWBIT_IR_RESCALEFACTORS_H

#include "mlir/IR/Operation.h"

namespace mlir::lowbit {

/// An error at `op` unless all factors lie in the ranges of lowbit.rescale.
LogicalResult verifyFactors(Operation *op, ArrayRef<int32_t> multipliers,
                            ArrayRef<int32_t> shifts);

/// The same for operands of `op`, where they are inline constants.
LogicalResult verifyConstantFactors(Operation *op, Value multiplier,
                                    Value shift);

} // namespace mlir::lowbit

#endif // LOWBIT_IR_RESCALEFACTORS_H
