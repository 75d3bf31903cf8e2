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
// bytes mean: 32 codes of 8 bits, 64 of 4 bits or 256 bits. Codes of 4 bits come in bytes
// to shared memory, but for weights; two bytes become one in registers.
//
// The rows of a convolution are its windows. Where they begin in lhs is computed
// once for each thread; along the sum, a window's rows are runs (TileLoader).
//
// Where weights have groups, these are the runs: when the last step of one is done, its
// sums go through the epilogue and are added to totals of f32 (TilesGroups.cpp).

#include "TilesKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::lowbit;

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

/// The runs of lhs or rhs as they lie in memory.
ChunkRuns TilesKernel::describeRuns(unsigned operand) {
  ChunkRuns runs;
  runs.outer = count(runOfLhs.outer);
  runs.runBytes = runOfLhs.length * bytes(operands[operand]);
  runs.runPitch = runPitch;
  runs.runOffset = [this, operand](Value run) {
    return offset(operands[operand], runOfLhs.outer, run);
  };
  return runs;
}

/// A loader of `rows` rows from `first` on; those beyond the last of `numRows` take its
/// place: nothing of them is stored.
TileLoader TilesKernel::makeLoader(unsigned operand, int64_t rows,
                                   int64_t numRows, Value first,
                                   function_ref<Value(Value)> rowOffset) {
  ChunkRuns runs = describeRuns(operand);
  auto begins = [&](unsigned loop) {
    return !llvm::is_contained(loops.reduction, loop) ||
           llvm::is_contained(runOfLhs.outer, loop);
  };
  int64_t piece = std::min(alignment(operands[operand], begins),
                           runs.runBytes & -runs.runBytes);
  return TileLoader(build, tile.threads(), tile.depth, rows, piece, runs,
                    threadId, pointer(operands[operand], batchId),
                    [&](Value row) {
                      return rowOffset(build.smallerOf(
                          build.add(first, row), build.number(numRows - 1)));
                    });
}

TileLoader TilesKernel::makeLhsLoader() {
  return makeLoader(0, tile.rows, numRows, firstRow, [&](Value row) {
    return offset(operands[0], loops.rows, row);
  });
}

TileLoader TilesKernel::makeRhsLoader() {
  if (!packed)
    return makeLoader(
        1, tile.columns, numLanes, firstColumn, [&](Value column) {
          return build.multiply(column, operands[1].strides[loops.lane] *
                                            bytes(operands[1]));
        });
  ChunkRuns runs;
  runs.runBytes = runs.runPitch = packed->pitch;
  Value base =
      build.advance(pointerOf(packed->memref),
                    build.multiply(batchId, packed->lanes * packed->pitch));
  return TileLoader(build, tile.threads(), rhsDepth(), tile.columns, chunkBytes,
                    runs, threadId, base, [&](Value column) {
                      return build.multiply(build.add(firstColumn, column),
                                            packed->pitch);
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

/// Registers of `count` times four matrices of eight rows by 16 bytes.
TilesKernel::Values TilesKernel::loadMatrices(Value base, int64_t count,
                                              int64_t depth) {
  auto type = LLVM::LLVMStructType::getLiteral(
      build.getContext(), SmallVector<Type>(4, build.getI32Type()));
  auto shape = NVVM::LdStMatrixShapeAttr::get(build.getContext(), 8, 8);
  Values registers;
  for (int64_t i = 0; i < count; ++i) {
    Value matrices = NVVM::LdMatrixOp::create(
        build, type, build.advance(base, Value(), i * primitiveRows * depth), 4,
        NVVM::MMALayout::row, shape, NVVM::LdStMatrixEltType::B16);
    for (int64_t part = 0; part < 4; ++part)
      registers.push_back(LLVM::ExtractValueOp::create(
          build, matrices, ArrayRef<int64_t>{part}));
  }
  return registers;
}

TilesKernel::Fragments TilesKernel::loadFragments(Value stage, int64_t step) {
  auto loadLhs = [&](int64_t at) {
    return loadMatrices(build.advance(stage, lhsOffsets[at]),
                        warpTileRows() / primitiveRows, tile.depth);
  };
  Fragments fragments;
  fragments.lhs = isNarrow() ? narrow(loadLhs(2 * step), loadLhs(2 * step + 1))
                             : loadLhs(step);
  fragments.rhs = loadMatrices(build.advance(stage, rhsOffsets[step]),
                               warpTileColumns() / primitiveRows, rhsDepth());
  return fragments;
}

/// Codes of 4 bits in the halves of bytes: those of 32 bytes low, of the next high.
TilesKernel::Values TilesKernel::narrow(ArrayRef<Value> low,
                                        ArrayRef<Value> high) {
  Values registers;
  for (auto [first, second] : llvm::zip_equal(low, high)) {
    Value left = arith::ShLIOp::create(build, second, build.number(4));
    registers.push_back(arith::OrIOp::create(
        build, arith::AndIOp::create(build, first, build.number(0x0F0F0F0F)),
        arith::AndIOp::create(build, left, build.number(int32_t(0xF0F0F0F0)))));
  }
  return registers;
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
    if (isNarrow())
      return isSignedStorage(op.getFormat(i)) ? NVVM::MMATypes::s4
                                              : NVVM::MMATypes::u4;
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
          {primitiveRows, primitiveColumns, counts ? 256 : lhsStepBytes()},
          bitOp, overflow,
          std::array<NVVM::MMATypes, 2>{operandType(0), operandType(1)},
          std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row,
                                         NVVM::MMALayout::col});
      for (int64_t part = 0; part < 4; ++part)
        sum[part] = LLVM::ExtractValueOp::create(build, product,
                                                 ArrayRef<int64_t>{part});
    }
}

