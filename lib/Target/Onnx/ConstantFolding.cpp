//===- ConstantFolding.cpp - computes constants at import ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"

#include "Operators.h"
#include "TosaBuilding.h"

#include "onnx.pb.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using ::onnx::TensorProto;

static std::optional<float> compute(Arithmetic arithmetic, float lhs,
                                    float rhs) {
  switch (arithmetic) {
  case Arithmetic::Add:
    return lhs + rhs;
  case Arithmetic::Sub:
    return lhs - rhs;
  case Arithmetic::Mul:
    return lhs * rhs;
  case Arithmetic::Div:
    // Never asked to trap; an infinity is refused where it is used.
    return rhs == 0.0f ? std::optional<float>() : lhs / rhs;
  }
  llvm_unreachable("all kinds are handled");
}

static std::optional<int64_t> compute(Arithmetic arithmetic, int64_t lhs,
                                      int64_t rhs) {
  int64_t result;
  switch (arithmetic) {
  case Arithmetic::Add:
    if (__builtin_add_overflow(lhs, rhs, &result))
      return std::nullopt;
    return result;
  case Arithmetic::Sub:
    if (__builtin_sub_overflow(lhs, rhs, &result))
      return std::nullopt;
    return result;
  case Arithmetic::Mul:
    if (__builtin_mul_overflow(lhs, rhs, &result))
      return std::nullopt;
    return result;
  case Arithmetic::Div:
    if (rhs == 0 || (rhs == -1 && lhs == std::numeric_limits<int64_t>::min()))
      return std::nullopt;
    return lhs / rhs;
  }
  llvm_unreachable("all kinds are handled");
}

/// For each dimension of `shape` the step between elements of an operand of
/// the shape `operand`, which is broadcast to `shape`.
static SmallVector<int64_t> getBroadcastStrides(ArrayRef<int64_t> operand,
                                                ArrayRef<int64_t> shape) {
  SmallVector<int64_t> padded = padRank(operand, shape.size());
  SmallVector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (int64_t dim = shape.size() - 1; dim >= 0; --dim) {
    strides[dim] = padded[dim] == 1 ? 0 : stride;
    stride *= padded[dim];
  }
  return strides;
}

template <typename Element>
static LogicalResult fold(NodeContext &node, Arithmetic arithmetic,
                          ArrayRef<int64_t> shape, int64_t count,
                          ArrayRef<Element> lhs, ArrayRef<int64_t> lhsStrides,
                          ArrayRef<Element> rhs, ArrayRef<int64_t> rhsStrides) {
  std::vector<Element> elements;
  elements.reserve(count);
  for (int64_t index = 0; index < count; ++index) {
    int64_t left = 0, right = 0, rest = index;
    for (int64_t dim = shape.size() - 1; dim >= 0; --dim) {
      left += rest % shape[dim] * lhsStrides[dim];
      right += rest % shape[dim] * rhsStrides[dim];
      rest /= shape[dim];
    }
    std::optional<Element> element = compute(arithmetic, lhs[left], rhs[right]);
    if (!element)
      return node.refuse("divides by zero or exceeds the range of int64");
    elements.push_back(*element);
  }
  node.setConstant(ConstantTensor::get(shape, std::move(elements)));
  return success();
}

std::optional<int64_t> onnximport::countFolded(NodeContext &node,
                                               ArrayRef<int64_t> shape) {
  std::optional<int64_t> count = countElements(shape);
  if (count && *count <= maxFoldedElements)
    return count;
  (void)node.refuse("computes a constant of the shape " + describeShape(shape) +
                    ", which is too large; fold constants when exporting the "
                    "model");
  return std::nullopt;
}

LogicalResult onnximport::foldArithmetic(NodeContext &node,
                                         Arithmetic arithmetic) {
  std::optional<ConstantTensor> lhs = node.getConstant(0, "operands");
  std::optional<ConstantTensor> rhs = node.getConstant(1, "operands");
  if (!lhs || !rhs)
    return failure();
  if (lhs->isFloat() != rhs->isFloat())
    return node.refuse("mixes a float and an integer operand");
  auto shape = broadcastShapes(node, lhs->getShape(), rhs->getShape());
  if (!shape)
    return failure();
  std::optional<int64_t> count = countFolded(node, *shape);
  if (!count)
    return failure();
  auto lhsStrides = getBroadcastStrides(lhs->getShape(), *shape);
  auto rhsStrides = getBroadcastStrides(rhs->getShape(), *shape);
  if (lhs->isFloat())
    return fold(node, arithmetic, *shape, *count, lhs->getFloats(), lhsStrides,
                rhs->getFloats(), rhsStrides);
  return fold(node, arithmetic, *shape, *count, lhs->getIntegers(), lhsStrides,
              rhs->getIntegers(), rhsStrides);
}

