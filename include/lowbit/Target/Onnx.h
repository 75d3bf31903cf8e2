//===- Onnx.h - reads ONNX models -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TARGET_ONNX_H
#define LOWBIT_TARGET_ONNX_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace mlir {
class DialectRegistry;
class MLIRContext;
} // namespace mlir

namespace mlir::lowbit {

struct OnnxImportOptions {
  /// What dimension 0 of an input becomes where the model leaves it open.
  int64_t batch = 1;
};

/// Reads the ONNX model at `path`: a module with one public function `main` of
/// static float tensors, in TOSA and the composites of the lowbit dialect.
/// Arguments and results carry their names in `lowbit.name`, operations are
/// located at the names of their nodes. Opsets 7 to 21 are understood, and
/// up to 25 of what quantized models are made of.
///
/// Returns null after one error, which names the file and, for nodes that
/// cannot be imported, all of them with the reasons.
OwningOpRef<ModuleOp> importOnnx(StringRef path,
                                 const OnnxImportOptions &options,
                                 MLIRContext *context);

/// The same for a model in memory; the buffer's identifier is its path, beside
/// which tensors in files of their own are looked for.
OwningOpRef<ModuleOp> importOnnx(llvm::MemoryBufferRef model,
                                 const OnnxImportOptions &options,
                                 MLIRContext *context);

/// Adds `-import-onnx` to lowbit-translate.
void registerOnnxTranslations();

} // namespace mlir::lowbit

#endif // LOWBIT_TARGET_ONNX_H
