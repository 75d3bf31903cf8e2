//===- Formats.cpp - From ranges to formats -------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Formats.h"

#include "lowbit/Support/RangeSearch.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

/// The f32 nearest to `scale` that is a useful one: not so small that the
/// reciprocal overflows, and 1 where nothing is known.
static double roundScale(double scale) {
  if (scale == 0)
    return 1.0;
  return std::max(static_cast<float>(scale), std::numeric_limits<float>::min());
}

static std::pair<int64_t, int64_t> getCodeRange(CodeStorage storage) {
  return storage.isSigned
             ? std::pair<int64_t, int64_t>(llvm::minIntN(storage.width),
                                           llvm::maxIntN(storage.width))
             : std::pair<int64_t, int64_t>(0, llvm::maxUIntN(storage.width));
}

/// The edges of what is left when `cut` elements go on each side. They are
/// edges of bins, but never outside the extremes.
static std::pair<double, double> cutTails(StatsAttr stats, double cut) {
  ArrayRef<int64_t> bins = stats.getHistogram().asArrayRef();
  double width = stats.getBinWidth().getValueAsDouble();
  double low = stats.getMin().getValueAsDouble();
  double high = stats.getMax().getValueAsDouble();
  double edge = static_cast<double>(stats.getFirstBin());
  double seen = 0;
  for (auto [i, bin] : llvm::enumerate(bins)) {
    seen += bin;
    if (seen > cut) {
      low = std::max(low, (edge + i) * width);
      break;
    }
  }
  seen = 0;
  for (int64_t i = bins.size() - 1; i >= 0; --i) {
    seen += bins[i];
    if (seen > cut) {
      high = std::min(high, (edge + i + 1) * width);
      break;
    }
  }
  return {low, high};
}

std::pair<double, double> lowbit::getRange(StatsAttr stats, RangeMethod method,
                                           double percentile, unsigned width) {
  Histogram histogram{stats.getMin().getValueAsDouble(),
                      stats.getMax().getValueAsDouble(),
                      stats.getBinWidth().getValueAsDouble(),
                      stats.getFirstBin(), stats.getHistogram().asArrayRef()};
  int64_t levels = int64_t(1) << width;
  // Where nobody has counted, all that is known are the extremes.
  if (histogram.counts.empty() && method != RangeMethod::MovingAverage)
    method = RangeMethod::MinMax;
  switch (method) {
  case RangeMethod::MinMax:
    return {stats.getMin().getValueAsDouble(),
            stats.getMax().getValueAsDouble()};
  case RangeMethod::MovingAverage:
    return {stats.getAverageMin().getValueAsDouble(),
            stats.getAverageMax().getValueAsDouble()};
  case RangeMethod::Percentile:
    return cutTails(stats, stats.getCount() * (100 - percentile) / 200);
  case RangeMethod::LeastSquares:
    return findLeastSquaresRange(histogram, levels);
  case RangeMethod::Divergence:
    return findLeastDivergenceRange(histogram, levels);
  case RangeMethod::Mixed:
    break;
  }
  llvm_unreachable("a method that names no range");
}

quant::QuantizedType lowbit::getFixedFormat(MLIRContext *context,
                                            CodeStorage storage, double scale,
                                            int64_t zeroPoint) {
  auto [least, most] = getCodeRange(storage);
  return quant::UniformQuantizedType::get(
      storage.isSigned ? quant::QuantizationFlags::Signed : 0,
      IntegerType::get(context, storage.width), Float32Type::get(context),
      scale, zeroPoint, least, most);
}

quant::QuantizedType lowbit::getAffineFormat(MLIRContext *context,
                                             CodeStorage storage, double low,
                                             double high) {
  auto [least, most] = getCodeRange(storage);
  low = std::min(low, 0.0);
  high = std::max(high, 0.0);
  double scale = roundScale((high - low) / (most - least));
  double zeroPoint = std::nearbyint(least - low / scale);
  zeroPoint = std::min<double>(std::max<double>(zeroPoint, least), most);
  return getFixedFormat(context, storage, scale,
                        static_cast<int64_t>(zeroPoint));
}

quant::QuantizedType lowbit::getSymmetricFormat(MLIRContext *context,
                                                CodeStorage storage,
                                                double magnitude) {
  double most = getCodeRange(storage).second;
  return getFixedFormat(context, storage, roundScale(magnitude / most),
                        /*zeroPoint=*/0);
}

quant::QuantizedType lowbit::getFixedPointFormat(MLIRContext *context,
                                                 CodeStorage storage,
                                                 double magnitude) {
  double most = getCodeRange(storage).second;
  int exponent = 0;
  // A power of two is 1/2 here.
  double fraction = std::frexp(magnitude / most, &exponent);
  if (fraction == 0.5)
    --exponent;
  exponent = std::clamp(fraction == 0 ? 0 : exponent, -126, 127);
  return getFixedFormat(context, storage, std::ldexp(1.0, exponent),
                        /*zeroPoint=*/0);
}

/// The least step from `scale` up in which `bias` has less than 2^30 steps. The
/// largest number where there is none: whoever uses the format finds out.
static double raiseScale(double scale, double bias, double inputScale) {
  constexpr double limit = 1 << 30, largest = std::numeric_limits<float>::max();
  double needed = std::min(bias / (inputScale * limit), largest);
  // The product with the input's scale rounds: go up until it fits.
  float raised =
      std::max(static_cast<float>(scale), static_cast<float>(needed));
  while (raised < largest && !(bias / (inputScale * raised) < limit))
    raised = std::nextafter(raised, std::numeric_limits<float>::infinity());
  return raised;
}

quant::QuantizedType lowbit::getWeightFormat(MLIRContext *context,
                                             CodeStorage storage,
                                             bool narrowRange,
                                             const WeightRange &range,
                                             double inputScale) {
  auto [least, most] = getCodeRange(storage);
  if (narrowRange)
    least = -most;
  // A channel of zeros gets the largest step of its layer, which suits the
  // layer's result as well as any other's.
  double largest = *llvm::max_element(range.magnitudes);
  SmallVector<double> scales;
  for (auto [i, magnitude] : llvm::enumerate(range.magnitudes)) {
    double scale = roundScale((magnitude == 0 ? largest : magnitude) / most);
    scales.push_back(raiseScale(scale, range.biases[i], inputScale));
  }
  unsigned flags = quant::QuantizationFlags::Signed;
  Type codes = IntegerType::get(context, storage.width);
  Type expressed = Float32Type::get(context);
  if (range.axis < 0)
    return quant::UniformQuantizedType::get(flags, codes, expressed, scales[0],
                                            /*zeroPoint=*/0, least, most);
  SmallVector<int64_t> zeroPoints(scales.size(), 0);
  return quant::UniformQuantizedPerAxisType::get(
      flags, codes, expressed, scales, zeroPoints, range.axis, least, most);
}
