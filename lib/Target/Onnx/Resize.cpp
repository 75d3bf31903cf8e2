//===- Resize.cpp - imports Resize and Upsample ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Movement.h"
#include "Operators.h"
#include "Resampling.h"
#include "TosaBuilding.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

namespace {

/// What the node says of the dimensions that it resizes.
struct Targets {
  SmallVector<int64_t> axes;
  /// One of the two is given for each axis.
  SmallVector<float> scales;
  SmallVector<int64_t> sizes;
};

} // namespace

/// The scales or sizes of the node; nothing after a refusal.
static std::optional<Targets> getTargets(NodeContext &node, int64_t rank) {
  Targets targets;
  targets.axes = rangeTo(rank);
  if (node.getOpset() >= 18 && node.hasAttribute("axes")) {
    targets.axes.clear();
    for (int64_t given : node.getInts("axes", {})) {
      auto axis = node.getAxis(given, rank);
      if (!axis)
        return std::nullopt;
      targets.axes.push_back(*axis);
    }
    SmallVector<int64_t> sorted(targets.axes);
    llvm::sort(sorted);
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
      (void)node.refuse("resizes a dimension twice");
      return std::nullopt;
    }
  }
  // Resize has a region of interest before the scales from opset 11 on.
  unsigned scalesInput =
      node.getOpType() == "Resize" && node.getOpset() >= 11 ? 2 : 1;
  if (node.getOpType() == "Upsample" && node.getOpset() < 9) {
    if (auto scales = node.getFloats("scales"))
      targets.scales.assign(scales->begin(), scales->end());
  } else if (node.hasInput(scalesInput)) {
    auto scales = node.getFloats(scalesInput, "scales");
    if (!scales)
      return std::nullopt;
    targets.scales.assign(scales->getFloats().begin(),
                          scales->getFloats().end());
  }
  if (scalesInput == 2 && node.hasInput(3)) {
    auto sizes = node.getIntegers(3, "sizes");
    if (!sizes)
      return std::nullopt;
    targets.sizes = std::move(*sizes);
  }
  // Old exporters leave the one empty that they do not mean.
  size_t count = targets.axes.size();
  if (targets.scales.size() + targets.sizes.size() == count &&
      (targets.scales.empty() || targets.sizes.empty()))
    return targets;
  (void)node.refuse("has " + Twine(targets.scales.size()) + " scales and " +
                    Twine(targets.sizes.size()) + " sizes; expected " +
                    Twine(count) + " of one of them");
  return std::nullopt;
}

/// Sizes as the node gives them, or one scale for all that fits within or
/// around them.
static LogicalResult keepRatio(NodeContext &node,
                               MutableArrayRef<ResizedAxis> resized) {
  std::string policy = node.getString("keep_aspect_ratio_policy", "stretch");
  if (policy == "stretch")
    return success();
  if (policy != "not_larger" && policy != "not_smaller")
    return node.refuse("has keep_aspect_ratio_policy = " + quote(policy) +
                       "; expected 'stretch', 'not_larger' or 'not_smaller'");
  auto byScale = [](const ResizedAxis &lhs, const ResizedAxis &rhs) {
    return lhs.scale < rhs.scale;
  };
  double scale = (policy == "not_larger" ? llvm::min_element(resized, byScale)
                                         : llvm::max_element(resized, byScale))
                     ->scale;
  for (ResizedAxis &axis : resized) {
    axis.scale = scale;
    axis.output = static_cast<int64_t>(
        std::floor(std::min(scale * axis.input + 0.5, double(maxElements))));
  }
  return success();
}

/// The dimensions to resize, parallel to `targets.axes`; empty after a refusal.
static SmallVector<ResizedAxis> getResizedAxes(NodeContext &node,
                                               ArrayRef<int64_t> shape,
                                               const Targets &targets,
                                               Coordinates coordinates) {
  SmallVector<ResizedAxis> resized;
  for (auto [index, axis] : llvm::enumerate(targets.axes)) {
    ResizedAxis &added = resized.emplace_back();
    added.input = shape[axis];
    added.coordinates = coordinates;
    if (!targets.sizes.empty()) {
      added.output = targets.sizes[index];
      added.scale = double(added.output) / double(added.input);
    } else {
      added.scale = targets.scales[index];
      double size = std::floor(added.input * added.scale);
      added.output = size >= 1.0 && size <= double(maxFoldedElements)
                         ? static_cast<int64_t>(size)
                         : 0;
    }
  }
  auto expectPositions = [&]() -> LogicalResult {
    for (auto [axis, dim] : llvm::zip_equal(resized, targets.axes))
      if (axis.input < 1 || axis.output < 1 || axis.output > maxFoldedElements)
        return node.refuse("resizes dimension " + Twine(dim) + " of " +
                           describeShape(shape) +
                           "; expected at least 1 and at most 2^24 positions");
    return success();
  };
  if (failed(expectPositions()))
    return {};
  if (!targets.sizes.empty() && !resized.empty() &&
      (failed(keepRatio(node, resized)) || failed(expectPositions())))
    return {};
  return resized;
}

//===----------------------------------------------------------------------===//
// Resizing
//===----------------------------------------------------------------------===//

