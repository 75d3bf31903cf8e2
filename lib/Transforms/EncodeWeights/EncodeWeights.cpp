//===- EncodeWeights.cpp - Weights by the method of a recipe --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Accuracy/FloatWeights.h"
#include "../Accuracy/LayerParameters.h"
#include "../Accuracy/RecipeLayers.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Encoders/Fidelity.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/EncodeWeights.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include "llvm/ADT/Sequence.h"
#include "llvm/Support/Format.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_ENCODEWEIGHTSPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// What is lost, with what normal weights would lose in brackets.
static std::string describe(const Fidelity &found,
                            const std::optional<Fidelity> &expected) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto compare = [&](const char *format, double Fidelity::*figure) {
    os << llvm::format(format, found.*figure);
    if (expected)
      os << " (" << llvm::format(format, (*expected).*figure) << ")";
  };
  os << "an angle of ";
  compare("%.1f", &Fidelity::angle);
  os << " degrees to the floats, a correlation of ";
  compare("%.3f", &Fidelity::correlation);
  os << ", a signal over error of ";
  compare("%.1f", &Fidelity::sqnr);
  os << " dB";
  return text;
}

static ElementsAttr makeParameter(Builder &builder,
                                  const EncodedParameter &parameter) {
  if (!parameter.integers.empty())
    return makeElements<int32_t>(
        RankedTensorType::get(parameter.shape, builder.getI32Type()),
        parameter.integers, "zeros");
  return makeElements<float>(
      RankedTensorType::get(parameter.shape, builder.getF32Type()),
      parameter.numbers, "scales");
}

/// The curvature of the layer's output error for each weight: the mean square of
/// the input that it multiplies.
static SmallVector<double> getCurvature(const Weights &weights,
                                        ArrayRef<double> moments) {
  int64_t inputs = weights.getNumInputs(), inner = 1, channels = 1;
  if (weights.axis) {
    channels = weights.shape[*weights.axis];
    for (int64_t size : weights.shape.drop_front(*weights.axis + 1))
      inner *= size;
  }
  SmallVector<double> curvature;
  for (int64_t element : llvm::seq<int64_t>(weights.values.size())) {
    int64_t input = element / (inner * channels) * inner + element % inner;
    curvature.push_back(moments[input * inputs + input]);
  }
  return curvature;
}

/// Leaves a layer alone whose weights are not constant floats.
static LogicalResult encodeLayer(Operation *layer, const EncoderChoice &choice,
                                 const LayerMoments &moments,
                                 const LayerCurvature &given) {
  std::optional<FloatWeights> found = FloatWeights::read(layer);
  if (!found)
    return success();
  auto fail = [&](llvm::Error error) {
    return layer->emitError() << llvm::toString(std::move(error));
  };
  auto method = choice.resolve();
  if (!method)
    return fail(method.takeError());
  const auto &[encoder, options] = *method;
  Weights weights{found->values, found->type.getShape(), found->axis};
  SmallVector<double> curvature;
  bool isMeasured = encoder->getInfo().needs != EncoderNeeds::Weights;
  if (auto known = moments.find(layer); isMeasured && known != moments.end()) {
    curvature = getCurvature(weights, known->second);
    weights.curvature = curvature;
    weights.secondMoments = known->second;
  }
  if (auto known = given.find(layer); known != given.end())
    weights.curvature = known->second;
  auto encoded = encoder->encode(layer->getContext(), weights, options);
  if (!encoded) {
    InFlightDiagnostic diagnostic = layer->emitError()
                                    << llvm::toString(encoded.takeError());
    if (isMeasured && weights.curvature.empty())
      diagnostic.attachNote()
          << "inputs are measured where each channel reads all of them, at "
             "most 4096; a rule of the recipe can name another encoder for "
             "this layer";
    return diagnostic;
  }

  Builder builder(layer->getContext());
  SmallVector<ElementsAttr> parameters;
  for (const EncodedParameter &parameter : encoded->parameters)
    parameters.push_back(makeParameter(builder, parameter));
  std::vector<float> decoded = decodeWeights(*encoded, weights.shape);
  found->replaceByCodes(
      RankedTensorType::get(encoded->codeShape, encoded->format),
      encoded->codes, parameters);
  emitRemark(layer->getLoc())
      << "its weights are encoded by '" << choice.name << "': "
      << describe(measureFidelity(found->values, decoded),
                  expectFidelity(layer->getContext(), *encoder, options));
  return success();
}

/// Calls `visit` with each layer for which `recipe` names an encoder.
static LogicalResult forEachEncoded(
    ModuleOp module, const Recipe &recipe,
    function_ref<LogicalResult(Operation *, const EncoderChoice &)> visit) {
  RecipeLayers layers(module);
  WalkResult result = module.walk([&](Operation *op) {
    if (!isMultiplyAccumulate(op))
      return WalkResult::advance();
    std::string name = getLayerName(op);
    RecipeOptions options = recipe.getOptions(layers.describe(op, name));
    const EncoderChoice &choice = *options.weights.encoder;
    if (!*options.quantize || choice.name.empty())
      return WalkResult::advance();
    return WalkResult(visit(op, choice));
  });
  return failure(result.wasInterrupted());
}

LogicalResult lowbit::encodeWeights(ModuleOp module, const Recipe &recipe,
                                    const LayerMoments &moments,
                                    const LayerCurvature &curvature) {
  BlobScope blobs(module);
  return forEachEncoded(module, recipe,
                        [&](Operation *op, const EncoderChoice &choice) {
                          return encodeLayer(op, choice, moments, curvature);
                        });
}

llvm::DenseSet<Operation *>
lowbit::findLayersToMeasure(ModuleOp module, const Recipe &recipe,
                            const LayerCurvature &curvature) {
  llvm::DenseSet<Operation *> layers;
  (void)forEachEncoded(
      module, recipe, [&](Operation *op, const EncoderChoice &choice) {
        auto method =
            llvm::cantFail(choice.resolve(), "the parser has found it");
        EncoderNeeds needs = method.encoder->getInfo().needs;
        bool isKnown =
            needs == EncoderNeeds::Weights ||
            (needs == EncoderNeeds::Curvature && curvature.contains(op));
        if (!isKnown)
          layers.insert(op);
        return success();
      });
  return layers;
}

namespace {

struct EncodeWeightsPass
    : lowbit::impl::EncodeWeightsPassBase<EncodeWeightsPass> {
  using Base::Base;

  void runOnOperation() override {
    if (recipe.empty()) {
      getOperation().emitError() << "expects a recipe that names encoders";
      return signalPassFailure();
    }
    llvm::Expected<Recipe> loaded = loadRecipe(recipe);
    if (!loaded) {
      getOperation().emitError() << llvm::toString(loaded.takeError());
      return signalPassFailure();
    }
    if (failed(encodeWeights(getOperation(), *loaded)))
      return signalPassFailure();
  }
};

} // namespace
