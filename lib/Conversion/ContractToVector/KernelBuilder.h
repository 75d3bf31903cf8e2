//===- KernelBuilder.h - Generates the loops around a primitive ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// One generator for every contraction: tiles of rows by vectors of lanes, the
// sums in registers, the epilogue on them, and one store.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_KERNELBUILDER_H
#define LOWBIT_CONVERSION_KERNELBUILDER_H

#include "lowbit/Analysis/AccumulatorRange.h"
#include "lowbit/Conversion/KernelLayout.h"
#include "lowbit/Conversion/WeightVectors.h"

namespace mlir::lowbit {

/// The table that kernels of `product` look counts up in: for each byte, 16 bytes
/// for each of its nibbles, the counts with all nibbles of weights. A global of the
/// module around `op`, made where there is none yet.
Value getCountTable(OpBuilder &builder, ContractOp op);

/// Builds the kernel of one contraction on memrefs in front of it.
class KernelBuilder {
public:
  KernelBuilder(OpBuilder &builder, ContractOp op,
                const ContractionLoops &loops, const Primitive &primitive)
      : builder(builder), loc(op.getLoc()), op(op), loops(loops),
        primitive(primitive) {}

  /// Divides the kernel for threads if it takes at least `cycles`.
  void divideFrom(double cycles) { fewestCycles = cycles; }

  /// Emits the kernel. Fails, with `reason` set and nothing emitted but dead
  /// views, if an operand's layout does not fit.
  LogicalResult build(std::string &reason);

  /// After that: in how many bytes its weights lie, and what makes numbers of them;
  /// empty for weights that are not packed.
  std::string describeWeights() const;

private:
  /// An index: a constant plus values times constants.
  struct Index {
    int64_t constant = 0;
    SmallVector<std::pair<Value, int64_t>> terms;
    Index plus(int64_t value) const;
    Index plus(Value value, int64_t factor) const;
  };
  /// Rows that step alike in every operand count as one.
  struct RowLoop {
    int64_t size;
    SmallVector<int64_t> strides; // per operand
    /// So many are taken at a time.
    int64_t together = 1;
    int64_t countTrips() const { return llvm::divideCeil(size, together); }
  };
  /// A panel: `vectors` vectors of lanes from `lane` on, `valid` of the lanes
  /// real, and where its weights lie.
  struct Panel {
    int64_t vectors, valid;
    Index lane, weights;
    int64_t outerStride, runStride;
    /// Where there is excess: the number of the first vector among all.
    Value firstVector = nullptr;
  };
  using Accumulators = SmallVector<Value>;
  /// Iterations from `first` to before `last`.
  struct Range {
    Value first, last;
  };
  /// What threads divide.
  enum class Division { None, Batch, OuterRows, Tiles, Panels };

  bool exchangesOperands(const Primitive &row);
  bool shiftsCodes(const Primitive &row);
  std::optional<int64_t> countNumberSteps();
  int64_t countPartialSteps(const Primitive &row);
  WeightNumbers findNumbers(const SharingRow &row);
  PackingPlan choosePacking();
  LogicalResult addCorrection();
  void planFloatZeros();
  void packGroupOperand(LinearOperand &operand, bool asFloats);
  void packGroupOperands();
  void joinGroupOperands();
  bool streamsWeights() const;
  void prefetchWeights(const Index &rhs, int64_t bytes);
  void planRescale();
  bool planFloatRescale(memref::GlobalOp weights, ArrayRef<SumRange> ranges);
  void planEstimate(memref::GlobalOp weights, ArrayRef<SumRange> ranges);
  void mergeRows();
  void chooseDivision();
  int64_t countTiles() const;
  int64_t countBlockTiles() const;
  void buildBlocks(ArrayRef<Index> bases, const Index &weights);
  /// Calls `body` with all of `trips` iterations, or with the range of a thread.
  void buildDivided(Division level, int64_t trips,
                    function_ref<void(Range)> body);
  void buildKernel(ArrayRef<Index> bases);
  void buildBatch(ArrayRef<unsigned> batch, SmallVector<Index> bases,
                  Index weights);
  void buildRows(ArrayRef<RowLoop> outer, ArrayRef<Index> bases,
                 const Index &weights);
  /// Calls `body` with the first row of each tile.
  void buildTiles(function_ref<void(Value)> body);
  /// The panels of one tile, or of all tiles if `firstRow` is null.
  void buildPanels(ArrayRef<Index> bases, const Index &weights, Value firstRow);
  void buildPanel(ArrayRef<Index> bases, const Panel &panel, Value firstRow);
  void buildTile(ArrayRef<Index> bases, const Panel &panel, Value firstRow,
                 ArrayRef<Value> uniform);
  SmallVector<Index> addRow(ArrayRef<Index> bases, Value row);

