//===- ConstantFolding.h - computes constants at import -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exporters leave arithmetic on shapes in the graph. All shapes are static
// here, so that arithmetic has constant operands and is done at import.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_CONSTANTFOLDING_H
#define LOWBIT_LIB_TARGET_ONNX_CONSTANTFOLDING_H

#include "NodeContext.h"

namespace mlir::lowbit::onnximport {

/// The number of elements of a constant of `shape` that the node computes;
/// nothing after a refusal if there are too many.
std::optional<int64_t> countFolded(NodeContext &node, ArrayRef<int64_t> shape);

enum class Arithmetic { Add, Sub, Mul, Div };

/// Computes the node, whose two inputs are constants. Floats are rounded to
/// nearest as in float32; integers divide towards zero and must not overflow.
LogicalResult foldArithmetic(NodeContext &node, Arithmetic arithmetic);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_CONSTANTFOLDING_H
