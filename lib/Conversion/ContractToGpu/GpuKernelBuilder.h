//===- GpuKernelBuilder.h - What all GPU kernels need -------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//
// Kernels compute addresses in 32 bits, as offsets in bytes from the pointer of
// an operand. A list of loops is walked by one number, whose digits they are.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_CONTRACTTOGPU_GPUKERNELBUILDER_H
#define LOWBIT_LIB_CONVERSION_CONTRACTTOGPU_GPUKERNELBUILDER_H

#include "lowbit/Conversion/GpuPrimitive.h"
#include "lowbit/Conversion/KernelLayout.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit {

/// Threads that compute together.
constexpr int64_t warpSize = 32;

/// Builds arithmetic on unsigned numbers of 32 bits, folding constants.
class GpuBuilder : public ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  Value number(int64_t value);
  Value add(Value lhs, Value rhs);
  Value add(Value lhs, int64_t rhs) { return add(lhs, number(rhs)); }
  Value multiply(Value lhs, int64_t rhs);
  Value divide(Value lhs, int64_t rhs);
  Value remainder(Value lhs, int64_t rhs);
  Value exclusiveOr(Value lhs, Value rhs);
  Value smallerOf(Value lhs, Value rhs);
  Value less(Value lhs, int64_t rhs);
  Value conjunction(Value lhs, Value rhs);
  Value choose(Value condition, Value yes, Value no);
  Value toIndex(Value value);
  /// An unsigned integer of any width in 32 bits.
  Value toNumber(Value value);
  /// The bit `value`, an i8, as bit `bit` of an i8; 0 where `inside` is not null
  /// and false. And the word of all of them.
  Value packBit(Value value, Value inside, int64_t bit);
  Value joinBits(ArrayRef<Value> bits);
  Value fromIndex(Value value);

  /// The pointer `offset` bytes after `base`.
  Value advance(Value base, Value offset, int64_t constant = 0);
  Value load(Type type, Value pointer, unsigned alignment, bool invariant);
  void store(Value value, Value pointer, unsigned alignment);

  /// A loop of `trips` iterations that carries values.
  SmallVector<Value>
  repeat(int64_t trips, ValueRange init,
         function_ref<SmallVector<Value>(Value, ValueRange)> body);
  /// `body` where `condition` holds; always for a null condition.
  void when(Value condition, function_ref<void()> body);
};

/// What one kernel is built from; each kind of kernel derives from it.
class GpuKernelBuilder {
public:
  GpuKernelBuilder(OpBuilder &builder, ContractOp op,
                   const ContractionLoops &loops, const GpuPrimitive &primitive)
      : build(op.getLoc(), builder), op(op), loops(loops),
        primitive(primitive) {}

protected:
  /// Describes the operands and counts rows; false, with a reason, where their
  /// layout is not static or too large for offsets of 32 bits.
  bool describe(std::string &reason);

  /// Opens a launch and moves into its body.
  gpu::LaunchOp launch(int64_t blocks, int64_t batches, int64_t threads,
                       int64_t sharedBytes = 0);

  int64_t count(ArrayRef<unsigned> list) const;
  int64_t bytes(const LinearOperand &operand) const {
    return operand.elementType.getIntOrFloatBitWidth() / 8;
  }
  /// The loop indices of `list` that `number` stands for.
  SmallVector<Value> digits(ArrayRef<unsigned> list, Value number);
  /// What the loops of `list`, walked by `number`, add to an operand's offset,
  /// in bytes.
  Value offset(const LinearOperand &operand, ArrayRef<unsigned> list,
               Value number);
  /// The pointer to an operand's first element at `batch`.
  Value pointer(const LinearOperand &operand, Value batch);
  /// The pointer behind a memref.
  Value pointerOf(Value memref);
  /// The greatest power of two, of at most 16, that divides each address of
  /// `operand` whose loops are all zero but for those that `varies` tells.
  int64_t alignment(const LinearOperand &operand,
                    function_ref<bool(unsigned)> varies) const;

