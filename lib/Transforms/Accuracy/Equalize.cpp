//===- Equalize.cpp - evens out channels between layers -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// For a channel between two layers, let s be its size. Its codes have the step
// max(s) / 255, whatever s is, and an error of that step arrives at the output
// times the weights of the layer that reads it. With a factor f the weights
// are divided by f, and so is that error. What it costs is precision of the
// divided weights, where they share a step with those of other channels; the
// factor that leaves both as far from their largest is the square root. See
// Nagel et al., Data-Free Quantization Through Weight Equalization and Bias
// Correction, 2019, section 4.1, with what was measured in place of the range of
// the first layer's weights.

#include "LayerChoice.h"
#include "LayerPair.h"
#include "LayerParameters.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Passes.h"

#include <cmath>
#include <deque>

namespace mlir::lowbit {
#define GEN_PASS_DEF_EQUALIZEPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// Factors up to here are as good as 1.
static constexpr double negligible = 1.01;
static constexpr int maxRounds = 50;

namespace {

/// One layer's numbers, before and while factors are sought.
struct Layer {
  LayerParameters original, current;
  /// What it is multiplied and divided by in the end; empty for nothing.
  SmallVector<double> factors, divisors;

  explicit Layer(LayerParameters parameters)
      : original(parameters), current(std::move(parameters)) {}
};

/// A pair whose channels are evened out.
struct Candidate {
  LayerPair pair;
  Layer *producer, *consumer;
  /// What the channels measure now; empty where only the weights can tell.
  std::optional<ChannelRanges> ranges;
  /// True if other factors would leave f32.
  bool isLimited = false;

  SmallVector<double> getSizes() const;
  SmallVector<double> getLimits(ArrayRef<double> sizes) const;
  SmallVector<double> getShares() const;
  SmallVector<double> getFactors() const;
  bool apply(ArrayRef<double> factors);
};

} // namespace

/// The largest magnitude of each channel, or of the weights that make it.
SmallVector<double> Candidate::getSizes() const {
  const LayerParameters &layer = producer->current;
  SmallVector<double> sizes(layer.getNumOutputs(), 0);
  if (ranges) {
    for (auto [size, least, most] :
         llvm::zip_equal(sizes, ranges->least, ranges->most))
      size = std::max(std::abs(least), std::abs(most));
    return sizes;
  }
  for (auto [i, weight] : llvm::enumerate(layer.getWeights())) {
    double &size = sizes[layer.getOutput(i)];
    size = std::max<double>(size, std::abs(weight));
  }
  return sizes;
}

/// The largest factor of each channel: it does not outgrow the others, nor a
/// bound of the clamp.
SmallVector<double> Candidate::getLimits(ArrayRef<double> sizes) const {
  double largest = *llvm::max_element(sizes);
  auto [low, high] = pair.getBounds();
  SmallVector<double> limits;
  for (auto [channel, size] : llvm::enumerate(sizes)) {
    double limit = size > 0 ? largest / size : 1; // A dead channel stays.
    if (ranges && ranges->most[channel] > 0)
      limit = std::min(limit, high / ranges->most[channel]);
    if (ranges && ranges->least[channel] < 0)
      limit = std::min(limit, low / ranges->least[channel]);
    limits.push_back(std::max(limit, 1.0));
  }
  return limits;
}

/// For each channel, the largest of its weights in the consumer, over the
/// largest of all.
SmallVector<double> Candidate::getShares() const {
  const LayerParameters &layer = consumer->current;
  int64_t numChannels = producer->current.getNumOutputs();
  SmallVector<double> shares(numChannels, 0);
  for (auto [i, weight] : llvm::enumerate(layer.getWeights())) {
    double &share = shares[layer.getInput(i) % numChannels];
    share = std::max<double>(share, std::abs(weight));
  }
  double largest = *llvm::max_element(shares);
  if (largest > 0)
    for (double &share : shares)
      share /= largest;
  return shares;
}

SmallVector<double> Candidate::getFactors() const {
  SmallVector<double> factors = getLimits(getSizes());
  if (consumer->current.isDepthwise())
    return factors;
  for (auto [limit, share] : llvm::zip_equal(factors, getShares()))
    limit = std::min(std::max(std::sqrt(limit * share), 1.0), limit);
  return factors;
}

/// True if the numbers stay finite; nothing has changed otherwise.
bool Candidate::apply(ArrayRef<double> factors) {
  LayerParameters first = producer->current, second = consumer->current;
  first.scale(factors, {});
  second.scale({}, factors);
  if (!first.isFinite() || !second.isFinite())
    return false;
  producer->current = std::move(first);
  consumer->current = std::move(second);
  auto multiply = [&](SmallVector<double> &total) {
    total.resize(factors.size(), 1.0);
    for (auto [value, factor] : llvm::zip_equal(total, factors))
      value *= factor;
  };
  multiply(producer->factors);
  multiply(consumer->divisors);
  if (ranges)
    for (auto [factor, least, most] :
         llvm::zip_equal(factors, ranges->least, ranges->most)) {
      least *= factor;
      most *= factor;
    }
  return true;
}

namespace {

struct EqualizePass : lowbit::impl::EqualizePassBase<EqualizePass> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<LayerChoice> choice =
        LayerChoice::load(getOperation(), recipe, &RecipeOptions::equalize);
    if (failed(choice))
      return signalPassFailure();
    BlobScope blobs(getOperation());
    layers.clear();
    layerOf.clear();
    SmallVector<Candidate> candidates;
    getOperation().walk([&](Operation *op) {
      if (!isMultiplyAccumulate(op))
        return;
      std::string reason;
      if (std::optional<Candidate> found = find(op, *choice, reason))
        candidates.push_back(std::move(*found));
      else
        explainRefusal(op, reason);
    });
    solve(candidates);
    for (Layer &layer : layers)
      write(layer);
    for (const Candidate &candidate : candidates)
      if (ArrayRef<double> factors = candidate.producer->factors;
          !factors.empty())
        updateStatistics(candidate.pair, factors,
                         SmallVector<double>(factors.size(), 0));
  }

private:
  std::optional<Candidate> find(Operation *op, const LayerChoice &choice,
                                std::string &reason);
  Layer *getLayer(Operation *op, std::string &reason);
  void solve(MutableArrayRef<Candidate> candidates);

