//===- KernelLayout.h - Operands of a kernel in linear memory -----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// A kernel sees every operand as one run of elements: a flat memref and, for
// each loop, how far one step of it goes. Shapes, windows, padding and strided
// views all end here.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_KERNELLAYOUT_H
#define LOWBIT_CONVERSION_KERNELLAYOUT_H

#include "lowbit/Conversion/Primitive.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::lowbit {

/// An operand as a flat memref. Its element at loop indices i is
/// flat[offset + sum over loops of strides[loop] * i[loop]].
struct LinearOperand {
  Value flat;
  int64_t offset = 0;
  SmallVector<int64_t> strides;
  /// How far the first lane of a panel is from the first of all, for each lane between
  /// them, if that is not the stride of lanes: where panels lie one by one.
  std::optional<int64_t> panelStride;
  /// The words in memory, and what they mean; see ContractOp::getFormat.
  Type elementType, format;
};

/// Mapped operand `i` of `op`, with the memref itself for `flat`, and the number of
/// elements up to its last one; nothing if its layout is not static, or runs
/// backwards.
std::optional<LinearOperand> measureOperand(ContractOp op, unsigned i,
                                            int64_t &extent);

/// Mapped operand `i` of `op` in linear memory; nothing if its layout is not
/// static, or runs backwards.
std::optional<LinearOperand> linearize(OpBuilder &builder, ContractOp op,
                                       unsigned i);

/// True if processors that have `primitive` look up 16 bytes at once.
bool shufflesBytes(const Primitive &primitive);

/// How weights of few values lie in memory: as numbers among them, of `bits` bits.
struct WeightNumbers {
  /// As many as a value has where weights are whole words.
  unsigned bits = 8;
  /// The values in ascending order, and the bits of each: 8 or 16.
  SmallVector<int16_t> values;
  unsigned valueWidth = 8;
  /// Steps that share a vector, in turns of eight numbers: two where the words of both are
  /// made at once, see KernelLookUp.cpp.
  int64_t joined = 1;

  /// Consecutive bits of a number, `count` from bit `to` on, and where they are: in a
  /// byte of vector `vector` of a block, from bit `at` on.
  struct Piece {
    int64_t vector, at, count, to;
  };

  bool isPacked() const { return bits < valueWidth; }
  bool isWide() const { return valueWidth > 8; }
  /// Steps of a block, whose weights share vectors, and the vectors that it takes.
  int64_t countSteps() const { return countNumbers() * joined; }
  /// Numbers that share bytes.
  int64_t countNumbers() const { return 8 % bits == 0 ? 8 / bits : 8; }
  int64_t countVectors() const { return 8 % bits == 0 ? 1 : bits; }
  /// Where the numbers of a place of a block are.
  SmallVector<Piece> getPieces(int64_t place) const;
  /// How far values are apart, where that is a power of two and the same for all.
  std::optional<int64_t> getDistance() const;
  /// The number of `value`; 0 for others, which no kernel uses.
  unsigned find(int16_t value) const;
};

/// What the constant rhs of `op` is packed to for `primitive`. Words that a storage of its
/// own is chosen for, that are of too many values or so few that packing saves nothing,
/// stay as they are.
WeightNumbers findWeightNumbers(ContractOp op, const LinearOperand &rhs,
                                const Primitive &primitive);

/// The bits that each word of `constant` takes as weights of `primitive`, where no storage
/// of its own is chosen for them.
unsigned countWeightBits(Attribute constant, const Primitive &primitive);

/// The bytes or words of 16 bits that occur in `constant`, in ascending order; none if there
/// are more than `most`, or its data is missing.
SmallVector<int16_t> listValues(Attribute constant, size_t most);

/// How many steps of products of two the sums of weights of `constant`, as numbers from 0
/// on times the distance of their values, fit in 16 bits with lhs codes of `range`: a power
/// of two up to 64. Nothing if there are no such numbers, or too large ones.
std::optional<int64_t> countNumberSteps(Attribute constant,
                                        std::pair<int64_t, int64_t> range);

