//===- RunningStatistics.h - Statistics of a stream -------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that #lowbit.stats says about one value, in memory that does not
// grow with the number of samples. Bins have a power of two as width; when the
// range outgrows them, the width doubles and pairs of bins merge, exactly. So
// the histogram depends on the elements only, not on their order.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_CALIBRATE_RUNNINGSTATISTICS_H
#define LOWBIT_LIB_TRANSFORMS_CALIBRATE_RUNNINGSTATISTICS_H

#include "lowbit/IR/Lowbit.h"

namespace mlir::lowbit {

class RunningStatistics {
public:
  static constexpr int64_t maxBins = 2048;

  /// Adds the elements of one sample. Adds nothing and returns false if one of
  /// them is not finite.
  bool addSample(ArrayRef<float> elements);

  bool isEmpty() const { return count == 0; }

  /// Of at least one element.
  StatsAttr get(MLIRContext *context) const;

private:
  /// Makes room for elements from `low` to `high` in the histogram.
  void extend(double low, double high);

  int64_t count = 0;
  double min = 0, max = 0, averageMin = 0, averageMax = 0;
  /// Bin i counts the elements x with floor(x / 2^exponent) = firstBin + i.
  int exponent = 0;
  int64_t firstBin = 0;
  SmallVector<int64_t, 0> bins;
};

/// The statistics of a constant are its own elements. Null if `op` observes
/// anything else, or numbers that are not finite.
StatsAttr getConstantStatistics(ObserveOp op);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_CALIBRATE_RUNNINGSTATISTICS_H
