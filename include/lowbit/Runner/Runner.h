//===- Runner.h - Runs a compiled model on arrays ---------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_RUNNER_RUNNER_H
#define LOWBIT_RUNNER_RUNNER_H

#include "lowbit/Runtime/lowbit_model.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <optional>
#include <string>
#include <vector>

namespace mlir::lowbit {

/// The float program of a model, run beside it.
class FloatReference {
public:
  virtual ~FloatReference() = default;

  /// Gets a value's name, which is that of the model's port, and its elements.
  using Visit = llvm::function_ref<void(llvm::StringRef name,
                                        llvm::ArrayRef<float> elements)>;

  /// Computes one batch from the bytes of each input.
  virtual llvm::Error run(llvm::ArrayRef<llvm::ArrayRef<char>> inputs,
                          Visit visit) = 0;
};

/// What to do with a model. Files are "file.npy" or "name:file.npy"; without a
/// name they go to the model's tensors in order.
struct RunOptions {
  /// The file that the model came from, which no output may overwrite; may be empty.
  std::string source;
  std::vector<std::string> inputs, outputs, expected;
  /// Correct classes; empty for none.
  std::string labels;
  /// Largest difference of floats that counts as equal; 0 compares bits.
  double tolerance = 0;
  /// Input arrays of another type become f32 as x * scale + offset.
  std::optional<double> scale, offset;
  /// Compare the model's ports with it, layer by layer, on at most
  /// `compareSamples` samples; 0 for all. Null for not at all.
  FloatReference *reference = nullptr;
  int64_t compareSamples = 0;
  /// How long to measure; 0 for not at all.
  double benchSeconds = 0;
  /// The variant to run, of a model with several; empty for the one that it
  /// chooses itself.
  std::string variant;
  /// Print the model's description of itself.
  bool info = false;
  /// Print one JSON object instead of text.
  bool json = false;
};

/// Runs `model` on all samples of the input arrays, in batches of the compiled
/// size, and writes, compares and measures as `options` say. If every input
/// and output has the same first dimension, that is the batch, and arrays may
/// hold any number of samples: the last batch is filled up with zeros, and what
/// comes out for them is dropped. Otherwise arrays have the compiled shapes.
///
/// Returns false if an output differs from what was expected.
llvm::Expected<bool> runModel(const lowbit_model &model,
                              const RunOptions &options, llvm::raw_ostream &os);

} // namespace mlir::lowbit

#endif // LOWBIT_RUNNER_RUNNER_H
