//===- LinearLayer.cpp - Linear layers as loops ---------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/LinearLayer.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;

SmallVector<int64_t> LinearLayer::getChannelShape() const {
  SmallVector<int64_t> shape;
  for (int64_t dim : channelDims)
    shape.push_back(weightShape[dim]);
  return shape;
}

namespace {

/// Maps over named loops: `loops("nhw")` makes n, h, w the loops 0, 1, 2.
struct LoopNames {
  MLIRContext *context;
  StringRef names;

  AffineExpr loop(char name) const {
    return getAffineDimExpr(names.find(name), context);
  }
  AffineExpr window(char out, int64_t stride, char in, int64_t dilation) const {
    return loop(out) * stride + loop(in) * dilation;
  }
  AffineMap map(ArrayRef<AffineExpr> results) const {
    return AffineMap::get(names.size(), 0, results, context);
  }
};

} // namespace

static void describeConv(tosa::Conv2DOp op, LinearLayer &layer) {
  LoopNames loops{op.getContext(), "nhwoyxi"};
  ArrayRef<int64_t> stride = op.getStride(), dilation = op.getDilation();
  layer.lhs = loops.map(
      {loops.loop('n'), loops.window('h', stride[0], 'y', dilation[0]),
       loops.window('w', stride[1], 'x', dilation[1]), loops.loop('i')});
  layer.rhs = loops.map(
      {loops.loop('o'), loops.loop('y'), loops.loop('x'), loops.loop('i')});
  layer.channel = loops.map(loops.loop('o'));
  layer.result = loops.map(
      {loops.loop('n'), loops.loop('h'), loops.loop('w'), loops.loop('o')});
  layer.channelDims = {0};
  llvm::append_range(layer.weightShape,
                     cast<ShapedType>(op.getWeight().getType()).getShape());
  llvm::append_range(layer.resultShape,
                     cast<ShapedType>(op.getType()).getShape());
}

/// A loop over the groups splits the input's channels and the output's.
static void describeGrouped(GroupedConv2dOp op, LinearLayer &layer) {
  LoopNames loops{op.getContext(), "nhwgoyxi"};
  ArrayRef<int64_t> stride = op.getStride(), dilation = op.getDilation();
  ArrayRef<int64_t> weight = op.getWeight().getType().getShape();
  int64_t groups = op.getGroups();
  layer.lhs = loops.map({loops.loop('n'),
                         loops.window('h', stride[0], 'y', dilation[0]),
                         loops.window('w', stride[1], 'x', dilation[1]),
                         loops.window('g', weight[3], 'i', 1)});
  layer.rhs = loops.map({loops.loop('g'), loops.loop('o'), loops.loop('y'),
                         loops.loop('x'), loops.loop('i')});
  layer.channel = loops.map({loops.loop('g'), loops.loop('o')});
  layer.result = loops.map({loops.loop('n'), loops.loop('h'), loops.loop('w'),
                            loops.loop('g'), loops.loop('o')});
  layer.channelDims = {0, 1};
  layer.weightShape = {groups, weight[0] / groups};
  llvm::append_range(layer.weightShape, weight.drop_front());
  llvm::append_range(layer.resultShape, op.getType().getShape().take_front(3));
  llvm::append_range(layer.resultShape,
                     ArrayRef(layer.weightShape).take_front(2));
}

/// Channel multipliers of 1, the rule, leave their loop out.
static void describeDepthwise(tosa::DepthwiseConv2DOp op, LinearLayer &layer) {
  ArrayRef<int64_t> weight =
      cast<ShapedType>(op.getWeight().getType()).getShape();
  bool multiplied = weight[3] != 1;
  LoopNames loops{op.getContext(), multiplied ? "nhwcmyx" : "nhwcyx"};
  ArrayRef<int64_t> stride = op.getStride(), dilation = op.getDilation();
  layer.lhs = loops.map(
      {loops.loop('n'), loops.window('h', stride[0], 'y', dilation[0]),
       loops.window('w', stride[1], 'x', dilation[1]), loops.loop('c')});
  SmallVector<AffineExpr> rhs = {loops.loop('y'), loops.loop('x'),
                                 loops.loop('c')};
  SmallVector<AffineExpr> channel = {loops.loop('c')};
  SmallVector<AffineExpr> result = {loops.loop('n'), loops.loop('h'),
                                    loops.loop('w'), loops.loop('c')};
  llvm::append_range(layer.weightShape, weight.take_front(3));
  ArrayRef<int64_t> shape = cast<ShapedType>(op.getType()).getShape();
  llvm::append_range(layer.resultShape, shape.take_front(3));
  layer.resultShape.push_back(weight[2]);
  layer.channelDims = {2};
  if (multiplied) {
    rhs.push_back(loops.loop('m'));
    channel.push_back(loops.loop('m'));
    result.push_back(loops.loop('m'));
    layer.weightShape.push_back(weight[3]);
    layer.resultShape.push_back(weight[3]);
    layer.channelDims.push_back(3);
  }
  layer.rhs = loops.map(rhs);
  layer.channel = loops.map(channel);
  layer.result = loops.map(result);
}

