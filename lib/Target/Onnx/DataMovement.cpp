//===- DataMovement.cpp - imports ops that move whole tensors ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"
#include "Movement.h"
#include "Operators.h"
#include "TosaBuilding.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <numeric>

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
  return transpose(node, Movable::get(node, 0), permutation).setResult(node);
}

//===----------------------------------------------------------------------===//
// Concat
//===----------------------------------------------------------------------===//

/// Joins constants of one kind of elements along `axis`.
template <typename Element, typename GetElements>
static ConstantTensor concatenate(ArrayRef<ConstantTensor> parts, int64_t axis,
                                  ArrayRef<int64_t> shape,
                                  GetElements getElements) {
  std::vector<Element> elements;
  // Where nothing is joined, the other dimensions need have no product.
  int64_t outer =
      countElements(shape) == 0 ? 0 : *countElements(shape.take_front(axis));
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
    parts.push_back(std::move(*part));
  }
  if (!countFolded(node, shape))
    return failure();
  const ConstantTensor &first = parts.front();
  ConstantTensor joined =
      first.isFloat() ? concatenate<float>(parts, axis, shape,
                                           [](const ConstantTensor &part) {
                                             return part.getFloats();
                                           })
                      : concatenate<int64_t>(parts, axis, shape,
                                             [](const ConstantTensor &part) {
                                               return part.getIntegers();
                                             });
  node.setConstant(joined.withElementType(first.getElementType()));
  return success();
}

/// The shape of all inputs joined along `axis`; nothing after a refusal.
static std::optional<SmallVector<int64_t>>
joinShapes(NodeContext &node, ArrayRef<SmallVector<int64_t>> shapes,
           int64_t axis) {
  SmallVector<int64_t> shape = shapes.front();
  for (ArrayRef<int64_t> other : shapes.drop_front()) {
    bool fits = other.size() == shape.size();
    for (size_t dim = 0; fits && dim < shape.size(); ++dim)
      fits = int64_t(dim) == axis || other[dim] == shape[dim];
    if (!fits) {
      (void)node.refuse("cannot join " + describeShape(shapes.front()) +
                        " and " + describeShape(other) + " along dimension " +
                        Twine(axis));
      return std::nullopt;
    }
    // Each dimension is at most 2^40 and a file has fewer than 2^31 inputs,
    // but a long chain of sums must not wrap before it is refused.
    if (__builtin_add_overflow(shape[axis], other[axis], &shape[axis])) {
      (void)node.refuse("joins too many elements");
      return std::nullopt;
    }
  }
  return shape;
}

static LogicalResult importConcat(NodeContext &node) {
  SmallVector<SmallVector<int64_t>> shapes;
  std::optional<int32_t> type;
  for (unsigned index = 0; index < node.getNumInputs(); ++index) {
    if (!node.hasInput(index))
      return node.refuse("leaves out input " + Twine(index));
    auto shape = node.getShape(index);
    auto elementType = node.getElementType(index);
    if (!shape || !elementType)
      return failure();
    shapes.push_back(std::move(*shape));
    if (type && *elementType != *type)
      return node.refuse("joins " + describeElementType(*type) + " and " +
                         describeElementType(*elementType));
    type = elementType;
  }
  if (!node.hasAttribute("axis"))
    return node.refuse("has no attribute 'axis'");
  auto axis = node.getAxis(node.getInt("axis", 0), shapes.front().size());
  auto shape = axis ? joinShapes(node, shapes, *axis) : std::nullopt;
  if (!shape)
    return failure();
  if (node.allConstant())
    return foldConcat(node, *axis, *shape);
  SmallVector<Value> parts;
  for (unsigned index = 0; index < node.getNumInputs(); ++index) {
    // A part without elements adds nothing, and no tensor of TOSA is empty.
    if (countElements(shapes[index]) == 0)
      continue;
    parts.push_back(node.getTypedTensor(index));
    if (!parts.back())
      return failure();
  }
  RankedTensorType resultType =
      node.getType(*shape, parts.empty() ? Type() : elementOf(parts.front()));
  if (!resultType)
    return failure();
  node.setResult(tosa::ConcatOp::create(node.builder, resultType, parts,
                                        static_cast<uint32_t>(*axis)));
  return success();
}

//===----------------------------------------------------------------------===//
// Split
//===----------------------------------------------------------------------===//

/// The sizes of the parts: an attribute before opset 13, an input from then on.
/// Without them all parts are alike, but the last one may be smaller from opset
/// 18 on, where num_outputs says how many there are.
static std::optional<SmallVector<int64_t>> getSplitSizes(NodeContext &node,
                                                         int64_t size) {
  std::optional<SmallVector<int64_t>> sizes;
  if (node.getOpset() < 13 && node.hasAttribute("split"))
    sizes = node.getInts("split", {});
  else if (node.getOpset() >= 13 && node.hasInput(1))
    sizes = node.getIntegers(1, "sizes of the parts");
  else
    sizes.emplace();
  if (!sizes)
    return std::nullopt;
  int64_t parts = node.getNumOutputs();
  if (node.getOpset() >= 18 && node.hasAttribute("num_outputs"))
    parts = node.getInt("num_outputs", parts);
  if (sizes->empty() && parts > 0 && parts <= size) {
    int64_t each = llvm::divideCeil(size, parts);
    if (size % parts != 0 && node.getOpset() < 18) {
      (void)node.refuse("splits " + Twine(size) + " positions into " +
                        Twine(parts) + " equal parts");
      return std::nullopt;
    }
    for (int64_t start = 0; start < size; start += each)
      sizes->push_back(std::min(each, size - start));
  }
  int64_t sum = 0;
  bool fits = int64_t(sizes->size()) == int64_t(node.getNumOutputs());
  for (int64_t part : *sizes)
    fits &= part >= 0 && part <= size && (sum += part) <= size;
  if (fits && sum == size)
    return sizes;
  (void)node.refuse("splits " + Twine(size) + " positions into " +
                    Twine(node.getNumOutputs()) + " outputs of the sizes " +
                    describeShape(*sizes));
  return std::nullopt;
}

