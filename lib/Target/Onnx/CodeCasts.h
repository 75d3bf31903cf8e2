//===- CodeCasts.h - casts from and to codes --------------------*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_CODECASTS_H
#define LOWBIT_LIB_TARGET_ONNX_CODECASTS_H

#include "NodeContext.h"

namespace mlir::lowbit::onnximport {

/// Imports a Cast of input 0, which is computed, to ONNX's element type
/// `target`; nothing if neither of the types is one of codes.
std::optional<LogicalResult> castCodes(NodeContext &node, int32_t target);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_CODECASTS_H
