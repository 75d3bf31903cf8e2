//===- Words.h - reading and writing codes as words -------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A code lies in memory as a signless word of 8, 16 or 32 bits, extended from
// its storage width by its format's signedness. Arithmetic is done on i32: each
// read extends the word, each write truncates it. What builds the loops around
// such scalar code is here too.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_FORMATS_WORDS_H
#define LOWBIT_FORMATS_WORDS_H

#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit {

/// `word`, which holds a code of `format`, as an integer of `width` bits.
Value readCode(ImplicitLocOpBuilder &builder, Value word, Type format,
               unsigned width = 32);

/// `value`, an integer inside the storage range of `format`, as its word.
Value writeCode(ImplicitLocOpBuilder &builder, Value value, Type format);

/// The low bits of the integer `value`, as many as the storage of `format`
/// has, as its word.
Value writeLowBits(ImplicitLocOpBuilder &builder, Value value, Type format);

/// The larger of two words that hold codes of `format`.
Value maxOfWords(ImplicitLocOpBuilder &builder, Value lhs, Value rhs,
                 Type format);

/// The smaller of two words that hold codes of `format`.
Value minOfWords(ImplicitLocOpBuilder &builder, Value lhs, Value rhs,
                 Type format);

/// The integer constant `value` of `width` bits.
Value constantInt(ImplicitLocOpBuilder &builder, int64_t value, unsigned width);

/// The word of the constant `code` of `format`.
Value constantCode(ImplicitLocOpBuilder &builder, int64_t code, Type format);

/// A tensor of the shape of `source`, with undefined elements of `element`.
Value emptyLike(ImplicitLocOpBuilder &builder, Value source, Type element);

/// A tensor of `sizes`, each element of which is the scalar `value`.
Value filled(ImplicitLocOpBuilder &builder, ArrayRef<OpFoldResult> sizes,
             Value value);

/// `source` inside a larger tensor, the rest of which is the scalar `border`.
/// The border is filled first, so that the producer of `source` can write
/// there in place.
Value surround(ImplicitLocOpBuilder &builder, Value source,
               ArrayRef<int64_t> low, ArrayRef<int64_t> high, Value border);

/// Makes the scalars of the result from the elements of inputs and `init`.
using ScalarBody = llvm::function_ref<Value(ImplicitLocOpBuilder &builder,
                                            ValueRange scalars)>;

/// A loop nest: the last of `maps` belongs to `init`, the others to `inputs`.
/// Loops that are not in the last map are reductions.
Value loopNest(ImplicitLocOpBuilder &builder, ValueRange inputs, Value init,
               ArrayRef<AffineMap> maps, ScalarBody body);

/// A loop nest over the dimensions of `inputs` to a new tensor of `element`.
/// Inputs have one rank; those of size 1 along a dimension repeat their
/// elements where others have more.
Value elementwise(ImplicitLocOpBuilder &builder, ValueRange inputs,
                  Type element, ScalarBody body);

/// `bits` bits from `plane` on of each of `words`, as many neighbours along the last
/// dimension to an integer of `width` bits as fit in; zeros beyond the last.
Value packBits(ImplicitLocOpBuilder &builder, Value words, int64_t plane,
               unsigned width, unsigned bits = 1);

} // namespace mlir::lowbit

#endif // LOWBIT_FORMATS_WORDS_H
