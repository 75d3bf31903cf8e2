//===- FunctionChain.cpp - Functions of one variable ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FunctionChain.h"

#include "ConstantSteps.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Analysis/ScalarFunction.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>

using namespace mlir;
using namespace mlir::lowbit;

double FunctionStep::evaluate(double x) const {
  if (!isPairwise())
    return *evaluateFunction(op, x);
  double lhs = isFirst ? *number : x, rhs = isFirst ? x : *number;
  return llvm::TypeSwitch<Operation *, double>(op)
      .Case<tosa::AddOp>([&](auto) { return lhs + rhs; })
      .Case<tosa::SubOp>([&](auto) { return lhs - rhs; })
      .Case<tosa::MulOp>([&](auto) { return lhs * rhs; })
      .Case<tosa::MaximumOp>([&](auto) { return std::max(lhs, rhs); })
      .Case<tosa::MinimumOp>([&](auto) { return std::min(lhs, rhs); });
}

/// The one number that all elements of the constant `value` are.
static std::optional<float> getNumber(Value value, bool decodesNumbers) {
  DenseElementsAttr elements;
  if (matchPattern(value, m_Constant(&elements)) && elements.isSplat() &&
      elements.getElementType().isF32())
    return elements.getSplatValue<float>();
  if (!decodesNumbers || !isDecodedConstant(value))
    return std::nullopt;
  std::optional<ConstantSteps> constant = readConstantSteps(value);
  if (!constant || constant->scales.size() != 1 || constant->steps.empty() ||
      !llvm::all_equal(constant->steps))
    return std::nullopt;
  // As lowbit.decode does it.
  return static_cast<float>(constant->steps.front()) *
         static_cast<float>(constant->scales.front());
}

std::optional<FunctionStep> lowbit::getFunctionStep(Value value,
                                                    bool decodesNumbers) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return std::nullopt;
  if (isScalarFunction(op))
    return FunctionStep{op, op->getOperand(0), std::nullopt};
  if (!isPairwise(op))
    return std::nullopt;
  for (unsigned index : {1, 0}) {
    Value variable = op->getOperand(1 - index);
    std::optional<float> number =
        getNumber(op->getOperand(index), decodesNumbers);
    if (number && variable.getType() == value.getType())
      return FunctionStep{op, variable, number, index == 0};
  }
  return std::nullopt;
}

FunctionChain lowbit::getFunctionChain(Value result, bool decodesNumbers) {
  FunctionChain chain{{}, result};
  while (auto step = getFunctionStep(chain.variable, decodesNumbers)) {
    if (!chain.variable.hasOneUse())
      break;
    chain.variable = step->variable;
    chain.steps.push_back(*step);
  }
  return chain;
}
