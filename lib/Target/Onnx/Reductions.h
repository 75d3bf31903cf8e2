//===- Reductions.h - norms and means for other importers -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_REDUCTIONS_H
#define LOWBIT_LIB_TARGET_ONNX_REDUCTIONS_H

#include "NodeContext.h"

namespace mlir::lowbit::onnximport {

/// (sum |x|^order)^(1 / order) for an order of at least 1, where `sum` adds up
/// the powers of the elements. Null after a refusal.
Value buildNorm(NodeContext &node, Value input, int64_t order,
                llvm::function_ref<Value(Value)> sum);

/// The mean of `input` along `axes`, which get size 1. Null after a refusal.
Value buildMean(NodeContext &node, Value input, ArrayRef<int64_t> axes);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_REDUCTIONS_H
