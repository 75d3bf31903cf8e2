//===- ContractScalars.cpp - lowbit.contract on scalars -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ContractScalars.h"

#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::lowbit;

bool lowbit::hasSummedEpilogueOperand(ContractOp op) {
  for (unsigned i = 0, e = op.getEpilogueOperands().size(); i < e; ++i)
    for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
      if (op.isReduction(loop) && op.getEpilogueMap(i).isFunctionOfDim(loop))
        return true;
  return false;
}

/// What the code number `place` of a word stands for, in i32.
static Value readPackedCode(ImplicitLocOpBuilder &builder, Value word,
                            int64_t place, ArrayRef<int64_t> values) {
  unsigned width = word.getType().getIntOrFloatBitWidth();
  int64_t bits = llvm::Log2_64(values.size());
  word = arith::ShRUIOp::create(builder, word,
                                constantInt(builder, place * bits, width));
  word = arith::AndIOp::create(
      builder, word, constantInt(builder, int64_t(values.size()) - 1, width));
  Value value = constantInt(builder, values[0], 32);
  for (size_t code = 1; code < values.size(); ++code) {
    Value isCode =
        arith::CmpIOp::create(builder, arith::CmpIPredicate::eq, word,
                              constantInt(builder, code, width));
    value = arith::SelectOp::create(
        builder, isCode, constantInt(builder, values[code], 32), value);
  }
  return value;
}

/// The sum of the products of all codes in two words.
static Value multiplyPacked(ImplicitLocOpBuilder &builder, ContractOp op,
                            Value lhs, Value rhs) {
  int64_t codes = rhs.getType().getIntOrFloatBitWidth() /
                  llvm::Log2_64(op.getRhsValues().size());
  Value sum;
  for (int64_t place = 0; place < codes; ++place) {
    Value product = arith::MulIOp::create(
        builder, readPackedCode(builder, lhs, place, op.getLhsValues()),
        readPackedCode(builder, rhs, place, op.getRhsValues()));
    sum = sum ? arith::AddIOp::create(builder, sum, product) : product;
  }
  return sum;
}

/// The product of two words, as the operation says, in i32.
static Value multiply(ImplicitLocOpBuilder &builder, ContractOp op, Value lhs,
                      Value rhs) {
  if (op.getProduct() == Product::Multiply)
    return arith::MulIOp::create(builder,
                                 readCode(builder, lhs, op.getFormat(0)),
                                 readCode(builder, rhs, op.getFormat(1)));
  if (op.getProduct() == Product::MultiplyPacked)
    return multiplyPacked(builder, op, lhs, rhs);
  Value bits;
  if (op.getProduct() == Product::XorPopcount)
    bits = arith::XOrIOp::create(builder, lhs, rhs);
  else
    bits = arith::AndIOp::create(builder, lhs, rhs);
  Value count = math::CtPopOp::create(builder, bits);
  Type i32 = builder.getI32Type();
  if (count.getType().isInteger(8))
    return arith::ExtUIOp::create(builder, i32, count);
  return arith::TruncIOp::create(builder, i32, count);
}

Value lowbit::addProduct(ImplicitLocOpBuilder &builder, ContractOp op,
                         Value lhs, Value rhs, Value acc) {
  if (op.getAccumulatorType().isF32())
    return math::FmaOp::create(builder, lhs, rhs, acc);
  return arith::AddIOp::create(builder, acc, multiply(builder, op, lhs, rhs));
}

Value lowbit::inlineEpilogue(ImplicitLocOpBuilder &builder, ContractOp op,
                             ValueRange scalars) {
  Block &epilogue = op.getEpilogue().front();
  IRMapping mapping;
  for (auto [i, argument] : llvm::enumerate(epilogue.getArguments())) {
    Value scalar = scalars[i];
    if (argument.getType().isInteger())
      scalar = readCode(builder, scalar,
                        i == 0 ? scalar.getType() : op.getFormat(i + 1));
    mapping.map(argument, scalar);
  }
  for (Operation &operation : epilogue.without_terminator())
    builder.clone(operation, mapping);
  Value yielded = mapping.lookupOrDefault(
      cast<YieldOp>(epilogue.getTerminator()).getValue());
  if (yielded.getType().isF32())
    return yielded;
  Type word = cast<ShapedType>(op.getInit().getType()).getElementType();
  return writeCode(builder, yielded, word);
}