  Accumulators reduce(const Panel &panel, ArrayRef<Index> rows, Index rhs,
                      unsigned depth, Index step, Accumulators sums);
  Accumulators reduceGroups(const Panel &panel, ArrayRef<Index> lhs,
                            ArrayRef<SmallVector<Index>> rows, const Index &rhs,
                            ArrayRef<Value> uniform, unsigned depth,
                            Accumulators sums);
  Accumulators createZeros(const Panel &panel);
  Accumulators reduceRun(const Panel &panel, ArrayRef<Index> rows,
                         const Index &rhs, const Index &step,
                         Accumulators sums);
  Accumulators reducePartial(const Panel &panel, ArrayRef<Index> rows,
                             const Index &rhs, Accumulators sums);
  Accumulators multiplyAddSteps(const Panel &panel, ArrayRef<Index> rows,
                                const Index &rhs, int64_t terms,
                                Accumulators sums);
  Accumulators multiplyAddPartial(const Panel &panel, ArrayRef<Index> rows,
                                  const Index &rhs, int64_t terms,
                                  Accumulators sums);
  Accumulators multiplyAdd(const Panel &panel, ArrayRef<Index> rows,
                           const Index &rhs, int64_t terms, Accumulators sums);
  Accumulators addExcess(const Panel &panel, ArrayRef<Index> rows,
                         Accumulators sums);
  /// Terms of a channel that a primitive takes at once: where they are in lhs and
  /// in the weights, and the first of their column of the window.
  struct Taps {
    int64_t column = 0;
    SmallVector<int64_t, 2> lhs;
    int64_t rhs = 0;
  };
  SmallVector<Taps> listTaps(const Panel &panel);
  Value loadTaps(const Taps &taps, const Index &lhs, int64_t valid);
  Accumulators multiplyAddChannels(const Panel &panel, ArrayRef<Index> lhs,
                                   const Index &rhs, Accumulators sums);
  void planImageTile();
  void planSliding();
  void packSliding(memref::GlobalOp global);
  SmallVector<Value> loadColumn(const Index &lhs);
  void addColumn(ArrayRef<Value> column, int64_t place, const Index &weights,
                 MutableArrayRef<Value> sums);
  std::pair<Value, Value> loadSlid(const LinearOperand &operand,
                                   const Index &index);
  void storeSlid(Value first, Value second, const Index &index);
  bool packsCodes();
  void buildSlidingPanels(ArrayRef<Index> bases, Value firstRow);
  void buildSliding(ArrayRef<SmallVector<Index>> rows, const Index &weights);
  /// True if 16 bits add up whole blocks, or steps of weights that are not packed.
  bool addsInWords(const WeightNumbers &codes) const {
    return primitive.emitPartial && partialSteps >= codes.countSteps();
  }
  Accumulators reduceBlocks(const Panel &panel, ArrayRef<Index> rows,
                            const Index &rhs, int64_t terms, Accumulators sums);
  Accumulators reducePartialBlocks(const Panel &panel, ArrayRef<Index> rows,
                                   const Index &rhs, Accumulators sums);
  void multiplyAddBlock(const Panel &panel, ArrayRef<Index> rows,
                        const Index &rhs, int64_t steps, int64_t lastTerms,
                        MutableArrayRef<Value> sums);
  SmallVector<Value> loadBlock(const Panel &panel, const Index &index,
                               int64_t v);
  Value unpackValues(ArrayRef<Value> block, int64_t step);
  Value unpack(ArrayRef<Value> block, int64_t step);
  bool expandsPanels(const WeightNumbers &codes, bool holdsBlock) const;
  std::optional<int64_t> countWideVectors(const WeightNumbers &codes) const;
  /// The most bytes of a panel that is unpacked: in the second cache, and in the stack of
  /// any thread.
  static constexpr int64_t mostPanelBytes = 128 * 1024;
  Value expand(Panel &panel);
  void expandPanel(Panel &panel);
  void expandBlock(const Panel &panel, const Index &rhs, int64_t steps);
  /// Room for `count` words of `width` bits on the stack, until that is restored.
  Value allocate(int64_t count, unsigned width);
  bool startsFromLeast(const WeightNumbers &codes);
  void addLeast(const Index &row, MutableArrayRef<Value> sums);
  Value lookUpValues(Value numbers, ArrayRef<int16_t> values);
  Value lookUpWords(Value numbers, int64_t part);
  Accumulators lookUpRun(const Panel &panel, ArrayRef<Index> rows,
                         const Index &rhs, Accumulators sums);
  Accumulators lookUpChunk(const Panel &panel, ArrayRef<Index> rows,
                           const Index &rhs, int64_t words, Accumulators sums);
  Accumulators lookUpByte(const Panel &panel, ArrayRef<Index> rows,
                          const Index &rhs, Accumulators counts);
  Accumulators joinHalves(Accumulators sums);
  void buildTabled(ArrayRef<Index> bases, const Index &weights);
  Value buildSumTable(const Index &row, int64_t groups);
  std::optional<PackedWeights> pack(PackingPlan &plan, std::string &reason);
  void buildVectorTable(const Index &row);
  /// True if inner products are looked up one by one, see KernelVectorSums.cpp.
  bool looksUpWords() const {
    return primitive.looksUpVectors && lowbit::looksUpWords(primitive);
  }
  SmallVector<Value> loadNumbers(const Index &index, int64_t count);
  void buildVectorSums(const Index &row);
  void buildProductTable(const Index &row, Value block, int64_t stage,
                         int64_t places);
  void addProducts(Value block, int64_t stage, int64_t places);
  Accumulators loadVectorSums(const Panel &panel);
  std::string describeVectors() const;
  std::string findTables();
  Value createTables(ArrayRef<int16_t> numbers);
  /// True if weights are vectors from tables, and panels of them are made.
  bool expandsVectors() const { return vectors && !primitive.looksUpVectors; }
  void planVectors();
  PackedWeights packVectors();
  /// Of a panel of weights that vectors are expanded to, which goes step by step.
  struct VectorPanel {
    /// Columns, and those of them that are no padding.
    int64_t width, valid;
    /// Elements of a step, a run, and the panel.
    int64_t runStride, outerStride, size;
  };
  VectorPanel measureVectorPanel(int64_t vectorCount, int64_t valid) const;
  int64_t countPanelsTogether() const;
  void buildVectorPanels(ArrayRef<Index> bases, const Index &weights,
                         Range panels);
  void buildVectorTail(ArrayRef<Index> bases, const Panel &panel);
  Value expandVectors(const VectorPanel &shape, const Index &column,
                      int64_t most, Value count);
  void expandVectorBlock(const VectorPanel &shape, const Index &column,
                         Value count, Value block, int64_t places, Value room);
  void clearPadding(const VectorPanel &shape, Value count, Value room);
  int64_t countTableBytes() const;
  int64_t countTableParts() const;
  Accumulators lookUpSums(const Panel &panel);
  Accumulators addLookedUp(const Panel &panel, const Index &first,
                           int64_t bytes, Accumulators sums);
  /// Calls `use` with what the epilogue makes of each of `sums`, and its position.
  void finish(const Panel &panel, ArrayRef<SmallVector<Index>> rows,
              ArrayRef<Value> sums, ArrayRef<Value> uniform,
              function_ref<void(size_t, Value)> use);
  void finishByEstimate(const Panel &panel, ArrayRef<SmallVector<Index>> rows,
                        ArrayRef<Value> sums, ArrayRef<Value> uniform,
                        function_ref<void(size_t, Value)> use);
  void store(const Panel &panel, ArrayRef<SmallVector<Index>> rows,
             size_t position, Value value);
  /// Loops in a group of terms are short, and the sums of one row few.
  int64_t countWrittenOut() const {
    return run.numGroups != 0 && tile.rows == 1 ? 4 : 1;
  }
  int64_t countStepsWrittenOut(int64_t terms) const;
  int64_t getRhsStride(const Panel &panel, unsigned depth);

