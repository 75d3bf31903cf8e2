//===- KernelSliding.cpp - Windows that slide along a row -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Depthwise convolution on AVX2, 16 channels at a time. A column of the input is loaded
// once, widened to words, and its rows interleaved by twos, for all windows that contain
// it: those of two rows of the result, and of neighbours, whose sums so far the loop
// along the row carries.
//
// Words interleave within halves of 128 bits. So one vector of sums holds channels 0 to
// 3 and 8 to 11, the other the rest, and packing both puts them in order.

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <map>

using namespace mlir;
using namespace mlir::lowbit;

namespace {
/// Channels of a panel, which are those of two vectors of sums.
constexpr int64_t numChannels = 16;
} // namespace

/// The channel of lane `lane` of vector `v`.
static int64_t getChannel(int64_t v, int64_t lane) {
  return lane / 4 * 8 + v * 4 + lane % 4;
}

/// The loops of a window that slides, and how rows of the input are taken by twos; sets
/// `sliding` and makes tiles of rows of the result.
void KernelBuilder::planSliding() {
  const LinearOperand &lhs = operands[0], &rhs = operands[1];
  SmallVector<unsigned> window;
  llvm::copy_if(loops.reduction, std::back_inserter(window),
                [&](unsigned loop) { return loops.sizes[loop] != 1; });
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  Type result = operands.back().elementType;
  if (primitive.feature != "avx2" || primitive.products != 2 ||
      primitive.lanes != 8 || op->hasAttr(kSharingAttr) || op.getPacks() ||
      !lhs.elementType.isInteger(8) || !result.isInteger() ||
      !loops.batch.empty() || !global || window.size() != 2 ||
      rowLoops.size() != 1 || loops.sizes[loops.lane] < numChannels)
    return;
  Sliding plan;
  plan.columns = rowLoops.front();
  plan.window = window;
  if (lhs.strides[window[0]] < lhs.strides[window[1]])
    std::swap(plan.window[0], plan.window[1]);
  int64_t width = loops.sizes[plan.window[1]];
  plan.columnStride = lhs.strides[plan.window[1]];
  if (plan.columnStride == 0 || plan.columns.strides[0] == 0 ||
      plan.columns.strides[0] % plan.columnStride != 0)
    return;
  plan.step = plan.columns.strides[0] / plan.columnStride;
  plan.carried = llvm::divideCeil(width, plan.step) - 1;

  RowLoop rows{1, SmallVector<int64_t>(operands.size(), 0)};
  if (!outerRows.empty())
    rows = outerRows.back();
  constexpr int64_t mostSums = 8; // half of the registers
  int64_t together = std::min<int64_t>(rows.size, 2);
  while (together > 1 && plan.carried * together * 2 > mostSums)
    --together;
  if (plan.carried * together * 2 > mostSums)
    return;
  // Which rows of the input the rows of the result read.
  std::map<int64_t, SmallVector<int64_t>> taps;
  for (int64_t row = 0; row < together; ++row)
    for (int64_t tap = 0; tap < loops.sizes[plan.window[0]]; ++tap) {
      auto &found =
          taps[row * rows.strides[0] + tap * lhs.strides[plan.window[0]]];
      found.resize(together, -1);
      found[row] = tap;
    }
  for (const auto &[offset, found] : taps) {
    plan.rowOffsets.push_back(offset);
    plan.taps.push_back(found);
  }
  if (plan.taps.size() % 2 != 0)
    plan.taps.push_back(SmallVector<int64_t>(together, -1));
  sliding = std::move(plan);
  if (!outerRows.empty())
    outerRows.pop_back();
  rowLoops = {rows};
  numRows = rows.size;
  tile = {together, 2};
  packSliding(global);
}

