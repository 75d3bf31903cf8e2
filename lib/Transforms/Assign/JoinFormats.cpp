//===- JoinFormats.cpp - one format for what is joined --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Codes of a concat have one format. What only the concat reads loses nothing if it has
// this format from the start: it is rounded once instead of twice, and nothing is changed
// or moved between.

#include "JoinFormats.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;
using Kind = ActivationQuantizer::Kind;

/// True if codes of `op` may as well be of `format`, which only differs in the range.
static bool takesFormat(ObserveOp op, quant::UniformQuantizedType format,
                        const QuantizationPlan &plan) {
  auto own = dyn_cast_or_null<quant::UniformQuantizedType>(
      op.getFormat().value_or(Type()));
  Operation *producer = op.getInput().getDefiningOp();
  return own && producer && !isConstant(op.getInput()) &&
         !isa<SoftmaxOp>(producer) && op.getRole() == Role::Activation &&
         plan.getOptions(op).activations.quantizer->kind == Kind::Affine &&
         !plan.getRuleOptions(op).activations.range &&
         own.isSigned() == format.isSigned() &&
         own.getStorageType() == format.getStorageType() &&
         own.getStorageTypeMin() == format.getStorageTypeMin() &&
         own.getStorageTypeMax() == format.getStorageTypeMax();
}

/// Gives what only `concat` reads the format of its result. So codes are made in
/// it, where they would be changed into it.
static void joinOperands(tosa::ConcatOp concat, const QuantizationPlan &plan) {
  if (!concat->hasOneUse())
    return;
  auto result = dyn_cast<ObserveOp>(*concat->user_begin());
  if (!result ||
      plan.getOptions(result).activations.quantizer->kind != Kind::Affine)
    return;
  auto format = dyn_cast_or_null<quant::UniformQuantizedType>(
      result.getFormat().value_or(Type()));
  for (Value operand : concat.getInput1()) {
    ObserveOp op = getObservation(operand);
    while (op && operand.hasOneUse() && operand != op.getResult())
      operand = operand.getDefiningOp()->getOperand(0);
    if (format && op && operand.hasOneUse() && takesFormat(op, format, plan))
      op.setFormatAttr(TypeAttr::get(format));
  }
}

void lowbit::joinFormats(func::FuncOp function, const QuantizationPlan &plan) {
  SmallVector<tosa::ConcatOp> concats;
  function.walk([&](tosa::ConcatOp op) { concats.push_back(op); });
  // What is joined may be joined again: the last format counts.
  for (tosa::ConcatOp op : llvm::reverse(concats))
    joinOperands(op, plan);
}
