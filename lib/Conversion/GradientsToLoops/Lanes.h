//===- Lanes.h - Arithmetic on numbers or vectors ---------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_GRADIENTSTOLOOPS_LANES_H
#define LOWBIT_LIB_CONVERSION_GRADIENTSTOLOOPS_LANES_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit {

/// Builds arithmetic on scalars, or the same on each element of vectors. What is
/// one operation here is one operation of IEEE or of integers, in both.
class Lanes {
public:
  /// Scalars for a `width` of 0.
  explicit Lanes(ImplicitLocOpBuilder &builder, int64_t width = 0)
      : builder(builder), width(width) {}

  int64_t getWidth() const { return width; }
  ImplicitLocOpBuilder &getBuilder() const { return builder; }
  /// The same with other vectors.
  Lanes withWidth(int64_t other) const { return Lanes(builder, other); }

  Type type(Type element) const;
  Type i1() const { return type(builder.getI1Type()); }
  Type i32() const { return type(builder.getI32Type()); }
  Type i64() const { return type(builder.getI64Type()); }
  Type f32() const { return type(builder.getF32Type()); }
  Type f64() const { return type(builder.getF64Type()); }

  Value integer(int64_t value, unsigned bits = 32) const;
  Value real(double value) const;
  Value wideReal(double value) const;
  /// The scalar `value` in every lane.
  Value splat(Value value) const;

  /// Elements from `index` on, an index.
  Value load(Value buffer, Value index) const;
  void store(Value value, Value buffer, Value index) const;
  /// The elements `numbers`, i32, from `index` on.
  Value gather(Value buffer, Value index, Value numbers) const;

  /// So many elements of a longer vector, from the element `first` on.
  Value slice(Value vector, int64_t first) const;

  // On floats or integers, after the type.
  Value add(Value lhs, Value rhs) const;
  Value sub(Value lhs, Value rhs) const;
  Value mul(Value lhs, Value rhs) const;
  Value min(Value lhs, Value rhs) const; // signed integers; no NaN
  Value max(Value lhs, Value rhs) const;

  Value div(Value lhs, Value rhs) const; // floats
  Value fma(Value a, Value b, Value c) const;
  Value magnitude(Value value) const;
  Value sqrt(Value value) const;

  Value bitAnd(Value lhs, Value rhs) const;
  Value bitOr(Value lhs, Value rhs) const;
  Value bitXor(Value lhs, Value rhs) const;
  Value shl(Value value, int64_t bits) const;
  Value shr(Value value, int64_t bits) const; // with zeros

  Value compare(arith::CmpFPredicate predicate, Value lhs, Value rhs) const;
  Value compare(arith::CmpIPredicate predicate, Value lhs, Value rhs) const;
  Value select(Value condition, Value yes, Value no) const;

  Value toReal(Value integer) const; // i32 to f32
  Value toInteger(Value real) const; // f32 to i32, toward zero
  Value widen(Value real) const;     // f32 to f64
  Value bitsOf(Value real) const;    // f32 as i32, f64 as i64
  Value realOf(Value bits) const;    // the other way
  Value low(Value wide) const;       // i64 to i32
  Value high(Value wide) const;      // the upper half, as an i64
  Value extend(Value integer) const; // i32 to i64, with zeros

private:
  ImplicitLocOpBuilder &builder;
  int64_t width;
};

/// Index arithmetic: constants, sums and products that fold.
Value indexConstant(ImplicitLocOpBuilder &builder, int64_t value);
Value addIndex(ImplicitLocOpBuilder &builder, Value lhs, Value rhs);
Value addIndex(ImplicitLocOpBuilder &builder, Value lhs, int64_t rhs);
Value subIndex(ImplicitLocOpBuilder &builder, Value lhs, Value rhs);
Value mulIndex(ImplicitLocOpBuilder &builder, Value lhs, int64_t rhs);
Value divIndex(ImplicitLocOpBuilder &builder, Value lhs, int64_t rhs);
Value remIndex(ImplicitLocOpBuilder &builder, Value lhs, int64_t rhs);
Value minIndex(ImplicitLocOpBuilder &builder, Value lhs, Value rhs);
Value castIndex(ImplicitLocOpBuilder &builder, Value value, Type type);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_GRADIENTSTOLOOPS_LANES_H
