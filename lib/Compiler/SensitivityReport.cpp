//===- SensitivityReport.cpp - Which layers cost accuracy -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Compiler/SensitivityReport.h"

#include "lowbit/Support/AtomicFile.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

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
  llvm::Expected<MixedRecipe> mixed =
      request->sqnr ? mixForSqnr(*recipe, *sensitivity, *request->sqnr)
                    : mixForBytes(*recipe, *sensitivity, *request->bytes);
  if (!mixed)
    return fail(mixed.takeError());
  if (llvm::Error error =
          writeFileAtomically(request->path, [&](llvm::raw_ostream &file) {
            writeRecipe(mixed->recipe, file);
          }))
    return fail(std::move(error));
  os << "recipe " << mixed->recipe.name << ": "
     << mixed->recipe.rules.size() - recipe->rules.size() << " of "
     << sensitivity->layers.size() << " layers differ from " << recipe->name
     << ", " << formatSqnr(sensitivity->getSqnr(mixed->noise))
     << " dB predicted, " << mixed->weightBytes << " bytes of weights\n";
  return success();
}
