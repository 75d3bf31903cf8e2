//===- Window.h - sliding windows of convolutions and pools -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX says where a window slides in several ways, and rounds a division down
// to find out how often; TOSA wants padding and an input of which each window
// uses every element. A Window is one spatial dimension in TOSA's terms:
//
//   padBegin + used + padEnd - ((kernel - 1) * dilation + 1)
//     == (output - 1) * stride
//
// where `used` <= `input` is how many elements of the input any window reaches.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_WINDOW_H
#define LOWBIT_LIB_TARGET_ONNX_WINDOW_H

#include "NodeContext.h"

namespace mlir::lowbit::onnximport {

struct Window {
  int64_t input = 1, kernel = 1, stride = 1, dilation = 1;
  int64_t padBegin = 0, padEnd = 0;
  int64_t used = 1, output = 1;
};

/// The two windows of a 2-D operation: height and width.
struct Windows {
  Window height, width;

  SmallVector<int64_t> getKernel() const;
  SmallVector<int64_t> getStride() const;
  SmallVector<int64_t> getDilation() const;
  /// Top, bottom, left, right.
  SmallVector<int64_t> getPad() const;
};

/// Whether the count of windows is rounded up, where an op can say so.
enum class CeilMode { None, Attribute };

/// Reads strides, dilations and padding of the node for windows of `kernel`
/// over the dimensions `spatial`, one or two of them; a single one is the
/// width. Nothing after a refusal.
///
/// If `explicitPad` is given, it takes the padding that the node states (height
/// begin and end, width begin and end), and the windows slide over the padded
/// input; only what rounding up adds is left as their padding.
std::optional<Windows>
readWindows(NodeContext &node, ArrayRef<int64_t> spatial,
            ArrayRef<int64_t> kernel, CeilMode ceilMode,
            SmallVectorImpl<int64_t> *explicitPad = nullptr);

/// The windows of a transposed convolution, which is a convolution with stride 1
/// over an input with `spacing` - 1 zeros behind each element (height, width).
/// `used` counts the elements of the input as it is, `input` those from the
/// first to the last with the zeros between them. Paddings may be negative.
struct TransposedWindows : Windows {
  SmallVector<int64_t> spacing;
};

/// Reads strides, dilations, padding and output shape of the node for a
/// transposed convolution with `kernel` over the dimensions `spatial`, one or
/// two of them. Nothing after a refusal.
std::optional<TransposedWindows>
readTransposedWindows(NodeContext &node, ArrayRef<int64_t> spatial,
                      ArrayRef<int64_t> kernel);

/// `input` [N, C, (H,) W] as [N, H, W, C], cut to what the windows use.
Value buildWindowInput(NodeContext &node, Value input, const Windows &windows);

/// [N, H, W, C] back to [N, C, (H,) W] of `rank` dimensions.
Value buildWindowResult(NodeContext &node, Value result, int64_t rank);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_WINDOW_H