/// The weighted sum along dimension `dim`; null after a refusal.
static Value interpolate(NodeContext &node, Value input, int64_t dim,
                         const ResizedAxis &axis,
                         const Interpolation &interpolation) {
  constexpr double mostTaps = 64;
  double taps = countTaps(axis, interpolation);
  if (taps > mostTaps || taps * axis.output > maxFoldedElements) {
    (void)node.refuse("interpolates " + Twine(axis.input) + " positions to " +
                      Twine(axis.output) +
                      "; expected at most 64 addends in each sum and 2^24 in "
                      "all");
    return nullptr;
  }
  Value sum;
  for (const Tap &tap : getTaps(axis, interpolation)) {
    Value addend = buildTake(node, input, dim, tap.positions);
    SmallVector<int64_t> shape(rankOf(input), 1);
    shape[dim] = axis.output;
    auto weights = ConstantTensor::get(
        shape, std::vector<float>(tap.weights.begin(), tap.weights.end()));
    bool isOne =
        llvm::all_of(tap.weights, [](float weight) { return weight == 1.0f; });
    if (!isOne)
      addend = buildMul(node, addend, buildConstant(node, weights));
    if (!addend)
      return nullptr;
    sum = sum ? buildAdd(node, sum, addend) : addend;
  }
  return sum;
}

/// Resizes with channels last, where the node leaves samples and channels as
/// they are: convolutions have them there, too.
static LogicalResult
resize(NodeContext &node, Movable data, ArrayRef<int64_t> dims,
       ArrayRef<ResizedAxis> axes,
       llvm::function_ref<Movable(Movable, int64_t, const ResizedAxis &)> one) {
  int64_t rank = data.getRank();
  auto isKept = [](const ResizedAxis &axis) {
    return axis.input == axis.output && axis.scale == 1.0;
  };
  bool isSpatial = rank >= 3 && !data.isConstant() && !dims.empty();
  for (auto [dim, axis] : llvm::zip_equal(dims, axes))
    isSpatial &= dim >= 2 || isKept(axis);
  if (isSpatial)
    data = buildChannelsLast(node, data.getValue());
  for (auto [dim, axis] : llvm::zip_equal(dims, axes)) {
    if (data && !isKept(axis))
      data = one(data, isSpatial ? dim - 1 : dim, axis);
  }
  if (data && isSpatial)
    data = buildChannelsFirst(node, data.getValue());
  return data.setResult(node);
}

/// Attributes that only other modes than the node's use are of no bearing.
static void ignoreModes(NodeContext &node) {
  for (StringRef name :
       {"cubic_coeff_a", "exclude_outside", "nearest_mode",
        "extrapolation_value", "antialias", "keep_aspect_ratio_policy"})
    node.ignore(name);
}

static LogicalResult importResize(NodeContext &node) {
  bool isOld = node.getOpType() == "Upsample" || node.getOpset() < 11;
  if (!isOld)
    ignoreModes(node);
  std::string mode = node.getString("mode", "nearest");
  std::string coordinateMode =
      isOld ? "asymmetric"
            : node.getString("coordinate_transformation_mode", "half_pixel");
  std::string nearestMode =
      isOld ? "floor" : node.getString("nearest_mode", "round_prefer_floor");
  auto coordinates = parseCoordinates(coordinateMode);
  auto nearest = parseNearest(nearestMode);
  if (!coordinates)
    return node.refuse("has coordinate_transformation_mode = " +
                       quote(coordinateMode) + ", which lowbit cannot compute");
  if (!nearest)
    return node.refuse("has nearest_mode = " + quote(nearestMode) +
                       ", which lowbit cannot compute");
  if (mode != "nearest" && mode != "linear" && mode != "cubic")
    return node.refuse("has mode = " + quote(mode) +
                       "; lowbit imports 'nearest', 'linear' and 'cubic'");

  Movable data =
      mode == "nearest" ? Movable::get(node, 0) : Movable(node.getTensor(0));
  if (!data)
    return failure();
  std::optional<Targets> targets = getTargets(node, data.getRank());
  if (!targets)
    return failure();
  SmallVector<ResizedAxis> axes =
      getResizedAxes(node, data.getShape(), *targets, *coordinates);
  if (axes.size() != targets->axes.size())
    return failure();
  if (mode == "nearest")
    return resize(node, data, targets->axes, axes,
                  [&](Movable input, int64_t dim, const ResizedAxis &axis) {
                    return take(node, input, dim,
                                getNearestPositions(axis, *nearest));
                  });
  Interpolation interpolation;
  interpolation.isCubic = mode == "cubic";
  if (!isOld) {
    interpolation.cubicCoefficient = node.getFloat("cubic_coeff_a", -0.75f);
    interpolation.excludesOutside = node.getInt("exclude_outside", 0) != 0;
    interpolation.isAntialiased = node.getInt("antialias", 0) != 0;
  }
  return resize(node, data, targets->axes, axes,
                [&](Movable input, int64_t dim, const ResizedAxis &axis) {
                  return Movable(interpolate(node, input.getValue(), dim, axis,
                                             interpolation));
                });
}

void onnximport::addResizeOperators(OperatorTable &table) {
  table.add("Resize", {1, 4}, importResize);
  table.add("Upsample", {1, 2}, importResize);
}
