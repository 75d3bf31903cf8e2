//===- ArenaLayout.h - Where buffers lie in one arena -----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ANALYSIS_ARENALAYOUT_H
#define LOWBIT_ANALYSIS_ARENALAYOUT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>

namespace mlir::lowbit {

/// A buffer of `size` bytes that holds something from step `first` to step
/// `last`, both included.
struct BufferLifetime {
  int64_t size;
  unsigned first, last;

  bool overlaps(const BufferLifetime &other) const {
    return first <= other.last && other.first <= last;
  }
};

struct ArenaLayout {
  /// One for each buffer, in the order of the lifetimes.
  llvm::SmallVector<int64_t> offsets;
  /// The end of the last buffer, rounded up to the alignment.
  int64_t size = 0;
  /// The largest sum of sizes, each rounded up to the alignment, that live at
  /// one step: no layout is smaller.
  int64_t lowerBound = 0;
};

/// Places buffers so that those whose lifetimes overlap do not share a byte.
/// Every offset is a multiple of `alignment`. Deterministic; the largest
/// buffers are placed first, each in the smallest gap that holds it, and those
/// that then reach too far are placed earlier.
ArenaLayout layOutArena(llvm::ArrayRef<BufferLifetime> buffers,
                        int64_t alignment);

} // namespace mlir::lowbit

#endif // LOWBIT_ANALYSIS_ARENALAYOUT_H
