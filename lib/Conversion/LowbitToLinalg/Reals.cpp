//===- Reals.cpp - f32 arithmetic that is the same everywhere -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reals.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;

Value lowbit::clampFloat(ImplicitLocOpBuilder &builder, Value value, Value low,
                         Value high) {
  Value above =
      arith::CmpFOp::create(builder, arith::CmpFPredicate::OGT, value, low);
  value = arith::SelectOp::create(builder, above, value, low);
  Value below =
      arith::CmpFOp::create(builder, arith::CmpFPredicate::OLT, value, high);
  return arith::SelectOp::create(builder, below, value, high);
}

Value lowbit::constantFloat(ImplicitLocOpBuilder &builder, float value) {
  return arith::ConstantOp::create(builder, builder.getF32FloatAttr(value));
}

Value lowbit::limitFloat(ImplicitLocOpBuilder &builder, Value value) {
  constexpr float largest = std::numeric_limits<float>::max();
  Value isNaN =
      arith::CmpFOp::create(builder, arith::CmpFPredicate::UNO, value, value);
  value =
      arith::SelectOp::create(builder, isNaN, constantFloat(builder, 0), value);
  return clampFloat(builder, value, constantFloat(builder, -largest),
                    constantFloat(builder, largest));
}

// There is no instruction for it in x86 below SSE4.1, and a call to libm is not to
// be had. From 2^23 on floats are integers; below, adding 2^23 leaves no bit behind
// the point, rounded as the sum is.
Value lowbit::roundToNearestEven(ImplicitLocOpBuilder &builder, Value value) {
  Value magnitude = math::AbsFOp::create(builder, value);
  Value limit = constantFloat(builder, 8388608.0f);
  Value sum = arith::AddFOp::create(builder, magnitude, limit);
  Value rounded = arith::SubFOp::create(builder, sum, limit);
  Value isSmall = arith::CmpFOp::create(builder, arith::CmpFPredicate::OLT,
                                        magnitude, limit);
  rounded = arith::SelectOp::create(builder, isSmall, rounded, magnitude);
  return math::CopySignOp::create(builder, rounded, value);
}
