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

LogicalResult lowbit::verifyPerTensor(Operation *op, Type format) {
  if (isa<quant::UniformQuantizedType>(format))
    return success();
  return op->emitOpError()
         << "expects per-tensor formats '!quant.uniform', but got " << format;
}

LogicalResult lowbit::verifyRange(Operation *op, int64_t min, int64_t max,
                                  Type format) {
  if (min > max)
    return op->emitOpError()
           << "expects 'min' <= 'max', but got " << min << " and " << max;
  if (!isa<quant::QuantizedType>(format))
    return success();
  auto [low, high] = getStorageRange(format);
  if (min < low || max > high)
    return op->emitOpError() << "expects 'min' and 'max' in the storage range ["
                             << low << ", " << high << "] of " << format
                             << ", but got [" << min << ", " << max << "]";
  return success();
}