  /// Calls `body` with the first lane and the length of the pieces, powers of two, that
  /// `valid` lanes consist of.
  static void walkPieces(int64_t valid,
                         function_ref<void(int64_t, int64_t)> body);
  Value constantIndex(int64_t value);
  Value getFirst(Value trip, int64_t size, int64_t together);
  Value materialize(const Index &index);
  Value loadWords(const LinearOperand &operand, const Index &index,
                  int64_t stride, int64_t count, int64_t valid);
  Value loadLanes(const LinearOperand &operand, const Index &index,
                  int64_t stride, int64_t count, int64_t valid);
  Value extend(Value value, Type format, unsigned width);
  Value loadWeights(const Index &index);
  Value loadGroup(const Index &index, int64_t count);
  Value loadActivations(ArrayRef<Index> rows, int64_t count);
  Value getRowSums(ArrayRef<Value> sums, const Panel &panel, int64_t row,
                   int64_t vector);
  Value runEpilogue(ArrayRef<Value> arguments);
  Value subtractInFloat(ArrayRef<Value> arguments);
  Value runFloatRescale(ArrayRef<Value> arguments);
  Value scaleInFloat(ArrayRef<Value> arguments);
  void storeLanes(Value value, const Index &index, int64_t valid);
  void storeBits(Value value, const Index &index, int64_t valid);
  void buildFor(int64_t trips, ValueRange init,
                function_ref<Accumulators(Value, ValueRange)> body,
                Accumulators &results, int64_t writtenOut = 1);
  void buildFor(Range range, function_ref<void(Value)> body);

