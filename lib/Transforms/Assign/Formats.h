//===- Formats.h - From ranges to formats -----------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every scale that is made here is an f32 of at least 2^-126, so that its f32
// reciprocal is finite, whatever the range: empty, one value, or subnormal.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_ASSIGN_FORMATS_H
#define LOWBIT_LIB_TRANSFORMS_ASSIGN_FORMATS_H

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Recipe.h"

namespace mlir::lowbit {

/// The range of `stats` that codes of `width` bits should cover, by any method
/// but the mixed one.
std::pair<double, double> getRange(StatsAttr stats, RangeMethod method,
                                   double percentile, unsigned width);

/// Covers [low, high] and 0, with 0 as a code of its own.
quant::QuantizedType getAffineFormat(MLIRContext *context, CodeStorage storage,
                                     double low, double high);

/// Covers [-magnitude, magnitude] with zero point 0. The largest positive code
/// stands for `magnitude`.
quant::QuantizedType getSymmetricFormat(MLIRContext *context,
                                        CodeStorage storage, double magnitude);

/// The same, with the next power of two as the step where that is none.
quant::QuantizedType getFixedPointFormat(MLIRContext *context,
                                         CodeStorage storage, double magnitude);

/// One step is `scale`, and zero is the code `zeroPoint`.
quant::QuantizedType getFixedFormat(MLIRContext *context, CodeStorage storage,
                                    double scale, int64_t zeroPoint);

/// What the weights of a layer say about their format.
struct WeightRange {
  /// The largest magnitude for each index along `axis`, or one for all.
  SmallVector<double> magnitudes;
  /// The largest magnitude of a bias that is added to sums with these weights.
  SmallVector<double> biases;
  /// -1 for one scale.
  int64_t axis = -1;
};

/// Symmetric formats of weights, in steps such that every bias divided by
/// `inputScale` times the step is less than 2^30.
quant::QuantizedType getWeightFormat(MLIRContext *context, CodeStorage storage,
                                     bool narrowRange, const WeightRange &range,
                                     double inputScale);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_ASSIGN_FORMATS_H
