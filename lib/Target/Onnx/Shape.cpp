//===- Shape.cpp - imports ops that change the shape ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Movement.h"
#include "Operators.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// Sets the first input in the shape `shape` as the result.
static LogicalResult setReshaped(NodeContext &node, ArrayRef<int64_t> shape) {
  return reshape(node, Movable::get(node, 0), shape).setResult(node);
}

/// [a, b, c, d] with axis 2 becomes [a * b, c * d].
static LogicalResult importFlatten(NodeContext &node) {
  auto shape = node.getShape(0);
  if (!shape)
    return failure();
  int64_t rank = shape->size(), axis = node.getInt("axis", 1);
  if (axis < -rank || axis > rank)
    return node.refuse("has the axis " + Twine(axis) + " of a tensor with " +
                       Twine(rank) + " dimensions");
  if (axis < 0)
    axis += rank;
  auto rows = countElements(ArrayRef(*shape).take_front(axis));
  auto columns = countElements(ArrayRef(*shape).drop_front(axis));
  if (!rows || !columns)
    return node.refuse("flattens the shape " + describeShape(*shape));
  return setReshaped(node, {*rows, *columns});
}

/// 0 copies a dimension unless `allowzero` is set, and one -1 is what is left.
static LogicalResult importReshape(NodeContext &node) {
  auto shape = node.getShape(0);
  auto target = node.getIntegers(1, "a shape");
  bool allowZero = node.getInt("allowzero", 0) != 0;
  if (!shape || !target)
    return failure();
  SmallVector<int64_t> given = *target;
  std::optional<size_t> inferred;
  for (auto [index, dim] : llvm::enumerate(*target)) {
    if (dim == -1 && !inferred) {
      inferred = index;
      dim = 1;
    } else if (dim == 0 && !allowZero && index < shape->size()) {
      dim = (*shape)[index];
    } else if (dim < 0 || (dim == 0 && !allowZero)) {
      return node.refuse("has the shape " + describeShape(given) +
                         " to make of " + describeShape(*shape));
    }
  }
  if (inferred) {
    std::optional<int64_t> known = countElements(*target);
    std::optional<int64_t> all = countElements(*shape);
    if (!known || !all || *known == 0 || *all % *known != 0)
      return node.refuse("cannot make the shape " + describeShape(given) +
                         " of " + describeShape(*shape));
    (*target)[*inferred] = *all / *known;
  }
  return setReshaped(node, *target);
}

/// The axes of Squeeze and Unsqueeze, sorted: an attribute before opset 13, an
/// input from then on; `rank` is that of the tensor that has them.
static std::optional<SmallVector<int64_t>> getAxes(NodeContext &node,
                                                   int64_t rank) {
  std::optional<SmallVector<int64_t>> given;
  if (node.getOpset() < 13)
    given = node.getInts("axes", {});
  else if (node.hasInput(1))
    given = node.getIntegers(1, "axes");
  else
    given.emplace();
  if (!given)
    return std::nullopt;
  SmallVector<int64_t> axes;
  for (int64_t axis : *given) {
    std::optional<int64_t> position = node.getAxis(axis, rank);
    if (!position)
      return std::nullopt;
    axes.push_back(*position);
  }
  llvm::sort(axes);
  if (std::adjacent_find(axes.begin(), axes.end()) == axes.end())
    return axes;
  (void)node.refuse("has an axis twice in " + describeShape(*given));
  return std::nullopt;
}

static LogicalResult importSqueeze(NodeContext &node) {
  auto shape = node.getShape(0);
  if (!shape)
    return failure();
  auto axes = getAxes(node, shape->size());
  if (!axes)
    return failure();
  bool all = axes->empty();
  SmallVector<int64_t> squeezed;
  for (auto [index, dim] : llvm::enumerate(*shape)) {
    bool drops = all ? dim == 1 : llvm::is_contained(*axes, int64_t(index));
    if (!drops)
      squeezed.push_back(dim);
    else if (dim != 1)
      return node.refuse("squeezes dimension " + Twine(index) + " of " +
                         describeShape(*shape) + ", which is not 1");
  }
  return setReshaped(node, squeezed);
}

static LogicalResult importUnsqueeze(NodeContext &node) {
  auto shape = node.getShape(0);
  if (!shape)
    return failure();
  // The rank of the result depends on the number of axes, which getAxes gives.
  size_t added = node.getOpset() < 13 ? node.getInts("axes", {}).size() : 0;
  if (node.getOpset() >= 13 && node.hasInput(1)) {
    auto axes = node.getIntegers(1, "axes");
    if (!axes)
      return failure();
    added = axes->size();
  }
  if (added == 0)
    return node.refuse("has no axes");
  auto axes = getAxes(node, shape->size() + added);
  if (!axes)
    return failure();
  for (int64_t axis : *axes)
    shape->insert(shape->begin() + axis, 1);
  return setReshaped(node, *shape);
}

static LogicalResult importIdentity(NodeContext &node) {
  node.forward(0);
  return success();
}

/// Nothing is dropped in inference.
static LogicalResult importDropout(NodeContext &node) {
  node.ignore("ratio");
  node.ignore("seed");
  if (node.hasInput(2)) {
    std::optional<int64_t> training = node.getInteger(2, "a training mode");
    if (!training)
      return failure();
    if (*training != 0)
      return node.refuse("drops elements; export the model for inference");
  }
  node.forward(0);
  return success();
}

void onnximport::addShapeOperators(OperatorTable &table) {
  table.add("Dropout", {1, 3}, importDropout);
  table.add("Flatten", {1, 1}, importFlatten);
  table.add("Identity", {1, 1}, importIdentity);
  table.add("Reshape", {2, 2}, importReshape);
  table.add("Squeeze", {1, 2}, importSqueeze);
  table.add("Unsqueeze", {1, 2}, importUnsqueeze);
}
