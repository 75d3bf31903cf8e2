//===- LeastSquares.h - Linear algebra of encoders --------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_ENCODERS_LEASTSQUARES_H
#define LOWBIT_LIB_ENCODERS_LEASTSQUARES_H

#include "lowbit/Encoders/Encoder.h"

namespace mlir::lowbit {

/// The shortest x of least |A x - b| for a symmetric `matrix` A, row by row.
SmallVector<double> solveSymmetric(ArrayRef<double> matrix,
                                   ArrayRef<double> right);

/// The second moments of the inputs of `weights`: those that are given, else
/// those of the activations.
std::vector<double> getSecondMoments(const Weights &weights);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_ENCODERS_LEASTSQUARES_H
