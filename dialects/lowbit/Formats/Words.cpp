//===- Words.cpp - reading and writing codes as words ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Formats/Words.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::lowbit;

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

Value lowbit::readCode(ImplicitLocOpBuilder &builder, Value word, Type format,
                       unsigned width) {
  if (word.getType().getIntOrFloatBitWidth() == width)
    return word;
  Type type = builder.getIntegerType(width);
  if (isSignedStorage(format))
    return arith::ExtSIOp::create(builder, type, word);
  return arith::ExtUIOp::create(builder, type, word);
}

Value lowbit::writeCode(ImplicitLocOpBuilder &builder, Value value,
                        Type format) {
  Type word = getWordType(format);
  if (value.getType() == word)
    return value;
  return arith::TruncIOp::create(builder, word, value);
}

Value lowbit::writeLowBits(ImplicitLocOpBuilder &builder, Value value,
                           Type format) {
  Value word = writeCode(builder, value, format);
  unsigned width = word.getType().getIntOrFloatBitWidth();
  unsigned storage = getStorageWidth(format);
  if (storage == width)
    return word;
  Value unused = constantInt(builder, width - storage, width);
  Value top = arith::ShLIOp::create(builder, word, unused);
  if (isSignedStorage(format))
    return arith::ShRSIOp::create(builder, top, unused);
  return arith::ShRUIOp::create(builder, top, unused);
}

Value lowbit::maxOfWords(ImplicitLocOpBuilder &builder, Value lhs, Value rhs,
                         Type format) {
  if (isSignedStorage(format))
    return arith::MaxSIOp::create(builder, lhs, rhs);
  return arith::MaxUIOp::create(builder, lhs, rhs);
}

Value lowbit::minOfWords(ImplicitLocOpBuilder &builder, Value lhs, Value rhs,
                         Type format) {
  if (isSignedStorage(format))
    return arith::MinSIOp::create(builder, lhs, rhs);
  return arith::MinUIOp::create(builder, lhs, rhs);
}

Value lowbit::constantInt(ImplicitLocOpBuilder &builder, int64_t value,
                          unsigned width) {
  APInt bits(64, value, /*isSigned=*/true);
  return arith::ConstantOp::create(
      builder, builder.getIntegerAttr(builder.getIntegerType(width),
                                      bits.sextOrTrunc(width)));
}

