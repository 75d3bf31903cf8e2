//===- LayerPair.h - A layer and the one that reads it ----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What moves between two layers, a factor or a constant part of each channel,
// moves across everything that stands between them: an activation, an
// observation, movement of data. This page says where that is possible.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_ACCURACY_LAYERPAIR_H
#define LOWBIT_LIB_TRANSFORMS_ACCURACY_LAYERPAIR_H

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <optional>
#include <string>

namespace mlir::lowbit {

/// Two layers, of which the second one alone reads what the first one computes.
/// Channel `c` of the first one is what the second one reads as the channels
/// `c`, `c + n`, `c + 2 n`, ..., with `n` channels of the first one.
struct LayerPair {
  Operation *producer = nullptr;
  Operation *consumer = nullptr;
  /// The activation between them, or null.
  tosa::ClampOp clamp;
  /// The observation of the value between them, or null.
  ObserveOp value;
  /// True if something between them pads, or takes the largest of several.
  bool movesElements = false;

  /// What the consumer reads, channel by channel; null if that is not known.
  ChannelsAttr getChannels() const;

  /// The interval that the clamp leaves; infinite without one.
  std::pair<double, double> getBounds() const;
};

/// The pair whose consumer is `consumer`. Nothing, with the reason in `reason`,
/// if there is none.
std::optional<LayerPair> findLayerPair(Operation *consumer,
                                       std::string &reason);

/// The extremes of each of `numChannels` channels of a pair's producer, from
/// those of the channels that its consumer reads.
struct ChannelRanges {
  SmallVector<double> least, most;
};
ChannelRanges getChannelRanges(ChannelsAttr channels, int64_t numChannels);

/// Brings the statistics of a pair up to date after the channel `c` of the
/// producer has become `x * factors[c] - offsets[c]`. Those between the layers
/// lose their histogram; those of the weights follow from the weights.
void updateStatistics(const LayerPair &pair, ArrayRef<double> factors,
                      ArrayRef<double> offsets);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_ACCURACY_LAYERPAIR_H
