//===- ContractionLoops.cpp - What the loops of a contraction do --===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/ContractionLoops.h"

using namespace mlir;
using namespace mlir::lowbit;

/// True if an operand of the epilogue lies along `loop`.
static bool isInEpilogue(ContractOp op, unsigned loop) {
  for (unsigned i = 0, e = op.getEpilogueOperands().size(); i < e; ++i)
    if (op.getEpilogueMap(i).isFunctionOfDim(loop))
      return true;
  return false;
}

std::optional<ContractionLoops>
lowbit::analyzeLoops(ContractOp op, std::string &reason, bool takesGroups) {
  ContractionLoops loops;
  loops.sizes = op.getStaticLoopSizes();
  if (llvm::is_contained(loops.sizes, ShapedType::kDynamic)) {
    reason = "a loop's size is not static";
    return std::nullopt;
  }
  if (llvm::is_contained(loops.sizes, 0)) {
    reason = "a loop is empty";
    return std::nullopt;
  }
  AffineMap result = op.getResultMap();
  if (result.getNumResults() == 0) {
    reason = "its result is a scalar";
    return std::nullopt;
  }
  loops.lane = cast<AffineDimExpr>(result.getResults().back()).getPosition();
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    bool inLhs = op.getLhsMap().isFunctionOfDim(loop);
    bool inRhs = op.getRhsMap().isFunctionOfDim(loop);
    bool inResult = result.isFunctionOfDim(loop);
    if (loop == loops.lane) {
      if (!inRhs) {
        reason = "its result's last dimension does not occur in rhs";
        return std::nullopt;
      }
      loops.kind = inLhs ? LaneKind::Channels : LaneKind::Columns;
    } else if (inLhs && inResult) {
      (inRhs ? loops.batch : loops.rows).push_back(loop);
    } else if (inLhs && inRhs) {
      (isInEpilogue(op, loop) ? loops.groups : loops.reduction).push_back(loop);
    } else if (inRhs && inResult) {
      // Columns beside the lanes: the same kernel for each.
      loops.batch.push_back(loop);
    } else {
      reason = "loop " + std::to_string(loop) +
               " occurs in one operand only, or only in the result";
      return std::nullopt;
    }
  }
  if (!loops.groups.empty()) {
    bool fits = takesGroups && loops.kind == LaneKind::Columns &&
                op.getProduct() == Product::Multiply &&
                op.getAccumulatorType().isInteger() &&
                op.getFormat(op.getIndexingMaps().size() - 1).isF32();
    if (!fits) {
      reason = "an epilogue operand lies along a loop that is summed over";
      return std::nullopt;
    }
  }
  auto lane = getAffineDimExpr(loops.lane, op.getContext());
  if (loops.kind == LaneKind::Channels &&
      (op.getLhsMap().getResults().back() != lane ||
       op.getRhsMap().getResults().back() != lane)) {
    reason = "its channels are not the last dimension of both operands";
    return std::nullopt;
  }
  return loops;
}
