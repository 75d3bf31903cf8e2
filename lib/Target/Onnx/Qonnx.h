//===- Qonnx.h - imports the quantizers of QONNX -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// QONNX writes a quantizer as one node from float to float. The definition of
// its operators is the code of the Python package qonnx, whose results these
// importers give: see docs/Rationale/QuantizedModels.md.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_QONNX_H
#define LOWBIT_LIB_TARGET_ONNX_QONNX_H

#include "CodeType.h"
#include "NodeContext.h"

namespace mlir::lowbit::onnximport {

/// Sets the result of a node from float to float: `fold` computes it if input 0
/// is known, `build` if not.
LogicalResult
importQuantizer(NodeContext &node,
                llvm::function_ref<ConstantTensor(const ConstantTensor &)> fold,
                llvm::function_ref<Value(Value)> build);

/// The type of codes that input `bits` and the attributes `signed` and `narrow`
/// say; nothing after a refusal, as if there is but one code. To IntQuant, 1 bit
/// with a sign is +1 or -1.
std::optional<CodeType> readQonnxCodeType(NodeContext &node, unsigned bits,
                                          bool bitIsSign = false);

LogicalResult importFloatQuant(NodeContext &node);
LogicalResult importTrunc(NodeContext &node);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_QONNX_H
