//===- Import.cpp - reads ONNX models ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphImport.h"
#include "ModelFile.h"

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/InputFile.h"
#include "lowbit/Target/Onnx.h"

#include "onnx.pb.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// The importers check what they build, so this never fails; if it does, it is
/// our defect and still one error that names the file.
static LogicalResult verifyImport(ModuleOp module, Location loc) {
  std::string reason;
  {
    ScopedDiagnosticHandler handler(module.getContext(),
                                    [&](Diagnostic &diagnostic) {
                                      if (reason.empty())
                                        reason = diagnostic.str();
                                      return success();
                                    });
    if (succeeded(verify(module)))
      return success();
  }
  return emitError(loc) << "the import made an invalid module, which is a "
                           "defect of lowbit; report it with the model: "
                        << reason;
}

OwningOpRef<ModuleOp> lowbit::importOnnx(llvm::MemoryBufferRef model,
                                         const OnnxImportOptions &options,
                                         MLIRContext *context) {
  context->loadDialect<func::FuncDialect, tosa::TosaDialect, LowbitDialect>();
  StringRef path = model.getBufferIdentifier();
  Location loc = FileLineColLoc::get(context, path, 0, 0);
  ::onnx::ModelProto proto;
  llvm::Error error = parseModel(model.getBuffer(), proto);
  if (!error)
    error = checkNames(proto.graph());
  if (error) {
    emitError(loc) << llvm::toString(std::move(error));
    return nullptr;
  }
  // A bare file name lies in the current folder; standard input lies nowhere.
  StringRef folder = llvm::sys::path::parent_path(path);
  if (folder.empty() && path != "<stdin>")
    folder = ".";
  OwningOpRef<ModuleOp> module =
      importGraph(proto, TensorReader(folder), options, loc);
  if (!module || failed(verifyImport(*module, loc)))
    return nullptr;
  return module;
}

OwningOpRef<ModuleOp> lowbit::importOnnx(StringRef path,
                                         const OnnxImportOptions &options,
                                         MLIRContext *context) {
  auto buffer = readInputFile(path);
  if (buffer)
    return importOnnx((*buffer)->getMemBufferRef(), options, context);
  emitError(FileLineColLoc::get(context, path, 0, 0))
      << "cannot read the model: " << llvm::toString(buffer.takeError());
  return nullptr;
}