Value lowbit::constantCode(ImplicitLocOpBuilder &builder, int64_t code,
                           Type format) {
  return constantInt(builder, code,
                     getWordType(format).getIntOrFloatBitWidth());
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

Value lowbit::emptyLike(ImplicitLocOpBuilder &builder, Value source,
                        Type element) {
  return tensor::EmptyOp::create(
      builder, tensor::getMixedSizes(builder, builder.getLoc(), source),
      element);
}

Value lowbit::filled(ImplicitLocOpBuilder &builder,
                     ArrayRef<OpFoldResult> sizes, Value value) {
  Value empty = tensor::EmptyOp::create(builder, sizes, value.getType());
  return linalg::FillOp::create(builder, value, empty).getResult(0);
}

Value lowbit::surround(ImplicitLocOpBuilder &builder, Value source,
                       ArrayRef<int64_t> low, ArrayRef<int64_t> high,
                       Value border) {
  auto isZero = [](int64_t count) { return count == 0; };
  if (llvm::all_of(low, isZero) && llvm::all_of(high, isZero))
    return source;
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(builder, builder.getLoc(), source);
  SmallVector<OpFoldResult> outer, offsets;
  for (auto [size, before, after] : llvm::zip(sizes, low, high)) {
    AffineExpr sum = builder.getAffineDimExpr(0) + (before + after);
    outer.push_back(affine::makeComposedFoldedAffineApply(
        builder, builder.getLoc(), AffineMap::get(1, 0, sum), {size}));
    offsets.push_back(builder.getIndexAttr(before));
  }
  SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
  Value around = filled(builder, outer, border);
  return tensor::InsertSliceOp::create(builder, source, around, offsets, sizes,
                                       strides);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

Value lowbit::loopNest(ImplicitLocOpBuilder &builder, ValueRange inputs,
                       Value init, ArrayRef<AffineMap> maps, ScalarBody body) {
  AffineMap result = maps.back();
  SmallVector<utils::IteratorType> iterators;
  for (unsigned loop = 0; loop < result.getNumDims(); ++loop)
    iterators.push_back(result.isFunctionOfDim(loop)
                            ? utils::IteratorType::parallel
                            : utils::IteratorType::reduction);
  return linalg::GenericOp::create(
             builder, TypeRange{init.getType()}, inputs, ValueRange{init}, maps,
             iterators,
             [&](OpBuilder &inner, Location loc, ValueRange scalars) {
               ImplicitLocOpBuilder scope(loc, inner);
               linalg::YieldOp::create(scope, body(scope, scalars));
             })
      .getResult(0);
}

Value lowbit::elementwise(ImplicitLocOpBuilder &builder, ValueRange inputs,
                          Type element, ScalarBody body) {
  // The input that each dimension of the result is taken from.
  auto sizeOf = [&](unsigned input, int64_t dim) {
    return cast<RankedTensorType>(inputs[input].getType()).getDimSize(dim);
  };
  int64_t rank = cast<RankedTensorType>(inputs.front().getType()).getRank();
  SmallVector<unsigned> widest(rank, 0);
  SmallVector<OpFoldResult> sizes;
  for (int64_t dim = 0; dim < rank; ++dim) {
    for (unsigned input = 0; input < inputs.size(); ++input)
      if (sizeOf(input, dim) != 1)
        widest[dim] = input;
    sizes.push_back(tensor::getMixedSize(builder, builder.getLoc(),
                                         inputs[widest[dim]], dim));
  }
  SmallVector<AffineMap> maps;
  for (unsigned input = 0; input < inputs.size(); ++input) {
    SmallVector<AffineExpr> index;
    for (int64_t dim = 0; dim < rank; ++dim)
      index.push_back(sizeOf(input, dim) == 1 && sizeOf(widest[dim], dim) != 1
                          ? builder.getAffineConstantExpr(0)
                          : builder.getAffineDimExpr(dim));
    maps.push_back(AffineMap::get(rank, 0, index, builder.getContext()));
  }
  maps.push_back(builder.getMultiDimIdentityMap(rank));
  return loopNest(builder, inputs,
                  tensor::EmptyOp::create(builder, sizes, element), maps, body);
}

/// `packed` with the `bits` bits that stand at the place of this iteration.
static Value addBits(ImplicitLocOpBuilder &builder, Value words, int64_t plane,
                     unsigned bits, Value packed) {
  auto type = cast<RankedTensorType>(words.getType());
  unsigned rank = type.getRank(),
           width = packed.getType().getIntOrFloatBitWidth();
  int64_t count = type.getShape().back();
  auto position = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, value);
  };
  SmallVector<Value> index;
  for (unsigned dim = 0; dim < rank; ++dim)
    index.push_back(linalg::IndexOp::create(builder, dim));
  Value place = linalg::IndexOp::create(builder, rank);
  Value first =
      arith::MulIOp::create(builder, index.back(), position(width / bits));
  Value along = arith::AddIOp::create(builder, first, place);
  Value inside = arith::CmpIOp::create(builder, arith::CmpIPredicate::ult,
                                       along, position(count));
  index.back() = arith::MinUIOp::create(builder, along, position(count - 1));
  Type integer = packed.getType();
  Value code = tensor::ExtractOp::create(builder, words, index);
  unsigned wordWidth = code.getType().getIntOrFloatBitWidth();
  code = arith::ShRUIOp::create(builder, code,
                                constantInt(builder, plane, wordWidth));
  code = arith::AndIOp::create(
      builder, code, constantInt(builder, (1 << bits) - 1, wordWidth));
  if (wordWidth < width)
    code = arith::ExtUIOp::create(builder, integer, code);
  else if (wordWidth > width)
    code = arith::TruncIOp::create(builder, integer, code);
  Value shift = arith::IndexCastUIOp::create(builder, integer, place);
  if (bits != 1)
    shift = arith::MulIOp::create(builder, shift,
                                  constantInt(builder, bits, width));
  code = arith::ShLIOp::create(builder, code, shift);
  code = arith::SelectOp::create(builder, inside, code,
                                 constantInt(builder, 0, width));
  return arith::OrIOp::create(builder, packed, code);
}

Value lowbit::packBits(ImplicitLocOpBuilder &builder, Value words,
                       int64_t plane, unsigned width, unsigned bits) {
  auto type = cast<RankedTensorType>(words.getType());
  unsigned rank = type.getRank();
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(builder, builder.getLoc(), words);
  sizes.back() = builder.getIndexAttr(
      llvm::divideCeil(type.getShape().back(), width / bits));
  Value init = filled(builder, sizes, constantInt(builder, 0, width));
  // Its only use is its size: the loop over the codes in a word.
  Value places = tensor::EmptyOp::create(
      builder, ArrayRef<int64_t>{width / bits}, builder.getI8Type());
  AffineMap result =
      AffineMap::getMultiDimIdentityMap(rank + 1, builder.getContext())
          .getMajorSubMap(rank);
  AffineMap place = AffineMap::get(rank + 1, 0, builder.getAffineDimExpr(rank));
  return loopNest(builder, {places}, init, {place, result},
                  [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
                    return addBits(inner, words, plane, bits, scalars[1]);
                  });
}
