//===- CodebookFormat.h - Codebooks of encoded weights ----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_ENCODERS_CODEBOOKFORMAT_H
#define LOWBIT_LIB_ENCODERS_CODEBOOKFORMAT_H

#include "Families.h"
#include "KMeans.h"

namespace mlir::lowbit {

/// The centroids of one stage of one table, coordinates in a row.
using Table = SmallVector<double, 0>;

/// The parameter `[tables, stages, K, dim]`: K is the most centroids that a table
/// has, and shorter ones repeat their last. Tables come stage by stage.
EncodedParameter makeBook(ArrayRef<Table> tables, int64_t stages, int64_t dim);

/// `entries`: whether the numbers of a table are f32, or integers times one step,
/// so that layers compute with integers.
EncoderOption entriesOption();

/// The step for numbers up to `most`, or 0 for f32, as `entries` says. It has so
/// few digits that its multiples are f32 numbers.
double getEntryStep(const EncoderOptions &options, double most);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_ENCODERS_CODEBOOKFORMAT_H
