//===- lowbit-plugin.cpp - Lowbit in other MLIR tools ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   mlir-opt --load-dialect-plugin=LowbitPlugin.so \
//            --load-pass-plugin=LowbitPlugin.so --pass-pipeline=...
//
// The host has upstream's dialects and passes: only ours are registered.
//
//===----------------------------------------------------------------------===//

#include "lowbit/Registration.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Support/Compiler.h"

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "lowbit", LOWBIT_VERSION,
          [](mlir::DialectRegistry *registry) {
            mlir::lowbit::registerLowbitDialects(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "lowbit", LOWBIT_VERSION,
          mlir::lowbit::registerLowbitPasses};
}
