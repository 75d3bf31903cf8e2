//===- IntegerProducts.cpp - imports products of integers ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MatMulInteger and ConvInteger give the sums themselves, as int32: products of
// codes of scale 1, encoded in 32 bits with the scale 1. A layer with constant
// weights is absorbed in integers like any other and is exact. A zero point of
// its input that is computed, as dynamic quantization has it, is taken off the
// sums: times what the weights add up to at each position.
//
// In float, sums are exact up to 2^24; where more could arise and nothing can
// be absorbed, the node is refused.
//
//===----------------------------------------------------------------------===//

#include "CodeBuilding.h"
#include "ConstantFolding.h"
#include "NodeExpansion.h"
#include "Operators.h"

#include "lowbit/IR/Lowbit.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using ::onnx::TensorProto;

namespace {

/// The op `opType` on the inputs 0 and 1, with zero points in 2 and 3.
class IntegerProduct {
public:
  /// `axis` is that of the zero points of input 1.
  IntegerProduct(NodeContext &node, StringRef opType, int64_t axis)
      : node(node), opType(opType), axis(axis), expansion(node),
        attributes(expansion.takeAttributes()) {}

  /// `depth` products make a sum; `ones` is the shape of an input of one row or
  /// sample.
  LogicalResult import(int64_t depth, ArrayRef<int64_t> ones);

private:
  bool isKnown(unsigned index) const {
    return !node.hasInput(index) || node.isConstant(index);
  }
  /// `value`, integers, as real numbers: less `zero`, if that has a name.
  std::string getReal(const std::string &value, const std::string &zero,
                      int64_t count, int64_t axis);
  /// The sums of products of `lhs` and input 1, as int32.
  std::string getSums(const std::string &lhs);

  NodeContext &node;
  StringRef opType;
  int64_t axis;
  NodeExpansion expansion;
  SmallVector<::onnx::AttributeProto> attributes;
  int64_t numZeros = 1;
};

} // namespace

std::string IntegerProduct::getReal(const std::string &value,
                                    const std::string &zero, int64_t count,
                                    int64_t axis) {
  SmallVector<int64_t> shape;
  if (count > 1)
    shape.push_back(count);
  std::string one = expansion.addConstant(
      ConstantTensor::get(shape, std::vector<float>(count, 1.0f)));
  return expansion.add("DequantizeLinear", {value, one, zero},
                       makeAttribute("axis", axis));
}

std::string IntegerProduct::getSums(const std::string &lhs) {
  std::string rhs =
      getReal(node.getInputName(1), node.getInputName(3), numZeros, axis);
  Value real =
      expansion.getValue(expansion.add(opType, {lhs, rhs}, attributes));
  if (!real)
    return "";
  Value codes = buildEncode(
      node, real,
      getPlainFormat(node.builder.getContext(), CodeType{true, 32}));
  auto type = cast<RankedTensorType>(codes.getType());
  return expansion.addValue(ReinterpretOp::create(
      node.builder, type.clone(node.builder.getI32Type()), codes));
}

LogicalResult IntegerProduct::import(int64_t depth, ArrayRef<int64_t> ones) {
  for (unsigned index : {2, 3}) {
    if (!node.hasInput(index))
      continue;
    auto shape = node.getShape(index);
    if (!shape)
      return failure();
    int64_t count = *countElements(*shape);
    if (index == 2 && count != 1)
      return node.refuse("has " + Twine(count) +
                         " zero points for its first input; expected one");
    if (count < 1 || count > maxFoldedElements)
      return node.refuse("has " + Twine(count) +
                         " zero points for its second input; expected at "
                         "least one and at most 2^24");
    numZeros = index == 3 ? count : 1;
  }
  // |code - zero point| <= 255 on both sides.
  constexpr int64_t exactDepth = (int64_t(1) << 24) / (255 * 255);
  bool isLayer = node.isConstant(1) && isKnown(3);
  if (!isLayer && depth > exactDepth)
    return node.refuse("adds up " + Twine(depth) +
                       " products of computed integers; lowbit imports up to " +
                       Twine(exactDepth));
  std::string zero = node.getInputName(2);
  if (isKnown(2) || !isLayer)
    return expansion.finish(getSums(getReal(node.getInputName(0), zero, 1, 0)));

  std::string sums = getSums(getReal(node.getInputName(0), "", 1, 0));
  std::optional<int64_t> numOnes = countFolded(node, ones);
  if (!numOnes)
    return failure();
  std::vector<int64_t> elements(*numOnes, 1);
  std::string units =
      expansion.addConstant(ConstantTensor::get(ones, std::move(elements))
                                .withElementType(TensorProto::UINT8));
  std::string weights = getSums(getReal(units, "", 1, 0));
  std::string wide =
      expansion.add("Cast", zero, makeAttribute("to", TensorProto::INT32));
  return expansion.finish(
      expansion.add("Sub", {sums, expansion.add("Mul", {wide, weights})}));
}

static LogicalResult importMatMulInteger(NodeContext &node) {
  auto lhs = node.getShape(0), rhs = node.getShape(1);
  if (!lhs || !rhs)
    return failure();
  if (lhs->empty() || rhs->empty())
    return node.refuse("multiplies by a scalar");
  return IntegerProduct(node, "MatMul", int64_t(rhs->size()) - 1)
      .import(lhs->back(), {1, lhs->back()});
}

static LogicalResult importConvInteger(NodeContext &node) {
  auto shape = node.getShape(0), weights = node.getShape(1);
  if (!shape || !weights)
    return failure();
  if (shape->size() < 3 || weights->size() != shape->size())
    return node.refuse("has an input of the shape " + describeShape(*shape) +
                       " and weights of " + describeShape(*weights) +
                       "; expected at least 3 dimensions, and as many");
  shape->front() = 1;
  std::optional<int64_t> count = countFolded(node, *shape);
  if (!count)
    return failure();
  return IntegerProduct(node, "Conv", 0)
      .import(*countElements(ArrayRef<int64_t>(*weights).drop_front()), *shape);
}

void onnximport::addIntegerProductOperators(OperatorTable &table) {
  table.add("ConvInteger", {2, 4}, importConvInteger);
  table.add("MatMulInteger", {2, 4}, importMatMulInteger);
}
