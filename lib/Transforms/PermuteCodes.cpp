//===- PermuteCodes.cpp - Transposes and codes --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PermuteCodes.h"

#include "PermuteDimensions.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::lowbit;

/// `format` with its scales along dimension `axis`.
static Type moveAxis(quant::UniformQuantizedPerAxisType format, int64_t axis) {
  return quant::UniformQuantizedPerAxisType::get(
      format.getFlags(), format.getStorageType(), format.getExpressedType(),
      format.getScales(), format.getZeroPoints(), axis,
      format.getStorageTypeMin(), format.getStorageTypeMax());
}

/// `type` with dimension `permutation[d]` as dimension `d`.
static RankedTensorType permuteType(RankedTensorType type,
                                    ArrayRef<int64_t> permutation) {
  RankedTensorType result =
      type.clone(applyPermutation(type.getShape(), permutation));
  auto format =
      dyn_cast<quant::UniformQuantizedPerAxisType>(type.getElementType());
  if (!format)
    return result;
  int64_t axis =
      invertPermutationVector(permutation)[format.getQuantizedDimension()];
  return result.clone(moveAxis(format, axis));
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

DecodeOp lowbit::getDecodedConstant(Value value) {
  auto decode = value.getDefiningOp<DecodeOp>();
  if (!decode || !decode.getInput().getDefiningOp<ConstantOp>())
    return nullptr;
  auto coded = cast<RankedTensorType>(decode.getInput().getType());
  return cast<Format>(coded.getElementType()).hasParameters() ? nullptr
                                                              : decode;
}

/// The axis of a format that is not upstream's: it stays where it is.
static std::optional<int64_t> getFixedAxis(RankedTensorType coded) {
  if (isa<quant::QuantizedType>(coded.getElementType()))
    return std::nullopt;
  return cast<Format>(coded.getElementType()).getScaleAxis();
}

/// The decode of `elements`, codes of the type `coded`, at the place of
/// `decode`.
static Value createDecoded(RewriterBase &rewriter, DecodeOp decode,
                           RankedTensorType coded, ElementsAttr elements) {
  Location loc = decode.getLoc();
  auto codes = ConstantOp::create(rewriter, loc, coded, elements);
  copyStorage(decode.getInput().getDefiningOp(), codes);
  return DecodeOp::create(rewriter, loc, coded.clone(rewriter.getF32Type()),
                          codes);
}

Value lowbit::permuteDecodedConstant(RewriterBase *rewriter, DecodeOp constant,
                                     ArrayRef<int64_t> permutation) {
  auto codes = constant.getInput().getDefiningOp<ConstantOp>();
  if (std::optional<int64_t> axis = getFixedAxis(codes.getType());
      axis && permutation[*axis] != *axis)
    return {};
  ElementsAttr elements = permuteElements(codes.getValue(), permutation);
  if (!elements)
    return {};
  if (!rewriter)
    return constant;
  return createDecoded(*rewriter, constant,
                       permuteType(codes.getType(), permutation), elements);
}

Value lowbit::reshapeDecodedConstant(RewriterBase &rewriter, DecodeOp constant,
                                     ArrayRef<int64_t> shape) {
  auto codes = constant.getInput().getDefiningOp<ConstantOp>();
  RankedTensorType type = codes.getType(), result = type.clone(shape);
  if (std::optional<int64_t> axis = getFixedAxis(type);
      axis &&
      (*axis >= result.getRank() ||
       type.getShape().take_front(*axis + 1) != shape.take_front(*axis + 1)))
    return {};
  if (auto format =
          dyn_cast<quant::UniformQuantizedPerAxisType>(type.getElementType())) {
    // The axis is the dimension of the same size with as much before it.
    int64_t axis = format.getQuantizedDimension();
    int64_t before =
        ShapedType::getNumElements(type.getShape().take_front(axis));
    int64_t dim = 0, seen = 1;
    while (dim < result.getRank() &&
           !(seen == before && shape[dim] == type.getDimSize(axis)))
      seen *= shape[dim++];
    if (dim == result.getRank())
      return {};
    result = result.clone(moveAxis(format, dim));
  }
  auto words = cast<ShapedType>(codes.getValue().getType()).clone(shape);
  ElementsAttr elements = reshapeElements(codes.getValue(), words);
  return elements ? createDecoded(rewriter, constant, result, elements)
                  : Value();
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

namespace {

/// encode(transpose(x)) -> encode(x), with the transpose behind each decode
struct SinkTransposeThroughCodes : OpRewritePattern<EncodeOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getInput().getDefiningOp<tosa::TransposeOp>();
    if (!transpose)
      return rewriter.notifyMatchFailure(op, "its input is no transpose");
    if (op.getRounding() == Rounding::Stochastic)
      return rewriter.notifyMatchFailure(op, "its random words go by position");
    auto permutation = llvm::to_vector_of<int64_t>(transpose.getPerms());
    if (isToChannelsLast(permutation))
      return rewriter.notifyMatchFailure(op, "its transpose does not sink");
    if (!canRewriteUses(op.getResult()))
      return rewriter.notifyMatchFailure(
          op, "codes with scales along an axis are used as they are");
    SmallVector<int64_t> inverse = invertPermutationVector(permutation);
    auto inner = cast<EncodeOp>(rewriter.clone(*op));
    rewriter.modifyOpInPlace(inner, [&] {
      inner.getInputMutable().assign(transpose.getInput1());
      inner.getResult().setType(permuteType(op.getType(), inverse));
    });
    rewriteUses(op.getResult(), inner.getResult(), permutation, rewriter);
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// True if each use is a decode, by way of other formats or not, or one of
  /// codes that lowbit.transpose takes.
  static bool canRewriteUses(Value codes) {
    bool perTensor = isa<quant::UniformQuantizedType>(
        cast<RankedTensorType>(codes.getType()).getElementType());
    return llvm::all_of(codes.getUsers(), [&](Operation *user) {
      if (isa<DecodeOp>(user))
        return true;
      auto reinterpret = dyn_cast<ReinterpretOp>(user);
      if (reinterpret && isCoded(reinterpret.getResult()))
        return canRewriteUses(reinterpret.getResult());
      return perTensor;
    });
  }

  static bool isCoded(Value value) {
    return isa<quant::QuantizedType>(
        cast<RankedTensorType>(value.getType()).getElementType());
  }

  /// Takes `outer`, the transpose of `inner`, from all of its uses.
  static void rewriteUses(Value outer, Value inner,
                          ArrayRef<int64_t> permutation,
                          PatternRewriter &rewriter) {
    SmallVector<int64_t> inverse = invertPermutationVector(permutation);
    Value transposed;
    for (OpOperand &use : llvm::make_early_inc_range(outer.getUses())) {
      Operation *user = use.getOwner();
      auto reinterpret = dyn_cast<ReinterpretOp>(user);
      bool isCrossing = isa<DecodeOp>(user) ||
                        (reinterpret && isCoded(reinterpret.getResult()));
      if (!isCrossing) {
        if (!transposed) {
          rewriter.setInsertionPointAfterValue(inner);
          transposed = TransposeOp::create(rewriter, inner.getLoc(),
                                           outer.getType(), inner, permutation);
        }
        rewriter.modifyOpInPlace(user, [&] { use.set(transposed); });
        continue;
      }
      rewriter.setInsertionPoint(user);
      Operation *permuted = rewriter.clone(*user);
      Value result = permuted->getResult(0);
      permuted->setOperand(0, inner);
      result.setType(
          permuteType(cast<RankedTensorType>(result.getType()), inverse));
      if (reinterpret) {
        rewriteUses(user->getResult(0), result, permutation, rewriter);
        rewriter.eraseOp(user);
        continue;
      }
      auto perms = llvm::to_vector_of<int32_t>(permutation);
      rewriter.replaceOpWithNewOp<tosa::TransposeOp>(
          user, user->getResult(0).getType(), result, perms);
    }
  }
};

/// decode(encode(m(decode(q)))) -> m(decode(q)) where m moves data and all
/// formats are one: the codes are found again
struct DropRequantization : OpRewritePattern<DecodeOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(DecodeOp op,
                                PatternRewriter &rewriter) const override {
    auto encode = op.getInput().getDefiningOp<EncodeOp>();
    if (!encode || !recoversCodes(encode))
      return rewriter.notifyMatchFailure(op, "its input is no encode that "
                                             "finds codes again");
    auto source = getCodesSource(encode.getInput()).getDefiningOp<DecodeOp>();
    Type format = encode.getType().getElementType();
    if (!source || !isa<quant::UniformQuantizedType>(format) ||
        cast<RankedTensorType>(source.getInput().getType()).getElementType() !=
            format)
      return rewriter.notifyMatchFailure(op, "no codes of its format are "
                                             "moved");
    rewriter.replaceOp(op, encode.getInput());
    return success();
  }
};

} // namespace

void lowbit::populatePermuteCodesPatterns(RewritePatternSet &patterns) {
  patterns.add<SinkTransposeThroughCodes, DropRequantization>(
      patterns.getContext());
}
