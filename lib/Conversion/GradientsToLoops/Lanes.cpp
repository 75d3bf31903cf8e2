//===- Lanes.cpp - Arithmetic on numbers or vectors -----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

Type Lanes::type(Type element) const {
  return width == 0 ? element : VectorType::get({width}, element);
}

/// The constant `scalar` in every lane.
static Value constant(const Lanes &lanes, TypedAttr scalar) {
  if (lanes.getWidth() > 0)
    scalar = SplatElementsAttr::get(
        cast<VectorType>(lanes.type(scalar.getType())), Attribute(scalar));
  return arith::ConstantOp::create(lanes.getBuilder(), scalar);
}

Value Lanes::integer(int64_t value, unsigned bits) const {
  return constant(*this, builder.getIntegerAttr(
                             builder.getIntegerType(bits),
                             APInt(bits, value, true, true).getSExtValue()));
}
Value Lanes::real(double value) const {
  return constant(*this, builder.getF32FloatAttr(static_cast<float>(value)));
}
Value Lanes::wideReal(double value) const {
  return constant(*this, builder.getF64FloatAttr(value));
}
Value Lanes::splat(Value value) const {
  if (width == 0)
    return value;
  return vector::BroadcastOp::create(builder, type(value.getType()), value);
}

Value Lanes::load(Value buffer, Value index) const {
  if (width == 0)
    return memref::LoadOp::create(builder, buffer, index);
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  return vector::LoadOp::create(builder, cast<VectorType>(type(element)),
                                buffer, index);
}
void Lanes::store(Value value, Value buffer, Value index) const {
  if (width == 0)
    memref::StoreOp::create(builder, value, buffer, index);
  else
    vector::StoreOp::create(builder, value, buffer, index);
}

Value Lanes::gather(Value buffer, Value index, Value numbers) const {
  if (width == 0)
    return load(buffer,
                addIndex(builder, index,
                         castIndex(builder, numbers, builder.getIndexType())));
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  return vector::GatherOp::create(builder, cast<VectorType>(type(element)),
                                  buffer, index, numbers, integer(1, 1),
                                  integer(0));
}

Value Lanes::slice(Value vector, int64_t first) const {
  return vector::ExtractStridedSliceOp::create(
      builder, vector, ArrayRef<int64_t>{first}, ArrayRef<int64_t>{width},
      ArrayRef<int64_t>{1});
}

static bool isReal(Value value) {
  return isa<FloatType>(getElementTypeOrSelf(value.getType()));
}
template <typename Real, typename Integer>
static Value build(ImplicitLocOpBuilder &builder, Value lhs, Value rhs) {
  if (isReal(lhs))
    return Real::create(builder, lhs, rhs);
  return Integer::create(builder, lhs, rhs);
}

Value Lanes::add(Value lhs, Value rhs) const {
  return build<arith::AddFOp, arith::AddIOp>(builder, lhs, rhs);
}
Value Lanes::sub(Value lhs, Value rhs) const {
  return build<arith::SubFOp, arith::SubIOp>(builder, lhs, rhs);
}
Value Lanes::mul(Value lhs, Value rhs) const {
  return build<arith::MulFOp, arith::MulIOp>(builder, lhs, rhs);
}
Value Lanes::min(Value lhs, Value rhs) const {
  if (!isReal(lhs))
    return arith::MinSIOp::create(builder, lhs, rhs);
  return select(compare(arith::CmpFPredicate::OLT, lhs, rhs), lhs, rhs);
}
Value Lanes::max(Value lhs, Value rhs) const {
  if (!isReal(lhs))
    return arith::MaxSIOp::create(builder, lhs, rhs);
  return select(compare(arith::CmpFPredicate::OGT, lhs, rhs), lhs, rhs);
}

Value Lanes::div(Value lhs, Value rhs) const {
  return arith::DivFOp::create(builder, lhs, rhs);
}
Value Lanes::fma(Value a, Value b, Value c) const {
  return math::FmaOp::create(builder, a, b, c);
}
Value Lanes::magnitude(Value value) const {
  return math::AbsFOp::create(builder, value);
}
Value Lanes::sqrt(Value value) const {
  return math::SqrtOp::create(builder, value);
}

