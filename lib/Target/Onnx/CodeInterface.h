//===- CodeInterface.h - codes as arguments and results ---------*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program takes and gives codes in whole bytes, with one scale and zero point
// that its description states.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_CODEINTERFACE_H
#define LOWBIT_LIB_TARGET_ONNX_CODEINTERFACE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit::onnximport {

/// The type of an argument for a graph's input of `type`.
RankedTensorType getArgumentType(RankedTensorType type);

/// The input of `type` in `argument`. Bytes that are no codes saturate.
Value readArgument(ImplicitLocOpBuilder &builder, Value argument,
                   RankedTensorType type);

/// A graph's output as a result of the function.
Value makeResult(ImplicitLocOpBuilder &builder, Value output);

/// Gives arguments the format that all of their uses read them in.
void adoptArgumentFormats(func::FuncOp function);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_CODEINTERFACE_H
