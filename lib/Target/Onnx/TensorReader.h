//===- TensorReader.h - reads the tensors of a model -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_TENSORREADER_H
#define LOWBIT_LIB_TARGET_ONNX_TENSORREADER_H

#include "ConstantTensor.h"
#include "ElementType.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace onnx {
class TensorProto;
} // namespace onnx

namespace mlir::lowbit::onnximport {

/// Turns the tensors of one model into constants. An error says what is wrong
/// with the tensor and names it.
class TensorReader {
public:
  /// `folder` is where the model lies and external data is looked for; empty
  /// if that is not known.
  explicit TensorReader(StringRef folder) : folder(folder.str()) {}

  /// The result may refer to the elements in `tensor`.
  llvm::Expected<ConstantTensor> read(const ::onnx::TensorProto &tensor) const;

private:
  std::string folder;
};

/// The `size` bytes of a tensor that lie in a file of their own. The file must
/// be inside `folder`, symbolic links followed.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
readExternalData(const ::onnx::TensorProto &tensor, StringRef folder,
                 uint64_t size);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_TENSORREADER_H
