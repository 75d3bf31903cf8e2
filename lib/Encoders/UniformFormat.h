//===- UniformFormat.h - Affine types of encoded weights --------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_ENCODERS_UNIFORMFORMAT_H
#define LOWBIT_LIB_ENCODERS_UNIFORMFORMAT_H

#include "Slices.h"

namespace mlir::lowbit {

/// Codes from `min` to `max` in `bits` bits.
struct UniformStorage {
  bool isSigned;
  unsigned bits;
  int64_t min, max;

  /// As many codes below 0 as above.
  static UniformStorage getSymmetric(unsigned bits) {
    int64_t max = (int64_t(1) << (bits - 1)) - 1;
    return {true, bits, -max, max};
  }
  static UniformStorage getUnsigned(unsigned bits) {
    return {false, bits, 0, (int64_t(1) << bits) - 1};
  }
};

/// Codes with a scale and a zero point for each slice: `!quant.uniform`, or
/// `!lowbit.affine` where slices are groups.
EncodedWeights makeUniform(MLIRContext *context, const Weights &weights,
                           const Slices &slices, const UniformStorage &storage,
                           ArrayRef<float> scales, ArrayRef<int64_t> zeros,
                           SmallVector<int64_t> codes);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_ENCODERS_UNIFORMFORMAT_H
