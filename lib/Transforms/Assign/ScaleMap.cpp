//===- ScaleMap.cpp - The scale map of XNOR-Net ---------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// conv(x, w) + b becomes conv(sign x, w) * K + b, where K is the sum of |x| over
// channels, filtered by a box of the kernel's size with weights 1 / (c kh kw). The
// map is as large as the result, with one channel, and all of it is f32: glue.

#include "ScaleMap.h"

#include "RealNorm.h"

#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Builds the map of one layer.
class ScaleMap {
public:
  explicit ScaleMap(Operation *layer)
      : layer(layer), builder(layer->getLoc(), layer) {}

  /// `input` are the real numbers whose signs the layer reads.
  void build(Value input);

private:
  Value fill(ArrayRef<int64_t> shape, float number) {
    auto type = RankedTensorType::get(shape, builder.getF32Type());
    return tosa::ConstOp::create(builder, type,
                                 DenseElementsAttr::get(type, number));
  }
  Value multiply(Value value, Value factor) {
    auto type = RankedTensorType::get({1}, builder.getI8Type());
    Value shift = tosa::ConstOp::create(
        builder, type,
        DenseElementsAttr::get(type, builder.getI8IntegerAttr(0)));
    return create<tosa::MulOp>(value.getType(), value, factor, shift);
  }
  /// An operation that is part of the map.
  template <typename OpTy, typename... Args> Value create(Args &&...args) {
    auto op = OpTy::create(builder, std::forward<Args>(args)...);
    op->setAttr(kFloatGlueAttr, builder.getStringAttr(kScaleMapReason));
    return op->getResult(0);
  }
  Value filter(Value sums, int64_t channels);

  Operation *layer;
  ImplicitLocOpBuilder builder;
};

} // namespace

/// The mean of `sums`, over `channels` channels, in the layer's windows.
Value ScaleMap::filter(Value sums, int64_t channels) {
  auto conv = dyn_cast<tosa::Conv2DOp>(layer);
  if (!conv)
    return multiply(sums, fill({1, 1, 1}, 1.0f / channels));
  auto weight = cast<RankedTensorType>(conv.getWeight().getType());
  int64_t height = weight.getDimSize(1), width = weight.getDimSize(2);
  Value box = fill({1, height, width, 1},
                   static_cast<float>(1.0 / (channels * height * width)));
  Value zero = fill({1}, 0);
  SmallVector<int64_t> shape(conv.getType().getShape());
  shape.back() = 1;
  return create<tosa::Conv2DOp>(
      RankedTensorType::get(shape, builder.getF32Type()), sums, box, zero, zero,
      zero, conv.getPadAttr(), conv.getStrideAttr(), conv.getDilationAttr(),
      conv.getAccTypeAttr());
}

void ScaleMap::build(Value input) {
  auto type = cast<RankedTensorType>(input.getType());
  int64_t last = type.getRank() - 1;
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = 1;
  Value magnitudes = create<tosa::AbsOp>(type, input);
  Value sums = create<tosa::ReduceSumOp>(type.clone(shape), magnitudes,
                                         builder.getI32IntegerAttr(last));
  Value map = filter(sums, type.getDimSize(last));

  Value bias = isa<tosa::Conv2DOp>(layer) ? layer->getOperand(2) : Value();
  if (bias)
    layer->setOperand(2, fill({1}, 0));
  builder.setInsertionPointAfter(layer);
  Value result = layer->getResult(0);
  Value scaled = multiply(result, map);
  Operation *product = scaled.getDefiningOp();
  if (bias) {
    int64_t channels = cast<ShapedType>(bias.getType()).getDimSize(0);
    Value spread = tosa::ReshapeOp::create(
        builder,
        RankedTensorType::get({1, 1, 1, channels}, builder.getF32Type()), bias,
        tosa::getTosaConstShape(builder, {1, 1, 1, channels}));
    scaled = create<tosa::AddOp>(result.getType(), scaled, spread);
  }
  result.replaceAllUsesExcept(scaled, product);
}

/// `moved`, which data movement makes of the result of `op`, made of the numbers
/// that `op` observes.
static Value cloneMovement(OpBuilder &builder, Value moved, ObserveOp op) {
  if (moved == op.getResult())
    return op.getInput();
  Operation *move = moved.getDefiningOp();
  Value source = cloneMovement(builder, move->getOperand(0), op);
  IRMapping mapping;
  mapping.map(move->getOperand(0), source);
  return builder.clone(*move, mapping)->getResult(0);
}

LogicalResult lowbit::addScaleMaps(ObserveOp op) {
  SmallVector<OpOperand *> inputs;
  Operation *refused = nullptr;
  forEachCodesUse(op.getResult(), [&](OpOperand &use) {
    Operation *user = use.getOwner();
    if (!isMultiplyAccumulate(user))
      return;
    bool hasMap = isa<tosa::Conv2DOp, tosa::MatMulOp>(user) &&
                  use.getOperandNumber() == 0;
    if (!hasMap)
      refused = user;
    inputs.push_back(&use);
  });
  if (refused)
    return refused->emitOpError()
           << "reads the signs of '" << op.getName()
           << "', but has no scale map; the quantizer 'xnor' is for conv2d and "
              "matmul";
  for (OpOperand *use : inputs) {
    OpBuilder builder(use->getOwner());
    Value input = cloneMovement(builder, use->get(), op);
    if (Operation *norm = getQuantizationUnit(use->getOwner()).norm)
      expressAsPairs(norm);
    ScaleMap(use->getOwner()).build(input);
  }
  return success();
}
