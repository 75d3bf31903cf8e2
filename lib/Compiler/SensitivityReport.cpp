//===- SensitivityReport.cpp - Which layers cost accuracy -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Compiler/SensitivityReport.h"

#include "ParameterCopy.h"

#include "lowbit/Support/AtomicFile.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

FailureOr<Sensitivity>
Compiler::measureSensitivity(ModuleOp module,
                             const SensitivityOptions &sensitivity,
                             const Recipe *other) {
  if (options.calibration.empty())
    return emitError(source) << "--sensitivity runs the network on samples; "
                                "give them with --calibrate=FILE.npy";
  if (failed(lower(module, Stage::Observed)))
    return failure();
  llvm::Expected<Recipe> recipe = loadRecipe(options.recipe);
  if (!recipe)
    return emitError(source) << llvm::toString(recipe.takeError());
  loadCalibrationDialects(context);
  auto progress = [&](int64_t done, int64_t total) {
    if (options.progress)
      options.progress("measuring", done, total);
  };
  ModuleOp copy;
  OwningOpRef<ModuleOp> outer =
      copyWithParameters(module, options.recipe, copy);
  if (!outer)
    return failure();
  return lowbit::measureSensitivity(copy, other ? *other : *recipe,
                                    getCalibrationData(), sensitivity,
                                    progress);
}

static std::string formatSqnr(double sqnr) {
  return std::isinf(sqnr) ? "exact" : llvm::formatv("{0:f2}", sqnr).str();
}

static void print(const Sensitivity &sensitivity, llvm::raw_ostream &os) {
  size_t width = 5;
  for (const LayerSensitivity &layer : sensitivity.layers)
    width = std::max(width, layer.name.size());
  os << llvm::left_justify("layer", width)
     << "  kind              SQNR dB  bytes of weights\n";
  double sum = 0;
  for (const LayerSensitivity &layer : sensitivity.layers) {
    sum += layer.getNoise();
    os << llvm::left_justify(layer.name, width) << "  "
       << llvm::left_justify(layer.kind, 16)
       << llvm::right_justify(formatSqnr(sensitivity.getSqnr(layer.getNoise())),
                              9);
    if (int64_t bytes = layer.variants.front().weightBytes)
      os << llvm::right_justify(std::to_string(bytes), 18);
    os << "\n";
  }
  os << "all layers together: "
     << formatSqnr(sensitivity.getSqnr(sensitivity.noiseOfAll))
     << " dB; their errors add up to " << formatSqnr(sensitivity.getSqnr(sum))
     << " dB\n";
}

namespace {

/// Makes the recipe that a request asks for.
class Mixer {
public:
  Mixer(Compiler &compiler, ModuleOp module, const Recipe &recipe,
        const Sensitivity &sensitivity)
      : compiler(compiler), module(module), recipe(recipe),
        sensitivity(sensitivity) {}

  /// With `measured`, the outputs' SQNR after the mixed recipe.
  FailureOr<MixedRecipe> mix(const MixedRecipeRequest &request,
                             double &measured) {
    return request.sqnr
               ? reachSqnr(*request.sqnr, measured)
               : check(mixForBytes(recipe, sensitivity, *request.bytes),
                       measured);
  }

private:
  FailureOr<MixedRecipe> check(llvm::Expected<MixedRecipe> mixed,
                               double &measured) {
    if (!mixed)
      return emitError(UnknownLoc::get(module.getContext()))
             << llvm::toString(mixed.takeError());
    SensitivityOptions options;
    options.onlyTogether = true;
    FailureOr<Sensitivity> together =
        compiler.measureSensitivity(module, options, &mixed->recipe);
    if (failed(together))
      return failure();
    measured = together->getSqnr(together->noiseOfAll);
    return std::move(*mixed);
  }

  /// Aims higher while large errors add up to more than the sum of their powers.
  FailureOr<MixedRecipe> reachSqnr(double target, double &measured) {
    double aim = target;
    while (true) {
      FailureOr<MixedRecipe> mixed =
          check(mixForSqnr(recipe, sensitivity, aim), measured);
      if (failed(mixed) || measured >= target)
        return mixed;
      aim = sensitivity.getSqnr(mixed->noise) + (target - measured);
    }
  }

  Compiler &compiler;
  ModuleOp module;
  const Recipe &recipe;
  const Sensitivity &sensitivity;
};

} // namespace

LogicalResult
lowbit::reportSensitivity(Compiler &compiler, ModuleOp module,
                          const std::optional<MixedRecipeRequest> &request,
                          llvm::raw_ostream &os) {
  SensitivityOptions options;
  if (request && request->sqnr)
    options.precise = true;
  if (request && request->bytes)
    options.weightBits = {2, 3, 4, 6, 8};
  FailureOr<Sensitivity> sensitivity =
      compiler.measureSensitivity(module, options);
  if (failed(sensitivity))
    return failure();
  print(*sensitivity, os);
  if (!request)
    return success();

  auto fail = [&](llvm::Error error) {
    return emitError(UnknownLoc::get(module.getContext()))
           << llvm::toString(std::move(error));
  };
  llvm::Expected<Recipe> recipe = loadRecipe(compiler.getOptions().recipe);
  if (!recipe)
    return fail(recipe.takeError());
  double measured = 0;
  FailureOr<MixedRecipe> mixed =
      Mixer(compiler, module, *recipe, *sensitivity).mix(*request, measured);
  if (failed(mixed))
    return failure();
  if (llvm::Error error =
          writeFileAtomically(request->path, [&](llvm::raw_ostream &file) {
            writeRecipe(mixed->recipe, file);
          }))
    return fail(std::move(error));
  os << "recipe " << mixed->recipe.name << ": "
     << mixed->recipe.rules.size() - recipe->rules.size() << " of "
     << sensitivity->layers.size() << " layers differ from " << recipe->name
     << ", " << formatSqnr(measured) << " dB, " << mixed->weightBytes
     << " bytes of weights\n";
  return success();
}
