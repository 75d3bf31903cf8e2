//===- LayerComparison.h - Codes against the float program ------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_RUNNER_LAYERCOMPARISON_H
#define LOWBIT_LIB_RUNNER_LAYERCOMPARISON_H

#include "Session.h"

#include "llvm/Support/JSON.h"

namespace mlir::lowbit {

/// How far the codes of one layer are from the values of the float program.
struct LayerError {
  std::string name;
  int64_t elements = 0;
  /// Sums of squares: of the float values, and of the differences.
  double signal = 0, noise = 0;
  /// The largest difference, and the largest float value.
  double maxError = 0, maxValue = 0;

  void add(double expected, double got);
  /// 10 log10(signal / noise): infinite without noise, and the less the worse.
  double getSqnr() const;
};

/// Runs `model`, whose session is `session`, and options.reference side by side
/// on the first `samples` samples of `inputs`. Gives an entry for each port, the
/// worst one first.
llvm::Expected<std::vector<LayerError>>
compareLayers(Session &session, const lowbit_model &model,
              llvm::ArrayRef<NpyArray> inputs, int64_t samples,
              const RunOptions &options);

void printLayerErrors(llvm::ArrayRef<LayerError> layers, llvm::raw_ostream &os);
llvm::json::Array describeAsJson(llvm::ArrayRef<LayerError> layers);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_RUNNER_LAYERCOMPARISON_H
