//===- BasesEncoders.cpp - Encoders for sums of signs ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bases.h"
#include "Families.h"
#include "PlanesFormat.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The number of bases.
static unsigned getCount(const EncoderOptions &options) {
  return static_cast<unsigned>(options.getInteger("bases"));
}

namespace {

using Approximate = Bases (*)(const Slice &, const EncoderOptions &);

class BasesEncoder final : public WeightEncoder {
public:
  BasesEncoder(EncoderInfo info, Approximate approximate)
      : WeightEncoder(std::move(info)), approximate(approximate) {}

private:
  llvm::Expected<EncodedWeights>
  encodeChecked(MLIRContext *context, const Weights &weights,
                const EncoderOptions &options) const override {
    Slices slices(weights, options);
    SmallVector<float> scales;
    auto codes = slices.encode([&](int64_t, const Slice &slice) {
      Bases bases = approximate(slice, options);
      makeScalesUsable(bases);
      scales.append(bases.scales.begin(), bases.scales.end());
      return SmallVector<int64_t, 0>(bases.signs.begin(), bases.signs.end());
    });
    return makePlanes(context, weights, slices, Alphabet::Sign,
                      getCount(options), scales, std::move(codes));
  }

  Approximate approximate;
};

} // namespace

static Bases sketchDirectly(const Slice &slice, const EncoderOptions &options) {
  return approximateGreedily(slice, getCount(options), /*refine=*/false);
}

static Bases sketchRefined(const Slice &slice, const EncoderOptions &options) {
  return approximateGreedily(slice, getCount(options), /*refine=*/true);
}

static Bases shiftBases(const Slice &slice, const EncoderOptions &options) {
  return approximateByShifts(slice, getCount(options));
}

static Bases alternateBases(const Slice &slice, const EncoderOptions &options) {
  Bases bases = approximateGreedily(slice, getCount(options), /*refine=*/true);
  alternate(slice, bases, options.getInteger("rounds"));
  // Signs once more, for the scales that f32 holds.
  makeScalesUsable(bases);
  if (slice.getMost() >= 0x1p-126)
    chooseSigns(slice, bases);
  return bases;
}

void lowbit::addBasesEncoders(EncoderList &encoders) {
  auto add = [&](StringRef name, StringRef description, StringRef citation,
                 Approximate approximate, StringRef fallback, double most,
                 std::vector<EncoderOption> more) {
    std::vector<EncoderOption> options = {
        integerOption("bases", fallback, 1, most, "signs of each weight"),
        perOption()};
    llvm::append_range(options, more);
    encoders.push_back(std::make_unique<BasesEncoder>(
        EncoderInfo{name, description, citation, EncoderNeeds::Weights,
                    std::move(options)},
        approximate));
  };
  add("sketch-direct", "sums of signs, each of what is left", "Guo 2017",
      sketchDirectly, "3", 16, {});
  add("horq", "sums of signs, each of what is left", "Li 2017", sketchDirectly,
      "2", 16, {});
  add("sketch-refined", "sums of signs, with scales solved after each",
      "Guo 2017", sketchRefined, "3", 16, {});
  add("alternating", "sums of signs, with signs and scales in turn", "Xu 2018",
      alternateBases, "2", 8,
      {integerOption("rounds", "10", 0, 1000, "turns at most")});
  add("abc-net", "sums of the signs of shifted weights", "Lin 2017", shiftBases,
      "3", 16, {});
}
