//===- TileChoice.cpp - The tile of a kernel ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Conversion/KernelLayout.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {
/// What a tile is judged by besides its size.
struct TileKind {
  const Primitive &primitive;
  /// Steps that 16 bits add up.
  int64_t partialSteps;
  bool unpacks;
  /// True if sums go through the epilogue group by group.
  bool hasGroups;

  /// True if products are added in 16 bits for some steps, as often as the weights
  /// allow.
  bool addsUpSteps() const {
    return primitive.asksWeights() && !unpacks && partialSteps > 1;
  }
};
} // namespace

/// Beside sums and weights, the registers of activations, of a product, and of ones, by
/// which pairs of 16-bit sums are added.
static constexpr int64_t kPartialRegisters = 3;

bool lowbit::reloadsWeights(const Primitive &primitive, KernelTile tile,
                            int64_t steps) {
  return primitive.asksWeights() && tile.rows > 1 &&
         tile.vectors * (tile.rows + steps) + kPartialRegisters >
             primitive.registers;
}

/// Vector registers that a tile of `rows` by `vectors` sums takes.
static int64_t countRegisters(const TileKind &kind, int64_t rows,
                              int64_t vectors) {
  const Primitive &primitive = kind.primitive;
  // Sums, weights in two halves, a row of the table, and two for the moment.
  if (primitive.looksUp)
    return rows * vectors + (rows == 1 ? 1 : 2 * vectors) + 3;
  bool sumsTwice = primitive.emitPartial && kind.partialSteps > 1;
  int64_t sums = rows * vectors * (sumsTwice ? 2 : 1);
  int64_t product = primitive.instructions > 1 ? 1 : 0;
  if (kind.unpacks) // a block, what is taken out of it, and activations
    return rows * vectors + (rows == 1 ? 3 : 2 * vectors + 1) + product +
           (kind.hasGroups ? 1 : 0);
  // Pairs of 16-bit sums are added by a product with ones.
  if (primitive.emitPartial && primitive.product == Product::Multiply)
    ++product;
  if (kind.addsUpSteps()) // weights, or 16-bit sums of a row
    return rows * vectors + vectors + kPartialRegisters;
  if (primitive.kind == LaneKind::Channels)
    return sums + 1 + primitive.products + product;
  // One row reads each vector of weights once, just before it is used.
  return sums + (rows == 1 ? 1 : vectors) + 1 + product;
}

/// Instructions of one step of such a tile. Fewer than eight sums wait for one
/// another.
static double countInstructions(const TileKind &kind, int64_t rows,
                                int64_t vectors) {
  const Primitive &primitive = kind.primitive;
  // Each row loads a byte and, by it, two rows of the table.
  if (primitive.looksUp)
    return rows * 4 * (1 + vectors) + 4 * vectors;
  int64_t sums = rows / primitive.rows * vectors;
  double loads = vectors * (kind.unpacks ? 3 : 1) +
                 (primitive.kind == LaneKind::Columns ? rows : 0);
  if (!kind.addsUpSteps())
    return std::max<double>(sums * primitive.instructions, 8) + loads;
  // Of a sum one instruction and, but for the first step, an addition are for each
  // step, and two for all. A processor computes with three vectors while it loads two;
  // repeating activations in all lanes still takes a little. From the second cache come
  // some 24 bytes of weights in a cycle.
  bool reloads = reloadsWeights(primitive, {rows, vectors}, kind.partialSteps);
  double computes = sums * (2 + 1.0 / kind.partialSteps);
  double reads = rows + (reloads ? sums : vectors);
  double weights = 4.0 * vectors;
  return std::max({computes, 1.62 * reads, weights, 8.0}) + 0.25 * rows +
         4.0 / kind.partialSteps;
}

namespace {
/// A tile and the instructions that the whole contraction takes with it.
struct TileCost {
  KernelTile tile;
  double instructions;
};
} // namespace

/// The best tile of at least `narrowest` and at most `widest` vectors.
static TileCost findTile(const TileKind &kind, int64_t rows, int64_t lanes,
                         int64_t narrowest, int64_t widest) {
  const Primitive &primitive = kind.primitive;
  int64_t vectors = llvm::divideCeil(lanes, primitive.lanes);
  TileCost best = {{primitive.rows, narrowest},
                   std::numeric_limits<double>::max()};
  for (int64_t tall = primitive.rows; tall <= std::min<int64_t>(rows, 12);
       tall += primitive.rows)
    for (int64_t wide = narrowest; wide <= widest; ++wide) {
      if (countRegisters(kind, tall, std::min(wide, vectors)) >
          primitive.registers)
        continue;
      int64_t panels = vectors / wide, rest = vectors % wide;
      double steps = panels * countInstructions(kind, tall, wide) +
                     (rest ? countInstructions(kind, tall, rest) : 0);
      steps *= llvm::divideCeil(rows, tall);
      if (steps < best.instructions)
        best = {{tall, wide}, steps};
    }
  return best;
}

static int64_t getMostVectors(const Primitive &primitive) {
  return primitive.kind == LaneKind::Channels ? 2 : 8;
}

static TileCost findTile(const SharingRow &row, int64_t rows, int64_t lanes,
                         bool unpacks, bool hasGroups,
                         std::optional<int64_t> most = std::nullopt) {
  const Primitive &primitive = *row.primitive;
  int64_t vectors = llvm::divideCeil(lanes, primitive.lanes);
  int64_t widest = std::min(vectors, getMostVectors(primitive));
  return findTile({primitive, row.partialSteps, unpacks, hasGroups}, rows,
                  lanes, 1, std::min(widest, most.value_or(widest)));
}

KernelTile lowbit::chooseTile(const Primitive &primitive, int64_t rows,
                              int64_t lanes, int64_t partialSteps, bool unpacks,
                              bool hasGroups,
                              std::optional<int64_t> mostVectors) {
  return findTile({&primitive, partialSteps}, rows, lanes, unpacks, hasGroups,
                  mostVectors)
      .tile;
}

int64_t lowbit::getSharedLanes(ArrayRef<SharingRow> rows) {
  int64_t most = 1;
  for (const SharingRow &row : rows)
    most = std::max(most, row.primitive->lanes);
  return most; // all are powers of two
}

KernelTile lowbit::chooseSharedTile(ArrayRef<SharingRow> rows,
                                    const SharingRow &own, int64_t rowCount,
                                    int64_t lanes, bool unpacks,
                                    bool hasGroups) {
  int64_t unit = getSharedLanes(rows);
  int64_t most = std::min(getMostVectors(*own.primitive),
                          static_cast<int64_t>(llvm::divideCeil(lanes, unit)));
  double fewest = std::numeric_limits<double>::max();
  int64_t best = unit;
  auto find = [&](const SharingRow &row, int64_t width) {
    int64_t vectors = width / row.primitive->lanes;
    return findTile({*row.primitive, row.partialSteps, unpacks, hasGroups},
                    rowCount, lanes, vectors, vectors);
  };
  for (int64_t width = unit; width <= most * unit; width += unit) {
    double cost = 0;
    for (const SharingRow &row : rows)
      cost += find(row, width).instructions /
              findTile(row, rowCount, lanes, unpacks, hasGroups).instructions;
    if (cost < fewest) {
      fewest = cost;
      best = width;
    }
  }
  return find(own, best).tile;
}