static void describeMatMul(tosa::MatMulOp op, LinearLayer &layer) {
  LoopNames loops{op.getContext(), "bmnk"};
  layer.lhs = loops.map({loops.loop('b'), loops.loop('m'), loops.loop('k')});
  layer.rhs = loops.map({loops.loop('b'), loops.loop('k'), loops.loop('n')});
  layer.channel = loops.map({loops.loop('b'), loops.loop('n')});
  layer.result = loops.map({loops.loop('b'), loops.loop('m'), loops.loop('n')});
  layer.channelDims = {0, 2};
  llvm::append_range(layer.weightShape,
                     cast<ShapedType>(op.getB().getType()).getShape());
  llvm::append_range(layer.resultShape,
                     cast<ShapedType>(op.getType()).getShape());
}

/// `pad` is [top, bottom, left, right].
static void describePadding(ArrayRef<int64_t> pad, LinearLayer &layer) {
  if (llvm::all_of(pad, [](int64_t value) { return value == 0; }))
    return;
  layer.padLow = {0, pad[0], pad[2], 0};
  layer.padHigh = {0, pad[1], pad[3], 0};
}

/// True if each loop has one size in all shapes. TOSA's verifier sees to the
/// windows, but lets groups pass, and outputs with channels of their own.
static bool shapesAgree(Operation *op, const LinearLayer &layer) {
  SmallVector<int64_t> sizes(layer.result.getNumDims(), -1);
  auto agrees = [&](AffineMap map, ArrayRef<int64_t> shape) {
    return llvm::all_of(llvm::zip(map.getResults(), shape), [&](auto pair) {
      auto dim = dyn_cast<AffineDimExpr>(std::get<0>(pair));
      if (!dim)
        return true;
      int64_t &size = sizes[dim.getPosition()];
      if (size == -1)
        size = std::get<1>(pair);
      return size == std::get<1>(pair);
    });
  };
  auto input = cast<ShapedType>(op->getOperand(0).getType());
  auto output = cast<ShapedType>(op->getResult(0).getType());
  return agrees(layer.result, layer.resultShape) &&
         agrees(layer.rhs, layer.weightShape) &&
         agrees(layer.lhs, input.getShape()) &&
         ShapedType::getNumElements(layer.resultShape) ==
             output.getNumElements();
}

std::optional<LinearLayer> lowbit::describeLinearLayer(Operation *op,
                                                       std::string &reason) {
  LinearLayer layer;
  auto isStatic = [](Type type) {
    auto shaped = dyn_cast<ShapedType>(type);
    return shaped && shaped.hasStaticShape();
  };
  if (!isa<tosa::Conv2DOp, tosa::DepthwiseConv2DOp, GroupedConv2dOp,
           tosa::MatMulOp>(op)) {
    reason = "it is not a linear layer";
    return std::nullopt;
  }
  if (!llvm::all_of(op->getOperandTypes(), isStatic) ||
      !llvm::all_of(op->getResultTypes(), isStatic)) {
    reason = "its shape is dynamic";
    return std::nullopt;
  }
  if (auto conv = dyn_cast<tosa::Conv2DOp>(op)) {
    describeConv(conv, layer);
    describePadding(conv.getPad(), layer);
  } else if (auto conv = dyn_cast<tosa::DepthwiseConv2DOp>(op)) {
    describeDepthwise(conv, layer);
    describePadding(conv.getPad(), layer);
  } else if (auto conv = dyn_cast<GroupedConv2dOp>(op)) {
    describeGrouped(conv, layer);
    describePadding(conv.getPad(), layer);
  } else {
    describeMatMul(cast<tosa::MatMulOp>(op), layer);
  }
  if (!shapesAgree(op, layer)) {
    reason = "the channels of its input, weights and result do not agree";
    return std::nullopt;
  }
  return layer;
}
