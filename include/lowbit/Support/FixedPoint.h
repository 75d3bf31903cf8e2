//===- FixedPoint.h - Factors of fixed-point rescaling ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_SUPPORT_FIXEDPOINT_H
#define LOWBIT_SUPPORT_FIXEDPOINT_H

#include <cstdint>
#include <optional>

namespace mlir::lowbit {

/// A factor of `lowbit.rescale`: multiplier * 2^-shift, with multiplier 0 or in
/// [2^30, 2^31) (smaller only where the shift has reached 62), and shift in
/// [2, 62].
struct RescaleFactor {
  int32_t multiplier;
  int32_t shift;
};

/// The factor nearest to `real`. Nothing if `real` is negative, NaN, or at least
/// 2^29. Factors below 2^-62 become smaller multipliers, down to 0.
std::optional<RescaleFactor> getRescaleFactor(double real);

} // namespace mlir::lowbit

#endif // LOWBIT_SUPPORT_FIXEDPOINT_H
