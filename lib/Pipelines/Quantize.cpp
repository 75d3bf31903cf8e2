//===- Quantize.cpp - From ranges to the integer graph --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What lowbit-compile does between its stages 'model' and 'integer', but for
// calibration, which needs samples. Each part does nothing where its work is
// done already, so that the pipeline can start from any of them.

#include "lowbit/Pipelines/Pipelines.h"

#include "lowbit/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::lowbit;

void lowbit::buildQuantizePipeline(OpPassManager &pm,
                                   const QuantizePipelineOptions &options) {
  pm.addPass(createObservePass());
  buildFormatsPipeline(pm, options.recipe);
  IntegerizePassOptions integerize;
  integerize.requireInteger = options.requireInteger;
  integerize.profile = options.profile;
  pm.addPass(createIntegerizePass(integerize));
  pm.addPass(createCanonicalizerPass());
}