/// True if 16 bits hold products of lhs codes of `op` with such numbers of its weights.
bool multipliesNumbers(ContractOp op);

/// True if a byte shuffle is to find the weights of `op` by their numbers.
bool looksUpWeights(ContractOp op);

/// The values of weights that a constant `value` holds, as numbers of one bit; whole words
/// if they are not two.
WeightNumbers findTwoValues(Attribute value);

/// Why no table that is made of a row of lhs computes `op`, whatever its weights are;
/// empty if one may.
std::string refuseTable(ContractOp op, const ContractionLoops &loops);

/// Why no table of sums of activations computes `op`; empty if one does.
std::string refuseSumTable(ContractOp op, const ContractionLoops &loops);

/// The tile of one kernel: `rows` rows by `vectors` vectors of lanes.
struct KernelTile {
  int64_t rows;
  int64_t vectors;
};

/// The tile that computes a contraction of `rows` rows and `lanes` columns or
/// channels in the fewest instructions, the last tiles' overlap included, of those
/// whose sums, weights and activations fit the primitive's registers. Primitives
/// that add up in 16 bits for several steps need sums of one row, or of all, twice, unless
/// they unpack weights: then only those of 16 bits stay in registers. An epilogue for each
/// of several groups of terms takes one more. It has at most `mostVectors`.
KernelTile chooseTile(const Primitive &primitive, int64_t rows, int64_t lanes,
                      int64_t partialSteps, bool unpacks,
                      bool hasGroups = false,
                      std::optional<int64_t> mostVectors = std::nullopt);

/// True if the weights of `steps` steps, which `primitive` adds up in 16 bits, do not fit
/// its registers beside the sums of `tile`: they are read again for each row.
bool reloadsWeights(const Primitive &primitive, KernelTile tile, int64_t steps);

/// A row of a program that shares packed weights, and how often it can add up in
/// 16 bits.
struct SharingRow {
  const Primitive *primitive;
  int64_t partialSteps;
};

/// The tile of the row `own` where panels are as wide in the programs of all rows:
/// so that their instructions, relative to the fewest, add up to least.
KernelTile chooseSharedTile(ArrayRef<SharingRow> rows, const SharingRow &own,
                            int64_t rowCount, int64_t lanes, bool unpacks,
                            bool hasGroups);

/// To how many lanes the last panel of weights is filled up, that all rows can read
/// it.
int64_t getSharedLanes(ArrayRef<SharingRow> rows);

/// The terms of a sum: `outer` loops around `length` terms, which lie one after
/// the other in lhs where lanes hold columns. The first `numGroups` of the loops are
/// those of groups.
struct ReductionRun {
  SmallVector<unsigned> outer;
  size_t numGroups = 0;
  int64_t length = 1;
  /// The last of `outer` is written out like the run: neighbouring rows read the
  /// same elements in its other trips.
  bool writesOutLast = false;
};
ReductionRun findRun(const ContractionLoops &loops, const LinearOperand &lhs);
/// Where lanes hold channels: as many of the inner loops as have few enough terms to
/// be written out. If they are taken by twos, those of a column of the window.
ReductionRun findTaps(const ContractionLoops &loops, const LinearOperand &lhs,
                      int64_t products);

/// What the terms of one run add to an index, by the strides of an operand.
SmallVector<int64_t> getRunOffsets(const ContractionLoops &loops,
                                   const ReductionRun &run,
                                   ArrayRef<int64_t> strides);

/// Calls `body` with the offset of each combination of `walked` loops.
void walkLoops(const ContractionLoops &loops, ArrayRef<unsigned> walked,
               ArrayRef<int64_t> strides, int64_t offset,
               function_ref<void(int64_t)> body);

/// The constant global that rhs of `op` is, or null.
memref::GlobalOp getConstantGlobal(ContractOp op, const LinearOperand &rhs);
/// The same for `source`, read from `offset` on, which is 0 for a whole constant.
memref::GlobalOp getConstantGlobal(ContractOp op, Value source, int64_t offset);

