//===- LowbitPackedCodes.cpp - Contractions of codes that share words -----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FormatChecks.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lowbit;

LogicalResult lowbit::verifyPackedResult(ContractOp op) {
  Type word = getElementTypeOrSelf(op.getInit().getType());
  if (op.getPacks() && !(op.getResultMap().getNumResults() != 0 &&
                         (word.isInteger(8) || word.isInteger(16))))
    return op.emitOpError()
           << "expects a packed result of words of 8 or 16 bits, but got "
           << op.getInit().getType();
  if (op.getPackedBits() != 1 && op.getPackedBits() != 2)
    return op.emitOpError() << "expects 'packed_bits' of 1 or 2, but got "
                            << static_cast<int64_t>(op.getPackedBits());
  return success();
}

LogicalResult lowbit::verifyPackedCodes(ContractOp op) {
  bool multiplies = op.getProduct() == Product::MultiplyPacked;
  int64_t codes[2] = {0, 0};
  const ArrayRef<int64_t> sides[2] = {op.getLhsValues(), op.getRhsValues()};
  for (auto [i, values] : llvm::enumerate(sides)) {
    bool known = values.size() == 2 || values.size() == 4;
    if (multiplies ? !known : !values.empty())
      return op.emitOpError()
             << "expects values of 2 or 4 codes on both sides of packed codes, "
                "and none elsewhere, but got "
             << values.size() << " of operand " << i;
    for (int64_t value : values)
      if (!llvm::isInt<8>(value))
        return op.emitOpError()
               << "expects values of codes from -128 to 127, but got " << value;
    Type word = getElementTypeOrSelf(op.getMappedOperands()[i].getType());
    if (multiplies && !word.isInteger(8) && !(i == 0 && word.isInteger(16)))
      return op.emitOpError() << "expects packed codes in words of 8 bits, or "
                                 "of 16 in lhs, but got "
                              << op.getMappedOperands()[i].getType();
    if (multiplies)
      codes[i] = word.getIntOrFloatBitWidth() / llvm::Log2_64(values.size());
  }
  if (codes[0] != codes[1])
    return op.emitOpError()
           << "expects as many codes in words of lhs as in those of rhs, but "
              "got "
           << codes[0] << " and " << codes[1];
  return success();
}
