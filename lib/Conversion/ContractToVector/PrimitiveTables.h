//===- PrimitiveTables.h - Rows by architecture ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The rows that are built in, one function for each architecture, and what several
// of them emit.

#ifndef LOWBIT_CONVERSION_PRIMITIVETABLES_H
#define LOWBIT_CONVERSION_PRIMITIVETABLES_H

#include "lowbit/Conversion/Primitive.h"

namespace mlir::lowbit {

ArrayRef<Primitive> getArmPrimitives();
ArrayRef<Primitive> getRiscvPrimitives();
ArrayRef<Primitive> getWebAssemblyPrimitives();

/// `row`, which multiplies signed bytes.
constexpr Primitive readsSigned(Primitive row) {
  row.isLhsSigned = true;
  return row;
}

/// A call of the LLVM intrinsic `name`.
Value callIntrinsic(OpBuilder &builder, Location loc, Type type, StringRef name,
                    ValueRange arguments);

/// The bits that `product` makes of two words.
Value combineBits(OpBuilder &builder, Location loc, Product product, Value lhs,
                  Value rhs);

/// `partial`, null for none, and the number of bits that are set in each byte.
Value addCounts(OpBuilder &builder, Location loc, Value partial, Value bits);

/// Those that are set in each byte, counted in bytes.
template <Product product>
Value countBytes(OpBuilder &builder, Location loc, Value partial, Value lhs,
                 Value rhs) {
  Value bits = combineBits(builder, loc, product, lhs, rhs);
  return addCounts(builder, loc, partial, bits);
}

/// acc + lhs * rhs for i16 operands and i32 sums: a widening multiply-add where
/// the processor has one.
Value emitWideningMulAdd(OpBuilder &builder, Location loc, Value acc, Value lhs,
                         Value rhs);

/// Calls `emit` for parts of vectors that are longer than the processor's: with
/// `laneCount` lanes of `acc`, and as large a part of `lhs`, if that is not the
/// same for all parts, and of `rhs`.
Value emitByParts(OpBuilder &builder, Location loc, Value acc, Value lhs,
                  Value rhs, int64_t laneCount, bool repeatsLhs,
                  function_ref<Value(Value, Value, Value)> emit);

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_PRIMITIVETABLES_H
