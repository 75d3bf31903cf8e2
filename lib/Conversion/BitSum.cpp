//===- BitSum.cpp - Codes as sums of bits ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BitSum.h"

using namespace mlir;
using namespace mlir::lowbit;

std::optional<BitSum> BitSum::describe(Value lhs) {
  BitSum sum;
  if (auto steps = lhs.getDefiningOp<StepsOp>()) {
    auto codes = cast<RankedTensorType>(steps.getInput().getType());
    auto format = dyn_cast<PlanesType>(codes.getElementType());
    if (!format)
      return std::nullopt;
    sum.codes = steps.getInput();
    SmallVector<int64_t> multiples = format.getMultiples();
    if (multiples.empty()) {
      multiples.assign(format.getPlanes(), 0);
      unsigned term = steps.getTerm();
      bool isNegative = !format.isDynamic() && format.getScales()[term] < 0;
      multiples[term] = isNegative ? -1 : 1;
    }
    bool isSign = format.getAlphabet() == Alphabet::Sign;
    for (auto [plane, multiple] : llvm::enumerate(multiples)) {
      if (multiple == 0)
        continue;
      sum.bits.emplace_back(plane, isSign ? 2 * multiple : multiple);
      sum.offset -= isSign ? multiple : 0;
    }
    return sum;
  }
  auto format = dyn_cast<quant::UniformQuantizedType>(
      cast<RankedTensorType>(lhs.getType()).getElementType());
  if (!format || format.getStorageTypeIntegralWidth() > 4)
    return std::nullopt;
  sum.codes = lhs;
  sum.zeroPoint = format.getZeroPoint();
  unsigned width = format.getStorageTypeIntegralWidth();
  for (unsigned plane = 0; plane < width; ++plane) {
    bool isTop = plane + 1 == width && format.isSigned();
    sum.bits.emplace_back(plane, isTop ? -(1 << plane) : 1 << plane);
  }
  return sum;
}
