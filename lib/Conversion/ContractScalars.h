//===- ContractScalars.h - lowbit.contract on scalars -----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What plain loops around a contraction hold, on whatever level the loops are.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_CONTRACTSCALARS_H
#define LOWBIT_LIB_CONVERSION_CONTRACTSCALARS_H

#include "lowbit/IR/Lowbit.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit {

/// True if an epilogue operand of `op` lies along a loop that is summed over:
/// then no single value belongs to a sum.
bool hasSummedEpilogueOperand(ContractOp op);

/// acc + the product of two elements, as `op` says.
Value addProduct(ImplicitLocOpBuilder &builder, ContractOp op, Value lhs,
                 Value rhs, Value acc);

/// The element of the result: the epilogue of `op` on a sum and one element of
/// each epilogue operand.
Value inlineEpilogue(ImplicitLocOpBuilder &builder, ContractOp op,
                     ValueRange scalars);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_CONTRACTSCALARS_H
