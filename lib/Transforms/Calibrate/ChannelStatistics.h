//===- ChannelStatistics.h - What a layer reads -----------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that #lowbit.channels says about the input of one layer.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_CALIBRATE_CHANNELSTATISTICS_H
#define LOWBIT_LIB_TRANSFORMS_CALIBRATE_CHANNELSTATISTICS_H

#include "lowbit/IR/Lowbit.h"

namespace mlir::lowbit {

class ChannelStatistics {
public:
  /// Of channels that lie side by side.
  explicit ChannelStatistics(int64_t numChannels = 0)
      : min(numChannels), max(numChannels), sum(numChannels) {}

  /// Adds the elements of one sample, a multiple of the channels. Adds nothing
  /// and returns false if one of them is not finite.
  bool addSample(ArrayRef<float> elements);

  bool isEmpty() const { return count == 0; }

  /// Of at least one element for each channel.
  ChannelsAttr get(MLIRContext *context) const;

private:
  SmallVector<float, 0> min, max;
  SmallVector<double, 0> sum;
  /// The elements of each channel.
  int64_t count = 0;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_CALIBRATE_CHANNELSTATISTICS_H
