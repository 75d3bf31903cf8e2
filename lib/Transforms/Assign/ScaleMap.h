//===- ScaleMap.h - The scale map of XNOR-Net -------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_ASSIGN_SCALEMAP_H
#define LOWBIT_LIB_TRANSFORMS_ASSIGN_SCALEMAP_H

#include "lowbit/IR/Lowbit.h"

namespace mlir::lowbit {

/// What float glue says that makes a scale map, or multiplies by it.
inline constexpr llvm::StringLiteral kScaleMapReason = "it makes a scale map";

/// Multiplies what each layer makes of the signs of `op` by the mean magnitude of
/// the numbers in its window, before the layer's bias. Fails with a diagnostic where
/// a layer has no such map.
LogicalResult addScaleMaps(ObserveOp op);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_ASSIGN_SCALEMAP_H