  void explainRefusal(Operation *op, StringRef reason) {
    if (explain)
      op->emitRemark() << "'" << getLayerName(op)
                       << "' is not equalized with what it reads: " << reason;
  }

  static void write(Layer &layer) {
    if (layer.factors.empty() && layer.divisors.empty())
      return;
    layer.original.scale(layer.factors, layer.divisors);
    layer.original.write();
  }

  /// The layers that are part of a pair, and where each one is. Looked up only.
  std::deque<Layer> layers;
  DenseMap<Operation *, Layer *> layerOf;
};

} // namespace

Layer *EqualizePass::getLayer(Operation *op, std::string &reason) {
  Layer *&layer = layerOf[op];
  if (layer)
    return layer;
  std::optional<LayerParameters> parameters = LayerParameters::read(op, reason);
  if (!parameters)
    return nullptr;
  return layer = &layers.emplace_back(std::move(*parameters));
}

std::optional<Candidate> EqualizePass::find(Operation *op,
                                            const LayerChoice &choice,
                                            std::string &reason) {
  std::optional<LayerPair> pair = findLayerPair(op, reason);
  if (!pair)
    return std::nullopt;
  for (Operation *layer : {pair->producer, pair->consumer})
    if (!choice.includes(layer)) {
      reason = "the recipe does not equalize '" + getLayerName(layer) + "'";
      return std::nullopt;
    }
  Candidate candidate{*pair, getLayer(pair->producer, reason),
                      getLayer(pair->consumer, reason), std::nullopt,
                      /*isLimited=*/false};
  if (!candidate.producer || !candidate.consumer)
    return std::nullopt;
  auto [low, high] = pair->getBounds();
  int64_t numChannels = candidate.producer->current.getNumOutputs();
  if (!(low <= 0 && high >= 0))
    reason = "the clamp between them excludes 0";
  else if (ChannelsAttr channels = pair->getChannels())
    candidate.ranges = getChannelRanges(channels, numChannels);
  else if (pair->value && pair->value.getStatsAttr())
    reason = "there are statistics, but none of its channels; use "
             "-lowbit-calibrate again";
  else if ((low != 0 && std::isfinite(low)) || std::isfinite(high))
    reason = "the clamp between them has a bound, and nothing is known of "
             "how near to it the channels come";
  if (!reason.empty())
    return std::nullopt;
  return candidate;
}

/// Evens out pair after pair until none is uneven.
void EqualizePass::solve(MutableArrayRef<Candidate> candidates) {
  bool hasChanged = true;
  for (int round = 0; hasChanged && round < maxRounds; ++round) {
    hasChanged = false;
    for (Candidate &candidate : candidates) {
      SmallVector<double> factors = candidate.getFactors();
      if (candidate.isLimited || *llvm::max_element(factors) <= negligible)
        continue;
      hasChanged = true;
      candidate.isLimited = !candidate.apply(factors);
      if (candidate.isLimited)
        explainRefusal(candidate.pair.consumer,
                       "weights or biases would not be finite");
    }
  }
}
