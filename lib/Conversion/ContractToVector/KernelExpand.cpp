//===- KernelExpand.cpp - A panel of weights, unpacked at once ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Numbers of weights that a byte shuffle looks up, and that are then widened to 16 bits,
// take more instructions than what multiplies them, and so do bytes that are widened for
// each tile of rows take some. Where many rows pass a panel, it is therefore unpacked once,
// onto the stack: a panel, never all of the weights. It has words as the primitive reads
// them, and is so narrow that the second cache holds these, or bytes where that does not
// do. A block of numbers of three bits is so long that its steps, written out, need more
// registers than there are: it is unpacked onto the stack as well, and its steps are a
// loop.

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The steps of one panel, filled up to whole blocks.
static int64_t countPanelSteps(const ContractionLoops &loops,
                               const ReductionRun &run, int64_t products,
                               const WeightNumbers &codes) {
  int64_t steps =
      llvm::alignTo(llvm::divideCeil(run.length, products), codes.countSteps());
  for (unsigned loop : run.outer)
    steps *= loops.sizes[loop];
  return steps;
}

/// The vectors of a panel of words that is unpacked; nothing if bytes are better, since
/// there are fewer than two, or if there are none.
std::optional<int64_t>
KernelBuilder::countWideVectors(const WeightNumbers &codes) const {
  int64_t steps = countPanelSteps(loops, run, primitive.products, codes);
  int64_t fits =
      mostPanelBytes / (steps * primitive.lanes * primitive.products *
                        (primitive.operandWidth / 8));
  return primitive.operandWidth > 8 && fits >= (codes.isWide() ? 1 : 2)
             ? std::optional(fits)
             : std::nullopt;
}

/// Whether panels are unpacked for all rows at once, for which the tile then is: where
/// numbers are looked up, 16 bits do not hold the steps of a block, bytes would be widened
/// for each tile of rows, or the sums of groups leave unpacking no registers.
bool KernelBuilder::expandsPanels(const WeightNumbers &codes,
                                  bool holdsBlock) const {
  if (primitive.kind != LaneKind::Columns || primitive.isFloat ||
      primitive.product != Product::Multiply || primitive.looksUpSums ||
      !primitive.feature.starts_with("avx"))
    return false;
  if (!codes.isPacked() && (primitive.operandWidth <= primitive.rhsWidth ||
                            !countWideVectors(codes)))
    return false;
  if (codes.isWide() && !countWideVectors(codes))
    return false;
  bool addsGroups = run.numGroups != 0 && primitive.asksWeights();
  if (codes.isPacked() && !addsGroups &&
      (primitive.emitPartial ? holdsBlock : codes.getDistance().has_value()))
    return false;
  KernelTile wide = chooseTile(primitive, numRows, loops.sizes[loops.lane], 1,
                               /*unpacks=*/codes.isPacked() && addsGroups,
                               /*hasGroups=*/addsGroups);
  if (codes.isWide())
    return numRows >= 4 * wide.rows;
  int64_t steps = countPanelSteps(loops, run, primitive.products, codes);
  int64_t bytes = steps * wide.vectors * primitive.lanes * primitive.products;
  return bytes <= mostPanelBytes && numRows >= 4 * wide.rows;
}

Value KernelBuilder::allocate(int64_t count, unsigned width) {
  auto type = MemRefType::get({count}, builder.getIntegerType(width));
  return memref::AllocaOp::create(builder, loc, type,
                                  builder.getI64IntegerAttr(64));
}

/// Unpacks the weights of `panel`, or makes room for a block of them. Returns where the
/// stack was; null if it is there still.
Value KernelBuilder::expand(Panel &panel) {
  bool hasBlocks = packed && packed->codes.countVectors() > 1 && tile.rows > 1;
  blockRoom = nullptr;
  if ((!expands && !hasBlocks) || expandsVectors())
    return {};
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Value stack = LLVM::StackSaveOp::create(builder, loc, pointer);
  if (expands)
    expandPanel(panel);
  else
    blockRoom = allocate(packed->codes.countSteps() * panel.vectors *
                             primitive.lanes * primitive.products,
                         packed->codes.valueWidth);
  return stack;
}

/// Unpacks the weights of `panel` onto the stack, where they lie step by step, and makes
/// these its weights.
void KernelBuilder::expandPanel(Panel &panel) {
  int64_t count = primitive.lanes * primitive.products;
  int64_t perBlock = packed->codes.countSteps();
  int64_t stride = panel.vectors * count;
  int64_t steps =
      countPanelSteps(loops, run, primitive.products, packed->codes);
  bool isWide = steps * stride * (primitive.operandWidth / 8) <= mostPanelBytes;
  auto take = [&](ArrayRef<Value> block, int64_t step) {
    Value values =
        packed->codes.isPacked() ? unpackValues(block, step) : block[0];
    return isWide ? extend(values, operands[1].format, primitive.operandWidth)
                  : values;
  };
  Value room = allocate(steps * stride, isWide ? primitive.operandWidth : 8);
  buildFor({constantIndex(0), constantIndex(steps / perBlock)}, [&](Value iv) {
    for (int64_t v = 0; v < panel.vectors; ++v) {
      SmallVector<Value> block =
          loadBlock(panel, panel.weights.plus(iv, panel.runStride), v);
      for (int64_t step = 0; step < perBlock; ++step)
        vector::StoreOp::create(builder, loc, take(block, step), room,
                                materialize(Index()
                                                .plus(step * stride + v * count)
                                                .plus(iv, perBlock * stride)));
    }
  });
  int64_t outer = panel.outerStride / panel.runStride;
  panel.weights = Index();
  panel.runStride = stride;
  panel.outerStride = outer * perBlock * stride;
  packed->flat = room;
  packed->codes = {};
}

/// Unpacks the first `steps` steps of a block, from `rhs` on, to `blockRoom`.
void KernelBuilder::expandBlock(const Panel &panel, const Index &rhs,
                                int64_t steps) {
  int64_t size = primitive.lanes * primitive.products;
  for (int64_t v = 0; v < panel.vectors; ++v) {
    SmallVector<Value> block = loadBlock(panel, rhs, v);
    for (int64_t step = 0; step < steps; ++step)
      vector::StoreOp::create(builder, loc, unpackValues(block, step),
                              blockRoom,
                              constantIndex((step * panel.vectors + v) * size));
  }
}
