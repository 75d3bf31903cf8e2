//===- RangeErrors.h - What each way to a range costs -----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With `range: mixed`, calibration measures for each value what its readers lose
// under each candidate, and leaves the numbers on the observation, as
// `lowbit.range_errors`, for -lowbit-assign and for files of statistics.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_ASSIGN_RANGEERRORS_H
#define LOWBIT_LIB_TRANSFORMS_ASSIGN_RANGEERRORS_H

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Recipe.h"

namespace mlir::lowbit {

/// Sets the errors, one for each method of getMixedRanges.
void setRangeErrors(ObserveOp op, ArrayRef<double> errors);

/// The errors of `op`; empty if there are none. They are one finite number of
/// at least 0 for each candidate; anything else is an error.
FailureOr<ArrayRef<double>> getRangeErrors(ObserveOp op);

/// The candidate with the least error, the first of several. It is an error if
/// nothing was measured.
FailureOr<RangeMethod> getLeastRangeError(ObserveOp op);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_ASSIGN_RANGEERRORS_H
