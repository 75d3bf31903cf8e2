//===- ModelFile.h - the protobuf file of a model -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_MODELFILE_H
#define LOWBIT_LIB_TARGET_ONNX_MODELFILE_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"

namespace onnx {
class GraphProto;
class ModelProto;
} // namespace onnx

namespace mlir::lowbit::onnximport {

/// The opsets of ONNX's own domain that some importers know; OperatorTable says
/// up to which each one does.
constexpr int64_t minOpset = 7, maxOpset = 25;

/// Reads `bytes` into `model` and checks that it is a model with a graph and in
/// a version that can be imported.
llvm::Error parseModel(StringRef bytes, ::onnx::ModelProto &model);

/// The version of `domain` that `model` uses, 0 if it does not say.
int64_t getOpset(const ::onnx::ModelProto &model, StringRef domain);

/// Checks that each name of `graph` is given once, and before it is used.
llvm::Error checkNames(const ::onnx::GraphProto &graph);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_MODELFILE_H
