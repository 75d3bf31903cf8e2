//===- LayerParameters.cpp - Weights and bias by channel ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayerParameters.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

std::optional<LayerParameters> LayerParameters::read(Operation *op,
                                                     std::string &reason) {
  LayerParameters layer;
  layer.layer = op;
  if (!isMultiplyAccumulate(op)) {
    reason = "it is not a linear layer";
    return std::nullopt;
  }
  auto weightType = cast<ShapedType>(op->getOperand(1).getType());
  auto inputType = cast<ShapedType>(op->getOperand(0).getType());
  auto outputType = cast<ShapedType>(op->getResult(0).getType());
  if (!weightType.hasStaticShape() || !inputType.hasStaticShape() ||
      !outputType.hasStaticShape()) {
    reason = "its shape is dynamic";
    return std::nullopt;
  }
  layer.kind = isa<tosa::DepthwiseConv2DOp>(op) ? Kind::Depthwise
               : isa<tosa::MatMulOp>(op)        ? Kind::Product
                                                : Kind::Convolution;
  llvm::append_range(layer.shape, weightType.getShape());
  layer.numInputs = inputType.getShape().back();
  layer.numOutputs = outputType.getShape().back();

  ArrayRef<int64_t> shape = layer.shape;
  bool agrees = false;
  switch (layer.kind) {
  case Kind::Convolution: // Of groups, where it reads less than there is.
    agrees = shape[0] == layer.numOutputs && shape[3] > 0 &&
             layer.numInputs % shape[3] == 0 &&
             layer.numOutputs % (layer.numInputs / shape[3]) == 0;
    break;
  case Kind::Depthwise:
    agrees =
        shape[2] == layer.numInputs && shape[2] * shape[3] == layer.numOutputs;
    break;
  case Kind::Product:
    agrees = shape[0] == 1 && shape[1] == layer.numInputs &&
             shape[2] == layer.numOutputs;
    break;
  }
  if (!agrees) {
    reason = "the channels of its input, weights and result do not agree";
    return std::nullopt;
  }

  for (Value operand : op->getOperands().drop_front())
    if (auto observe = operand.getDefiningOp<ObserveOp>();
        observe && !observe->hasOneUse()) {
      reason = "'" + observe.getName().str() + "' is observed for others too";
      return std::nullopt;
    }
  std::optional<SmallVector<float>> weights =
      readConstant<float>(skipObservation(op->getOperand(1)));
  if (!weights || weights->empty()) {
    reason = "its weights are not constant";
    return std::nullopt;
  }
  layer.weights = std::move(*weights);
  if (layer.kind == Kind::Product)
    return layer;
  std::optional<SmallVector<float>> bias =
      readConstant<float>(skipObservation(op->getOperand(2)));
  if (!bias || bias->empty()) {
    reason = "its bias is not constant";
    return std::nullopt;
  }
  layer.bias = std::move(*bias);
  if (layer.bias.size() == 1) // It serves all channels.
    layer.bias.resize(layer.numOutputs, layer.bias.front());
  return layer;
}

int64_t LayerParameters::getInput(int64_t element) const {
  switch (kind) {
  case Kind::Convolution: {
    int64_t groups = numInputs / shape[3];
    int64_t group = getOutput(element) / (numOutputs / groups);
    return group * shape[3] + element % shape[3];
  }
  case Kind::Depthwise:
    return element % numOutputs / shape[3];
  case Kind::Product:
    return element / numOutputs;
  }
  llvm_unreachable("unknown kind of layer");
}

int64_t LayerParameters::getOutput(int64_t element) const {
  if (kind == Kind::Convolution)
    return element / (shape[1] * shape[2] * shape[3]);
  return element % numOutputs;
}

std::pair<int64_t, int64_t>
LayerParameters::getPosition(int64_t element) const {
  int64_t position;
  switch (kind) {
  case Kind::Convolution:
    position = element / shape[3] % (shape[1] * shape[2]);
    return {position / shape[2], position % shape[2]};
  case Kind::Depthwise:
    position = element / numOutputs;
    return {position / shape[1], position % shape[1]};
  case Kind::Product:
    return {0, 0};
  }
  llvm_unreachable("unknown kind of layer");
}

void LayerParameters::scale(ArrayRef<double> factors,
                            ArrayRef<double> divisors) {
  for (auto [i, weight] : llvm::enumerate(weights)) {
    double scaled = weight;
    if (!factors.empty())
      scaled *= factors[getOutput(i)];
    if (!divisors.empty())
      scaled /= divisors[getInput(i) % divisors.size()];
    weight = static_cast<float>(scaled);
  }
  if (!factors.empty())
    for (auto [channel, value] : llvm::enumerate(bias))
      value = static_cast<float>(value * factors[channel]);
}

bool LayerParameters::isFinite() const {
  auto isFinite = [](float x) { return std::isfinite(x); };
  return llvm::all_of(weights, isFinite) && llvm::all_of(bias, isFinite);
}

/// Makes `values` the constant behind `operand`, under its observation, and
/// erases the constant that was there if nothing uses it any more.
static void replaceConstant(OpOperand &operand, ArrayRef<float> values,
                            ArrayRef<int64_t> shape, StringRef name) {
  auto observe = operand.get().getDefiningOp<ObserveOp>();
  OpOperand &target = observe ? observe->getOpOperand(0) : operand;
  Operation *before = target.get().getDefiningOp();
  OpBuilder builder(target.getOwner());
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  target.set(tosa::ConstOp::create(
      builder, before->getLoc(), type,
      makeElements<float>(
          type, values,
          getBlobName(getConstantElements(before->getResult(0)), name))));
  if (before->use_empty())
    before->erase();
}

void LayerParameters::write() const {
  replaceConstant(layer->getOpOperand(1), weights, shape, "weights");
  writeBias();
}

void LayerParameters::writeBias() const {
  if (!bias.empty())
    replaceConstant(layer->getOpOperand(2), bias, {numOutputs}, "bias");
}

std::string lowbit::getLayerName(Operation *op) {
  StringRef name;
  if (OpOperand *weights = getWeights(op))
    if (auto observe = weights->get().getDefiningOp<ObserveOp>())
      name = observe.getName();
  name.consume_back(".weight");
  // Before anything is observed.
  if (name.empty())
    if (auto named = op->getLoc()->findInstanceOf<NameLoc>())
      name = named.getName();
  return (name.empty() ? op->getName().getStringRef() : name).str();
}
