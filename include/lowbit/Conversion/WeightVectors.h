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

/// Weights of product and residual codebooks: along the inputs they are vectors, each a
/// sum of one entry from each stage's table of its place. A slot is a stage of a place.
/// Where a window has several elements, each has all places.
struct WeightVectors {
  /// Vectors of a table that a byte shuffle looks up.
  static constexpr int64_t numEntries = 16;
  /// Bits of a part of an inner product, of which bytes add up eight.
  static constexpr int64_t partBits = 5;
  /// Vectors whose numbers lie side by side, bit by bit.
  static constexpr int64_t blockPlaces = 8;

  int64_t dim = 0, stages = 0, entries = 0, places = 0;
  /// Inputs, along which vectors lie, and elements of a window.
  int64_t length = 0, windows = 0;
  /// Sums, of all batches.
  int64_t columns = 0;
  /// One table of each stage for all places.
  bool isShared = false;
  /// By places, stages, entries and coordinates.
  SmallVector<int16_t> numbers;
  /// By columns, elements of a window and slots: the numbers of entries.
  SmallVector<uint16_t> indices;
  /// The least inner product, and into how many parts others are cut; an even number.
  int64_t least = 0, parts = 0;

  int64_t countSlots() const { return places * stages; }
  /// Of all windows.
  int64_t countPlaces() const { return windows * places; }
  /// True if no table has a number that takes more than 8 bits.
  bool hasBytes() const { return llvm::all_of(numbers, llvm::isInt<8>); }
  /// Bits of a number of an entry.
  unsigned getBits() const {
    return llvm::Log2_64_Ceil(std::max<int64_t>(entries, 2));
  }
  /// Bytes of the numbers of `count` places of a stage of a column.
  int64_t countBlockBytes(int64_t count) const {
    return llvm::divideCeil(count * getBits(), 8);
  }
  /// Bytes of all numbers and tables.
  int64_t countNumberBytes() const;
  int64_t countTableBytes() const {
    return numbers.size() * (hasBytes() ? 1 : 2);
  }
  /// The numbers by blocks of places, stages and columns, a column's one behind the
  /// other. The last block has as many bytes as it needs.
  SmallVector<char> packNumbers() const;
};

/// How weights lie: columns, elements of a window, and inputs.
struct WeightShape {
  int64_t columns, windows, length;

  static WeightShape get(const ContractionLoops &loops);
};

/// Makes vectors of weights of `shape`, of which `get` returns that of a column and term,
/// with the tables `tables`, an attribute as kTablesAttr says. Returns why not; empty if
/// they are such vectors.
std::string findVectors(Attribute tables, WeightShape shape,
                        function_ref<int64_t(int64_t, int64_t)> get,
                        WeightVectors &vectors);

/// The same for the constant weights of `op`, on tensors.
std::string findVectors(ContractOp op, const ContractionLoops &loops,
                        WeightVectors &vectors);

/// Why inner products of `vectors` with codes of `op` are not looked up by byte shuffles;
/// empty if they are. Sets their range in `vectors`.
std::string measureProducts(ContractOp op, WeightVectors &vectors);

/// True if `primitive` looks inner products up as words of 32 bits, one by one, rather
/// than by byte shuffles.
bool looksUpWords(const Primitive &primitive);

/// The cycles that `primitive` takes by tables of the inner products of `vectors`.
double countTableCycles(const Primitive &primitive,
                        const ContractionLoops &loops,
                        const WeightVectors &vectors);

/// Why a kernel around `primitive` does not make weights of `vectors`, a panel at a time;
/// empty if it does. `value` holds the weights.
std::string refuseExpansion(ContractOp op, const ContractionLoops &loops,
                            const Primitive &primitive, Attribute value,
                            const WeightVectors &vectors);

/// The cycles that this takes.
double countExpansionCycles(const Primitive &primitive,
                            const WeightVectors &vectors);

/// The bytes on the stack that a panel of one vector of columns takes then.
int64_t countExpandedBytes(const Primitive &primitive,
                           const WeightVectors &vectors);

/// The highest code of lhs, once signed ones are shifted to start from 0.
int64_t getHighestCode(ContractOp op);

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_WEIGHTVECTORS_H
