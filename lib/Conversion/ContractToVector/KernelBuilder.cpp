//===- KernelBuilder.cpp - The loops around a primitive -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// From the outside in: batch, panels of columns, tiles of rows, the sum. A panel's
// weights stay in cache while all rows pass. Channels have few weights: there,
// panels are inside the tiles of rows, so that memory is read in its order. The
// last tile of rows overlaps the one before rather than being smaller: it computes
// the same values again.

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::lowbit;

KernelBuilder::Index KernelBuilder::Index::plus(int64_t value) const {
  Index sum = *this;
  sum.constant += value;
  return sum;
}

KernelBuilder::Index KernelBuilder::Index::plus(Value value,
                                                int64_t factor) const {
  Index sum = *this;
  if (factor != 0)
    sum.terms.push_back({value, factor});
  return sum;
}

/// Rows (h, w) with strides (w's size times s, s) in every operand are one
/// loop.
void KernelBuilder::mergeRows() {
  for (unsigned loop : loops.rows) {
    RowLoop row{loops.sizes[loop], {}};
    for (const LinearOperand &operand : operands)
      row.strides.push_back(operand.strides[loop]);
    numRows *= row.size;
    if (row.size == 1)
      continue;
    if (!rowLoops.empty()) {
      RowLoop &last = rowLoops.back();
      bool even =
          llvm::all_of(llvm::zip(last.strides, row.strides), [&](auto strides) {
            return std::get<0>(strides) == row.size * std::get<1>(strides);
          });
      if (even) {
        last = {last.size * row.size, row.strides};
        continue;
      }
    }
    rowLoops.push_back(row);
  }
}

LogicalResult KernelBuilder::build(std::string &reason) {
  for (unsigned i = 0; i < op.getIndexingMaps().size(); ++i) {
    auto linear = linearize(builder, op, i);
    if (!linear) {
      reason = "an operand's layout is not static with positive strides";
      return failure();
    }
    operands.push_back(std::move(*linear));
  }
  if (operands.back().strides[loops.lane] != 1) {
    reason = "its result is not contiguous along the lanes";
    return failure();
  }
  auto width = [](const LinearOperand &operand) {
    return operand.elementType.getIntOrFloatBitWidth();
  };
  if (width(operands[1]) != primitive.rhsWidth ||
      (primitive.kind == LaneKind::Columns &&
       width(operands[0]) != primitive.lhsWidth)) {
    reason = "its operands do not have the primitive's widths";
    return failure();
  }
  if (shiftsCodes(primitive) && failed(addCorrection())) {
    reason = "its weights are not constant";
    return failure();
  }
  planRescale();
  if (op.getPacks()) {
    // In codes.
    LinearOperand &result = operands.back();
    result.offset *= op.getCodesPerWord();
    for (auto [loop, stride] : llvm::enumerate(result.strides))
      stride *= loop == loops.lane ? 1 : op.getCodesPerWord();
  }
  mergeRows();
  const LinearOperand &lhs = operands[0], &rhs = operands[1];
  bool isChannels = primitive.kind == LaneKind::Channels;
  if (isChannels) {
    // Neighbours in a row read the same elements of lhs: tiles stay inside it.
    while (rowLoops.size() > 1) {
      numRows /= rowLoops.front().size;
      outerRows.push_back(rowLoops.front());
      rowLoops.erase(rowLoops.begin());
    }
  }
  run = isChannels ? findTaps(loops, lhs, primitive.products)
                   : findRun(loops, lhs);
  planVectors();
  PackingPlan plan = choosePacking();
  packGroupOperands();
  if (primitive.looksUpSums && (!run.outer.empty() || !plan.codes.isPacked())) {
    reason = "its sums are not of one row and weights of two values";
    return failure();
  }
  bool packs = !isChannels || primitive.products > 1;
  if (isChannels && (lhs.strides[loops.lane] != 1 ||
                     (!packs && rhs.strides[loops.lane] != 1))) {
    reason = "its operands are not contiguous along the channels";
    return failure();
  }
  if (isChannels) {
    planImageTile();
    planSliding();
  }
  if (packs && !sliding) {
    packed = pack(plan, reason);
    if (!packed)
      return failure();
  }
  if (packed)
    rhs.flat.getDefiningOp()->erase(); // the view of the unpacked weights
  joinGroupOperands();
  if (primitive.looksUp)
    table = getCountTable(builder, op);
  SmallVector<Index> bases(operands.size());
  for (auto [base, operand] : llvm::zip(bases, operands))
    base.constant = operand.offset;
  chooseDivision();
  buildKernel(bases);
  return success();
}

