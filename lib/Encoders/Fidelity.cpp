//===- Fidelity.cpp - How near codes are to the weights -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Encoders/Fidelity.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace mlir;
using namespace mlir::lowbit;

Fidelity lowbit::measureFidelity(ArrayRef<float> weights,
                                 ArrayRef<float> decoded) {
  double product = 0, square = 0, decodedSquare = 0, error = 0;
  for (auto [weight, number] : llvm::zip_equal(weights, decoded)) {
    product += double(weight) * number;
    square += double(weight) * weight;
    decodedSquare += double(number) * number;
    error += (double(weight) - number) * (double(weight) - number);
  }
  Fidelity fidelity;
  fidelity.sqnr = std::numeric_limits<double>::infinity();
  if (error == 0)
    return fidelity;
  if (square > 0 && decodedSquare > 0)
    fidelity.correlation = std::clamp(
        product / std::sqrt(square) / std::sqrt(decodedSquare), -1.0, 1.0);
  fidelity.angle = std::acos(fidelity.correlation) * 180 / M_PI;
  fidelity.sqnr = 10 * std::log10(square / error);
  return fidelity;
}

/// The number that a standard normal variable is below with this probability.
static double findNormalQuantile(double probability) {
  double low = -40, high = 40;
  for (int step = 0; step < 60; ++step) {
    double middle = (low + high) / 2;
    (std::erfc(-middle / M_SQRT2) / 2 < probability ? low : high) = middle;
  }
  return low;
}

/// Quantiles in equal distances, so that there is nothing of chance in their
/// distribution, in an order that is as good as random.
static std::vector<float> makeNormalWeights() {
  constexpr int64_t count = 4096;
  std::vector<float> weights;
  for (int64_t i : llvm::seq(count))
    weights.push_back(
        static_cast<float>(findNormalQuantile((double(i) + 0.5) / count)));
  std::mt19937_64 generator(1);
  for (int64_t i = count - 1; i > 0; --i)
    std::swap(weights[i], weights[generator() % (i + 1)]);
  return weights;
}

std::optional<Fidelity> lowbit::expectFidelity(MLIRContext *context,
                                               const WeightEncoder &encoder,
                                               const EncoderOptions &options) {
  static const std::vector<float> normal = makeNormalWeights();
  int64_t shape[] = {1, int64_t(normal.size())};
  llvm::Expected<EncodedWeights> encoded =
      encoder.encode(context, Weights{normal, shape, 0}, options);
  if (!encoded) {
    // It needs more than weights.
    llvm::consumeError(encoded.takeError());
    return std::nullopt;
  }
  return measureFidelity(normal, decodeWeights(*encoded, shape));
}
