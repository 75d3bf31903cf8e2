//===- VectorBody.h - Iterations of a loop nest side by side ----*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The body of a linalg.generic on buffers for some neighbours along one of its loops, as one
// vector each.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_VECTORBODY_H
#define LOWBIT_LIB_CONVERSION_VECTORBODY_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit {

/// True if vectors can do what the body of `op` does, and each operand that is read or
/// written has static shape and, along `loop`, neighbours in memory or one element.
bool isVectorizable(linalg::GenericOp op, unsigned loop);

/// One iteration of the loops of `op` at `loops`, and the next along the loop `along`:
/// `lanes` of them.
class VectorBody {
public:
  VectorBody(ImplicitLocOpBuilder &builder, linalg::GenericOp op,
             ArrayRef<Value> loops, unsigned along, int64_t lanes)
      : builder(builder), op(op), loops(loops), along(along), lanes(lanes) {}

  /// What the body makes of its inputs, of which `argument` is `known` and not loaded.
  Value compute(BlockArgument argument, Value known);

  /// Writes to the only result, which lies along the loop.
  void store(Value result);

  Value broadcast(Value scalar);

private:
  VectorType vectorOf(Type element) { return VectorType::get(lanes, element); }
  SmallVector<Value> place(OpOperand &operand);
  Value load(OpOperand &operand);

  ImplicitLocOpBuilder &builder;
  linalg::GenericOp op;
  ArrayRef<Value> loops;
  unsigned along;
  int64_t lanes;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_VECTORBODY_H
