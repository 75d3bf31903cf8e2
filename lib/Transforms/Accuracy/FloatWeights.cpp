//===- FloatWeights.cpp - Weights that may become codes -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FloatWeights.h"

#include "lowbit/Analysis/CodeData.h"
#include "lowbit/Analysis/LinearLayer.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::lowbit;

static std::optional<int64_t> getAxis(Operation *layer, RankedTensorType type) {
  std::string reason;
  std::optional<LinearLayer> linear = describeLinearLayer(layer, reason);
  if (!linear || linear->channelDims.size() != 1 ||
      linear->weightShape.size() != static_cast<size_t>(type.getRank()))
    return std::nullopt;
  return linear->channelDims.front();
}

std::optional<FloatWeights> FloatWeights::read(Operation *layer) {
  Value weights = layer->getOperand(1);
  auto type = dyn_cast<RankedTensorType>(weights.getType());
  ElementsAttr elements = getConstantElements(weights);
  if (!type || !elements || !type.getElementType().isF32())
    return std::nullopt;
  std::optional<SmallVector<float>> values = readElements<float>(elements);
  if (!values)
    return std::nullopt;
  return FloatWeights{layer, std::move(*values), type, getAxis(layer, type)};
}

void FloatWeights::replaceByCodes(RankedTensorType coded,
                                  ArrayRef<int64_t> codes,
                                  ArrayRef<ElementsAttr> parameters) const {
  OpOperand &weights = layer->getOpOperand(1);
  Operation *before = weights.get().getDefiningOp();
  OpBuilder builder(layer);
  Location loc = before->getLoc();
  StringRef name = getBlobName(getConstantElements(weights.get()), "weights");
  auto constant =
      ConstantOp::create(builder, loc, coded, makeCodes(coded, codes, name));
  SmallVector<Value> operands;
  for (ElementsAttr parameter : parameters)
    operands.push_back(arith::ConstantOp::create(builder, loc, parameter));
  weights.set(DecodeOp::create(builder, loc, type, constant, operands));
  if (before->use_empty())
    before->erase();
}
