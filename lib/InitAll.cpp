//===- InitAll.cpp - Registers everything -------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The only place that lists dialects, passes and pipelines.

#include "lowbit/InitAll.h"

#include "lowbit/Conversion/Passes.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Pipelines/Pipelines.h"
#include "lowbit/Target/Onnx.h"
#include "lowbit/Transforms/BufferizableOpInterfaceImpl.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"

using namespace mlir;

void lowbit::registerAllDialects(DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<LowbitDialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
}

void lowbit::registerAllPasses() {
  mlir::registerAllPasses();
  registerLowbitConversionPasses();
  registerLowbitTransformsPasses();
  registerPipelines();
}

void lowbit::registerAllTranslations() { registerOnnxTranslations(); }
