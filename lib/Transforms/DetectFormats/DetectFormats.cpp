//===- DetectFormats.cpp - Weights that are quantized already -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Accuracy/LayerChoice.h"
#include "../Accuracy/LayerParameters.h"
#include "Grid.h"

#include "lowbit/Analysis/CodeData.h"
#include "lowbit/Analysis/LinearLayer.h"
#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_DETECTFORMATSPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

struct DetectFormatsPass
    : lowbit::impl::DetectFormatsPassBase<DetectFormatsPass> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<LayerChoice> choice = LayerChoice::load(
        getOperation(), recipe, &RecipeOptions::detectFormats);
    if (failed(choice))
      return signalPassFailure();
    BlobScope blobs(getOperation());
    getOperation().walk([&](Operation *op) {
      if (isMultiplyAccumulate(op) && choice->includes(op))
        detect(op);
    });
  }

private:
  /// Replaces the weights of `layer` by the decode of codes, if they have some.
  static void detect(Operation *layer) {
    OpOperand &weights = layer->getOpOperand(1);
    auto type = dyn_cast<RankedTensorType>(weights.get().getType());
    ElementsAttr elements = getConstantElements(weights.get());
    if (!type || !elements || !type.getElementType().isF32())
      return;
    std::optional<SmallVector<float>> values = readElements<float>(elements);
    if (!values)
      return;
    std::optional<Grid> grid = findGrid(layer->getContext(), *values,
                                        type.getShape(), getAxis(layer, type));
    if (!grid)
      return;
    Operation *before = weights.get().getDefiningOp();
    OpBuilder builder(layer);
    Location loc = before->getLoc();
    RankedTensorType coded = type.clone(grid->format);
    auto constant = ConstantOp::create(
        builder, loc, coded,
        makeCodes(coded, grid->codes, getBlobName(elements, "weights")));
    SmallVector<Value> parameters;
    if (!grid->book.empty()) {
      int64_t count = grid->book.size();
      auto book = RankedTensorType::get({1, 1, count, 1}, builder.getF32Type());
      parameters.push_back(arith::ConstantOp::create(
          builder, loc, DenseElementsAttr::get(book, ArrayRef(grid->book))));
    }
    weights.set(DecodeOp::create(builder, loc, type, constant, parameters));
    if (before->use_empty())
      before->erase();
    emitRemark(layer->getLoc())
        << "its weights are " << grid->name << ", and keep these codes";
  }

  /// The dimension of the weights along which output channels lie, where it is
  /// one.
  static std::optional<int64_t> getAxis(Operation *layer,
                                        RankedTensorType type) {
    std::string reason;
    std::optional<LinearLayer> linear = describeLinearLayer(layer, reason);
    if (!linear || linear->channelDims.size() != 1 ||
        linear->weightShape.size() != static_cast<size_t>(type.getRank()))
      return std::nullopt;
    return linear->channelDims.front();
  }
};

} // namespace
