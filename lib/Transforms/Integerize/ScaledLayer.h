//===- ScaledLayer.h - Layers with factors behind them ----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_SCALEDLAYER_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_SCALEDLAYER_H

#include "ChannelFunction.h"
#include "Layer.h"

namespace mlir::lowbit {

double toDouble(APFloat value);

/// A layer, and what factors and terms make of its result: no clamps.
struct ScaledLayer {
  Layer layer;
  SmallVector<Channel> channels;
  SmallVector<ChannelFunction> functions;
  bool isScaled = false;

  double getMagnitude() const;
};

/// Why the layer has no place for its factors and terms; empty if it has.
StringRef explainScaledLayer(const ScaledLayer &scaled);

/// The layer with its factors in the scales of the weights and its terms in the
/// bias, where explainScaledLayer finds place for them.
Value buildScaledLayer(const ScaledLayer &scaled, PatternRewriter &rewriter);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_SCALEDLAYER_H