static LogicalResult importSplit(NodeContext &node) {
  Movable data = Movable::get(node, 0);
  if (!data)
    return failure();
  auto axis = node.getAxis(node.getInt("axis", 0), data.getRank());
  if (!axis || failed(expectListable(node, data.getShape()[*axis])))
    return failure();
  auto sizes = getSplitSizes(node, data.getShape()[*axis]);
  if (!sizes)
    return failure();
  int64_t start = 0;
  for (auto [index, size] : llvm::enumerate(*sizes)) {
    SmallVector<int64_t> positions;
    llvm::append_range(positions, llvm::seq(start, start + size));
    start += size;
    if (!node.hasOutput(index))
      continue;
    if (failed(take(node, data, *axis, positions).setResult(node, index)))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Repetition and blocks
//===----------------------------------------------------------------------===//

/// Broadcasts both ways: a 1 in the shape keeps a dimension as it is.
static LogicalResult importExpand(NodeContext &node) {
  Movable data = Movable::get(node, 0);
  auto shape = node.getIntegers(1, "a shape");
  if (!data || !shape)
    return failure();
  if (auto all = broadcastShapes(node, data.getShape(), *shape))
    return broadcast(node, data, *all).setResult(node);
  return failure();
}

static LogicalResult importTile(NodeContext &node) {
  Movable data = Movable::get(node, 0);
  auto multiples = node.getIntegers(1, "numbers of repetitions");
  if (!data || !multiples)
    return failure();
  if (int64_t(multiples->size()) != data.getRank())
    return node.refuse("has " + Twine(multiples->size()) +
                       " numbers of repetitions for " + Twine(data.getRank()) +
                       " dimensions");
  return tile(node, data, *multiples).setResult(node);
}

/// The data [N, C, H, W] and the size of blocks; a null tensor after a refusal.
static std::pair<Movable, int64_t> getBlocks(NodeContext &node) {
  Movable data = Movable::get(node, 0);
  int64_t size = node.getInt("blocksize", 0);
  // Without elements, a dimension times the size may exceed all bounds.
  if (data && data.getRank() == 4 && size >= 1 && size <= maxFoldedElements &&
      countElements(data.getShape()) != 0)
    return {data, size};
  if (data)
    (void)node.refuse("moves blocks of " + Twine(size) + " in the shape " +
                      describeShape(data.getShape()) +
                      "; expected at least 1 and [N, C, H, W] with elements");
  return {Movable(), 1};
}

/// Channels become blocks of size x size: [N, s, s, C, H, W] (or, in the mode
/// CRD, [N, C, s, s, H, W]) to [N, C, H, s, W, s].
static LogicalResult importDepthToSpace(NodeContext &node) {
  auto [data, size] = getBlocks(node);
  std::string mode = node.getString("mode", "DCR");
  if (!data)
    return failure();
  if (mode != "DCR" && mode != "CRD")
    return node.refuse("has mode = " + quote(mode) +
                       "; expected 'DCR' or 'CRD'");
  ArrayRef<int64_t> shape = data.getShape();
  int64_t channels = shape[1] / (size * size);
  if (shape[1] % (size * size) != 0)
    return node.refuse("makes blocks of " + Twine(size) + " x " + Twine(size) +
                       " of " + Twine(shape[1]) + " channels");
  SmallVector<int64_t> split = {shape[0], size,     size,
                                channels, shape[2], shape[3]};
  SmallVector<int64_t> permutation = {0, 3, 4, 1, 5, 2};
  if (mode == "CRD") {
    split = {shape[0], channels, size, size, shape[2], shape[3]};
    permutation = {0, 1, 4, 2, 5, 3};
  }
  Movable blocks = transpose(node, reshape(node, data, split), permutation);
  return reshape(node, blocks,
                 {shape[0], channels, shape[2] * size, shape[3] * size})
      .setResult(node);
}

/// The inverse: [N, C, H, s, W, s] to [N, s, s, C, H, W].
static LogicalResult importSpaceToDepth(NodeContext &node) {
  auto [data, size] = getBlocks(node);
  if (!data)
    return failure();
  ArrayRef<int64_t> shape = data.getShape();
  if (shape[2] % size != 0 || shape[3] % size != 0)
    return node.refuse("makes channels of blocks of " + Twine(size) + " x " +
                       Twine(size) + " of " + describeShape(shape));
  int64_t height = shape[2] / size, width = shape[3] / size;
  Movable split =
      reshape(node, data, {shape[0], shape[1], height, size, width, size});
  Movable blocks = transpose(node, split, {0, 3, 5, 1, 2, 4});
  return reshape(node, blocks,
                 {shape[0], shape[1] * size * size, height, width})
      .setResult(node);
}

void onnximport::addDataMovementOperators(OperatorTable &table) {
  table.add("Concat", {1, unlimited}, importConcat);
  table.add("DepthToSpace", {1, 1}, importDepthToSpace);
  table.add("Expand", {2, 2}, importExpand);
  table.add("SpaceToDepth", {1, 1}, importSpaceToDepth);
  table.add("Split", {1, 2}, importSplit);
  table.add("Tile", {2, 2}, importTile);
  table.add("Transpose", {1, 1}, importTranspose);
}
