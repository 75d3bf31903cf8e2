//===- LowbitOps.cpp - Verifiers ----------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The tags (C1), (C2), ... are those of the constraints in the operations'
// descriptions. Codes, changes of scale, composites, elementwise operations,
// pooling and contraction have files of their own.

#include "FormatChecks.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::lowbit;

static Type elementType(Value value) {
  return cast<ShapedType>(value.getType()).getElementType();
}

LogicalResult ConcatOp::verify() {
  RankedTensorType result = getType();
  int64_t axis = getAxis();
  if (getInputs().empty()) // (C3)
    return emitOpError() << "expects at least one operand";
  if (axis < 0 || axis >= result.getRank()) // (C2)
    return emitOpError() << "expects 'axis' to be a dimension of " << result
                         << ", but got " << axis;
  SmallVector<int64_t> shape(result.getShape());
  shape[axis] = 0;
  for (Value input : getInputs()) {
    auto type = cast<RankedTensorType>(input.getType());
    if (type.getElementType() != result.getElementType()) // (C1)
      return emitOpError() << "expects operands of the result's format "
                           << result.getElementType() << ", but got "
                           << type.getElementType();
    SmallVector<int64_t> others(type.getShape());
    if (type.getRank() != result.getRank())
      return emitOpError() << "expects operands of rank " << result.getRank()
                           << ", but got " << type;
    bool dynamic = ShapedType::isDynamic(shape[axis]) ||
                   ShapedType::isDynamic(others[axis]);
    shape[axis] = dynamic ? ShapedType::kDynamic : shape[axis] + others[axis];
    others[axis] = shape[axis];
    if (others != shape)
      return emitOpError() << "expects operands that agree with " << result
                           << " but for dimension " << axis << ", but got "
                           << type;
  }
  if (result.getShape() != ArrayRef<int64_t>(shape))
    return emitOpError() << "expects a result of size " << shape[axis]
                         << " along dimension " << axis << ", but got "
                         << result;
  return success();
}

LogicalResult PadOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  int64_t rank = input.getRank();
  auto outside = [](int64_t value) {
    return value < 0 || value > std::numeric_limits<int32_t>::max();
  };
  if (static_cast<int64_t>(getLow().size()) != rank ||
      static_cast<int64_t>(getHigh().size()) != rank ||
      llvm::any_of(getLow(), outside) || llvm::any_of(getHigh(), outside))
    return emitOpError() << "expects 'low' and 'high' to have " << rank
                         << " entries from 0 to 2^31 - 1"; // (C1)
  SmallVector<int64_t> shape(input.getShape());
  for (int64_t dim = 0; dim < rank; ++dim)
    if (!ShapedType::isDynamic(shape[dim]))
      shape[dim] += getLow()[dim] + getHigh()[dim];
  if (getType().getShape() != ArrayRef<int64_t>(shape)) // (C2)
    return emitOpError() << "expects a result of type " << input.clone(shape)
                         << ", but got " << getType();
  if (getType().getElementType() != input.getElementType()) // (C3)
    return emitOpError() << "expects a result of the input's format "
                         << input.getElementType() << ", but got "
                         << getType().getElementType();
  return verifyPads(*this, input.getElementType());
}

LogicalResult GatherOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto indices = cast<RankedTensorType>(getIndices().getType());
  RankedTensorType result = getType();
  if (input.getRank() != 3 || result.getRank() != 3 ||
      input.getDimSize(0) != result.getDimSize(0) ||
      input.getDimSize(2) != result.getDimSize(2) ||
      input.getElementType() != result.getElementType()) // (C1)
    return emitOpError() << "expects [batch, position, channel] that differ in "
                            "positions only, but got "
                         << input << " and " << result;
  if ((indices.getDimSize(0) != 1 &&
       indices.getDimSize(0) != input.getDimSize(0)) ||
      indices.getDimSize(1) != result.getDimSize(1)) // (C2)
    return emitOpError() << "expects indices of [batch or 1, "
                         << result.getDimSize(1) << "], but got " << indices;
  if (input.isDynamicDim(1) || input.getDimSize(1) < 1) // (C3)
    return emitOpError() << "expects a static number of positions, but got "
                         << input;
  return verifyOneFormat(*this, input.getElementType());
}

