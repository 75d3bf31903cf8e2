//===- AbsorbHighBias.cpp - moves constant parts of channels ------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// relu(x - c) = relu(x) - c where x >= c >= 0, and then
//
//   w2 * relu(x) + b2 = w2 * relu(x - c) + (b2 + w2 * c)
//
// See Nagel et al., Data-Free Quantization Through Weight Equalization and Bias
// Correction, 2019, section 4.1.3. There c is three standard deviations below
// the mean of a batch norm; here it is the least value that calibration saw.

#include "LayerChoice.h"
#include "LayerPair.h"
#include "LayerParameters.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Passes.h"

#include <cmath>

namespace mlir::lowbit {
#define GEN_PASS_DEF_ABSORBHIGHBIASPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// True if windows of `op` reach beyond its input.
static bool hasPadding(Operation *op) {
  ArrayRef<int64_t> pad;
  if (auto conv = dyn_cast<tosa::Conv2DOp>(op))
    pad = conv.getPad();
  else if (auto conv = dyn_cast<tosa::DepthwiseConv2DOp>(op))
    pad = conv.getPad();
  else if (auto conv = dyn_cast<GroupedConv2dOp>(op))
    pad = conv.getPad();
  return llvm::any_of(pad, [](int64_t size) { return size != 0; });
}

/// What each channel can do without; 0 for those that are near 0.
static SmallVector<double> getOffsets(const LayerPair &pair,
                                      const ChannelRanges &ranges) {
  double bound = pair.getBounds().second;
  SmallVector<double> offsets;
  for (auto [least, most] : llvm::zip_equal(ranges.least, ranges.most)) {
    if (least > 0 && most < bound)
      offsets.push_back(least);
    else if (most < 0 && !pair.clamp)
      offsets.push_back(most);
    else
      offsets.push_back(0);
  }
  return offsets;
}

namespace {

struct AbsorbHighBiasPass
    : lowbit::impl::AbsorbHighBiasPassBase<AbsorbHighBiasPass> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<LayerChoice> choice = LayerChoice::load(
        getOperation(), recipe, &RecipeOptions::absorbHighBias);
    if (failed(choice))
      return signalPassFailure();
    BlobScope blobs(getOperation());
    SmallVector<Operation *> layers;
    getOperation().walk([&](Operation *op) {
      if (isMultiplyAccumulate(op))
        layers.push_back(op);
    });
    for (Operation *op : layers)
      if (std::string reason = absorb(op, *choice); !reason.empty() && explain)
        op->emitRemark() << "'" << getLayerName(op)
                         << "' absorbs nothing of what it reads: " << reason;
  }

private:
  /// Why `op` absorbs nothing; empty if it has.
  static std::string absorb(Operation *op, const LayerChoice &choice);
};

} // namespace

std::string AbsorbHighBiasPass::absorb(Operation *op,
                                       const LayerChoice &choice) {
  std::string reason;
  std::optional<LayerPair> pair = findLayerPair(op, reason);
  if (!pair)
    return reason;
  for (Operation *layer : {pair->producer, pair->consumer})
    if (!choice.includes(layer))
      return "the recipe absorbs no high bias of '" + getLayerName(layer) + "'";
  if (hasPadding(op))
    return "it pads what it reads with 0";
  if (pair->movesElements)
    return "what it reads is padded or pooled";
  if (pair->getBounds().first > 0)
    return "the clamp between them excludes 0";
  ChannelsAttr channels = pair->getChannels();
  if (!channels)
    return "there are no statistics of its channels; use -lowbit-calibrate";
  std::optional<LayerParameters> producer =
      LayerParameters::read(pair->producer, reason);
  if (!producer)
    return reason;
  std::optional<LayerParameters> consumer = LayerParameters::read(op, reason);
  if (!consumer)
    return reason;
  if (producer->getBias().empty() || consumer->getBias().empty())
    return "a matrix product has no bias";

  int64_t numChannels = producer->getNumOutputs();
  SmallVector<double> offsets =
      getOffsets(*pair, getChannelRanges(channels, numChannels));
  if (llvm::all_of(offsets, [](double offset) { return offset == 0; }))
    return "its channels are near 0";
  for (auto [value, offset] : llvm::zip_equal(producer->getBias(), offsets))
    value = static_cast<float>(value - offset);
  SmallVector<double> sums(consumer->getBias());
  for (auto [i, weight] : llvm::enumerate(consumer->getWeights()))
    sums[consumer->getOutput(i)] +=
        weight * offsets[consumer->getInput(i) % numChannels];
  for (auto [value, sum] : llvm::zip_equal(consumer->getBias(), sums))
    value = static_cast<float>(sum);
  if (!producer->isFinite() || !consumer->isFinite())
    return "its bias would not be finite";
  producer->writeBias();
  consumer->writeBias();
  updateStatistics(*pair, SmallVector<double>(numChannels, 1), offsets);
  return "";
}
