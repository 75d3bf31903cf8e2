//===- TileBuilder.cpp - Tiles of sums in registers ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A thread keeps the sums of some rows by some columns and runs through the terms
// once: each word that it reads goes into several sums. Threads at the border
// compute the last row or column again, and do not store it. Where there are groups,
// the sums of each go through the epilogue, and totals of f32 are kept beside them.

#include "TileBuilder.h"

#include "../ContractScalars.h"

#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Bytes that one dot product takes of each operand.
static constexpr int64_t kDotBytes = 4;

/// What every device of Vulkan takes in one launch.
static constexpr int64_t kMostBlocks = 65535;

LogicalResult TileBuilder::prepare(std::string &reason) {
  for (auto [i, operand] : {std::pair(0u, &lhs), std::pair(1u, &rhs)}) {
    int64_t extent;
    std::optional<LinearOperand> linear = measureOperand(op, i, extent);
    if (!linear) {
      reason = "an operand's layout is not static";
      return failure();
    }
    *operand = *linear;
  }
  for (Value operand : {op.getLhs(), op.getRhs()})
    if (!cast<MemRefType>(operand.getType()).getLayout().isIdentity()) {
      reason = "an operand is a part of a buffer";
      return failure();
    }
  run = findRun(loops, lhs);
  dots = fitsDots();
  if (!dots) {
    run.outer.resize(run.numGroups);
    llvm::append_range(run.outer, loops.reduction);
    run.length = 1;
  }
  rowLoops = loops.batch;
  llvm::append_range(rowLoops, loops.rows);
  chooseTile();
  if (llvm::divideCeil(numTiles, options.threads) > kMostBlocks) {
    reason = "it takes more blocks than every device has";
    return failure();
  }
  return success();
}

/// True if all runs consist of whole words of four bytes in both operands.
bool TileBuilder::fitsDots() {
  if (op.getProduct() != Product::Multiply || !lhs.elementType.isInteger(8) ||
      !rhs.elementType.isInteger(8) || run.length % kDotBytes != 0)
    return false;
  int64_t next = 1;
  SmallVector<unsigned> outer;
  for (unsigned loop : llvm::reverse(loops.reduction)) {
    if (loops.sizes[loop] == 1)
      continue;
    if (next == run.length) {
      outer.push_back(loop);
      continue;
    }
    if (rhs.strides[loop] != next)
      return false;
    next *= loops.sizes[loop];
  }
  for (auto [i, operand] : {std::pair(0u, &lhs), std::pair(1u, &rhs)}) {
    auto type = cast<MemRefType>(op.getMappedOperands()[i].getType());
    if (type.getNumElements() % kDotBytes != 0)
      return false;
    for (unsigned loop = 0; loop < loops.sizes.size(); ++loop) {
      bool isInRun = llvm::is_contained(loops.reduction, loop) &&
                     !llvm::is_contained(outer, loop);
      if (!isInRun && operand->strides[loop] % kDotBytes != 0)
        return false;
    }
  }
  return true;
}

/// The buffer `operand` in one dimension, of 32-bit words for dot products.
Value TileBuilder::flatten(Value operand) {
  auto type = cast<MemRefType>(operand.getType());
  if (type.getRank() != 1) {
    SmallVector<ReassociationIndices, 1> all = {
        llvm::to_vector<2>(llvm::seq<int64_t>(0, type.getRank()))};
    operand = memref::CollapseShapeOp::create(builder, operand, all);
  }
  if (!dots)
    return operand;
  auto words = MemRefType::get({type.getNumElements() / kDotBytes},
                               builder.getI32Type());
  return memref::ViewOp::create(builder, words, operand, index(0),
                                ValueRange());
}

/// The largest tile that leaves work for enough threads.
void TileBuilder::chooseTile() {
  for (unsigned loop : rowLoops)
    numRows *= loops.sizes[loop];
  numColumns = loops.sizes[loops.lane];
  bool isBatched = llvm::any_of(
      loops.batch, [&](unsigned loop) { return loops.sizes[loop] != 1; });
  auto isWorthIt = [&](int64_t r, int64_t c) {
    return r <= options.mostRows && r <= numRows && (r == 1 || !isBatched) &&
           c <= options.mostColumns && c <= numColumns &&
           numRows * numColumns / (r * c) >= options.minThreads;
  };
  for (bool grows = true; grows;) {
    grows = false;
    if (isWorthIt(rows, columns * 2)) {
      columns *= 2;
      grows = true;
    }
    if (isWorthIt(rows * 2, columns)) {
      rows *= 2;
      grows = true;
    }
  }
  numTiles =
      llvm::divideCeil(numRows, rows) * llvm::divideCeil(numColumns, columns);
}

