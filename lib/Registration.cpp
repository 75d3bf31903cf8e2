//===- Registration.cpp - Registers what is Lowbit's own ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The only place that lists our dialects, passes and pipelines.

#include "lowbit/Registration.h"

#include "lowbit/Conversion/Passes.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Pipelines/Pipelines.h"
#include "lowbit/Transforms/BufferizableOpInterfaceImpl.h"
#include "lowbit/Transforms/Passes.h"

using namespace mlir;

void lowbit::registerLowbitDialects(DialectRegistry &registry) {
  registry.insert<LowbitDialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
}

void lowbit::registerLowbitPasses() {
  registerLowbitConversionPasses();
  registerLowbitTransformsPasses();
  registerPipelines();
}
