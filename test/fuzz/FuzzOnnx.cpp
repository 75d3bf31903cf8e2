//===- FuzzOnnx.cpp - Imports arbitrary bytes as a model ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import.h"

#include "lowbit/Registration.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;

static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerLowbitDialects(registry);
  registry.insert<func::FuncDialect, tosa::TosaDialect>();
  return registry;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static FuzzContext context(makeRegistry());
  context.run(data, size, [](ModuleOp) { return success(); });
  return 0;
}
