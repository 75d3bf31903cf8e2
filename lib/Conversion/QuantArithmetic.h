//===- QuantArithmetic.h - One element of a quant cast ----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What upstream's affine formats hold, and the scalar arithmetic of their
// casts. With r = f32(1 / scale):
//
//   quantize:   clamp(roundeven(x * r) + z, lo, hi), and z for NaN
//   dequantize: f32(q - z) * f32(scale)
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_QUANTARITHMETIC_H
#define LOWBIT_LIB_CONVERSION_QUANTARITHMETIC_H

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"

#include <optional>

namespace mlir::lowbit {

/// Scales and zero points of a format as arrays of one shape, and the map from
/// an element's index to its place in them. Per-tensor formats have one of each
/// and no map.
struct QuantParameters {
  SmallVector<double> scales;
  SmallVector<int64_t> zeroPoints;
  SmallVector<int64_t> shape;
  AffineMap map;
};

/// The parameters of `format` for tensors of `rank` (0 for scalars); none if it
/// is not affine.
std::optional<QuantParameters> getQuantParameters(quant::QuantizedType format,
                                                  int64_t rank);

/// Builds the arithmetic of one element of `format`.
struct QuantElementBuilder {
  OpBuilder &builder;
  Location loc;
  quant::QuantizedType format;

  /// The integers in which zero points are given: they hold every difference of
  /// two codes.
  IntegerType wideType() const;
  Value constant(double value) const;
  Value constant(int64_t value) const;

  /// The code of `x`, of the storage type; `reciprocal` is an f32.
  Value quantize(Value x, Value reciprocal, Value zeroPoint) const;
  /// The number of `code`, of type `expressed`; `scale` is an f32.
  Value dequantize(Value code, Value scale, Value zeroPoint,
                   Type expressed) const;

private:
  bool isNarrow() const { return format.getStorageTypeIntegralWidth() <= 16; }
  Value clamp(Value value, Value low, Value high) const;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_QUANTARITHMETIC_H