/// Packs weights by panel, column of the window, pair of rows, row of the result and
/// vector. The last panel overlaps the one before.
void KernelBuilder::packSliding(memref::GlobalOp global) {
  const LinearOperand &rhs = operands[1];
  bool splat = false;
  ArrayRef<char> source = getGlobalBytes(global, splat);
  int64_t lanes = loops.sizes[loops.lane];
  SmallVector<char> bytes;
  for (int64_t first = 0; first < lanes; first += numChannels)
    for (int64_t column = 0; column < loops.sizes[sliding->window[1]]; ++column)
      for (size_t pair = 0; pair < sliding->taps.size(); pair += 2)
        for (int64_t row = 0; row < tile.rows; ++row)
          for (int64_t place = 0; place < 2 * numChannels; ++place) {
            int64_t tap = sliding->taps[pair + place % 2][row];
            int64_t channel =
                std::min(first, lanes - numChannels) +
                getChannel(place / numChannels, place % numChannels / 2);
            int64_t index = channel * rhs.strides[loops.lane] +
                            column * rhs.strides[sliding->window[1]] +
                            tap * rhs.strides[sliding->window[0]];
            bytes.push_back(tap < 0 ? 0 : source[splat ? 0 : index]);
          }
  PackedWeights weights = {};
  weights.outerStride = sliding->taps.size() * tile.rows * numChannels;
  weights.panelStride = weights.outerStride * loops.sizes[sliding->window[1]];
  memref::GlobalOp copy =
      createPackedGlobal(builder, global, "_packed", bytes, rhs.elementType);
  copyStorage(global, copy);
  weights.flat = memref::GetGlobalOp::create(builder, op.getLoc(),
                                             copy.getType(), copy.getSymName());
  packed = weights;
}

/// Places of two vectors of 16 words, of which each half of one result holds the lower
/// words of a half, by turns, and each of the other the upper ones.
static SmallVector<int64_t> getInterleaved(int64_t v) {
  SmallVector<int64_t> places;
  for (int64_t lane = 0; lane < numChannels / 2; ++lane)
    for (int64_t second : {0, 1})
      places.push_back(getChannel(v, lane) + second * numChannels);
  return places;
}

/// The rows of an input column, by twos: vectors of words for the first and second
/// vector of sums.
SmallVector<Value> KernelBuilder::loadColumn(const Index &lhs) {
  auto wordType = VectorType::get({numChannels}, builder.getI16Type());
  SmallVector<Value> rows, pairs;
  for (int64_t offset : sliding->rowOffsets)
    rows.push_back(extend(
        loadWords(operands[0], lhs.plus(offset), 1, numChannels, numChannels),
        operands[0].format, 16));
  if (rows.size() % 2 != 0)
    rows.push_back(
        arith::ConstantOp::create(builder, loc, builder.getZeroAttr(wordType)));
  for (size_t row = 0; row < rows.size(); row += 2)
    for (int64_t v : {0, 1})
      pairs.push_back(vector::ShuffleOp::create(
          builder, loc, rows[row], rows[row + 1], getInterleaved(v)));
  return pairs;
}

/// Adds what `column` contributes, as column `place` of the window, to the sums of all
/// rows.
void KernelBuilder::addColumn(ArrayRef<Value> column, int64_t place,
                              const Index &weights,
                              MutableArrayRef<Value> sums) {
  for (size_t pair = 0; pair < column.size(); pair += 2)
    for (int64_t row = 0; row < tile.rows; ++row) {
      if (sliding->taps[pair][row] < 0 && sliding->taps[pair + 1][row] < 0)
        continue;
      for (int64_t v : {0, 1}) {
        int64_t vector = (pair / 2 * tile.rows + row) * 2 + v;
        Value loaded = loadWeights(
            weights.plus(place * packed->outerStride + vector * numChannels));
        Value &sum = sums[row * 2 + v];
        sum = primitive.emit(builder, loc, sum, column[pair + v], loaded);
      }
    }
}

/// An operand of the epilogue, as both vectors of sums have it.
std::pair<Value, Value> KernelBuilder::loadSlid(const LinearOperand &operand,
                                                const Index &index) {
  Value all = loadLanes(operand, index, operand.strides[loops.lane],
                        numChannels, numChannels);
  Value halves[2];
  for (int64_t v : {0, 1}) {
    SmallVector<int64_t> places;
    for (int64_t lane = 0; lane < numChannels / 2; ++lane)
      places.push_back(getChannel(v, lane));
    halves[v] = vector::ShuffleOp::create(builder, loc, all, all, places);
  }
  return {halves[0], halves[1]};
}

