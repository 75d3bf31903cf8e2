//===- Affine.cpp - integers with scales beside the codes -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Formats/Format.h"

#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::lowbit;

LogicalResult AffineType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 bool isSigned, unsigned width, int64_t min,
                                 int64_t max, std::optional<int64_t> axis,
                                 int64_t group, bool zero) {
  if (width < 1 || width > 16)
    return emitError() << "expects integers of 1 to 16 bits, but got " << width;
  int64_t least = isSigned ? llvm::minIntN(width) : 0;
  int64_t most = isSigned ? llvm::maxIntN(width) : llvm::maxUIntN(width);
  if (min < least || max > most || min >= max)
    return emitError() << "expects a range inside [" << least << ", " << most
                       << "], but got [" << min << ", " << max << "]";
  if (group != 0 && !axis)
    return emitError() << "expects an axis where there are groups";
  return success();
}

unsigned AffineType::getStorageWidth() const { return getWidth(); }
bool AffineType::hasSignedStorage() const { return getIsSigned(); }
std::pair<int64_t, int64_t> AffineType::getCodeRange() const {
  return {getMin(), getMax()};
}
int64_t AffineType::getStep(int64_t code, unsigned) const { return code; }
std::pair<int64_t, int64_t> AffineType::getStepRange(unsigned) const {
  return {getMin(), getMax()};
}
double AffineType::getScale(unsigned, int64_t) const { return 1; }
std::optional<int64_t> AffineType::getScaleAxis() const { return getAxis(); }
bool AffineType::hasParameters() const { return true; }

SmallVector<RankedTensorType>
AffineType::getParameterTypes(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> sizes = {1};
  if (getAxis())
    sizes = {shape[*getAxis()]};
  if (getGroup() != 0) {
    sizes.assign(shape.begin(), shape.end());
    int64_t &size = sizes[*getAxis()];
    if (!ShapedType::isDynamic(size))
      size = llvm::divideCeil(size, getGroup());
  }
  SmallVector<RankedTensorType> types = {
      RankedTensorType::get(sizes, Float32Type::get(getContext()))};
  if (getZero())
    types.push_back(
        RankedTensorType::get(sizes, IntegerType::get(getContext(), 32)));
  return types;
}

int64_t AffineType::getStorageBytes(ArrayRef<int64_t> shape) const {
  int64_t bytes = lowbit::detail::countStorageBytes(*this, shape);
  for (RankedTensorType type : getParameterTypes(shape))
    bytes += 4 * type.getNumElements();
  return bytes;
}

/// (code - zero) * scale, with the scale of the tensor, the index or the group
Value AffineType::buildDecode(ImplicitLocOpBuilder &builder, Value words,
                              ValueRange parameters,
                              RankedTensorType type) const {
  unsigned rank = type.getRank();
  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  AffineMap place = AffineMap::get(rank, 0, builder.getAffineConstantExpr(0));
  if (getAxis())
    place = identity.getSubMap({static_cast<unsigned>(*getAxis())});
  if (getGroup() != 0) {
    SmallVector<AffineExpr> index(identity.getResults());
    index[*getAxis()] = index[*getAxis()].floorDiv(getGroup());
    place = AffineMap::get(rank, 0, index, builder.getContext());
  }
  SmallVector<Value> inputs = {words};
  llvm::append_range(inputs, parameters);
  SmallVector<AffineMap> maps = {identity};
  maps.append(parameters.size(), place);
  maps.push_back(identity);
  return loopNest(
      builder, inputs, emptyLike(builder, words, builder.getF32Type()), maps,
      [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
        Value steps = readCode(inner, scalars[0], *this);
        if (getZero())
          steps = arith::SubIOp::create(inner, steps, scalars[2]);
        Value real = arith::SIToFPOp::create(inner, inner.getF32Type(), steps);
        return arith::MulFOp::create(inner, real, scalars[1]);
      });
}
