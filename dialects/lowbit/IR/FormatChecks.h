//===- FormatChecks.h - What verifiers ask of formats -----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_IR_FORMATCHECKS_H
#define LOWBIT_IR_FORMATCHECKS_H

#include "lowbit/IR/Lowbit.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"

namespace mlir::lowbit {

/// An error at `op` unless the types have one shape.
LogicalResult verifySameShape(Operation *op, ShapedType input,
                              ShapedType result);

/// An error at `op` unless `format` is affine with one scale for all.
LogicalResult verifyPerTensor(Operation *op, Type format);

/// An error at `op` unless all elements have one format, without an axis and
/// without parameters: codes may be moved then.
LogicalResult verifyOneFormat(Operation *op, Type format);

/// The same, and some code stands for exactly 0.
LogicalResult verifyPads(Operation *op, Type format);

/// The same as verifyOneFormat, and greater codes stand for greater numbers.
LogicalResult verifyOrdered(Operation *op, Type format);

/// An error at `op` unless [min, max] is a part of the storage range of
/// `format`, or of i32 where that is no format.
LogicalResult verifyRange(Operation *op, int64_t min, int64_t max, Type format);

/// Emits an error unless a packed result of `op` has words of 8 or 16 bits for codes of 1
/// or 2.
LogicalResult verifyPackedResult(ContractOp op);

/// Emits an error unless codes of `op` that share words have values, as many in words of both
/// sides, and others have none.
LogicalResult verifyPackedCodes(ContractOp op);

} // namespace mlir::lowbit

#endif // LOWBIT_IR_FORMATCHECKS_H
