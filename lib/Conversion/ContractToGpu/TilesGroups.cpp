//===- TilesGroups.cpp - Totals of groups in tiles ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Sums of a group go through the epilogue where mma.sync leaves them: four of a thread
// for each product, two neighbours of a row and those eight rows below. Operands that
// are the same in all rows are loaded before the group's products.

#include "TilesKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The row of the thread's sum number `sum`.
Value TilesKernel::rowOfSum(int64_t sum) {
  int64_t below = sum / 4 / (warpTileColumns() / 8) * 16 + sum % 4 / 2 * 8;
  Value row = build.add(firstRow, build.multiply(warpRow, warpTileRows()));
  return build.add(build.add(row, build.divide(lane, 4)), below);
}

/// Its column.
Value TilesKernel::columnOfSum(int64_t sum) {
  int64_t right = sum / 4 % (warpTileColumns() / 8) * 8 + sum % 2;
  Value column =
      build.add(firstColumn, build.multiply(warpColumn, warpTileColumns()));
  Value inPrimitive = build.multiply(build.remainder(lane, 4), 2);
  return build.add(build.add(column, inPrimitive), right);
}

/// The operands of group `number` for each of the thread's columns that are the same
/// in all rows; null for others. The last group and column stand for those beyond.
SmallVector<Value> TilesKernel::loadGroupOperands(Value number) {
  group = build.smallerOf(number, build.number(count(loops.groups) - 1));
  Values loaded;
  for (int64_t j = 0; j < warpTileColumns() / 8; ++j)
    for (int64_t right = 0; right < 2; ++right) {
      Value column = build.smallerOf(columnOfSum(j * 4 + right),
                                     build.number(numLanes - 1));
      llvm::append_range(loaded, loadUniform(1, batchId, column));
    }
  group = {};
  return loaded;
}

/// Adds what becomes of the sums of group `number` to the totals, and begins new sums.
void TilesKernel::addGroup(MutableArrayRef<Value> sums,
                           MutableArrayRef<Value> totals, Value number,
                           ArrayRef<Value> uniform) {
  int64_t numGroups = count(loops.groups);
  Value isGroup, nothing;
  if (count(runOfLhs.outer) * runPitch % tile.depth != 0) {
    isGroup = build.less(number, numGroups);
    nothing = arith::ConstantOp::create(build, build.getF32FloatAttr(-0.0f));
  }
  group = build.smallerOf(number, build.number(numGroups - 1));
  unsigned added = op.getEpilogueOperands().size();
  for (int64_t i = 0, e = totals.size(); i < e; ++i) {
    int64_t column = i / 4 % (warpTileColumns() / 8) * 2 + i % 2;
    Values arguments;
    for (unsigned operand = 0; operand < added; ++operand) {
      Value value = uniform[column * added + operand];
      if (!value)
        value = loadEpilogueOperand(
            operand, batchId,
            build.smallerOf(rowOfSum(i), build.number(numRows - 1)),
            build.smallerOf(columnOfSum(i), build.number(numLanes - 1)));
      arguments.push_back(value);
    }
    Value value = runEpilogue(sums[i], arguments);
    // Nothing changes when a zero with a sign is added.
    if (isGroup)
      value = build.choose(isGroup, value, nothing);
    totals[i] = arith::AddFOp::create(build, totals[i], value);
    sums[i] = build.number(0);
  }
  group = {};
}
