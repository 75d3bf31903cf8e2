//===- Arrays.h - A model's tensors and .npy arrays -------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_RUNNER_ARRAYS_H
#define LOWBIT_LIB_RUNNER_ARRAYS_H

#include "lowbit/Runner/Runner.h"
#include "lowbit/Support/Npy.h"

#include <memory>

namespace mlir::lowbit {

/// An error with a message for the user.
llvm::Error makeRunError(const llvm::Twine &message);

/// The tensors of one side of a model.
llvm::ArrayRef<lowbit_tensor> getInputs(const lowbit_model &model);
llvm::ArrayRef<lowbit_tensor> getOutputs(const lowbit_model &model);
/// Where a program made for debugging leaves its values.
llvm::ArrayRef<lowbit_port> getPorts(const lowbit_model &model);
/// Null for models that compute on the processor.
const lowbit_device *getDevice(const lowbit_model &model);
/// Null for models with code for one processor.
const lowbit_variants *getVariants(const lowbit_model &model);
/// "v3, v4".
std::string listVariants(const lowbit_variants &variants);
llvm::ArrayRef<int64_t> getDims(const lowbit_tensor &tensor);
int64_t getNumElements(const lowbit_tensor &tensor);
NpyType getNpyType(const lowbit_tensor &tensor);
int64_t getNumBytes(const lowbit_tensor &tensor);

/// The first dimension that all tensors of the model share; 0 if there is none.
int64_t getBatchSize(const lowbit_model &model);

/// Which file belongs to which tensor: one entry for each tensor, empty where
/// no file is given. `kind` ("input", "output") is for messages.
llvm::Expected<std::vector<std::string>>
assignFiles(llvm::ArrayRef<std::string> files,
            llvm::ArrayRef<lowbit_tensor> tensors, llvm::StringRef kind);

/// Checks that `array` holds samples of `tensor`, and gives their number, or 1
/// for a model without batches. `file` is for messages.
llvm::Expected<int64_t> checkShape(const NpyArray &array,
                                   const lowbit_tensor &tensor,
                                   int64_t batchSize, llvm::StringRef file);

/// Memory of its own with the alignment that the interface asks for: zeros. Where there is
/// not enough, `data` is null.
class AlignedBuffer {
public:
  AlignedBuffer() = default;
  AlignedBuffer(size_t size, size_t alignment);
  char *data() const { return memory.get(); }
  size_t size() const { return numBytes; }

private:
  struct Free {
    void operator()(char *memory) const;
  };
  std::unique_ptr<char, Free> memory;
  size_t numBytes = 0;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_RUNNER_ARRAYS_H