void TileBuilder::build() {
  lhsWords = flatten(op.getLhs());
  rhsWords = flatten(op.getRhs());
  Value one = index(1);
  auto launch = gpu::LaunchOp::create(
      builder, index(llvm::divideCeil(numTiles, options.threads)), one, one,
      index(options.threads), one, one);
  builder.setInsertionPointToStart(&launch.getBody().front());
  auto terminator = gpu::TerminatorOp::create(builder);
  builder.setInsertionPoint(terminator);
  Value tile = add(scale(launch.getBlockIds().x, options.threads),
                   launch.getThreadIds().x);
  Value isInside = arith::CmpIOp::create(builder, arith::CmpIPredicate::ult,
                                         tile, index(numTiles));
  auto guard = scf::IfOp::create(builder, isInside);
  builder.setInsertionPoint(guard.thenYield());
  buildThread(tile);
}

void TileBuilder::buildThread(Value tile) {
  Value across = index(llvm::divideCeil(numColumns, columns));
  Value firstRow =
      scale(builder.createOrFold<arith::DivUIOp>(tile, across), rows);
  Value firstColumn =
      scale(builder.createOrFold<arith::RemUIOp>(tile, across), columns);
  SmallVector<SmallVector<Value>> indices;
  SmallVector<Value> inside; // null where all is
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c) {
      Value isRow, isColumn;
      Value row = place(firstRow, r, numRows, numRows % rows != 0, isRow);
      Value column = place(firstColumn, c, numColumns,
                           numColumns % columns != 0, isColumn);
      indices.push_back(findLoops(row, column));
      if (c == 0)
        lhsStarts.push_back(findStart(lhs, indices.back()));
      if (r == 0) // batches have one row in a tile
        rhsStarts.push_back(findStart(rhs, indices.back()));
      if (isRow && isColumn)
        isRow = arith::AndIOp::create(builder, isRow, isColumn);
      inside.push_back(isRow ? isRow : isColumn);
    }
  SmallVector<Value> results;
  if (loops.groups.empty()) {
    results = sumUp(run.outer, index(0), index(0), zeros());
  } else {
    Value zero = arith::ConstantOp::create(builder, builder.getF32FloatAttr(0));
    results =
        addGroups(ArrayRef(run.outer).take_front(run.numGroups), index(0),
                  index(0), indices, SmallVector<Value>(rows * columns, zero));
  }
  for (auto [at, result, condition] :
       llvm::zip_equal(indices, results, inside)) {
    OpBuilder::InsertionGuard guard(builder);
    if (condition) {
      auto choice = scf::IfOp::create(builder, condition);
      builder.setInsertionPoint(choice.thenYield());
    }
    if (loops.groups.empty())
      result = runEpilogue(at, result);
    memref::StoreOp::create(builder, result, op.getInit(),
                            applyMap(op.getResultMap(), at));
  }
}

/// Sums before the first term.
SmallVector<Value> TileBuilder::zeros() {
  Value zero = arith::ConstantOp::create(
      builder, builder.getZeroAttr(op.getAccumulatorType()));
  return SmallVector<Value>(rows * columns, zero);
}

/// Adds to `totals` what the epilogue makes of the sums of each group.
SmallVector<Value> TileBuilder::addGroups(
    ArrayRef<unsigned> groups, Value lhsShift, Value rhsShift,
    MutableArrayRef<SmallVector<Value>> indices, ValueRange totals) {
  if (groups.empty()) {
    SmallVector<Value> sums =
        sumUp(ArrayRef(run.outer).drop_front(run.numGroups), lhsShift, rhsShift,
              zeros());
    SmallVector<Value> next;
    for (auto [at, sum, total] : llvm::zip_equal(indices, sums, totals))
      next.push_back(
          arith::AddFOp::create(builder, total, runEpilogue(at, sum)));
    return next;
  }
  unsigned loop = groups.front();
  int64_t unit = dots ? kDotBytes : 1;
  return loopOver(loops.sizes[loop], totals, [&](Value at, ValueRange before) {
    for (SmallVector<Value> &element : indices)
      element[loop] = at;
    return addGroups(
        groups.drop_front(), add(lhsShift, scale(at, lhs.strides[loop] / unit)),
        add(rhsShift, scale(at, rhs.strides[loop] / unit)), indices, before);
  });
}

/// Row or column `i` of a tile, or the last of all with `isInside` false where it
/// lies beyond.
Value TileBuilder::place(Value first, int64_t i, int64_t count, bool mayExceed,
                         Value &isInside) {
  Value position = add(first, index(i));
  if (!mayExceed || i == 0)
    return position;
  isInside = arith::CmpIOp::create(builder, arith::CmpIPredicate::ult, position,
                                   index(count));
  return arith::SelectOp::create(builder, isInside, position, index(count - 1));
}