  OpBuilder &builder;
  Location loc;
  ContractOp op;
  const ContractionLoops &loops;
  const Primitive &primitive;
  std::optional<double> fewestCycles;
  Division division = Division::None;
  /// The part of the tiles or panels that a thread computes, if they are divided.
  std::optional<Range> tileRange, panelRange;
  /// lhs, rhs, those added to finished sums, result.
  SmallVector<LinearOperand> operands;
  /// Operands of the epilogue, and behind them the correction of shifted codes.
  unsigned getNumAdded() const { return operands.size() - 3; }
  /// Rows in tiles, and loops around them, of which one may be taken several at a time.
  SmallVector<RowLoop> rowLoops, outerRows;
  int64_t outerTogether = 1;
  int64_t numRows = 1;
  KernelTile tile;
  /// To a multiple of how many lanes the last panel is filled up.
  int64_t fill = 1;
  ReductionRun run;
  /// The last, incomplete group of a run begins in front of its first term, and ends with
  /// the run.
  bool endsEarly = false;
  /// Steps of the primitive that add up in 16 bits.
  int64_t partialSteps = 1;
  std::optional<PackedWeights> packed;
  /// Each panel of weights is unpacked once, before the tiles of rows pass it.
  bool expands = false;
  /// Room for the bytes of a block, which is unpacked there before the rows of a tile pass
  /// it step by step.
  Value blockRoom;
  /// Numbers are multiplied as they are, from 0 on; sums of a run start from the least
  /// value times the sum of the activations.
  bool addsLeastAtOnce = false;
  int64_t leastValue = 0;
  /// A window that slides along rows; see KernelSliding.cpp.
  struct Sliding {
    /// Along a row of the result.
    RowLoop columns;
    /// The loops along a column and a row of the window.
    SmallVector<unsigned> window;
    /// Columns of the input are so far apart, and windows so many columns.
    int64_t columnStride, step;
    /// Windows that share columns with the one at hand, further on.
    int64_t carried;
    /// Of the rows of the input that a tile reads, and which tap of each row of the
    /// result meets them, or -1.
    SmallVector<int64_t> rowOffsets;
    SmallVector<SmallVector<int64_t>> taps;
  };
  std::optional<Sliding> sliding;
  /// An epilogue in f32: how much lower its results are than codes, and the range of
  /// these. See KernelRescale.cpp.
  struct FloatRescale {
    int64_t center, least, most;
  };
  std::optional<FloatRescale> floatRescale;
  /// An epilogue that takes a zero point times a sum of weights from sums, and makes f32 of
  /// that: both numbers among its arguments. See KernelGroups.cpp.
  struct FloatZeros {
    Operation *product, *difference, *real;
    unsigned zeroPoint, weightSum;
  };
  std::optional<FloatZeros> floatZeros;
  /// An estimate in f32 that tells where it is the epilogue; see EpilogueEstimate.h.
  struct Estimate {
    LinearOperand factors, offsets;
    SmallVector<std::pair<unsigned, float>> terms;
    int64_t fractionBits, margin, least, most;
  };
  std::optional<Estimate> estimate;
  /// The counts of two nibbles for each byte of lhs, see KernelTable.cpp; or sums of
  /// activations of the row at hand, see KernelSumTable.cpp, and that of all of them.
  Value table, rowSum;
  /// Weights that are vectors from tables, see KernelVectorTable.cpp and
  /// KernelVectorExpand.cpp, and these.
  std::optional<WeightVectors> vectors;
  Value tables;
  /// The sums of the columns of one row, of which looking up inner products adds some at a
  /// time.
  Value columnSums;
};

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_KERNELBUILDER_H
