//===- Sensitivity.h - Which layers cost accuracy ---------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_SENSITIVITY_H
#define LOWBIT_TRANSFORMS_SENSITIVITY_H

#include "lowbit/Transforms/Calibration.h"
#include "lowbit/Transforms/Recipe.h"

namespace mlir::lowbit {

/// One way to treat a layer.
struct LayerVariant {
  /// What a rule for the layer says; nothing for the recipe as it is.
  RecipeOptions options;
  /// The power of the error at the network's outputs, if no other layer is
  /// quantized: a sum of squares over all samples.
  double noise = 0;
  /// Of the layer's weights, as codes or as f32.
  int64_t weightBytes = 0;
};

struct LayerSensitivity {
  std::string name, kind;
  /// The first one is what the recipe says.
  std::vector<LayerVariant> variants;

  double getNoise() const { return variants.front().noise; }
};

struct Sensitivity {
  /// The power of the outputs without any error.
  double signal = 0;
  /// The power of the error with all layers quantized at once.
  double noiseOfAll = 0;
  /// In order, the most sensitive layer first.
  std::vector<LayerSensitivity> layers;

  /// 10 log10(signal / noise), infinite without noise.
  double getSqnr(double noise) const;
};

/// A glob that matches `name` alone, for a rule.
std::string escapeGlob(StringRef name);

/// Which variants of each layer are measured beside the recipe's own.
struct SensitivityOptions {
  /// Measure no layer alone, only all of them together.
  bool onlyTogether = false;
  /// Float weights, and 16-bit heads where the recipe has others.
  bool precise = false;
  /// Weights of these bits.
  SmallVector<unsigned> weightBits;
};

/// Runs the float program of `module`, which is observed and has statistics, on
/// all samples of `data`, and for each layer again with only that layer's values
/// and weights rounded to their nearest codes after `recipe`. Each batch of samples is
/// read once, and the program is compiled once. Emits an error on failure, or
/// where the recipe quantizes nothing; `module` stays as it is.
FailureOr<Sensitivity> measureSensitivity(ModuleOp module, const Recipe &recipe,
                                          const CalibrationData &data,
                                          const SensitivityOptions &options,
                                          CalibrationProgress progress);

/// `recipe` with a rule for each layer that has to be treated otherwise.
struct MixedRecipe {
  Recipe recipe;
  /// What the single errors of the layers add up to.
  double noise = 0;
  int64_t weightBytes = 0;
};

/// Makes the most sensitive layers precise until the errors predict `sqnr` dB.
/// An error says what can be reached.
llvm::Expected<MixedRecipe>
mixForSqnr(const Recipe &recipe, const Sensitivity &sensitivity, double sqnr);

/// Gives the bits of `bytes` bytes to the weights that need them most. An error
/// says how few bytes are possible.
llvm::Expected<MixedRecipe> mixForBytes(const Recipe &recipe,
                                        const Sensitivity &sensitivity,
                                        int64_t bytes);

} // namespace mlir::lowbit

#endif // LOWBIT_TRANSFORMS_SENSITIVITY_H