/// The index of each loop that is not summed over; 0 for the others.
SmallVector<Value> TileBuilder::findLoops(Value row, Value column) {
  SmallVector<Value> indices(loops.sizes.size(), index(0));
  indices[loops.lane] = column;
  int64_t left = numRows;
  for (unsigned loop : llvm::reverse(rowLoops)) {
    int64_t size = loops.sizes[loop];
    left /= size;
    if (size == 1)
      continue;
    if (left == 1) {
      indices[loop] = row;
      break;
    }
    indices[loop] = arith::RemUIOp::create(builder, row, index(size));
    row = arith::DivUIOp::create(builder, row, index(size));
  }
  return indices;
}

/// In words, or elements.
Value TileBuilder::findStart(const LinearOperand &operand, ValueRange indices) {
  Value start = index(operand.offset);
  for (auto [stride, at] : llvm::zip_equal(operand.strides, indices))
    if (stride != 0)
      start = add(start, scale(at, dots ? stride / kDotBytes : stride));
  return start;
}

SmallVector<Value> TileBuilder::loopOver(
    int64_t size, ValueRange values,
    llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  if (size == 1)
    return body(index(0), values);
  auto loop =
      scf::ForOp::create(builder, index(0), index(size), index(1), values);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(loop.getBody());
  SmallVector<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(builder, next);
  return llvm::to_vector_of<Value>(loop.getResults());
}

SmallVector<Value> TileBuilder::sumUp(ArrayRef<unsigned> outer, Value lhsShift,
                                      Value rhsShift, ValueRange sums) {
  int64_t unit = dots ? kDotBytes : 1;
  if (outer.empty())
    return loopOver(run.length / unit, sums, [&](Value at, ValueRange before) {
      return addTerms(add(lhsShift, at), add(rhsShift, at), before);
    });
  unsigned loop = outer.front();
  return loopOver(loops.sizes[loop], sums, [&](Value at, ValueRange before) {
    return sumUp(outer.drop_front(),
                 add(lhsShift, scale(at, lhs.strides[loop] / unit)),
                 add(rhsShift, scale(at, rhs.strides[loop] / unit)), before);
  });
}

/// One step of all sums.
SmallVector<Value> TileBuilder::addTerms(Value lhsShift, Value rhsShift,
                                         ValueRange sums) {
  auto loadAll = [&](Value words, ArrayRef<Value> starts, Value shift) {
    return llvm::map_to_vector(starts, [&](Value start) -> Value {
      return memref::LoadOp::create(builder, words, add(start, shift));
    });
  };
  SmallVector<Value> left = loadAll(lhsWords, lhsStarts, lhsShift);
  SmallVector<Value> right = loadAll(rhsWords, rhsStarts, rhsShift);
  SmallVector<Value> next;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c)
      next.push_back(addTerm(left[r], right[c], sums[r * columns + c]));
  return next;
}

Value TileBuilder::addTerm(Value left, Value right, Value sum) {
  if (!dots)
    return addProduct(builder, op, left, right, sum);
  auto bytes = VectorType::get({kDotBytes}, builder.getI8Type());
  auto wide = VectorType::get({kDotBytes}, builder.getI32Type());
  auto extend = [&](Value word, Type format) -> Value {
    auto one = VectorType::get({1}, word.getType());
    Value vector = vector::BitCastOp::create(
        builder, bytes, vector::BroadcastOp::create(builder, one, word));
    if (isSignedStorage(format))
      return arith::ExtSIOp::create(builder, wide, vector);
    return arith::ExtUIOp::create(builder, wide, vector);
  };
  Value products = arith::MulIOp::create(builder, extend(left, lhs.format),
                                         extend(right, rhs.format));
  return vector::ReductionOp::create(builder, vector::CombiningKind::ADD,
                                     products, sum);
}

SmallVector<Value> TileBuilder::applyMap(AffineMap map, ValueRange indices) {
  std::optional<SmallVector<Value, 8>> results =
      affine::expandAffineMap(builder, builder.getLoc(), map, indices);
  return llvm::to_vector_of<Value>(*results); // static maps always expand
}

/// The word of the result that a sum becomes.
Value TileBuilder::runEpilogue(ValueRange indices, Value sum) {
  SmallVector<Value> scalars = {sum};
  for (auto [i, operand] : llvm::enumerate(op.getEpilogueOperands())) {
    if (isa<MemRefType>(operand.getType()))
      operand = memref::LoadOp::create(builder, operand,
                                       applyMap(op.getEpilogueMap(i), indices));
    scalars.push_back(operand);
  }
  return inlineEpilogue(builder, op, scalars);
}