Value Lanes::bitAnd(Value lhs, Value rhs) const {
  return arith::AndIOp::create(builder, lhs, rhs);
}
Value Lanes::bitOr(Value lhs, Value rhs) const {
  return arith::OrIOp::create(builder, lhs, rhs);
}
Value Lanes::bitXor(Value lhs, Value rhs) const {
  return arith::XOrIOp::create(builder, lhs, rhs);
}
static Value shiftCount(const Lanes &lanes, Value value, int64_t bits) {
  return lanes.integer(
      bits, getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth());
}
Value Lanes::shl(Value value, int64_t bits) const {
  return arith::ShLIOp::create(builder, value, shiftCount(*this, value, bits));
}
Value Lanes::shr(Value value, int64_t bits) const {
  return arith::ShRUIOp::create(builder, value, shiftCount(*this, value, bits));
}

Value Lanes::compare(arith::CmpFPredicate predicate, Value lhs,
                     Value rhs) const {
  return arith::CmpFOp::create(builder, predicate, lhs, rhs);
}
Value Lanes::compare(arith::CmpIPredicate predicate, Value lhs,
                     Value rhs) const {
  return arith::CmpIOp::create(builder, predicate, lhs, rhs);
}
Value Lanes::select(Value condition, Value yes, Value no) const {
  return arith::SelectOp::create(builder, condition, yes, no);
}

Value Lanes::toReal(Value integer) const {
  return arith::SIToFPOp::create(builder, f32(), integer);
}
Value Lanes::toInteger(Value real) const {
  return arith::FPToSIOp::create(builder, i32(), real);
}
Value Lanes::widen(Value real) const {
  return arith::ExtFOp::create(builder, f64(), real);
}
Value Lanes::bitsOf(Value real) const {
  bool isWide = getElementTypeOrSelf(real.getType()).isF64();
  return arith::BitcastOp::create(builder, isWide ? i64() : i32(), real);
}
Value Lanes::realOf(Value bits) const {
  bool isWide = getElementTypeOrSelf(bits.getType()).isInteger(64);
  return arith::BitcastOp::create(builder, isWide ? f64() : f32(), bits);
}
Value Lanes::low(Value wide) const {
  return arith::TruncIOp::create(builder, i32(), wide);
}
Value Lanes::high(Value wide) const { return shr(wide, 32); }
Value Lanes::extend(Value integer) const {
  return arith::ExtUIOp::create(builder, i64(), integer);
}

Value lowbit::indexConstant(ImplicitLocOpBuilder &builder, int64_t value) {
  return arith::ConstantIndexOp::create(builder, value);
}
Value lowbit::addIndex(ImplicitLocOpBuilder &builder, Value lhs, Value rhs) {
  return builder.createOrFold<arith::AddIOp>(lhs, rhs);
}
Value lowbit::addIndex(ImplicitLocOpBuilder &builder, Value lhs, int64_t rhs) {
  return addIndex(builder, lhs, indexConstant(builder, rhs));
}
Value lowbit::subIndex(ImplicitLocOpBuilder &builder, Value lhs, Value rhs) {
  return builder.createOrFold<arith::SubIOp>(lhs, rhs);
}
Value lowbit::mulIndex(ImplicitLocOpBuilder &builder, Value lhs, int64_t rhs) {
  return builder.createOrFold<arith::MulIOp>(lhs, indexConstant(builder, rhs));
}
Value lowbit::divIndex(ImplicitLocOpBuilder &builder, Value lhs, int64_t rhs) {
  return builder.createOrFold<arith::DivUIOp>(lhs, indexConstant(builder, rhs));
}
Value lowbit::remIndex(ImplicitLocOpBuilder &builder, Value lhs, int64_t rhs) {
  return builder.createOrFold<arith::RemUIOp>(lhs, indexConstant(builder, rhs));
}
Value lowbit::minIndex(ImplicitLocOpBuilder &builder, Value lhs, Value rhs) {
  return builder.createOrFold<arith::MinUIOp>(lhs, rhs);
}
Value lowbit::castIndex(ImplicitLocOpBuilder &builder, Value value, Type type) {
  return builder.createOrFold<arith::IndexCastOp>(type, value);
}
