//===- SliceBuilder.h - Parameters of slices of a tensor ------- -*- C++ -*===////
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_LOWBITTOLINALG_SLICEBUILDER_H
#define LOWBIT_LIB_CONVERSION_LOWBITTOLINALG_SLICEBUILDER_H

#include "Reals.h"

#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::lowbit {

/// A tensor whose slices along an axis, or which as a whole, has parameters: one
/// element for each slice.
class SliceBuilder {
public:
  SliceBuilder(ImplicitLocOpBuilder &builder, Value input,
               std::optional<int64_t> axis)
      : builder(builder), input(input), axis(axis),
        shape(tensor::getMixedSizes(builder, builder.getLoc(), input)),
        identity(builder.getMultiDimIdentityMap(shape.size())) {
    slice = axis ? identity.getSubMap({static_cast<unsigned>(*axis)})
                 : AffineMap::get(shape.size(), 0,
                                  builder.getAffineConstantExpr(0));
  }

  OpFoldResult getCount() const {
    return axis ? shape[*axis] : builder.getIndexAttr(1);
  }

  /// Elements of a slice, at least 1, as an f32.
  Value countElements() const {
    Value count = constantInt(builder, 1, 64);
    for (auto [dim, size] : llvm::enumerate(shape)) {
      if (axis && *axis == static_cast<int64_t>(dim))
        continue;
      Value index =
          getValueOrCreateConstantIndexOp(builder, builder.getLoc(), size);
      count = arith::MulIOp::create(
          builder, count,
          arith::IndexCastOp::create(builder, builder.getI64Type(), index));
    }
    count = arith::MaxSIOp::create(builder, count, constantInt(builder, 1, 64));
    return arith::SIToFPOp::create(builder, builder.getF32Type(), count);
  }

  /// For each slice of `values`, `body` of an element and what came before; 0
  /// before the first.
  Value reduce(ValueRange values, ScalarBody body) const {
    SmallVector<AffineMap> maps(values.size(), identity);
    maps.push_back(slice);
    return loopNest(builder, values,
                    filled(builder, {getCount()}, constantFloat(builder, 0)),
                    maps, body);
  }

  /// `body` of each slice's elements of `inputs`.
  Value forSlices(ValueRange inputs, Type element, ScalarBody body) const {
    return elementwise(builder, inputs, element, body);
  }

  /// `body` of each element of `values`, and of its slice's of `parameters`.
  Value forElements(ValueRange values, ValueRange parameters, Type element,
                    ScalarBody body) const {
    SmallVector<Value> inputs(values);
    llvm::append_range(inputs, parameters);
    SmallVector<AffineMap> maps(values.size(), identity);
    maps.append(parameters.size(), slice);
    maps.push_back(identity);
    return loopNest(builder, inputs, emptyLike(builder, input, element), maps,
                    body);
  }

private:
  ImplicitLocOpBuilder &builder;
  Value input;
  std::optional<int64_t> axis;
  SmallVector<OpFoldResult> shape;
  AffineMap identity, slice;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_LOWBITTOLINALG_SLICEBUILDER_H
