//===- FixedPoint.cpp - Factors of fixed-point rescaling ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/FixedPoint.h"

#include <cmath>
#include <limits>

using namespace mlir::lowbit;

std::optional<RescaleFactor> mlir::lowbit::getRescaleFactor(double real) {
  if (!(real >= 0 && real < (1 << 29)))
    return std::nullopt;
  if (real == 0)
    return RescaleFactor{0, 62};
  int exponent;
  double mantissa = std::frexp(real, &exponent); // in [0.5, 1)
  auto multiplier =
      static_cast<int64_t>(std::llround(std::ldexp(mantissa, 31)));
  if (multiplier == int64_t(1) << 31) {
    multiplier /= 2;
    ++exponent;
  }
  int shift = 31 - exponent;
  if (shift < 2) // rounded up to 2^29
    return RescaleFactor{std::numeric_limits<int32_t>::max(), 2};
  if (shift > 62) {
    multiplier = shift - 62 > 31
                     ? 0
                     : static_cast<int64_t>(std::llround(std::ldexp(real, 62)));
    shift = 62;
  }
  return RescaleFactor{static_cast<int32_t>(multiplier), shift};
}
