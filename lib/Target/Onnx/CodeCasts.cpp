//===- CodeCasts.cpp - casts from and to codes ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// To Cast, integers of 2 to 16 bits are numbers like others: those that stand
// for themselves. Numbers outside of their range lose their high bits.
//
//===----------------------------------------------------------------------===//

#include "CodeCasts.h"

#include "CodeBuilding.h"
#include "ElementType.h"

#include "lowbit/IR/Lowbit.h"

#include "onnx.pb.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using ::onnx::TensorProto;

/// The low bits of the whole part of the floats `input` as codes of `type`.
static Value encodePlainly(NodeContext &node, Value input, CodeType type) {
  auto result = cast<RankedTensorType>(input.getType())
                    .clone(getPlainFormat(node.builder.getContext(), type));
  return EncodeOp::create(node.builder, result, input, Rounding::TowardZero,
                          Saturation::Wrap);
}

/// `codes` as integers of the IR's type `element`.
static Value widen(NodeContext &node, Value codes, Type element) {
  quant::QuantizedType format = getCodeFormat(codes);
  auto type = cast<RankedTensorType>(codes.getType());
  Value words = ReinterpretOp::create(node.builder,
                                      type.clone(getWordType(format)), codes);
  if (format.isSigned())
    return arith::ExtSIOp::create(node.builder, type.clone(element), words);
  return arith::ExtUIOp::create(node.builder, type.clone(element), words);
}

/// The low bits of the integers `input` as codes of `type`.
static Value narrow(NodeContext &node, Value input, CodeType type) {
  auto shaped = cast<RankedTensorType>(input.getType());
  quant::QuantizedType format = getPlainFormat(node.builder.getContext(), type);
  Value words = arith::TruncIOp::create(
      node.builder, shaped.clone(getWordType(format)), input);
  return buildReinterpret(node, words, format);
}

std::optional<LogicalResult> onnximport::castCodes(NodeContext &node,
                                                   int32_t target) {
  std::optional<int32_t> source = node.getElementType(0);
  if (!source)
    return failure();
  std::optional<CodeType> from = getCodeType(*source);
  std::optional<CodeType> to = getCodeType(target);
  if (!from && !to)
    return std::nullopt;
  Value input = node.getValue(0);
  if (!input)
    return failure();
  MLIRContext *context = node.builder.getContext();
  if (from)
    input = buildReinterpret(node, input, getPlainFormat(context, *from));

  Type element = to ? Type() : getIRElementType(context, target);
  Value result;
  if (from && to)
    result = encodePlainly(node, buildDecode(node, input), *to);
  else if (from && target == TensorProto::FLOAT)
    result = buildDecode(node, input);
  else if (from && element && !element.isInteger(1))
    result = widen(node, input, element);
  else if (*source == TensorProto::FLOAT)
    result = encodePlainly(node, input, *to);
  else if (to && to->width >= 8 && *source != TensorProto::BOOL)
    result = narrow(node, input, *to);
  else
    return node.refuse(
        "casts a computed tensor of " + describeElementType(*source) + " to " +
        describeElementType(target) + ", which lowbit does not import");
  node.setResult(result);
  return success();
}
