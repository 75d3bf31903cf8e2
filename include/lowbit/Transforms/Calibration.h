//===- Calibration.h - What values look like on real data -------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Calibration runs the float program on samples and keeps, for each observed
// value, what #lowbit.stats holds. The statistics can be saved and read back,
// so that trying another recipe costs no second run.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_CALIBRATION_H
#define LOWBIT_TRANSFORMS_CALIBRATION_H

#include "mlir/IR/BuiltinOps.h"

#include <optional>
#include <string>

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::lowbit {

struct Recipe;

/// Samples for one input of the program.
struct CalibrationInput {
  /// The input's name; may be empty if the program has one input.
  std::string name;
  /// A .npy file [samples, ...]: the input's shape but for the first dimension.
  std::string path;
  /// A float input is f32(x * scale + offset), with x from the file; they are 1
  /// and 0 if only the other one is given. Without both, x must be f32. Inputs of
  /// integers and bools are taken as they are, from files of their type.
  std::optional<double> scale, offset;
};

struct CalibrationData {
  SmallVector<CalibrationInput> inputs;
};

/// Is told how many of all samples are done.
using CalibrationProgress = function_ref<void(int64_t done, int64_t total)>;

/// Runs `module`'s one function on all samples of `data` and sets `stats` on
/// each observation; those of constants come from the constants. The last batch
/// is filled up with its last sample, which is not counted again. With a
/// `recipe`, also measures what its ranges 'mixed' need. On failure, a
/// diagnostic is emitted, and no statistics are set unless all are known.
///
/// The program is compiled by buildFloatKernelsPipeline. Inside a pass, that pass must
/// depend on the dialects of registerCalibrationDialects.
LogicalResult calibrate(ModuleOp module, const CalibrationData &data,
                        CalibrationProgress progress = nullptr,
                        const Recipe *recipe = nullptr);

/// Adds what `calibrate` makes of a module on the way to machine code.
void registerCalibrationDialects(DialectRegistry &registry);

/// Registers and loads them, where no pass does.
void loadCalibrationDialects(MLIRContext &context);

/// Writes the `stats` of all observations to the JSON file `path`, whole or not
/// at all. Fails if one is missing.
LogicalResult saveStatistics(ModuleOp module, StringRef path);

/// Sets `stats` on all observations from the JSON file `path`. A name that the
/// file does not have is an error, and nothing is changed; a name that only the
/// file has is a warning.
LogicalResult loadStatistics(ModuleOp module, StringRef path);

/// Sets `stats` of the observation called `name` to a range that the caller
/// knows, instead of samples: everything between `least` and `most`. Emits an
/// error and fails if there is no such observation, or no such range.
LogicalResult setRange(ModuleOp module, StringRef name, double least,
                       double most);

} // namespace mlir::lowbit

#endif // LOWBIT_TRANSFORMS_CALIBRATION_H
