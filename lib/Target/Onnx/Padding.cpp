//===- Padding.cpp - imports Pad ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Movement.h"
#include "Operators.h"
#include "TosaBuilding.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

namespace {

/// The amounts for each dimension; negative ones cut.
struct Amounts {
  SmallVector<int64_t> before, after;
};

} // namespace

/// Amounts are an attribute before opset 11 and an input from then on; axes
/// exist from opset 18. Nothing after a refusal.
static std::optional<Amounts> getAmounts(NodeContext &node, int64_t rank) {
  std::optional<SmallVector<int64_t>> pads, axes = rangeTo(rank);
  if (node.getOpset() < 11) {
    pads = node.getInts("pads", {});
  } else {
    if (!node.hasInput(1)) {
      (void)node.refuse("has no amounts to pad by");
      return std::nullopt;
    }
    pads = node.getIntegers(1, "amounts to pad by");
    if (node.hasInput(3))
      axes = node.getIntegers(3, "axes");
  }
  if (!pads || !axes)
    return std::nullopt;
  if (pads->size() != 2 * axes->size()) {
    (void)node.refuse("has " + Twine(pads->size()) +
                      " amounts to pad by; expected " +
                      Twine(2 * axes->size()));
    return std::nullopt;
  }
  Amounts amounts{SmallVector<int64_t>(rank, 0), SmallVector<int64_t>(rank, 0)};
  SmallVector<bool> seen(rank, false);
  for (auto [index, axis] : llvm::enumerate(*axes)) {
    std::optional<int64_t> dim = node.getAxis(axis, rank);
    if (!dim)
      return std::nullopt;
    if (std::exchange(seen[*dim], true)) {
      (void)node.refuse("pads dimension " + Twine(*dim) + " twice");
      return std::nullopt;
    }
    int64_t first = (*pads)[index], last = (*pads)[index + axes->size()];
    // Not by magnitude: that of the least integer is none.
    if (std::max(first, last) > maxElements ||
        std::min(first, last) < -maxElements) {
      (void)node.refuse("pads a dimension by " + Twine(first) + " and " +
                        Twine(last) + "; expected at most 2^40");
      return std::nullopt;
    }
    amounts.before[*dim] = first;
    amounts.after[*dim] = last;
  }
  return amounts;
}

/// What stands around the data, as an attribute of the type `element`; null
/// after a refusal.
static TypedAttr getFilling(NodeContext &node, Type element) {
  if (node.getOpset() < 11) {
    float value = node.getFloat("value", 0.0f);
    if (element.isF32())
      return node.builder.getF32FloatAttr(value);
    (void)node.refuse("pads integers, which Pad can do from opset 11 on");
    return nullptr;
  }
  if (!node.hasInput(2))
    return getNumber(element, 0);
  if (element.isF32()) {
    auto given = node.getFloat(2, "a value to pad with");
    return given ? node.builder.getF32FloatAttr(*given) : TypedAttr();
  }
  auto given = node.getInteger(2, "a value to pad with");
  return given ? getNumber(element, *given) : TypedAttr();
}

static LogicalResult padWithConstant(NodeContext &node, const Movable &data,
                                     const Amounts &amounts) {
  if (data.isConstant())
    return node.refuse("pads a constant; fold constants when exporting the "
                       "model");
  TypedAttr filling = getFilling(node, elementOf(data.getValue()));
  if (!filling)
    return failure();
  if (auto number = dyn_cast<FloatAttr>(filling);
      number && number.getValue().isNaN())
    return node.refuse("pads with a value that is not a number");
  return Movable(buildPad(node, data.getValue(), amounts.before, amounts.after,
                          filling))
      .setResult(node);
}

/// The position in a dimension of `size` whose element stands at `position`,
/// which may be outside.
static int64_t getSource(StringRef mode, int64_t position, int64_t size) {
  auto modulo = [](int64_t value, int64_t divisor) {
    return (value % divisor + divisor) % divisor;
  };
  if (mode == "edge")
    return std::clamp<int64_t>(position, 0, size - 1);
  if (mode == "wrap")
    return modulo(position, size);
  // There and back, without the ends twice.
  if (size == 1)
    return 0;
  int64_t period = 2 * (size - 1);
  position = modulo(position, period);
  return std::min(position, period - position);
}

static LogicalResult importPad(NodeContext &node) {
  Movable data = Movable::get(node, 0);
  std::string mode = node.getString("mode", "constant");
  if (!llvm::is_contained({"constant", "edge", "reflect", "wrap"}, mode))
    return node.refuse(
        "has mode = " + quote(mode) +
        "; lowbit imports 'constant', 'edge', 'reflect' and 'wrap'");
  if (!data)
    return failure();
  std::optional<Amounts> amounts = getAmounts(node, data.getRank());
  if (!amounts)
    return failure();
  // Cut first: what is cut off is not reflected.
  auto &[before, after] = *amounts;
  for (int64_t dim = 0, rank = data.getRank(); dim < rank; ++dim) {
    int64_t start = std::max<int64_t>(-before[dim], 0);
    int64_t end = data.getShape()[dim] - std::max<int64_t>(-after[dim], 0);
    if (before[dim] >= 0 && after[dim] >= 0)
      continue;
    if (start >= end)
      return node.refuse("cuts all of dimension " + Twine(dim));
    if (failed(expectListable(node, end)))
      return failure();
    data = take(node, data, dim, llvm::to_vector(llvm::seq(start, end)));
    if (!data)
      return failure();
    before[dim] = std::max<int64_t>(before[dim], 0);
    after[dim] = std::max<int64_t>(after[dim], 0);
  }
  if (mode == "constant")
    return padWithConstant(node, data, *amounts);
  node.ignore("value");
  for (int64_t dim = 0, rank = data.getRank(); dim < rank; ++dim) {
    int64_t size = data.getShape()[dim];
    int64_t padded = before[dim] + size + after[dim];
    if (padded == size)
      continue;
    if (size == 0 || padded > maxFoldedElements)
      return node.refuse("pads a dimension of " + Twine(size) + " to " +
                         Twine(padded));
    SmallVector<int64_t> positions;
    for (int64_t i = 0; i < padded; ++i)
      positions.push_back(getSource(mode, i - before[dim], size));
    data = take(node, data, dim, positions);
    if (!data)
      return failure();
  }
  return data.setResult(node);
}

void onnximport::addPaddingOperators(OperatorTable &table) {
  table.add("Pad", {1, 4}, importPad);
}
