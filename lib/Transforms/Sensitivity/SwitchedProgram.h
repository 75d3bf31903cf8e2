//===- SwitchedProgram.h - Formats that are switched on ---------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_SENSITIVITY_SWITCHEDPROGRAM_H
#define LOWBIT_LIB_TRANSFORMS_SENSITIVITY_SWITCHEDPROGRAM_H

#include "RoundTrip.h"

#include "lowbit/Transforms/FloatProgram.h"

#include "llvm/ADT/StringMap.h"

namespace mlir::lowbit {

/// Formats of observed values and weights, by the observations' names.
using FormatMap = llvm::StringMap<ValueFormat>;

/// A float program whose values and weights can be rounded to codes in any run.
/// It is compiled once: weights are arguments, and values are rounded where the
/// host gets to see them.
class SwitchedProgram {
public:
  /// Compiles the one function of `module`, which is observed and stays as it
  /// is. Emits a diagnostic on failure.
  static FailureOr<SwitchedProgram> compile(ModuleOp module);

  /// Runs the program on one batch, with values and weights in `formats` as
  /// their codes see them. Gives the elements of each f32 result.
  FailureOr<std::vector<std::vector<float>>>
  run(ArrayRef<std::vector<char>> batch, const FormatMap &formats);

  /// The first dimension of each result.
  ArrayRef<int64_t> getResultSizes() const { return resultSizes; }

private:
  /// An observation that is left in the program: a value, or a result.
  struct Value {
    std::string name;
    SmallVector<int64_t> shape;
    bool isResult;
  };
  struct Weights {
    std::string name;
    SmallVector<int64_t> shape;
    std::vector<char> elements;
  };

  explicit SwitchedProgram(FloatProgram program)
      : program(std::move(program)) {}

  FloatProgram program;
  std::vector<Value> values;
  std::vector<Weights> weights;
  SmallVector<int64_t> resultSizes;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_SENSITIVITY_SWITCHEDPROGRAM_H
