//===- PackBits.cpp - pack_bits on words ----------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Words of 8 bits are made of vectors of 32 codes, by a comparison whose mask they
// are; where one threshold makes the codes of floats, of the floats themselves. Two bits
// of codes, in words of 8 or 16, move together by shifts. Words of 64 bits are made by plain
// loops.

#include "Patterns.h"

#include "lowbit/Conversion/PackedTable.h"
#include "lowbit/Formats/Words.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Makes a vector of bits, or of codes of more, of one of elements.
using VectorBody =
    llvm::function_ref<Value(ImplicitLocOpBuilder &builder, Value elements)>;

/// Loops over vectors along the last dimension of a tensor, whose elements become codes
/// of `bits` bits in words of type `word`.
class VectorPacker {
public:
  VectorPacker(ImplicitLocOpBuilder &builder, Value source, Type word,
               unsigned bits, VectorBody body)
      : builder(builder), source(source), body(body), word(word), bits(bits),
        codes(word.getIntOrFloatBitWidth() / bits),
        type(cast<RankedTensorType>(source.getType())) {}

  Value build() {
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(builder, builder.getLoc(), source);
    sizes.back() =
        builder.getIndexAttr(llvm::divideCeil(type.getShape().back(), codes));
    Value dest = tensor::EmptyOp::create(builder, sizes, word);
    return buildRows({}, dest);
  }

private:
  static constexpr int64_t lanes = 32;

  Value constantIndex(int64_t value) {
    return arith::ConstantIndexOp::create(builder, value);
  }

  /// `dest` after a loop of `count` iterations on it.
  Value buildLoop(Value count, Value dest,
                  llvm::function_ref<Value(Value, Value)> iteration) {
    Value zero = constantIndex(0), one = constantIndex(1);
    auto loop = scf::ForOp::create(builder, zero, count, one, ValueRange{dest});
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(loop.getBody());
    Value next = iteration(loop.getInductionVar(), loop.getRegionIterArg(0));
    scf::YieldOp::create(builder, next);
    return loop.getResult(0);
  }

  Value buildRows(ArrayRef<Value> index, Value dest) {
    int64_t dim = index.size(), last = type.getRank() - 1;
    if (dim < last) {
      Value size = getValueOrCreateConstantIndexOp(
          builder, builder.getLoc(),
          tensor::getMixedSize(builder, builder.getLoc(), source, dim));
      return buildLoop(size, dest, [&](Value iv, Value carried) {
        SmallVector<Value> inner(index);
        inner.push_back(iv);
        return buildRows(inner, carried);
      });
    }
    int64_t full = type.getShape().back() / lanes;
    int64_t rest = type.getShape().back() % lanes;
    if (full != 0)
      dest = buildLoop(constantIndex(full), dest, [&](Value iv, Value carried) {
        return buildVector(
            index, arith::MulIOp::create(builder, iv, constantIndex(lanes)),
            arith::MulIOp::create(builder, iv, constantIndex(lanes / codes)),
            lanes, carried);
      });
    if (rest != 0)
      dest = buildVector(index, constantIndex(full * lanes),
                         constantIndex(full * (lanes / codes)), rest, dest);
    return dest;
  }

  /// `count` elements from `from` on, as words from `to` on.
  Value buildVector(ArrayRef<Value> index, Value from, Value to, int64_t count,
                    Value dest) {
    SmallVector<Value> source(index), packed(index);
    source.push_back(from);
    packed.push_back(to);
    Type element = type.getElementType();
    Value padding =
        arith::ConstantOp::create(builder, builder.getZeroAttr(element));
    Value elements = vector::TransferReadOp::create(
        builder, VectorType::get({count}, element), this->source, source,
        padding, ArrayRef<bool>{true});
    Value made = body(builder, elements);
    int64_t whole = llvm::alignTo(count, codes);
    if (whole != count) {
      auto wide = VectorType::get({whole}, getElementTypeOrSelf(made));
      Value none =
          arith::ConstantOp::create(builder, builder.getZeroAttr(wide));
      made = vector::InsertStridedSliceOp::create(
          builder, made, none, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{1});
    }
    Value words = vector::BitCastOp::create(
        builder, VectorType::get({whole / codes}, word),
        bits == 1 ? made
                  : lowbit::packCodes(builder, builder.getLoc(), made, bits));
    return vector::TransferWriteOp::create(builder, words, dest, packed,
                                           ArrayRef<bool>{true})
        .getResult();
  }

  ImplicitLocOpBuilder &builder;
  Value source;
  VectorBody body;
  Type word;
  unsigned bits;
  int64_t codes; ///< in a word
  RankedTensorType type;
};

