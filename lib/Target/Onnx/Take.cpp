//===- Take.cpp - positions of one dimension ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Slices with steps, splits, reflections, repetitions and enlarged images all
// take positions of one dimension that are known at import. A list of positions
// is looked at for its regularity: what slices, reversals and repetitions can
// do is cheaper than a gather, and later passes know how codes pass it.
//
//===----------------------------------------------------------------------===//

#include "Movement.h"

#include "TosaBuilding.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

namespace {

/// The positions start, start + step, ...
struct Progression {
  int64_t start, step, count;
  int64_t getLast() const { return start + (count - 1) * step; }
};

} // namespace

/// The longest progression that `indices` begin with.
static Progression getProgression(ArrayRef<int64_t> indices) {
  int64_t size = indices.size();
  Progression result{indices[0], size > 1 ? indices[1] - indices[0] : 1, 1};
  while (result.count < size &&
         indices[result.count] == result.getLast() + result.step)
    ++result.count;
  return result;
}

/// `shape` as its dimensions before, at and after `axis`.
static std::array<int64_t, 3> collapse(ArrayRef<int64_t> shape, int64_t axis) {
  return {*countElements(shape.take_front(axis)), shape[axis],
          *countElements(shape.drop_front(axis + 1))};
}

static SmallVector<int64_t> withSize(Value input, int64_t axis, int64_t size) {
  SmallVector<int64_t> shape(shapeOf(input));
  shape[axis] = size;
  return shape;
}

/// Every `step`-th of `count` * `step` positions from `start` on: these are
/// rows of which the first column is taken.
static Value buildStrided(NodeContext &node, Value input, int64_t axis,
                          int64_t start, int64_t step, int64_t count) {
  auto [outer, size, inner] = collapse(shapeOf(input), axis);
  int64_t end = std::min(start + count * step, size);
  Value part = buildSlice(node, input, axis, start, end - start);
  if (!part)
    return nullptr;
  SmallVector<int64_t> before(rankOf(input), 0), after(rankOf(input), 0);
  after[axis] = count * step - (end - start);
  part = buildPad(node, part, before, after, getNumber(elementOf(input), 0));
  part = buildReshape(node, part, {outer, count, step, inner});
  part = part ? buildSlice(node, part, 2, 0, 1) : nullptr;
  return buildReshape(node, part, withSize(input, axis, count));
}

static Value buildTake(NodeContext &node, Value input, int64_t axis,
                       const Progression &progression) {
  auto [start, step, count] = progression;
  if (count == 1 || step == 1)
    return buildSlice(node, input, axis, start, count);
  if (step == 0) {
    SmallVector<int64_t> multiples(rankOf(input), 1);
    multiples[axis] = count;
    return buildTile(node, buildSlice(node, input, axis, start, 1), multiples);
  }
  if (step > 1)
    return buildStrided(node, input, axis, start, step, count);
  Value forward = buildTake(node, input, axis,
                            Progression{progression.getLast(), -step, count});
  if (!forward)
    return nullptr;
  return tosa::ReverseOp::create(node.builder, forward.getType(), forward,
                                 static_cast<uint32_t>(axis));
}

/// How often each position stands side by side: 2 for [3, 3, 5, 5, 5, 5].
static int64_t countNeighbours(ArrayRef<int64_t> indices) {
  int64_t common = 0, length = 0;
  for (auto [i, index] : llvm::enumerate(indices)) {
    ++length;
    if (i + 1 < indices.size() && indices[i + 1] == index)
      continue;
    common = std::gcd(common, length);
    length = 0;
  }
  return common;
}

/// The length of what `indices` repeat: 2 for [3, 5, 3, 5].
static int64_t getPeriod(ArrayRef<int64_t> indices) {
  int64_t size = indices.size();
  for (int64_t period = 1; period <= size / 2; ++period)
    if (size % period == 0 &&
        indices.drop_front(period) == indices.drop_back(period))
      return period;
  return size;
}

/// Runs of neighbouring positions, up, down or in place; nothing if these are
/// more than `most`.
static std::optional<SmallVector<Progression>>
splitIntoRuns(ArrayRef<int64_t> indices, size_t most) {
  SmallVector<Progression> runs;
  while (!indices.empty()) {
    Progression run = getProgression(indices);
    if (std::abs(run.step) > 1)
      run.count = 1;
    runs.push_back(run);
    if (runs.size() > most)
      return std::nullopt;
    indices = indices.drop_front(run.count);
  }
  return runs;
}

Value onnximport::buildGather(NodeContext &node, Value data, Value indices) {
  if (!data || !indices)
    return nullptr;
  RankedTensorType type =
      node.getType({shapeOf(data)[0], shapeOf(indices)[1], shapeOf(data)[2]},
                   elementOf(data));
  if (!type)
    return nullptr;
  return tosa::GatherOp::create(node.builder, type, data, indices);
}

/// Any positions: rows of a matrix for each of the dimensions before.
static Value buildGather(NodeContext &node, Value input, int64_t axis,
                         ArrayRef<int64_t> indices) {
  auto [outer, size, inner] = collapse(shapeOf(input), axis);
  if (size > std::numeric_limits<int32_t>::max()) {
    (void)node.refuse("gathers from a dimension of " + Twine(size) +
                      "; expected less than 2^31");
    return nullptr;
  }
  int64_t count = indices.size();
  auto type = RankedTensorType::get({1, count}, node.builder.getI32Type());
  SmallVector<int32_t> narrow(indices);
  Value rows = tosa::ConstOp::create(
      node.builder, type, DenseElementsAttr::get(type, ArrayRef(narrow)));
  Value result =
      buildGather(node, buildReshape(node, input, {outer, size, inner}),
                  buildBroadcast(node, rows, {outer, count}));
  return buildReshape(node, result, withSize(input, axis, count));
}

Value onnximport::buildTake(NodeContext &node, Value input, int64_t axis,
                            ArrayRef<int64_t> indices) {
  // The type is checked once, before anything is built of its size.
  if (!input || !node.getType(withSize(input, axis, indices.size())))
    return nullptr;
  int64_t count = indices.size();
  Progression progression = getProgression(indices);
  if (progression.count == count)
    return ::buildTake(node, input, axis, progression);

  if (int64_t copies = countNeighbours(indices); copies > 1) {
    SmallVector<int64_t> every;
    for (int64_t i = 0; i < count; i += copies)
      every.push_back(indices[i]);
    Value once = buildTake(node, input, axis, every);
    if (!once)
      return nullptr;
    auto [outer, size, inner] = collapse(shapeOf(once), axis);
    Value apart = buildReshape(node, once, {outer, size, 1, inner});
    return buildReshape(node, buildTile(node, apart, {1, 1, copies, 1}),
                        withSize(input, axis, count));
  }

  if (int64_t period = getPeriod(indices); period < count) {
    SmallVector<int64_t> multiples(rankOf(input), 1);
    multiples[axis] = count / period;
    return buildTile(node,
                     buildTake(node, input, axis, indices.take_front(period)),
                     multiples);
  }

  constexpr size_t mostRuns = 4;
  auto runs = splitIntoRuns(indices, mostRuns);
  if (!runs)
    return ::buildGather(node, input, axis, indices);
  SmallVector<Value> parts;
  for (const Progression &run : *runs) {
    parts.push_back(::buildTake(node, input, axis, run));
    if (!parts.back())
      return nullptr;
  }
  return tosa::ConcatOp::create(
      node.builder,
      node.getType(withSize(input, axis, count), elementOf(input)), parts,
      static_cast<uint32_t>(axis));
}
