//===- Translation.cpp - -import-onnx ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Target/Onnx.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;

void lowbit::registerOnnxTranslations() {
  // As upstream's translations do it: the option exists only in a tool that
  // registers the translation.
  static llvm::cl::opt<int64_t> batch(
      "onnx-batch",
      llvm::cl::desc("What the batch dimension of an ONNX model becomes where "
                     "the model leaves it open"),
      llvm::cl::init(OnnxImportOptions().batch));

  TranslateToMLIRRegistration registration(
      "import-onnx", "import an ONNX model as TOSA",
      [](llvm::SourceMgr &sources,
         MLIRContext *context) -> OwningOpRef<Operation *> {
        OnnxImportOptions options;
        options.batch = batch;
        return importOnnx(*sources.getMemoryBuffer(sources.getMainFileID()),
                          options, context);
      },
      [](DialectRegistry &registry) {
        registry.insert<func::FuncDialect, tosa::TosaDialect, LowbitDialect>();
      });
}
