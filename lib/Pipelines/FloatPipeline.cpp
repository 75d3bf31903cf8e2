//===- FloatPipeline.cpp - float networks down to LLVM --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What a network that is not quantized becomes, and what calibration runs. No
// step reorders a sum or assumes anything about NaN: each output of a layer is
// the sum of its products in ascending order of kernel row, kernel column and
// channel. In loops, multiplication and addition round each; kernels fuse them.

#include "lowbit/Pipelines/Pipelines.h"

#include "lowbit/Conversion/Passes.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::lowbit;

void lowbit::buildFloatToLinalgPipeline(OpPassManager &pm) {
  // Codes of a quantized model, which are computed like other numbers here.
  pm.addPass(createMaterializeCodesPass());
  pm.addPass(createDecomposeCompositesPass());
  OpPassManager &functions = pm.nest<func::FuncOp>();
  functions.addPass(tosa::createTosaOptionalDecompositionsPass());
  functions.addPass(tosa::createTosaMakeBroadcastablePass());
  TosaToLinalgNamedOptions named;
  named.preferConv2DKernelLayoutHWCF = true; // Output channels side by side.
  functions.addPass(tosa::createTosaToLinalgNamed(named));
  functions.addPass(tosa::createTosaToLinalg());
  functions.addPass(createTosaToArithPass());
  functions.addPass(createTosaToTensorPass());
  functions.addPass(createConvertElementwiseToLinalgPass());
  // Without CSE, as in buildWordsPipeline: one fill for two paddings costs copies.
  functions.addPass(createCanonicalizerPass());
  functions.addPass(createLinalgElementwiseOpFusionPass());
  functions.addPass(createSinkParallelLoopsPass());
}

static void buildFloatBuffersPipeline(OpPassManager &pm) {
  buildBufferizePipeline(pm);
  bufferization::buildBufferDeallocationPipeline(pm);
  pm.addPass(createConvertBufferizationToMemRefPass());
  pm.addPass(createConvertMemRefCopyToLinalgPass());
}

static void buildFloatToLLVMPipeline(OpPassManager &pm) {
  // What LLVM has no intrinsic for is left to libm.
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  buildLoopsToLLVMPipeline(pm);
}

void lowbit::buildFloatPipeline(OpPassManager &pm) {
  buildFloatToLinalgPipeline(pm);
  buildFloatBuffersPipeline(pm);
  buildFloatToLLVMPipeline(pm);
}

void lowbit::buildFloatKernelsPipeline(OpPassManager &pm,
                                       const CpuPipelineOptions &options) {
  pm.addPass(createRaiseToContractPass());
  buildFloatToLinalgPipeline(pm);
  buildSelectKernelsPipeline(pm, options);
  buildFloatBuffersPipeline(pm);
  buildKernelsPipeline(pm);
  buildFloatToLLVMPipeline(pm);
}
