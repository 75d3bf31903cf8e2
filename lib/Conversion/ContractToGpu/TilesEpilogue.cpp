//===- TilesEpilogue.cpp - From the sums of a tile to results -----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// mma.sync leaves two neighbouring sums of each row in a thread. They change places
// in shared memory, which the operands no longer need, inside each warp: a slab of
// rows goes there at a time. Then each thread has four neighbours, and rows are read
// and written in pieces that memory likes. The epilogue's code stands in a loop.

#include "TilesKernel.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

int64_t TilesKernel::sharedBytes() const {
  int64_t warps = tile.warpRows * tile.warpColumns;
  int64_t slab = warps * 16 * slabPitch() * 4;
  return std::max(tile.stages * stageBytes(), slab);
}

int64_t TilesKernel::slabRows() const {
  int64_t rows = warpTileRows();
  int64_t warps = tile.warpRows * tile.warpColumns;
  while (rows % 32 == 0 && warps * rows * slabPitch() * 4 > sharedBytes())
    rows /= 2;
  return warps * rows * slabPitch() * 4 > sharedBytes() ? 16 : rows;
}

void TilesKernel::finishTile(ArrayRef<Value> sums) {
  int64_t rows = slabRows(), pitch = slabPitch() * 4;
  int64_t columns = warpTileColumns() / 8;
  int64_t threadsOfRow = warpTileColumns() / sumsOfThread();
  Value slab = build.advance(shared, build.multiply(warp, rows * pitch));
  Value writes = build.advance(
      slab, build.add(build.multiply(build.divide(lane, 4), pitch),
                      build.multiply(build.remainder(lane, 4), 8)));
  Value inRow =
      build.multiply(build.remainder(lane, threadsOfRow), sumsOfThread());
  Value slabRow = build.divide(lane, threadsOfRow);
  Value reads = build.advance(slab, build.add(build.multiply(slabRow, pitch),
                                              build.multiply(inRow, 4)));
  Value column = build.add(
      firstColumn,
      build.add(build.multiply(warpColumn, warpTileColumns()), inRow));
  Value top = build.add(
      firstRow, build.add(build.multiply(warpRow, warpTileRows()), slabRow));
  // The last column of all stands for those beyond it. Totals of groups are results.
  SmallVector<Value> uniform;
  if (!hasGroups())
    uniform = loadUniform(sumsOfThread(), batchId,
                          build.smallerOf(column, build.number(numLanes - 1)));
  Value inside = build.less(column, numLanes);
  auto four = VectorType::get({4}, sums[0].getType());
  auto syncWarp = [&] { NVVM::SyncWarpOp::create(build, build.number(-1)); };
  for (int64_t first = 0; first < warpTileRows(); first += rows) {
    if (first != 0)
      syncWarp();
    for (int64_t row = 0; row < rows; row += 8)
      for (int64_t j = 0; j < columns; ++j) {
        int64_t i = (first + row) / 16;
        ArrayRef<Value> two =
            sums.slice((i * columns + j) * 4 + row % 16 / 4, 2);
        auto pair = VectorType::get({2}, two[0].getType());
        build.store(vector::FromElementsOp::create(build, pair, two),
                    build.advance(writes, Value(), row * pitch + j * 32), 8);
      }
    syncWarp();
    int64_t rowsAtOnce = warpSize / threadsOfRow;
    build.repeat(rows / rowsAtOnce, {}, [&](Value trip, ValueRange) {
      Value down = build.multiply(trip, rowsAtOnce);
      Value row = build.add(build.add(top, first), down);
      build.when(build.conjunction(inside, build.less(row, numRows)), [&] {
        Value from = build.advance(reads, build.multiply(down, pitch));
        Values words;
        for (int64_t v = 0; v < sumsOfThread(); v += 4) {
          Value loaded =
              build.load(four, build.advance(from, Value(), v * 4), 16, false);
          for (int64_t i = 0; i < 4; ++i)
            words.push_back(vector::ExtractOp::create(build, loaded, i));
        }
        if (hasGroups())
          storeWords(words, batchId, row, column);
        else
          finish(words, batchId, row, column, uniform);
      });
      return Values();
    });
  }
}
