//===- FormWeights.cpp - Weights that are codes from the start ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Compiler/Compiler.h"
#include "lowbit/Pipelines/Pipelines.h"
#include "lowbit/Transforms/EncodeWeights.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::lowbit;

CalibrationData Compiler::getCalibrationData() const {
  CalibrationData data;
  for (const std::string &text : options.calibration) {
    // "input:file.npy"; a name is what stands before the first colon.
    auto [name, path] = StringRef(text).split(':');
    if (path.empty())
      std::swap(name, path);
    data.inputs.push_back(
        {name.str(), path.str(), options.scale, options.offset});
  }
  return data;
}

/// Finds the codes of weights that lie on a grid, and encodes others, as the
/// recipe says. Samples are run where an encoder needs to know what layers read.
LogicalResult Compiler::formWeights(ModuleOp module) {
  PassManager pm(&context);
  if (detectsFormats)
    buildDetectFormatsPipeline(pm, options.recipe);
  if (hasEncoders)
    pm.addPass(createFoldConstantsPass());
  if (failed(pm.run(module)))
    return failure();
  if (!hasEncoders && !options.curvature.empty())
    return emitError(source) << "recipe '" << recipeName
                             << "' has no encoder of weights, so that it takes "
                                "no curvature";
  if (!hasEncoders)
    return success();
  llvm::Expected<Recipe> recipe = loadRecipe(options.recipe);
  if (!recipe)
    return emitError(source) << llvm::toString(recipe.takeError());
  FailureOr<LayerCurvature> curvature =
      readLayerCurvature(module, options.curvature);
  if (failed(curvature))
    return failure();
  llvm::DenseSet<Operation *> layers =
      findLayersToMeasure(module, *recipe, *curvature);
  if (layers.empty())
    return encodeWeights(module, *recipe, LayerMoments(), *curvature);
  if (options.calibration.empty())
    return emitError(source)
           << "recipe '" << recipeName
           << "' needs to know what layers read; give samples "
              "with --calibrate=FILE.npy";
  loadCalibrationDialects(context);
  auto progress = [&](int64_t done, int64_t total) {
    if (options.progress)
      options.progress("measuring", done, total);
  };
  FailureOr<LayerMoments> moments =
      measureLayerMoments(module, layers, getCalibrationData(), progress);
  return failed(moments) ? failure()
                         : encodeWeights(module, *recipe, *moments, *curvature);
}
