//===- QuantArithmetic.cpp - One element of a quant cast ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Storage of at most 16 bits clamps in float, to [lo - z, hi - z], before the
// conversion to an integer: the bounds are exact in f32, the conversion is
// defined for every input, and no saturating conversion arises, which x86
// would do element by element. Wider storage, whose bounds f32 does not hold,
// clamps to +-2^62 in float and to the range in 64-bit integers.

#include "QuantArithmetic.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::lowbit;

std::optional<QuantParameters>
lowbit::getQuantParameters(quant::QuantizedType format, int64_t rank) {
  MLIRContext *context = format.getContext();
  if (auto type = dyn_cast<quant::UniformQuantizedType>(format))
    return QuantParameters{{type.getScale()}, {type.getZeroPoint()}, {}, {}};
  if (auto type = dyn_cast<quant::UniformQuantizedPerAxisType>(format)) {
    int64_t axis = type.getQuantizedDimension();
    if (axis < 0 || axis >= rank)
      return std::nullopt;
    return QuantParameters{
        llvm::to_vector(type.getScales()),
        llvm::to_vector(type.getZeroPoints()),
        {static_cast<int64_t>(type.getScales().size())},
        AffineMap::get(rank, 0, getAffineDimExpr(axis, context))};
  }
  auto type = dyn_cast<quant::UniformQuantizedSubChannelType>(format);
  if (!type || type.getScales().getType().getRank() != rank)
    return std::nullopt;
  QuantParameters parameters;
  for (const APFloat &scale : type.getScales().getValues<APFloat>())
    parameters.scales.push_back(
        FloatAttr::get(type.getExpressedType(), scale).getValueAsDouble());
  for (const APInt &zeroPoint : type.getZeroPoints().getValues<APInt>())
    parameters.zeroPoints.push_back(type.isSigned() ? zeroPoint.getSExtValue()
                                                    : zeroPoint.getZExtValue());
  llvm::append_range(parameters.shape, type.getScales().getType().getShape());
  SmallVector<AffineExpr> index(rank, getAffineConstantExpr(0, context));
  for (auto [dim, block] :
       llvm::zip(type.getQuantizedDimensions(), type.getBlockSizes()))
    index[dim] = getAffineDimExpr(dim, context).floorDiv(block);
  parameters.map = AffineMap::get(rank, 0, index, context);
  return parameters;
}

IntegerType QuantElementBuilder::wideType() const {
  return builder.getIntegerType(isNarrow() ? 32 : 64);
}
Value QuantElementBuilder::constant(double value) const {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getF32FloatAttr(value));
}
Value QuantElementBuilder::constant(int64_t value) const {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getIntegerAttr(wideType(), value));
}
/// [low, high] in float
Value QuantElementBuilder::clamp(Value value, Value low, Value high) const {
  value = arith::MaximumFOp::create(builder, loc, value, low);
  return arith::MinimumFOp::create(builder, loc, value, high);
}

Value QuantElementBuilder::quantize(Value x, Value reciprocal,
                                    Value zeroPoint) const {
  Type f32 = builder.getF32Type();
  if (x.getType() != f32)
    x = arith::ExtFOp::create(builder, loc, f32, x);
  Value scaled = arith::MulFOp::create(builder, loc, x, reciprocal);
  Value rounded = math::RoundEvenOp::create(builder, loc, scaled);
  Value isNaN = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNO,
                                      rounded, rounded);
  Value number =
      arith::SelectOp::create(builder, loc, isNaN, constant(0.0), rounded);
  int64_t low = format.getStorageTypeMin(), high = format.getStorageTypeMax();
  Value code;
  if (isNarrow()) {
    Value zero = arith::SIToFPOp::create(builder, loc, f32, zeroPoint);
    auto bound = [&](int64_t value) -> Value {
      return arith::SubFOp::create(builder, loc,
                                   constant(static_cast<double>(value)), zero);
    };
    Value clamped = clamp(number, bound(low), bound(high));
    Value integer = arith::FPToSIOp::create(builder, loc, wideType(), clamped);
    code = arith::AddIOp::create(builder, loc, integer, zeroPoint);
  } else {
    Value clamped = clamp(number, constant(-0x1p62), constant(0x1p62));
    Value integer = arith::FPToSIOp::create(builder, loc, wideType(), clamped);
    Value shifted = arith::AddIOp::create(builder, loc, integer, zeroPoint);
    shifted = arith::MaxSIOp::create(builder, loc, shifted, constant(low));
    code = arith::MinSIOp::create(builder, loc, shifted, constant(high));
  }
  return arith::TruncIOp::create(builder, loc, format.getStorageType(), code);
}

Value QuantElementBuilder::dequantize(Value code, Value scale, Value zeroPoint,
                                      Type expressed) const {
  Value wide =
      format.isSigned()
          ? Value(arith::ExtSIOp::create(builder, loc, wideType(), code))
          : Value(arith::ExtUIOp::create(builder, loc, wideType(), code));
  Value difference = arith::SubIOp::create(builder, loc, wide, zeroPoint);
  Value number =
      arith::SIToFPOp::create(builder, loc, builder.getF32Type(), difference);
  Value product = arith::MulFOp::create(builder, loc, number, scale);
  if (expressed == product.getType())
    return product;
  return arith::TruncFOp::create(builder, loc, expressed, product);
}