void KernelBuilder::buildBatch(ArrayRef<unsigned> batch,
                               SmallVector<Index> bases, Index weights) {
  if (batch.empty()) {
    if (primitive.kind == LaneKind::Channels)
      return buildRows(outerRows, bases, weights);
    if (primitive.looksUpSums)
      return buildTabled(bases, weights);
    return buildBlocks(bases, weights);
  }
  unsigned loop = batch.front();
  int64_t weightStride = packed ? packed->batchStride : 0;
  for (unsigned inner : batch.drop_front())
    weightStride *= loops.sizes[inner];
  auto build = [&](Value iv) {
    SmallVector<Index> inner(bases);
    for (auto [base, operand] : llvm::zip(inner, operands))
      base = base.plus(iv, operand.strides[loop]);
    buildBatch(batch.drop_front(), inner, weights.plus(iv, weightStride));
  };
  bool isOutermost = batch.size() == loops.batch.size();
  buildDivided(isOutermost ? Division::Batch : Division::None,
               loops.sizes[loop], [&](Range range) { buildFor(range, build); });
}

void KernelBuilder::buildTiles(function_ref<void(Value)> body) {
  auto build = [&](Value iv) { body(getFirst(iv, numRows, tile.rows)); };
  if (tileRange)
    return buildFor(*tileRange, build);
  buildFor({constantIndex(0), constantIndex(countTiles())}, build);
}

void KernelBuilder::buildRows(ArrayRef<RowLoop> outer, ArrayRef<Index> bases,
                              const Index &weights) {
  if (outer.empty())
    return buildTiles(
        [&](Value firstRow) { buildPanels(bases, weights, firstRow); });
  const RowLoop &rows = outer.front();
  auto build = [&](Value iv) {
    SmallVector<Index> moved(bases);
    Value first = getFirst(iv, rows.size, rows.together);
    for (auto [base, stride] : llvm::zip(moved, rows.strides))
      base = base.plus(first, stride);
    buildRows(outer.drop_front(), moved, weights);
  };
  bool isOutermost = outer.size() == outerRows.size();
  buildDivided(isOutermost ? Division::OuterRows : Division::None,
               rows.countTrips(), [&](Range range) { buildFor(range, build); });
}

void KernelBuilder::buildPanels(ArrayRef<Index> bases, const Index &weights,
                                Value firstRow) {
  if (sliding)
    return buildSlidingPanels(bases, firstRow);
  int64_t lanes = loops.sizes[loops.lane];
  int64_t width = tile.vectors * primitive.lanes;
  int64_t full = lanes / width, rest = lanes % width;
  Range fullPanels = {constantIndex(0), constantIndex(full)};
  if (panelRange) {
    fullPanels = *panelRange;
    if (rest != 0)
      fullPanels.last = arith::MinUIOp::create(builder, loc, fullPanels.last,
                                               constantIndex(full));
  }
  if (full != 0 && expandsVectors())
    buildVectorPanels(bases, weights, fullPanels);
  else if (full != 0)
    buildFor(fullPanels, [&](Value iv) {
      Panel panel{tile.vectors, width, Index().plus(iv, width), weights, 0, 0};
      if (packed) {
        panel.weights = weights.plus(iv, packed->panelStride);
        panel.outerStride = packed->outerStride;
        panel.runStride = packed->runStride;
      }
      buildPanel(bases, panel, firstRow);
    });
  if (rest == 0)
    return;
  OpBuilder::InsertionGuard guard(builder);
  if (panelRange) { // whoever has the last panel
    Value isLast =
        arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ugt,
                              panelRange->last, constantIndex(full));
    auto condition = scf::IfOp::create(builder, loc, isLast);
    builder.setInsertionPoint(condition.thenBlock()->getTerminator());
  }
  Panel panel{static_cast<int64_t>(llvm::divideCeil(rest, primitive.lanes)),
              rest,
              Index().plus(full * width),
              weights,
              0,
              0};
  if (packed) {
    panel.weights = weights.plus(packed->tailOffset);
    panel.outerStride = packed->tailOuterStride;
    panel.runStride = packed->tailRunStride;
  }
  if (expandsVectors())
    return buildVectorTail(bases, panel);
  buildPanel(bases, panel, firstRow);
}

void KernelBuilder::buildPanel(ArrayRef<Index> bases, const Panel &panel,
                               Value firstRow) {
  // Every operand's base moves to the panel's first lane.
  SmallVector<Index> atLane(bases);
  for (auto [base, operand] : llvm::zip(atLane, operands)) {
    int64_t stride = operand.panelStride.value_or(operand.strides[loops.lane]);
    base = base.plus(panel.lane.constant * stride);
    for (auto [value, factor] : panel.lane.terms)
      base = base.plus(value, factor * stride);
  }
  // What is added to all rows alike is loaded here.
  SmallVector<Value> uniform;
  for (unsigned i = 2; i < 2 + getNumAdded(); ++i)
    for (int64_t v = 0; v < panel.vectors; ++v) {
      auto strides = [&](const RowLoop &row) { return row.strides[i] != 0; };
      auto isAlong = [&](unsigned loop) {
        return operands[i].strides[loop] != 0;
      };
      bool varies = llvm::any_of(rowLoops, strides) ||
                    llvm::any_of(outerRows, strides) ||
                    llvm::any_of(loops.groups, isAlong);
      int64_t first = v * primitive.lanes;
      int64_t stride = operands[i].strides[loops.lane];
      uniform.push_back(
          varies ? Value()
                 : loadLanes(operands[i], atLane[i].plus(first * stride),
                             stride, primitive.lanes, panel.valid - first));
    }
  Panel counted = panel;
  if (packed && packed->excess)
    counted.firstVector =
        arith::DivUIOp::create(builder, loc, materialize(panel.weights),
                               constantIndex(packed->vectorSize));
  if (firstRow)
    return buildTile(atLane, counted, firstRow, uniform);
  std::optional<PackedWeights> whole = packed;
  Value stack = expand(counted);
  buildTiles([&](Value row) { buildTile(atLane, counted, row, uniform); });
  if (stack)
    LLVM::StackRestoreOp::create(builder, loc, stack);
  packed = whole;
}

