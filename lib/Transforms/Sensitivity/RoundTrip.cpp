//===- RoundTrip.cpp - Real numbers as their codes see them ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RoundTrip.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// By thresholds, one by one.
static void countThresholds(MutableArrayRef<float> elements, Format format,
                            const CountedCodes &counted) {
  SmallVector<float> thresholds(counted.thresholds), numbers;
  SmallVector<int64_t> codes(counted.codes);
  if (thresholds.empty())
    thresholds = format.getThresholds(/*channel=*/0);
  if (codes.empty())
    codes = format.getOrderedCodes(/*channel=*/0);
  for (int64_t code : codes)
    numbers.push_back(format.decode(code, /*channel=*/0));
  for (float &x : elements) {
    // NaN reaches none.
    size_t rank = std::isnan(x)
                      ? 0
                      : llvm::upper_bound(thresholds, x) - thresholds.begin();
    x = numbers[rank];
  }
}

static void roundUniform(MutableArrayRef<float> elements,
                         quant::QuantizedType format, ArrayRef<int64_t> shape) {
  SmallVector<double> scales;
  SmallVector<int64_t> zeroPoints;
  size_t inner = std::max<size_t>(elements.size(), 1);
  if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(format)) {
    llvm::append_range(scales, perAxis.getScales());
    llvm::append_range(zeroPoints, perAxis.getZeroPoints());
    inner = llvm::product_of(
        shape.drop_front(perAxis.getQuantizedDimension() + 1), int64_t(1));
  } else {
    auto uniform = cast<quant::UniformQuantizedType>(format);
    scales.push_back(uniform.getScale());
    zeroPoints.push_back(uniform.getZeroPoint());
  }
  auto low = static_cast<float>(format.getStorageTypeMin());
  auto high = static_cast<float>(format.getStorageTypeMax());
  for (size_t start = 0; start < elements.size(); start += inner) {
    size_t channel = start / inner % scales.size();
    auto scale = static_cast<float>(scales[channel]);
    float reciprocal = 1.0f / scale;
    auto zero = static_cast<float>(zeroPoints[channel]);
    for (float &x : elements.slice(start, inner)) {
      float code = std::isnan(x) ? zero : std::nearbyint(x * reciprocal) + zero;
      x = (std::min(std::max(code, low), high) - zero) * scale;
    }
  }
}

void lowbit::roundToCodes(MutableArrayRef<float> elements,
                          const ValueFormat &format, ArrayRef<int64_t> shape) {
  auto uniform = dyn_cast<quant::QuantizedType>(format.format);
  if (uniform && format.counted.thresholds.empty())
    roundUniform(elements, uniform, shape);
  else
    countThresholds(elements, cast<Format>(format.format), format.counted);
}
