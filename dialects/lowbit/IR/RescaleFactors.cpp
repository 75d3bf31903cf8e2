//===- RescaleFactors.cpp - Ranges of multipliers and shifts ------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RescaleFactors.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

LogicalResult lowbit::verifyFactors(Operation *op,
                                    ArrayRef<int32_t> multipliers,
                                    ArrayRef<int32_t> shifts) {
  for (int32_t multiplier : multipliers)
    if (multiplier < 0)
      return op->emitOpError()
             << "expects multipliers of at least 0, but got " << multiplier;
  for (int32_t shift : shifts)
    if (shift < 2 || shift > 62)
      return op->emitOpError()
             << "expects shifts between 2 and 62, but got " << shift;
  return success();
}

LogicalResult lowbit::verifyConstantFactors(Operation *op, Value multiplier,
                                            Value shift) {
  auto values = [](Value value) -> SmallVector<int32_t> {
    DenseIntElementsAttr elements;
    if (matchPattern(value, m_Constant(&elements)))
      return llvm::to_vector(elements.getValues<int32_t>());
    IntegerAttr scalar;
    if (matchPattern(value, m_Constant(&scalar)))
      return {static_cast<int32_t>(scalar.getInt())};
    return {};
  };
  return verifyFactors(op, values(multiplier), values(shift));
}
