//===- Patterns.h - codes become words --------------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pattern sets of -lowbit-materialize-codes, one for each file here. Each
// pattern turns an operation on codes into linalg, tensor and arith on signless
// words; none refuses, because the pass has checked every operation before.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_LOWBITTOLINALG_PATTERNS_H
#define LOWBIT_CONVERSION_LOWBITTOLINALG_PATTERNS_H

namespace mlir {
class RewritePatternSet;
class TypeConverter;
} // namespace mlir

namespace mlir::lowbit {

/// encode, decode of affine formats: where real numbers and codes meet.
void populateCrossingPatterns(const TypeConverter &, RewritePatternSet &);

/// encode_dynamic: parameters from the numbers that are encoded.
void populateDynamicPatterns(const TypeConverter &, RewritePatternSet &);

/// encode, decode and steps of formats that are not affine, or whose encoding
/// counts thresholds.
void populateFormatPatterns(const TypeConverter &, RewritePatternSet &);

/// pack_bits: in vectors where words have 8 bits.
void populatePackBitsPatterns(const TypeConverter &, RewritePatternSet &);

/// rescale: fixed-point arithmetic, element by element.
void populateFixedPointPatterns(const TypeConverter &, RewritePatternSet &);

/// add, mul, maximum, minimum: pairs of codes.
void populateElementwisePatterns(const TypeConverter &, RewritePatternSet &);

/// requantize: changes of scale by real factors.
void populateRequantizePatterns(const TypeConverter &, RewritePatternSet &);

/// concat, gather, pad, transpose: codes move, their values stay.
void populateMovementPatterns(const TypeConverter &, RewritePatternSet &);

/// sum, arg_max.
void populateReductionPatterns(const TypeConverter &, RewritePatternSet &);

/// max_pool2d, avg_pool2d, mean_pool2d.
void populatePoolingPatterns(const TypeConverter &, RewritePatternSet &);

/// table, threshold, table_softmax.
void populateLookupPatterns(const TypeConverter &, RewritePatternSet &);

/// constant, contract, reinterpret, quant.scast and upstream's tensor
/// operations, which stay what they are and change their types.
void populateRetypePatterns(const TypeConverter &, RewritePatternSet &);

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_LOWBITTOLINALG_PATTERNS_H
