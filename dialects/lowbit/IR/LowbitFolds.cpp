//===- LowbitFolds.cpp - Folders ----------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Folders neither read nor make large constants.

#include "lowbit/IR/Lowbit.h"

using namespace mlir;
using namespace mlir::lowbit;

/// encode(decode(x)) : T -> x : T
///
/// With |code - z| < 2^17 the two f32 multiplications lose less than half a
/// step, so rounding to nearest finds the code again. Other roundings may not.
OpFoldResult EncodeOp::fold(FoldAdaptor) {
  auto decode = getInput().getDefiningOp<DecodeOp>();
  if (!decode || decode.getInput().getType() != getType())
    return {};
  auto format = cast<quant::QuantizedType>(getType().getElementType());
  bool nearest = getRounding() == Rounding::NearestEven ||
                 getRounding() == Rounding::NearestAway;
  if (!nearest || format.getStorageTypeIntegralWidth() > 16)
    return {};
  return decode.getInput();
}

/// transpose(x) by the identity -> x
OpFoldResult TransposeOp::fold(FoldAdaptor) {
  for (auto [position, dim] : llvm::enumerate(getPermutation()))
    if (static_cast<int64_t>(position) != dim)
      return {};
  return getInput();
}
