//===- Movement.cpp - moves the elements of any tensor ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Movement.h"

#include "ConstantFolding.h"
#include "TosaBuilding.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

SmallVector<int64_t> onnximport::rangeTo(int64_t end) {
  return llvm::to_vector(llvm::seq<int64_t>(end));
}

LogicalResult onnximport::expectListable(NodeContext &node, int64_t size) {
  if (size <= maxFoldedElements)
    return success();
  return node.refuse("takes parts of a dimension of " + Twine(size) +
                     "; expected at most 2^24");
}

Movable Movable::get(NodeContext &node, unsigned index) {
  if (!node.isConstant(index))
    return node.getTypedTensor(index);
  std::optional<ConstantTensor> constant = node.getConstant(index, "data");
  return constant ? Movable(std::move(*constant)) : Movable();
}

ArrayRef<int64_t> Movable::getShape() const {
  return constant ? constant->getShape() : shapeOf(value);
}

LogicalResult Movable::setResult(NodeContext &node, unsigned index) const {
  if (!*this)
    return failure();
  if (constant)
    node.setConstant(*constant, index);
  else
    node.setResult(value, index);
  return success();
}

Movable onnximport::reshape(NodeContext &node, const Movable &data,
                            ArrayRef<int64_t> shape) {
  if (!data)
    return {};
  if (!data.isConstant())
    return buildReshape(node, data.getValue(), shape);
  if (countElements(shape) == data.getConstant().getNumElements())
    return data.getConstant().reshaped(shape);
  (void)node.refuse("cannot reshape " + describeShape(data.getShape()) +
                    " to " + describeShape(shape) +
                    ", which has another number of elements");
  return {};
}

Movable onnximport::transpose(NodeContext &node, const Movable &data,
                              ArrayRef<int64_t> permutation) {
  if (!data)
    return {};
  if (!data.isConstant())
    return buildTranspose(node, data.getValue(), permutation);
  return data.getConstant().transposed(permutation);
}

/// The slices of `data`, [outer, size, inner], at `indices` of the dimension in
/// the middle.
template <typename Element>
static std::vector<Element> takeSlices(ArrayRef<Element> data, int64_t outer,
                                       int64_t size, int64_t inner,
                                       ArrayRef<int64_t> indices) {
  std::vector<Element> elements;
  elements.reserve(outer * indices.size() * inner);
  for (int64_t block = 0; block < outer; ++block) {
    for (int64_t index : indices) {
      ArrayRef<Element> slice =
          data.slice((block * size + index) * inner, inner);
      elements.insert(elements.end(), slice.begin(), slice.end());
    }
  }
  return elements;
}

/// The same for a constant along `axis`; `shape` is that of the result.
static ConstantTensor takeConstant(const ConstantTensor &data, int64_t axis,
                                   ArrayRef<int64_t> indices,
                                   ArrayRef<int64_t> shape) {
  ArrayRef<int64_t> from = data.getShape();
  // A product of some dimensions may exceed that of all, if one of those is 0.
  bool isEmpty = data.getNumElements() == 0;
  int64_t outer = isEmpty ? 0 : *countElements(from.take_front(axis));
  int64_t inner = isEmpty ? 0 : *countElements(from.drop_front(axis + 1));
  auto taken = [&](auto elements) {
    return ConstantTensor::get(
        shape, takeSlices(elements, outer, from[axis], inner, indices));
  };
  ConstantTensor result =
      data.isFloat() ? taken(data.getFloats()) : taken(data.getIntegers());
  result.setName(data.getName());
  return result.withElementType(data.getElementType());
}

Movable onnximport::take(NodeContext &node, const Movable &data, int64_t axis,
                         ArrayRef<int64_t> indices) {
  if (!data)
    return {};
  if (!data.isConstant())
    return buildTake(node, data.getValue(), axis, indices);
  SmallVector<int64_t> shape(data.getShape());
  shape[axis] = indices.size();
  if (!countFolded(node, shape))
    return {};
  return takeConstant(data.getConstant(), axis, indices, shape);
}

/// A constant without elements, of the type that `like` has.
static ConstantTensor makeEmpty(const ConstantTensor &like,
                                ArrayRef<int64_t> shape) {
  ConstantTensor empty =
      like.isFloat() ? ConstantTensor::get(shape, std::vector<float>())
                     : ConstantTensor::get(shape, std::vector<int64_t>());
  return empty.withElementType(like.getElementType());
}

/// `shape` with each dimension repeated, or nothing if that is too much.
static std::optional<SmallVector<int64_t>>
multiply(ArrayRef<int64_t> shape, ArrayRef<int64_t> multiples) {
  SmallVector<int64_t> result(shape);
  for (auto [dim, multiple] : llvm::zip_equal(result, multiples))
    if (multiple < 0 || __builtin_mul_overflow(dim, multiple, &dim) ||
        dim > maxElements)
      return std::nullopt;
  return result;
}

Movable onnximport::tile(NodeContext &node, const Movable &data,
                         ArrayRef<int64_t> multiples) {
  if (!data)
    return {};
  auto shape = multiply(data.getShape(), multiples);
  if (!shape) {
    (void)node.refuse("repeats " + describeShape(data.getShape()) + " by " +
                      describeShape(multiples) +
                      "; expected numbers of at least 0 and at most 2^40 "
                      "elements");
    return {};
  }
  if (!data.isConstant())
    return buildTile(node, data.getValue(), multiples);
  std::optional<int64_t> count = countFolded(node, *shape);
  if (!count)
    return {};
  // The other dimensions of an empty constant may be of any size.
  if (*count == 0)
    return makeEmpty(data.getConstant(), *shape);
  Movable result = data;
  for (auto [axis, multiple] : llvm::enumerate(multiples)) {
    if (multiple == 1 || !result)
      continue;
    SmallVector<int64_t> indices;
    for (int64_t repetition = 0; repetition < multiple; ++repetition)
      llvm::append_range(indices, rangeTo(data.getShape()[axis]));
    result = take(node, result, axis, indices);
  }
  return result;
}

Movable onnximport::broadcast(NodeContext &node, const Movable &data,
                              ArrayRef<int64_t> shape) {
  if (!data)
    return {};
  SmallVector<int64_t> padded = padRank(data.getShape(), shape.size());
  SmallVector<int64_t> multiples;
  for (auto [from, to] : llvm::zip_equal(padded, shape)) {
    assert((from == to || from == 1) && "expects a shape to broadcast to");
    multiples.push_back(from == to ? 1 : to);
  }
  return tile(node, reshape(node, data, padded), multiples);
}
