//===- ConvolutionBuilding.h - layers of any number of groups -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_CONVOLUTIONBUILDING_H
#define LOWBIT_LIB_TARGET_ONNX_CONVOLUTIONBUILDING_H

#include "Window.h"

namespace mlir::lowbit::onnximport {

/// Weights on their way into a layer. Constants are moved at import, computed
/// ones by the program.
class Weights {
public:
  /// Input `index` of the node; nothing after a refusal.
  static std::optional<Weights> read(NodeContext &node, unsigned index);

  ArrayRef<int64_t> getShape() const { return shape; }

  /// True for the codes of a quantized model with a scale for each channel.
  bool hasScalesAlongAxis() const;

  /// The same elements in `newShape`, of as many elements. These return false
  /// after a refusal.
  bool reshape(NodeContext &node, ArrayRef<int64_t> newShape);
  /// Dimension i becomes dimension `permutation`[i] of what was.
  bool transpose(NodeContext &node, ArrayRef<int64_t> permutation);
  /// Turns the order of elements round in the last `count` dimensions.
  bool reverse(NodeContext &node, int64_t count);

  /// The tensor, transposed and then cut to `newShape`; null after a refusal.
  Value build(NodeContext &node, ArrayRef<int64_t> permutation,
              ArrayRef<int64_t> newShape) const;

private:
  std::optional<ConstantTensor> constant;
  Value computed;
  SmallVector<int64_t> shape;
};

/// The bias of `channels` elements that input `index` is; zeros if it is left
/// out. Null after a refusal.
Value getBias(NodeContext &node, unsigned index, int64_t channels);

/// The convolution of `image` [N, H, W, I], cut to what the windows use, with
/// `weights` [O, I / groups, KH, KW] and `bias` [O]; null after a refusal.
Value buildConvolution(NodeContext &node, Value image, const Weights &weights,
                       Value bias, int64_t groups, const Windows &windows);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_CONVOLUTIONBUILDING_H
