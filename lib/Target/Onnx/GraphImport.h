//===- GraphImport.h - a graph becomes a function -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_GRAPHIMPORT_H
#define LOWBIT_LIB_TARGET_ONNX_GRAPHIMPORT_H

#include "TensorReader.h"

#include "lowbit/Target/Onnx.h"

namespace onnx {
class ModelProto;
} // namespace onnx

namespace mlir::lowbit::onnximport {

/// Makes a module of `model`, whose names have been checked. Returns null after
/// an error at `loc`, the location of the file.
OwningOpRef<ModuleOp> importGraph(const ::onnx::ModelProto &model,
                                  const TensorReader &reader,
                                  const OnnxImportOptions &options,
                                  Location loc);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_GRAPHIMPORT_H
