//===- RangeSearch.h - Ranges that lose least -------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A range for the codes of a value, from its histogram. Every range found here
// holds 0, lies inside the extremes, and has edges of bins as its ends, or the
// extremes. The result depends on the histogram only.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_SUPPORT_RANGESEARCH_H
#define LOWBIT_SUPPORT_RANGESEARCH_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <utility>

namespace mlir::lowbit {

/// Bin `i` counts the elements `x` with `floor(x / binWidth) = firstBin + i`.
/// All lie between `min` and `max`.
struct Histogram {
  double min, max, binWidth;
  int64_t firstBin;
  llvm::ArrayRef<int64_t> counts;
};

/// The range of `levels` codes with the least squared error, among all pairs of
/// edges; the wider of two that are equal. An element counts as the middle of
/// its bin: outside, its error is the distance to the range; within half a step
/// of 0, which is a code, it is its own magnitude; elsewhere the error is spread
/// evenly over a step, step^2 / 12. The extremes where there is no bin.
std::pair<double, double> findLeastSquaresRange(const Histogram &histogram,
                                                int64_t levels);

/// The range whose coded distribution diverges least from the one seen: the
/// entropy calibration known from TensorRT, for ranges that need not be
/// symmetric. Windows of bins become narrower, on the side that has less, down
/// to one bin a code. In each, P is the distribution with what is outside added
/// to the outermost bins; Q spreads the counts of each code's bins over those of
/// them that have any. The window with the least KL(P || Q) wins. The bin from 0
/// up, which holds all zeros of a ReLU, counts as its larger neighbour: 0 is a
/// code of every range. The extremes where there are no more bins than codes.
std::pair<double, double> findLeastDivergenceRange(const Histogram &histogram,
                                                   int64_t levels);

} // namespace mlir::lowbit

#endif // LOWBIT_SUPPORT_RANGESEARCH_H
