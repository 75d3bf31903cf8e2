//===- PrimitiveTables.cpp - What rows of several targets emit ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PrimitiveTables.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

Value lowbit::callIntrinsic(OpBuilder &builder, Location loc, Type type,
                            StringRef name, ValueRange arguments) {
  return LLVM::CallIntrinsicOp::create(builder, loc, type,
                                       builder.getStringAttr(name), arguments)
      .getResult(0);
}

Value lowbit::combineBits(OpBuilder &builder, Location loc, Product product,
                          Value lhs, Value rhs) {
  if (product == Product::XorPopcount)
    return arith::XOrIOp::create(builder, loc, lhs, rhs);
  return arith::AndIOp::create(builder, loc, lhs, rhs);
}

Value lowbit::addCounts(OpBuilder &builder, Location loc, Value partial,
                        Value bits) {
  Value count = math::CtPopOp::create(builder, loc, bits);
  return partial ? arith::AddIOp::create(builder, loc, partial, count) : count;
}

Value lowbit::emitWideningMulAdd(OpBuilder &builder, Location loc, Value acc,
                                 Value lhs, Value rhs) {
  Value product = arith::MulIOp::create(
      builder, loc, arith::ExtSIOp::create(builder, loc, acc.getType(), lhs),
      arith::ExtSIOp::create(builder, loc, acc.getType(), rhs));
  return arith::AddIOp::create(builder, loc, acc, product);
}

Value lowbit::emitByParts(OpBuilder &builder, Location loc, Value acc,
                          Value lhs, Value rhs, int64_t laneCount,
                          bool repeatsLhs,
                          function_ref<Value(Value, Value, Value)> emit) {
  int64_t parts = cast<VectorType>(acc.getType()).getNumElements() / laneCount;
  auto slice = [&](Value vector, int64_t part) -> Value {
    int64_t size = cast<VectorType>(vector.getType()).getNumElements() / parts;
    return vector::ExtractStridedSliceOp::create(
        builder, loc, vector, ArrayRef<int64_t>{part * size},
        ArrayRef<int64_t>{size}, ArrayRef<int64_t>{1});
  };
  Value whole = acc;
  for (int64_t part = 0; part < parts; ++part) {
    Value sum = emit(slice(acc, part), repeatsLhs ? lhs : slice(lhs, part),
                     slice(rhs, part));
    whole = vector::InsertStridedSliceOp::create(
        builder, loc, sum, whole, ArrayRef<int64_t>{part * laneCount},
        ArrayRef<int64_t>{1});
  }
  return whole;
}
