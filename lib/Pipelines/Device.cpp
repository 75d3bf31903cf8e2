//===- Device.cpp - the way down to launches of kernels -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Pipelines/Pipelines.h"

#include "lowbit/Analysis/LaunchPlan.h"
#include "lowbit/Conversion/Passes.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::lowbit;

void lowbit::buildDeviceBuffersPipeline(OpPassManager &pm) {
  buildBufferizePipeline(pm);
  pm.addPass(createResultsToArgumentsPass());
  PlanArenaPassOptions arena;
  arena.stackLimit = 0; // threads share nothing on a stack
  arena.alignment = kDeviceAlignment;
  pm.addPass(createPlanArenaPass(arena));
}

void lowbit::buildDeviceKernelsPipeline(OpPassManager &pm,
                                        const DeviceTarget &device,
                                        bool explain) {
  if (device.api == "cuda") {
    ConvertContractToGpuPassOptions contracts;
    contracts.chip = device.chip;
    contracts.report = explain;
    pm.addPass(createConvertContractToGpuPass(contracts));
  } else {
    ConvertContractToTilesPassOptions contracts;
    contracts.report = explain;
    pm.addPass(createConvertContractToTilesPass(contracts));
  }
  pm.addPass(createExpandRescalePass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createLaunchKernelsPass());
  pm.addPass(createOutlineLaunchesPass());
  pm.addPass(createPlanLaunchesPass());
}

/// The same kernels on the processor, one thread after the other.
void lowbit::buildEmulatedDevicePipeline(OpPassManager &pm) {
  pm.addPass(createToBitwisePass());
  buildWordsPipeline(pm);
  pm.addPass(createFuseGroupsPass());
  buildBufferizePipeline(pm);
  bufferization::buildBufferDeallocationPipeline(pm);
  pm.addPass(createConvertBufferizationToMemRefPass());
  pm.addPass(createExpandRescalePass());
  pm.addPass(createCanonicalizerPass());
  LaunchKernelsPassOptions launch;
  launch.allowHost = true;
  pm.addPass(createLaunchKernelsPass(launch));
  pm.addPass(createLaunchesToLoopsPass());
  buildLoopsToLLVMPipeline(pm);
}
