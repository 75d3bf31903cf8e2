//===- MaterializeCodes.cpp - formats end before buffers ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Tensors of codes become tensors of signless words, and every operation on
// codes but lowbit.contract becomes linalg on words. The patterns are in
// LowbitToLinalg/, grouped by idea; here are the types, what is refused before
// anything is rewritten, and the check that no format is left.

#include "LowbitToLinalg/Patterns.h"

#include "lowbit/Conversion/Passes.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/ControlFlow/Transforms/StructuralTypeConversions.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/FuncConversions.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_MATERIALIZECODESPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// The number format of a tensor of codes that words can hold; null for other
/// types.
Type getTensorFormat(Type type) {
  auto tensor = dyn_cast<TensorType>(type);
  Type element = tensor ? tensor.getElementType() : Type();
  return element && isCodeFormat(element) ? element : Type();
}

/// False for `!quant.any` without a storage type, which have no words.
bool hasWords(Type format) {
  auto quantized = dyn_cast<quant::QuantizedType>(format);
  return !quantized || quantized.getStorageType();
}

/// tensor of codes -> tensor of words
struct WordTypeConverter : TypeConverter {
  WordTypeConverter() {
    addConversion([](Type type) { return type; });
    addConversion([](RankedTensorType type) -> std::optional<Type> {
      Type format = getTensorFormat(type);
      if (!format || !hasWords(format))
        return std::nullopt;
      return type.clone(getWordType(format));
    });
  }
};

/// Refuses zero points that are no i32.
LogicalResult verifyZeroPoints(Operation *op, Type format) {
  SmallVector<int64_t> zeroPoints = {getZeroPoint(format)};
  if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(format))
    llvm::append_range(zeroPoints, perAxis.getZeroPoints());
  for (int64_t value : zeroPoints)
    if (!llvm::isInt<32>(value))
      return op->emitOpError()
             << "expects zero points of 32 bits, but got " << format;
  return success();
}

/// Refuses zero points that are no code, where a code of zero is written.
LogicalResult verifyZeroIsCode(Operation *op, Type format) {
  if (!isa<quant::QuantizedType>(format))
    return success(); // the verifier has seen to it
  auto [low, high] = getStorageRange(format);
  int64_t zeroPoint = getZeroPoint(format);
  if (low <= zeroPoint && zeroPoint <= high)
    return success();
  return op->emitOpError() << "pads with the zero point " << zeroPoint
                           << ", which is outside the storage range [" << low
                           << ", " << high << "] of " << format;
}

/// Refuses what arithmetic on 32-bit integers does not cover.
LogicalResult verifyOnWords(Operation *op) {
  SmallVector<Type> types(op->getOperandTypes());
  llvm::append_range(types, op->getResultTypes());
  for (Type type : types) {
    Type format = getTensorFormat(type);
    if (!format || !hasWords(format))
      continue;
    if (failed(verifyZeroPoints(op, format)))
      return failure();
    bool arithmetic = isa<RescaleOp, RequantizeOp, AddOp, MulOp, SumOp,
                          AvgPool2dOp, MeanPool2dOp, ContractOp>(op);
    if (arithmetic && !isSignedStorage(format) && getStorageWidth(format) == 32)
      return op->emitOpError()
             << "computes with integers of 32 bits, which do not hold all "
                "codes of "
             << format << "; use a signed format";
  }
  if (auto pad = dyn_cast<PadOp>(op))
    return verifyZeroIsCode(op, pad.getType().getElementType());
  if (auto pool = dyn_cast<AvgPool2dOp>(op))
    if (llvm::any_of(pool.getPad(), [](int64_t count) { return count > 0; }))
      return verifyZeroIsCode(
          op, cast<ShapedType>(pool.getInput().getType()).getElementType());
  return success();
}

/// Refuses operations that still have codes.
LogicalResult verifyNoFormatLeft(Operation *root) {
  auto hasCodes = [](TypeRange types) {
    return llvm::any_of(types,
                        [](Type type) { return bool(getTensorFormat(type)); });
  };
  WalkResult result = root->walk([&](Operation *op) {
    if (isa<UnrealizedConversionCastOp>(op))
      return WalkResult::advance();
    bool left =
        hasCodes(op->getOperandTypes()) || hasCodes(op->getResultTypes());
    if (auto function = dyn_cast<FunctionOpInterface>(op))
      left |= hasCodes(function.getArgumentTypes()) ||
              hasCodes(function.getResultTypes());
    for (Region &region : op->getRegions())
      for (Block &block : region)
        left |= hasCodes(block.getArgumentTypes());
    if (!left)
      return WalkResult::advance();
    op->emitOpError() << "has tensors of codes and no meaning on words; use "
                         "lowbit or tensor operations here, or decode the "
                         "codes before";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

struct MaterializeCodesPass
    : lowbit::impl::MaterializeCodesPassBase<MaterializeCodesPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populateCrossingPatterns(converter, set);
    populateDynamicPatterns(converter, set);
    populateFormatPatterns(converter, set);
    populatePackBitsPatterns(converter, set);
    populateFixedPointPatterns(converter, set);
    populateRequantizePatterns(converter, set);
    populateElementwisePatterns(converter, set);
    populateMovementPatterns(converter, set);
    populatePoolingPatterns(converter, set);
    populateReductionPatterns(converter, set);
    populateLookupPatterns(converter, set);
    populateRetypePatterns(converter, set);
    populateFunctionOpInterfaceTypeConversionPattern<func::FuncOp>(set,
                                                                   converter);
    populateCallOpTypeConversionPattern(set, converter);
    populateReturnOpTypeConversionPattern(set, converter);
    cf::populateCFStructuralTypeConversions(converter, set);
    scf::populateSCFStructuralTypeConversions(converter, set);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    WalkResult checked = getOperation().walk(
        [](Operation *op) { return WalkResult(verifyOnWords(op)); });
    if (checked.wasInterrupted())
      return signalPassFailure();

    ConversionTarget target(getContext());
    // Operations without a pattern stay, for the check to name them.
    target.markUnknownOpDynamicallyLegal(
        [&](Operation *op) -> std::optional<bool> {
          if (isLegal(op))
            return true;
          return std::nullopt;
        });
    ConversionConfig config;
    config.buildMaterializations = false;
    if (failed(
            applyPartialConversion(getOperation(), target, patterns, config)) ||
        failed(verifyNoFormatLeft(getOperation())))
      return signalPassFailure();
  }

private:
  bool isLegal(Operation *op) const {
    if (isa<RescaleOp, RequantizeOp>(op))
      return !isa<TensorType>(op->getResult(0).getType());
    if (auto function = dyn_cast<func::FuncOp>(op))
      return converter.isSignatureLegal(function.getFunctionType());
    return converter.isLegal(op) &&
           llvm::all_of(op->getRegions(), [&](Region &region) {
             return converter.isLegal(&region);
           });
  }

  WordTypeConverter converter;
  FrozenRewritePatternSet patterns;
};

} // namespace
