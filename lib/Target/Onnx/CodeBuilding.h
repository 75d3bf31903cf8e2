//===- CodeBuilding.h - the codes that importers make -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As in TosaBuilding.h: operations are built at the node's location, null
// operands are passed on, and what would do nothing is not built.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_CODEBUILDING_H
#define LOWBIT_LIB_TARGET_ONNX_CODEBUILDING_H

#include "CodeType.h"
#include "NodeContext.h"

#include "lowbit/IR/Lowbit.h"

namespace mlir::lowbit::onnximport {

/// The format of the codes in `value`; null if it holds anything else.
quant::QuantizedType getCodeFormat(Value value);

/// The format of integers of `type` that stand for themselves.
quant::QuantizedType getPlainFormat(MLIRContext *context, CodeType type);

/// A lowbit.constant of the integers `constant` in `format`; null after a
/// refusal if there are none, or too many.
Value buildCodes(NodeContext &node, const ConstantTensor &constant,
                 Type format);

/// The decode of the integers behind `constant` in the shape `shape`; null,
/// without a refusal, if there are none or if no format says their scales.
Value buildDecodedConstant(NodeContext &node, const ConstantTensor &constant,
                           ArrayRef<int64_t> shape);

/// `input`, codes or plain integers, as codes of `format`, of one word with it.
Value buildReinterpret(NodeContext &node, Value input, Type format);

Value buildDecode(NodeContext &node, Value codes);

/// Saturates.
Value buildEncode(NodeContext &node, Value input, Type format,
                  Rounding rounding = Rounding::NearestEven,
                  Scaling scaling = Scaling::Divide);

/// Counts the thresholds that `input` reaches; without any, takes the nearest
/// number of `format`, of which the greater one at a tie.
Value buildCountingEncode(NodeContext &node, Value input, Type format,
                          ArrayRef<float> thresholds);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_CODEBUILDING_H
