//===- BufferViews.h - Which values may show a buffer -----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ANALYSIS_BUFFERVIEWS_H
#define LOWBIT_ANALYSIS_BUFFERVIEWS_H

#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"

namespace mlir::lowbit {

/// Upstream's view analysis, made conservative: an operation of which nothing
/// is known may return a view of each memref that it takes.
class BufferViews {
public:
  explicit BufferViews(Operation *op) : views(op) {}

  /// Every value that may show a part of `buffer`, itself included.
  DenseSet<Value> resolve(Value buffer) const;

private:
  BufferViewFlowAnalysis views;
};

/// True if `user` turns a memref into something else that may hold its address,
/// so that later accesses cannot be seen.
bool leaksAddress(Operation *user);

} // namespace mlir::lowbit

#endif // LOWBIT_ANALYSIS_BUFFERVIEWS_H
