//===- Pipelines.cpp - the pipelines by name ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Pipelines/Pipelines.h"

#include "lowbit/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::lowbit;

void lowbit::buildDetectFormatsPipeline(OpPassManager &pm, StringRef recipe) {
  // Weights behind a transpose are constants then.
  pm.addPass(createFoldConstantsPass());
  pm.addPass(createDetectFormatsPass({recipe.str()}));
}

void lowbit::buildModelPipeline(OpPassManager &pm) {
  pm.addPass(createRaiseCompositesPass());
  // Layout next: it brings convolution and batch norm together.
  pm.addPass(createPropagateLayoutPass());
  pm.addPass(createFoldBatchNormPass());
  pm.addPass(createFoldConstantsPass());
  pm.addPass(createHoistClampPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void lowbit::buildParametersPipeline(OpPassManager &pm, StringRef recipe) {
  // Constant parts first: what is left of a channel is then evened out.
  AbsorbHighBiasPassOptions absorb;
  absorb.recipe = recipe.str();
  pm.addPass(createAbsorbHighBiasPass(absorb));
  EqualizePassOptions equalize;
  equalize.recipe = recipe.str();
  pm.addPass(createEqualizePass(equalize));
}

void lowbit::buildFormatsPipeline(OpPassManager &pm, StringRef recipe,
                                  bool ports) {
  buildParametersPipeline(pm, recipe);
  pm.addPass(createAssignPass({recipe.str()}));
  // With formats, the error of each weight is known.
  pm.addPass(createCorrectBiasPass({recipe.str()}));
  pm.addPass(createPlaceQuantizersPass({recipe.str()}));
  pm.addPass(createEncodePass({ports}));
}

void lowbit::buildArenaPipeline(OpPassManager &pm) {
  pm.addPass(createResultsToArgumentsPass());
  pm.addPass(createPlanArenaPass());
  pm.addPass(createRecordPortsPass());
}

void lowbit::registerPipelines() {
  PassPipelineRegistration<>(
      "lowbit-reference-pipeline",
      "From the integer graph to LLVM through plain loops",
      buildReferencePipeline);
  PassPipelineRegistration<CpuPipelineOptions>(
      "lowbit-cpu-pipeline",
      "From the integer graph to LLVM through vector kernels",
      buildCpuPipeline);
  PassPipelineRegistration<>(
      "lowbit-emulated-device-pipeline",
      "From the integer graph to LLVM through kernels of devices, in loops",
      buildEmulatedDevicePipeline);
  PassPipelineRegistration<QuantizePipelineOptions>(
      "lowbit-quantize-pipeline",
      "From a float network whose ranges are known to the integer graph",
      buildQuantizePipeline);
  PassPipelineRegistration<CodecPipelineOptions>("lowbit-codec-pipeline",
                                                 "From gradient codecs to LLVM",
                                                 buildCodecPipeline);
  PassPipelineRegistration<>("lowbit-float-pipeline",
                             "From a float network to LLVM through loops",
                             buildFloatPipeline);
}
