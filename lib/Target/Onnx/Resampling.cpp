//===- Resampling.cpp - where resized tensors read ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Resampling.h"

#include "llvm/ADT/StringSwitch.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

std::optional<Coordinates> onnximport::parseCoordinates(StringRef name) {
  return llvm::StringSwitch<std::optional<Coordinates>>(name)
      .Case("half_pixel", Coordinates::HalfPixel)
      .Case("half_pixel_symmetric", Coordinates::HalfPixelSymmetric)
      .Case("pytorch_half_pixel", Coordinates::PytorchHalfPixel)
      .Case("tf_half_pixel_for_nn", Coordinates::TfHalfPixelForNN)
      .Case("align_corners", Coordinates::AlignCorners)
      .Case("asymmetric", Coordinates::Asymmetric)
      .Default(std::nullopt);
}

std::optional<Nearest> onnximport::parseNearest(StringRef name) {
  return llvm::StringSwitch<std::optional<Nearest>>(name)
      .Case("round_prefer_floor", Nearest::RoundPreferFloor)
      .Case("round_prefer_ceil", Nearest::RoundPreferCeil)
      .Case("floor", Nearest::Floor)
      .Case("ceil", Nearest::Ceil)
      .Default(std::nullopt);
}

double ResizedAxis::getPoint(int64_t i) const {
  // The size before it was cut to whole positions.
  double length = scale * input;
  double halfPixel = (i + 0.5) / scale - 0.5;
  switch (coordinates) {
  case Coordinates::HalfPixel:
    return halfPixel;
  case Coordinates::HalfPixelSymmetric:
    return input / 2.0 * (1.0 - output / length) + halfPixel;
  case Coordinates::PytorchHalfPixel:
    return length == 1.0 ? -0.5 : halfPixel;
  case Coordinates::TfHalfPixelForNN:
    return (i + 0.5) / scale;
  case Coordinates::AlignCorners:
    return length == 1.0 ? 0.0 : i * (input - 1) / (length - 1.0);
  case Coordinates::Asymmetric:
    return i / scale;
  }
  llvm_unreachable("all modes are handled");
}

/// The point under position `i`. Those far outside are like those just outside.
static double getPointNearby(const ResizedAxis &axis, int64_t i) {
  return std::clamp(axis.getPoint(i), -1.0, double(axis.input));
}

/// The last position before `point`: the distance to the latter is in (0, 1].
static int64_t getBase(double point) {
  return static_cast<int64_t>(std::ceil(point)) - 1;
}

SmallVector<int64_t> onnximport::getNearestPositions(const ResizedAxis &axis,
                                                     Nearest nearest) {
  SmallVector<int64_t> positions;
  for (int64_t i = 0; i < axis.output; ++i) {
    double point = getPointNearby(axis, i);
    int64_t base = getBase(point);
    double distance = point - base;
    bool isNext = true;
    if (distance < 1.0) {
      switch (nearest) {
      case Nearest::RoundPreferFloor:
        isNext = distance > 0.5;
        break;
      case Nearest::RoundPreferCeil:
        isNext = distance >= 0.5;
        break;
      case Nearest::Floor:
        isNext = false;
        break;
      case Nearest::Ceil:
        break;
      }
    }
    positions.push_back(
        std::clamp<int64_t>(isNext ? base + 1 : base, 0, axis.input - 1));
  }
  return positions;
}

/// The weight of an element at `distance` from the point.
static double getWeight(const Interpolation &interpolation, double distance) {
  double x = std::abs(distance);
  if (!interpolation.isCubic)
    return std::max(0.0, 1.0 - x);
  double a = interpolation.cubicCoefficient;
  if (x <= 1.0)
    return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  if (x < 2.0)
    return ((x - 5.0) * x + 8.0) * x * a - 4.0 * a;
  return 0.0;
}

/// How much the weights are spread: by 1, or to what a smaller tensor covers.
static double getSpread(const ResizedAxis &axis,
                        const Interpolation &interpolation) {
  return interpolation.isAntialiased ? std::max(1.0, 1.0 / axis.scale) : 1.0;
}

double onnximport::countTaps(const ResizedAxis &axis,
                             const Interpolation &interpolation) {
  return 2.0 * std::ceil((interpolation.isCubic ? 2.0 : 1.0) *
                         getSpread(axis, interpolation));
}

SmallVector<Tap> onnximport::getTaps(const ResizedAxis &axis,
                                     const Interpolation &interpolation) {
  int64_t count = static_cast<int64_t>(countTaps(axis, interpolation));
  double spread = getSpread(axis, interpolation);
  SmallVector<Tap> taps(count);
  for (int64_t i = 0; i < axis.output; ++i) {
    double point = getPointNearby(axis, i), sum = 0.0;
    int64_t first = getBase(point) - count / 2 + 1;
    SmallVector<double> weights;
    for (int64_t position = first; position < first + count; ++position) {
      bool isOutside = position < 0 || position >= axis.input;
      double weight = getWeight(interpolation, (position - point) / spread);
      weights.push_back(isOutside && interpolation.excludesOutside ? 0.0
                                                                   : weight);
      sum += weights.back();
    }
    for (auto [tap, weight] : llvm::enumerate(weights)) {
      taps[tap].positions.push_back(
          std::clamp<int64_t>(first + tap, 0, axis.input - 1));
      taps[tap].weights.push_back(
          static_cast<float>(sum == 0.0 ? 0.0 : weight / sum));
    }
  }
  llvm::erase_if(taps, [](const Tap &tap) {
    return llvm::all_of(tap.weights, [](float w) { return w == 0.0f; });
  });
  return taps;
}
