//===- RuntimeTerm.cpp - Codes whose scales are known at run time --------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeTerm.h"

#include "lowbit/Analysis/ModelStatistics.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::lowbit;

void lowbit::markRuntimeGlue(Operation *op) {
  op->setAttr(kFloatGlueAttr,
              StringAttr::get(op->getContext(),
                              "its scales are known only at run time"));
}

/// `parameter`, of one element for each index or for all, as an operand: without
/// its dimension where that is not an axis.
static Value shapeParameter(PatternRewriter &rewriter, Location loc,
                            Value parameter, bool hasAxis) {
  if (hasAxis)
    return parameter;
  auto type = cast<RankedTensorType>(parameter.getType());
  auto scalar = tensor::CollapseShapeOp::create(
      rewriter, loc, RankedTensorType::get({}, type.getElementType()),
      parameter, ArrayRef<ReassociationIndices>());
  if (type.getElementType().isF32())
    markRuntimeGlue(scalar);
  return scalar;
}

quant::UniformQuantizedType lowbit::getPlainFormat(Format format) {
  MLIRContext *context = format.getContext();
  auto [low, high] = format.getCodeRange();
  return quant::UniformQuantizedType::get(
      format.hasSignedStorage() ? quant::QuantizationFlags::Signed : 0,
      IntegerType::get(context, format.getStorageWidth()),
      Float32Type::get(context), /*scale=*/1.0, /*zeroPoint=*/0, low, high);
}

RuntimeTerm lowbit::buildRuntimeTerm(PatternRewriter &rewriter, DecodeOp decode,
                                     unsigned plane) {
  Location loc = decode.getLoc();
  auto coded = cast<RankedTensorType>(decode.getInput().getType());
  auto format = cast<Format>(coded.getElementType());
  bool hasAxis = format.getScaleAxis().has_value();
  ValueRange parameters = decode.getParameters();
  RuntimeTerm term;
  if (isa<AffineType>(format)) {
    term.format = getPlainFormat(format);
    term.codes = ReinterpretOp::create(rewriter, loc, coded.clone(term.format),
                                       decode.getInput());
    term.scales = shapeParameter(rewriter, loc, parameters[0], hasAxis);
    if (parameters.size() > 1)
      term.zeroPoints = shapeParameter(rewriter, loc, parameters[1], hasAxis);
    return term;
  }
  term.format =
      cast<quant::UniformQuantizedType>(getStepsFormat(format, plane));
  term.codes = StepsOp::create(rewriter, loc, coded.clone(term.format),
                               decode.getInput(), plane);
  auto scales = cast<RankedTensorType>(parameters[0].getType());
  OpFoldResult one = rewriter.getIndexAttr(1);
  auto column = tensor::ExtractSliceOp::create(
      rewriter, loc,
      RankedTensorType::get({scales.getDimSize(0)}, scales.getElementType()),
      parameters[0], {rewriter.getIndexAttr(0), rewriter.getIndexAttr(plane)},
      {rewriter.getIndexAttr(scales.getDimSize(0)), one}, {one, one});
  markRuntimeGlue(column);
  term.scales = shapeParameter(rewriter, loc, column, hasAxis);
  return term;
}
