//===- LinearLayer.h - Linear layers as loops -------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Convolutions, depthwise convolutions and matrix products are one contraction
// with different maps. This is where the maps come from.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ANALYSIS_LINEARLAYER_H
#define LOWBIT_ANALYSIS_LINEARLAYER_H

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Operation.h"

#include <optional>
#include <string>

namespace mlir::lowbit {

/// A linear layer as loops over its padded input, weights and result.
struct LinearLayer {
  /// Zero padding of the input, per dimension; empty for none.
  SmallVector<int64_t> padLow, padHigh;
  /// The weights' dimensions that the maps name: those of a depthwise
  /// convolution lose their multiplier of 1, those of groups are split.
  SmallVector<int64_t> weightShape;
  /// The weights' dimensions that make up an output channel.
  SmallVector<int64_t> channelDims;
  /// The contraction's own result shape; the layer's is a collapse of it.
  SmallVector<int64_t> resultShape;
  AffineMap lhs, rhs, channel, result;

  bool hasPadding() const { return !padLow.empty(); }
  SmallVector<int64_t> getChannelShape() const;
};

/// Describes a tosa.conv2d, tosa.depthwise_conv2d, lowbit.grouped_conv2d or
/// tosa.matmul; nothing, with `reason` set, for other operations and shapes that
/// do not fit together.
std::optional<LinearLayer> describeLinearLayer(Operation *op,
                                               std::string &reason);

} // namespace mlir::lowbit

#endif // LOWBIT_ANALYSIS_LINEARLAYER_H
