//===- FuseBits.cpp - codes of few bits in epilogues ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PoolBits.h"

#include "lowbit/Conversion/Passes.h"
#include "lowbit/Formats/Words.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_FUSEBITSPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// A reshape like `op` of `value`, whose last dimension may be another.
Value reshapeLike(OpBuilder &builder, Operation *op, Value value) {
  auto from = cast<RankedTensorType>(value.getType());
  auto source = cast<RankedTensorType>(op->getOperand(0).getType());
  SmallVector<int64_t> shape(
      cast<RankedTensorType>(op->getResult(0).getType()).getShape());
  if (source.getShape().back() != from.getShape().back())
    shape.back() = from.getShape().back();
  auto type = RankedTensorType::get(shape, from.getElementType());
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
    return tensor::CollapseShapeOp::create(builder, op->getLoc(), type, value,
                                           collapse.getReassociationIndices());
  return tensor::ExpandShapeOp::create(
      builder, op->getLoc(), type, value,
      cast<tensor::ExpandShapeOp>(op).getReassociationIndices());
}

/// Reshapes of the result of a contraction that nothing else reads, the last one
/// first.
struct ReshapedResult {
  ContractOp contract;
  SmallVector<Operation *> reshapes;

  /// The contraction behind `value`; null where there is none, or a reshape
  /// changes the last dimension.
  static ReshapedResult find(Value value) {
    ReshapedResult found;
    while (Operation *op = value.getDefiningOp()) {
      if (!value.hasOneUse())
        return {};
      if (auto contract = dyn_cast<ContractOp>(op)) {
        found.contract = contract;
        return found;
      }
      if (!isa<ReinterpretOp, tensor::CollapseShapeOp, tensor::ExpandShapeOp>(
              op))
        return {};
      Value source = op->getOperand(0);
      if (isa<ReinterpretOp>(op)) {
        if (!getElementTypeOrSelf(value).isInteger(32))
          return {};
        value = source; // sums as codes of 32 bits
        continue;
      }
      if (getLast(source) != getLast(value) || getLast(value) < 0)
        return {};
      found.reshapes.push_back(op);
      value = source;
    }
    return {};
  }

  /// `value`, in place of the contraction's result, reshaped likewise.
  Value reshape(OpBuilder &builder, Value value) const {
    for (Operation *op : llvm::reverse(reshapes))
      value = reshapeLike(builder, op, value);
    return value;
  }

private:
  /// The static last dimension, or -1. Where it stays the same, so does what is
  /// beside whom along it.
  static int64_t getLast(Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    return type.getRank() == 0 || !type.hasStaticShape()
               ? -1
               : type.getShape().back();
  }
};

/// Copies `op` with another result, and further operands of its epilogue along its
/// last dimension; their arguments are the last of the epilogue's. Its result is packed
/// for other `packedBits` than 0.
ContractOp rebuild(OpBuilder &builder, ContractOp op, RankedTensorType type,
                   ValueRange added, unsigned packedBits) {
  SmallVector<Value> operands(op.getEpilogueOperands());
  llvm::append_range(operands, added);
  AffineMap result = op.getResultMap();
  SmallVector<AffineMap> maps;
  for (unsigned i = 0; i + 1 < op.getIndexingMaps().size(); ++i)
    maps.push_back(op.getMap(i));
  maps.append(added.size(), result.getSubMap({result.getNumResults() - 1}));
  maps.push_back(result);
  Value init = tensor::EmptyOp::create(builder, op.getLoc(), type.getShape(),
                                       type.getElementType());
  auto contract = ContractOp::create(
      builder, op.getLoc(), type, op.getLhs(), op.getRhs(), operands, init,
      builder.getAffineMapArrayAttr(maps), /*formats=*/ArrayAttr(),
      op.getPrimitiveAttr(), op.getProductAttr(),
      packedBits != 0 ? builder.getUnitAttr() : UnitAttr(),
      builder.getI64IntegerAttr(std::max(packedBits, 1u)),
      op.getLhsValuesAttr(), op.getRhsValuesAttr());
  contract->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  IRMapping mapping;
  op.getEpilogue().cloneInto(&contract.getEpilogue(), mapping);
  for (size_t i = 0; i < added.size(); ++i)
    contract.getEpilogue().addArgument(builder.getI32Type(), op.getLoc());
  return contract;
}

