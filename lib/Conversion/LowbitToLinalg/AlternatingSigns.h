//===- AlternatingSigns.h - Better scales and signs ------------ -*- C++ -*===////
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_LOWBITTOLINALG_ALTERNATINGSIGNS_H
#define LOWBIT_LIB_CONVERSION_LOWBITTOLINALG_ALTERNATINGSIGNS_H

#include "SliceBuilder.h"

namespace mlir::lowbit {

/// Sums of signs with scales: words of one bit for each plane, and for each plane a
/// tensor of the slices' scales.
struct ScaledSigns {
  Value codes;
  SmallVector<Value> scales;
};

/// One round for `numbers`, finite floats in slices of `count` elements: the scales
/// of least squares for the signs that are there, and the nearest sums of them.
void refineSigns(ImplicitLocOpBuilder &builder, const SliceBuilder &slices,
                 Value numbers, Value count, ScaledSigns &signs);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_LOWBITTOLINALG_ALTERNATINGSIGNS_H
