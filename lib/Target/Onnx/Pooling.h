//===- Pooling.h - pools that other importers make -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_POOLING_H
#define LOWBIT_LIB_TARGET_ONNX_POOLING_H

#include "Window.h"

namespace mlir::lowbit::onnximport {

/// The mean of each channel of `input` [N, C, (H,) W], as [N, C, (1,) 1]; null
/// after a refusal.
Value buildGlobalAveragePool(NodeContext &node, Value input);

/// What a pool of TOSA cannot do, position by position of the window.
enum class SlidingPool { Average, Max, Sum };

/// Pools `input` [N, C, (H,) W] over `windows` of any dilation and padding:
/// shifted slices of the padded input are combined, first along the height,
/// then along the width. A position of the padding counts for no average.
Value buildSlidingPool(NodeContext &node, SlidingPool pool, Value input,
                       const Windows &windows);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_POOLING_H