/// A tensor, a number or a list of numbers, in one attribute of several names.
static LogicalResult importConstant(NodeContext &node) {
  std::optional<ConstantTensor> constant;
  if (node.hasAttribute("value")) {
    constant = node.getTensorAttribute("value");
  } else if (node.hasAttribute("value_float")) {
    constant = ConstantTensor::get(
        {}, std::vector<float>{node.getFloat("value_float", 0.0f)});
  } else if (node.hasAttribute("value_int")) {
    constant = ConstantTensor::get(
        {}, std::vector<int64_t>{node.getInt("value_int", 0)});
  } else if (node.hasAttribute("value_floats")) {
    if (auto list = node.getFloats("value_floats"))
      constant =
          ConstantTensor::get({int64_t(list->size())},
                              std::vector<float>(list->begin(), list->end()));
  } else if (node.hasAttribute("value_ints")) {
    SmallVector<int64_t> list = node.getInts("value_ints", {});
    constant = ConstantTensor::get(
        {int64_t(list.size())}, std::vector<int64_t>(list.begin(), list.end()));
  } else {
    return node.refuse("has no value that lowbit reads; expected a dense "
                       "tensor, a number or a list of numbers");
  }
  if (!constant)
    return failure();
  node.setConstant(std::move(*constant));
  return success();
}

/// Converts constants. A computed tensor is float32 and can only stay so.
static LogicalResult importCast(NodeContext &node) {
  int64_t target = node.getInt("to", TensorProto::UNDEFINED);
  node.ignore("saturate");
  if (!node.isConstant(0)) {
    if (target != TensorProto::FLOAT)
      return node.refuse("casts a computed tensor to " +
                         describeElementType(target) +
                         "; lowbit imports computations in float only");
    node.forward(0);
    return success();
  }
  std::optional<ConstantTensor> constant = node.getConstant(0, "an operand");
  if (!constant)
    return failure();
  switch (target) {
  case TensorProto::FLOAT:
  case TensorProto::DOUBLE:
    node.setConstant(constant->asFloats());
    return success();
  case TensorProto::INT64:
  case TensorProto::INT32:
    node.setConstant(constant->asIntegers());
    return success();
  default:
    return node.refuse("casts a constant to " + describeElementType(target) +
                       "; lowbit imports casts to float, double, int32 and "
                       "int64");
  }
}

/// The dimensions of the input as a list, [start, end) of them from opset 15.
static LogicalResult importShape(NodeContext &node) {
  auto shape = node.getShape(0);
  if (!shape)
    return failure();
  int64_t rank = shape->size();
  auto clampPosition = [&](int64_t position) {
    return std::clamp<int64_t>(position < 0 ? position + rank : position, 0,
                               rank);
  };
  int64_t start = clampPosition(node.getInt("start", 0));
  int64_t end = clampPosition(node.getInt("end", rank));
  ArrayRef<int64_t> part =
      ArrayRef(*shape).slice(start, std::max<int64_t>(end - start, 0));
  node.setConstant(ConstantTensor::get(
      {int64_t(part.size())}, std::vector<int64_t>(part.begin(), part.end())));
  return success();
}

/// The slices of `data` along `axis` at `indices`, which are in range.
template <typename Element>
static ConstantTensor gather(ArrayRef<Element> data, ArrayRef<int64_t> shape,
                             int64_t outer, int64_t size, int64_t inner,
                             ArrayRef<int64_t> indices) {
  std::vector<Element> elements;
  for (int64_t block = 0; block < outer; ++block) {
    for (int64_t index : indices) {
      int64_t position = (block * size + index) * inner;
      ArrayRef<Element> slice = data.slice(position, inner);
      elements.insert(elements.end(), slice.begin(), slice.end());
    }
  }
  return ConstantTensor::get(shape, std::move(elements));
}

static LogicalResult importGather(NodeContext &node) {
  std::optional<ConstantTensor> data = node.getConstant(0, "data");
  std::optional<ConstantTensor> indices = node.getConstant(1, "indices");
  if (!data || !indices)
    return failure();
  if (indices->isFloat())
    return node.refuse("has indices that are not integers");
  auto axis = node.getAxis(node.getInt("axis", 0), data->getRank());
  if (!axis)
    return failure();
  ArrayRef<int64_t> dataShape = data->getShape();
  int64_t size = dataShape[*axis];
  SmallVector<int64_t> positions;
  for (int64_t index : indices->getIntegers()) {
    if (index < -size || index >= size)
      return node.refuse("has the index " + Twine(index) +
                         " into a dimension of " + Twine(size));
    positions.push_back(index < 0 ? index + size : index);
  }
  ArrayRef<int64_t> before = dataShape.take_front(*axis);
  ArrayRef<int64_t> after = dataShape.drop_front(*axis + 1);
  SmallVector<int64_t> shape(before);
  llvm::append_range(shape, indices->getShape());
  llvm::append_range(shape, after);
  if (!countFolded(node, shape))
    return failure();
  // A product of some dimensions may exceed that of all, if one of those is 0.
  int64_t outer = data->getNumElements() ? *countElements(before) : 0;
  int64_t inner = data->getNumElements() ? *countElements(after) : 0;
  node.setConstant(
      data->isFloat()
          ? gather(data->getFloats(), shape, outer, size, inner, positions)
          : gather(data->getIntegers(), shape, outer, size, inner, positions));
  return success();
}

void onnximport::addConstantOperators(OperatorTable &table) {
  table.add("Cast", {1, 1}, importCast);
  table.add("Constant", {0, 0}, importConstant);
  table.add("Gather", {2, 2}, importGather);
  table.add("Shape", {1, 1}, importShape);
}
