//===- DetectFormats.cpp - Weights that are quantized already -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Accuracy/FloatWeights.h"
#include "../Accuracy/LayerChoice.h"
#include "Grid.h"

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
    std::optional<FloatWeights> weights = FloatWeights::read(layer);
    if (!weights)
      return;
    std::optional<Grid> grid =
        findGrid(layer->getContext(), weights->values, weights->type.getShape(),
                 weights->axis);
    if (!grid)
      return;
    SmallVector<ElementsAttr> parameters;
    if (!grid->book.empty()) {
      int64_t count = grid->book.size();
      auto book = RankedTensorType::get({1, 1, count, 1},
                                        weights->type.getElementType());
      parameters.push_back(DenseElementsAttr::get(book, ArrayRef(grid->book)));
    }
    weights->replaceByCodes(weights->type.clone(grid->format), grid->codes,
                            parameters);
    emitRemark(layer->getLoc())
        << "its weights are " << grid->name << ", and keep these codes";
  }
};

} // namespace
