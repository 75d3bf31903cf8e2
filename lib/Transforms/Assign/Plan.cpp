//===- Plan.cpp - Which operations compute on codes -----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A unit that stays in float does not force the rest of the network there: its
// operands are decoded and its result is encoded again. Only an input that the
// recipe leaves in float has no codes to read.

#include "Plan.h"

#include "Quantizers.h"

#include "lowbit/Analysis/ScalarFunction.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// True for functions of one variable, which a table of 256 codes computes.
static bool isTableFunction(Operation *op) {
  return isScalarFunction(op) && !isa<tosa::ClampOp>(op);
}

/// True if `op` reads or makes real numbers other than as data movement.
static bool computesOnReals(Operation *op) {
  if (op->hasTrait<OpTrait::ConstantLike>() ||
      op->hasTrait<OpTrait::IsTerminator>() || isDataMovement(op) ||
      isa<ObserveOp, EncodeOp, DecodeOp, func::FuncOp>(op))
    return false;
  return llvm::any_of(op->getOperandTypes(), isF32Tensor) ||
         llvm::any_of(op->getResultTypes(), isF32Tensor);
}

QuantizationPlan::QuantizationPlan(func::FuncOp function, const Recipe &recipe)
    : recipe(recipe), layers(function) {
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    QuantizationUnit unit = getQuantizationUnit(op);
    if (unit.root != op || !computesOnReals(op))
      return;
    units.push_back(op);
    reasons[op] = explain(unit);
  });
}

StringRef QuantizationPlan::getReason(Operation *op) const {
  auto reason = reasons.find(getQuantizationUnit(op).root);
  return reason == reasons.end() ? StringRef("it is no part of the network")
                                 : StringRef(reason->second);
}

bool QuantizationPlan::isReadAsCodes(Value value) const {
  bool isRead = false;
  forEachCodesUse(value, [&](OpOperand &use) {
    Operation *user = use.getOwner();
    isRead |= computesOnReals(user) && getReason(user).empty();
  });
  return isRead;
}

RecipeOptions QuantizationPlan::getOptions(ObserveOp op) const {
  RecipeOptions options = recipe.getOptions(layers.describe(op));
  restrictToLayers(op, options.activations);
  return options;
}

RecipeOptions QuantizationPlan::getRuleOptions(ObserveOp op) const {
  return recipe.getRuleOptions(layers.describe(op));
}

/// Why `operand` cannot be read as codes; empty if it can.
std::string QuantizationPlan::explainInput(OpOperand &operand) const {
  std::string which =
      ("operand " + Twine(operand.getOperandNumber() + 1)).str();
  if (DecodeOp decode = getDecode(operand.get()))
    return explainDecode(operand, decode);
  ObserveOp observe = getObservation(operand.get());
  if (!observe)
    return "its " + which + " is not observed";
  RecipeOptions options = getOptions(observe);
  if (isa<BlockArgument>(observe.getInput()) && !*options.quantize)
    return "the recipe leaves its input '" + observe.getName().str() +
           "' in float";
  Operation *op = operand.getOwner();
  unsigned width =
      observe.getRole() == Role::Activation ? options.activations.storage->width
      : observe.getInput().getDefiningOp<SoftmaxOp>() ? options.softmax->width
                                                      : options.heads->width;
  if (width > 8 && (isMultiplyAccumulate(op) || isTableFunction(op)))
    return "it reads codes of " + std::to_string(width) + " bits, those of '" +
           observe.getName().str() + "'";
  return "";
}

/// The same for an operand that the model decodes itself.
std::string QuantizationPlan::explainDecode(OpOperand &operand,
                                            DecodeOp decode) const {
  auto format = dyn_cast<quant::UniformQuantizedType>(
      cast<ShapedType>(decode.getInput().getType()).getElementType());
  std::string which =
      ("operand " + Twine(operand.getOperandNumber() + 1)).str();
  if (!format)
    return "the format of its " + which + " is not per tensor";
  if (format.getStorageTypeIntegralWidth() > 8 &&
      isTableFunction(operand.getOwner()))
    return "it reads codes of over 8 bits in its " + which;
  return "";
}

/// Why a multiply-accumulate stays in float.
std::string
QuantizationPlan::explainLinear(const QuantizationUnit &unit) const {
  Operation *op = unit.root;
  if (!isDecodedConstant(op->getOperand(1))) {
    OpOperand *weights = getWeights(op);
    if (!weights && isa<tosa::MatMulOp>(op)) {
      std::string reason = explainInput(op->getOpOperand(0));
      return reason.empty() ? explainInput(op->getOpOperand(1)) : reason;
    }
    if (!weights)
      return "its weights are not constant";
    if (!weights->get().getDefiningOp<ObserveOp>())
      return "its weights are not observed";
  }
  if (!isa<tosa::MatMulOp>(op) && !isConstant(op->getOperand(2)) &&
      !isDecodedConstant(op->getOperand(2)))
    return "its bias is not constant";
  if (std::string reason = explainInput(op->getOpOperand(0)); !reason.empty())
    return reason;
  if (unit.add)
    for (OpOperand &operand : unit.add->getOpOperands())
      if (operand.get() == unit.getResidual())
        return explainInput(operand);
  return "";
}

std::string QuantizationPlan::explain(const QuantizationUnit &unit) const {
  Operation *op = unit.root;
  for (Operation *user : unit.getLast()->getUsers())
    if (auto observe = dyn_cast<ObserveOp>(user))
      if (!*getOptions(observe).quantize)
        return "the recipe leaves it in float";
  for (Type type : op->getOperandTypes())
    if (auto shaped = dyn_cast<ShapedType>(type);
        shaped && !shaped.hasStaticShape())
      return "its shape is dynamic";
  if (isMultiplyAccumulate(op))
    return explainLinear(unit);

  unsigned numInputs = 1;
  if (auto softmax = dyn_cast<SoftmaxOp>(op)) {
    if (static_cast<int64_t>(softmax.getAxis()) + 1 !=
        cast<ShapedType>(softmax.getType()).getRank())
      return "its axis is not the last one";
  } else if (isPairwise(op)) {
    numInputs = 2;
  } else if (isa<tosa::ConcatOp>(op)) {
    numInputs = op->getNumOperands();
  } else if (!isa<tosa::ClampOp, tosa::AvgPool2dOp, tosa::ReduceSumOp,
                  tosa::ArgMaxOp>(op) &&
             !isTableFunction(op)) {
    return "there is no integer form of '" +
           op->getName().getStringRef().str() + "'";
  }
  for (OpOperand &operand : op->getOpOperands().take_front(numInputs))
    if (std::string reason = explainInput(operand); !reason.empty())
      return reason;
  return "";
}
