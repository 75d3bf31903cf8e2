//===- Pow2.cpp - powers of two, and sums of them ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Formats/Format.h"

#include "FormatVerify.h"
#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

LogicalResult Pow2Type::verify(function_ref<InFlightDiagnostic()> emitError,
                               bool isSigned, unsigned width, unsigned fields,
                               unsigned drop, int64_t low, int64_t high,
                               std::optional<int64_t> axis,
                               DenseF32ArrayAttr scales) {
  if (width < (isSigned ? 2 : 1) || fields < 1 || fields > 16 ||
      width * fields > 16)
    return emitError() << "expects fields of at least " << (isSigned ? 2 : 1)
                       << " bits, at most 16 bits together, but got " << fields
                       << " of " << width;
  if (low < -126 || high > 127 || low > high)
    return emitError() << "expects exponents from -126 to 127 in ascending "
                          "order, but got "
                       << low << " and " << high;
  int64_t magnitudes = int64_t(1) << (width - isSigned);
  if (high - low + 1 > magnitudes - 1)
    return emitError() << "expects at most " << magnitudes - 1
                       << " exponents in " << width << " bits, but got "
                       << high - low + 1;
  // The greatest magnitude of field 0 over the least of the last.
  if (drop > 30 || high - low + int64_t(drop) * (fields - 1) > 29)
    return emitError() << "expects powers of two that are at most 2^29 times "
                          "the least one";
  if (low - int64_t(drop) * (fields - 1) < -126)
    return emitError() << "expects exponents of all fields from -126 on";
  if (failed(verifyScales(emitError, axis, scales)))
    return failure();
  for (float scale : scales.asArrayRef()) {
    double least = std::ldexp(scale, low - int64_t(drop) * (fields - 1));
    double most = 0;
    for (unsigned field = 0; field < fields; ++field)
      most += std::ldexp(scale, high - int64_t(drop) * field);
    if (!isUsableScale(static_cast<float>(least)) || most > 0x1p127)
      return emitError() << "expects scales with which the powers of two are "
                            "normal numbers that add up to at most 2^127, but "
                            "got "
                         << scale;
  }
  return success();
}

unsigned Pow2Type::getStorageWidth() const { return getWidth() * getFields(); }
bool Pow2Type::hasSignedStorage() const { return false; }
std::optional<int64_t> Pow2Type::getScaleAxis() const { return getAxis(); }
int64_t Pow2Type::getNumChannels() const { return getScales().size(); }

/// The greatest magnitude of a field.
static int64_t getMostMagnitude(Pow2Type type) {
  return type.getHigh() - type.getLow() + 1;
}

/// How far the least power of two of `field` is above the least of all.
static unsigned getShift(Pow2Type type, unsigned field) {
  return type.getDrop() * (type.getFields() - 1 - field);
}

int64_t Pow2Type::getStep(int64_t code, unsigned) const {
  int64_t magnitudes = int64_t(1) << (getWidth() - getIsSigned());
  int64_t sum = 0;
  for (unsigned field = 0; field < getFields(); ++field) {
    int64_t bits = (code >> (field * getWidth())) &
                   llvm::maskTrailingOnes<uint64_t>(getWidth());
    int64_t magnitude =
        std::min(bits & (magnitudes - 1), getMostMagnitude(*this));
    if (magnitude == 0)
      continue;
    int64_t power = int64_t(1) << (magnitude - 1 + getShift(*this, field));
    sum += bits >= magnitudes ? -power : power;
  }
  return sum;
}

std::pair<int64_t, int64_t> Pow2Type::getStepRange(unsigned) const {
  int64_t most = 0;
  for (unsigned field = 0; field < getFields(); ++field)
    most +=
        int64_t(1) << (getMostMagnitude(*this) - 1 + getShift(*this, field));
  return {getIsSigned() ? -most : 0, most};
}

double Pow2Type::getScale(unsigned, int64_t channel) const {
  int64_t least = getLow() - int64_t(getDrop()) * (getFields() - 1);
  return std::ldexp(double(getScales()[channel]), least);
}

/// sum of (1 << (m - 1 + shift)), negated where the sign bit is set
Value Pow2Type::buildStep(ImplicitLocOpBuilder &builder, Value code,
                          unsigned) const {
  auto constant = [&](int64_t value) {
    return constantInt(builder, value, 32);
  };
  Value zero = constant(0), one = constant(1), sum;
  for (unsigned field = 0; field < getFields(); ++field) {
    Value bits =
        arith::ShRUIOp::create(builder, code, constant(field * getWidth()));
    unsigned width = getWidth() - getIsSigned();
    Value magnitude = arith::AndIOp::create(
        builder, bits, constant(llvm::maskTrailingOnes<uint64_t>(width)));
    magnitude = arith::MinUIOp::create(builder, magnitude,
                                       constant(getMostMagnitude(*this)));
    Value isZero = arith::CmpIOp::create(builder, arith::CmpIPredicate::eq,
                                         magnitude, zero);
    // Shifted by one less than m and one more at once: no negative shift.
    Value power = arith::ShLIOp::create(builder, one, magnitude);
    power = arith::ShRUIOp::create(builder, power, one);
    power =
        arith::ShLIOp::create(builder, power, constant(getShift(*this, field)));
    power = arith::SelectOp::create(builder, isZero, zero, power);
    if (getIsSigned()) {
      Value sign =
          arith::AndIOp::create(builder, bits, constant(int64_t(1) << width));
      Value isNegative =
          arith::CmpIOp::create(builder, arith::CmpIPredicate::ne, sign, zero);
      Value negative = arith::SubIOp::create(builder, zero, power);
      power = arith::SelectOp::create(builder, isNegative, negative, power);
    }
    sum = sum ? arith::AddIOp::create(builder, sum, power).getResult() : power;
  }
  return sum;
}
