//===- ExactDivision.cpp - Quotients of f32, rounded correctly ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Vulkan's division may be wrong by 2.5 units in the last place. Here significands
// are divided as integers: 27 bits of the quotient, and whether anything is left,
// decide how it is rounded. Denormal numbers are numbers like others.

#include "SpirvPatterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// An f32 apart from its sign: significand * 2^(exponent - 150), where the
/// significand has 24 bits.
struct Parts {
  Value magnitude, significand, exponent;
};

class QuotientBuilder {
public:
  QuotientBuilder(Location loc, OpBuilder &builder) : builder(loc, builder) {}

  Value divide(Value lhs, Value rhs);

private:
  using Predicate = arith::CmpIPredicate;

  Value number(int64_t value, unsigned width = 32) {
    return arith::ConstantIntOp::create(builder, value, width);
  }
  template <typename Op> Value make(Value lhs, Value rhs) {
    return Op::create(builder, lhs, rhs);
  }
  Value add(Value lhs, Value rhs) { return make<arith::AddIOp>(lhs, rhs); }
  Value subtract(Value lhs, Value rhs) { return make<arith::SubIOp>(lhs, rhs); }
  Value both(Value lhs, Value rhs) { return make<arith::AndIOp>(lhs, rhs); }
  Value either(Value lhs, Value rhs) { return make<arith::OrIOp>(lhs, rhs); }
  Value shiftLeft(Value value, Value by) {
    return make<arith::ShLIOp>(value, by);
  }
  Value shiftRight(Value value, Value by) {
    return make<arith::ShRUIOp>(value, by);
  }
  Value compare(Predicate predicate, Value lhs, Value rhs) {
    return arith::CmpIOp::create(builder, predicate, lhs, rhs);
  }
  Value choose(Value condition, Value yes, Value no) {
    return arith::SelectOp::create(builder, condition, yes, no);
  }
  Value extend(Value value, unsigned width) {
    return arith::ExtUIOp::create(builder, builder.getIntegerType(width),
                                  value);
  }
  /// 1 where `value` is not 0.
  Value isAny(Value value) {
    return extend(compare(Predicate::ne, value, number(0)), 32);
  }

  Parts takeApart(Value bits);
  Value divideSignificands(const Parts &lhs, const Parts &rhs, Value isLess);
  Value round(Value quotient, Value exponent);

  ImplicitLocOpBuilder builder;
};

struct DivideExactly : OpRewritePattern<arith::DivFOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(arith::DivFOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isF32())
      return rewriter.notifyMatchFailure(op, "is no scalar of f32");
    rewriter.replaceOp(op, QuotientBuilder(op.getLoc(), rewriter)
                               .divide(op.getLhs(), op.getRhs()));
    return success();
  }
};

} // namespace

Parts QuotientBuilder::takeApart(Value bits) {
  Parts parts;
  parts.magnitude = both(bits, number(0x7FFFFFFF));
  Value exponent = shiftRight(parts.magnitude, number(23));
  Value fraction = both(parts.magnitude, number(0x7FFFFF));
  Value isNormal = compare(Predicate::ne, exponent, number(0));
  Value significand =
      choose(isNormal, either(fraction, number(0x800000)), fraction);
  exponent = choose(isNormal, exponent, number(1));
  // Denormal numbers: the first 1 goes where others have it. 0 does not matter.
  Value zeros = math::CountLeadingZerosOp::create(
      builder, either(significand, number(1)));
  Value shift = subtract(zeros, number(8));
  parts.significand = shiftLeft(significand, shift);
  parts.exponent = subtract(exponent, shift);
  return parts;
}

/// 27 bits of the quotient, the last of which stands for all behind it, too.
Value QuotientBuilder::divideSignificands(const Parts &lhs, const Parts &rhs,
                                          Value isLess) {
  Value shift = choose(isLess, number(27, 64), number(26, 64));
  Value dividend = shiftLeft(extend(lhs.significand, 64), shift);
  Value divisor = extend(rhs.significand, 64);
  // Never 0: denormal numbers are normalized, and 0 is treated apart.
  Value isZero = compare(Predicate::eq, divisor, number(0, 64));
  divisor = choose(isZero, number(1, 64), divisor);
  Value quotient = make<arith::DivUIOp>(dividend, divisor);
  Value rest = subtract(dividend, make<arith::MulIOp>(quotient, divisor));
  Value i32 = arith::TruncIOp::create(builder, builder.getI32Type(), quotient);
  Value sticky = extend(compare(Predicate::ne, rest, number(0, 64)), 32);
  return either(i32, sticky);
}

/// The bits of quotient * 2^(exponent - 127 - 26).
Value QuotientBuilder::round(Value quotient, Value exponent) {
  // Below the least normal number, fewer bits are left.
  Value isDenormal = compare(Predicate::slt, exponent, number(1));
  Value lost = choose(isDenormal, subtract(number(1), exponent), number(0));
  lost = make<arith::MinSIOp>(lost, number(31));
  Value kept = shiftRight(quotient, lost);
  Value dropped = subtract(quotient, shiftLeft(kept, lost));
  quotient = either(kept, isAny(dropped));
  Value significand = shiftRight(quotient, number(3));
  Value behind = both(quotient, number(7));
  Value isOdd = both(significand, number(1));
  // Up above a half, and at a half to the even neighbour.
  Value rises = compare(Predicate::ugt, add(behind, isOdd), number(4));
  significand = add(significand, extend(rises, 32));
  // The first 1 of a normal number adds one to the exponent.
  Value base = choose(isDenormal, number(0), subtract(exponent, number(1)));
  base = make<arith::MinSIOp>(base, number(0xFE));
  Value bits = add(shiftLeft(base, number(23)), significand);
  Value isLarge = compare(Predicate::sgt, exponent, number(0xFE));
  Value infinity = number(0x7F800000);
  return choose(isLarge, infinity, make<arith::MinUIOp>(bits, infinity));
}

Value QuotientBuilder::divide(Value lhs, Value rhs) {
  Type i32 = builder.getI32Type();
  Value lhsBits = arith::BitcastOp::create(builder, i32, lhs);
  Value rhsBits = arith::BitcastOp::create(builder, i32, rhs);
  Value sign = both(make<arith::XOrIOp>(lhsBits, rhsBits),
                    number(std::numeric_limits<int32_t>::min()));
  Parts a = takeApart(lhsBits), b = takeApart(rhsBits);
  Value isLess = compare(Predicate::ult, a.significand, b.significand);
  Value exponent = add(subtract(a.exponent, b.exponent), number(127));
  exponent = subtract(exponent, extend(isLess, 32));
  Value bits = round(divideSignificands(a, b, isLess), exponent);

  Value infinity = number(0x7F800000), zero = number(0);
  auto is = [&](Predicate predicate, const Parts &parts, Value other) {
    return compare(predicate, parts.magnitude, other);
  };
  Value isZero =
      either(is(Predicate::eq, a, zero), is(Predicate::eq, b, infinity));
  Value isInfinite =
      either(is(Predicate::eq, a, infinity), is(Predicate::eq, b, zero));
  Value isNaN = either(
      either(is(Predicate::ugt, a, infinity), is(Predicate::ugt, b, infinity)),
      both(isZero, isInfinite));
  bits = choose(isZero, zero, choose(isInfinite, infinity, bits));
  bits = choose(isNaN, number(0x7FC00000), either(bits, sign));
  return arith::BitcastOp::create(builder, builder.getF32Type(), bits);
}

void lowbit::populateExactDivisionPatterns(RewritePatternSet &patterns) {
  patterns.add<DivideExactly>(patterns.getContext());
}
