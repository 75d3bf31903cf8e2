//===- TilesShape.cpp - How large tiles are -------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TilesKernel.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

using namespace mlir;
using namespace mlir::lowbit;

bool TilesKernel::findRuns(std::string &reason) {
  const LinearOperand &lhs = operands[0], &rhs = operands[1];
  runOfLhs = findRun(loops, lhs);
  if (hasGroups() && runOfLhs.outer.size() != runOfLhs.numGroups) {
    reason = "its groups are not contiguous";
    return false;
  }
  if (runOfLhs.length == 1 && count(loops.reduction) > 1) {
    reason = "its lhs is not contiguous along the sum";
    return false;
  }
  if (getConstantGlobal(op, rhs))
    return true;
  for (unsigned loop : loops.reduction)
    if (loops.sizes[loop] != 1 && !llvm::is_contained(runOfLhs.outer, loop) &&
        rhs.strides[loop] != lhs.strides[loop]) {
      reason = "its rhs is not constant, and not contiguous along the sum";
      return false;
    }
  return true;
}

/// True if the primitive multiplies all codes that there are.
bool TilesKernel::fitsCodes(std::string &reason) {
  if (!isNarrow())
    return true;
  auto format = dyn_cast<quant::QuantizedType>(op.getFormat(0));
  if (!format || format.getStorageTypeIntegralWidth() > primitive.codeBits) {
    reason = "its lhs has codes of more than 4 bits";
    return false;
  }
  bool isSigned = isSignedStorage(op.getFormat(1));
  if (!fitsRange(op, operands[1], isSigned ? -8 : 0, isSigned ? 7 : 15)) {
    reason = "its weights are not constant or have more than 4 bits";
    return false;
  }
  return true;
}

void TilesKernel::chooseTile() {
  // Shapes, and how many blocks of each a multiprocessor holds.
  static const std::pair<TileShape, int64_t> shapes[] = {
      {{128, 128, 128, 3, 2, 2}, 2}, {{128, 256, 64, 4, 2, 4}, 1},
      {{256, 128, 64, 4, 4, 2}, 1},  {{128, 128, 64, 3, 2, 2}, 2},
      {{64, 128, 128, 3, 2, 2}, 3},  {{128, 64, 64, 3, 2, 2}, 3},
      {{128, 64, 64, 3, 4, 2}, 2},   {{64, 128, 64, 3, 2, 2}, 3},
      {{64, 64, 64, 4, 2, 2}, 4},    {{32, 64, 128, 4, 1, 4}, 4},
      {{16, 64, 128, 4, 1, 4}, 4},   {{16, 128, 128, 4, 1, 4}, 2},
      {{64, 16, 128, 4, 4, 1}, 4},
  };
  // Cycles of the processor with most blocks: products, what is read for them, and
  // what it waits for with fewer blocks at once than it could hold.
  double least = std::numeric_limits<double>::max();
  for (auto [shape, most] : shapes) {
    // Totals of groups take as many registers as sums.
    if (hasGroups() && shape.rows * shape.columns > 32 * shape.threads())
      continue;
    if (isNarrow() && shape.depth < 4 * stepBytes)
      continue;
    int64_t fit = chip.sharedBytes / (shape.stages * shape.stageBytes());
    if (fit == 0)
      continue;
    int64_t blocks = llvm::divideCeil(numRows, shape.rows) *
                     llvm::divideCeil(numLanes, shape.columns) * numBatches;
    int64_t mine = llvm::divideCeil(blocks, chip.processors);
    double share = double(std::min({mine, fit, most})) / most;
    double reads = 48.0 * (shape.rows + shape.columns) * 64 / shape.depth;
    double cost =
        mine * (shape.rows * shape.columns + reads) * (1.5 - 0.5 * share);
    if (cost < least) {
      least = cost;
      tile = shape;
    }
  }
}

/// Runs are whole chunks; those of groups whole primitives, and parts of a stage or
/// whole stages.
void TilesKernel::chooseRunPitch() {
  int64_t length = runOfLhs.length * bytes(operands[0]);
  runPitch = llvm::alignTo(length, chunkBytes);
  if (hasGroups())
    runPitch = length > tile.depth
                   ? llvm::alignTo(length, tile.depth)
                   : std::max<int64_t>(llvm::PowerOf2Ceil(length), stepBytes);
}

bool TilesKernel::checkTile(std::string &reason) const {
  int64_t passRows = tile.threads() * chunkBytes / tile.depth;
  int64_t rhsPassRows = tile.threads() * chunkBytes / rhsDepth();
  bool fits = tile.depth >= 2 * lhsStepBytes() &&
              llvm::isPowerOf2_64(tile.depth) && tile.stages >= 2 &&
              tile.threads() <= 1024 && passRows % 8 == 0 &&
              tile.rows % passRows == 0 && tile.columns % rhsPassRows == 0 &&
              tile.rows % (tile.warpRows * primitiveRows) == 0 &&
              tile.columns % (tile.warpColumns * 2 * primitiveColumns) == 0 &&
              warpSize % (warpTileColumns() / sumsOfThread()) == 0 &&
              sharedBytes() <= chip.sharedBytes;
  if (!fits)
    reason = "its tile does not suit warps and shared memory";
  return fits;
}

LogicalResult TilesKernel::run(ArrayRef<int64_t> shape, std::string &reason) {
  if (!describe(reason) || !findRuns(reason) || !fitsCodes(reason))
    return failure();
  packs = op.getPacks();
  chooseTile();
  if (!shape.empty())
    tile = {shape[0], shape[1], shape[2], shape[3], shape[4], shape[5]};
  if (!checkTile(reason))
    return failure();
  chooseRunPitch();
  if (getConstantGlobal(op, operands[1])) {
    packed = packTiles(build, op, loops, operands[1], runOfLhs, runPitch, tile,
                       isNarrow());
    if (!packed) {
      reason = "its weights cannot be read";
      return failure();
    }
  }
  buildKernel();
  return success();
}