/// Stores codes of both vectors, in order.
void KernelBuilder::storeSlid(Value first, Value second, const Index &index) {
  const LinearOperand &result = operands.back();
  auto store = [&](Value value) {
    vector::StoreOp::create(builder, loc, value, result.flat,
                            materialize(index));
  };
  if (!packsCodes()) {
    SmallVector<int64_t> places;
    for (int64_t channel = 0; channel < numChannels; ++channel)
      places.push_back(channel / 8 * 4 + channel / 4 % 2 * 8 + channel % 4);
    Value all = vector::ShuffleOp::create(builder, loc, first, second, places);
    if (!result.elementType.isInteger(32))
      all = arith::TruncIOp::create(
          builder, loc, VectorType::get({numChannels}, result.elementType),
          all);
    return store(all);
  }
  auto call = [&](StringRef name, Type type, Value lhs, Value rhs) {
    return LLVM::CallIntrinsicOp::create(builder, loc, type,
                                         builder.getStringAttr(name),
                                         ValueRange{lhs, rhs})
        .getResult(0);
  };
  auto words = VectorType::get({numChannels}, builder.getI16Type());
  Value codes = call("llvm.x86.avx2.packssdw", words, first, second);
  bool isSigned = isSignedStorage(result.format);
  if (floatRescale) { // not clamped before
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantOp::create(
          builder, loc,
          DenseElementsAttr::get(words, builder.getI16IntegerAttr(value)));
    };
    if (floatRescale->center != 0)
      codes =
          call("llvm.sadd.sat", words, codes, constant(floatRescale->center));
    bool clamps = result.elementType.isInteger(8);
    if (!clamps || floatRescale->least != (isSigned ? -128 : 0))
      codes = arith::MaxSIOp::create(builder, loc, codes,
                                     constant(floatRescale->least));
    if (!clamps || floatRescale->most != (isSigned ? 127 : 255))
      codes = arith::MinSIOp::create(builder, loc, codes,
                                     constant(floatRescale->most));
  }
  if (result.elementType.isInteger(16))
    return store(codes);
  auto half = [&](int64_t first) -> Value {
    return vector::ExtractStridedSliceOp::create(
        builder, loc, codes, ArrayRef<int64_t>{first}, ArrayRef<int64_t>{8},
        ArrayRef<int64_t>{1});
  };
  store(call(
      isSigned ? "llvm.x86.sse2.packsswb.128" : "llvm.x86.sse2.packuswb.128",
      VectorType::get({numChannels}, builder.getI8Type()), half(0), half(8)));
}

/// True if all codes of the epilogue are in the range of the result's, so that packing
/// with saturation leaves them as they are.
bool KernelBuilder::packsCodes() {
  unsigned width = operands.back().elementType.getIntOrFloatBitWidth();
  if (width > 16)
    return false;
  bool isSigned = isSignedStorage(operands.back().format);
  int64_t low = width == 8 && !isSigned ? 0 : -(int64_t(1) << (width - 1));
  int64_t high =
      (int64_t(1) << (width - (width == 8 && !isSigned ? 0 : 1))) - 1;
  auto isWithin = [&](int64_t least, int64_t most) {
    return low <= least && most <= high;
  };
  if (floatRescale)
    return isWithin(floatRescale->least, floatRescale->most);
  Block &body = op.getEpilogue().front();
  Value code = cast<YieldOp>(body.getTerminator()).getValue();
  auto contains = [&](auto change) {
    return change && isWithin(static_cast<int32_t>(change.getMin()),
                              static_cast<int32_t>(change.getMax()));
  };
  auto rescale = code.getDefiningOp<RescaleOp>();
  return rescale ? rescale.getSaturation() == Saturation::Saturate &&
                       contains(rescale)
                 : contains(code.getDefiningOp<RequantizeOp>());
}