SmallVector<KernelBuilder::Index> KernelBuilder::addRow(ArrayRef<Index> bases,
                                                        Value row) {
  SmallVector<Index> result(bases);
  auto add = [&](const RowLoop &loop, Value position) {
    for (auto [base, stride] : llvm::zip(result, loop.strides))
      base = base.plus(position, stride);
  };
  for (size_t i = rowLoops.size(); i-- > 0;) {
    if (i == 0) {
      add(rowLoops[0], row);
      break;
    }
    Value size = constantIndex(rowLoops[i].size);
    add(rowLoops[i], arith::RemUIOp::create(builder, loc, row, size));
    row = arith::DivUIOp::create(builder, loc, row, size);
  }
  return result;
}

void KernelBuilder::buildTile(ArrayRef<Index> bases, const Panel &panel,
                              Value firstRow, ArrayRef<Value> uniform) {
  SmallVector<SmallVector<Index>> rows;
  SmallVector<Index> lhs;
  SmallVector<int64_t> outerStrides(operands.size(), 0);
  for (const RowLoop &loop : outerRows)
    if (loop.together > 1)
      outerStrides = loop.strides;
  for (int64_t i = 0; i < outerTogether * tile.rows; ++i) {
    int64_t outer = i / tile.rows, r = i % tile.rows;
    Value row = r == 0 ? firstRow
                       : arith::AddIOp::create(builder, loc, firstRow,
                                               constantIndex(r));
    rows.push_back(addRow(bases, row));
    for (auto [index, stride] : llvm::zip(rows.back(), outerStrides))
      index = index.plus(outer * stride);
    // One value each, to which the loops of the sum add; one for all where rows
    // are equally far apart.
    if (i == 0 || rowLoops.size() > 1)
      lhs.push_back(Index().plus(materialize(rows.back()[0]), 1));
    else
      lhs.push_back(
          lhs.front().plus(outer * outerStrides[0] +
                           (r == 0 ? 0 : r * rowLoops.front().strides[0])));
  }
  Index rhs = packed ? panel.weights : bases[1];
  auto use = [&](size_t position, Value value) {
    store(panel, rows, position, value);
  };
  if (run.numGroups != 0) {
    auto type = VectorType::get({primitive.lanes}, builder.getF32Type());
    Value zero =
        arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    Accumulators sums(tile.rows * panel.vectors, zero);
    sums = reduceGroups(panel, lhs, rows, rhs, uniform, 0, std::move(sums));
    for (auto [position, sum] : llvm::enumerate(sums))
      use(position, sum);
    return;
  }
  Accumulators sums =
      primitive.looksUpSums
          ? lookUpSums(panel)
          : reduce(panel, lhs, rhs, 0, Index(), createZeros(panel));
  if (panel.firstVector)
    sums = addExcess(panel, lhs, std::move(sums));
  if (primitive.looksUp)
    sums = joinHalves(std::move(sums));
  if (estimate)
    return finishByEstimate(panel, rows, sums, uniform, use);
  finish(panel, rows, sums, uniform, use);
}

/// A loop of `trips` iterations that carries sums; for up to `writtenOut`, its body alone.
void KernelBuilder::buildFor(int64_t trips, ValueRange init,
                             function_ref<Accumulators(Value, ValueRange)> body,
                             Accumulators &results, int64_t writtenOut) {
  if (trips <= writtenOut) {
    results = Accumulators(init);
    for (int64_t trip = 0; trip < trips; ++trip)
      results = body(constantIndex(trip), Accumulators(results));
    return;
  }
  auto loop = scf::ForOp::create(builder, loc, constantIndex(0),
                                 constantIndex(trips), constantIndex(1), init);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(loop.getBody());
  Accumulators yielded = body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(builder, loc, yielded);
  results = Accumulators(loop.getResults());
}

void KernelBuilder::buildFor(Range range, function_ref<void(Value)> body) {
  std::optional<int64_t> first = getConstantIntValue(range.first);
  std::optional<int64_t> last = getConstantIntValue(range.last);
  if (first && last && *last - *first == 1)
    return body(range.first);
  auto loop = scf::ForOp::create(builder, loc, range.first, range.last,
                                 constantIndex(1));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(loop.getBody()->getTerminator());
  body(loop.getInductionVar());
}
