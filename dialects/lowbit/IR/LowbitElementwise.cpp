//===- LowbitElementwise.cpp - Verifiers of arithmetic on pairs -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FormatChecks.h"
#include "RescaleFactors.h"
#include "lowbit/IR/Lowbit.h"

#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

/// (C1) of all operations here.
static LogicalResult verifyPair(Operation *op) {
  auto lhs = cast<RankedTensorType>(op->getOperand(0).getType());
  auto rhs = cast<RankedTensorType>(op->getOperand(1).getType());
  auto result = cast<RankedTensorType>(op->getResult(0).getType());
  // A size that is unknown is that of the result, which is unknown as well.
  auto fits = [](auto sizes) {
    auto [left, right, size] = sizes;
    return (left == size || left == 1) && (right == size || right == 1) &&
           (left == size || right == size);
  };
  if (lhs.getRank() != result.getRank() || rhs.getRank() != result.getRank() ||
      !llvm::all_of(
          llvm::zip(lhs.getShape(), rhs.getShape(), result.getShape()), fits))
    return op->emitOpError()
           << "expects a result of the operands' shape, where they have no "
              "size of 1, but got "
           << result << " for " << lhs << " and " << rhs;
  for (RankedTensorType type : {lhs, rhs, result})
    if (failed(verifyPerTensor(op, type.getElementType())))
      return failure();
  return success();
}

LogicalResult AddOp::verify() {
  if (failed(verifyPair(*this))) // (C1)
    return failure();
  if (getMultipliers().size() != 3 || getShifts().size() != 3) // (C2)
    return emitOpError()
           << "expects three multipliers and three shifts, but got "
           << getMultipliers().size() << " and " << getShifts().size();
  if (failed(verifyFactors(*this, getMultipliers(), getShifts())))
    return failure();
  auto shift = static_cast<int32_t>(getLeftShift());
  double largest = 0;
  for (Value operand : {getLhs(), getRhs()})
    largest = std::max(largest,
                       getLargestCode(getElementTypeOrSelf(operand.getType())));
  if (shift != 0 && !(shift > 0 && shift < 31 &&
                      std::ldexp(largest, shift) <
                          std::numeric_limits<int32_t>::max())) // (C4)
    return emitOpError()
           << "expects codes of 32 bits after a left shift of at least 0, but "
              "got "
           << shift << " for " << getLhs().getType() << " and "
           << getRhs().getType();
  return verifyRange(*this, static_cast<int32_t>(getMin()),
                     static_cast<int32_t>(getMax()),
                     getType().getElementType()); // (C3)
}

LogicalResult MulOp::verify() {
  if (failed(verifyPair(*this))) // (C1)
    return failure();
  auto largest = [](Value operand) {
    return getLargestCode(cast<ShapedType>(operand.getType()).getElementType());
  };
  if (largest(getLhs()) * largest(getRhs()) >
      std::numeric_limits<int32_t>::max()) // (C2)
    return emitOpError() << "expects products of 32 bits, but got "
                         << getLhs().getType() << " and " << getRhs().getType();
  if (failed(verifyFactors(*this, static_cast<int32_t>(getMultiplier()),
                           static_cast<int32_t>(getShift())))) // (C3)
    return failure();
  return verifyRange(*this, static_cast<int32_t>(getMin()),
                     static_cast<int32_t>(getMax()),
                     getType().getElementType()); // (C4)
}

/// (C1) and (C2) of maximum and minimum.
static LogicalResult verifyExtremum(Operation *op) {
  if (failed(verifyPair(op)))
    return failure();
  Type format = cast<ShapedType>(op->getResult(0).getType()).getElementType();
  for (Type type : op->getOperandTypes())
    if (Type element = cast<ShapedType>(type).getElementType();
        element != format)
      return op->emitOpError() << "expects operands of the result's format "
                               << format << ", but got " << element;
  return success();
}

LogicalResult MaximumOp::verify() { return verifyExtremum(*this); }
LogicalResult MinimumOp::verify() { return verifyExtremum(*this); }
