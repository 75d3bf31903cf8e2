//===- Grid.cpp - Numbers that lie on a grid ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Every kind proposes scales; encodeExactly decides. So no kind can claim a
// number that its codes do not give back.

#include "Grid.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

static constexpr size_t kMostDistinct = 256;

ChannelValues::ChannelValues(ArrayRef<float> values, ArrayRef<int64_t> shape,
                             std::optional<int64_t> axis)
    : values(values), axis(axis) {
  int64_t channels = axis ? shape[*axis] : 1;
  if (axis)
    for (int64_t size : shape.drop_front(*axis + 1))
      inner *= size;
  distinct.resize(channels);
  for (auto [i, value] : llvm::enumerate(values)) {
    SmallVector<float> &seen = distinct[getChannel(i)];
    float number = value == 0 ? 0.0f : value;
    auto *place = llvm::lower_bound(seen, number);
    if (place != seen.end() && *place == number)
      continue;
    seen.insert(place, number);
    if (seen.size() > kMostDistinct) {
      tooMany = true;
      return;
    }
  }
}

std::optional<SmallVector<int64_t>>
lowbit::encodeExactly(Format format, const ChannelValues &values) {
  // The numbers of a channel's codes, ascending.
  struct Row {
    SmallVector<float> numbers;
    SmallVector<int64_t> codes;
  };
  SmallVector<Row> rows;
  for (int64_t channel = 0; channel < format.getNumChannels(); ++channel) {
    Row row;
    row.codes = format.getOrderedCodes(channel);
    for (int64_t code : row.codes)
      row.numbers.push_back(format.decode(code, channel));
    rows.push_back(std::move(row));
  }
  SmallVector<int64_t> codes;
  codes.reserve(values.getValues().size());
  for (auto [i, value] : llvm::enumerate(values.getValues())) {
    const Row &row = rows[rows.size() == 1 ? 0 : values.getChannel(i)];
    const float *place = llvm::lower_bound(row.numbers, value);
    if (place == row.numbers.end() || *place != value)
      return std::nullopt;
    codes.push_back(row.codes[place - row.numbers.begin()]);
  }
  return codes;
}

/// Scales along an axis are parameters, too.
static int64_t countBytes(const Grid &grid, ArrayRef<int64_t> shape) {
  auto format = cast<Format>(grid.format);
  int64_t bits = format.getStorageWidth() * ShapedType::getNumElements(shape);
  int64_t scales = format.getScaleAxis()
                       ? format.getNumTerms() * format.getNumChannels()
                       : format.getNumTerms();
  return llvm::divideCeil(bits, 8) + 4 * (scales + grid.book.size());
}

std::optional<Grid> lowbit::findGrid(MLIRContext *context,
                                     ArrayRef<float> values,
                                     ArrayRef<int64_t> shape,
                                     std::optional<int64_t> axis) {
  if (values.empty() ||
      llvm::any_of(values, [](float value) { return !std::isfinite(value); }))
    return std::nullopt;
  std::optional<Grid> best;
  auto consider = [&](std::optional<Grid> grid) {
    if (!grid || countBytes(*grid, shape) * 2 > int64_t(values.size()) * 4)
      return;
    auto width = [](const Grid &grid) {
      return cast<Format>(grid.format).getStorageWidth();
    };
    if (!best || width(*grid) < width(*best))
      best = std::move(grid);
  };
  // One scale for all comes first; of equally many bits it is the simpler one.
  SmallVector<std::optional<int64_t>> axes = {std::nullopt};
  if (axis)
    axes.push_back(axis);
  for (std::optional<int64_t> along : axes) {
    ChannelValues channels(values, shape, along);
    if (channels.hasTooMany())
      continue;
    for (auto *find : {findSigns, findTernary, findUniform, findOddMultiples,
                       findPowersOfTwo, findBases})
      consider(find(context, channels));
  }
  if (best)
    return best;
  ChannelValues whole(values, shape, std::nullopt);
  if (!whole.hasTooMany())
    consider(findCodebook(context, whole));
  return best;
}
