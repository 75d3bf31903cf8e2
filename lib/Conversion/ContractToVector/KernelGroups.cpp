//===- KernelGroups.cpp - Scales for groups of terms ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where the epilogue has operands for each group of terms: the loops over groups, and
// how these operands lie.

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The constant global that `operand` reads from its start, or null.
static memref::GlobalOp getConstantSource(ContractOp op,
                                          const LinearOperand &operand) {
  Value source = operand.flat;
  if (auto view = source.getDefiningOp<memref::ReinterpretCastOp>())
    source = view.getSource();
  return getConstantGlobal(op, source, operand.offset);
}

/// Half of each i32 in `words`; nothing if one does not fit.
static std::optional<SmallVector<char>> narrowToHalves(ArrayRef<char> words) {
  SmallVector<char> halves;
  for (size_t at = 0; at < words.size(); at += sizeof(int32_t)) {
    int32_t word;
    std::memcpy(&word, words.data() + at, sizeof(word));
    auto half = static_cast<int16_t>(word);
    if (half != word)
      return std::nullopt;
    const char *bytes = reinterpret_cast<const char *>(&half);
    halves.append(bytes, bytes + sizeof(half));
  }
  return halves;
}

/// Lays an operand that is constant for each lane and group out as weights lie, so that
/// both are read from front to back: [panel][groups][lane]. Integers that fit in 16 bits
/// take no more.
void KernelBuilder::packGroupOperand(LinearOperand &operand) {
  ArrayRef<unsigned> groups = ArrayRef(run.outer).take_front(run.numGroups);
  for (auto [loop, stride] : llvm::enumerate(operand.strides))
    if (stride != 0 && loop != loops.lane && !llvm::is_contained(groups, loop))
      return;
  auto varies = [&](unsigned loop) { return operand.strides[loop] != 0; };
  memref::GlobalOp global = getConstantSource(op, operand);
  if (!global || !varies(loops.lane) || llvm::none_of(groups, varies))
    return;
  bool isSplat = false;
  ArrayRef<char> source = getGlobalBytes(global, isSplat);
  if (source.empty() || isSplat)
    return;

  int64_t lanes = loops.sizes[loops.lane];
  int64_t width = tile.vectors * primitive.lanes;
  size_t size = operand.elementType.getIntOrFloatBitWidth() / 8;
  SmallVector<char> packed;
  for (int64_t panel = 0; panel < lanes; panel += width)
    walkLoops(loops, groups, operand.strides, 0, [&](int64_t offset) {
      for (int64_t lane = panel; lane < panel + width; ++lane) {
        int64_t at = offset + lane * operand.strides[loops.lane];
        if (lane < lanes)
          llvm::append_range(packed, source.slice(at * size, size));
        else
          packed.append(size, 0);
      }
    });
  if (operand.elementType.isInteger(32))
    if (std::optional<SmallVector<char>> halves = narrowToHalves(packed)) {
      packed = std::move(*halves);
      operand.elementType = operand.format = builder.getIntegerType(16);
    }

  Operation *view = operand.flat.getDefiningOp();
  memref::GlobalOp made = createPackedGlobal(builder, global, "_panels", packed,
                                             operand.elementType);
  operand.flat = memref::GetGlobalOp::create(builder, loc, made.getType(),
                                             made.getSymName());
  view->erase();
  operand.strides.assign(operand.strides.size(), 0);
  int64_t stride = width;
  for (unsigned loop : llvm::reverse(groups)) {
    operand.strides[loop] = stride;
    stride *= loops.sizes[loop];
  }
  operand.strides[loops.lane] = 1;
  operand.panelStride = stride / width;
}

void KernelBuilder::packGroupOperands() {
  // Programs that share weights have panels of their own.
  if (run.numGroups == 0 || op->hasAttr(kSharingAttr))
    return;
  for (unsigned i = 2; i < 2 + getNumAdded(); ++i)
    packGroupOperand(operands[i]);
}

/// Adds each group's sums, which go through the epilogue, to `sums`, of floats. What
/// `rows` says of lhs is in `lhs`.
KernelBuilder::Accumulators
KernelBuilder::reduceGroups(const Panel &panel, ArrayRef<Index> lhs,
                            ArrayRef<SmallVector<Index>> rows, const Index &rhs,
                            ArrayRef<Value> uniform, unsigned depth,
                            Accumulators sums) {
  if (depth == run.numGroups) {
    prefetchWeights(rhs, panel.outerStride);
    Accumulators group =
        reduce(panel, lhs, rhs, depth, Index(), createZeros(panel));
    finish(panel, rows, group, uniform, [&](size_t i, Value value) {
      sums[i] = arith::AddFOp::create(builder, loc, sums[i], value);
    });
    return sums;
  }
  unsigned loop = run.outer[depth];
  int64_t rhsStride = getRhsStride(panel, depth);
  Accumulators results;
  buildFor(
      loops.sizes[loop], sums,
      [&](Value iv, ValueRange carried) {
        SmallVector<Index> moved;
        for (const Index &row : lhs)
          moved.push_back(row.plus(iv, operands[0].strides[loop]));
        SmallVector<SmallVector<Index>> movedRows(rows);
        for (SmallVector<Index> &row : movedRows)
          for (auto [index, operand] : llvm::zip(row, operands))
            index = index.plus(iv, operand.strides[loop]);
        return reduceGroups(panel, moved, movedRows, rhs.plus(iv, rhsStride),
                            uniform, depth + 1, Accumulators(carried));
      },
      results);
  return results;
}
