//===- TfliteFunctions.cpp - Functions of one code, as TFLite has them ----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A fixed-point number with n integer bits is an i32 that counts steps of
// 2^(n - 31). The product of two has the sum of their integer bits.

#include "TfliteFunctions.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

static constexpr int32_t kMax = std::numeric_limits<int32_t>::max();
static constexpr int32_t kMin = std::numeric_limits<int32_t>::min();

/// a * b / 2^31, rounded to nearest, up at ties.
static int32_t multiply(int32_t a, int32_t b) {
  if (a == kMin && b == kMin)
    return kMax;
  return static_cast<int32_t>((int64_t(a) * b + (int64_t(1) << 30)) >> 31);
}

/// x / 2^exponent, rounded to nearest, away from 0 at ties.
static int32_t divideByPower(int32_t x, int exponent) {
  int64_t mask = (int64_t(1) << exponent) - 1;
  int64_t threshold = (mask >> 1) + (x < 0);
  return (x >> exponent) + ((x & mask) > threshold);
}

/// x * 2^exponent, saturated: fewer integer bits for the same number.
static int32_t multiplyByPower(int32_t x, int exponent) {
  int64_t wide = int64_t(x) * (int64_t(1) << exponent);
  return static_cast<int32_t>(
      std::min<int64_t>(std::max<int64_t>(wide, kMin), kMax));
}

/// exp(a) without integer bits, for a <= 0 with `integerBits`.
static int32_t computeExp(int32_t a, int integerBits) {
  if (a == 0)
    return kMax;
  // A Taylor series around -1/8 for the part of a in [-1/4, 0).
  int fractionBits = 31 - integerBits;
  int32_t quarter = int32_t(1) << (fractionBits - 2);
  int32_t part = (a & (quarter - 1)) - quarter;
  constexpr int32_t expOfEighth = 1895147668, third = 715827883;
  int32_t x = multiplyByPower(part, integerBits) + (1 << 28);
  int32_t x2 = multiply(x, x), x3 = multiply(x2, x), x4 = multiply(x2, x2);
  int32_t rest =
      divideByPower(multiply(divideByPower(x4, 2) + x3, third) + x2, 1);
  int32_t result = expOfEighth + multiply(expOfEighth, x + rest);
  // exp(-2^i) for each bit of what is left, from i = -2 on.
  constexpr int32_t powers[] = {1672461947, 1302514674, 790015084, 290630308,
                                39332535,   720401,     242};
  int32_t left = part - a;
  for (int i = -2; i < integerBits; ++i)
    if (left & (int32_t(1) << (fractionBits + i)))
      result = multiply(result, powers[i + 2]);
  return result;
}

/// 2 / (1 + a) with two integer bits, for a in [0, 1) without: three steps of
/// Newton and Raphson.
static int32_t computeTwiceReciprocal(int32_t a) {
  auto halfDenominator = static_cast<int32_t>((int64_t(a) + kMax + 1) / 2);
  constexpr int32_t of48Over17 = 1515870810, of32Over17 = 1010580540;
  constexpr int32_t one = 1 << 29;
  int32_t x = of48Over17 + multiply(halfDenominator, -of32Over17);
  for (int i = 0; i < 3; ++i)
    x += multiplyByPower(multiply(x, one - multiply(halfDenominator, x)), 2);
  return x;
}

/// 1 / (1 + exp(-a)) without integer bits, for a with four.
static int32_t computeLogistic(int32_t a) {
  if (a == 0)
    return 1 << 30;
  int32_t ofMagnitude =
      multiplyByPower(computeTwiceReciprocal(computeExp(-std::abs(a), 4)), 1);
  return a > 0 ? ofMagnitude : kMax - ofMagnitude;
}

/// tanh(a) without integer bits, for a with four. Of -2 |a|, five bits.
static int32_t computeTanh(int32_t a) {
  if (a == 0)
    return 0;
  constexpr int32_t one = 1 << 29;
  int32_t ofMagnitude = multiplyByPower(
      computeTwiceReciprocal(computeExp(-std::abs(a), 5)) - one, 2);
  return a > 0 ? ofMagnitude : -ofMagnitude;
}

/// The variable with four integer bits, `function` of it rounded to steps of
/// 2^-bits, and `zeroPoint`. Beyond a radius, the least and greatest code.
template <typename Function>
static int8_t compute(int64_t steps, float scale, bool doubleRound, int bits,
                      int32_t zeroPoint, Function function) {
  constexpr int32_t least = -128, most = 127;
  int shift;
  double mantissa = std::frexp(double(scale) * (1 << 27), &shift);
  auto multiplier =
      static_cast<int64_t>(std::llround(std::ldexp(mantissa, 31)));
  // No step leaves the radius of the smallest scales, which int64 cannot hold.
  auto radius = static_cast<int64_t>(
      std::min(std::floor(std::ldexp(15.0 * (1 << 27), -shift)), 0x1p62));
  if (steps <= -radius)
    return least;
  if (steps >= radius)
    return most;
  // Some code is inside the radius, so shift <= 30, and the variable fits.
  auto code = static_cast<int32_t>(steps);
  auto factor = static_cast<int32_t>(multiplier);
  int32_t variable = 0;
  if (shift >= -31 && !doubleRound)
    variable = static_cast<int32_t>(
        (steps * multiplier + (int64_t(1) << (30 - shift))) >> (31 - shift));
  else if (shift >= -31)
    variable = shift > 0 ? multiply(code * (int32_t(1) << shift), factor)
                         : divideByPower(multiply(code, factor), -shift);
  int32_t result = divideByPower(function(variable), 31 - bits) + zeroPoint;
  return static_cast<int8_t>(std::min(std::max(result, least), most));
}

int8_t lowbit::computeTfliteLogistic(int64_t steps, float scale,
                                     bool doubleRound) {
  return compute(steps, scale, doubleRound, 8, -128, computeLogistic);
}

int8_t lowbit::computeTfliteTanh(int64_t steps, float scale, bool doubleRound) {
  return compute(steps, scale, doubleRound, 7, 0, computeTanh);
}