  /// The value of epilogue operand `i` in i32 or f32 at `row`, `lane` and
  /// `batch`, which are numbers.
  Value loadEpilogueOperand(unsigned i, Value batch, Value row, Value lane);
  /// True if the operand is the same in all rows.
  bool isUniform(const LinearOperand &operand) const;
  /// Results of the epilogue's region as words of the result.
  Value runEpilogue(Value sum, ArrayRef<Value> operands);
  /// Computes and stores `sums`, which are neighbours along the lanes. Row and
  /// lane lie inside the result; lanes beyond its end are not stored. `uniform`
  /// holds operands that are already loaded, for each sum those of all.
  void finish(ArrayRef<Value> sums, Value batch, Value row, Value lane,
              ArrayRef<Value> uniform);
  /// Eight neighbours as bits of one word, and words as they are.
  void storeBits(ArrayRef<Value> words, Value batch, Value row, Value lane);
  void storeWords(ArrayRef<Value> words, Value batch, Value row, Value lane);
  /// Epilogue operands of `width` lanes from `lane` that are the same in all
  /// rows; null for the others.
  SmallVector<Value> loadUniform(int64_t width, Value batch, Value lane);

  GpuBuilder build;
  ContractOp op;
  const ContractionLoops &loops;
  const GpuPrimitive &primitive;
  /// lhs, rhs, epilogue operands, result.
  SmallVector<LinearOperand> operands;
  int64_t numRows = 1, numLanes = 1, numBatches = 1;
  Value threadId, blockId, batchId;
  /// The group that operands of the epilogue are loaded for; null where there are none.
  Value group;
};

/// Shape of tiles: of a block's results, of the bytes of the sum that one stage
/// holds, of warps.
struct TileShape {
  int64_t rows, columns, depth, stages, warpRows, warpColumns;

  int64_t threads() const { return warpRows * warpColumns * warpSize; }
  int64_t stageBytes() const { return (rows + columns) * depth; }
};

/// Weights as bytes: [batch][lanes][pitch], lanes and sums filled up with
/// zeros.
struct GpuWeights {
  Value memref;
  int64_t pitch, lanes;
};

/// The constant weights of a kernel of tiles: runs begin at multiples of `runPitch`
/// bytes, which is one of 16. Where they are narrow, every 64 codes become 32 bytes, the
/// first 32 in the low bits.
std::optional<GpuWeights> packTiles(GpuBuilder &build, ContractOp op,
                                    const ContractionLoops &loops,
                                    const LinearOperand &rhs,
                                    const ReductionRun &run, int64_t runPitch,
                                    const TileShape &tile, bool isNarrow);

/// True if rhs is constant and all of it lies from `least` to `greatest`.
bool fitsRange(ContractOp op, const LinearOperand &rhs, int64_t least,
               int64_t greatest);

/// Weights in `bits` bits each, as codes from 0 on: the weight minus `least`. A lane
/// reads `loadBytes` at once, and runs begin at multiples of `runPitch` bytes.
struct StreamedWeights {
  GpuWeights words;
  int64_t bits, least, loadBytes, runPitch;
};

/// The constant weights of a kernel that streams: in steps of which each lane of a
/// warp reads 16 bytes, or fewer where runs are short.
std::optional<StreamedWeights> packStream(GpuBuilder &build, ContractOp op,
                                          const ContractionLoops &loops,
                                          const LinearOperand &rhs,
                                          const ReductionRun &run,
                                          int64_t lanes, bool acrossLanes);

/// Each builds the kernel in place of `op`, or says why it cannot. `shape`
/// forces numbers that are chosen otherwise; empty for none.
LogicalResult buildTilesKernel(OpBuilder &builder, ContractOp op,
                               const ContractionLoops &loops,
                               const GpuPrimitive &primitive,
                               const CudaChip &chip, ArrayRef<int64_t> shape,
                               std::string &reason);
LogicalResult buildStreamsKernel(OpBuilder &builder, ContractOp op,
                                 const ContractionLoops &loops,
                                 const GpuPrimitive &primitive,
                                 ArrayRef<int64_t> shape, std::string &reason);
LogicalResult buildGroupsKernel(OpBuilder &builder, ContractOp op,
                                const ContractionLoops &loops,
                                const GpuPrimitive &primitive,
                                ArrayRef<int64_t> shape, std::string &reason);
LogicalResult buildChannelsKernel(OpBuilder &builder, ContractOp op,
                                  const ContractionLoops &loops,
                                  const GpuPrimitive &primitive,
                                  ArrayRef<int64_t> shape, std::string &reason);
LogicalResult buildLoopsKernel(OpBuilder &builder, ContractOp op,
                               std::string &reason);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_CONTRACTTOGPU_GPUKERNELBUILDER_H
