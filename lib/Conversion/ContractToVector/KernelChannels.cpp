//===- KernelChannels.cpp - Depthwise sums ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The terms of a window where lanes hold channels, each with its own weight.

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Of a row of `size` windows so many at a time, at most `most` and more than half of
/// it, that the fewest are computed twice.
static int64_t chooseTogether(int64_t size, int64_t most) {
  most = std::min(size, most);
  int64_t best = most;
  for (int64_t count = most - 1; 2 * count > most; --count)
    if (llvm::alignTo(size, count) < llvm::alignTo(size, best))
      best = count;
  return best;
}

/// Tiles of f32: of two rows of the image, which share rows of the input. Nothing is
/// carried along a row, as the terms of a sum have an order, by rows of the window.
void KernelBuilder::planImageTile() {
  if (!primitive.isFloat || rowLoops.size() != 1)
    return;
  int64_t columns = numRows, columnStride = rowLoops.front().strides[0];
  int64_t rows = outerRows.empty() ? 1 : outerRows.back().size;
  int64_t channels = loops.sizes[loops.lane], width = 1, taps = 1;
  bool areNeighbours = true;
  for (unsigned loop : loops.reduction) {
    taps *= loops.sizes[loop];
    int64_t stride = operands[0].strides[loop];
    if (loops.sizes[loop] > 1 && stride <= columnStride) {
      areNeighbours &= stride == columnStride;
      columnStride = stride;
      width = loops.sizes[loop];
    }
  }
  // Two vectors of few pixels are a line of the first cache. Four neighbours in a row share
  // more of wide windows, and read the weights half as often, which matters where these are
  // no longer in that cache.
  constexpr int64_t cached = 32 * 1024, sums = 8; // half of the registers
  bool areWide = width > 3 || taps * channels * 4 > cached;
  int64_t vectors = areNeighbours && areWide ? 1 : 2;
  vectors =
      std::min<int64_t>(vectors, llvm::divideCeil(channels, primitive.lanes));
  int64_t together = std::min<int64_t>(rows, 2);
  int64_t pairs = chooseTogether(columns, sums / (together * vectors));
  // In small images of odd sizes single rows are better: fewer windows overlap.
  int64_t single = chooseTogether(columns, sums);
  auto count = [&](int64_t tall, int64_t wide) -> double {
    return llvm::alignTo(rows, tall) * llvm::alignTo(columns, wide);
  };
  constexpr double worth = 1.12; // what sharing rows gains
  if (count(together, pairs) > worth * count(1, single)) {
    tile = {single, 1};
    return;
  }
  tile = {pairs, vectors};
  outerTogether = together;
  if (together > 1)
    outerRows.back().together = together;
}

/// The terms of a run, by as many as the primitive takes at once; of all columns of
/// the window if they are written out.
SmallVector<KernelBuilder::Taps> KernelBuilder::listTaps(const Panel &panel) {
  SmallVector<int64_t> lhsOffsets =
      getRunOffsets(loops, run, operands[0].strides);
  SmallVector<int64_t> rhsOffsets =
      getRunOffsets(loops, run, operands[1].strides);
  int64_t columns = 1, columnStride = 0;
  if (run.writesOutLast) {
    columns = loops.sizes[run.outer.back()];
    columnStride = operands[0].strides[run.outer.back()];
  }
  SmallVector<Taps> taps;
  for (int64_t column = 0; column < columns; ++column)
    for (int64_t term = 0; term < run.length; term += primitive.products) {
      Taps group;
      group.column = column * columnStride;
      int64_t end = std::min(term + primitive.products, run.length);
      for (int64_t i = term; i < end; ++i)
        group.lhs.push_back(group.column + lhsOffsets[i]);
      group.rhs = packed ? column * panel.outerStride +
                               term / primitive.products * panel.runStride
                         : rhsOffsets[term];
      taps.push_back(group);
    }
  return taps;
}

