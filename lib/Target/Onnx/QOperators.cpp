//===- QOperators.cpp - imports ops on codes ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX's QLinearConv and QLinearMatMul, and what ONNX Runtime has beside them in
// the domain com.microsoft: an op on real numbers between scales.
//
//===----------------------------------------------------------------------===//

#include "NodeExpansion.h"
#include "Operators.h"

#include "llvm/ADT/APFloat.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using ::onnx::TensorProto;

/// The name of the int32 input `index`, a bias in the scale that is the product
/// of the inputs `lhs` and `rhs`, dequantized; empty if there is none.
static std::optional<std::string> addBias(NodeContext &node,
                                          NodeExpansion &expansion,
                                          unsigned index, unsigned lhs,
                                          unsigned rhs) {
  if (!node.hasInput(index))
    return std::string();
  std::optional<ConstantTensor> left = node.getFloats(lhs, "scales");
  std::optional<ConstantTensor> right = node.getFloats(rhs, "scales");
  if (!left || !right)
    return std::nullopt;
  if (left->getNumElements() != 1 || right->getNumElements() == 0) {
    (void)node.refuse("has scales of the shapes " +
                      describeShape(left->getShape()) + " and " +
                      describeShape(right->getShape()) + " for its bias");
    return std::nullopt;
  }
  std::vector<float> scales;
  for (float scale : right->getFloats())
    scales.push_back(left->getFloats().front() * scale);
  std::string scale = expansion.addConstant(
      ConstantTensor::get(right->getShape(), std::move(scales)));
  return expansion.add("DequantizeLinear", {node.getInputName(index), scale},
                       makeAttribute("axis", 0));
}

/// x, w and y with scales and zero points behind them, and a bias.
static LogicalResult importQLinearConv(NodeContext &node) {
  NodeExpansion expansion(node);
  std::optional<std::string> bias = addBias(node, expansion, 8, 1, 4);
  if (!bias)
    return failure();
  SmallVector<std::string> inputs = {expansion.dequantize(0),
                                     expansion.dequantize(3)};
  if (!bias->empty())
    inputs.push_back(*bias);
  return expansion.quantize(
      expansion.add("Conv", inputs, expansion.takeAttributes()), 6);
}

/// `value` rounded to float16.
static float roundToHalf(float value) {
  llvm::APFloat half(value);
  bool losesInfo;
  half.convert(llvm::APFloat::IEEEhalf(), llvm::APFloat::rmNearestTiesToEven,
               &losesInfo);
  return half.convertToFloat();
}

/// A product with scales in float16 is one with a factor that is computed in
/// float16: lhs has it as its scale, and rhs and the result have 1.
static LogicalResult importHalfMatMul(NodeContext &node) {
  std::optional<float> lhs = node.getFloat(1, "a scale");
  std::optional<float> rhs = node.getFloat(4, "a scale");
  std::optional<float> result = node.getFloat(6, "a scale");
  if (!lhs || !rhs || !result)
    return failure();
  float factor = roundToHalf(roundToHalf(*lhs * *rhs) / *result);
  NodeExpansion expansion(node);
  auto constant = [&](float value) {
    return expansion.addConstant(
        ConstantTensor::get({}, std::vector<float>{value}));
  };
  std::string one = constant(1.0f);
  std::string left =
      expansion.add("DequantizeLinear", {node.getInputName(0), constant(factor),
                                         node.getInputName(2)});
  std::string right = expansion.add(
      "DequantizeLinear", {node.getInputName(3), one, node.getInputName(5)});
  return expansion.finish(
      expansion.add("QuantizeLinear", {expansion.add("MatMul", {left, right}),
                                       one, node.getInputName(7)}));
}

/// a, b and y with scales and zero points; those of b may be one per column.
static LogicalResult importQLinearMatMul(NodeContext &node) {
  std::optional<int32_t> scaleType = node.getElementType(1);
  auto shape = node.getShape(3);
  if (!scaleType || !shape)
    return failure();
  if (*scaleType == TensorProto::FLOAT16)
    return importHalfMatMul(node);
  NodeExpansion expansion(node);
  std::string lhs = expansion.dequantize(0);
  std::string rhs = expansion.dequantize(3, int64_t(shape->size()) - 1);
  return expansion.quantize(expansion.add("MatMul", {lhs, rhs}), 6);
}

/// An op of two operands.
static OperatorImporter importBinary(StringRef opType) {
  return [=](NodeContext &node) -> LogicalResult {
    NodeExpansion expansion(node);
    std::string lhs = expansion.dequantize(0), rhs = expansion.dequantize(3);
    return expansion.quantize(expansion.add(opType, {lhs, rhs}), 6);
  };
}

/// An op of one operand that has the attributes of `opType`.
static OperatorImporter importUnary(StringRef opType) {
  return [=](NodeContext &node) -> LogicalResult {
    NodeExpansion expansion(node);
    std::string input = expansion.dequantize(0);
    return expansion.quantize(
        expansion.add(opType, input, expansion.takeAttributes()), 3);
  };
}

