//===- Steps.cpp - Distances of levels -----------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GradientLoops.h"

#include "llvm/Support/MathExtras.h"

#include <cfloat>
#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// scale / levels, rounded so that the product is not less than the scale, or else
/// so that it is finite: a number next to the quotient, whose bits are next to its.
Value lowbit::buildStep(ImplicitLocOpBuilder &builder, Value scale,
                        int64_t levels) {
  if (levels == 1)
    return scale;
  Lanes scalar(builder);
  Value count = scalar.real(static_cast<double>(levels));
  Value step = scalar.div(scale, count);
  Value product = scalar.mul(step, count);
  Value isLess = scalar.compare(arith::CmpFPredicate::OLT, product, scale);
  Value next =
      scalar.realOf(scalar.add(scalar.bitsOf(step), scalar.integer(1)));
  Value isNextFinite = scalar.compare(
      arith::CmpFPredicate::OLE, scalar.mul(next, count), scalar.real(FLT_MAX));
  Value isFinite =
      scalar.compare(arith::CmpFPredicate::OLE, product, scalar.real(FLT_MAX));
  Value before =
      scalar.realOf(scalar.sub(scalar.bitsOf(step), scalar.integer(1)));
  return scalar.select(
      isFinite, scalar.select(scalar.bitAnd(isLess, isNextFinite), next, step),
      before);
}

/// The largest power of two that is at most levels / sqrt(2).
static int64_t getShiftDivisor(int64_t levels) {
  int64_t power = 1;
  while (2 * (2 * power) * (2 * power) <= levels * levels)
    power *= 2;
  return power;
}

Value lowbit::buildShiftStep(ImplicitLocOpBuilder &builder, Value scale,
                             int64_t levels) {
  Lanes scalar(builder);
  // Every f32 is a normal number in f64, so that its bits are an exponent and a
  // fraction. A fraction of sqrt(2) or more carries into the exponent.
  constexpr int64_t one = int64_t(1) << 52;
  constexpr int64_t rootOfTwo = 0x6A09E667F3BCD;
  Value bits = scalar.bitsOf(scalar.widen(scale));
  bits = scalar.add(bits, scalar.integer(one - rootOfTwo, 64));
  bits = scalar.bitAnd(bits, scalar.integer(0x7FF * one, 64));
  Value step = scalar.realOf(bits);
  auto divisor = static_cast<double>(getShiftDivisor(levels));
  step = scalar.mul(step, scalar.wideReal(1 / divisor));
  int most = 127 - static_cast<int>(llvm::Log2_64(levels));
  step = scalar.min(step, scalar.wideReal(std::ldexp(1.0, most)));
  step = scalar.max(step, scalar.wideReal(0x1p-149));
  Value isZero =
      scalar.compare(arith::CmpFPredicate::OEQ, scale, scalar.real(0));
  step = arith::TruncFOp::create(builder, builder.getF32Type(), step);
  return scalar.select(isZero, scale, step);
}
