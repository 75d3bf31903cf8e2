//===- KernelDivision.cpp - Which part of a kernel each thread computes ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One loop of a kernel is divided, once: waking threads costs some microseconds. A
// thread's range of tiles meets all panels, and one of panels all tiles, so that each
// thread has a smaller kernel of the same shape. No sum is divided: bits do not
// depend on the number of threads.

#include "KernelBuilder.h"

using namespace mlir;
using namespace mlir::lowbit;

/// How much of the time of 2, 4 and 8 threads `trips` equal iterations fill.
static double getBalance(int64_t trips) {
  double sum = 0;
  for (int64_t threads : {2, 4, 8})
    sum += double(trips) / (threads * llvm::divideCeil(trips, threads));
  return sum / 3;
}

int64_t KernelBuilder::countTiles() const {
  return llvm::divideCeil(numRows, tile.rows);
}

void KernelBuilder::chooseDivision() {
  double products = 1;
  for (int64_t size : loops.sizes)
    products *= size;
  if (!fewestCycles || products / primitive.rate < *fewestCycles)
    return;
  constexpr int64_t enough = 16;
  if (!loops.batch.empty() && loops.sizes[loops.batch.front()] >= enough) {
    division = Division::Batch;
    return;
  }
  int64_t panels =
      llvm::divideCeil(loops.sizes[loops.lane], tile.vectors * primitive.lanes);
  if (primitive.kind == LaneKind::Channels) {
    // The longest of the loops comes first.
    auto longest = llvm::max_element(outerRows, [](auto &a, auto &b) {
      return a.countTrips() < b.countTrips();
    });
    if (longest != outerRows.end())
      std::rotate(outerRows.begin(), longest, longest + 1);
    int64_t trips = outerRows.empty() ? 1 : outerRows.front().countTrips();
    if (trips > 1 && trips >= countTiles())
      division = Division::OuterRows;
    else if (countTiles() > 1)
      division = Division::Tiles;
    return;
  }
  double byTiles = getBalance(countTiles()), byPanels = getBalance(panels);
  // What is larger is better read by one thread only.
  bool weightsAreLarger = loops.sizes[loops.lane] > numRows;
  if (byPanels > byTiles || (byPanels == byTiles && weightsAreLarger))
    division = panels > 1 ? Division::Panels : Division::None;
  else
    division = countTiles() > 1 ? Division::Tiles : Division::None;
}

void KernelBuilder::buildDivided(Division level, int64_t trips,
                                 function_ref<void(Range)> body) {
  if (level == Division::None || level != division)
    return body({constantIndex(0), constantIndex(trips)});
  ParallelOp::create(builder, loc, trips,
                     [&](OpBuilder &, Location, Value first, Value last) {
                       body({first, last});
                     });
}

/// How many tiles have rows of lhs that stay in the second cache while all panels
/// pass; 0 for all.
int64_t KernelBuilder::countBlockTiles() const {
  // A quarter of 512 KB: weights and results pass through it, too. Four times as much
  // where bytes of panels are widened each time they pass, so that more rows share that.
  bool widens = expands && packed && !packed->codes.isPacked();
  int64_t cache = (widens ? 512 : 128) * 1024;
  int64_t panels =
      llvm::divideCeil(loops.sizes[loops.lane], tile.vectors * primitive.lanes);
  // Panels of few values are unpacked each time they pass, which only whole vectors of
  // bytes make up for, and only where no groups make them narrow.
  bool isCheap = expands && primitive.emitPartial && run.numGroups == 0;
  if (panels < 2 || expandsVectors() ||
      (packed && packed->codes.isPacked() && !isCheap))
    return 0;
  int64_t batches = 1;
  for (unsigned loop : loops.batch)
    if (operands[0].strides[loop] != 0)
      batches *= loops.sizes[loop];
  const LinearOperand &lhs = operands[0];
  int64_t bytes = cast<MemRefType>(lhs.flat.getType()).getNumElements() *
                  (lhs.elementType.getIntOrFloatBitWidth() / 8) / batches;
  if (bytes <= cache)
    return 0;
  return std::max<int64_t>(cache * countTiles() / bytes, 1);
}

void KernelBuilder::buildBlocks(ArrayRef<Index> bases, const Index &weights) {
  int64_t block = countBlockTiles();
  if (block == 0 || block >= countTiles())
    return buildPanels(bases, weights, nullptr);
  std::optional<Range> whole = tileRange;
  Range tiles =
      whole ? *whole : Range{constantIndex(0), constantIndex(countTiles())};
  auto loop = scf::ForOp::create(builder, loc, tiles.first, tiles.last,
                                 constantIndex(block));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(loop.getBody()->getTerminator());
  Value first = loop.getInductionVar();
  Value last = arith::AddIOp::create(builder, loc, first, constantIndex(block));
  tileRange = {first, arith::MinUIOp::create(builder, loc, last, tiles.last)};
  buildPanels(bases, weights, nullptr);
  tileRange = whole;
}

void KernelBuilder::buildKernel(ArrayRef<Index> bases) {
  SmallVector<Index> copy(bases);
  auto build = [&] { buildBatch(loops.batch, copy, Index()); };
  if (division == Division::Tiles)
    return buildDivided(division, countTiles(), [&](Range range) {
      tileRange = range;
      build();
    });
  if (division == Division::Panels) {
    int64_t panels = llvm::divideCeil(loops.sizes[loops.lane],
                                      tile.vectors * primitive.lanes);
    return buildDivided(division, panels, [&](Range range) {
      panelRange = range;
      build();
    });
  }
  build();
}
