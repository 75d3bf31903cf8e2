//===- RescaleForms.h - Short forms of changes of scale -----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_RESCALEFORMS_H
#define LOWBIT_LIB_CONVERSION_RESCALEFORMS_H

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace mlir::lowbit {

/// Builds arith operations of one shape: constants are splats of it.
struct ShapedBuilder {
  OpBuilder &builder;
  Location loc;
  Type like;

  Type type(unsigned width) const {
    Type integer = builder.getIntegerType(width);
    auto vector = dyn_cast<VectorType>(like);
    return vector ? Type(vector.clone(integer)) : integer;
  }
  Value constant(int64_t value, unsigned width) const {
    Type result = type(width);
    Attribute scalar =
        builder.getIntegerAttr(builder.getIntegerType(width), value);
    if (auto vector = dyn_cast<VectorType>(result))
      scalar = DenseElementsAttr::get(vector, scalar);
    return arith::ConstantOp::create(builder, loc, cast<TypedAttr>(scalar));
  }
  Value constant(double value) const {
    Attribute scalar = builder.getF64FloatAttr(value);
    if (auto vector = dyn_cast<VectorType>(like))
      scalar = DenseElementsAttr::get(vector.clone(builder.getF64Type()),
                                      cast<FloatAttr>(scalar).getValue());
    return arith::ConstantOp::create(builder, loc, cast<TypedAttr>(scalar));
  }
  Type f64() const {
    Type real = builder.getF64Type();
    auto vector = dyn_cast<VectorType>(like);
    return vector ? Type(vector.clone(real)) : real;
  }
  Value wide(Value value) const {
    return arith::ExtSIOp::create(builder, loc, type(64), value);
  }
};

/// `op` on `value`, from which its input zero point is taken, without 64 bits for each
/// number, where what is known of its operands allows; else null.
Value rescaleShort(const ShapedBuilder &build, Value value, RescaleOp op);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_RESCALEFORMS_H
