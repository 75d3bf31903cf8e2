//===- Qonnx.cpp - imports the quantizers of QONNX ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// QONNX writes a quantizer as one node from float to float. Its definition is
// the code of the package qonnx, which this file follows to the bit: see
// docs/Rationale/QuantizedModels.md.
//
//===----------------------------------------------------------------------===//

#include "Qonnx.h"

#include "Operators.h"
#include "QonnxGrid.h"
#include "QonnxSigns.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

LogicalResult onnximport::importQuantizer(
    NodeContext &node,
    llvm::function_ref<ConstantTensor(const ConstantTensor &)> fold,
    llvm::function_ref<Value(Value)> build) {
  if (node.isConstant(0)) {
    std::optional<ConstantTensor> input = node.getFloats(0, "its input");
    if (!input)
      return failure();
    node.setConstant(fold(*input));
    return success();
  }
  Value input = node.getTensor(0);
  Value result = input ? build(input) : nullptr;
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

std::optional<CodeType> onnximport::readQonnxCodeType(NodeContext &node,
                                                      unsigned bits,
                                                      bool bitIsSign) {
  bool isSigned = node.getInt("signed", 1), isNarrow = node.getInt("narrow", 0);
  auto width = readWholeNumber(node, bits, "a bit width", 1, 16);
  if (!width)
    return std::nullopt;
  CodeType type{isSigned, static_cast<unsigned>(*width), isNarrow};
  if (type.getMin() < type.getMax() || (bitIsSign && isSigned))
    return type;
  (void)node.refuse("has a narrow range of 1 bit, in which there is no code "
                    "but 0");
  return std::nullopt;
}

static LogicalResult importBipolarQuant(NodeContext &node) {
  auto shape = node.getShape(0);
  if (!shape)
    return failure();
  auto scale = BroadcastNumbers::readScales(node, 1, "a scale", *shape);
  if (!scale)
    return failure();
  QonnxSigns signs{*scale, std::nullopt};
  return importQuantizer(
      node, [&](const ConstantTensor &input) { return signs.quantize(input); },
      [&](Value input) { return signs.build(node, input); });
}

static LogicalResult importIntQuant(NodeContext &node) {
  auto shape = node.getShape(0);
  auto type = readQonnxCodeType(node, 3, /*bitIsSign=*/true);
  std::optional<Rounding> rounding = readRounding(node, "ROUND");
  if (!shape || !type || !rounding)
    return failure();
  auto scale = BroadcastNumbers::readScales(node, 1, "a scale", *shape);
  auto zero = BroadcastNumbers::read(node, 2, "a zero point", *shape);
  if (!scale || !zero)
    return failure();
  if (type->isSigned && type->width == 1) {
    QonnxSigns signs{*scale, *zero};
    return importQuantizer(
        node,
        [&](const ConstantTensor &input) { return signs.quantize(input); },
        [&](Value input) { return signs.build(node, input); });
  }
  QonnxGrid grid{*type, *scale, *zero};
  return importQuantizer(
      node,
      [&](const ConstantTensor &input) {
        return grid.quantize(input, *rounding);
      },
      [&](Value input) { return grid.build(node, input, *rounding); });
}

void onnximport::addQonnxOperators(OperatorTable &table) {
  for (StringRef domain :
       {"finn.custom_op.general", "onnx.brevitas", "qonnx.custom_op.general"}) {
    table.add("BipolarQuant", {2, 2}, importBipolarQuant, domain);
    table.add("FloatQuant", {5, 6}, importFloatQuant, domain);
    table.add("IntQuant", {4, 4}, importIntQuant, domain);
    table.add("Quant", {4, 4}, importIntQuant, domain); // IntQuant's old name
    table.add("Trunc", {5, 6}, importTrunc, domain);
  }
}
