//===- WordWidener.h - wider words, made where words are made ---*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_WORDWIDENER_H
#define LOWBIT_LIB_TRANSFORMS_WORDWIDENER_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::lowbit {

/// Makes words wide enough for the primitives that read them. A word may be wider
/// than its code; it then holds the code's value. The primitives of all contractions
/// must be known.
class WordWidener {
public:
  explicit WordWidener(MLIRContext *context) : builder(context) {}

  /// `value` in words of type `word`, sign-extended or not. Where everything that
  /// reads `value` reads wide words as well, what makes it makes them; elsewhere a
  /// loop does, one for all.
  Value widen(Value value, Type word, bool isSigned);

private:
  Value widen(Value value);
  Value extend(Value value);
  bool canConvert(Value value) const;
  bool convertProducer(Value value);
  void convertGeneric(linalg::GenericOp op);
  void convertTranspose(linalg::TransposeOp op);
  void convertReaders(Value value);
  Value widenDestination(Value value);
  Value createEmpty(Value like);
  RankedTensorType getWide(Value value) const {
    return cast<RankedTensorType>(value.getType()).clone(word);
  }

  OpBuilder builder;
  Type word;
  bool isSigned = false;
  /// What loops have widened, by value and word.
  DenseMap<std::pair<Value, Type>, Value> extended;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_WORDWIDENER_H
