//===- QuantizeParameters.cpp - scales and zero points of a node ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "QuantizeParameters.h"

#include "CodeBuilding.h"
#include "ElementType.h"
#include "TosaBuilding.h"

#include "onnx.pb.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using ::onnx::TensorProto;

std::optional<QuantizeParameters>
QuantizeParameters::read(NodeContext &node, ArrayRef<int64_t> shape) {
  QuantizeParameters result;
  result.shape.assign(shape.begin(), shape.end());
  int64_t axis = node.getInt("axis", 1);
  int64_t blockSize = node.getInt("block_size", 0);
  auto scaleShape = node.getShape(1);
  if (!scaleShape)
    return std::nullopt;
  std::optional<int32_t> scaleType = node.getElementType(1);
  if (!scaleType)
    return std::nullopt;
  if (*scaleType != TensorProto::FLOAT) {
    (void)node.refuse("has scales of type " + describeElementType(*scaleType) +
                      "; lowbit computes in float");
    return std::nullopt;
  }
  std::optional<int64_t> count = countElements(*scaleShape);
  if (!count || *count == 0) {
    (void)node.refuse("has no scale");
    return std::nullopt;
  }
  if (*count > 1) {
    std::optional<int64_t> dim = node.getAxis(axis, shape.size());
    if (!dim)
      return std::nullopt;
    result.axis = *dim;
    SmallVector<int64_t> expected = {shape[*dim]};
    if (blockSize > 0) {
      result.blockSize = blockSize;
      expected.assign(shape.begin(), shape.end());
      expected[*dim] = (shape[*dim] - 1) / blockSize + 1;
    }
    if (*scaleShape != ArrayRef<int64_t>(expected)) {
      (void)node.refuse("has scales of the shape " +
                        describeShape(*scaleShape) + " for an input of " +
                        describeShape(shape) + "; expected one, or " +
                        describeShape(expected));
      return std::nullopt;
    }
  }
  if (node.hasInput(2)) {
    auto zeroShape = node.getShape(2);
    if (!zeroShape)
      return std::nullopt;
    std::optional<int64_t> zeroCount = countElements(*zeroShape);
    if (zeroCount != *count && zeroCount != 1) {
      (void)node.refuse("has zero points of the shape " +
                        describeShape(*zeroShape) + " for scales of " +
                        describeShape(*scaleShape));
      return std::nullopt;
    }
  }
  if (!node.isConstant(1) || (node.hasInput(2) && !node.isConstant(2)))
    return result;

  result.scales = node.getFloats(1, "scales");
  if (!result.scales)
    return std::nullopt;
  if (node.hasInput(2)) {
    result.zeroPoints = node.getConstant(2, "zero points");
    if (!result.zeroPoints)
      return std::nullopt;
    // Those of narrow floats are zero, says the standard.
    if (result.zeroPoints->isFloat() &&
        llvm::any_of(result.zeroPoints->getFloats(),
                     [](float value) { return value != 0; })) {
      (void)node.refuse("has a zero point that is a narrow float and not 0");
      return std::nullopt;
    }
    if (result.zeroPoints->isFloat())
      result.zeroPoints.reset();
  }
  return result;
}

int64_t QuantizeParameters::getZeroPoint(int64_t index) const {
  if (!zeroPoints)
    return 0;
  bool isOne = zeroPoints->getNumElements() == 1;
  return zeroPoints->getIntegers()[isOne ? 0 : index];
}

std::pair<float, int64_t> QuantizeParameters::get(int64_t position) const {
  int64_t index = 0;
  if (axis >= 0) {
    int64_t inner = *countElements(ArrayRef(shape).drop_front(axis + 1));
    int64_t along = position / inner % shape[axis];
    if (blockSize) {
      int64_t blocks = (shape[axis] - 1) / blockSize + 1;
      int64_t outer = position / inner / shape[axis];
      index = (outer * blocks + along / blockSize) * inner + position % inner;
    } else {
      index = along;
    }
  }
  return {scales->getFloats()[index], getZeroPoint(index)};
}

std::optional<Quantization> QuantizeParameters::getQuantization() const {
  if (!scales || blockSize)
    return std::nullopt;
  Quantization result;
  result.axis = axis;
  llvm::append_range(result.scales, scales->getFloats());
  for (size_t index = 0; index < result.scales.size(); ++index)
    result.zeroPoints.push_back(getZeroPoint(index));
  if (!result.isFormat())
    return std::nullopt;
  return result;
}

std::optional<Quantization> QuantizeParameters::getBlocks() const {
  if (!scales || !blockSize)
    return std::nullopt;
  Quantization result;
  result.axis = axis;
  result.group = blockSize;
  llvm::append_range(result.scales, scales->getFloats());
  for (size_t index = 0; index < result.scales.size(); ++index)
    result.zeroPoints.push_back(getZeroPoint(index));
  if (!result.isFormat())
    return std::nullopt;
  return result;
}

/// `value`, one element for each scale, for broadcasting.
Value QuantizeParameters::spread(NodeContext &node, Value value) const {
  SmallVector<int64_t> sizes(shape.size(), 1);
  bool isOne =
      value && cast<RankedTensorType>(value.getType()).getNumElements() == 1;
  if (axis < 0 || !blockSize || isOne) {
    if (axis >= 0 && !isOne)
      sizes[axis] = shape[axis];
    return buildReshape(node, value, sizes);
  }
  // [..., blocks, ...] -> [..., blocks, 1, ...] -> [..., blocks, size, ...],
  // of which the last block may be cut.
  if (!value)
    return nullptr;
  SmallVector<int64_t> inserted(shapeOf(value));
  inserted.insert(inserted.begin() + axis + 1, 1);
  SmallVector<int64_t> repeated = inserted;
  repeated[axis + 1] = blockSize;
  SmallVector<int64_t> joined(shapeOf(value));
  joined[axis] *= blockSize;
  value = buildReshape(node, value, inserted);
  value = buildBroadcast(node, value, repeated);
  value = buildReshape(node, value, joined);
  return buildLeadingSlice(node, value, shape);
}

Value QuantizeParameters::buildScale(NodeContext &node) const {
  return spread(node, node.getTensor(1));
}

Value QuantizeParameters::buildZeroPoint(NodeContext &node) const {
  Value codes = node.getCodes(2);
  if (!codes)
    return nullptr;
  codes = buildReinterpret(node, codes,
                           getPlainFormat(node.builder.getContext(),
                                          getCodeType(getCodeFormat(codes))));
  return spread(node, buildDecode(node, codes));
}
