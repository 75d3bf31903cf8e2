//===- TilesKernel.h - Tiles in shared memory ---------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_CONTRACTTOGPU_TILESKERNEL_H
#define LOWBIT_LIB_CONVERSION_CONTRACTTOGPU_TILESKERNEL_H

#include "GpuKernelBuilder.h"

namespace mlir::lowbit {

/// Bytes that one thread copies at a time; the unit of swizzling.
constexpr int64_t chunkBytes = 16;

/// Bytes of the sum that one primitive takes, and its results.
constexpr int64_t stepBytes = 32, primitiveRows = 16, primitiveColumns = 8;

/// The chunks of a row of one operand along the sum: `outer` runs of `runBytes`
/// bytes, each filled up to `runPitch` bytes, which are whole chunks.
struct ChunkRuns {
  int64_t outer = 1, runBytes = 0, runPitch = 0;
  /// The offset in bytes of a run; unused for a single one.
  std::function<Value(Value)> runOffset;

  int64_t runChunks() const { return runPitch / chunkBytes; }
  int64_t chunks() const { return outer * runChunks(); }
};

/// Copies one operand's part of a tile into shared memory. Rows there have
/// `depth` bytes; chunk c of row r lies where c ^ swizzle(r) would, so that eight
/// rows' chunks of one column lie in different banks.
class TileLoader {
public:
  /// `piece` bytes, a power of two, are read at once. `rowOffset` says where a row
  /// begins.
  TileLoader(GpuBuilder &build, int64_t threads, int64_t depth, int64_t rows,
             int64_t piece, ChunkRuns runs, Value threadId, Value base,
             function_ref<Value(Value)> rowOffset);

  /// Copies step `step` of the sum to `shared`, at once or in the background.
  void copy(Value step, Value shared);

private:
  /// A piece of the thread's chunk: its offset in a row, and whether it exists;
  /// null if it does in all steps.
  std::pair<Value, Value> locate(Value chunk, int64_t piece);
  void copyInBackground(Value chunk, Value shared);
  void copyInRegisters(Value chunk, Value shared);

  GpuBuilder &build;
  int64_t depth, piece, passes, passRows;
  ChunkRuns runs;
  Value firstChunk, sharedOffset;
  SmallVector<Value> rowPointers;
};

/// Where chunk `chunk` of row `row` lies in shared memory, in bytes.
Value swizzledOffset(GpuBuilder &build, int64_t depth, Value row, Value chunk);

class TilesKernel : public GpuKernelBuilder {
public:
  TilesKernel(OpBuilder &builder, ContractOp op, const ContractionLoops &loops,
              const GpuPrimitive &primitive, const CudaChip &chip)
      : GpuKernelBuilder(builder, op, loops, primitive), chip(chip) {}

  LogicalResult run(ArrayRef<int64_t> shape, std::string &reason);

private:
  using Values = SmallVector<Value>;

  /// Operands of one step of 32 bytes in registers.
  struct Fragments {
    Values lhs, rhs;
  };

  bool findRuns(std::string &reason);
  bool fitsCodes(std::string &reason);
  void chooseTile();
  void chooseRunPitch();
  bool checkTile(std::string &reason) const;
  void buildKernel();
  void placeBlock();
  TileLoader makeLhsLoader();
  TileLoader makeRhsLoader();
  Value fragmentRow(int64_t warpRows, bool isLhs);
  Values loadMatrices(Value base, int64_t count, int64_t depth);
  Fragments loadFragments(Value stage, int64_t step);
  Values narrow(ArrayRef<Value> low, ArrayRef<Value> high);
  void multiplyAdd(MutableArrayRef<Value> sums, const Fragments &fragments);
  /// With one primitive, which counts bits that `differ`, or common ones.
  void multiplyAdd(MutableArrayRef<Value> sums, const Fragments &fragments,
                   bool differ);
  ChunkRuns describeRuns(unsigned operand);
  TileLoader makeLoader(unsigned operand, int64_t rows, int64_t numRows,
                        Value first, function_ref<Value(Value)> rowOffset);
  void computeOffsets();
  Values loadGroupOperands(Value number);
  Value rowOfSum(int64_t sum);
  Value columnOfSum(int64_t sum);
  void addGroup(MutableArrayRef<Value> sums, MutableArrayRef<Value> totals,
                Value number, ArrayRef<Value> uniform);
  void wait(int64_t pending);
  void barrier();
  int64_t sharedBytes() const;
  int64_t slabRows() const;
  void finishTile(ArrayRef<Value> sums);

  int64_t warpTileRows() const { return tile.rows / tile.warpRows; }
  int64_t warpTileColumns() const { return tile.columns / tile.warpColumns; }
  /// Sums that a thread turns into results together: a word of bits, or four.
  int64_t sumsOfThread() const { return packs ? 8 : 4; }
  bool hasGroups() const { return !loops.groups.empty(); }
  /// True if codes of lhs get narrow in registers, and weights are narrow in memory.
  bool isNarrow() const { return primitive.codeBits == 4; }
  /// Bytes of lhs that one primitive takes, of rhs in a stage, and of both.
  int64_t lhsStepBytes() const {
    return isNarrow() ? 2 * stepBytes : stepBytes;
  }
  int64_t rhsDepth() const { return isNarrow() ? tile.depth / 2 : tile.depth; }
  int64_t stageBytes() const {
    return tile.rows * tile.depth + tile.columns * rhsDepth();
  }
  /// Words of a row of sums in shared memory; eight more than it has, so that
  /// neighbouring rows lie in different banks.
  int64_t slabPitch() const { return warpTileColumns() + 8; }

  const CudaChip &chip;
  bool packs = false;
  TileShape tile{};
  ReductionRun runOfLhs;
  std::optional<GpuWeights> packed;
  /// Bytes from one run to the next, and stages of the whole sum.
  int64_t runPitch = 0, steps = 0;
  Value shared, lane, warp, warpRow, warpColumn, firstRow, firstColumn;
  /// For each step inside a stage, the offsets of what a thread reads.
  Values lhsOffsets, rhsOffsets;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_CONTRACTTOGPU_TILESKERNEL_H
