//===- Ternary.cpp - Encoders for -1, 0 and 1 -----------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Which weights are not 0 is a threshold on magnitudes: a rule of the authors',
// or the best of all. With the weights beyond it known, the scale of least cost
// is their mean magnitude, and the cost falls by (sum d |w|)^2 / sum d. So the
// best threshold is found by one pass over sorted magnitudes.

#include "Families.h"
#include "PlanesFormat.h"
#include "UniformFormat.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <functional>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Weights of a sign, or of both, from `threshold` on become `scale`.
struct Level {
  double threshold, scale;
};

/// 0 for both signs, else 1 or -1: the values that a level is for.
bool isOn(double value, int side) { return side == 0 || value * side > 0; }

} // namespace

/// The mean magnitude from `threshold` on; a level of no weights has scale 0.
static Level makeLevel(const Slice &slice, int side, double threshold) {
  double sum = 0, costs = 0;
  for (auto [value, cost] : llvm::zip_equal(slice.values, slice.costs))
    if (isOn(value, side) && std::abs(value) >= threshold && value != 0) {
      sum += cost * std::abs(value);
      costs += cost;
    }
  return {threshold, costs > 0 ? sum / costs : 0};
}

/// The level of least cost. Of equal magnitudes, all are on one side of it.
static Level findBestLevel(const Slice &slice, int side) {
  SmallVector<std::pair<double, double>, 0> sorted;
  for (auto [value, cost] : llvm::zip_equal(slice.values, slice.costs))
    if (isOn(value, side) && value != 0)
      sorted.push_back({std::abs(value), cost});
  llvm::sort(sorted, std::greater<>());
  double sum = 0, costs = 0, most = 0, threshold = HUGE_VAL;
  for (size_t i = 0; i < sorted.size(); ++i) {
    sum += sorted[i].first * sorted[i].second;
    costs += sorted[i].second;
    bool isLast =
        i + 1 == sorted.size() || sorted[i + 1].first < sorted[i].first;
    double gain = costs > 0 ? sum / costs * sum : 0;
    if (isLast && gain > most) {
      most = gain;
      threshold = sorted[i].first;
    }
  }
  return makeLevel(slice, side, threshold);
}

namespace {

class TernaryEncoder final : public WeightEncoder {
public:
  /// With `twoLevels`, positive and negative weights have their own scales.
  /// `rule` is the option that holds the factor of the threshold's rule, "mean"
  /// or "most"; without it the threshold is the best.
  TernaryEncoder(EncoderInfo info, StringRef rule, bool twoLevels)
      : WeightEncoder(std::move(info)), rule(rule), twoLevels(twoLevels) {}

private:
  Level findLevel(const Slice &slice, int side,
                  const EncoderOptions &options) const {
    if (rule.empty())
      return findBestLevel(slice, side);
    double size = rule == "most" ? slice.getMost()
                                 : slice.sumMagnitudes() / slice.sumCosts();
    // The rules say "beyond": a weight at the threshold is 0.
    double threshold = options.getNumber("factor") * size;
    return makeLevel(slice, side, std::nextafter(threshold, HUGE_VAL));
  }

  llvm::Expected<EncodedWeights>
  encodeChecked(MLIRContext *context, const Weights &weights,
                const EncoderOptions &options) const override {
    Slices slices(weights, options);
    bool isGrouped = slices.getGroup() > 0;
    SmallVector<float> scales;
    auto codes = slices.encode([&](int64_t, const Slice &slice) {
      Level up = findLevel(slice, twoLevels ? 1 : 0, options);
      Level down = twoLevels ? findLevel(slice, -1, options) : up;
      // A level that no weight has needs a scale all the same.
      double other = std::max(up.scale, down.scale);
      scales.push_back(toUsableScale(up.scale > 0 ? up.scale : other));
      if (!isGrouped)
        scales.push_back(-toUsableScale(down.scale > 0 ? down.scale : other));
      SmallVector<int64_t, 0> codes;
      for (double value : slice.values) {
        bool isUp = value > 0 && value >= up.threshold;
        bool isDown = value < 0 && -value >= down.threshold;
        codes.push_back(isUp ? 1 : !isDown ? 0 : isGrouped ? -1 : 2);
      }
      return codes;
    });
    if (isGrouped)
      return makeUniform(
          context, weights, slices, UniformStorage::getSymmetric(/*bits=*/2),
          scales, SmallVector<int64_t>(scales.size(), 0), std::move(codes));
    return makePlanes(context, weights, slices, Alphabet::Bit, /*planes=*/2,
                      scales, std::move(codes));
  }

  StringRef rule;
  bool twoLevels;
};

} // namespace

void lowbit::addTernaryEncoders(EncoderList &encoders) {
  auto add = [&](StringRef name, StringRef description, StringRef citation,
                 EncoderNeeds needs, std::vector<EncoderOption> options,
                 StringRef rule, bool twoLevels) {
    encoders.push_back(std::make_unique<TernaryEncoder>(
        EncoderInfo{name, description, citation, needs, std::move(options)},
        rule, twoLevels));
  };
  EncoderOption ofTensor = perOption(/*channelFirst=*/false);
  auto factor = [](StringRef fallback, StringRef description) {
    return numberOption("factor", fallback, 0, 1, description);
  };
  add("twn", "-a, 0 and a by a threshold of the mean magnitude", "Li 2016",
      EncoderNeeds::Weights,
      {ofTensor, groupOption(), factor("0.7", "threshold over mean magnitude")},
      "mean", /*twoLevels=*/false);
  add("ternary", "-a, 0 and a of least error", "Mellempudi 2017",
      EncoderNeeds::Weights, {ofTensor, groupOption()}, "",
      /*twoLevels=*/false);
  add("lat", "-a, 0 and a of least error, weighted by curvature", "Hou 2018",
      EncoderNeeds::Curvature, {ofTensor, groupOption()}, "",
      /*twoLevels=*/false);
  add("ttq", "-n, 0 and p by a threshold of the largest magnitude", "Zhu 2017",
      EncoderNeeds::Weights,
      {ofTensor, factor("0.05", "threshold over largest magnitude")}, "most",
      /*twoLevels=*/true);
  add("ternary2", "-n, 0 and p of least error", "Hou 2018",
      EncoderNeeds::Weights, {ofTensor}, "", /*twoLevels=*/true);
  add("lat2", "-n, 0 and p of least error, weighted by curvature", "Hou 2018",
      EncoderNeeds::Curvature, {ofTensor}, "", /*twoLevels=*/true);
}
