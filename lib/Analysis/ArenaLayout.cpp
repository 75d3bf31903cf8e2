//===- ArenaLayout.cpp - Where buffers lie in one arena -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Offline dynamic storage allocation is NP-hard; greedy by size with best fit
// is the usual heuristic (Pisarchyk and Lee, "Efficient Memory Management for
// Deep Neural Net Inference", 2020) and meets the lower bound on chains.

#include "lowbit/Analysis/ArenaLayout.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>
#include <tuple>

using namespace mlir::lowbit;

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
  layout.lowerBound = largestLiveSum(buffers, sizes);
  return layout;
}
