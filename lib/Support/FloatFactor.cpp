//===- FloatFactor.cpp - Changes of scale in f32, proven exact ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/FloatFactor.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir::lowbit;

std::optional<CodeSteps>
CodeSteps::find(llvm::function_ref<int64_t(int64_t)> getCode, int64_t low,
                int64_t high, double slope) {
  if (low < std::numeric_limits<int32_t>::min() ||
      high > std::numeric_limits<int32_t>::max() || low > high)
    return std::nullopt;
  CodeSteps steps{low, high, getCode(low), getCode(high), {}};
  if (steps.last - steps.first > 255)
    return std::nullopt;
  double distance = slope > 0 ? std::min(1 / slope, 0x1p32) : 1;
  int64_t below = low; // has a lower code than the one looked for
  for (int64_t code = steps.first + 1; code <= steps.last; ++code) {
    int64_t guess = below + std::max<int64_t>(std::llround(distance), 1);
    int64_t above = std::min(guess, high);
    // Away from the guess by ever longer steps, until the code's start is between.
    for (int64_t step = 1; getCode(above) < code; step *= 2) {
      below = above;
      above = std::min(above + step, high);
    }
    for (int64_t step = 1; above - below > 2 * step; step *= 2) {
      int64_t middle = above - step;
      if (getCode(middle) < code) {
        below = middle;
        break;
      }
      above = middle;
    }
    while (above - below > 1) {
      int64_t middle = below + (above - below) / 2;
      (getCode(middle) < code ? below : above) = middle;
    }
    steps.starts.push_back({above, code});
  }
  return steps;
}

namespace {

/// What a multiply-add makes of sums.
struct Candidate {
  float factor, offset;
  int64_t center, least, most;

  int64_t getCode(int64_t sum) const {
    float value = std::fma(static_cast<float>(sum), factor, offset);
    int64_t rounded = std::llrint(value);
    return std::clamp(rounded, least - center, most - center) + center;
  }

  /// True if it makes the codes of `steps`, but for one that is one too low, which
  /// becomes `exception`.
  bool matches(const CodeSteps &steps,
               std::optional<int64_t> &exception) const {
    // Far from where integers of 32 bits end.
    auto isSmall = [&](int64_t sum) {
      return std::abs(std::fma(static_cast<float>(sum), factor, offset)) <
             0x1p30f;
    };
    if (!isSmall(steps.low) || !isSmall(steps.high) ||
        getCode(steps.low) != steps.first || getCode(steps.high) != steps.last)
      return false;
    exception.reset();
    for (const CodeStart &start : steps.starts) {
      if (getCode(start.sum - 1) >= start.code)
        return false;
      if (getCode(start.sum) >= start.code)
        continue;
      if (exception || getCode(start.sum) != start.code - 1 ||
          start.sum == steps.high || getCode(start.sum + 1) < start.code)
        return false;
      exception = start.sum;
    }
    return true;
  }
};

} // namespace

std::optional<FloatFactor> FloatFactor::fit(const CodeSteps &steps,
                                            double slope, int64_t center,
                                            int64_t least, int64_t most,
                                            bool takesException) {
  std::optional<int64_t> exception;
  if (steps.starts.empty()) {
    Candidate constant{0, static_cast<float>(steps.first - center), center,
                       least, most};
    if (constant.matches(steps, exception))
      return FloatFactor{constant.factor, constant.offset, std::nullopt};
    return std::nullopt;
  }
  std::optional<FloatFactor> best;
  // Nearest first: the factor and its neighbours, and for each offsets from the middle
  // of those that would do if nothing but the factor were rounded.
  for (int neighbour = 0; neighbour <= 16; ++neighbour) {
    float factor = static_cast<float>(slope);
    for (int i = 0; i < (neighbour + 1) / 2; ++i)
      factor = std::nextafter(factor, neighbour % 2 ? 2 * factor : 0.0f);
    double least0 = -std::numeric_limits<double>::infinity();
    double most0 = -least0;
    for (const CodeStart &start : steps.starts) {
      double border = start.code - center - 0.5;
      double product = static_cast<double>(start.sum) * factor;
      least0 = std::max(least0, border - product);
      most0 = std::min(most0, border - product + factor);
    }
    for (double part : {0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8}) {
      double offset = least0 + part * (most0 - least0);
      Candidate candidate{factor, static_cast<float>(offset), center, least,
                          most};
      if (!candidate.matches(steps, exception))
        continue;
      FloatFactor found{factor, candidate.offset, exception};
      if (!exception)
        return found;
      if (takesException && !best)
        best = found;
    }
  }
  return best;
}
