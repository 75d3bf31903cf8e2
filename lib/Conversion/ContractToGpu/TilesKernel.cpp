//===- TilesKernel.cpp - Products of tiles with mma.sync ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A block computes tile.rows by tile.columns results, in steps of tile.depth bytes
// of the sum. Shared memory holds tile.stages steps, of which all but one are on
// their way while one is multiplied. Inside a step, registers are loaded for the
// next 32 bytes while the present ones are multiplied, across steps too.
//
// All primitives have operands of 16 rows and 8 columns by 32 bytes, whatever the
// bytes mean: 32 codes of 8 bits or 256 bits.
//
// The rows of a convolution are its windows. Where they begin in lhs is computed
// once for each thread; along the sum, a window's rows are runs (TileLoader).

#include "TilesKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Bytes of the sum that one primitive takes, and its results.
static constexpr int64_t stepBytes = 32, primitiveRows = 16,
                         primitiveColumns = 8;

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

bool TilesKernel::findRuns(std::string &reason) {
  const LinearOperand &lhs = operands[0], &rhs = operands[1];
  runOfLhs = findRun(loops, lhs);
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

void TilesKernel::chooseTile() {
  // Shapes, and how many blocks of each a multiprocessor holds.
  static const std::pair<TileShape, int64_t> shapes[] = {
      {{128, 128, 128, 3, 2, 2}, 2}, {{128, 256, 64, 4, 2, 4}, 1},
      {{256, 128, 64, 4, 4, 2}, 1},  {{128, 128, 64, 3, 2, 2}, 2},
      {{64, 128, 128, 3, 2, 2}, 3},  {{128, 64, 64, 3, 2, 2}, 3},
      {{64, 128, 64, 3, 2, 2}, 3},   {{64, 64, 64, 4, 2, 2}, 4},
      {{32, 64, 128, 4, 1, 4}, 4},   {{16, 64, 128, 4, 1, 4}, 4},
      {{16, 128, 128, 4, 1, 4}, 2},  {{64, 16, 128, 4, 4, 1}, 4},
  };
  // Cycles of the processor with most blocks: products, what is read for them, and
  // what it waits for with fewer blocks at once than it could hold.
  double least = std::numeric_limits<double>::max();
  for (auto [shape, most] : shapes) {
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

bool TilesKernel::checkTile(std::string &reason) const {
  int64_t passRows = tile.threads() * chunkBytes / tile.depth;
  bool fits = tile.depth >= 2 * stepBytes && llvm::isPowerOf2_64(tile.depth) &&
              tile.stages >= 2 && tile.threads() <= 1024 && passRows % 8 == 0 &&
              tile.rows % passRows == 0 && tile.columns % passRows == 0 &&
              tile.rows % (tile.warpRows * primitiveRows) == 0 &&
              tile.columns % (tile.warpColumns * 2 * primitiveColumns) == 0 &&
              warpSize % (warpTileColumns() / sumsOfThread()) == 0 &&
              sharedBytes() <= chip.sharedBytes;
  if (!fits)
    reason = "its tile does not suit warps and shared memory";
  return fits;
}

LogicalResult TilesKernel::run(ArrayRef<int64_t> shape, std::string &reason) {
  if (!describe(reason) || !findRuns(reason))
    return failure();
  packs = op.getPacks();
  chooseTile();
  if (!shape.empty())
    tile = {shape[0], shape[1], shape[2], shape[3], shape[4], shape[5]};
  if (!checkTile(reason))
    return failure();
  if (getConstantGlobal(op, operands[1])) {
    packed = packTiles(build, op, loops, operands[1], runOfLhs, tile);
    if (!packed) {
      reason = "its weights cannot be read";
      return failure();
    }
  }
  buildKernel();
  return success();
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

void TilesKernel::placeBlock() {
  // Blocks that run together share rows and columns: they walk through bands of
  // tiles, along the columns of a band.
  constexpr int64_t band = 8;
  int64_t tileRows = llvm::divideCeil(numRows, tile.rows);
  int64_t tileColumns = llvm::divideCeil(numLanes, tile.columns);
  Value first = build.number(0), inBand = blockId;
  Value height = build.number(std::min(tileRows, band));
  if (tileRows > band) {
    first = build.multiply(build.divide(blockId, band * tileColumns), band);
    inBand = build.remainder(blockId, band * tileColumns);
    if (tileRows % band != 0)
      height = build.smallerOf(height, build.createOrFold<arith::SubIOp>(
                                           build.number(tileRows), first));
  }
  Value row = build.createOrFold<arith::RemUIOp>(inBand, height);
  Value column = build.createOrFold<arith::DivUIOp>(inBand, height);
  firstRow = build.multiply(build.add(first, row), tile.rows);
  firstColumn = build.multiply(column, tile.columns);
}

TileLoader TilesKernel::makeLhsLoader() {
  const LinearOperand &lhs = operands[0];
  ChunkRuns runs;
  runs.outer = count(runOfLhs.outer);
  runs.runBytes = runOfLhs.length * bytes(lhs);
  runs.runOffset = [this](Value run) {
    return offset(operands[0], runOfLhs.outer, run);
  };
  auto begins = [&](unsigned loop) {
    return !llvm::is_contained(loops.reduction, loop) ||
           llvm::is_contained(runOfLhs.outer, loop);
  };
  int64_t piece =
      std::min(alignment(lhs, begins), runs.runBytes & -runs.runBytes);
  // Rows beyond the last one take its place: nothing of them is stored.
  return TileLoader(build, tile, tile.rows, piece, runs, threadId,
                    pointer(lhs, batchId), [&](Value row) {
                      row = build.smallerOf(build.add(firstRow, row),
                                            build.number(numRows - 1));
                      return offset(lhs, loops.rows, row);
                    });
}

TileLoader TilesKernel::makeRhsLoader() {
  ChunkRuns runs;
  if (packed) {
    runs.runBytes = packed->pitch;
    Value base =
        build.advance(pointerOf(packed->memref),
                      build.multiply(batchId, packed->lanes * packed->pitch));
    return TileLoader(build, tile, tile.columns, chunkBytes, runs, threadId,
                      base, [&](Value column) {
                        return build.multiply(build.add(firstColumn, column),
                                              packed->pitch);
                      });
  }
  const LinearOperand &rhs = operands[1];
  runs.outer = count(runOfLhs.outer);
  runs.runBytes = runOfLhs.length * bytes(rhs);
  runs.runOffset = [this](Value run) {
    return offset(operands[1], runOfLhs.outer, run);
  };
  auto begins = [&](unsigned loop) {
    return !llvm::is_contained(loops.reduction, loop) ||
           llvm::is_contained(runOfLhs.outer, loop);
  };
  int64_t piece =
      std::min(alignment(rhs, begins), runs.runBytes & -runs.runBytes);
  return TileLoader(build, tile, tile.columns, piece, runs, threadId,
                    pointer(rhs, batchId), [&](Value column) {
                      column = build.smallerOf(build.add(firstColumn, column),
                                               build.number(numLanes - 1));
                      return build.multiply(column, rhs.strides[loops.lane] *
                                                        bytes(rhs));
                    });
}

void TilesKernel::wait(int64_t pending) {
  NVVM::CpAsyncWaitGroupOp::create(build, pending);
}

void TilesKernel::barrier() { gpu::BarrierOp::create(build); }

/// The row of shared memory that the thread points ldmatrix at: eight lanes for
/// each of four matrices of eight rows by 16 bytes. For lhs, two above one another,
/// then the two right of them; for rhs the other way round.
Value TilesKernel::fragmentRow(int64_t warpRows, bool isLhs) {
  Value below = build.remainder(build.divide(lane, isLhs ? 8 : 16), 2);
  Value row = build.add(build.remainder(lane, 8), build.multiply(below, 8));
  return build.add(build.multiply(isLhs ? warpRow : warpColumn, warpRows), row);
}

TilesKernel::Fragments TilesKernel::loadFragments(Value stage, int64_t step) {
  auto type = LLVM::LLVMStructType::getLiteral(
      build.getContext(), SmallVector<Type>(4, build.getI32Type()));
  auto shape = NVVM::LdStMatrixShapeAttr::get(build.getContext(), 8, 8);
  auto load = [&](Value base, int64_t count, Values &registers) {
    for (int64_t i = 0; i < count; ++i) {
      Value matrices = NVVM::LdMatrixOp::create(
          build, type,
          build.advance(base, Value(), i * primitiveRows * tile.depth), 4,
          NVVM::MMALayout::row, shape, NVVM::LdStMatrixEltType::B16);
      for (int64_t part = 0; part < 4; ++part)
        registers.push_back(LLVM::ExtractValueOp::create(
            build, matrices, ArrayRef<int64_t>{part}));
    }
  };
  Fragments fragments;
  load(build.advance(stage, lhsOffsets[step]), warpTileRows() / primitiveRows,
       fragments.lhs);
  load(build.advance(stage, rhsOffsets[step]),
       warpTileColumns() / primitiveRows, fragments.rhs);
  return fragments;
}

void TilesKernel::multiplyAdd(MutableArrayRef<Value> sums,
                              const Fragments &fragments) {
  bool differ = primitive.product == Product::XorPopcount;
  if (!differ || chip.number < 90)
    return multiplyAdd(sums, fragments, differ);
  // From sm_90 on counts of differing bits are slow, and those of common ones not:
  // a ^ b = (~a & b) | (a & ~b).
  auto complement = [&](const Values &words) {
    return llvm::map_to_vector(words, [&](Value word) {
      return build.exclusiveOr(word, build.number(-1));
    });
  };
  multiplyAdd(sums, {complement(fragments.lhs), fragments.rhs}, false);
  multiplyAdd(sums, {fragments.lhs, complement(fragments.rhs)}, false);
}

void TilesKernel::multiplyAdd(MutableArrayRef<Value> sums,
                              const Fragments &fragments, bool differ) {
  auto type = LLVM::LLVMStructType::getLiteral(
      build.getContext(), SmallVector<Type>(4, build.getI32Type()));
  bool counts = primitive.product != Product::Multiply;
  auto operandType = [&](unsigned i) {
    if (counts)
      return NVVM::MMATypes::b1;
    return isSignedStorage(op.getFormat(i)) ? NVVM::MMATypes::s8
                                            : NVVM::MMATypes::u8;
  };
  std::optional<NVVM::MMAB1Op> bitOp;
  std::optional<NVVM::MMAIntOverflow> overflow;
  if (counts)
    bitOp = differ ? NVVM::MMAB1Op::xor_popc : NVVM::MMAB1Op::and_popc;
  else
    overflow = NVVM::MMAIntOverflow::wrapped;
  int64_t columns = warpTileColumns() / primitiveColumns;
  for (int64_t i = 0; i < warpTileRows() / primitiveRows; ++i)
    for (int64_t j = 0; j < columns; ++j) {
      MutableArrayRef<Value> sum = sums.slice((i * columns + j) * 4, 4);
      Value product = NVVM::MmaOp::create(
          build, type, ArrayRef<Value>(fragments.lhs).slice(i * 4, 4),
          ArrayRef<Value>(fragments.rhs).slice(j * 2, 2), ArrayRef<Value>(sum),
          {primitiveRows, primitiveColumns, counts ? 256 : 32}, bitOp, overflow,
          std::array<NVVM::MMATypes, 2>{operandType(0), operandType(1)},
          std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row,
                                         NVVM::MMALayout::col});
      for (int64_t part = 0; part < 4; ++part)
        sum[part] = LLVM::ExtractValueOp::create(build, product,
                                                 ArrayRef<int64_t>{part});
    }
}

void TilesKernel::buildKernel() {
  int64_t blocks = llvm::divideCeil(numRows, tile.rows) *
                   llvm::divideCeil(numLanes, tile.columns);
  launch(blocks, numBatches, tile.threads(), sharedBytes());
  auto sharedType = MemRefType::get(
      {ShapedType::kDynamic}, build.getI8Type(), MemRefLayoutAttrInterface(),
      gpu::AddressSpaceAttr::get(build.getContext(),
                                 gpu::AddressSpace::Workgroup));
  shared = pointerOf(gpu::DynamicSharedMemoryOp::create(build, sharedType));
  lane = build.remainder(threadId, warpSize);
  warp = build.divide(threadId, warpSize);
  warpRow = build.divide(warp, tile.warpColumns);
  warpColumn = build.remainder(warp, tile.warpColumns);
  placeBlock();
  TileLoader lhs = makeLhsLoader(), rhs = makeRhsLoader();
  int64_t rowBytes =
      packed
          ? packed->pitch
          : count(runOfLhs.outer) *
                llvm::alignTo(runOfLhs.length * bytes(operands[0]), chunkBytes);
  steps = llvm::divideCeil(rowBytes, tile.depth);
  Value rhsStart = build.number(tile.rows * tile.depth);
  int64_t stepsOfStage = tile.depth / stepBytes;
  for (int64_t step = 0; step < stepsOfStage; ++step) {
    Value right = build.divide(lane, 16);
    Value below = build.remainder(build.divide(lane, 8), 2);
    lhsOffsets.push_back(swizzledOffset(build, tile.depth,
                                        fragmentRow(warpTileRows(), true),
                                        build.add(right, 2 * step)));
    rhsOffsets.push_back(build.add(
        rhsStart,
        swizzledOffset(build, tile.depth, fragmentRow(warpTileColumns(), false),
                       build.add(below, 2 * step))));
  }
  auto copyStage = [&](Value step, Value stage) {
    Value to = build.advance(shared, stage);
    lhs.copy(step, to);
    rhs.copy(step, build.advance(to, Value(), tile.rows * tile.depth));
  };
  for (int64_t step = 0; step < tile.stages - 1; ++step) {
    if (step < steps)
      copyStage(build.number(step), build.number(step * tile.stageBytes()));
    NVVM::CpAsyncCommitGroupOp::create(build);
  }
  wait(tile.stages - 2);
  barrier();

  Fragments fragments = loadFragments(shared, 0);
  int64_t numLhs = fragments.lhs.size();
  Values carried(warpTileRows() / primitiveRows * warpTileColumns() /
                     primitiveColumns * 4,
                 build.number(0));
  int64_t numSums = carried.size();
  llvm::append_range(carried, fragments.lhs);
  llvm::append_range(carried, fragments.rhs);
  carried.push_back(build.number(0)); // the stage that is read, and written
  carried.push_back(build.number((tile.stages - 1) * tile.stageBytes()));
  int64_t end = tile.stages * tile.stageBytes();
  auto following = [&](Value stage) {
    Value next = build.add(stage, tile.stageBytes());
    return build.choose(build.less(next, end), next, build.number(0));
  };
  Values results =
      build.repeat(steps, carried, [&](Value step, ValueRange values) {
        Values sums(values.take_front(numSums));
        Fragments present{
            Values(values.slice(numSums, numLhs)),
            Values(values.drop_front(numSums + numLhs).drop_back(2))};
        Value reads = values.drop_back(1).back(), writes = values.back();
        Value nextReads = following(reads);
        for (int64_t inner = 0; inner < stepsOfStage; ++inner) {
          bool last = inner == stepsOfStage - 1;
          if (last) {
            wait(tile.stages - 2);
            barrier();
          }
          Fragments next =
              loadFragments(build.advance(shared, last ? nextReads : reads),
                            last ? 0 : inner + 1);
          if (inner == 0) {
            Value ahead = build.add(step, tile.stages - 1);
            build.when(build.less(ahead, steps),
                       [&] { copyStage(ahead, writes); });
            NVVM::CpAsyncCommitGroupOp::create(build);
          }
          multiplyAdd(sums, present);
          present = std::move(next);
        }
        llvm::append_range(sums, present.lhs);
        llvm::append_range(sums, present.rhs);
        sums.push_back(nextReads);
        sums.push_back(following(writes));
        return sums;
      });
  wait(0);
  barrier();
  finishTile(ArrayRef<Value>(results).take_front(numSums));
}

LogicalResult lowbit::buildTilesKernel(OpBuilder &builder, ContractOp op,
                                       const ContractionLoops &loops,
                                       const GpuPrimitive &primitive,
                                       const CudaChip &chip,
                                       ArrayRef<int64_t> shape,
                                       std::string &reason) {
  if (!shape.empty() && shape.size() != 6) {
    reason = "a tile has six numbers";
    return failure();
  }
  return TilesKernel(builder, op, loops, primitive, chip).run(shape, reason);
}
