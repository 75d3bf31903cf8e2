//===- Activations.cpp - imports functions of one variable ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What TOSA lacks stays whole as lowbit.activation, so that it can become one
// table.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "TosaBuilding.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

namespace {
/// An attribute of a node and its default.
struct Parameter {
  StringRef name;
  float defaultValue;
};
} // namespace

/// Reads `parameter` as an attribute of the op; null if there is none to read,
/// or after a refusal.
static FloatAttr readParameter(NodeContext &node,
                               const std::optional<Parameter> &parameter) {
  if (!parameter)
    return nullptr;
  float value = node.getFloat(parameter->name, parameter->defaultValue);
  if (!std::isfinite(value)) {
    (void)node.refuse("has " + parameter->name + " = " +
                      Twine(std::to_string(value)) +
                      "; expected a finite number");
    return nullptr;
  }
  return node.builder.getF32FloatAttr(value);
}

/// An op of one operand and up to two attributes.
static OperatorImporter importActivation(Function function,
                                         std::optional<Parameter> alpha = {},
                                         std::optional<Parameter> beta = {}) {
  return [=](NodeContext &node) -> LogicalResult {
    Value input = node.getTensor(0);
    FloatAttr first = readParameter(node, alpha);
    FloatAttr second = readParameter(node, beta);
    if (!input || (alpha && !first) || (beta && !second))
      return failure();
    node.setResult(ActivationOp::create(node.builder, input.getType(), input,
                                        function, first, second));
    return success();
  };
}

/// Celu divides by its alpha.
static LogicalResult importCelu(NodeContext &node) {
  if (node.getFloat("alpha", 1.0f) == 0.0f)
    return node.refuse("has alpha = 0, by which it divides");
  return importActivation(Function::Celu, Parameter{"alpha", 1.0f})(node);
}

static LogicalResult importGelu(NodeContext &node) {
  std::string approximate = node.getString("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    return node.refuse("has approximate = " + quote(approximate) +
                       "; expected 'none' or 'tanh'");
  return importActivation(approximate == "tanh" ? Function::GeluTanh
                                                : Function::Gelu)(node);
}

//===----------------------------------------------------------------------===//
// Rectifiers
//===----------------------------------------------------------------------===//

static constexpr float maxFloat = std::numeric_limits<float>::max();

static LogicalResult importClamp(NodeContext &node, float least, float most) {
  Value input = node.getTensor(0);
  if (!input)
    return failure();
  if (std::isnan(least) || std::isnan(most))
    return node.refuse("clips to a bound that is not a number");
  // The maximum is applied last.
  least = std::min(least, most);
  ImplicitLocOpBuilder &builder = node.builder;
  node.setResult(tosa::ClampOp::create(
      builder, input.getType(), input,
      builder.getF32FloatAttr(std::clamp(least, -maxFloat, maxFloat)),
      builder.getF32FloatAttr(std::clamp(most, -maxFloat, maxFloat))));
  return success();
}

static LogicalResult importRelu(NodeContext &node) {
  return importClamp(node, 0.0f, maxFloat);
}

/// Input `index`, a bound that is computed when the model runs, in the rank of
/// `input`.
static Value getBound(NodeContext &node, Value input, unsigned index) {
  Value bound = getNumbers(node, index);
  if (!bound)
    return nullptr;
  return buildReshape(node, bound, SmallVector<int64_t>(rankOf(input), 1));
}

/// min(max(x, least), most) with a bound that is computed, or of integers.
static LogicalResult importComputedClip(NodeContext &node) {
  Value value = getNumbers(node, 0);
  if (!value)
    return failure();
  if (node.hasInput(1))
    value = buildBinary<tosa::MaximumOp>(node, value, getBound(node, value, 1));
  if (value && node.hasInput(2))
    value = buildBinary<tosa::MinimumOp>(node, value, getBound(node, value, 2));
  if (!value)
    return failure();
  node.setResult(value);
  return success();
}

/// The bounds are attributes before opset 11 and inputs from then on.
static LogicalResult importClip(NodeContext &node) {
  float bounds[] = {-maxFloat, maxFloat};
  if (node.getOpset() < 11) {
    bounds[0] = node.getFloat("min", bounds[0]);
    bounds[1] = node.getFloat("max", bounds[1]);
    return importClamp(node, bounds[0], bounds[1]);
  }
  Value input = getNumbers(node, 0);
  if (!input)
    return failure();
  if (!elementOf(input).isF32())
    return importComputedClip(node);
  for (unsigned index : {1, 2})
    if (node.hasInput(index) && !node.isConstant(index))
      return importComputedClip(node);
  for (unsigned index : {1, 2}) {
    if (!node.hasInput(index))
      continue;
    std::optional<float> bound =
        node.getFloat(index, index == 1 ? "a minimum" : "a maximum");
    if (!bound)
      return failure();
    bounds[index - 1] = *bound;
  }
  return importClamp(node, bounds[0], bounds[1]);
}

