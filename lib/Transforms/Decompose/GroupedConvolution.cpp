//===- GroupedConvolution.cpp - one convolution for each group ----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Decompose.h"

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"

using namespace mlir;
using namespace mlir::lowbit;

/// `count` indices from `start` on of dimension `dim` of `value`. A part of the
/// first dimension of a constant is a constant.
static Value slice(PatternRewriter &rewriter, Location loc, Value value,
                   int64_t dim, int64_t start, int64_t count) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> starts(type.getRank(), 0), sizes(type.getShape());
  int64_t stride = type.getNumElements() / std::max<int64_t>(sizes[dim], 1);
  starts[dim] = start;
  sizes[dim] = count;
  RankedTensorType part = type.clone(sizes);
  if (ElementsAttr elements = getConstantElements(value); elements && dim == 0)
    if (auto values = readElements<float>(elements))
      return tosa::ConstOp::create(
          rewriter, value.getLoc(), part,
          makeElements<float>(
              part, ArrayRef(*values).slice(start * stride, count * stride),
              getBlobName(elements, "weights")));
  return tosa::SliceOp::create(rewriter, loc, part, value,
                               tosa::getTosaConstShape(rewriter, loc, starts),
                               tosa::getTosaConstShape(rewriter, loc, sizes));
}

namespace {

/// grouped_conv2d(x, w, b) -> concat(conv2d(x of a group, w, b of it)...)
struct DecomposeGroupedConv2d : OpRewritePattern<GroupedConv2dOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(GroupedConv2dOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    int64_t groups = op.getGroups();
    int64_t depth = cast<ShapedType>(op.getWeight().getType()).getDimSize(3);
    int64_t width = type.getDimSize(3) / groups;
    SmallVector<int64_t> shape(type.getShape());
    shape[3] = width;
    SmallVector<Value> parts;
    for (int64_t group = 0; group < groups; ++group)
      parts.push_back(tosa::Conv2DOp::create(
          rewriter, loc, type.clone(shape),
          slice(rewriter, loc, op.getInput(), 3, group * depth, depth),
          slice(rewriter, loc, op.getWeight(), 0, group * width, width),
          slice(rewriter, loc, op.getBias(), 0, group * width, width),
          op.getPadAttr(), op.getStrideAttr(), op.getDilationAttr(),
          TypeAttr::get(rewriter.getF32Type())));
    rewriter.replaceOpWithNewOp<tosa::ConcatOp>(op, type, parts, /*axis=*/3);
    return success();
  }
};

} // namespace

void lowbit::populateDecomposeConvolutionPatterns(RewritePatternSet &patterns) {
  patterns.add<DecomposeGroupedConv2d>(patterns.getContext());
}
