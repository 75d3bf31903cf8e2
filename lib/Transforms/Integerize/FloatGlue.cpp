//===- FloatGlue.cpp - What a profile computes in float -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// ONNX defines what stands between DequantizeLinear and QuantizeLinear by f32
// operations. In profile onnx they are not a fallback but what was asked for, as
// the f32 factor of lowbit.requantize is: glue between codes, as long as real
// numbers neither come from elsewhere nor go there, and no sums of products are
// among them.

#include "FloatGlue.h"

#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace mlir::lowbit;

static bool isReal(Value value) {
  return isa<FloatType>(getElementTypeOrSelf(value.getType()));
}

/// True if `op` sums up products. A depthwise convolution of one position, which
/// a batch norm becomes, does not.
static bool sumsProducts(Operation *op) {
  if (auto conv = dyn_cast<tosa::DepthwiseConv2DOp>(op)) {
    auto kernel = cast<ShapedType>(conv.getWeight().getType()).getShape();
    return kernel[0] != 1 || kernel[1] != 1;
  }
  return isMultiplyAccumulate(op) ||
         isa<tosa::Conv3DOp, tosa::TransposeConv2DOp>(op);
}

/// What may be glue, were it not for its surroundings.
static bool isCandidate(Operation *op) {
  return computesOnReals(op) && !isFloatGlue(op) && op->getNumRegions() == 0 &&
         !sumsProducts(op);
}

/// True if real numbers come to `op` and leave it only as they may.
static bool isBetweenCodes(Operation *op,
                           const llvm::DenseSet<Operation *> &glue) {
  for (Value operand : op->getOperands())
    if (Operation *source = operand.getDefiningOp();
        isReal(operand) && !isConstant(operand) &&
        !isa_and_present<DecodeOp>(source) && !glue.contains(source))
      return false;
  for (Value result : op->getResults())
    if (isReal(result) &&
        !llvm::all_of(result.getUsers(), [&](Operation *user) {
          return isa<EncodeOp>(user) || glue.contains(user);
        }))
      return false;
  return true;
}

void lowbit::markFloatGlue(func::FuncOp function,
                           const RefusalReasons &reasons) {
  SmallVector<Operation *> worklist;
  for (Operation &op : function.getOps())
    if (isCandidate(&op))
      worklist.push_back(&op);
  SmallVector<Operation *> candidates = worklist;
  llvm::DenseSet<Operation *> glue(worklist.begin(), worklist.end());
  // Who falls out may take its neighbours along.
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val();
    if (!glue.contains(op) || isBetweenCodes(op, glue))
      continue;
    glue.erase(op);
    llvm::append_range(worklist, op->getUsers());
    for (Value operand : op->getOperands())
      if (Operation *source = operand.getDefiningOp())
        worklist.push_back(source);
  }

  llvm::erase_if(candidates, [&](Operation *op) { return !glue.contains(op); });
  // Units share the reason of their roots, so it goes last.
  static constexpr StringLiteral reasonName = "lowbit.reason";
  for (Operation *op : candidates) {
    Operation *root = getQuantizationUnit(op).root;
    auto reason = root->getAttrOfType<StringAttr>(reasonName);
    std::string text = reason ? reason.str() : reasons.explain(op);
    if (text.empty())
      text = "profile onnx computes it with real numbers";
    op->setAttr(kFloatGlueAttr, StringAttr::get(op->getContext(), text));
  }
  for (Operation *op : candidates)
    op->removeAttr(reasonName);
}
