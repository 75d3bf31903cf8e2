//===- LowbitDebug.cpp - Looking into a program ---------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/IR/Lowbit.h"

#include "FormatChecks.h"

using namespace mlir;
using namespace mlir::lowbit;

LogicalResult PortOp::verify() {
  Type element = cast<ShapedType>(getCodes().getType()).getElementType();
  if (isa<quant::QuantizedType>(element)) {
    if (getFormat()) // (C2)
      return emitOpError("has codes, whose format needs no other");
    return verifyPerTensor(*this, element); // (C1)
  }
  auto format = dyn_cast_or_null<quant::UniformQuantizedType>(
      getFormat().value_or(Type()));
  if (!element.isSignlessInteger() || !format ||
      !format.getExpressedType().isF32()) // (C2)
    return emitOpError() << "expects codes, or words with an affine 'format' "
                            "of f32 numbers, but got "
                         << getCodes().getType();
  return success();
}
