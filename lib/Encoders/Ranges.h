//===- Ranges.h - Where uniform grids end -----------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function finds the magnitude at which a symmetric grid ends: what lies
// beyond is clipped.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_ENCODERS_RANGES_H
#define LOWBIT_LIB_ENCODERS_RANGES_H

#include "Slices.h"

namespace mlir::lowbit {

/// The magnitude that `percentile` per cent of all do not exceed.
double findPercentile(const Slice &slice, double percentile);

/// Of `steps` magnitudes, evenly from nothing to the largest, the one whose
/// grid of codes -`top` to `top` has the least sum of costs times the error to
/// the power `norm`.
double findLeastErrorMagnitude(const Slice &slice, int64_t top, int64_t steps,
                               double norm);

/// The range whose coded distribution diverges least, over 2048 bins: its wider
/// side. The largest magnitude where there is a code for each number.
double findLeastDivergenceMagnitude(const Slice &slice, int64_t top);

/// Where a Laplace distribution of mean magnitude 1, or a Gauss distribution of
/// deviation 1, is clipped with the least squared error for `bits` bits.
double getLaplaceClip(unsigned bits);
double getGaussClip(unsigned bits);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_ENCODERS_RANGES_H
