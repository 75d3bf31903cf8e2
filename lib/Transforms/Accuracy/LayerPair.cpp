//===- LayerPair.cpp - A layer and the one that reads it ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayerPair.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"

#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

static ObserveOp getObservedWeights(Operation *layer) {
  OpOperand *weights = getWeights(layer);
  return weights ? weights->get().getDefiningOp<ObserveOp>() : ObserveOp();
}

ChannelsAttr LayerPair::getChannels() const {
  ObserveOp weights = getObservedWeights(consumer);
  return weights ? weights.getChannelsAttr() : ChannelsAttr();
}

std::pair<double, double> LayerPair::getBounds() const {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (!clamp)
    return {-infinity, infinity};
  auto bound = [](Attribute attribute) {
    return cast<FloatAttr>(attribute).getValueAsDouble();
  };
  tosa::ClampOp op = clamp;
  double least = bound(op.getMinVal()), most = bound(op.getMaxVal());
  // The largest f32 is how TOSA writes that there is no bound.
  constexpr double largest = std::numeric_limits<float>::max();
  return {least <= -largest ? -infinity : least,
          most >= largest ? infinity : most};
}

/// True if element `i` of the reshaped tensor is in the channel `i mod n` before
/// and after, with `n` channels before.
static bool keepsChannels(tosa::ReshapeOp op) {
  auto before = cast<ShapedType>(op.getInput1().getType());
  auto after = cast<ShapedType>(op.getType());
  return before.hasStaticShape() && after.hasStaticShape() &&
         before.getRank() > 0 && after.getRank() > 0 &&
         before.getShape().back() > 0 &&
         after.getShape().back() % before.getShape().back() == 0;
}

std::optional<LayerPair> lowbit::findLayerPair(Operation *consumer,
                                               std::string &reason) {
  LayerPair pair;
  pair.consumer = consumer;
  auto refuse = [&](StringRef why) {
    reason = why;
    return std::nullopt;
  };
  Value value = consumer->getOperand(0);
  while (true) {
    Operation *op = value.getDefiningOp();
    if (!op)
      return refuse("it reads an argument");
    if (!value.hasOneUse())
      return refuse("what it reads has other uses");
    if (op->getBlock() != consumer->getBlock())
      return refuse("what it reads is computed elsewhere");
    if (isMultiplyAccumulate(op)) {
      pair.producer = op;
      ChannelsAttr channels = pair.getChannels();
      auto read = cast<ShapedType>(consumer->getOperand(0).getType());
      if (channels && channels.getMean().size() != read.getShape().back())
        return refuse("its statistics are of other channels");
      return pair;
    }
    if (auto observe = dyn_cast<ObserveOp>(op)) {
      if (pair.value)
        return refuse("what it reads is observed twice");
      pair.value = observe;
    } else if (auto clamp = dyn_cast<tosa::ClampOp>(op)) {
      if (pair.clamp)
        return refuse("it reads a clamp of a clamp");
      pair.clamp = clamp;
    } else if (auto reshape = dyn_cast<tosa::ReshapeOp>(op)) {
      if (!keepsChannels(reshape))
        return refuse("what it reads is reshaped across channels");
    } else if (isa<tosa::MaxPool2dOp, tosa::PadOp>(op) && isDataMovement(op)) {
      auto before = cast<ShapedType>(op->getOperand(0).getType());
      if (before.getRank() == 0 ||
          before.getShape().back() !=
              cast<ShapedType>(value.getType()).getShape().back())
        return refuse("what it reads is padded across channels");
      pair.movesElements = true;
    } else {
      reason = "it reads '" + op->getName().getStringRef().str() + "'";
      return std::nullopt;
    }
    value = op->getOperand(0);
  }
}

ChannelRanges lowbit::getChannelRanges(ChannelsAttr channels,
                                       int64_t numChannels) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  ChannelRanges ranges{SmallVector<double>(numChannels, infinity),
                       SmallVector<double>(numChannels, -infinity)};
  for (auto [i, low, high] : llvm::enumerate(channels.getMin().asArrayRef(),
                                             channels.getMax().asArrayRef())) {
    double &least = ranges.least[i % numChannels];
    double &most = ranges.most[i % numChannels];
    least = std::min<double>(least, low);
    most = std::max<double>(most, high);
  }
  return ranges;
}

/// Statistics of `count` elements from `least` to `most`, with no histogram.
static StatsAttr getStatistics(MLIRContext *context, int64_t count,
                               double least, double most) {
  return StatsAttr::get(context, count, least, most, least, most,
                        /*binWidth=*/0, /*firstBin=*/0,
                        /*histogram=*/ArrayRef<int64_t>());
}

/// The statistics of weights are their own elements.
static void updateWeights(Operation *layer) {
  ObserveOp observe = getObservedWeights(layer);
  if (!observe || !observe.getStatsAttr())
    return;
  std::optional<SmallVector<float>> elements =
      readConstant<float>(observe.getInput());
  auto [least, most] = std::minmax_element(elements->begin(), elements->end());
  observe.setStatsAttr(getStatistics(
      observe.getContext(), observe.getStatsAttr().getCount(), *least, *most));
}

void lowbit::updateStatistics(const LayerPair &pair, ArrayRef<double> factors,
                              ArrayRef<double> offsets) {
  updateWeights(pair.producer);
  updateWeights(pair.consumer);
  ChannelsAttr before = pair.getChannels();
  if (!before)
    return;
  auto map = [&](DenseF32ArrayAttr values) {
    SmallVector<float> mapped;
    for (auto [i, value] : llvm::enumerate(values.asArrayRef())) {
      size_t channel = i % factors.size();
      mapped.push_back(
          static_cast<float>(value * factors[channel] - offsets[channel]));
    }
    return DenseF32ArrayAttr::get(values.getContext(), mapped);
  };
  auto after = ChannelsAttr::get(before.getContext(), map(before.getMin()),
                                 map(before.getMax()), map(before.getMean()));
  getObservedWeights(pair.consumer).setChannelsAttr(after);
  ObserveOp value = pair.value;
  if (!value || !value.getStatsAttr())
    return;
  value.setStatsAttr(
      getStatistics(value.getContext(), value.getStatsAttr().getCount(),
                    *llvm::min_element(after.getMin().asArrayRef()),
                    *llvm::max_element(after.getMax().asArrayRef())));
}
