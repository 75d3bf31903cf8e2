//===- ObservedReference.h - The float program of a model -------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_COMPILER_OBSERVEDREFERENCE_H
#define LOWBIT_COMPILER_OBSERVEDREFERENCE_H

#include "lowbit/Runner/Runner.h"
#include "lowbit/Transforms/FloatProgram.h"

namespace mlir::lowbit {

/// The float program that a module at the stage `observed` stands for, compiled
/// for this machine. Its values have the names of the observations.
class ObservedReference : public FloatReference {
public:
  /// Compiles @main of `module`, which stays as it is. Emits a diagnostic on
  /// failure.
  static FailureOr<std::unique_ptr<ObservedReference>> create(ModuleOp module,
                                                              StringRef recipe);

  llvm::Error run(ArrayRef<ArrayRef<char>> inputs, Visit visit) override;

private:
  explicit ObservedReference(FloatProgram program)
      : program(std::move(program)) {}

  FloatProgram program;
  std::vector<std::string> names;
};

} // namespace mlir::lowbit

#endif // LOWBIT_COMPILER_OBSERVEDREFERENCE_H
