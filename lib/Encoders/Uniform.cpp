//===- Uniform.cpp - Encoders for affine integers -------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"
#include "Ranges.h"
#include "Rounding.h"
#include "Slices.h"
#include "UniformFormat.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// A step, and the code of 0.
struct Grid {
  float scale;
  int64_t zero;
};

/// Where the grid of a slice ends. `min-max` is the one that is not symmetric.
using FindMagnitude = double (*)(const Slice &, int64_t top,
                                 const EncoderOptions &);

class UniformEncoder final : public WeightEncoder {
public:
  UniformEncoder(EncoderInfo info, FindMagnitude findMagnitude)
      : WeightEncoder(std::move(info)), findMagnitude(findMagnitude) {}

private:
  llvm::Expected<EncodedWeights>
  encodeChecked(MLIRContext *context, const Weights &weights,
                const EncoderOptions &options) const override;

  Grid findGrid(const Slice &slice, const UniformStorage &storage,
                const EncoderOptions &options) const;

  /// Null for min-max.
  FindMagnitude findMagnitude;
};

} // namespace

/// The power of two from `scale` up.
static double roundUpToPower(double scale) {
  int exponent;
  double mantissa = std::frexp(scale, &exponent);
  return mantissa == 0.5 ? scale : std::ldexp(1.0, exponent);
}

Grid UniformEncoder::findGrid(const Slice &slice, const UniformStorage &storage,
                              const EncoderOptions &options) const {
  double low = 0, high = 0;
  if (findMagnitude) {
    high = findMagnitude(slice, storage.max, options);
  } else {
    for (double value : slice.values) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  int64_t levels = findMagnitude ? storage.max : storage.max - storage.min;
  double scale = (high - low) / double(levels);
  if (scale == 0)
    scale = 1; // Nothing but zeros.
  else if (options.getChoice("scale") == "power-of-two")
    scale = roundUpToPower(scale);
  float usable = toUsableScale(scale);
  int64_t zero = findMagnitude ? 0 : std::llround(-low / double(usable));
  zero = std::clamp(zero, storage.min, storage.max);
  // The code that is farthest from 0 must not overflow.
  auto farthest =
      static_cast<float>(std::max(storage.max - zero, zero - storage.min));
  if (!std::isfinite(usable * farthest))
    usable = std::nextafter(std::numeric_limits<float>::max() / farthest, 0.0f);
  return {usable, zero};
}

llvm::Expected<EncodedWeights>
UniformEncoder::encodeChecked(MLIRContext *context, const Weights &weights,
                              const EncoderOptions &options) const {
  auto bits = static_cast<unsigned>(options.getInteger("bits"));
  UniformStorage storage = findMagnitude ? UniformStorage::getSymmetric(bits)
                                         : UniformStorage::getUnsigned(bits);
  Slices slices(weights, options);
  Rounder round(options.getChoice("rounding"), options.getInteger("seed"));
  SmallVector<float> scales;
  SmallVector<int64_t> zeros;
  auto codes = slices.encode([&](int64_t, const Slice &slice) {
    Grid grid = findGrid(slice, storage, options);
    scales.push_back(grid.scale);
    zeros.push_back(grid.zero);
    SmallVector<int64_t, 0> codes;
    for (double value : slice.values) {
      // Far outside, the quotient is no int64_t.
      double steps = std::clamp(value / double(grid.scale), -65536.0, 65536.0);
      codes.push_back(
          std::clamp(round(steps) + grid.zero, storage.min, storage.max));
    }
    return codes;
  });
  return makeUniform(context, weights, slices, storage, scales, zeros,
                     std::move(codes));
}

static double findAbsMax(const Slice &slice, int64_t, const EncoderOptions &) {
  return slice.getMost();
}

static double findCutOff(const Slice &slice, int64_t,
                         const EncoderOptions &options) {
  return findPercentile(slice, options.getNumber("percentile"));
}

static double findLeastError(const Slice &slice, int64_t top,
                             const EncoderOptions &options) {
  return findLeastErrorMagnitude(slice, top, options.getInteger("steps"),
                                 options.getNumber("norm"));
}

static double findDivergence(const Slice &slice, int64_t top,
                             const EncoderOptions &) {
  return findLeastDivergenceMagnitude(slice, top);
}

static double findAnalyticClip(const Slice &slice, int64_t,
                               const EncoderOptions &options) {
  double mean = 0, spread = 0, count = slice.size();
  for (double value : slice.values)
    mean += value / count;
  bool isGauss = options.getChoice("distribution") == "gauss";
  for (double value : slice.values) {
    double distance = std::abs(value - mean);
    spread += (isGauss ? distance * distance : distance) / count;
  }
  auto bits = static_cast<unsigned>(options.getInteger("bits"));
  double clip = isGauss ? getGaussClip(bits) * std::sqrt(spread)
                        : getLaplaceClip(bits) * spread;
  // Nothing lies beyond the largest; where all are equal, nothing is spread.
  double most = slice.getMost();
  return std::min(std::abs(mean) + clip, most);
}

void lowbit::addUniformEncoders(EncoderList &encoders) {
  auto add = [&](StringRef name, StringRef description, StringRef citation,
                 FindMagnitude find, std::vector<EncoderOption> more) {
    std::vector<EncoderOption> options = {
        integerOption("bits", "8", 2, 16, "bits of a code"),
        perOption(),
        groupOption(),
        choiceOption(
            "rounding",
            {"nearest-even", "nearest-away", "floor", "ceil", "stochastic"},
            "how a weight becomes a code"),
        integerOption("seed", "0", 0, 1e15, "of stochastic rounding"),
        choiceOption("scale", {"any", "power-of-two"},
                     "scales that are allowed")};
    llvm::append_range(options, more);
    encoders.push_back(std::make_unique<UniformEncoder>(
        EncoderInfo{name, description, citation, EncoderNeeds::Weights,
                    std::move(options)},
        find));
  };
  add("absmax", "integers up to the largest magnitude", "Jacob 2018",
      findAbsMax, {});
  add("min-max", "integers with a zero point, from the least to the greatest",
      "Jacob 2018", nullptr, {});
  add("percentile", "integers up to a percentile of the magnitudes",
      "McKinstry 2019", findCutOff,
      {numberOption("percentile", "99.99", 50, 100,
                    "share of weights that are not clipped")});
  add("mse", "integers up to the magnitude of least error", "Sung 2015",
      findLeastError,
      {integerOption("steps", "100", 1, 10000, "magnitudes that are tried"),
       numberOption("norm", "2", 1, 4, "power of errors that are summed")});
  add("kl", "integers up to the magnitude of least divergence", "Migacz 2017",
      findDivergence, {});
  add("aciq", "integers up to the best clip of a distribution", "Banner 2018",
      findAnalyticClip,
      {choiceOption("distribution", {"laplace", "gauss"},
                    "what weights are taken for")});
}
