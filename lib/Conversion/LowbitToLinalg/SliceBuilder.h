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

/// From an element to the slice along `axis` that it lies in, or to the only one. `identity`
/// is the map of the elements.
inline AffineMap mapToSlice(AffineMap identity, std::optional<int64_t> axis) {
  if (axis)
    return identity.getSubMap({static_cast<unsigned>(*axis)});
  return AffineMap::get(identity.getNumDims(), 0,
                        getAffineConstantExpr(0, identity.getContext()));
}

/// A tensor whose slices along an axis, or which as a whole, has parameters: one
/// element for each slice.
class SliceBuilder {
public:
  SliceBuilder(ImplicitLocOpBuilder &builder, Value input,
               std::optional<int64_t> axis)
      : builder(builder), input(input), axis(axis),
        shape(tensor::getMixedSizes(builder, builder.getLoc(), input)),
        identity(builder.getMultiDimIdentityMap(shape.size())) {
    slice = mapToSlice(identity, axis);
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

  /// The same where the order of elements does not matter, and what came of some may be
  /// taken for an element: by lanes of vectors where the last dimension has them.
  Value reduceInAnyOrder(Value values, ScalarBody body) const {
    constexpr int64_t lanes = 16;
    auto type = cast<RankedTensorType>(values.getType());
    unsigned rank = type.getRank();
    if (rank == 0 || (axis && *axis + 1 == rank) ||
        type.isDynamicDim(rank - 1) || type.getShape().back() == 0 ||
        type.getShape().back() % lanes != 0)
      return reduce(values, body);
    SmallVector<int64_t> split(type.getShape());
    split.back() /= lanes;
    split.push_back(lanes);
    SmallVector<ReassociationIndices> groups;
    for (unsigned dim = 0; dim < rank; ++dim)
      groups.push_back({dim});
    groups.back().push_back(rank);
    Value expanded = tensor::ExpandShapeOp::create(builder, type.clone(split),
                                                   values, groups);
    AffineMap all = builder.getMultiDimIdentityMap(rank + 1);
    AffineMap place =
        AffineMap::get(rank + 1, 0, {slice.getResult(0), all.getResult(rank)},
                       builder.getContext());
    Value zero = constantFloat(builder, 0);
    Value parts = loopNest(
        builder, expanded,
        filled(builder, {getCount(), builder.getIndexAttr(lanes)}, zero),
        {all, place}, body);
    AffineMap pairs = builder.getMultiDimIdentityMap(2);
    return loopNest(builder, parts, filled(builder, {getCount()}, zero),
                    {pairs, pairs.getSubMap({0})}, body);
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
