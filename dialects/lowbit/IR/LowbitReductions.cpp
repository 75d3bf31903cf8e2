//===- LowbitReductions.cpp - Verifiers of sums and largest codes ---------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FormatChecks.h"
#include "lowbit/IR/Lowbit.h"

#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

LogicalResult SumOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  ArrayRef<int64_t> dimensions = getDimensions();
  if (dimensions.empty() || !llvm::is_sorted(dimensions) ||
      std::adjacent_find(dimensions.begin(), dimensions.end()) !=
          dimensions.end() ||
      dimensions.front() < 0 || dimensions.back() >= input.getRank()) // (C1)
    return emitOpError() << "expects 'dimensions' of " << input
                         << " in ascending order, but got [" << dimensions
                         << "]";
  SmallVector<int64_t> shape(input.getShape());
  for (int64_t dim : dimensions)
    shape[dim] = 1;
  if (getType().getShape() != ArrayRef<int64_t>(shape)) // (C2)
    return emitOpError() << "expects a result of " << getType().clone(shape)
                         << ", but got " << getType();
  for (RankedTensorType type : {input, getType()}) // (C3)
    if (failed(verifyPerTensor(*this, type.getElementType())))
      return failure();
  auto from = cast<quant::UniformQuantizedType>(input.getElementType());
  auto to = cast<quant::UniformQuantizedType>(getType().getElementType());
  if (!to.isSigned() || to.getStorageTypeIntegralWidth() != 32 ||
      to.hasStorageTypeBounds() || to.getZeroPoint() != 0 ||
      to.getScale() != from.getScale())
    return emitOpError() << "expects codes of 32 bits with the scale of "
                         << from << " and zero point 0, but got " << to;
  double most = getLargestCode(from);
  for (int64_t dim : dimensions) { // (C4)
    if (input.isDynamicDim(dim))
      return emitOpError() << "expects static sizes to sum over, but got "
                           << input;
    most *= static_cast<double>(input.getDimSize(dim));
  }
  if (most > std::numeric_limits<int32_t>::max())
    return emitOpError() << "expects sums of 32 bits, but got " << input;
  return success();
}

LogicalResult ArgMaxOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  int64_t axis = getAxis();
  if (axis < 0 || axis >= input.getRank() || input.isDynamicDim(axis) ||
      input.getDimSize(axis) < 1 ||
      input.getDimSize(axis) > std::numeric_limits<int32_t>::max()) // (C1)
    return emitOpError() << "expects 'axis' to be a dimension of " << input
                         << " with 1 to 2^31 - 1 elements, but got " << axis;
  SmallVector<int64_t> shape(input.getShape());
  shape.erase(shape.begin() + axis);
  if (getType().getShape() != ArrayRef<int64_t>(shape)) // (C2)
    return emitOpError() << "expects a result of " << getType().clone(shape)
                         << ", but got " << getType();
  return verifyPerTensor(*this, input.getElementType()); // (C3)
}