/// All panels of a tile of rows.
void KernelBuilder::buildSlidingPanels(ArrayRef<Index> bases, Value firstRow) {
  int64_t lanes = loops.sizes[loops.lane];
  int64_t panels = llvm::divideCeil(lanes, numChannels);
  buildFor({constantIndex(0), constantIndex(panels)}, [&](Value iv) {
    Value lane = getFirst(iv, lanes, numChannels);
    SmallVector<Index> atLane(bases);
    for (auto [base, operand] : llvm::zip(atLane, operands))
      base = base.plus(lane, operand.strides[loops.lane]);
    SmallVector<SmallVector<Index>> rows;
    for (int64_t row = 0; row < tile.rows; ++row)
      rows.push_back(
          addRow(atLane, arith::AddIOp::create(builder, loc, firstRow,
                                               constantIndex(row))));
    buildSliding(rows, Index().plus(iv, packed->panelStride));
  });
}

/// One panel of a tile of rows: the columns that several windows share in front of the
/// first, then a loop along the row.
void KernelBuilder::buildSliding(ArrayRef<SmallVector<Index>> rows,
                                 const Index &weights) {
  auto isAlong = [&](unsigned i) {
    auto moves = [&](const RowLoop &row) { return row.strides[i] != 0; };
    return moves(sliding->columns) || llvm::any_of(rowLoops, moves) ||
           llvm::any_of(outerRows, moves);
  };
  SmallVector<std::pair<Value, Value>> uniform;
  for (unsigned i = 2; i < 2 + getNumAdded(); ++i)
    uniform.push_back(isAlong(i) ? std::pair<Value, Value>()
                                 : loadSlid(operands[i], rows[0][i]));

  int64_t width = loops.sizes[sliding->window[1]];
  int64_t step = sliding->step, together = tile.rows * 2;
  // Of windows further on, and those at hand: the sums so far.
  auto getSums = [&](MutableArrayRef<Value> sums, int64_t window) {
    return sums.slice(window * together, together);
  };
  auto type = VectorType::get({primitive.lanes}, builder.getI32Type());
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  Accumulators init(sliding->carried * together, zero);
  Index lhs = Index().plus(materialize(rows[0][0]), 1);
  for (int64_t column = 0; column < width - step; ++column) {
    SmallVector<Value> words =
        loadColumn(lhs.plus(column * sliding->columnStride));
    for (int64_t window = 0; window * step <= column; ++window)
      addColumn(words, column - window * step, weights, getSums(init, window));
  }
  auto finishWindow = [&](Value iv, ArrayRef<Value> sums) {
    for (auto [r, row] : llvm::enumerate(rows)) {
      SmallVector<Value> arguments[2] = {{sums[2 * r]}, {sums[2 * r + 1]}};
      for (unsigned i = 0; i < getNumAdded(); ++i) {
        std::pair<Value, Value> loaded = uniform[i];
        if (!loaded.first)
          loaded =
              loadSlid(operands[2 + i],
                       row[2 + i].plus(iv, sliding->columns.strides[2 + i]));
        arguments[0].push_back(loaded.first);
        arguments[1].push_back(loaded.second);
      }
      auto run = [&](ArrayRef<Value> values) {
        return floatRescale && packsCodes() ? scaleInFloat(values)
                                            : runEpilogue(values);
      };
      Value first = run(arguments[0]), second = run(arguments[1]);
      storeSlid(first, second,
                row.back().plus(iv, sliding->columns.strides.back()));
    }
  };
  auto build = [&](Value iv, ValueRange carried) {
    Accumulators sums(carried);
    sums.append(together, zero);
    for (int64_t column = std::max<int64_t>(width - step, 0); column < width;
         ++column) {
      SmallVector<Value> words =
          loadColumn(lhs.plus(column * sliding->columnStride)
                         .plus(iv, sliding->columns.strides[0]));
      for (int64_t window = 0; window * step <= column; ++window) {
        addColumn(words, column - window * step, weights,
                  getSums(sums, window));
        // As soon as it is complete: its registers are needed.
        if (window == 0 && column + 1 == width)
          finishWindow(iv, getSums(sums, 0));
      }
    }
    return Accumulators(ArrayRef(sums).drop_front(together));
  };
  Accumulators results;
  if (init.empty())
    return buildFor({constantIndex(0), constantIndex(sliding->columns.size)},
                    [&](Value iv) { build(iv, {}); });
  buildFor(sliding->columns.size, init, build, results);
}
