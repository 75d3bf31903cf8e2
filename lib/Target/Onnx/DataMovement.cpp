//===- DataMovement.cpp - imports ops that move data ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"
#include "Operators.h"
#include "TosaBuilding.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

static LogicalResult importTranspose(NodeContext &node) {
  auto shape = node.getShape(0);
  if (!shape)
    return failure();
  int64_t rank = shape->size();
  auto backwards = llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(rank)));
  SmallVector<int64_t> permutation = node.getInts("perm", backwards);
  SmallVector<int64_t> sorted(permutation);
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(rank)))
    return node.refuse("has perm = " + describeShape(permutation) +
                       "; expected a permutation of " + Twine(rank) +
                       " dimensions");
  if (node.isConstant(0)) {
    std::optional<ConstantTensor> constant = node.getConstant(0, "data");
    if (!constant)
      return failure();
    node.setConstant(constant->transposed(permutation));
    return success();
  }
  Value result = buildTranspose(node, node.getTypedTensor(0), permutation);
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

/// Joins constants of one kind of elements along `axis`.
template <typename Element, typename GetElements>
static ConstantTensor concatenate(ArrayRef<ConstantTensor> parts, int64_t axis,
                                  ArrayRef<int64_t> shape,
                                  GetElements getElements) {
  std::vector<Element> elements;
  int64_t outer = *countElements(shape.take_front(axis));
  for (int64_t block = 0; block < outer; ++block) {
    for (const ConstantTensor &part : parts) {
      int64_t size = part.getNumElements() / outer;
      ArrayRef<Element> slice = getElements(part).slice(block * size, size);
      elements.insert(elements.end(), slice.begin(), slice.end());
    }
  }
  return ConstantTensor::get(shape, std::move(elements));
}

static LogicalResult foldConcat(NodeContext &node, int64_t axis,
                                ArrayRef<int64_t> shape) {
  SmallVector<ConstantTensor> parts;
  for (unsigned index = 0; index < node.getNumInputs(); ++index) {
    std::optional<ConstantTensor> part = node.getConstant(index, "operands");
    if (!part)
      return failure();
    if (part->isFloat() != (index ? parts.front() : *part).isFloat())
      return node.refuse("mixes float and integer operands");
    parts.push_back(std::move(*part));
  }
  std::optional<int64_t> count = countFolded(node, shape);
  if (!count)
    return failure();
  if (*count == 0) {
    ConstantTensor empty =
        parts.front().isFloat()
            ? ConstantTensor::get(shape, std::vector<float>())
            : ConstantTensor::get(shape, std::vector<int64_t>());
    node.setConstant(std::move(empty));
    return success();
  }
  node.setConstant(parts.front().isFloat()
                       ? concatenate<float>(parts, axis, shape,
                                            [](const ConstantTensor &part) {
                                              return part.getFloats();
                                            })
                       : concatenate<int64_t>(parts, axis, shape,
                                              [](const ConstantTensor &part) {
                                                return part.getIntegers();
                                              }));
  return success();
}

static LogicalResult importConcat(NodeContext &node) {
  SmallVector<SmallVector<int64_t>> shapes;
  for (unsigned index = 0; index < node.getNumInputs(); ++index) {
    if (!node.hasInput(index))
      return node.refuse("leaves out input " + Twine(index));
    auto shape = node.getShape(index);
    if (!shape)
      return failure();
    shapes.push_back(std::move(*shape));
  }
  if (!node.hasAttribute("axis"))
    return node.refuse("has no attribute 'axis'");
  SmallVector<int64_t> shape = shapes.front();
  auto axis = node.getAxis(node.getInt("axis", 0), shape.size());
  if (!axis)
    return failure();
  for (ArrayRef<int64_t> other : ArrayRef(shapes).drop_front()) {
    bool fits = other.size() == shape.size();
    for (size_t dim = 0; fits && dim < shape.size(); ++dim)
      fits = int64_t(dim) == *axis || other[dim] == shape[dim];
    if (!fits)
      return node.refuse("cannot join " + describeShape(shapes.front()) +
                         " and " + describeShape(other) + " along dimension " +
                         Twine(*axis));
    // Each dimension is at most 2^40 and a file has fewer than 2^31 inputs,
    // but a long chain of sums must not wrap before it is refused.
    if (__builtin_add_overflow(shape[*axis], other[*axis], &shape[*axis]))
      return node.refuse("joins too many elements");
  }
  if (node.allConstant())
    return foldConcat(node, *axis, shape);
  SmallVector<Value> parts;
  for (unsigned index = 0; index < node.getNumInputs(); ++index) {
    parts.push_back(node.getTensor(index));
    if (!parts.back())
      return failure();
  }
  RankedTensorType type = node.getType(shape);
  if (!type)
    return failure();
  node.setResult(tosa::ConcatOp::create(node.builder, type, parts,
                                        static_cast<uint32_t>(*axis)));
  return success();
}

/// Amounts, value and axes are attributes before opset 11 and inputs from then
/// on; axes exist from opset 18.
static LogicalResult importPad(NodeContext &node) {
  Value input = node.getTensor(0);
  std::string mode = node.getString("mode", "constant");
  if (mode != "constant")
    return node.refuse("has mode = " + quote(mode) +
                       "; lowbit imports only 'constant'");
  if (!input)
    return failure();
  int64_t rank = rankOf(input);
  std::optional<SmallVector<int64_t>> pads;
  float value = 0.0f;
  auto axes = llvm::to_vector(llvm::seq<int64_t>(rank));
  if (node.getOpset() < 11) {
    pads = node.getInts("pads", {});
    value = node.getFloat("value", 0.0f);
  } else {
    if (!node.hasInput(1))
      return node.refuse("has no amounts to pad by");
    pads = node.getIntegers(1, "amounts to pad by");
    if (node.hasInput(2)) {
      auto given = node.getFloat(2, "a value to pad with");
      if (!given)
        return failure();
      value = *given;
    }
    if (node.hasInput(3)) {
      auto given = node.getIntegers(3, "axes");
      if (!given)
        return failure();
      axes.assign(given->begin(), given->end());
    }
  }
  if (!pads)
    return failure();
  if (pads->size() != 2 * axes.size())
    return node.refuse("has " + Twine(pads->size()) +
                       " amounts to pad by; expected " +
                       Twine(2 * axes.size()));
  if (std::isnan(value))
    return node.refuse("pads with a value that is not a number");
  SmallVector<int64_t> before(rank, 0), after(rank, 0);
  SmallVector<bool> seen(rank, false);
  for (auto [index, axis] : llvm::enumerate(axes)) {
    std::optional<int64_t> dim = node.getAxis(axis, rank);
    if (!dim)
      return failure();
    if (std::exchange(seen[*dim], true))
      return node.refuse("pads dimension " + Twine(*dim) + " twice");
    before[*dim] = (*pads)[index];
    after[*dim] = (*pads)[index + axes.size()];
  }
  Value result = buildPad(node, input, before, after, value);
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

void onnximport::addDataMovementOperators(OperatorTable &table) {
  table.add("Concat", {1, unlimited}, importConcat);
  table.add("Pad", {1, 4}, importPad);
  table.add("Transpose", {1, 1}, importTranspose);
}
