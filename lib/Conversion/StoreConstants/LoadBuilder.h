//===- LoadBuilder.h - The code that decodes stored constants ---*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_STORECONSTANTS_LOADBUILDER_H
#define LOWBIT_LIB_CONVERSION_STORECONSTANTS_LOADBUILDER_H

#include "lowbit/Encoders/StoredWords.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit {

/// Builds the decoder that `StoredWords.h` describes, in loops and index
/// arithmetic. One piece of code decodes all constants.
class LoadBuilder {
public:
  /// Builds where `builder` is. The globals are those of a StoredSection and of
  /// zeroed memory, a multiple of two bytes.
  LoadBuilder(ImplicitLocOpBuilder &builder, memref::GlobalOp bytes,
              memref::GlobalOp index, memref::GlobalOp memory);

  /// Decodes `count` constants.
  void build(int64_t count);

private:
  /// The row of the index that describes a stream.
  struct Stream {
    Value symbols, bits, minLength, counts;
  };

  void decodeConstant(Value row);
  Stream loadStream(Value row, unsigned column);
  /// The number of the next symbol, and where the bits after it are.
  std::pair<Value, Value> decodeSymbol(const Stream &stream, Value place);
  void storeWord(Value place, Value symbol, Value symbols, Value wordBytes);

  Value constant(int64_t value);
  Value get(memref::GlobalOp global);
  Value loadByte(Value at);
  Value loadIndex(Value at);
  Value add(Value lhs, Value rhs);
  Value sub(Value lhs, Value rhs);
  Value mul(Value lhs, Value rhs);
  Value shl(Value lhs, Value rhs);
  Value shr(Value lhs, Value rhs);
  Value bitAnd(Value lhs, Value rhs);
  Value bitOr(Value lhs, Value rhs);

  ImplicitLocOpBuilder &builder;
  Value bytes, index, memory, words16;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_STORECONSTANTS_LOADBUILDER_H
