//===- FloatWeights.h - Weights that may become codes -----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_ACCURACY_FLOATWEIGHTS_H
#define LOWBIT_LIB_TRANSFORMS_ACCURACY_FLOATWEIGHTS_H

#include "lowbit/IR/Lowbit.h"

#include <optional>

namespace mlir::lowbit {

/// The constant f32 weights of a layer.
struct FloatWeights {
  Operation *layer;
  SmallVector<float> values;
  RankedTensorType type;
  /// The dimension along which output channels lie, where it is one.
  std::optional<int64_t> axis;

  /// Those of the multiply-accumulate `layer`; nothing if they are not constant
  /// numbers of f32.
  static std::optional<FloatWeights> read(Operation *layer);

  /// Makes the layer's weights the decode of `codes`, of type `coded`, with
  /// `parameters` beside them.
  void replaceByCodes(RankedTensorType coded, ArrayRef<int64_t> codes,
                      ArrayRef<ElementsAttr> parameters) const;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_ACCURACY_FLOATWEIGHTS_H
