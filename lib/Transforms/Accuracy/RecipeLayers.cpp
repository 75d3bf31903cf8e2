//===- RecipeLayers.cpp - What rules of recipes match ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RecipeLayers.h"

#include "lowbit/Analysis/QuantizationUnit.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The constant weights of `op`, as codes or not; null if it has none.
static Value getConstantWeights(Operation *op) {
  if (!isMultiplyAccumulate(op))
    return nullptr;
  if (OpOperand *weights = getWeights(op))
    return weights->get();
  Value second = op->getOperand(1);
  return isDecodedConstant(second) ? second : nullptr;
}

RecipeLayers::RecipeLayers(Operation *root) {
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!getConstantWeights(op) || getQuantizationUnit(op).root != op)
      return;
    if (!first)
      first = op;
    last = op;
  });
}

RecipeLayer RecipeLayers::describe(Operation *op, StringRef name) const {
  RecipeLayer layer{name, op->getName().stripDialect(), op == first,
                    op == last};
  if (Value weights = getConstantWeights(op))
    layer.shape = llvm::join(
        llvm::map_range(cast<ShapedType>(weights.getType()).getShape(),
                        [](int64_t size) { return std::to_string(size); }),
        "x");
  return layer;
}

RecipeLayer RecipeLayers::describe(ObserveOp observe) const {
  Operation *producer = observe.getInput().getDefiningOp();
  if (!producer)
    return {observe.getName(), "input"};
  if (isConstant(observe.getInput())) // Belongs to the layer that reads it.
    producer = *observe->user_begin();
  return describe(getQuantizationUnit(producer).root, observe.getName());
}
