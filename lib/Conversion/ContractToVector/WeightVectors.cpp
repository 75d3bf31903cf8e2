//===- WeightVectors.cpp - Weights as vectors from tables -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What looks vectors up finds their numbers in the tables, and so checks these. A sum of
// one entry of each stage is told by a number of 63 bits that is the sum of those of the
// entries: a map of all sums of a place then takes an addition for each of them.

#include "lowbit/Conversion/WeightVectors.h"

#include "lowbit/Analysis/AccumulatorRange.h"
#include "lowbit/Conversion/KernelLayout.h"
#include "lowbit/IR/WeightTables.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/DenseMap.h"

#include <numeric>

using namespace mlir;
using namespace mlir::lowbit;

/// The most sums of entries that a place may have: those of the indices of a format.
static constexpr int64_t mostSums = 1 << 16;

namespace {
/// Finds vectors among the sums that the tables of a place make.
class SumFinder {
public:
  SumFinder(const WeightVectors &vectors) : vectors(vectors) {}

  /// Lists the sums of `place` by their first `size` coordinates.
  void list(int64_t place, int64_t size) {
    first = vectors.numbers.data() +
            place * vectors.stages * vectors.entries * vectors.dim;
    count = size;
    SmallVector<uint64_t> keys = {0};
    for (int64_t stage = 0; stage < vectors.stages; ++stage) {
      SmallVector<uint64_t> next;
      next.reserve(keys.size() * vectors.entries);
      for (int64_t entry = 0; entry < vectors.entries; ++entry) {
        uint64_t key = makeKey(get(stage, entry));
        for (uint64_t sum : keys)
          next.push_back(sum + key);
      }
      keys = std::move(next);
    }
    known.clear();
    known.reserve(keys.size());
    for (auto [number, key] : llvm::enumerate(keys))
      known.try_emplace(key & mask, number);
  }

  /// Writes the entry of each stage for `vector`; false if it is no sum.
  bool find(const int64_t *vector, uint16_t *indices) const {
    auto found = known.find(makeKey(vector) & mask);
    if (found == known.end())
      return false;
    for (unsigned stage = 0, rest = found->second; stage < vectors.stages;
         ++stage, rest /= vectors.entries)
      indices[stage] = rest % vectors.entries;
    for (int64_t d = 0; d < count; ++d) {
      int64_t sum = 0;
      for (int64_t stage = 0; stage < vectors.stages; ++stage)
        sum += get(stage, indices[stage])[d];
      if (sum != vector[d])
        return false;
    }
    return true;
  }

private:
  /// A map has two keys for itself, which are larger.
  static constexpr uint64_t mask = std::numeric_limits<int64_t>::max();

  const int16_t *get(int64_t stage, int64_t entry) const {
    return first + (stage * vectors.entries + entry) * vectors.dim;
  }

  /// A linear function, so that the key of a sum is the sum of keys.
  template <typename Number> uint64_t makeKey(const Number *numbers) const {
    uint64_t key = 0, factor = 0x9E3779B97F4A7C15;
    for (int64_t d = 0; d < count; ++d) {
      key += factor * static_cast<uint64_t>(int64_t(numbers[d]));
      factor *= 0xD1342543DE82EF95;
    }
    return key;
  }

  const WeightVectors &vectors;
  const int16_t *first = nullptr;
  int64_t count = 0;
  llvm::DenseMap<uint64_t, unsigned> known;
};
} // namespace

/// The innermost loop of sums, which goes along the inputs.
static std::optional<unsigned> getInputLoop(const ContractionLoops &loops) {
  for (unsigned loop : llvm::reverse(loops.reduction))
    if (loops.sizes[loop] != 1)
      return loop;
  return std::nullopt;
}

WeightShape WeightShape::get(const ContractionLoops &loops) {
  WeightShape shape{loops.sizes[loops.lane], 1, 1};
  for (unsigned loop : loops.batch)
    shape.columns *= loops.sizes[loop];
  if (std::optional<unsigned> loop = getInputLoop(loops))
    shape.length = loops.sizes[*loop];
  for (unsigned loop : loops.reduction)
    shape.windows *= loops.sizes[loop];
  shape.windows /= shape.length;
  return shape;
}

