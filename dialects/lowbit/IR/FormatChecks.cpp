//===- FormatChecks.cpp - What verifiers ask of formats -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FormatChecks.h"

#include "lowbit/IR/Lowbit.h"

using namespace mlir;

LogicalResult lowbit::verifySameShape(Operation *op, ShapedType input,
                                      ShapedType result) {
  if (input.getShape() == result.getShape())
    return success();
  return op->emitOpError() << "expects a result of the input's shape, but got "
                           << result << " for " << input;
}

LogicalResult lowbit::verifyPerTensor(Operation *op, Type format) {
  if (isa<quant::UniformQuantizedType>(format))
    return success();
  return op->emitOpError()
         << "expects per-tensor formats '!quant.uniform', but got " << format;
}

LogicalResult lowbit::verifyOneFormat(Operation *op, Type format) {
  auto codes = dyn_cast<Format>(format);
  if (codes && !codes.getScaleAxis() && !codes.hasParameters())
    return success();
  return op->emitOpError() << "expects a format without an axis and without "
                              "parameters, but got "
                           << format;
}

LogicalResult lowbit::verifyPads(Operation *op, Type format) {
  if (failed(verifyOneFormat(op, format)))
    return failure();
  // Affine formats pad with their zero point, whether it is a code or not;
  // -lowbit-materialize-codes sees to that.
  if (isa<quant::QuantizedType>(format) || cast<Format>(format).getZeroCode())
    return success();
  return op->emitOpError() << "expects a format with a code for 0, which "
                           << format << " has not; pad its steps";
}

LogicalResult lowbit::verifyOrdered(Operation *op, Type format) {
  if (failed(verifyOneFormat(op, format)))
    return failure();
  if (isa<quant::QuantizedType>(format) ||
      llvm::is_sorted(cast<Format>(format).getOrderedCodes(/*channel=*/0)))
    return success();
  return op->emitOpError() << "expects a format whose greater codes stand for "
                              "greater numbers, but got "
                           << format;
}

LogicalResult lowbit::verifyRange(Operation *op, int64_t min, int64_t max,
                                  Type format) {
  if (min > max)
    return op->emitOpError()
           << "expects 'min' <= 'max', but got " << min << " and " << max;
  if (!isCodeFormat(format))
    return success();
  auto [low, high] = getStorageRange(format);
  if (min < low || max > high)
    return op->emitOpError() << "expects 'min' and 'max' in the storage range ["
                             << low << ", " << high << "] of " << format
                             << ", but got [" << min << ", " << max << "]";
  return success();
}
