//===- Import.cpp - Imports fuzzed models ---------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import.h"

#include "lowbit/Target/Onnx.h"

#include <cstdio>
#include <cstdlib>

using namespace mlir;
using namespace mlir::lowbit;

void FuzzContext::run(const uint8_t *data, size_t size,
                      function_ref<LogicalResult(ModuleOp)> test) {
  if (!context || ++uses % 512 == 0) {
    context = std::make_unique<MLIRContext>(registry,
                                            MLIRContext::Threading::DISABLED);
    context->loadAllAvailableDialects();
  }
  std::string error;
  ScopedDiagnosticHandler handler(context.get(), [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      error = diagnostic.str();
  });
  // The identifier is that of standard input, which lies in no folder: external
  // data is refused.
  llvm::MemoryBufferRef model(
      StringRef(reinterpret_cast<const char *>(data), size), "<stdin>");
  OwningOpRef<ModuleOp> module = importOnnx(model, {}, context.get());
  bool succeeds = module && succeeded(test(*module));
  // At the start: models have been found that hold any word that is looked for.
  bool isDefect =
      StringRef(error).starts_with("the import made an invalid module");
  if (succeeds || (!error.empty() && !isDefect))
    return;
  std::fprintf(stderr, "failed, and said: '%s'\n", error.c_str());
  std::abort();
}
