//===- Bases.h - Sums of scaled signs ---------------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_ENCODERS_BASES_H
#define LOWBIT_LIB_ENCODERS_BASES_H

#include "Slices.h"

namespace mlir::lowbit {

/// A scale for each base, and for each number the signs that it has in the
/// bases: bit p is that of base p, 1 for +.
struct Bases {
  SmallVector<double> scales;
  SmallVector<uint32_t, 0> signs;

  size_t size() const { return scales.size(); }
  /// The number that `code` stands for.
  double decode(uint32_t code) const;
};

/// The sum of costs times squared errors.
double getCost(const Slice &slice, const Bases &bases);

/// Base after base, each the signs of what the ones before leave, times its mean
/// magnitude. With `refine`, all scales are solved again after each base.
Bases approximateGreedily(const Slice &slice, unsigned count, bool refine);

/// The signs of w - mean + u * deviation for `count` numbers u, evenly from -1
/// to 1, with the scales of least cost.
Bases approximateByShifts(const Slice &slice, unsigned count);

/// Takes the scales of least cost for the signs.
void solveScales(const Slice &slice, Bases &bases);

/// Takes the signs of least cost for the scales: those of the nearest sum.
void chooseSigns(const Slice &slice, Bases &bases);

/// solveScales and chooseSigns in turn, until nothing changes or `rounds` are
/// over. `costs`, if there, takes the cost before and after each step.
void alternate(const Slice &slice, Bases &bases, unsigned rounds,
               std::vector<double> *costs = nullptr);

/// Makes all scales usable ones of f32, without changing any sum by more than
/// their rounding: a negative scale turns its signs around, and a base of scale
/// 0 takes over half of the largest one.
void makeScalesUsable(Bases &bases);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_ENCODERS_BASES_H
