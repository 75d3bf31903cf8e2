//===- CalibrationSamples.h - Samples for a float program -------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_CALIBRATIONSAMPLES_H
#define LOWBIT_TRANSFORMS_CALIBRATIONSAMPLES_H

#include "lowbit/Support/Npy.h"
#include "lowbit/Transforms/Calibration.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <vector>

namespace mlir::lowbit {

/// Calibration data as a function takes it, batch by batch.
class CalibrationSamples {
public:
  /// Opens one array for each argument of `function`. Emits an error where an
  /// argument cannot be filled from an array, or an array does not fit.
  LogicalResult open(func::FuncOp function, const CalibrationData &data);

  int64_t size() const { return numSamples; }
  /// That of each argument's first dimension.
  int64_t getBatchSize() const { return batchSize; }

  /// The samples from `first` on, for each argument the bytes of its tensor. The
  /// last batch is filled up with the last sample. NaN or infinity is an error.
  LogicalResult read(int64_t first, std::vector<std::vector<char>> &batch);

private:
  /// The samples of one argument.
  struct Input {
    std::string name;
    std::string path;
    NpyArray array;
    /// What the argument takes.
    NpyType type;
    double scale, offset;

    /// The number of bytes of one sample as the argument takes it.
    int64_t getSize() const;
    /// Puts sample `number` there; false if it holds NaN or infinity.
    bool read(int64_t number, MutableArrayRef<char> bytes) const;
  };

  LogicalResult checkArguments(func::FuncOp function);

  std::optional<Location> loc;
  std::vector<Input> inputs;
  int64_t batchSize = 0;
  int64_t numSamples = 0;
};

} // namespace mlir::lowbit

#endif // LOWBIT_TRANSFORMS_CALIBRATIONSAMPLES_H