/// threshold(contract) -> contract whose epilogue compares
struct FuseThreshold : OpRewritePattern<ThresholdOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(ThresholdOp op,
                                PatternRewriter &rewriter) const override {
    ReshapedResult values = ReshapedResult::find(op.getInput());
    ContractOp contract = values.contract;
    if (!contract || contract.getFormats() || contract.getPacks() ||
        !contract.getAccumulatorType().isInteger())
      return rewriter.notifyMatchFailure(
          op, "no contraction makes its values, and only them");
    DenseIntElementsAttr thresholds;
    if (!matchPattern(op.getThresholds(), m_Constant(&thresholds)))
      return rewriter.notifyMatchFailure(op, "its thresholds are computed");
    int64_t rows = thresholds.getType().getDimSize(0);
    int64_t columns = thresholds.getType().getDimSize(1);
    if (columns > 15)
      return rewriter.notifyMatchFailure(op, "it has many thresholds");
    int64_t rank = op.getType().getRank();
    if (rows != 1 && op.getAxis() != static_cast<uint64_t>(rank - 1))
      return rewriter.notifyMatchFailure(
          op, "its thresholds differ along another dimension than the last");
    auto falls = [&](int64_t row) {
      return !op.getFalling().empty() && op.getFalling()[row];
    };
    bool mixed = !op.getFalling().empty() && !llvm::all_equal(op.getFalling());

    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    SmallVector<SmallVector<int32_t>> tables(columns + (mixed ? 1 : 0));
    auto given = thresholds.getValues<int32_t>();
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t column = 0; column < columns; ++column) {
        int32_t threshold = given[row * columns + column];
        tables[column].push_back(falls(row) ? ~threshold : threshold);
      }
      if (mixed)
        tables[columns].push_back(falls(row) ? -1 : 0);
    }
    SmallVector<Value> added;
    auto type = RankedTensorType::get({rows}, builder.getI32Type());
    if (rows != 1)
      for (ArrayRef<int32_t> table : tables)
        added.push_back(arith::ConstantOp::create(
            builder, DenseElementsAttr::get(type, table)));
    auto codes = cast<RankedTensorType>(contract.getInit().getType())
                     .clone(op.getType().getElementType());
    builder.setInsertionPoint(contract);
    for (Value constant : added)
      constant.getDefiningOp()->moveBefore(contract);
    ContractOp fused = rebuild(builder, contract, codes, added, 0);

    Block &body = fused.getEpilogue().front();
    Operation *yield = body.getTerminator();
    builder.setInsertionPoint(yield);
    auto read = [&](int64_t table) -> Value {
      if (rows == 1)
        return constantInt(builder, tables[table].front(), 32);
      return body.getArgument(body.getNumArguments() - tables.size() + table);
    };
    Value value = yield->getOperand(0);
    if (mixed)
      value = arith::XOrIOp::create(builder, value, read(columns));
    else if (falls(0))
      value =
          arith::XOrIOp::create(builder, value, constantInt(builder, -1, 32));
    Value code;
    for (int64_t column = 0; column < columns; ++column) {
      Value reached = arith::CmpIOp::create(builder, arith::CmpIPredicate::sge,
                                            value, read(column));
      reached = arith::ExtUIOp::create(builder, builder.getI32Type(), reached);
      code = code ? arith::AddIOp::create(builder, code, reached) : reached;
    }
    int64_t least = getStorageRange(codes.getElementType()).first;
    if (!code || least != 0) {
      Value first = constantInt(builder, least, 32);
      code = code ? arith::AddIOp::create(builder, code, first) : first;
    }
    yield->setOperand(0, code);
    rewriter.setInsertionPointAfter(fused);
    rewriter.replaceOp(op, values.reshape(rewriter, fused.getResult()));
    return success();
  }
};

