//===- WeightVectors.cpp - Weights as vectors from tables -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Conversion/WeightVectors.h"

#include "lowbit/Analysis/AccumulatorRange.h"
#include "lowbit/Conversion/KernelLayout.h"
#include "lowbit/IR/WeightTables.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The first `size` coordinates, to be looked up by.
static StringRef getKey(const int16_t *coordinates, int64_t size) {
  return {reinterpret_cast<const char *>(coordinates), size * sizeof(int16_t)};
}

namespace {
/// The tables of an attribute.
struct Tables {
  ArrayRef<int64_t> shape;
  SmallVector<int16_t> numbers;

  const int16_t *get(int64_t place, int64_t stage, int64_t entry) const {
    return numbers.data() +
           ((place * shape[1] + stage) * shape[2] + entry) * shape[3];
  }

  /// The sums that the tables of `place` make, by their first `size` coordinates: four
  /// bits for the entry of each stage.
  llvm::StringMap<unsigned> listSums(int64_t place, int64_t size) const {
    llvm::StringMap<unsigned> sums;
    int64_t count = 1;
    for (int64_t stage = 0; stage < shape[1]; ++stage)
      count *= shape[2];
    for (int64_t i = 0; i < count; ++i) {
      SmallVector<int16_t> sum(size, 0);
      unsigned entries = 0;
      for (int64_t stage = 0, rest = i; stage < shape[1];
           ++stage, rest /= shape[2]) {
        const int16_t *row = get(place, stage, rest % shape[2]);
        for (int64_t d = 0; d < size; ++d)
          sum[d] += row[d];
        entries |= rest % shape[2] << (4 * stage);
      }
      sums.try_emplace(getKey(sum.data(), size), entries);
    }
    return sums;
  }
};
} // namespace

/// Measures inner products with codes up to `highest`; false if they are too large.
static bool measure(const Tables &tables, int64_t highest,
                    WeightVectors &vectors) {
  int64_t least = 0, greatest = 0;
  int64_t dim = tables.shape[3];
  for (size_t first = 0; first < tables.numbers.size(); first += dim) {
    int64_t low = 0, high = 0;
    for (int64_t d = 0; d < dim; ++d) {
      int64_t number = tables.numbers[first + d];
      (number < 0 ? low : high) += number * highest;
    }
    least = std::min(least, low);
    greatest = std::max(greatest, high);
  }
  constexpr int64_t mostParts = 6;
  int64_t bits = llvm::Log2_64(std::max<int64_t>(greatest - least, 1)) + 1;
  vectors.least = least;
  vectors.parts =
      llvm::alignTo(llvm::divideCeil(bits, WeightVectors::partBits), 2);
  return vectors.parts <= mostParts;
}

std::string lowbit::findVectors(Attribute attribute, int64_t lanes,
                                int64_t terms, int64_t highest,
                                function_ref<int64_t(int64_t, int64_t)> get,
                                WeightVectors &vectors) {
  constexpr int64_t mostSums = 4096;
  auto elements = dyn_cast_if_present<DenseIntElementsAttr>(attribute);
  if (!elements || elements.getType().getRank() != 4 ||
      !elements.getElementType().isInteger(16) || elements.empty())
    return "its weights are no vectors from tables";
  Tables tables{elements.getType().getShape(),
                llvm::to_vector(elements.getValues<int16_t>())};
  int64_t stages = tables.shape[1], entries = tables.shape[2],
          dim = tables.shape[3];
  if (entries > WeightVectors::numEntries)
    return "its tables have more than " +
           std::to_string(WeightVectors::numEntries) + " vectors";
  int64_t sums = 1;
  for (int64_t stage = 0; stage < stages && sums <= mostSums; ++stage)
    sums *= entries;
  if (sums > mostSums)
    return "its tables make more than " + std::to_string(mostSums) + " sums";
  vectors.dim = dim;
  vectors.stages = stages;
  vectors.places = llvm::divideCeil(terms, dim);
  vectors.isShared = tables.shape[0] == 1;
  if (!vectors.isShared && tables.shape[0] != vectors.places)
    return "its tables do not lie along its sums";
  if (!measure(tables, highest, vectors))
    return "its inner products have more than 30 bits";

  for (int64_t place = 0; place < tables.shape[0]; ++place)
    for (int64_t stage = 0; stage < stages; ++stage)
      for (int64_t d = 0; d < dim; ++d)
        for (int64_t i = 0; i < WeightVectors::numEntries; ++i)
          vectors.numbers.push_back(i < entries ? tables.get(place, stage, i)[d]
                                                : 0);
  vectors.indices.assign(lanes * vectors.countSlots(), 0);
  llvm::StringMap<unsigned> known;
  for (int64_t place = 0; place < vectors.places; ++place) {
    int64_t size = std::min(dim, terms - place * dim);
    if (place == 0 || !vectors.isShared || size != dim)
      known = tables.listSums(vectors.isShared ? 0 : place, size);
    SmallVector<int16_t> vector(size);
    for (int64_t lane = 0; lane < lanes; ++lane) {
      for (int64_t d = 0; d < size; ++d)
        vector[d] = static_cast<int16_t>(get(lane, place * dim + d));
      auto found = known.find(getKey(vector.data(), size));
      if (found == known.end())
        return "its weights are no vectors from their tables";
      for (int64_t stage = 0; stage < stages; ++stage)
        vectors.indices[(lane * vectors.places + place) * stages + stage] =
            found->second >> (4 * stage) & 15;
    }
  }
  return "";
}

int64_t lowbit::getHighestCode(ContractOp op) {
  int64_t highest = getStorageRange(op.getFormat(0)).second;
  return isSignedStorage(op.getFormat(0)) ? highest + 128 : highest;
}

double lowbit::countTableCycles(ContractOp op, const ContractionLoops &loops,
                                std::string &refusal) {
  // Measured on Zen 4: of a table for each number and part, and of a look-up of 32. Weights
  // of one row come from farther than the first cache, and these have few bytes.
  constexpr double perNumber = 2.5, perPart = 2.5, perLookUp = 0.95;
  constexpr double oneRow = 0.85;
  Operation *constant = op.getRhs().getDefiningOp();
  Attribute tables = constant ? constant->getAttr(kTablesAttr) : Attribute();
  refusal = refuseTable(op, loops);
  WeightVectors vectors;
  if (refusal.empty() && !tables)
    refusal = "its weights are no vectors from tables";
  if (refusal.empty()) {
    std::optional<ContractionWeights> weights =
        ContractionWeights::read(op, loops);
    if (!weights)
      refusal = "its weights cannot be read";
    else
      refusal = findVectors(
          tables, weights->getNumLanes(), weights->getNumTerms(),
          getHighestCode(op),
          [&](int64_t lane, int64_t term) {
            return weights->get(0, lane, term);
          },
          vectors);
  }
  if (!refusal.empty())
    return 0;
  int64_t rows = 1;
  for (unsigned loop : loops.rows)
    rows *= loops.sizes[loop];
  double table = vectors.dim * perNumber + vectors.parts * perPart;
  double lookUps = llvm::divideCeil(loops.sizes[loops.lane], 32) *
                   double(vectors.parts) * perLookUp;
  double cycles = rows * vectors.countSlots() * (table + lookUps);
  return rows == 1 ? cycles * oneRow : cycles;
}
