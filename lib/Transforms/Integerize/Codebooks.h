//===- Codebooks.h - Codebooks of integers ----------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_CODEBOOKS_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_CODEBOOKS_H

#include "ConstantSteps.h"

#include "mlir/IR/PatternMatch.h"

namespace mlir::lowbit {

/// Constant indices and the constant codebook that they are looked up in.
struct ConstantCodebook {
  CodebookType format;
  ConstantOp constant;
  SmallVector<float> numbers;
  SmallVector<int64_t> codes;
  SmallVector<int64_t> bookShape, codedShape, shape;

  /// Nothing if `decode` is of anything else, or data is missing.
  static std::optional<ConstantCodebook> read(DecodeOp decode);

  /// The largest number that all numbers are multiples of, by less than 2^15 times;
  /// nothing if there is none.
  std::optional<double> findStep() const;

  /// The largest magnitude of a number; infinity if one is not finite.
  double getMagnitude() const;

  /// sum over stages of book[m or 0, stage, min(index, K - 1), d], where `book` has the
  /// shape of the numbers
  template <typename T> SmallVector<T> lookUp(ArrayRef<T> book) const {
    int64_t axis = format.getAxis().value_or(0), dim = format.getDim();
    int64_t inner = 1, along = 1, codedAlong = 1;
    if (format.getAxis()) {
      inner = ShapedType::getNumElements(ArrayRef(shape).drop_front(axis + 1));
      along = shape[axis];
      codedAlong = codedShape[axis];
    }
    int64_t stages = format.getStages(), entries = bookShape[2];
    SmallVector<T> sums;
    for (int64_t i = 0, e = ShapedType::getNumElements(shape); i < e; ++i) {
      int64_t position = i / inner % along, outer = i / inner / along;
      int64_t vector = position / dim;
      uint64_t code = codes[(outer * codedAlong + vector) * inner + i % inner];
      T sum = 0;
      for (int64_t stage = 0; stage < stages; ++stage) {
        int64_t index = (code >> (stage * format.getWidth())) &
                        llvm::maskTrailingOnes<uint64_t>(format.getWidth());
        index = std::min(index, entries - 1);
        int64_t row = (bookShape[0] == 1 ? 0 : vector) * stages + stage;
        sum += book[(row * entries + index) * dim + position % dim];
      }
      sums.push_back(sum);
    }
    return sums;
  }

  /// The decode of `steps`, in place of `decode`; they come from the entries `book`, in
  /// steps.
  Value createDecode(OpBuilder &builder, DecodeOp decode, ConstantSteps steps,
                     ArrayRef<int64_t> book) const;
};

/// A decode of steps in place of the weights of the linear layer `op`, where they come
/// from a constant codebook whose numbers are no multiples of one step: these are rounded
/// to 16 bits, or to as many, 12 at least, as keep the layer's sums inside 32 bits. Null
/// if it is none; null with `reason` set if fewer are left, or nothing is known of the
/// sums.
Value roundCodebook(Operation *op, PatternRewriter &rewriter,
                    std::string &reason);

/// Decodes of the same constant indices with codebooks of bytes, whose sum is what
/// `decode` makes of them, up to 2^-24 of the largest number. None if `decode` has
/// no constant codebook, or one that is made of one step already.
SmallVector<Value> splitCodebook(DecodeOp decode, PatternRewriter &rewriter);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_CODEBOOKS_H
