//===- Rounding.cpp - Real numbers to integers ----------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rounding.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ErrorHandling.h"

#include <cmath>

using namespace mlir::lowbit;

Rounder::Rounder(llvm::StringRef mode, uint64_t seed)
    : mode(llvm::StringSwitch<Mode>(mode)
               .Case("nearest-even", Mode::NearestEven)
               .Case("nearest-away", Mode::NearestAway)
               .Case("floor", Mode::Floor)
               .Case("ceil", Mode::Ceil)
               .Case("stochastic", Mode::Stochastic)),
      generator(seed) {}

int64_t Rounder::operator()(double number) {
  double below = std::floor(number);
  switch (mode) {
  case Mode::NearestEven: {
    double rest = number - below;
    bool isUp = rest > 0.5 || (rest == 0.5 && std::fmod(below, 2) != 0);
    return static_cast<int64_t>(below) + isUp;
  }
  case Mode::NearestAway:
    return std::llround(number);
  case Mode::Floor:
    return static_cast<int64_t>(below);
  case Mode::Ceil:
    return static_cast<int64_t>(std::ceil(number));
  case Mode::Stochastic: {
    double uniform = std::ldexp(double(generator() >> 11), -53);
    return static_cast<int64_t>(below) + (uniform < number - below);
  }
  }
  llvm_unreachable("not a mode");
}
