//===- Activations.cpp - functions of one variable in TOSA --------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Decompose.h"

#include "lowbit/IR/Lowbit.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// log(1 + exp(x)) -> max(x, 0) + log(1 + exp(-|x|)), which never overflows
static Value softplus(const TosaArithmetic &t, Value x) {
  Value tail = t.log(t.add(t.exp(t.negate(t.abs(x))), t.number(1)));
  return t.add(t.max(x, t.number(0)), tail);
}

/// x < 0 ? alpha * (exp(x / tau) - 1) : x
static Value elu(const TosaArithmetic &t, Value x, double alpha, double tau) {
  Value scaled = tau == 1 ? x : t.mul(x, t.number(1 / tau));
  Value exponential = t.sub(t.exp(scaled), t.number(1));
  return t.selectGreater(t.number(0), x, t.mul(exponential, t.number(alpha)),
                         x);
}

/// Adding 2^23 to a number between 0 and 2^23 leaves no bits for a fraction.
static Value round(const TosaArithmetic &t, Value x) {
  Value limit = t.number(8388608), magnitude = t.abs(x);
  Value rounded = t.sub(t.add(magnitude, limit), limit);
  Value withSign = t.selectGreater(t.number(0), x, t.negate(rounded), rounded);
  return t.selectGreater(limit, magnitude, withSign, x);
}

static Value power(const TosaArithmetic &t, Value x, double exponent) {
  if (exponent == 2)
    return t.mul(x, x);
  if (exponent == 3)
    return t.mul(t.mul(x, x), x);
  return t.pow(x, t.number(exponent));
}

static Value compute(const TosaArithmetic &t, Function function, Value x,
                     double alpha, double beta) {
  auto half = [&] { return t.mul(x, t.number(0.5)); };
  switch (function) {
  case Function::LeakyRelu:
    return t.selectGreater(t.number(0), x, t.mul(x, t.number(alpha)), x);
  case Function::ThresholdedRelu:
    return t.selectGreater(x, t.number(alpha), x, t.number(0));
  case Function::Shrink: {
    Value high = t.selectGreater(x, t.number(alpha), t.sub(x, t.number(beta)),
                                 t.number(0));
    return t.selectGreater(t.number(-alpha), x, t.add(x, t.number(beta)), high);
  }
  case Function::Elu:
    return elu(t, x, alpha, 1);
  case Function::Selu:
    return t.mul(elu(t, x, alpha, 1), t.number(beta));
  case Function::Celu:
    return elu(t, x, alpha, alpha);
  case Function::HardSigmoid:
    return t.clamp(t.add(t.mul(x, t.number(alpha)), t.number(beta)), 0, 1);
  case Function::HardSwish:
    return t.mul(
        x, t.clamp(t.add(t.mul(x, t.number(1.0 / 6)), t.number(0.5)), 0, 1));
  case Function::Silu:
    return t.mul(x, t.sigmoid(alpha == 1 ? x : t.mul(x, t.number(alpha))));
  case Function::Softplus:
    return softplus(t, x);
  case Function::Softsign:
    return t.mul(x, t.reciprocal(t.add(t.abs(x), t.number(1))));
  case Function::Mish:
    return t.mul(x, t.tanh(softplus(t, x)));
  case Function::Gelu: {
    Value erf = t.erf(t.mul(x, t.number(std::sqrt(0.5))));
    return t.mul(half(), t.add(erf, t.number(1)));
  }
  case Function::GeluTanh: {
    Value cubic = t.mul(power(t, x, 3), t.number(0.044715));
    Value inner =
        t.mul(t.add(x, cubic), t.number(std::sqrt(2 / 3.14159265358979323846)));
    return t.mul(half(), t.add(t.tanh(inner), t.number(1)));
  }
  case Function::Power:
    return power(t, x, alpha);
  case Function::Sqrt:
    return t.reciprocal(t.rsqrt(x));
  case Function::Round:
    return round(t, x);
  case Function::Sign: {
    Value low = t.selectGreater(t.number(0), x, t.number(-1), t.number(0));
    return t.selectGreater(x, t.number(0), t.number(1), low);
  }
  }
  llvm_unreachable("all functions are handled");
}

namespace {

/// activation(x) -> the formula of its function
struct DecomposeActivation : OpRewritePattern<ActivationOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(ActivationOp op,
                                PatternRewriter &rewriter) const override {
    TosaArithmetic t(rewriter, op.getLoc(),
                     cast<RankedTensorType>(op.getType()));
    auto read = [](std::optional<APFloat> value) -> double {
      return value ? value->convertToFloat() : 0;
    };
    rewriter.replaceOp(op, compute(t, op.getFunction(), op.getInput(),
                                   read(op.getAlpha()), read(op.getBeta())));
    return success();
  }
};

} // namespace

void lowbit::populateDecomposeActivationPatterns(RewritePatternSet &patterns) {
  patterns.add<DecomposeActivation>(patterns.getContext());
}