/// Where in a stage the thread's registers of each step lie.
void TilesKernel::computeOffsets() {
  Value rhsStart = build.number(tile.rows * tile.depth);
  for (int64_t step = 0; step < tile.depth / stepBytes; ++step) {
    Value right = build.divide(lane, 16);
    Value below = build.remainder(build.divide(lane, 8), 2);
    lhsOffsets.push_back(swizzledOffset(build, tile.depth,
                                        fragmentRow(warpTileRows(), true),
                                        build.add(right, 2 * step)));
    if ((step + 1) * stepBytes > rhsDepth())
      continue;
    rhsOffsets.push_back(build.add(
        rhsStart,
        swizzledOffset(build, rhsDepth(), fragmentRow(warpTileColumns(), false),
                       build.add(below, 2 * step))));
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
  computeOffsets();
  steps = llvm::divideCeil(count(runOfLhs.outer) * runPitch, tile.depth);
  int64_t stepsOfStage = tile.depth / lhsStepBytes();
  auto copyStage = [&](Value step, Value stage) {
    Value to = build.advance(shared, stage);
    lhs.copy(step, to);
    rhs.copy(step, build.advance(to, Value(), tile.rows * tile.depth));
  };
  for (int64_t step = 0; step < tile.stages - 1; ++step) {
    if (step < steps)
      copyStage(build.number(step), build.number(step * stageBytes()));
    NVVM::CpAsyncCommitGroupOp::create(build);
  }
  wait(tile.stages - 2);
  barrier();

  // Stages until a group is done, and groups that are done then.
  int64_t stagesOfRound = steps, groupsOfRound = 1;
  if (hasGroups()) {
    stagesOfRound = std::max<int64_t>(1, runPitch / tile.depth);
    groupsOfRound = std::max<int64_t>(1, tile.depth / runPitch);
  }
  Fragments fragments = loadFragments(shared, 0);
  int64_t numLhs = fragments.lhs.size();
  int64_t numSums =
      warpTileRows() / primitiveRows * warpTileColumns() / primitiveColumns * 4;
  Values carried(numSums, build.number(0));
  llvm::append_range(carried, fragments.lhs);
  llvm::append_range(carried, fragments.rhs);
  carried.push_back(build.number(0)); // the stage that is read, and written
  carried.push_back(build.number((tile.stages - 1) * stageBytes()));
  int64_t end = tile.stages * stageBytes();
  auto following = [&](Value stage) {
    Value next = build.add(stage, stageBytes());
    return build.choose(build.less(next, end), next, build.number(0));
  };
  // One stage; `finishStep` sees the sums after each step.
  auto runStage = [&](Value step, ValueRange values,
                      function_ref<void(int64_t, Values &)> finishStep) {
    Values sums(values.take_front(numSums));
    Fragments present{Values(values.slice(numSums, numLhs)),
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
        build.when(build.less(ahead, steps), [&] { copyStage(ahead, writes); });
        NVVM::CpAsyncCommitGroupOp::create(build);
      }
      multiplyAdd(sums, present);
      finishStep(inner, sums);
      present = std::move(next);
    }
    llvm::append_range(sums, present.lhs);
    llvm::append_range(sums, present.rhs);
    sums.push_back(nextReads);
    sums.push_back(following(writes));
    return sums;
  };
  int64_t rounds = llvm::divideCeil(steps, stagesOfRound);
  if (hasGroups())
    carried.append(numSums,
                   arith::ConstantOp::create(build, build.getF32FloatAttr(0)));
  Values results =
      build.repeat(rounds, carried, [&](Value round, ValueRange values) {
        Value firstGroup = build.multiply(round, groupsOfRound);
        Values totals, operands;
        if (hasGroups()) {
          totals = Values(values.take_back(numSums));
          values = values.drop_back(numSums);
          for (int64_t g = 0; g < groupsOfRound; ++g)
            llvm::append_range(operands,
                               loadGroupOperands(build.add(firstGroup, g)));
        }
        int64_t stepsOfGroup = runPitch / stepBytes, perGroup = operands.size();
        perGroup /= groupsOfRound;
        auto finishStep = [&](int64_t inner, Values &sums) {
          if (!hasGroups() || groupsOfRound == 1 ||
              (inner + 1) % stepsOfGroup != 0)
            return;
          int64_t g = inner / stepsOfGroup;
          addGroup(sums, totals, build.add(firstGroup, g),
                   ArrayRef(operands).slice(g * perGroup, perGroup));
        };
        Values next = build.repeat(
            stagesOfRound, values, [&](Value stage, ValueRange inner) {
              Value step =
                  build.add(build.multiply(round, stagesOfRound), stage);
              return runStage(step, inner, finishStep);
            });
        if (hasGroups() && groupsOfRound == 1)
          addGroup(MutableArrayRef<Value>(next).take_front(numSums), totals,
                   firstGroup, operands);
        llvm::append_range(next, totals);
        return next;
      });
  wait(0);
  barrier();
  ArrayRef<Value> all = results;
  finishTile(hasGroups() ? all.take_back(numSums) : all.take_front(numSums));
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
