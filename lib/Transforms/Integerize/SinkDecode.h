//===- SinkDecode.h - decode moves below an operation -----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_SINKDECODE_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_SINKDECODE_H

#include "lowbit/Transforms/Integerize.h"

namespace mlir::lowbit {

/// Reversals, repetitions, gathers and maxima along one dimension.
void populateSinkDecodeAlongAxisPatterns(RewritePatternSet &patterns);

/// Reshapes codes through upstream's reassociations, which cost nothing.
Value reshapeCodes(OpBuilder &builder, Location loc, Value codes,
                   ArrayRef<int64_t> shape);

/// Codes of a format in which operations move them: without an axis, without
/// parameters.
struct MovedCodes {
  Value codes;
  Type format;
};

/// The codes behind `real` that the data movement `op` can move as they are: not
/// where it pads and no code is 0, or takes the largest and codes are not in the
/// order of their numbers.
std::optional<MovedCodes> getMovedCodes(Value real, Operation *op);

/// op(decode(x)) -> decode(op'(x)), where op' is made by the subclass.
template <typename OpTy> struct SinkDecode : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  /// The operation on codes; null, with a reason given, if there is none.
  virtual Value moveCodes(OpTy op, MovedCodes input,
                          PatternRewriter &rewriter) const = 0;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    std::optional<MovedCodes> input = getMovedCodes(op->getOperand(0), op);
    if (!input)
      return rewriter.notifyMatchFailure(
          op, "its input is not the decode of a per-tensor format");
    auto type = cast<RankedTensorType>(op.getType());
    if (!type.hasStaticShape() ||
        !cast<RankedTensorType>(input->codes.getType()).hasStaticShape())
      return rewriter.notifyMatchFailure(op, "its shape is dynamic");
    Value moved = moveCodes(op, *input, rewriter);
    if (!moved)
      return failure();
    rewriter.replaceOpWithNewOp<DecodeOp>(op, type, moved);
    return success();
  }
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_SINKDECODE_H
