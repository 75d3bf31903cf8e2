//===- MixedRecipe.cpp - A recipe for a given loss or size ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Transforms/Sensitivity.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// A variant for each layer of a sensitivity.
class Mixture {
public:
  explicit Mixture(const Sensitivity &sensitivity)
      : layers(sensitivity.layers), choice(layers.size(), 0) {}

  const LayerVariant &getChosen(size_t layer) const {
    return layers[layer].variants[choice[layer]];
  }
  double getNoise() const {
    double noise = 0;
    for (size_t i = 0; i < layers.size(); ++i)
      noise += getChosen(i).noise;
    return noise;
  }
  int64_t getBytes() const {
    int64_t bytes = 0;
    for (size_t i = 0; i < layers.size(); ++i)
      bytes += getChosen(i).weightBytes;
    return bytes;
  }

  /// Goes to the change that is worth most by `worth`, which gets the variant of
  /// now and the other; false if none is worth more than 0. The first of equals
  /// wins.
  bool
  improve(llvm::function_ref<double(const LayerVariant &, const LayerVariant &)>
              worth) {
    double best = 0;
    size_t bestLayer = 0, bestVariant = 0;
    for (auto [i, layer] : llvm::enumerate(layers))
      for (auto [j, variant] : llvm::enumerate(layer.variants)) {
        double value = worth(getChosen(i), variant);
        if (j != choice[i] && value > best)
          std::tie(best, bestLayer, bestVariant) = std::tuple(value, i, j);
      }
    if (best == 0)
      return false;
    choice[bestLayer] = bestVariant;
    return true;
  }

  MixedRecipe apply(const Recipe &recipe) const {
    MixedRecipe mixed{recipe, getNoise(), getBytes()};
    mixed.recipe.name += "-mixed";
    mixed.recipe.description =
        "The recipe " + recipe.name + " with mixed precision";
    for (auto [i, layer] : llvm::enumerate(layers)) {
      if (choice[i] == 0)
        continue;
      RecipeRule rule;
      rule.layer = escapeGlob(layer.name);
      rule.options = getChosen(i).options;
      mixed.recipe.rules.push_back(std::move(rule));
    }
    return mixed;
  }

private:
  llvm::ArrayRef<LayerSensitivity> layers;
  llvm::SmallVector<size_t> choice;
};

} // namespace

llvm::Expected<MixedRecipe> lowbit::mixForSqnr(const Recipe &recipe,
                                               const Sensitivity &sensitivity,
                                               double sqnr) {
  Mixture mixture(sensitivity);
  while (sensitivity.getSqnr(mixture.getNoise()) < sqnr)
    if (!mixture.improve([](const LayerVariant &now, const LayerVariant &then) {
          return now.noise - then.noise;
        }))
      return llvm::createStringError(llvm::formatv(
          "{0:f1} dB cannot be reached: with every layer in float that can be, "
          "the outputs have {1:f1} dB",
          sqnr, sensitivity.getSqnr(mixture.getNoise())));
  return mixture.apply(recipe);
}

llvm::Expected<MixedRecipe> lowbit::mixForBytes(const Recipe &recipe,
                                                const Sensitivity &sensitivity,
                                                int64_t bytes) {
  Mixture mixture(sensitivity);
  // The fewest bytes first, then bits to where a byte takes most of the error.
  while (mixture.improve([](const LayerVariant &now, const LayerVariant &then) {
    return static_cast<double>(now.weightBytes - then.weightBytes);
  }))
    ;
  if (mixture.getBytes() > bytes)
    return llvm::createStringError(
        llvm::formatv("{0} bytes cannot be reached: with the fewest bits that "
                      "are measured, weights take {1} bytes",
                      bytes, mixture.getBytes()));
  while (mixture.improve([&](const LayerVariant &now,
                             const LayerVariant &then) {
    int64_t more = then.weightBytes - now.weightBytes;
    bool fits = more > 0 && mixture.getBytes() + more <= bytes;
    return fits ? (now.noise - then.noise) / static_cast<double>(more) : 0.0;
  }))
    ;
  return mixture.apply(recipe);
}
