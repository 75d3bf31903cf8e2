//===- Slicing.cpp - imports Slice ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Movement.h"
#include "Operators.h"
#include "TosaBuilding.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

namespace {

/// What a slice says of each of its axes.
struct SliceLists {
  SmallVector<int64_t> starts, ends, axes, steps;
};

} // namespace

/// The lists are attributes before opset 10 and inputs from then on, where
/// steps exist. Nothing after a refusal.
static std::optional<SliceLists> getSliceLists(NodeContext &node) {
  SliceLists lists;
  if (node.getOpset() < 10) {
    lists.starts = node.getInts("starts", {});
    lists.ends = node.getInts("ends", {});
    lists.axes = node.getInts("axes", rangeTo(lists.starts.size()));
    lists.steps.assign(lists.starts.size(), 1);
  } else {
    auto read = [&](unsigned index, StringRef what, SmallVector<int64_t> &list,
                    ArrayRef<int64_t> otherwise) {
      if (!node.hasInput(index)) {
        list.assign(otherwise.begin(), otherwise.end());
        return true;
      }
      auto given = node.getIntegers(index, what);
      if (given)
        list = std::move(*given);
      return given.has_value();
    };
    if (!node.hasInput(1) || !node.hasInput(2)) {
      (void)node.refuse("has no starts or no ends");
      return std::nullopt;
    }
    if (!read(1, "starts", lists.starts, {}) ||
        !read(2, "ends", lists.ends, {}) ||
        !read(3, "axes", lists.axes, rangeTo(lists.starts.size())) ||
        !read(4, "steps", lists.steps,
              SmallVector<int64_t>(lists.starts.size(), 1)))
      return std::nullopt;
  }
  size_t count = lists.starts.size();
  if (lists.ends.size() == count && lists.axes.size() == count &&
      lists.steps.size() == count)
    return lists;
  (void)node.refuse(
      "has lists of different lengths: starts " + describeShape(lists.starts) +
      ", ends " + describeShape(lists.ends) + ", axes " +
      describeShape(lists.axes) + ", steps " + describeShape(lists.steps));
  return std::nullopt;
}

/// start, start + step, ... before `end`, of a dimension of `size`; negative
/// ends count from behind, and what is out of range is cut off.
static SmallVector<int64_t> getSlicePositions(int64_t start, int64_t end,
                                              int64_t step, int64_t size) {
  auto clamp = [&](int64_t position, int64_t least, int64_t most) {
    if (position < 0)
      position += size;
    return std::clamp(position, least, most);
  };
  bool isForward = step > 0;
  start = isForward ? clamp(start, 0, size) : clamp(start, -1, size - 1);
  end = isForward ? clamp(end, 0, size) : clamp(end, -1, size - 1);
  // Whatever is longer than the dimension takes one position.
  step = std::clamp<int64_t>(step, -size - 1, size + 1);
  SmallVector<int64_t> positions;
  for (int64_t i = start; isForward ? i < end : i > end; i += step)
    positions.push_back(i);
  return positions;
}

static LogicalResult importSlice(NodeContext &node) {
  Movable data = Movable::get(node, 0);
  std::optional<SliceLists> lists = getSliceLists(node);
  if (!data || !lists)
    return failure();
  SmallVector<bool> seen(data.getRank(), false);
  for (auto [start, end, given, step] :
       llvm::zip_equal(lists->starts, lists->ends, lists->axes, lists->steps)) {
    auto axis = node.getAxis(given, seen.size());
    if (!axis)
      return failure();
    if (failed(expectListable(node, data.getShape()[*axis])))
      return failure();
    if (step == 0 || std::exchange(seen[*axis], true))
      return node.refuse("slices dimension " + Twine(*axis) +
                         " twice, or in steps of 0");
    data = take(node, data, *axis,
                getSlicePositions(start, end, step, data.getShape()[*axis]));
    if (!data)
      return failure();
  }
  return data.setResult(node);
}

void onnximport::addSlicingOperators(OperatorTable &table) {
  table.add("Slice", {1, 5}, importSlice);
}
