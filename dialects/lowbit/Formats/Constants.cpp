//===- Constants.cpp - Codes of numbers that are known --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Formats/Constants.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

RankEncoder::RankEncoder(Format format) {
  for (int64_t channel = 0; channel < format.getNumChannels(); ++channel)
    channels.push_back(
        {format.getThresholds(channel), format.getOrderedCodes(channel)});
}

int64_t RankEncoder::encode(float real, int64_t channel) const {
  const Channel &row = channels[channel];
  float value = std::isnan(real) ? 0.0f : real;
  // As many thresholds are reached as lie at or below the number.
  const float *above = llvm::upper_bound(row.thresholds, value);
  return row.codes[above - row.thresholds.begin()];
}

/// The largest magnitude of a step of any term.
static int64_t getLongestStep(Format format) {
  int64_t most = 0;
  for (unsigned term = 0; term < format.getNumTerms(); ++term) {
    auto [low, high] = format.getStepRange(term);
    most = std::max({most, -low, high});
  }
  return most;
}

int64_t lowbit::getExactDepth(Format lhs, Format rhs, unsigned bits) {
  int64_t product = 0;
  if (llvm::MulOverflow(getLongestStep(lhs), getLongestStep(rhs), product))
    return 0;
  return llvm::maxIntN(bits) / std::max<int64_t>(product, 1);
}