/// pack_bits(q) -> words of vectors, or or-ed together bit by bit
struct MaterializePackBits : OpConversionPattern<PackBitsOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(PackBitsOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    unsigned width = op.getType().getElementTypeBitWidth();
    Value packed;
    if (width == 64)
      packed = packBits(builder, adaptor.getInput(), op.getPlane(), width);
    else if (op.getWidth() != 1)
      packed = packSeveral(builder, adaptor.getInput(), op);
    else if (auto encode = op.getInput().getDefiningOp<EncodeOp>();
             encode && width == 8 && hasOneThreshold(encode))
      packed = packFloats(builder, encode,
                          rewriter.getRemappedValue(encode.getInput()));
    else
      packed = packPlane(builder, adaptor.getInput(), op);
    rewriter.replaceOp(op, packed);
    return success();
  }

private:
  /// True for codes of one bit, by one threshold for all elements.
  static bool hasOneThreshold(EncodeOp op) {
    auto format = dyn_cast<Format>(op.getType().getElementType());
    return op.countsThresholds() && format && format.getNumChannels() == 1 &&
           getStorageWidth(op.getType().getElementType()) == 1 &&
           getThresholds(op, format).size() == 1 &&
           cast<ShapedType>(op.getInput().getType()).getElementType().isF32();
  }

  static SmallVector<float> getThresholds(EncodeOp op, Format format) {
    return op.getThresholds() ? SmallVector<float>(*op.getThresholds())
                              : format.getThresholds(0);
  }

  static Value splat(ImplicitLocOpBuilder &builder, Value like,
                     TypedAttr value) {
    return arith::ConstantOp::create(
        builder, DenseElementsAttr::get(cast<VectorType>(like.getType()),
                                        Attribute(value)));
  }

  static Value packFloats(ImplicitLocOpBuilder &builder, EncodeOp op,
                          Value input) {
    auto format = cast<Format>(op.getType().getElementType());
    float threshold = getThresholds(op, format).front();
    SmallVector<int64_t> codes = op.getCodes()
                                     ? SmallVector<int64_t>(*op.getCodes())
                                     : format.getOrderedCodes(0);
    return VectorPacker(builder, input, builder.getI8Type(), 1,
                        [&](ImplicitLocOpBuilder &inner, Value x) -> Value {
                          // NaN is no number above or below: it takes the way of zero.
                          Value zero =
                              splat(inner, x, inner.getF32FloatAttr(0.0f));
                          Value isNaN = arith::CmpFOp::create(
                              inner, arith::CmpFPredicate::UNO, x, x);
                          x = arith::SelectOp::create(inner, isNaN, zero, x);
                          Value limit =
                              splat(inner, x, inner.getF32FloatAttr(threshold));
                          return arith::CmpFOp::create(
                              inner,
                              codes[1] == 1 ? arith::CmpFPredicate::OGE
                                            : arith::CmpFPredicate::OLT,
                              x, limit);
                        })
        .build();
  }

  /// As many bits of each code as `op` says.
  static Value packSeveral(ImplicitLocOpBuilder &builder, Value words,
                           PackBitsOp op) {
    int64_t plane = op.getPlane();
    return VectorPacker(
               builder, words, op.getType().getElementType(), op.getWidth(),
               [&](ImplicitLocOpBuilder &inner, Value codes) -> Value {
                 if (plane == 0)
                   return codes;
                 Type word = cast<VectorType>(codes.getType()).getElementType();
                 return arith::ShRUIOp::create(
                     inner, codes,
                     splat(inner, codes, inner.getIntegerAttr(word, plane)));
               })
        .build();
  }

  static Value packPlane(ImplicitLocOpBuilder &builder, Value words,
                         PackBitsOp op) {
    int64_t plane = op.getPlane();
    return VectorPacker(
               builder, words, op.getType().getElementType(), 1,
               [&](ImplicitLocOpBuilder &inner, Value codes) -> Value {
                 Type word = cast<VectorType>(codes.getType()).getElementType();
                 Value bit =
                     splat(inner, codes,
                           inner.getIntegerAttr(
                               word, APInt::getOneBitSet(
                                         word.getIntOrFloatBitWidth(), plane)));
                 codes = arith::AndIOp::create(inner, codes, bit);
                 return arith::CmpIOp::create(inner, arith::CmpIPredicate::eq,
                                              codes, bit);
               })
        .build();
  }
};

} // namespace

void lowbit::populatePackBitsPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns) {
  patterns.add<MaterializePackBits>(converter, patterns.getContext());
}