/// pack_bits(contract) -> contract that packs
struct FusePackBits : OpRewritePattern<PackBitsOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(PackBitsOp op,
                                PatternRewriter &rewriter) const override {
    Type word = op.getType().getElementType();
    if (word.isInteger(64))
      return rewriter.notifyMatchFailure(op,
                                         "its words are not of the kernels");
    ReshapedResult values = ReshapedResult::find(op.getInput());
    ContractOp contract = values.contract;
    Type format = cast<ShapedType>(op.getInput().getType()).getElementType();
    unsigned bits = op.getWidth();
    if (!contract || contract.getFormats() || contract.getPacks() ||
        getStorageWidth(format) != bits ||
        (bits == 1 && isSignedStorage(format)))
      return rewriter.notifyMatchFailure(
          op, "no contraction makes its bits, and only them");
    SmallVector<int64_t> shape(
        cast<RankedTensorType>(contract.getInit().getType()).getShape());
    shape.back() = op.getType().getShape().back();
    rewriter.setInsertionPoint(contract);
    ContractOp fused = rebuild(rewriter, contract,
                               RankedTensorType::get(shape, word), {}, bits);
    rewriter.setInsertionPointAfter(fused);
    rewriter.replaceOp(op, values.reshape(rewriter, fused.getResult()));
    return success();
  }
};

/// reshape(encode(x)) -> encode(reshape(x)), next to pack_bits: thresholds of all
/// elements are the same
struct MoveEncode : OpRewritePattern<PackBitsOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(PackBitsOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Operation *> reshapes;
    Value source = op.getInput();
    while (isa_and_nonnull<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(
               source.getDefiningOp()) &&
           cast<RankedTensorType>(source.getType()).hasStaticShape()) {
      reshapes.push_back(source.getDefiningOp());
      source = reshapes.back()->getOperand(0);
    }
    auto encode = source.getDefiningOp<EncodeOp>();
    if (reshapes.empty() || !encode || !encode.countsThresholds() ||
        getStorageWidth(encode.getType().getElementType()) != 1 ||
        cast<Format>(encode.getType().getElementType()).getScaleAxis())
      return rewriter.notifyMatchFailure(
          op, "reads no reshaped bits of one format for all");
    Value moved = encode.getInput();
    for (Operation *reshape : llvm::reverse(reshapes))
      moved = reshapeLike(rewriter, reshape, moved);
    Operation *copy = rewriter.clone(*encode);
    copy->setOperand(0, moved);
    copy->getResult(0).setType(op.getInput().getType());
    rewriter.modifyOpInPlace(
        op, [&] { op.getInputMutable().assign(copy->getResult(0)); });
    return success();
  }
};

/// pack_bits(collapse(x)) -> collapse(pack_bits(x)), where words of x are full: what makes x
/// can pack it
struct PackFlattened : OpRewritePattern<PackBitsOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(PackBitsOp op,
                                PatternRewriter &rewriter) const override {
    auto collapse = op.getInput().getDefiningOp<tensor::CollapseShapeOp>();
    if (!collapse || !collapse->hasOneUse() ||
        !isa_and_nonnull<ContractOp, ThresholdOp, MaxPool2dOp>(
            collapse.getSrc().getDefiningOp()))
      return rewriter.notifyMatchFailure(op, "reads no result that is flat");
    SmallVector<int64_t> shape(collapse.getSrcType().getShape());
    int64_t codes = op.getType().getElementTypeBitWidth() / op.getWidth();
    if (!collapse.getSrcType().hasStaticShape() || shape.empty() ||
        shape.back() % codes != 0)
      return rewriter.notifyMatchFailure(op, "words would not be full");
    shape.back() /= codes;
    Value words =
        PackBitsOp::create(rewriter, op.getLoc(), op.getType().clone(shape),
                           collapse.getSrc(), op.getPlane(), op.getWidth());
    rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(
        op, op.getType(), words, collapse.getReassociationIndices());
    return success();
  }
};

struct FuseBitsPass : lowbit::impl::FuseBitsPassBase<FuseBitsPass> {
  void getDependentDialects(DialectRegistry &registry) const override {
    FuseBitsPassBase::getDependentDialects(registry);
    registry.insert<linalg::LinalgDialect>();
  }

  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    set.add<FuseThreshold, FusePackBits, MoveEncode, PackFlattened>(context);
    populatePoolBitsPatterns(set);
    patterns = std::move(set);
    return success();
  }
  void runOnOperation() override {
    GreedyRewriteConfig config;
    config.enableFolding(false).setRegionSimplificationLevel(
        GreedySimplifyRegionLevel::Disabled);
    if (failed(applyPatternsGreedily(getOperation(), patterns, config)))
      signalPassFailure();
  }

private:
  FrozenRewritePatternSet patterns;
};

} // namespace