/// What `taps` read of lhs, as wide as the primitive reads it; by twos, interleaved,
/// where it takes two.
Value KernelBuilder::loadTaps(const Taps &taps, const Index &lhs,
                              int64_t valid) {
  SmallVector<Value> words;
  for (int64_t offset : taps.lhs)
    words.push_back(
        loadWords(operands[0], lhs.plus(offset), 1, primitive.lanes, valid));
  if (primitive.products == 1)
    return extend(words[0], operands[0].format, primitive.operandWidth);
  assert(primitive.products == 2 && "interleaves two words at most");
  if (words.size() == 2)
    return extend(
        vector::InterleaveOp::create(builder, loc, words[0], words[1]),
        operands[0].format, primitive.operandWidth);
  // The last of an odd number meets a weight of zero in its upper half.
  Value wide = extend(words[0], operands[0].format, 2 * primitive.operandWidth);
  auto type = VectorType::get({2 * primitive.lanes},
                              builder.getIntegerType(primitive.operandWidth));
  return vector::BitCastOp::create(builder, loc, type, wide);
}

KernelBuilder::Accumulators
KernelBuilder::multiplyAddChannels(const Panel &panel, ArrayRef<Index> lhs,
                                   const Index &rhs, Accumulators sums) {
  SmallVector<Taps> taps = listTaps(panel);
  // What neighbouring rows share is read once, and used while it is there.
  struct Step {
    int64_t position;
    size_t taps, row;
  };
  SmallVector<Step> steps;
  auto getPlace = [&](size_t row) {
    return lhs[row].constant - lhs.front().constant;
  };
  for (auto [i, group] : llvm::enumerate(taps))
    for (size_t row = 0; row < lhs.size(); ++row)
      steps.push_back({group.column + getPlace(row), i, row});
  if (run.writesOutLast)
    llvm::sort(steps, [](const Step &a, const Step &b) {
      return std::tie(a.position, a.taps, a.row) <
             std::tie(b.position, b.taps, b.row);
    });
  // Row by row of the input, and of the result, which keeps the order of each sum where
  // terms lie in it.
  auto written = llvm::find_if(loops.reduction, [&](unsigned loop) {
    return loops.sizes[loop] != 1 && !llvm::is_contained(run.outer, loop);
  });
  bool isOrdered = llvm::is_sorted(taps, [](const Taps &a, const Taps &b) {
    return a.lhs.front() < b.lhs.front();
  });
  int64_t stride =
      written == loops.reduction.end() ? 0 : operands[0].strides[*written];
  if (primitive.isFloat && isOrdered && stride != 0) {
    auto getKey = [&](const Step &step) {
      int64_t place = step.position + taps[step.taps].lhs.front();
      return std::tuple(place / stride, step.row / tile.rows, step.taps,
                        step.row);
    };
    llvm::sort(steps, [&](const Step &a, const Step &b) {
      return getKey(a) < getKey(b);
    });
  }
  for (int64_t v = 0; v < panel.vectors; ++v) {
    int64_t first = v * primitive.lanes, valid = panel.valid - first;
    SmallVector<Value> weights(taps.size());
    DenseMap<std::pair<int64_t, int64_t>, Value> known;
    for (const Step &step : steps) {
      const Taps &group = taps[step.taps];
      Value &loaded = weights[step.taps];
      if (!loaded)
        loaded =
            packed
                ? loadWeights(rhs.plus(group.rhs + first * primitive.products))
                : extend(loadWords(operands[1], rhs.plus(first + group.rhs), 1,
                                   primitive.lanes, valid),
                         operands[1].format, primitive.operandWidth);
      // Where the first of the words is, and how far the second one is behind it.
      int64_t begin = step.position - group.column + group.lhs.front();
      int64_t apart =
          group.lhs.size() == 1 ? -1 : group.lhs.back() - group.lhs.front();
      Value &words = known[{begin, apart}];
      if (!words)
        words = loadTaps(group, lhs[step.row].plus(first), valid);
      Value &sum = sums[step.row * panel.vectors + v];
      sum = primitive.emit(builder, loc, sum, words, loaded);
    }
  }
  return sums;
}
