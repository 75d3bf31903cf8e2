//===- LowerQuantCasts.cpp - upstream's quant casts in arith ------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Quantized values become their stored integers, everywhere: casts compute on
// them, and functions, calls, branches, scf and tensor operations carry them.
//
// QuantArithmetic.h says what each element computes.

#include "QuantArithmetic.h"

#include "lowbit/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/ControlFlow/Transforms/StructuralTypeConversions.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/FuncConversions.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

#include <cmath>

namespace mlir::lowbit {
#define GEN_PASS_DEF_LOWERQUANTCASTSPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// An error at `op` if its casts between `real` and `coded` cannot be lowered.
static LogicalResult verifyCast(Operation *op, Type real, Type coded) {
  auto format = cast<quant::QuantizedType>(getElementTypeOrSelf(coded));
  Type expressed = getElementTypeOrSelf(real);
  if (isa<UnrankedTensorType>(coded))
    return op->emitOpError()
           << "expects a scalar or a ranked tensor, but got " << coded;
  if (!expressed.isF32() && !expressed.isF16() && !expressed.isBF16())
    return op->emitOpError()
           << "expects real numbers of f32, f16 or bf16, but got " << expressed;
  auto shaped = dyn_cast<RankedTensorType>(coded);
  std::optional<QuantParameters> parameters =
      getQuantParameters(format, shaped ? shaped.getRank() : 0);
  if (!parameters)
    return op->emitOpError() << "expects an affine format of " << coded
                             << ", per tensor, per axis or in blocks";
  for (double scale : parameters->scales)
    if (!std::isfinite(static_cast<float>(1 / scale)) ||
        !std::isfinite(static_cast<float>(scale)))
      return op->emitOpError() << "expects scales that are finite in f32, as "
                                  "are their reciprocals, but got "
                               << scale;
  for (int64_t zeroPoint : parameters->zeroPoints)
    if (zeroPoint < format.getStorageTypeMin() ||
        zeroPoint > format.getStorageTypeMax())
      return op->emitOpError() << "expects zero points in the storage range of "
                               << format << ", but got " << zeroPoint;
  return success();
}

//===----------------------------------------------------------------------===//
// Casts
//===----------------------------------------------------------------------===//

/// Applies `body(builder, element, factor, zero point)` to `input`, a scalar or
/// a tensor, where `factors` stand for the scales of `parameters`.
static Value buildElementwise(
    OpBuilder &builder, Location loc, Value input, Type resultType,
    quant::QuantizedType format, const QuantParameters &parameters,
    ArrayRef<float> factors,
    function_ref<Value(QuantElementBuilder, Value, Value, Value)> body) {
  QuantElementBuilder outer{builder, loc, format};
  IntegerType wide = outer.wideType();
  if (!isa<RankedTensorType>(resultType))
    return body(outer, input, outer.constant(double(factors.front())),
                outer.constant(parameters.zeroPoints.front()));
  auto type = cast<RankedTensorType>(resultType);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, input);
  Value init =
      tensor::EmptyOp::create(builder, loc, sizes, type.getElementType());
  AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
  SmallVector<AffineMap> maps = {identity};
  SmallVector<Value> inputs = {input};
  if (parameters.map) {
    auto constant = [&](Type element, auto values) {
      auto shape = RankedTensorType::get(parameters.shape, element);
      inputs.push_back(arith::ConstantOp::create(
          builder, loc, DenseElementsAttr::get(shape, values)));
      maps.push_back(parameters.map);
    };
    constant(builder.getF32Type(), factors);
    constant(wide,
             ArrayRef<APInt>(
                 llvm::map_to_vector(parameters.zeroPoints, [&](int64_t value) {
                   return APInt(wide.getWidth(), value, /*isSigned=*/true);
                 })));
  }
  maps.push_back(identity);
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, loc, TypeRange{init.getType()}, inputs, ValueRange{init}, maps,
      iterators, [&](OpBuilder &nested, Location loc, ValueRange arguments) {
        QuantElementBuilder inner{nested, loc, format};
        Value factor = parameters.map ? arguments[1]
                                      : inner.constant(double(factors.front()));
        Value zeroPoint = parameters.map
                              ? arguments[2]
                              : inner.constant(parameters.zeroPoints.front());
        linalg::YieldOp::create(nested, loc,
                                body(inner, arguments[0], factor, zeroPoint));
      });
  return generic.getResult(0);
}

static int64_t getRank(Type type) {
  auto shaped = dyn_cast<RankedTensorType>(type);
  return shaped ? shaped.getRank() : 0;
}

namespace {

/// qcast(x) -> clamp(roundeven(x * r) + z, lo, hi)
struct LowerQuantize : OpConversionPattern<quant::QuantizeCastOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(quant::QuantizeCastOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    quant::QuantizedType format = op.getQuantizedType();
    std::optional<QuantParameters> parameters =
        getQuantParameters(format, getRank(op.getType()));
    if (!parameters)
      return rewriter.notifyMatchFailure(op, "the format is not affine");
    auto reciprocals = llvm::map_to_vector(
        parameters->scales, [](double s) { return static_cast<float>(1 / s); });
    rewriter.replaceOp(
        op, buildElementwise(rewriter, op.getLoc(), adaptor.getInput(),
                             getTypeConverter()->convertType(op.getType()),
                             format, *parameters, reciprocals,
                             [](QuantElementBuilder build, Value x, Value r,
                                Value z) { return build.quantize(x, r, z); }));
    return success();
  }
};

