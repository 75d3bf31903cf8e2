//===- Cpu.cpp - the optimised way down ---------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Pipelines/Pipelines.h"

#include "lowbit/Conversion/Passes.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::lowbit;

void lowbit::buildSelectKernelsPipeline(OpPassManager &pm,
                                        const CpuPipelineOptions &options) {
  SelectPrimitivePassOptions select;
  llvm::append_range(select.features, options.features);
  llvm::append_range(select.force, options.force);
  llvm::append_range(select.variants, options.variants);
  select.explain = options.explain;
  pm.addPass(createSelectPrimitivePass(select));
  // What no primitive computes goes the reference's way.
  pm.addPass(createConvertLowbitContractToLinalgPass());
  pm.addPass(createFillFramesPass());
}

/// How many counts of bits are faster than multiplying bytes.
static unsigned countWorthwhile(ArrayRef<StringRef> features) {
  auto has = [&](StringRef feature) {
    return llvm::is_contained(features, feature);
  };
  if (has("avx512vpopcntdq"))
    return 2;
  return has("avx2") && !has("avxvnni") && !has("avx512vnni") ? 3 : 1;
}

/// Programs that share weights have the same counts: what is faster in all.
static unsigned countWorthwhile(const CpuPipelineOptions &options) {
  if (options.variants.empty())
    return countWorthwhile(SmallVector<StringRef>(options.features.begin(),
                                                  options.features.end()));
  unsigned fewest = std::numeric_limits<unsigned>::max();
  for (StringRef variant : options.variants) {
    SmallVector<StringRef> features;
    variant.split(features, ':');
    fewest = std::min(fewest, countWorthwhile(features));
  }
  return fewest;
}

/// True if multiplying codes of two bits by tables is faster than by bytes. Only AVX2
/// has tables for them.
static bool multipliesByTables(const CpuPipelineOptions &options) {
  return countWorthwhile(options) == 3;
}

void lowbit::buildBitsPipeline(OpPassManager &pm,
                               const CpuPipelineOptions &options) {
  ToBitwisePassOptions bits;
  bits.word = 8;
  bits.maxCounts = countWorthwhile(options);
  bits.leastTerms = 512;
  bits.pack = multipliesByTables(options);
  pm.addPass(createToBitwisePass(bits));
  pm.addPass(createFuseBitsPass());
}

void lowbit::buildKernelsPipeline(OpPassManager &pm, bool parallel,
                                  int64_t fewestCycles) {
  pm.addPass(createConvertContractToVectorPass({parallel, fewestCycles}));
  pm.addPass(createExpandRescalePass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void lowbit::buildCpuPipeline(OpPassManager &pm,
                              const CpuPipelineOptions &options) {
  buildBitsPipeline(pm, options);
  buildWordsPipeline(pm);
  buildSelectKernelsPipeline(pm, options);
  buildBufferizePipeline(pm);
  pm.addPass(createFuseSumsPass());
  bufferization::buildBufferDeallocationPipeline(pm);
  pm.addPass(createConvertBufferizationToMemRefPass());
  if (options.ranges == 0) {
    buildKernelsPipeline(pm);
  } else {
    buildKernelsPipeline(pm, /*parallel=*/true, /*fewestCycles=*/0);
    buildOutlineThreadsPipeline(pm, options.ranges);
  }
  buildLoopsToLLVMPipeline(pm);
}

void lowbit::buildOutlineThreadsPipeline(OpPassManager &pm, unsigned ranges) {
  OpPassManager &functions = pm.nest<func::FuncOp>();
  functions.addPass(createConvertLinalgToParallelLoopsPass());
  functions.addPass(createParallelizeLoopsPass());
  functions.addPass(createHoistLoadsPass());
  pm.addPass(createOutlineParallelPass({ranges}));
}
