//===- LowbitRescale.cpp - Verifiers of the changes of scale --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FormatChecks.h"
#include "RescaleFactors.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::lowbit;

/// (C1) and (C2) of both operations: the result has the value's shape, and so
/// have the `factors`, which messages call `what`, unless the value is a tensor.
template <typename OpTy>
static LogicalResult verifyShapes(OpTy op, Value factors, StringRef what) {
  Type value = op.getValue().getType(), result = op.getResult().getType();
  auto shapeOf = [](Type type) -> ArrayRef<int64_t> {
    auto shaped = dyn_cast<ShapedType>(type);
    return shaped ? shaped.getShape() : ArrayRef<int64_t>();
  };
  auto alike = [&](Type lhs, Type rhs) {
    return isa<TensorType>(lhs) == isa<TensorType>(rhs) &&
           isa<VectorType>(lhs) == isa<VectorType>(rhs) &&
           shapeOf(lhs) == shapeOf(rhs);
  };
  if (!alike(value, result)) // (C1)
    return op.emitOpError() << "expects a result of the value's shape, but got "
                            << result << " for " << value;
  auto tensor = dyn_cast<RankedTensorType>(value);
  if (!tensor) { // (C2)
    if (alike(value, factors.getType()))
      return success();
    return op.emitOpError() << "expects " << what << " of the value's type "
                            << value << ", but got " << factors.getType();
  }
  std::optional<int64_t> axis = op.getAxis();
  if (axis && (*axis < 0 || *axis >= tensor.getRank()))
    return op.emitOpError() << "expects 'axis' to be a dimension of " << tensor
                            << ", but got " << *axis;
  int64_t count = axis ? tensor.getDimSize(*axis) : 1;
  auto type = dyn_cast<RankedTensorType>(factors.getType());
  if (type && type.getDimSize(0) == count)
    return success();
  return op.emitOpError() << "expects " << what << " of " << count
                          << " elements, but got " << factors.getType();
}

/// (C4) and (C5) of both operations.
template <typename OpTy> static LogicalResult verifyBounds(OpTy op) {
  Type inputFormat = getElementTypeOrSelf(op.getValue().getType());
  Type outputFormat = getElementTypeOrSelf(op.getResult().getType());
  if (failed(verifyRange(op, static_cast<int32_t>(op.getMin()),
                         static_cast<int32_t>(op.getMax()), outputFormat)))
    return failure();
  auto check = [&](Type format, int32_t zeroPoint,
                   StringRef name) -> LogicalResult {
    if (!isCodeFormat(format))
      return success();
    if (failed(verifyPerTensor(op, format)))
      return failure();
    if (getZeroPoint(format) == zeroPoint)
      return success();
    return op.emitOpError()
           << "expects '" << name << "' to be " << getZeroPoint(format)
           << ", as in " << format << ", but got " << zeroPoint;
  };
  return failure(
      failed(check(inputFormat, op.getInputZeroPoint(), "input_zero_point")) ||
      failed(
          check(outputFormat, op.getOutputZeroPoint(), "output_zero_point")));
}

LogicalResult RescaleOp::verify() {
  return failure(
      failed(verifyShapes(*this, getMultiplier(), "multiplier and shift")) ||
      failed(verifyConstantFactors(*this, getMultiplier(), getShift())) ||
      failed(verifyBounds(*this)));
}

LogicalResult RequantizeOp::verify() {
  if (failed(verifyShapes(*this, getScale(), "a scale")))
    return failure();
  auto check = [&](const APFloat &factor) -> LogicalResult { // (C3)
    if (factor.isFinite() && (factor.isZero() || !factor.isNegative()))
      return success();
    return emitOpError() << "expects factors that are finite and at least 0, "
                            "but got "
                         << factor.convertToDouble();
  };
  DenseFPElementsAttr elements;
  FloatAttr scalar;
  if (matchPattern(getScale(), m_Constant(&elements))) {
    for (const APFloat &factor : elements.getValues<APFloat>())
      if (failed(check(factor)))
        return failure();
  } else if (matchPattern(getScale(), m_Constant(&scalar)) &&
             failed(check(scalar.getValue()))) {
    return failure();
  }
  return verifyBounds(*this);
}