std::string lowbit::findVectors(Attribute attribute, WeightShape shape,
                                function_ref<int64_t(int64_t, int64_t)> get,
                                WeightVectors &vectors) {
  auto elements = dyn_cast_if_present<DenseIntElementsAttr>(attribute);
  if (!elements || elements.getType().getRank() != 4 ||
      !elements.getElementType().isInteger(16) || elements.empty())
    return "its weights are no vectors from tables";
  ArrayRef<int64_t> sizes = elements.getType().getShape();
  int64_t sums = 1;
  for (int64_t stage = 0; stage < sizes[1] && sums <= mostSums; ++stage)
    sums *= sizes[2];
  if (sums > mostSums)
    return "its tables make more than " + std::to_string(mostSums) + " sums";
  vectors.stages = sizes[1];
  vectors.entries = sizes[2];
  vectors.dim = sizes[3];
  vectors.columns = shape.columns;
  vectors.windows = shape.windows;
  vectors.length = shape.length;
  vectors.places = llvm::divideCeil(shape.length, vectors.dim);
  vectors.isShared = sizes[0] == 1;
  if (!vectors.isShared && sizes[0] != vectors.places)
    return "its tables do not lie along its sums";
  vectors.numbers = llvm::to_vector(elements.getValues<int16_t>());

  int64_t stages = vectors.stages, dim = vectors.dim;
  vectors.indices.assign(shape.columns * vectors.countPlaces() * stages, 0);
  SumFinder finder(vectors);
  SmallVector<int64_t> vector(dim);
  for (int64_t place = 0; place < vectors.places; ++place) {
    int64_t size = std::min(dim, shape.length - place * dim);
    if (place == 0 || !vectors.isShared || size != dim)
      finder.list(vectors.isShared ? 0 : place, size);
    for (int64_t column = 0; column < shape.columns; ++column)
      for (int64_t window = 0; window < shape.windows; ++window) {
        for (int64_t d = 0; d < size; ++d)
          vector[d] = get(column, window * shape.length + place * dim + d);
        int64_t slot =
            (column * shape.windows + window) * vectors.places + place;
        if (!finder.find(vector.data(), &vectors.indices[slot * stages]))
          return "its weights are no vectors from their tables";
      }
  }
  return "";
}

std::string lowbit::findVectors(ContractOp op, const ContractionLoops &loops,
                                WeightVectors &vectors) {
  Operation *constant = op.getRhs().getDefiningOp();
  Attribute tables = constant ? constant->getAttr(kTablesAttr) : Attribute();
  if (!tables)
    return "its weights are no vectors from tables";
  std::optional<ContractionWeights> weights =
      ContractionWeights::read(op, loops);
  if (!weights)
    return "its weights cannot be read";
  int64_t lanes = weights->getNumLanes();
  return findVectors(
      tables, WeightShape::get(loops),
      [&](int64_t column, int64_t term) {
        return weights->get(column / lanes, column % lanes, term);
      },
      vectors);
}

int64_t WeightVectors::countNumberBytes() const {
  int64_t blocks = countPlaces() / blockPlaces;
  int64_t rest = countPlaces() % blockPlaces;
  return columns * stages *
         (blocks * countBlockBytes(blockPlaces) + countBlockBytes(rest));
}

SmallVector<char> WeightVectors::packNumbers() const {
  SmallVector<char> bytes(countNumberBytes(), 0);
  unsigned bits = getBits();
  char *to = bytes.data();
  for (int64_t first = 0; first < countPlaces(); first += blockPlaces) {
    int64_t count = std::min(blockPlaces, countPlaces() - first);
    for (int64_t stage = 0; stage < stages; ++stage)
      for (int64_t column = 0; column < columns; ++column) {
        for (int64_t i = 0; i < count; ++i) {
          unsigned number =
              indices[(column * countPlaces() + first + i) * stages + stage];
          for (unsigned bit = 0; bit < bits; ++bit)
            to[(i * bits + bit) / 8] |= (number >> bit & 1)
                                        << ((i * bits + bit) % 8);
        }
        to += countBlockBytes(count);
      }
  }
  return bytes;
}

int64_t lowbit::getHighestCode(ContractOp op) {
  int64_t highest = getStorageRange(op.getFormat(0)).second;
  return isSignedStorage(op.getFormat(0)) ? highest + 128 : highest;
}

