//===- Rounding.cpp - What lowbit.encode rounds to ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/IR/Rounding.h"

#include <cmath>

using namespace mlir;

float lowbit::roundNumber(float value, Rounding rounding) {
  switch (rounding) {
  case Rounding::NearestEven:
    return std::nearbyint(value);
  case Rounding::NearestAway:
    return std::round(value);
  case Rounding::Floor:
    return std::floor(value);
  case Rounding::Ceil:
    return std::ceil(value);
  case Rounding::TowardZero:
    return std::trunc(value);
  case Rounding::AwayFromZero:
    return std::copysign(std::ceil(std::fabs(value)), value);
  case Rounding::NearestTowardZero: {
    float whole = std::floor(std::fabs(value));
    float rise = std::fabs(value) - whole > 0.5f; // exact
    return std::copysign(whole + rise, value);
  }
  case Rounding::Stochastic:
    break;
  }
  llvm_unreachable("a rounding that needs random words, or none");
}
