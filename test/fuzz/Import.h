//===- Import.h - Imports fuzzed models -------------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TEST_FUZZ_IMPORT_H
#define LOWBIT_TEST_FUZZ_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <functional>
#include <memory>
#include <string>

namespace mlir::lowbit {

/// Keeps a context for many inputs: they cost more than an import. It is made
/// anew from time to time, since it never forgets an attribute.
class FuzzContext {
public:
  explicit FuzzContext(DialectRegistry registry)
      : registry(std::move(registry)) {}

  /// Calls `test` on the model in `data`, if it can be imported. A failure
  /// without a diagnostic, and any report of a defect, ends the program.
  void run(const uint8_t *data, size_t size,
           function_ref<LogicalResult(ModuleOp)> test);

private:
  DialectRegistry registry;
  std::unique_ptr<MLIRContext> context;
  unsigned uses = 0;
};

} // namespace mlir::lowbit

#endif // LOWBIT_TEST_FUZZ_IMPORT_H