LogicalResult TransposeOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  if (static_cast<int64_t>(getPermutation().size()) != input.getRank() ||
      !isPermutationVector(getPermutation())) // (C1)
    return emitOpError() << "expects 'permutation' to be one of "
                         << input.getRank() << " dimensions";
  SmallVector<int64_t> shape;
  for (int64_t dim : getPermutation())
    shape.push_back(input.getDimSize(dim));
  if (getType() != input.clone(shape)) // (C2) (C3)
    return emitOpError() << "expects a result of type " << input.clone(shape)
                         << ", but got " << getType();
  return verifyOneFormat(*this, input.getElementType());
}

LogicalResult TableOp::verify() {
  Type input = elementType(getInput()), result = elementType(getResult());
  if (failed(verifySameShape(*this, cast<ShapedType>(getInput().getType()),
                             getType())) ||
      failed(verifyOneFormat(*this, input)) ||
      failed(verifyOneFormat(*this, result))) // (C1)
    return failure();
  auto [low, high] = getStorageRange(input);
  if (high - low > 255) // (C3)
    return emitOpError() << "expects an input of at most 8 bits, but got "
                         << input;
  auto table = cast<RankedTensorType>(getTable().getType());
  auto expected = RankedTensorType::get({high - low + 1}, getWordType(result));
  if (table != expected) // (C2)
    return emitOpError() << "expects a table of type " << expected
                         << ", but got " << table;
  return success();
}

LogicalResult ThresholdOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  if (failed(verifySameShape(*this, input, getType()))) // (C1)
    return failure();
  auto thresholds = cast<RankedTensorType>(getThresholds().getType());
  int64_t axis = getAxis();
  if (axis < 0 || axis >= input.getRank() || !thresholds.hasStaticShape() ||
      (thresholds.getDimSize(0) != 1 &&
       thresholds.getDimSize(0) != input.getDimSize(axis))) // (C2)
    return emitOpError()
           << "expects one row of thresholds for each index along "
              "the axis of "
           << input << ", but got " << thresholds << " for axis " << axis;
  auto [low, high] = getStorageRange(getType().getElementType());
  if (low + thresholds.getDimSize(1) > high) // (C3)
    return emitOpError() << "expects at most " << high - low
                         << " thresholds for results of "
                         << getType().getElementType() << ", but got "
                         << thresholds.getDimSize(1);
  if (!getFalling().empty() && static_cast<int64_t>(getFalling().size()) !=
                                   thresholds.getDimSize(0)) // (C4)
    return emitOpError() << "expects 'falling' to be empty or to have "
                         << thresholds.getDimSize(0) << " entries, but got "
                         << getFalling().size();
  return success();
}

LogicalResult TableSoftmaxOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  if (failed(verifySameShape(*this, input, getType()))) // (C1)
    return failure();
  for (Type format : {input.getElementType(), getType().getElementType()}) {
    if (failed(verifyPerTensor(*this, format)))
      return failure();
    if (cast<quant::QuantizedType>(format).getStorageTypeIntegralWidth() > 16)
      return emitOpError() << "expects formats of at most 16 bits, but got "
                           << format;
  }
  if (input.getRank() < 1)
    return emitOpError() << "expects an input of rank 1 or more, but got "
                         << input;
  auto result = cast<quant::UniformQuantizedType>(getType().getElementType());
  auto levels = static_cast<int32_t>(getLevels());
  if (levels < 1 || result.getZeroPoint() != result.getStorageTypeMin() ||
      static_cast<float>(result.getScale()) !=
          static_cast<float>(1.0 / levels)) // (C2)
    return emitOpError() << "expects a result of scale 1/" << levels
                         << " and zero point " << result.getStorageTypeMin()
                         << ", but got " << result;
  if (cast<ShapedType>(getCoarse().getType()).getDimSize(0) != 256) // (C3)
    return emitOpError() << "expects tables of 256 elements, but got "
                         << getCoarse().getType();
  return success();
}
