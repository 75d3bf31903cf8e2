//===- WeightedEntropy.h - Tables by weighted entropy -----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_ENCODERS_WEIGHTEDENTROPY_H
#define LOWBIT_LIB_ENCODERS_WEIGHTEDENTROPY_H

#include "mlir/Support/LLVM.h"

#include <vector>

namespace mlir::lowbit {

/// Cuts ascending `importances` into at most `count` parts so that none is empty
/// and the weighted entropy is high:
///
///   sum over parts of mean importance * p * log(1 / p), p = share of elements
///
/// From parts of equal size on, each border in turn moves to its best place
/// between its neighbours, until none moves or `rounds` are over. Returns where
/// parts start, and the end. `entropies`, if there, takes the sum before the first
/// and after each round.
SmallVector<int64_t>
cutByWeightedEntropy(ArrayRef<double> importances, int64_t count,
                     unsigned rounds, std::vector<double> *entropies = nullptr);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_ENCODERS_WEIGHTEDENTROPY_H
