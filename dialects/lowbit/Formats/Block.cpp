//===- Block.cpp - blocks of numbers that share an exponent -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Formats/Format.h"

#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// The exponent of the least positive element of a float type.
static int getLeastExponent(FloatType type) {
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  return llvm::ilogb(APFloat::getSmallest(semantics));
}

LogicalResult BlockType::verify(function_ref<InFlightDiagnostic()> emitError,
                                Type element, int64_t axis, int64_t size) {
  bool isInteger = element.isSignlessInteger() &&
                   element.getIntOrFloatBitWidth() >= 2 &&
                   element.getIntOrFloatBitWidth() <= 16;
  if (!isInteger && !isa<Float4E2M1FNType, Float6E2M3FNType, Float6E3M2FNType,
                         Float8E4M3FNType, Float8E5M2Type>(element))
    return emitError() << "expects elements of 2 to 16 bits, or of the types "
                          "f4E2M1FN, f6E2M3FN, f6E3M2FN, f8E4M3FN and f8E5M2, "
                          "but got "
                       << element;
  if (axis < 0 || size < 1)
    return emitError() << "expects an axis and blocks of at least one number";
  return success();
}

unsigned BlockType::getStorageWidth() const {
  return getElement().getIntOrFloatBitWidth();
}
bool BlockType::hasSignedStorage() const { return getElement().isInteger(); }
bool BlockType::hasParameters() const { return true; }
std::optional<int64_t> BlockType::getScaleAxis() const { return getAxis(); }

/// The least element, which steps count, where the exponent is 0.
double BlockType::getScale(unsigned, int64_t) const {
  auto type = dyn_cast<FloatType>(getElement());
  return type ? std::ldexp(1.0, getLeastExponent(type)) : 1;
}

/// The element in units of the least one; 0 for codes that are no number.
int64_t BlockType::getStep(int64_t code, unsigned) const {
  auto type = dyn_cast<FloatType>(getElement());
  if (!type)
    return code;
  APFloat value(type.getFloatSemantics(),
                APInt(type.getWidth(), static_cast<uint64_t>(code)));
  if (!value.isFinite())
    return 0;
  return static_cast<int64_t>(value.convertToDouble() /
                              getScale(/*term=*/0, /*channel=*/0));
}

std::pair<int64_t, int64_t> BlockType::getStepRange(unsigned term) const {
  if (getElement().isInteger())
    return getCodeRange();
  return lowbit::detail::findStepRange(*this, term);
}

SmallVector<RankedTensorType>
BlockType::getParameterTypes(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> sizes(shape);
  if (!ShapedType::isDynamic(sizes[getAxis()]))
    sizes[getAxis()] = llvm::divideCeil(sizes[getAxis()], getSize());
  return {RankedTensorType::get(sizes, IntegerType::get(getContext(), 8))};
}

int64_t BlockType::getStorageBytes(ArrayRef<int64_t> shape) const {
  return lowbit::detail::countStorageBytes(*this, shape) +
         getParameterTypes(shape).front().getNumElements();
}

/// The element of `code` as f32, which holds all of them.
Value BlockType::buildElement(ImplicitLocOpBuilder &builder, Value code) const {
  auto type = dyn_cast<FloatType>(getElement());
  if (!type)
    return arith::SIToFPOp::create(builder, builder.getF32Type(), code);
  SmallVector<float> elements;
  for (uint64_t bits = 0; bits < uint64_t(1) << type.getWidth(); ++bits)
    elements.push_back(
        APFloat(type.getFloatSemantics(), APInt(type.getWidth(), bits))
            .convertToDouble());
  int64_t count = elements.size();
  Value table = arith::ConstantOp::create(
      builder, DenseElementsAttr::get(
                   RankedTensorType::get({count}, builder.getF32Type()),
                   ArrayRef(elements)));
  Value index =
      arith::IndexCastUIOp::create(builder, builder.getIndexType(), code);
  return tensor::ExtractOp::create(builder, table, index);
}

/// element * 2^exponent
Value BlockType::buildDecode(ImplicitLocOpBuilder &builder, Value words,
                             ValueRange parameters,
                             RankedTensorType type) const {
  AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
  SmallVector<AffineExpr> index(identity.getResults());
  index[getAxis()] = index[getAxis()].floorDiv(getSize());
  AffineMap place =
      AffineMap::get(type.getRank(), 0, index, builder.getContext());
  return loopNest(
      builder, {words, parameters.front()},
      emptyLike(builder, words, builder.getF32Type()),
      {identity, place, identity},
      [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
        Type f32 = inner.getF32Type(), i32 = inner.getI32Type();
        Value code = readCode(inner, scalars[0], *this);
        Value real = buildElement(inner, code);
        // 2^exponent by its bits: a normal number, but for the least two.
        Value exponent = arith::ExtSIOp::create(inner, i32, scalars[1]);
        Value biased =
            arith::AddIOp::create(inner, exponent, constantInt(inner, 127, 32));
        Value normal =
            arith::ShLIOp::create(inner, biased, constantInt(inner, 23, 32));
        Value isNormal =
            arith::CmpIOp::create(inner, arith::CmpIPredicate::sgt, biased,
                                  constantInt(inner, 0, 32));
        // -127 and -128: 2^-127 and 2^-128 are 0x400000 and 0x200000.
        Value small = arith::ShRUIOp::create(
            inner, constantInt(inner, 0x400000, 32),
            arith::SubIOp::create(
                inner, constantInt(inner, -127, 32),
                arith::MinSIOp::create(inner, exponent,
                                       constantInt(inner, -127, 32))));
        Value bits = arith::SelectOp::create(inner, isNormal, normal, small);
        Value power = arith::BitcastOp::create(inner, f32, bits);
        return arith::MulFOp::create(inner, real, power);
      });
}