/// A private constant global with `packed` as its contents, called after
/// `original`.
memref::GlobalOp createPackedGlobal(OpBuilder &builder,
                                    memref::GlobalOp original, StringRef suffix,
                                    ArrayRef<char> packed, Type element,
                                    unsigned alignment = 64);

/// Says that `packed` takes as few bytes as can be: numbers of few bits, or tables.
void keepWords(memref::GlobalOp packed);

/// How many steps of `primitive` add up in 16 bits for all weights, a power of
/// two: sums of `products` start anew with each multiple of it, and in each run.
/// 1 for constants that cannot be read; the caller knows that one step fits. At most
/// `mostSteps`, a power of two.
int64_t findPartialSteps(ContractOp op, const ContractionLoops &loops,
                         const LinearOperand &rhs, const ReductionRun &run,
                         const Primitive &primitive, int64_t mostSteps);

/// What 16-bit sums do not hold of packed weights: for each vector of lanes, in the
/// order in which they are packed, the steps from starts[i] to before starts[i + 1].
/// A step has weights like any other, and an offset of the first of its elements of lhs
/// from that of the sum.
struct PackedExcess {
  /// i8, i64 and i32.
  Value weights, offsets, starts;
};

/// Weights packed for a kernel:
/// [batch][panel][outer reduction][run / products][lane][products], lanes and
/// runs filled up with zeros. The last panel has only as many lanes as it needs, a
/// multiple of `fill`. Weights of few bits lie in blocks of several steps, whose vectors
/// share their bytes; the run is one over blocks then, of a panel for each vector that
/// these take. Where a run `endsEarly`, the zeros
/// of its last group are in front.
struct PackedWeights {
  Value flat;
  WeightNumbers codes;
  /// Elements from one batch index, panel, outer step and run step to the next.
  int64_t batchStride, panelStride, outerStride, runStride;
  /// Element offset of the last, smaller panel, and its strides.
  int64_t tailOffset, tailOuterStride, tailRunStride;
  /// Elements of one vector of lanes.
  int64_t vectorSize;
  /// Bytes that lie among the weights and are operands of the epilogue.
  int64_t joinedBytes = 0;
  std::optional<PackedExcess> excess;
};

/// How 16-bit sums are taken of weights: in chunks of `chunk` steps, of weights that
/// add up to at most `limit`.
struct PartialLimit {
  int64_t chunk, limit;
};

/// The steps of `primitive` that are best added in 16 bits, if what these do not hold
/// is added besides; at most `mostSteps`. Nothing for a constant that cannot be read.
std::optional<PartialLimit>
choosePartialLimit(ContractOp op, const ContractionLoops &loops,
                   const LinearOperand &rhs, const ReductionRun &run,
                   const Primitive &primitive, int64_t mostSteps);

/// How the weights of a kernel are to lie.
struct PackingPlan {
  KernelTile tile;
  int64_t fill;
  WeightNumbers codes;
  bool endsEarly;
  std::optional<PartialLimit> partial;
  /// Numbers by lanes and terms that take the place of weights; empty for none.
  ArrayRef<char> indices;
};

/// Makes a packed copy of the constant rhs of `op` as a global; nothing if rhs
/// is not a constant global.
std::optional<PackedWeights>
packWeights(OpBuilder &builder, ContractOp op, const ContractionLoops &loops,
            const LinearOperand &lhs, const LinearOperand &rhs,
            const ReductionRun &run, const Primitive &primitive,
            const PackingPlan &plan);

/// The raw bytes of a constant global; `splat` is set if they hold one element.
ArrayRef<char> getGlobalBytes(memref::GlobalOp global, bool &splat);

/// An i32 operand made of the constant rhs of `op`: for each lane `factor` times
/// the sum of its weights; nothing if rhs is not a constant global of bytes or words.
std::optional<LinearOperand> sumWeights(OpBuilder &builder, ContractOp op,
                                        const ContractionLoops &loops,
                                        const LinearOperand &rhs,
                                        int32_t factor);

/// Erases private constants that nothing reads any more: unpacked weights.
void eraseUnusedConstants(ModuleOp module);

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_KERNELLAYOUT_H
