//===- Slices.h - The weights that share parameters -------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_ENCODERS_SLICES_H
#define LOWBIT_LIB_ENCODERS_SLICES_H

#include "lowbit/Encoders/Encoder.h"

namespace mlir::lowbit {

/// Numbers, and how much a squared error of each costs.
struct Slice {
  SmallVector<double, 0> values, costs;

  Slice() = default;
  /// With one cost for all.
  explicit Slice(ArrayRef<double> numbers)
      : values(numbers.begin(), numbers.end()), costs(numbers.size(), 1.0) {}

  size_t size() const { return values.size(); }
  /// The largest magnitude.
  double getMost() const;
  /// The sum of costs, and of costs times magnitudes.
  double sumCosts() const;
  double sumMagnitudes() const;
};

/// Cuts a tensor into slices: the tensor, its output channels, or groups of
/// weights in a row along the last dimension that is not the channel axis.
class Slices {
public:
  /// As the options `per` and `group` say, where there are such. Weights without
  /// a channel axis are one channel.
  Slices(const Weights &weights, const EncoderOptions &options);

  int64_t size() const { return parameterSize; }
  /// The channel axis, if each channel is a slice.
  std::optional<int64_t> getAxis() const { return axis; }
  /// The number of weights in a group, or 0; and the dimension they lie along.
  int64_t getGroup() const { return group; }
  int64_t getGroupAxis() const { return groupAxis; }
  /// The shape of one number for each slice: that of parameters of groups.
  ArrayRef<int64_t> getParameterShape() const { return parameterShape; }

  /// Calls `encode` with each slice, in order, and stores the codes that it
  /// returns at the places of the slice's elements. A slice where no weight
  /// costs anything is one where all cost the same.
  SmallVector<int64_t>
  encode(llvm::function_ref<SmallVector<int64_t, 0>(int64_t, const Slice &)>
             encode) const;

private:
  SmallVector<int64_t> findSliceOfElements() const;

  const Weights &weights;
  std::optional<int64_t> axis;
  int64_t group = 0, groupAxis = 0, parameterSize = 1;
  SmallVector<int64_t> parameterShape;
};

/// The dimension along which inputs lie in a row: the last but `axis`; nothing
/// for a tensor of rank 0, or of the channel axis only.
std::optional<int64_t> getInputAxis(ArrayRef<int64_t> shape,
                                    std::optional<int64_t> axis);

/// The usable scale that is nearest to `scale`, a number that is not negative.
/// `2^exponent` times it is usable, too; `exponent` is not positive.
float toUsableScale(double scale, int exponent = 0);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_ENCODERS_SLICES_H
