//===- Balanced.cpp - The encoder for equally used codes ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"
#include "PlanesFormat.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// A number and where it was.
using Ranked = std::pair<double, size_t>;

} // namespace

/// Appends `bits` bits to the code of all numbers in `sorted`, which has the
/// bits of `code` so far. Equal numbers stay together.
static void divide(ArrayRef<Ranked> sorted, int64_t code, unsigned bits,
                   bool byMean, MutableArrayRef<int64_t> codes) {
  if (bits == 0 || sorted.empty()) {
    for (const Ranked &ranked : sorted)
      codes[ranked.second] = code;
    return;
  }
  double border = sorted[sorted.size() / 2].first;
  if (byMean) {
    border = 0;
    for (const Ranked &ranked : sorted)
      border += ranked.first / double(sorted.size());
  }
  auto isBelow = [&](const Ranked &ranked) { return ranked.first < border; };
  size_t half = llvm::partition_point(sorted, isBelow) - sorted.begin();
  // Half or more are the least number.
  if (half == 0)
    half = llvm::partition_point(
               sorted,
               [&](const Ranked &ranked) { return ranked.first <= border; }) -
           sorted.begin();
  divide(sorted.take_front(half), 2 * code, bits - 1, byMean, codes);
  divide(sorted.drop_front(half), 2 * code + 1, bits - 1, byMean, codes);
}

/// Balanced quantization: as many weights have each code, and codes stand for
/// levels in equal steps around 0. Halves of a half lie on both sides of its
/// median, or of its mean.
static llvm::Expected<EncodedWeights>
encodeBalanced(const FunctionEncoder &encoder, MLIRContext *context,
               const Weights &weights, const EncoderOptions &options) {
  auto bits = static_cast<unsigned>(options.getInteger("bits"));
  bool byMean = options.getChoice("halves") == "mean";
  int64_t top = (int64_t(1) << bits) - 1;
  Slices slices(weights, options);
  SmallVector<float> scales;
  auto codes = slices.encode([&](int64_t, const Slice &slice) {
    SmallVector<Ranked, 0> sorted;
    for (auto [i, value] : llvm::enumerate(slice.values))
      sorted.push_back({value, i});
    llvm::sort(sorted);
    SmallVector<int64_t, 0> codes(slice.size());
    divide(sorted, 0, bits, byMean, codes);
    // Levels are odd multiples of the step of least cost.
    double product = 0, square = 0;
    for (auto [value, cost, code] :
         llvm::zip_equal(slice.values, slice.costs, codes)) {
      auto odd = static_cast<double>(2 * code - top);
      product += cost * odd * value;
      square += cost * odd * odd;
    }
    bool isOneValue = sorted.front().first == sorted.back().first;
    double step = product / square;
    if (isOneValue || step <= 0) {
      // Ranks say nothing of signs here: the nearest levels.
      step = toUsableScale(slice.getMost() / double(top));
      for (auto [value, code] : llvm::zip_equal(slice.values, codes))
        code = std::clamp<int64_t>(
            std::llround((value / step + double(top)) / 2), 0, top);
    }
    // Multiples of a scale by powers of two must be usable, too.
    float scale =
        std::min(toUsableScale(step), std::ldexp(1.0f, 126 - int(bits)));
    for (unsigned plane = 0; plane < bits; ++plane)
      scales.push_back(std::ldexp(scale, int(plane)));
    return codes;
  });
  return makePlanes(context, weights, slices, Alphabet::Sign, bits, scales,
                    std::move(codes));
}

void lowbit::addBalancedEncoders(EncoderList &encoders) {
  encoders.push_back(std::make_unique<FunctionEncoder>(
      encodeBalanced,
      EncoderInfo{"balanced",
                  "levels in equal steps, each for as many weights",
                  "Zhou 2017",
                  EncoderNeeds::Weights,
                  {integerOption("bits", "2", 1, 8, "bits of a code"),
                   perOption(/*channelFirst=*/false),
                   choiceOption("halves", {"median", "mean"},
                                "where weights are cut into halves")}}));
}
