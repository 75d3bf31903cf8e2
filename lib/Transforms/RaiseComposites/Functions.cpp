//===- Functions.cpp - activations written out in TOSA ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Exporters write GELU in many forms: they order the factors differently,
// divide by the root of 2 or multiply by its inverse, cube by powers or by
// products. So a function is recognised by its values, not by its form: what
// computes one element from one element is evaluated at some points, and
// compared with the functions that lowbit.activation knows.

#include "RaiseComposites.h"

#include "lowbit/Analysis/ScalarFunction.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// The longest formula that is worth a look.
static constexpr size_t maxOperations = 24;

/// What `op` makes of one element of each operand; nothing for operations that
/// are not elementwise. Shifts and zero points of floats are ignored.
static std::optional<double> evaluate(Operation *op, ArrayRef<double> x) {
  if (isa<tosa::AddOp>(op))
    return x[0] + x[1];
  if (isa<tosa::SubOp>(op))
    return x[0] - x[1];
  if (isa<tosa::MulOp>(op))
    return x[0] * x[1];
  if (isa<tosa::MaximumOp>(op))
    return std::max(x[0], x[1]);
  if (isa<tosa::MinimumOp>(op))
    return std::min(x[0], x[1]);
  if (isa<tosa::PowOp>(op))
    return std::pow(x[0], x[1]);
  if (isa<tosa::NegateOp>(op))
    return -x[0];
  return evaluateFunction(op, x[0]);
}

/// The operands of `op` that `evaluate` takes.
static OperandRange getTerms(Operation *op) {
  bool isBinary = isa<tosa::AddOp, tosa::SubOp, tosa::MulOp, tosa::MaximumOp,
                      tosa::MinimumOp, tosa::PowOp>(op);
  return op->getOperands().take_front(isBinary ? 2 : 1);
}

namespace {

/// Elementwise operations that together compute `root` from one variable.
class ScalarExpression {
public:
  explicit ScalarExpression(Operation *root) { add(root); }

  /// The one value that the operations read besides constants; null if there
  /// are several.
  Value getVariable() const {
    return variables.size() == 1 ? variables.front() : Value();
  }

  /// Takes in the last operation whose result the others read. False if that
  /// cannot be: it is not elementwise, or is needed elsewhere.
  bool grow();

  double evaluateAt(double x) const;

private:
  void add(Operation *op);

  SmallVector<Operation *> operations; // Users before what they use.
  llvm::SetVector<Value> variables;
};

} // namespace

void ScalarExpression::add(Operation *op) {
  operations.push_back(op);
  for (Value term : getTerms(op))
    if (!getConstantNumber(term))
      variables.insert(term);
}

bool ScalarExpression::grow() {
  if (operations.size() == maxOperations)
    return false;
  Operation *root = operations.front(), *last = nullptr;
  for (Value variable : variables) {
    Operation *op = variable.getDefiningOp();
    if (op && op->getBlock() == root->getBlock() &&
        (!last || last->isBeforeInBlock(op)))
      last = op;
  }
  if (!last || last->getNumResults() != 1 || last->getNumOperands() == 0 ||
      last->getResult(0).getType() != root->getResult(0).getType() ||
      !evaluate(last, {0.5, 0.5}))
    return false;
  for (Operation *user : last->getUsers())
    if (!llvm::is_contained(operations, user))
      return false;
  variables.remove(last->getResult(0));
  add(last);
  return true;
}

double ScalarExpression::evaluateAt(double x) const {
  llvm::DenseMap<Value, double> values;
  values[getVariable()] = x;
  for (Operation *op : llvm::reverse(operations)) {
    SmallVector<double> terms;
    for (Value term : getTerms(op)) {
      std::optional<double> number = getConstantNumber(term);
      terms.push_back(number ? *number : values.at(term));
    }
    values[op->getResult(0)] = *evaluate(op, terms);
  }
  return values.at(operations.front()->getResult(0));
}

namespace {
/// A function that lowbit.activation knows, with its parameters.
struct KnownFunction {
  Function function;
  std::optional<float> alpha, beta;

  double evaluateAt(double x) const {
    return evaluateFunction(function, alpha.value_or(0), beta.value_or(0), x);
  }
};
} // namespace

/// The quarters from -8 to 8, where functions bend, and powers of two up to
/// 2^20, for clamps that act further out.
static SmallVector<double> getPoints() {
  SmallVector<double> points;
  for (int step = -32; step <= 32; ++step)
    points.push_back(step / 4.0);
  for (int exponent = 4; exponent <= 20; ++exponent)
    points.append({std::ldexp(1.0, exponent), -std::ldexp(1.0, exponent)});
  return points;
}

/// True if `expression` has the values of `known`, up to what rounded constants
/// make of them. GELU and its approximation by tanh differ by more.
static bool computes(const ScalarExpression &expression,
                     const KnownFunction &known) {
  return llvm::all_of(getPoints(), [&](double x) {
    double expected = known.evaluateAt(x);
    double error = std::abs(expression.evaluateAt(x) - expected);
    return error <= 1e-5 * std::max(1.0, std::abs(expected));
  });
}

/// The function with the values of `expression`.
static std::optional<KnownFunction>
recognize(const ScalarExpression &expression) {
  SmallVector<KnownFunction> candidates = {
      {Function::Gelu, {}, {}},
      {Function::GeluTanh, {}, {}},
      {Function::HardSigmoid, 1.0f / 6, 0.5f},
      {Function::HardSwish, {}, {}},
      {Function::Mish, {}, {}}};
  // x / (1 + exp(-alpha * x)) at 1 says what alpha is. A small alpha would make
  // an activation of x / 2.
  double atOne = expression.evaluateAt(1);
  double alpha = -std::log(1 / atOne - 1);
  if (alpha > 0.1 && alpha < 10) {
    candidates.push_back(
        {Function::Silu, std::abs(alpha - 1) < 1e-6 ? 1.0f : float(alpha), {}});
  }
  for (const KnownFunction &candidate : candidates)
    if (computes(expression, candidate))
      return candidate;
  return std::nullopt;
}

namespace {

/// A formula of one variable -> lowbit.activation
struct RaiseFunction : OpRewritePattern<tosa::MulOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(tosa::MulOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    if (!type || !type.getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "is not a product of floats");
    ScalarExpression expression(op);
    do {
      Value variable = expression.getVariable();
      if (!variable || variable.getType() != type)
        continue;
      if (std::optional<KnownFunction> known = recognize(expression)) {
        auto number = [&](std::optional<float> value) {
          return value ? rewriter.getF32FloatAttr(*value) : FloatAttr();
        };
        rewriter.replaceOpWithNewOp<ActivationOp>(
            op, type, variable, known->function, number(known->alpha),
            number(known->beta));
        return success();
      }
    } while (expression.grow());
    return rewriter.notifyMatchFailure(op,
                                       "is no known function of one variable");
  }
};

} // namespace

void lowbit::populateRaiseFunctionPatterns(RewritePatternSet &patterns) {
  patterns.add<RaiseFunction>(patterns.getContext());
}
