//===- ScalarFunction.cpp - Functions of one variable -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/ScalarFunction.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

static double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

double lowbit::evaluateFunction(Function function, double alpha, double beta,
                                double x) {
  switch (function) {
  case Function::LeakyRelu:
    return x < 0 ? alpha * x : x;
  case Function::ThresholdedRelu:
    return x > alpha ? x : 0;
  case Function::Shrink:
    return x < -alpha ? x + beta : x > alpha ? x - beta : 0;
  case Function::Elu:
    return x < 0 ? alpha * std::expm1(x) : x;
  case Function::Selu:
    return beta * (x < 0 ? alpha * std::expm1(x) : x);
  case Function::Celu:
    return x < 0 ? alpha * std::expm1(x / alpha) : x;
  case Function::HardSigmoid:
    return std::min(std::max(alpha * x + beta, 0.0), 1.0);
  case Function::HardSwish:
    return x * std::min(std::max(x / 6 + 0.5, 0.0), 1.0);
  case Function::Silu:
    return x / (1 + std::exp(-alpha * x));
  case Function::Softplus:
    return softplus(x);
  case Function::Softsign:
    return x / (1 + std::abs(x));
  case Function::Mish:
    return x * std::tanh(softplus(x));
  case Function::Gelu:
    return x / 2 * (1 + std::erf(x * std::sqrt(0.5)));
  case Function::GeluTanh:
    return x / 2 *
           (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846) *
                          (x + 0.044715 * x * x * x)));
  case Function::Power:
    return std::pow(x, alpha);
  case Function::Sqrt:
    return std::sqrt(x);
  case Function::Round:
    return std::nearbyint(x);
  case Function::Sign:
    return x > 0 ? 1 : x < 0 ? -1 : 0;
  }
  llvm_unreachable("all functions are handled");
}

static double evaluate(ActivationOp op, double x) {
  double alpha = op.getAlpha() ? op.getAlpha()->convertToFloat() : 0;
  double beta = op.getBeta() ? op.getBeta()->convertToFloat() : 0;
  return evaluateFunction(op.getFunction(), alpha, beta, x);
}

std::optional<double> lowbit::evaluateFunction(Operation *op, double x) {
  using Result = std::optional<double>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case<ActivationOp>([&](auto function) { return evaluate(function, x); })
      .Case<tosa::SigmoidOp>([&](auto) { return 1 / (1 + std::exp(-x)); })
      .Case<tosa::TanhOp>([&](auto) { return std::tanh(x); })
      .Case<tosa::ErfOp>([&](auto) { return std::erf(x); })
      .Case<tosa::ExpOp>([&](auto) { return std::exp(x); })
      .Case<tosa::LogOp>([&](auto) { return std::log(x); })
      .Case<tosa::NegateOp>([&](auto) { return -x; })
      .Case<tosa::AbsOp>([&](auto) { return std::abs(x); })
      .Case<tosa::CeilOp>([&](auto) { return std::ceil(x); })
      .Case<tosa::FloorOp>([&](auto) { return std::floor(x); })
      .Case<tosa::ReciprocalOp>([&](auto) { return 1 / x; })
      .Case<tosa::RsqrtOp>([&](auto) { return 1 / std::sqrt(x); })
      .Case<tosa::SinOp>([&](auto) { return std::sin(x); })
      .Case<tosa::CosOp>([&](auto) { return std::cos(x); })
      .Case<tosa::ClampOp>([&](tosa::ClampOp clamp) -> Result {
        auto min = dyn_cast<FloatAttr>(clamp.getMinValAttr());
        auto max = dyn_cast<FloatAttr>(clamp.getMaxValAttr());
        if (!min || !max)
          return std::nullopt;
        if (std::isnan(x) &&
            clamp.getNanMode() == tosa::NanPropagationMode::IGNORE)
          return min.getValueAsDouble();
        return std::min(std::max(x, min.getValueAsDouble()),
                        max.getValueAsDouble());
      })
      .Default([](Operation *) -> Result { return std::nullopt; });
}
