//===- Retype.cpp - operations that only change their types ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Operations that work on words as they do on codes. What the words mean is no
// longer in their type: lowbit.contract, the one that still needs to know,
// keeps it in its attribute `formats`.

#include "Patterns.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// constant of codes -> arith.constant of their words, the same data
struct MaterializeConstant : OpConversionPattern<ConstantOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(ConstantOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto words = rewriter.replaceOpWithNewOp<arith::ConstantOp>(
        op, cast<TypedAttr>(op.getValue()));
    copyStorage(op, words);
    return success();
  }
};

/// scast between codes and words -> its operand
struct DropStorageCast : OpConversionPattern<quant::StorageCastOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(quant::StorageCastOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (adaptor.getInput().getType() !=
        getTypeConverter()->convertType(op.getType()))
      return rewriter.notifyMatchFailure(op, "storage and word types differ");
    rewriter.replaceOp(op, adaptor.getInput());
    return success();
  }
};

/// reinterpret -> its operand: both sides have the same words
struct DropReinterpret : OpConversionPattern<ReinterpretOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(ReinterpretOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, adaptor.getInput());
    return success();
  }
};

/// port of codes -> port of words, with the format as an attribute
struct MaterializePort : OpConversionPattern<PortOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(PortOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Type format = cast<ShapedType>(op.getCodes().getType()).getElementType();
    rewriter.replaceOpWithNewOp<PortOp>(
        op, adaptor.getCodes(), op.getNameAttr(), TypeAttr::get(format));
    return success();
  }
};

/// contract on codes -> contract on words, with the storage ranges in `formats`
struct MaterializeContract : OpConversionPattern<ContractOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(ContractOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    SmallVector<Attribute> formats;
    for (unsigned i = 0, e = op.getIndexingMaps().size(); i < e; ++i)
      formats.push_back(TypeAttr::get(storageOf(op.getFormat(i))));
    auto contract = ContractOp::create(
        rewriter, op.getLoc(), adaptor.getInit().getType(), adaptor.getLhs(),
        adaptor.getRhs(), adaptor.getEpilogueOperands(), adaptor.getInit(),
        op.getIndexingMaps(), rewriter.getArrayAttr(formats),
        op.getPrimitiveAttr(), op.getProductAttr(), op.getPacksAttr(),
        op.getPackedBitsAttr(), op.getLhsValuesAttr(), op.getRhsValuesAttr());
    contract->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    rewriter.inlineRegionBefore(op.getEpilogue(), contract.getEpilogue(),
                                contract.getEpilogue().begin());
    rewriter.replaceOp(op, contract.getResult());
    return success();
  }

private:
  /// What of `format` matters on words: signedness and storage range.
  static Type storageOf(Type format) {
    auto quantized = dyn_cast<quant::QuantizedType>(format);
    if (!quantized && isCodeFormat(format)) {
      Builder builder(format.getContext());
      bool isSigned = isSignedStorage(format);
      auto [low, high] = getStorageRange(format);
      return quant::AnyQuantizedType::get(
          isSigned ? quant::QuantizationFlags::Signed : 0,
          builder.getIntegerType(getStorageWidth(format)), builder.getF32Type(),
          low, high);
    }
    if (!quantized)
      return format;
    return quant::AnyQuantizedType::get(
        quantized.getFlags(), quantized.getStorageType(),
        quantized.getExpressedType(), quantized.getStorageTypeMin(),
        quantized.getStorageTypeMax());
  }
};

/// An operation without regions that means on words what it means on codes.
template <typename OpTy> struct RetypeOp : OpConversionPattern<OpTy> {
  using Base = OpConversionPattern<OpTy>;
  using Base::Base;
  LogicalResult
  matchAndRewrite(OpTy op, typename OpTy::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FailureOr<Operation *> words = convertOpResultTypes(
        op, adaptor.getOperands(), *this->getTypeConverter(), rewriter);
    if (failed(words))
      return failure(); // the reason has been notified
    rewriter.replaceOp(op, *words);
    return success();
  }
};

} // namespace

void lowbit::populateRetypePatterns(const TypeConverter &converter,
                                    RewritePatternSet &patterns) {
  patterns
      .add<MaterializeConstant, DropReinterpret, DropStorageCast,
           MaterializeContract, MaterializePort, RetypeOp<arith::SelectOp>,
           RetypeOp<tensor::CastOp>, RetypeOp<tensor::CollapseShapeOp>,
           RetypeOp<tensor::DimOp>, RetypeOp<tensor::EmptyOp>,
           RetypeOp<tensor::ExpandShapeOp>, RetypeOp<tensor::ExtractSliceOp>,
           RetypeOp<tensor::InsertSliceOp>>(converter, patterns.getContext());
}
