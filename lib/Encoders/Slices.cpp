//===- Slices.cpp - The weights that share parameters ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Slices.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

double Slice::getMost() const {
  double most = 0;
  for (double value : values)
    most = std::max(most, std::abs(value));
  return most;
}

double Slice::sumCosts() const {
  double sum = 0;
  for (double cost : costs)
    sum += cost;
  return sum;
}

double Slice::sumMagnitudes() const {
  double sum = 0;
  for (auto [value, cost] : llvm::zip_equal(values, costs))
    sum += cost * std::abs(value);
  return sum;
}

std::optional<int64_t> lowbit::getInputAxis(ArrayRef<int64_t> shape,
                                            std::optional<int64_t> axis) {
  int64_t last = int64_t(shape.size()) - 1;
  if (axis == last)
    --last;
  if (last < 0)
    return std::nullopt;
  return last;
}

Slices::Slices(const Weights &weights, const EncoderOptions &options)
    : weights(weights) {
  std::optional<int64_t> inputs = getInputAxis(weights.shape, weights.axis);
  if (options.has("group") && inputs)
    group = options.getInteger("group");
  if (group > 0) {
    groupAxis = *inputs;
    parameterShape.assign(weights.shape.begin(), weights.shape.end());
    parameterShape[groupAxis] =
        llvm::divideCeil(parameterShape[groupAxis], group);
    parameterSize = ShapedType::getNumElements(parameterShape);
  } else if (options.has("per") && options.getChoice("per") == "channel" &&
             weights.axis) {
    axis = weights.axis;
    parameterSize = weights.shape[*axis];
    parameterShape.push_back(parameterSize);
  }
}

SmallVector<int64_t> Slices::findSliceOfElements() const {
  SmallVector<int64_t> slices(weights.values.size(), 0);
  if (parameterSize <= 1)
    return slices;
  int64_t dimension = group > 0 ? groupAxis : *axis;
  int64_t extent = weights.shape[dimension], inner = 1;
  for (int64_t size : weights.shape.drop_front(dimension + 1))
    inner *= size;
  for (auto [element, slice] : llvm::enumerate(slices)) {
    int64_t place = int64_t(element) / inner % extent;
    if (group == 0) {
      slice = place;
      continue;
    }
    int64_t outer = int64_t(element) / inner / extent;
    slice = (outer * parameterShape[groupAxis] + place / group) * inner +
            int64_t(element) % inner;
  }
  return slices;
}

SmallVector<int64_t> Slices::encode(
    llvm::function_ref<SmallVector<int64_t, 0>(int64_t, const Slice &)> encode)
    const {
  SmallVector<int64_t> sliceOf = findSliceOfElements();
  // The elements of each slice in a row, in their order.
  SmallVector<int64_t, 0> starts(parameterSize + 1, 0);
  for (int64_t slice : sliceOf)
    ++starts[slice + 1];
  for (int64_t slice = 0; slice < parameterSize; ++slice)
    starts[slice + 1] += starts[slice];
  SmallVector<int64_t, 0> next(starts), elements(sliceOf.size());
  for (auto [element, slice] : llvm::enumerate(sliceOf))
    elements[next[slice]++] = element;

  SmallVector<int64_t> codes(sliceOf.size(), 0);
  for (int64_t index = 0; index < parameterSize; ++index) {
    auto members = ArrayRef<int64_t>(elements).slice(
        starts[index], starts[index + 1] - starts[index]);
    Slice slice;
    for (int64_t element : members) {
      slice.values.push_back(weights.values[element]);
      slice.costs.push_back(
          weights.curvature.empty() ? 1.0 : weights.curvature[element]);
    }
    if (slice.sumCosts() <= 0)
      slice.costs.assign(slice.size(), 1.0);
    for (auto [element, code] : llvm::zip_equal(members, encode(index, slice)))
      codes[element] = code;
  }
  return codes;
}

float lowbit::toUsableScale(double scale, int exponent) {
  double least = std::ldexp(1.0, -126 - exponent), most = std::ldexp(1.0, 126);
  return static_cast<float>(std::clamp(scale, least, most));
}
