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
#include "llvm/ADT/DenseSet.h"

#include <vector>

namespace mlir::lowbit {

/// For layers, the mean product of each two inputs of an output channel: a square,
/// row by row, in the order of Weights::secondMoments.
using LayerMoments = llvm::DenseMap<Operation *, std::vector<double>>;

/// For layers, how much a squared error of each weight costs, in the order of
/// Weights::curvature.
using LayerCurvature = llvm::DenseMap<Operation *, std::vector<double>>;

/// Reads "layer:file.npy" for each of `files`: an array with the output channels of
/// a layer first, then input channels and positions of the kernel, as ONNX has
/// weights. Emits a diagnostic if there is no such layer, or the array does not fit.
FailureOr<LayerCurvature> readLayerCurvature(ModuleOp module,
                                             ArrayRef<std::string> files);

/// Encodes the weights of all layers for which `recipe` names an encoder: see
/// -lowbit-encode-weights. One that needs calibration is an error for layers that
/// neither `curvature` nor `moments` has; the former wins.
LogicalResult encodeWeights(ModuleOp module, const Recipe &recipe,
                            const LayerMoments &moments = LayerMoments(),
                            const LayerCurvature &curvature = LayerCurvature());

/// The layers for which `recipe` names an encoder that needs more than weights,
/// and than `curvature`.
llvm::DenseSet<Operation *>
findLayersToMeasure(ModuleOp module, const Recipe &recipe,
                    const LayerCurvature &curvature);

/// Runs a copy of `module` in float on the samples of `data`, and measures what
/// those of `chosen` read that are convolutions and matrix products with constant
/// weights.
FailureOr<LayerMoments>
measureLayerMoments(ModuleOp module, const llvm::DenseSet<Operation *> &chosen,
                    const CalibrationData &data,
                    CalibrationProgress progress = nullptr);

} // namespace mlir::lowbit

#endif // LOWBIT_TRANSFORMS_ENCODEWEIGHTS_H