/// x < 0 ? slope * x : x as max(x, 0) + slope * min(x, 0): the parts quantize.
/// One slope for all is a leaky rectifier.
static LogicalResult importPRelu(NodeContext &node) {
  Value input = node.getTensor(0);
  std::optional<SmallVector<int64_t>> slopeShape = node.getShape(1);
  if (!input || !slopeShape)
    return failure();
  auto shape = broadcastShapes(node, shapeOf(input), *slopeShape);
  if (!shape)
    return failure();
  if (*shape != shapeOf(input))
    return node.refuse(
        "has a slope of the shape " + describeShape(*slopeShape) +
        ", which does not broadcast to " + describeShape(shapeOf(input)));
  ImplicitLocOpBuilder &builder = node.builder;
  if (node.isConstant(1) && countElements(*slopeShape) == 1) {
    std::optional<float> slope = node.getFloat(1, "a slope");
    if (!slope)
      return failure();
    if (!std::isfinite(*slope))
      return node.refuse("has a slope that is not finite");
    node.setResult(ActivationOp::create(
        builder, input.getType(), input, Function::LeakyRelu,
        builder.getF32FloatAttr(*slope), FloatAttr()));
    return success();
  }
  auto clamp = [&](float least, float most) -> Value {
    return tosa::ClampOp::create(builder, input.getType(), input,
                                 builder.getF32FloatAttr(least),
                                 builder.getF32FloatAttr(most));
  };
  Value negative = buildMul(node, clamp(-maxFloat, 0), node.getTensor(1));
  Value result = buildAdd(node, clamp(0, maxFloat), negative);
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

//===----------------------------------------------------------------------===//
// Functions that TOSA has
//===----------------------------------------------------------------------===//

template <typename Op> static LogicalResult importUnary(NodeContext &node) {
  Value input = node.getTensor(0);
  if (!input)
    return failure();
  node.setResult(Op::create(node.builder, input.getType(), input));
  return success();
}

void onnximport::addActivationOperators(OperatorTable &table) {
  auto add = [&](StringRef name, OperatorImporter import) {
    table.add(name, {1, 1}, std::move(import));
  };
  auto alpha = [](float value) { return Parameter{"alpha", value}; };
  add("Celu", importCelu);
  table.add("Clip", {1, 3}, importClip);
  add("Elu", importActivation(Function::Elu, alpha(1.0f)));
  add("Gelu", importGelu);
  add("HardSigmoid", importActivation(Function::HardSigmoid, alpha(0.2f),
                                      Parameter{"beta", 0.5f}));
  add("HardSwish", importActivation(Function::HardSwish));
  add("LeakyRelu", importActivation(Function::LeakyRelu, alpha(0.01f)));
  add("Mish", importActivation(Function::Mish));
  table.add("PRelu", {2, 2}, importPRelu);
  add("Relu", importRelu);
  add("Selu",
      importActivation(Function::Selu, alpha(1.67326319217681884765625f),
                       Parameter{"gamma", 1.05070102214813232421875f}));
  add("Shrink", importActivation(Function::Shrink, Parameter{"lambd", 0.5f},
                                 Parameter{"bias", 0.0f}));
  add("Softplus", importActivation(Function::Softplus));
  add("Softsign", importActivation(Function::Softsign));
  add("ThresholdedRelu",
      importActivation(Function::ThresholdedRelu, alpha(1.0f)));

  add("Abs", importUnary<tosa::AbsOp>);
  add("Ceil", importUnary<tosa::CeilOp>);
  add("Cos", importUnary<tosa::CosOp>);
  add("Erf", importUnary<tosa::ErfOp>);
  add("Exp", importUnary<tosa::ExpOp>);
  add("Floor", importUnary<tosa::FloorOp>);
  add("Log", importUnary<tosa::LogOp>);
  add("Neg", importUnary<tosa::NegateOp>);
  add("Reciprocal", importUnary<tosa::ReciprocalOp>);
  add("Round", importActivation(Function::Round));
  add("Sigmoid", importUnary<tosa::SigmoidOp>);
  add("Sign", importActivation(Function::Sign));
  add("Sin", importUnary<tosa::SinOp>);
  add("Sqrt", importActivation(Function::Sqrt));
  add("Tanh", importUnary<tosa::TanhOp>);
}