/// Pools with the channels in dimension 1, or last.
static OperatorImporter importPool(StringRef opType) {
  return [=](NodeContext &node) -> LogicalResult {
    bool isLast = node.getInt("channels_last", 0) != 0;
    auto shape = node.getShape(0);
    if (!shape)
      return failure();
    NodeExpansion expansion(node);
    std::string input = expansion.dequantize(0);
    ::onnx::AttributeProto toFirst, toLast;
    for (auto *attribute : {&toFirst, &toLast}) {
      attribute->set_name("perm");
      attribute->set_type(::onnx::AttributeProto::INTS);
      attribute->add_ints(0);
    }
    int64_t rank = shape->size();
    toFirst.add_ints(rank - 1);
    for (int64_t dim = 1; dim + 1 < rank; ++dim)
      toFirst.add_ints(dim);
    for (int64_t dim = 2; dim < rank; ++dim)
      toLast.add_ints(dim);
    toLast.add_ints(1);
    if (isLast)
      input = expansion.add("Transpose", input, toFirst);
    std::string pooled = expansion.add(
        opType, input, expansion.takeAttributes(StringRef("channels_last")));
    if (isLast)
      pooled = expansion.add("Transpose", pooled, toLast);
    return expansion.quantize(pooled, 3);
  };
}

/// The result's scale and zero point, then each operand with its own.
static LogicalResult importQLinearConcat(NodeContext &node) {
  if (node.getNumInputs() % 3 != 2)
    return node.refuse("has " + Twine(node.getNumInputs()) +
                       " inputs; expected a scale and a zero point, and three "
                       "for each operand");
  NodeExpansion expansion(node);
  SmallVector<std::string> operands;
  for (unsigned index = 2; index < node.getNumInputs(); index += 3) {
    if (!node.hasInput(index) || !node.hasInput(index + 1))
      return node.refuse("leaves out input " + Twine(index));
    operands.push_back(expansion.dequantize(index));
  }
  return expansion.quantize(
      expansion.add("Concat", operands, expansion.takeAttributes()), 0);
}

/// Softmax along one dimension. Before opset 13 it is one of several, which is
/// the same along the last.
static LogicalResult importQLinearSoftmax(NodeContext &node) {
  auto shape = node.getShape(0);
  if (!shape)
    return failure();
  int64_t opset = node.getInt("opset", 13);
  auto axis = node.getAxis(node.getInt("axis", -1), shape->size());
  if (!axis)
    return failure();
  if (opset < 13 && *axis + 1 != int64_t(shape->size()))
    return node.refuse("is the Softmax of opset " + Twine(opset) +
                       " along dimension " + Twine(*axis) +
                       "; lowbit imports it along the last one");
  NodeExpansion expansion(node);
  std::string input = expansion.dequantize(0);
  return expansion.quantize(
      expansion.add("Softmax", input, makeAttribute("axis", *axis)), 3);
}

/// a, b with scales and zero points, c, and y's, without which y is float.
static LogicalResult importQGemm(NodeContext &node) {
  int64_t axis = node.getInt("transB", 0) ? 0 : 1;
  if (node.getFloat("alpha", 1.0f) != 1.0f)
    return node.refuse("has an alpha that is not 1");
  NodeExpansion expansion(node);
  std::optional<std::string> bias = addBias(node, expansion, 6, 1, 4);
  if (!bias)
    return failure();
  SmallVector<std::string> inputs = {expansion.dequantize(0),
                                     expansion.dequantize(3, axis)};
  if (!bias->empty())
    inputs.push_back(*bias);
  std::string product =
      expansion.add("Gemm", inputs, expansion.takeAttributes());
  return node.hasInput(7) ? expansion.quantize(product, 7)
                          : expansion.finish(product);
}

void onnximport::addQOperators(OperatorTable &table) {
  table.add("QLinearConv", {8, 9}, importQLinearConv);
  table.add("QLinearMatMul", {8, 8}, importQLinearMatMul);
  auto add = [&](StringRef name, Arity inputs, OperatorImporter import) {
    table.add(name, inputs, std::move(import), "com.microsoft");
  };
  add("QGemm", {6, 9}, importQGemm);
  add("QLinearAdd", {7, 8}, importBinary("Add"));
  add("QLinearAveragePool", {4, 5}, importPool("AveragePool"));
  add("QLinearConcat", {3, unlimited}, importQLinearConcat);
  add("QLinearGlobalAveragePool", {5, 5}, importPool("GlobalAveragePool"));
  add("QLinearLeakyRelu", {4, 5}, importUnary("LeakyRelu"));
  add("QLinearMul", {7, 8}, importBinary("Mul"));
  add("QLinearSigmoid", {4, 5}, importUnary("Sigmoid"));
  add("QLinearSoftmax", {4, 5}, importQLinearSoftmax);
}
