//===- InitAll.cpp - Registers everything -------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What Lowbit's own tools know: ours, and all of MLIR.

#include "lowbit/InitAll.h"

#include "lowbit/Registration.h"
#include "lowbit/Target/Onnx.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"

using namespace mlir;

void lowbit::registerAllDialects(DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registerLowbitDialects(registry);
}

void lowbit::registerAllPasses() {
  mlir::registerAllPasses();
  registerLowbitPasses();
}

void lowbit::registerAllTranslations() { registerOnnxTranslations(); }
