//===- Projection.h - Alternating projection onto a grid --------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_ENCODERS_PROJECTION_H
#define LOWBIT_LIB_ENCODERS_PROJECTION_H

#include "Slices.h"

namespace mlir::lowbit {

/// A scale, and the level of each number as its place in the grid.
struct Projection {
  double scale = 1;
  SmallVector<int64_t, 0> levels;
};

/// The sum of costs times squared errors of scale times level.
double getCost(const Slice &slice, ArrayRef<double> grid,
               const Projection &projection);

/// Takes the nearest levels for the scale.
void chooseLevels(const Slice &slice, ArrayRef<double> grid,
                  Projection &projection);

/// The levels of `grid`, ascending and symmetric around 0, and the scale of least
/// cost, in turn, until nothing changes or `rounds` are over; the better of two
/// starts. `costs`, if there, takes the costs after each step of both starts, one
/// list for each.
Projection projectOntoGrid(const Slice &slice, ArrayRef<double> grid,
                           unsigned rounds,
                           std::vector<std::vector<double>> *costs = nullptr);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_ENCODERS_PROJECTION_H
