//===- Resampling.h - where resized tensors read -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Resizing treats one dimension after the other. Position i of the new dimension
// stands over some point of the old one, which the coordinate mode says. It gets
// the element nearest to that point, or a weighted sum of the elements around
// it. All of that is known at import: only positions and weights are left.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_RESAMPLING_H
#define LOWBIT_LIB_TARGET_ONNX_RESAMPLING_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace mlir::lowbit::onnximport {

/// How positions of the new dimension map to points of the old one.
enum class Coordinates {
  HalfPixel,
  HalfPixelSymmetric,
  PytorchHalfPixel,
  TfHalfPixelForNN,
  AlignCorners,
  Asymmetric,
};
std::optional<Coordinates> parseCoordinates(StringRef name);

/// Which neighbour is nearest.
enum class Nearest { RoundPreferFloor, RoundPreferCeil, Floor, Ceil };
std::optional<Nearest> parseNearest(StringRef name);

/// One dimension to be resized.
struct ResizedAxis {
  int64_t input, output;
  /// About output / input.
  double scale;
  Coordinates coordinates = Coordinates::HalfPixel;

  /// The point that position `i` stands over.
  double getPoint(int64_t i) const;
};

/// The position that is nearest to each point.
SmallVector<int64_t> getNearestPositions(const ResizedAxis &axis,
                                         Nearest nearest);

/// The shape of the weights around a point.
struct Interpolation {
  /// Two neighbours, or with `isCubic` four.
  bool isCubic = false;
  /// The parameter of the cubic polynomial.
  double cubicCoefficient = -0.75;
  /// Neighbours outside have no weight; else the border counts for them.
  bool excludesOutside = false;
  /// The weights are spread over all elements that a smaller tensor covers.
  bool isAntialiased = false;
};

/// One addend of the weighted sum: a position and a weight for each point.
struct Tap {
  SmallVector<int64_t> positions;
  SmallVector<float> weights;
};

/// The addends of the weighted sum, without those that have no weight.
SmallVector<Tap> getTaps(const ResizedAxis &axis,
                         const Interpolation &interpolation);

/// The number of addends before any is left out.
double countTaps(const ResizedAxis &axis, const Interpolation &interpolation);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_RESAMPLING_H
