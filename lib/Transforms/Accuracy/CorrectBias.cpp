//===- CorrectBias.cpp - takes mean errors out of the bias --------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayerChoice.h"
#include "LayerParameters.h"
#include "WeightCodes.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_CORRECTBIASPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// For each position of a window of `kernel` along one dimension, the share of
/// outputs that find an element of the input there.
static SmallVector<double> getInside(int64_t kernel, int64_t stride,
                                     int64_t dilation, int64_t padding,
                                     int64_t input, int64_t output) {
  SmallVector<double> inside;
  for (int64_t position = 0; position < kernel; ++position) {
    int64_t count = 0;
    for (int64_t i = 0; i < output; ++i) {
      int64_t at = i * stride + position * dilation - padding;
      count += at >= 0 && at < input;
    }
    inside.push_back(static_cast<double>(count) / output);
  }
  return inside;
}

namespace {

/// The shares of the rows and columns of a layer's window.
struct Window {
  SmallVector<double> rows = {1.0}, columns = {1.0};

  explicit Window(Operation *op) {
    if (auto conv = dyn_cast<tosa::Conv2DOp>(op))
      read(conv, /*kernelDim=*/1);
    else if (auto conv = dyn_cast<tosa::DepthwiseConv2DOp>(op))
      read(conv, /*kernelDim=*/0);
    else if (auto conv = dyn_cast<GroupedConv2dOp>(op))
      read(conv, /*kernelDim=*/1);
  }

  double getShare(std::pair<int64_t, int64_t> position) const {
    return rows[position.first] * columns[position.second];
  }

private:
  template <typename Conv> void read(Conv conv, int64_t kernelDim) {
    ArrayRef<int64_t> pad = conv.getPad(); // Top, bottom, left, right.
    auto input = cast<ShapedType>(conv.getInput().getType());
    auto weight = cast<ShapedType>(conv.getWeight().getType());
    auto output = cast<ShapedType>(conv.getType());
    auto inside = [&](int64_t dim) {
      return getInside(weight.getDimSize(kernelDim + dim),
                       conv.getStride()[dim], conv.getDilation()[dim],
                       pad[2 * dim], input.getDimSize(1 + dim),
                       output.getDimSize(1 + dim));
    };
    rows = inside(0);
    columns = inside(1);
  }
};

struct CorrectBiasPass : lowbit::impl::CorrectBiasPassBase<CorrectBiasPass> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<LayerChoice> choice =
        LayerChoice::load(getOperation(), recipe, &RecipeOptions::correctBias);
    if (failed(choice))
      return signalPassFailure();
    BlobScope blobs(getOperation());
    SmallVector<ObserveOp> observations;
    getOperation().walk([&](ObserveOp op) {
      if (getLayerOfWeights(op))
        observations.push_back(op);
    });
    for (ObserveOp op : observations) {
      Operation *layer = getLayerOfWeights(op);
      std::string reason = correct(op, layer, *choice);
      if (!reason.empty() && explain)
        layer->emitRemark() << "the bias of '" << getLayerName(layer)
                            << "' is not corrected: " << reason;
    }
  }

private:
  /// Why the bias of `layer` is not corrected; empty if it is.
  static std::string correct(ObserveOp weights, Operation *layer,
                             const LayerChoice &choice);
};

} // namespace

std::string CorrectBiasPass::correct(ObserveOp weights, Operation *layer,
                                     const LayerChoice &choice) {
  if (!choice.includes(layer))
    return "the recipe does not correct it";
  auto format = dyn_cast_or_null<quant::QuantizedType>(
      weights.getFormat().value_or(Type()));
  if (!format)
    return "its weights have no format; use -lowbit-assign";
  ChannelsAttr channels = weights.getChannelsAttr();
  if (!channels)
    return "there are no statistics of what it reads; use -lowbit-calibrate";
  std::string reason;
  std::optional<LayerParameters> parameters =
      LayerParameters::read(layer, reason);
  if (!parameters)
    return reason;
  if (parameters->getBias().empty())
    return "a matrix product has no bias";
  if (channels.getMean().size() != parameters->getNumInputs())
    return "its statistics are of other channels";
  std::optional<WeightCodes> codes = WeightCodes::get(weights, format);
  if (!codes)
    return "its weights have no affine format";

  Window window(layer);
  ArrayRef<float> mean = channels.getMean().asArrayRef();
  SmallVector<double> errors(parameters->getNumOutputs(), 0);
  for (auto [i, weight] : llvm::enumerate(parameters->getWeights()))
    errors[parameters->getOutput(i)] +=
        (codes->decode(i) - weight) * mean[parameters->getInput(i)] *
        window.getShare(parameters->getPosition(i));
  for (auto [value, error] : llvm::zip_equal(parameters->getBias(), errors))
    value = static_cast<float>(value - error);
  if (!parameters->isFinite())
    return "its bias would not be finite";
  parameters->writeBias();
  weights.removeChannelsAttr(); // The mean error is 0 now.
  return "";
}
