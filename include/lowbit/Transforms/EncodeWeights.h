//===- EncodeWeights.h - Weights by the method of a recipe ------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_ENCODEWEIGHTS_H
#define LOWBIT_TRANSFORMS_ENCODEWEIGHTS_H

#include "lowbit/Transforms/Calibration.h"
#include "lowbit/Transforms/Recipe.h"

#include "llvm/ADT/DenseMap.h"

#include <vector>

namespace mlir::lowbit {

/// For layers, the mean product of each two inputs of an output channel: a square,
/// row by row, in the order of Weights::secondMoments.
using LayerMoments = llvm::DenseMap<Operation *, std::vector<double>>;

/// Encodes the weights of all layers for which `recipe` names an encoder: see
/// -lowbit-encode-weights. One that needs calibration is an error for layers that
/// `moments` does not have.
LogicalResult encodeWeights(ModuleOp module, const Recipe &recipe,
                            const LayerMoments &moments = LayerMoments());

/// True if some encoder of `recipe` needs more than weights.
bool needsMoments(const Recipe &recipe);

/// Runs a copy of `module` in float on the samples of `data`, and measures what
/// convolutions and matrix products with constant weights read.
FailureOr<LayerMoments>
measureLayerMoments(ModuleOp module, const CalibrationData &data,
                    CalibrationProgress progress = nullptr);

} // namespace mlir::lowbit

#endif // LOWBIT_TRANSFORMS_ENCODEWEIGHTS_H