std::string lowbit::measureProducts(ContractOp op, WeightVectors &vectors) {
  if (vectors.entries > WeightVectors::numEntries)
    return "its tables have more than " +
           std::to_string(WeightVectors::numEntries) + " vectors";
  int64_t least = 0, greatest = 0, highest = getHighestCode(op);
  for (size_t first = 0; first < vectors.numbers.size(); first += vectors.dim) {
    int64_t low = 0, high = 0;
    for (int64_t d = 0; d < vectors.dim; ++d) {
      int64_t number = vectors.numbers[first + d];
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
  return vectors.parts <= mostParts
             ? ""
             : "its inner products have more than 30 bits";
}

bool lowbit::looksUpWords(const Primitive &primitive) {
  return primitive.looksUpVectors && primitive.operandWidth == 32;
}

double lowbit::countTableCycles(const Primitive &primitive,
                                const ContractionLoops &loops,
                                const WeightVectors &vectors) {
  // Measured on Zen 4: of a table for each number and part, and of a look-up of 32. Weights
  // of one row come from farther than the first cache, and these have few bytes.
  constexpr double perNumber = 2.5, perPart = 2.5, perLookUp = 0.95;
  constexpr double oneRow = 0.85 * 0.8;
  int64_t rows = 1;
  for (unsigned loop : loops.rows)
    rows *= loops.sizes[loop];
  if (looksUpWords(primitive)) {
    // Measured on Zen 3: of a number of a table, and of a look-up.
    constexpr double perEntry = 0.15, perWord = 1.2;
    return rows * vectors.countSlots() *
           (vectors.entries * vectors.dim * perEntry +
            loops.sizes[loops.lane] * perWord);
  }
  double table = vectors.dim * perNumber + vectors.parts * perPart;
  double lookUps = llvm::divideCeil(loops.sizes[loops.lane], 32) *
                   double(vectors.parts) * perLookUp;
  double cycles = rows * vectors.countSlots() * (table + lookUps);
  return rows == 1 ? cycles * oneRow : cycles;
}

int64_t lowbit::countExpandedBytes(const Primitive &primitive,
                                   const WeightVectors &vectors) {
  int64_t run = llvm::alignTo(vectors.length, primitive.products);
  int64_t terms =
      vectors.windows * run + llvm::alignTo(vectors.dim, primitive.products);
  return terms * primitive.lanes * (primitive.rhsWidth / 8);
}

/// True if `index` goes on by one with each step of `loop`.
static bool goesAlong(AffineExpr index, std::optional<unsigned> loop) {
  auto sum = dyn_cast<AffineBinaryOpExpr>(index);
  if (sum && sum.getKind() == AffineExprKind::Add)
    return goesAlong(sum.getLHS(), loop) || goesAlong(sum.getRHS(), loop);
  auto dim = dyn_cast<AffineDimExpr>(index);
  return dim && loop == dim.getPosition();
}

std::string lowbit::refuseExpansion(ContractOp op,
                                    const ContractionLoops &loops,
                                    const Primitive &primitive, Attribute value,
                                    const WeightVectors &vectors) {
  constexpr int64_t leastBytes = 4096, mostBytes = 256 * 1024;
  if (primitive.kind != LaneKind::Columns || primitive.isFloat ||
      primitive.product != Product::Multiply || primitive.looksUpSums ||
      !isSignedStorage(op.getFormat(1)) || !loops.groups.empty())
    return "its kernel reads no vectors from tables";
  if (!goesAlong(op.getLhsMap().getResults().back(), getInputLoop(loops)))
    return "its sums do not go along the rows of lhs";
  if (countExpandedBytes(primitive, vectors) > mostBytes)
    return "a vector of columns has more than " +
           std::to_string(mostBytes / 1024) + " KB";
  int64_t weights = vectors.columns * vectors.windows * vectors.length;
  int64_t bytes =
      llvm::divideCeil(weights * countWeightBits(value, primitive), 8);
  if (bytes < leastBytes)
    return "its weights have fewer than " + std::to_string(leastBytes) +
           " bytes";
  if (vectors.countNumberBytes() + vectors.countTableBytes() >= bytes)
    return "its tables and numbers have no fewer bytes than its weights";
  return "";
}

double lowbit::countExpansionCycles(const Primitive &primitive,
                                    const WeightVectors &vectors) {
  // Measured on Zen 3: of a number, and of each piece of a vector.
  constexpr double perNumber = 0.8, perPiece = 0.9;
  int64_t piece = std::gcd(vectors.dim, primitive.products);
  return double(vectors.columns) * vectors.windows * vectors.countSlots() *
         (perNumber + perPiece * (vectors.dim / piece));
}
