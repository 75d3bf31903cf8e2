//===- Session.h - One model with its buffers -------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_RUNNER_SESSION_H
#define LOWBIT_LIB_RUNNER_SESSION_H

#include "Arrays.h"

namespace mlir::lowbit {

struct Latency {
  double bestMicroseconds, medianMicroseconds;
  size_t runs;
};

/// Buffers for one call of a model, and the calls.
class Session {
public:
  explicit Session(const lowbit_model &model);
  ~Session();
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  /// Runs all samples of `inputs`, one array for each input of the model, of
  /// `samples` samples each; gives one array for each output.
  llvm::Expected<std::vector<NpyArray>> run(llvm::ArrayRef<NpyArray> inputs,
                                            int64_t samples,
                                            const RunOptions &options);

  /// Runs `count` samples of `inputs` from `first` on, at most a batch; the
  /// input buffers are filled up with zeros.
  llvm::Error runBatch(llvm::ArrayRef<NpyArray> inputs, int64_t first,
                       int64_t count, const RunOptions &options);

  /// What the last call read, for each input, and what it left.
  llvm::ArrayRef<AlignedBuffer> getInputBuffers() const { return inputs; }
  const char *getWorkspace() const { return workspace.data(); }
  int64_t getBatch() const { return batchSize; }

  /// Calls the model on what its input buffers hold for `seconds`, pinned to
  /// one processor.
  llvm::Expected<Latency> measure(double seconds);

private:
  /// Makes the buffers, once.
  llvm::Error allocate();
  llvm::Error call();
  llvm::Error check(int status) const;
  void fillInput(unsigned index, const NpyArray &array, int64_t first,
                 int64_t count, const RunOptions &options);

  const lowbit_model &model;
  int64_t batchSize;
  std::vector<AlignedBuffer> inputs, outputs;
  std::vector<const void *> inputPointers;
  std::vector<void *> outputPointers;
  AlignedBuffer workspace;
  /// Of a model for a device: made by its first call.
  void *deviceWorkspace = nullptr;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_RUNNER_SESSION_H
