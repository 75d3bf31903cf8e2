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

/// All inputs of the node, which are constants, broadcast to one shape; empty
/// after a refusal.
SmallVector<ConstantTensor> getBroadcastConstants(NodeContext &node);

/// `value` as the integer type `elementType` of ONNX holds it: what does not
/// fit is cut off, as everywhere in ONNX.
int64_t wrap(int64_t value, int32_t elementType);

enum class Arithmetic { Add, Sub, Mul, Div, Min, Max, Pow, Mod, FMod };

/// lhs and rhs combined; nothing where that divides by zero or overflows int64.
/// Floats are rounded to nearest as in float32; integers divide towards zero.
/// Mod has the sign of the divisor, FMod that of the dividend.
std::optional<float> combine(Arithmetic arithmetic, float lhs, float rhs);
std::optional<int64_t> combine(Arithmetic arithmetic, int64_t lhs, int64_t rhs);

/// Computes the node, whose inputs are constants of one type.
LogicalResult foldArithmetic(NodeContext &node, Arithmetic arithmetic);

enum class Comparison { Equal, Less, LessOrEqual, Greater, GreaterOrEqual };

/// The same for a comparison, which makes bools.
LogicalResult foldComparison(NodeContext &node, Comparison comparison);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_CONSTANTFOLDING_H