/// dcast(q) -> f32(q - z) * f32(scale)
struct LowerDequantize : OpConversionPattern<quant::DequantizeCastOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(quant::DequantizeCastOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    quant::QuantizedType format = op.getQuantizedType();
    std::optional<QuantParameters> parameters =
        getQuantParameters(format, getRank(op.getType()));
    if (!parameters)
      return rewriter.notifyMatchFailure(op, "the format is not affine");
    SmallVector<float> scales(parameters->scales.begin(),
                              parameters->scales.end());
    Type expressed = op.getFloatType();
    rewriter.replaceOp(
        op, buildElementwise(
                rewriter, op.getLoc(), adaptor.getInput(), op.getType(), format,
                *parameters, scales,
                [&](QuantElementBuilder build, Value q, Value s, Value z) {
                  return build.dequantize(q, s, z, expressed);
                }));
    return success();
  }
};

/// scast(x) -> x, since both sides are the stored integers now
struct DropStorageCast : OpConversionPattern<quant::StorageCastOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(quant::StorageCastOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, adaptor.getInput());
    return success();
  }
};

/// A tensor operation without regions, on stored integers
struct ConvertTensorOperation : ConversionPattern {
  ConvertTensorOperation(const TypeConverter &converter, MLIRContext *context)
      : ConversionPattern(converter, MatchAnyOpTypeTag(), /*benefit=*/1,
                          context) {}
  LogicalResult
  matchAndRewrite(Operation *op, ArrayRef<Value> operands,
                  ConversionPatternRewriter &rewriter) const override {
    if (!isa_and_nonnull<tensor::TensorDialect>(op->getDialect()) ||
        op->getNumRegions() != 0)
      return rewriter.notifyMatchFailure(op, "is no plain tensor operation");
    SmallVector<Type> types;
    if (failed(getTypeConverter()->convertTypes(op->getResultTypes(), types)))
      return rewriter.notifyMatchFailure(op, "a result has no storage type");
    OperationState state(op->getLoc(), op->getName());
    state.addOperands(operands);
    state.addTypes(types);
    state.addAttributes(op->getAttrs());
    rewriter.replaceOp(op, rewriter.create(state));
    return success();
  }
};

struct LowerQuantCastsPass
    : lowbit::impl::LowerQuantCastsPassBase<LowerQuantCastsPass> {
  void runOnOperation() override {
    TypeConverter converter;
    converter.addConversion([](Type type) { return type; });
    converter.addConversion(
        [](quant::QuantizedType type) { return type.getStorageType(); });
    converter.addConversion([](TensorType type) -> Type {
      auto format = dyn_cast<quant::QuantizedType>(type.getElementType());
      return format ? Type(type.clone(format.getStorageType())) : Type(type);
    });

    WalkResult verified = getOperation()->walk(
        [&](Operation *op) { return WalkResult(verify(op, converter)); });
    if (verified.wasInterrupted())
      return signalPassFailure();

    ConversionTarget target(getContext());
    target.addIllegalDialect<quant::QuantDialect>();
    target.addDynamicallyLegalOp<func::FuncOp>([&](func::FuncOp op) {
      return converter.isSignatureLegal(op.getFunctionType());
    });
    target.markUnknownOpDynamicallyLegal(
        [&](Operation *op) { return converter.isLegal(op); });
    RewritePatternSet patterns(&getContext());
    patterns.add<LowerQuantize, LowerDequantize, DropStorageCast,
                 ConvertTensorOperation>(converter, &getContext());
    populateFunctionOpInterfaceTypeConversionPattern<func::FuncOp>(patterns,
                                                                   converter);
    populateCallOpTypeConversionPattern(patterns, converter);
    populateReturnOpTypeConversionPattern(patterns, converter);
    cf::populateCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                       target);
    scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                         target);
    // Upstream folds dcast(qcast(x)) to x.
    ConversionConfig config;
    config.foldingMode = DialectConversionFoldingMode::Never;
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns), config)))
      signalPassFailure();
  }

private:
  static LogicalResult verify(Operation *op, const TypeConverter &converter) {
    if (auto cast = dyn_cast<quant::QuantizeCastOp>(op))
      return verifyCast(op, cast.getInput().getType(), cast.getType());
    if (auto cast = dyn_cast<quant::DequantizeCastOp>(op))
      return verifyCast(op, cast.getType(), cast.getInput().getType());
    bool known = isa<quant::StorageCastOp, FunctionOpInterface, func::CallOp,
                     func::ReturnOp, BranchOpInterface>(op) ||
                 isa_and_nonnull<cf::ControlFlowDialect, scf::SCFDialect>(
                     op->getDialect()) ||
                 (isa_and_nonnull<tensor::TensorDialect>(op->getDialect()) &&
                  op->getNumRegions() == 0);
    if (known || converter.isLegal(op))
      return success();
    return op->emitOpError()
           << "works on quantized types, so casts to and from it cannot be "
              "lowered; expected quant casts, functions, branches and tensor "
              "operations only: lower it first";
  }
};

} // namespace
