//===- WeightVectors.h - Weights as vectors from tables ---------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_WEIGHTVECTORS_H
#define LOWBIT_CONVERSION_WEIGHTVECTORS_H

#include "lowbit/Conversion/Primitive.h"

namespace mlir::lowbit {

/// Weights of product and residual codebooks: along the terms of a sum they are vectors,
/// each a sum of one entry from each stage's table of its place. A slot is a stage of a
/// place.
struct WeightVectors {
  /// Vectors of a table, with those that fill it up.
  static constexpr int64_t numEntries = 16;
  /// Bits of a part of an inner product, of which bytes add up eight.
  static constexpr int64_t partBits = 5;

  int64_t dim = 0, stages = 0, places = 0;
  /// One table of each stage for all places.
  bool isShared = false;
  /// By places, stages, coordinates and entries.
  SmallVector<int16_t> numbers;
  /// By lanes and slots: the numbers of entries.
  SmallVector<char> indices;
  /// The least inner product, and into how many parts others are cut; an even number.
  int64_t least = 0, parts = 0;

  int64_t countSlots() const { return places * stages; }
};

/// Makes vectors of weights of `lanes` sums of `terms`, with the tables `tables`, an
/// attribute as kTablesAttr says; `highest` is the greatest code, from 0 on, that they are
/// multiplied with. Returns why not; empty if they are such vectors.
std::string findVectors(Attribute tables, int64_t lanes, int64_t terms,
                        int64_t highest,
                        function_ref<int64_t(int64_t, int64_t)> get,
                        WeightVectors &vectors);

/// The cycles that `op` takes by tables of inner products, or why it has none.
double countTableCycles(ContractOp op, const ContractionLoops &loops,
                        std::string &refusal);

/// The highest code of lhs, once signed ones are shifted to start from 0.
int64_t getHighestCode(ContractOp op);

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_WEIGHTVECTORS_H
