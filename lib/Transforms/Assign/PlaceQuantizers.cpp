//===- PlaceQuantizers.cpp - Quantizers that are more than a format -------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Thresholds of its own, or a scale map, go with the value. Scales that are known
// only at run time are for layers with constant weights: each gets codes of what it
// reads itself, so that whatever moves data before it moves real numbers, and all
// other operations read those.

#include "../Accuracy/RecipeLayers.h"
#include "Quantizers.h"
#include "RealNorm.h"
#include "ScaleMap.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_PLACEQUANTIZERSPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;
using Kind = ActivationQuantizer::Kind;

/// True if `use` is the input of a layer that computes with constant weights.
static bool isLayerInput(OpOperand &use) {
  Operation *op = use.getOwner();
  return isMultiplyAccumulate(op) && use.getOperandNumber() == 0 &&
         !op->hasAttr("lowbit.reason") &&
         (getWeights(op) || isDecodedConstant(op->getOperand(1)));
}

/// The format `type`, whose axis stands for rows, for what `layer` reads: rows of
/// a matmul's input lie along dimension 1, those of others along 0.
static Type moveRows(Type type, Operation *layer) {
  std::optional<int64_t> axis = cast<Format>(type).getScaleAxis();
  if (axis)
    axis = isa<tosa::MatMulOp>(layer) ? 1 : 0;
  if (auto planes = dyn_cast<PlanesType>(type))
    return PlanesType::get(type.getContext(), planes.getAlphabet(),
                           planes.getPlanes(), axis, planes.getScales());
  auto affine = cast<AffineType>(type);
  return AffineType::get(type.getContext(), affine.getIsSigned(),
                         affine.getWidth(), affine.getMin(), affine.getMax(),
                         axis, affine.getGroup(), affine.getZero());
}

/// What `use` reads, by codes that bring their scales along.
static void encodeAtRunTime(OpOperand &use, Type format, unsigned rounds) {
  Operation *layer = use.getOwner();
  OpBuilder builder(layer);
  Value input = use.get();
  auto type = cast<RankedTensorType>(input.getType());
  if (Operation *norm = getQuantizationUnit(layer).norm)
    expressAsPairs(norm);
  format = moveRows(format, layer);
  SmallVector<Type> types = {type.clone(format)};
  llvm::append_range(types,
                     cast<Format>(format).getParameterTypes(type.getShape()));
  Location loc = input.getLoc();
  auto encode = EncodeDynamicOp::create(
      builder, loc, types[0], ArrayRef(types).drop_front(), input, rounds);
  use.set(DecodeOp::create(builder, loc, type, encode.getResult(),
                           encode.getParameters()));
}

namespace {

struct PlaceQuantizersPass
    : lowbit::impl::PlaceQuantizersPassBase<PlaceQuantizersPass> {
  using Base::Base;

  void runOnOperation() override {
    llvm::Expected<Recipe> loaded = loadRecipe(recipe);
    if (!loaded) {
      getOperation().emitError() << llvm::toString(loaded.takeError());
      return signalPassFailure();
    }
    if (!loaded->findQuantizer() || loaded->importsFormats)
      return;
    // What the rules match is of the network before anything is placed.
    SmallVector<std::pair<ObserveOp, ActivationQuantizer>> observations;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      RecipeLayers layers(function);
      function.walk([&](ObserveOp op) {
        if (isConstant(op.getInput()))
          return;
        ActivationOptions options =
            loaded->getOptions(layers.describe(op)).activations;
        restrictToLayers(op, options);
        observations.emplace_back(op, *options.quantizer);
      });
    }
    for (const auto &[op, quantizer] : observations)
      if (failed(place(op, quantizer)))
        return signalPassFailure();
  }

private:
  static LogicalResult place(ObserveOp op,
                             const ActivationQuantizer &quantizer) {
    if (quantizer.isDynamic()) {
      placeAtRunTime(op, quantizer.kind == Kind::AlternatingSigns ? 2 : 0);
      return success();
    }
    CountedCodes counted;
    if (op.getFormat() && op.getRole() == Role::Activation)
      counted = getCountedCodes(quantizer, *op.getFormat());
    bool scales = quantizer.kind == Kind::ScaledSign && op.getFormat() &&
                  op.getRole() == Role::Activation;
    if (scales && failed(addScaleMaps(op)))
      return failure();
    if (counted.thresholds.empty())
      return success(); // The format says all.
    OpBuilder builder(op);
    auto codes = EncodeOp::create(
        builder, op.getLoc(), op.getType().clone(*op.getFormat()),
        op.getInput(), Rounding::NearestEven, Saturation::Saturate,
        Scaling::Multiply, builder.getDenseF32ArrayAttr(counted.thresholds),
        counted.codes.empty() ? DenseI64ArrayAttr()
                              : builder.getDenseI64ArrayAttr(counted.codes),
        /*seed=*/IntegerAttr(), /*tensor_id=*/IntegerAttr());
    op.replaceAllUsesWith(
        DecodeOp::create(builder, op.getLoc(), op.getType(), codes)
            .getResult());
    op.erase();
    return success();
  }

  /// The observation goes: what its layers compute are real numbers.
  static void placeAtRunTime(ObserveOp op, unsigned rounds) {
    if (std::optional<Type> format = op.getFormat()) {
      SmallVector<OpOperand *> uses;
      forEachCodesUse(op.getResult(), [&](OpOperand &use) {
        if (isLayerInput(use))
          uses.push_back(&use);
      });
      for (OpOperand *use : uses)
        encodeAtRunTime(*use, *format, rounds);
    }
    op.replaceAllUsesWith(op.getInput());
    op.erase();
  }
};

} // namespace
