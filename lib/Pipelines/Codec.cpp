//===- Codec.cpp - gradient codecs down to LLVM ---------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Pipelines/Pipelines.h"

#include "lowbit/Conversion/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::lowbit;

void lowbit::buildCodecKernelsPipeline(OpPassManager &pm, bool vectorize) {
  ConvertGradientsToLoopsPassOptions options;
  options.vectorize = vectorize;
  pm.addPass(createConvertGradientsToLoopsPass(options));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void lowbit::buildCodecPipeline(OpPassManager &pm,
                                const CodecPipelineOptions &options) {
  buildCodecKernelsPipeline(pm, options.vectorize);
  buildLoopsToLLVMPipeline(pm);
}
