//===- ModelFile.cpp - the protobuf file of a model ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModelFile.h"

#include "onnx.pb.h"

#include <google/protobuf/io/coded_stream.h>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using llvm::createStringError;

/// Subgraphs take three messages a level; no sane model nests deeper.
static constexpr int recursionLimit = 64;

llvm::Error onnximport::parseModel(StringRef bytes, ::onnx::ModelProto &model) {
  if (bytes.empty())
    return createStringError("the file is empty; expected an ONNX model");
  if (bytes.starts_with("version https://git-lfs"))
    return createStringError(
        "the file is a Git LFS pointer instead of a model; "
        "fetch it with 'git lfs pull'");
  if (bytes.size() > size_t(std::numeric_limits<int>::max()))
    return createStringError("the file is larger than 2 GiB, the limit of "
                             "protobuf; save the model with external data");
  google::protobuf::io::CodedInputStream stream(
      reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size());
  stream.SetTotalBytesLimit(std::numeric_limits<int>::max());
  stream.SetRecursionLimit(recursionLimit);
  // The partial form does not write to standard error on failure.
  if (!model.MergePartialFromCodedStream(&stream) ||
      !stream.ConsumedEntireMessage())
    return createStringError("the file is damaged or not an ONNX model; check "
                             "that it was saved or downloaded completely");
  if (!model.has_graph() || model.opset_import_size() == 0)
    return createStringError("the file is not an ONNX model: it has no " +
                             Twine(model.has_graph() ? "opset" : "graph"));

  int64_t opset = getOpset(model, "");
  if (opset < minOpset || opset > maxOpset)
    return createStringError("the model uses opset " + Twine(opset) +
                             "; lowbit imports opsets " + Twine(minOpset) +
                             " to " + Twine(maxOpset) +
                             ": convert it with onnx.version_converter or "
                             "export it again");
  return llvm::Error::success();
}

int64_t onnximport::getOpset(const ::onnx::ModelProto &model,
                             StringRef domain) {
  for (const ::onnx::OperatorSetIdProto &opset : model.opset_import()) {
    StringRef imported = opset.domain();
    if (imported == domain || (domain.empty() && imported == "ai.onnx"))
      return opset.version();
  }
  return 0;
}
