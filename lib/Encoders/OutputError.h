//===- OutputError.h - Codebooks for small output errors --------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_ENCODERS_OUTPUTERROR_H
#define LOWBIT_LIB_ENCODERS_OUTPUTERROR_H

#include "CodebookFormat.h"

namespace mlir::lowbit {

/// Vectors of weights that are coded with tables, and what their errors cost at
/// the outputs: for the errors e of an output channel, e^T H e, where H holds the
/// second moments of the inputs.
struct VectorCode {
  int64_t dim;
  /// For each vector: its table, output channel and centroid, and for each
  /// coordinate the input, or -1 beyond the end of the weights.
  SmallVector<int64_t, 0> tables, channels, codes, inputs;
  /// The weights, coordinates in a row.
  SmallVector<double, 0> values;
  /// The tables, each with coordinates in a row.
  SmallVector<Table, 0> books;

  int64_t size() const { return int64_t(codes.size()); }
};

/// Changes codes and tables so that the cost falls: each vector takes its best
/// centroid, and each centroid its best place, while all others stay, `rounds`
/// times. `costs`, if there, takes the cost before and after each of these steps.
void reduceOutputError(VectorCode &code, int64_t channels,
                       ArrayRef<double> moments, unsigned rounds,
                       std::vector<double> *costs = nullptr);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_ENCODERS_OUTPUTERROR_H
