//===- WeightCodes.h - How constants are rounded ----------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The codes of an observed constant, in one place: -lowbit-encode makes
// constants of them, and -lowbit-correct-bias asks how far they are from the
// weights.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_ACCURACY_WEIGHTCODES_H
#define LOWBIT_LIB_TRANSFORMS_ACCURACY_WEIGHTCODES_H

#include "lowbit/IR/Lowbit.h"

#include <optional>

namespace mlir::lowbit {

class WeightCodes {
public:
  /// The codes of the constant behind `observe` in the affine `format`, rounded
  /// as `observe` says. Nothing if the constant cannot be read, holds NaN, or
  /// has fewer channels than the format.
  static std::optional<WeightCodes> get(ObserveOp observe,
                                        quant::QuantizedType format);

  ArrayRef<int64_t> getCodes() const { return codes; }
  /// The number that the code number `index` stands for.
  double decode(size_t index) const {
    size_t channel = getChannel(index);
    return (codes[index] - zeroPoints[channel]) * scales[channel];
  }

private:
  explicit WeightCodes(quant::QuantizedType format) : format(format) {}

  size_t getChannel(size_t index) const {
    return index / inner % scales.size();
  }
  void round(ArrayRef<float> elements,
             llvm::function_ref<double(double steps, size_t index)> rounded);
  void balance(ArrayRef<float> elements, ArrayRef<size_t> group);

  quant::QuantizedType format;
  SmallVector<double> scales;
  SmallVector<int64_t> zeroPoints;
  /// Elements in a row that share a scale.
  int64_t inner = 1;
  SmallVector<int64_t> codes;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_ACCURACY_WEIGHTCODES_H
