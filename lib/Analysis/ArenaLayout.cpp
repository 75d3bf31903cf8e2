//===- ArenaLayout.cpp - Where buffers lie in one arena -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Offline dynamic storage allocation is NP-hard; greedy by size with best fit
// is the usual heuristic (Pisarchyk and Lee, "Efficient Memory Management for
// Deep Neural Net Inference", 2020) and meets the lower bound on chains. Where
// it does not, the buffers that reach furthest are placed earlier, and again.

#include "lowbit/Analysis/ArenaLayout.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>
#include <tuple>

using namespace mlir::lowbit;

/// How often buffers are placed again, and how many pairs of them are compared then.
static constexpr int64_t kMaxRounds = 200, kMaxComparisons = 100'000'000;

/// The sum of live sizes changes only where a lifetime starts.
static int64_t largestLiveSum(llvm::ArrayRef<BufferLifetime> buffers,
                              llvm::ArrayRef<int64_t> sizes) {
  int64_t largest = 0;
  for (const BufferLifetime &start : buffers) {
    int64_t sum = 0;
    for (auto [buffer, size] : llvm::zip(buffers, sizes))
      if (buffer.first <= start.first && start.first <= buffer.last)
        sum += size;
    largest = std::max(largest, sum);
  }
  return largest;
}

/// Where buffers lie that are placed one after the other in `order`, each into the
/// smallest gap that holds it.
static ArenaLayout placeInOrder(llvm::ArrayRef<BufferLifetime> buffers,
                                llvm::ArrayRef<int64_t> sizes,
                                llvm::ArrayRef<unsigned> order) {
  ArenaLayout layout;
  layout.offsets.resize(buffers.size());
  llvm::SmallVector<unsigned> placed; // by offset
  for (unsigned current : order) {
    int64_t best = -1, bestGap = 0, end = 0;
    for (unsigned other : placed) {
      if (!buffers[current].overlaps(buffers[other]))
        continue;
      int64_t gap = layout.offsets[other] - end;
      if (gap >= sizes[current] && (best < 0 || gap < bestGap)) {
        best = end;
        bestGap = gap;
      }
      end = std::max(end, layout.offsets[other] + sizes[other]);
    }
    layout.offsets[current] = best < 0 ? end : best;
    layout.size =
        std::max(layout.size, layout.offsets[current] + sizes[current]);
    placed.insert(llvm::upper_bound(placed, current,
                                    [&](unsigned a, unsigned b) {
                                      return layout.offsets[a] <
                                             layout.offsets[b];
                                    }),
                  current);
  }
  return layout;
}

ArenaLayout mlir::lowbit::layOutArena(llvm::ArrayRef<BufferLifetime> buffers,
                                      int64_t alignment) {
  llvm::SmallVector<int64_t> sizes;
  for (const BufferLifetime &buffer : buffers)
    sizes.push_back(llvm::alignTo(buffer.size, alignment));

  llvm::SmallVector<unsigned> order(buffers.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](unsigned a, unsigned b) {
    return std::make_tuple(-sizes[a], a) < std::make_tuple(-sizes[b], b);
  });

  int64_t lowerBound = largestLiveSum(buffers, sizes);
  ArenaLayout best = placeInOrder(buffers, sizes, order), layout = best;
  // Pairs of buffers are compared in each round: few rounds for many buffers.
  int64_t count = std::max<int64_t>(1, buffers.size());
  int64_t rounds = std::min(kMaxRounds, kMaxComparisons / (count * count));
  for (; rounds > 0 && best.size > lowerBound; --rounds) {
    auto *furthest = llvm::find_if(order, [&](unsigned buffer) {
      return layout.offsets[buffer] + sizes[buffer] == layout.size;
    });
    std::rotate(order.begin(), furthest, std::next(furthest));
    layout = placeInOrder(buffers, sizes, order);
    if (layout.size < best.size)
      best = layout;
  }
  best.lowerBound = lowerBound;
  return best;
}
