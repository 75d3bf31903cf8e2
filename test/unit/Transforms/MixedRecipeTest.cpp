//===- MixedRecipeTest.cpp - Recipes for a loss or a size -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Transforms/Sensitivity.h"

#include "gtest/gtest.h"

using namespace mlir::lowbit;

namespace {

RecipeOptions inFloat() {
  RecipeOptions options;
  options.quantize = false;
  return options;
}

RecipeOptions withBits(unsigned bits) {
  RecipeOptions options;
  options.weights.storage = CodeStorage{true, bits};
  return options;
}

Recipe makeRecipe() {
  Recipe recipe;
  recipe.name = "base";
  return recipe;
}

std::string errorOf(llvm::Expected<MixedRecipe> mixed) {
  return mixed ? "no error" : llvm::toString(mixed.takeError());
}

/// Signal 1000; errors 10 (1 of them in float), 5 (none) and 1.
Sensitivity makePrecise() {
  Sensitivity sensitivity;
  sensitivity.signal = 1000;
  sensitivity.layers = {
      {"a[0]", "conv2d", {{RecipeOptions(), 10, 8}, {inFloat(), 1, 32}}},
      {"b", "add", {{RecipeOptions(), 5, 0}, {inFloat(), 5, 0}}},
      {"c", "conv2d", {{RecipeOptions(), 1, 8}, {inFloat(), 0, 32}}}};
  return sensitivity;
}

TEST(MixedRecipe, LeavesARecipeThatIsGoodEnough) {
  auto mixed = mixForSqnr(makeRecipe(), makePrecise(), 17);
  ASSERT_TRUE(bool(mixed));
  EXPECT_TRUE(mixed->recipe.rules.empty());
  EXPECT_EQ(mixed->noise, 16);
  EXPECT_EQ(mixed->weightBytes, 16);
}

TEST(MixedRecipe, TakesTheMostSensitiveLayersFirst) {
  auto mixed = mixForSqnr(makeRecipe(), makePrecise(), 21);
  ASSERT_TRUE(bool(mixed));
  EXPECT_EQ(mixed->recipe.name, "base-mixed");
  EXPECT_EQ(mixed->noise, 7);
  ASSERT_EQ(mixed->recipe.rules.size(), 1u);
  EXPECT_TRUE(mixed->recipe.rules[0].matchesLayer("a[0]"));
  EXPECT_FALSE(mixed->recipe.rules[0].matchesLayer("a0"));
  EXPECT_FALSE(*mixed->recipe.rules[0].options.quantize);
}

TEST(MixedRecipe, SaysWhatErrorCanBeReached) {
  EXPECT_EQ(errorOf(mixForSqnr(makeRecipe(), makePrecise(), 30)),
            "30.0 dB cannot be reached: with every layer in float that can be, "
            "the outputs have 22.2 dB");
}

/// Three layers of 100 weights each; the second one does not mind few bits.
Sensitivity makeSmall() {
  Sensitivity sensitivity;
  sensitivity.signal = 1000;
  auto layer = [](std::string name, double i8, double i4,
                  double i2) -> LayerSensitivity {
    return {name,
            "conv2d",
            {{RecipeOptions(), i8, 100},
             {withBits(2), i2, 25},
             {withBits(4), i4, 50}}};
  };
  sensitivity.layers = {layer("a", 1, 4, 100), layer("b", 1, 1.1, 2),
                        layer("c", 1, 3, 50)};
  return sensitivity;
}

TEST(MixedRecipe, GivesBytesToTheLayersThatNeedThem) {
  auto mixed = mixForBytes(makeRecipe(), makeSmall(), 130);
  ASSERT_TRUE(bool(mixed));
  // 4 bits for the first and the last, 2 for the one between.
  EXPECT_EQ(mixed->weightBytes, 125);
  EXPECT_EQ(mixed->noise, 4 + 2 + 3);
  ASSERT_EQ(mixed->recipe.rules.size(), 3u);
  EXPECT_EQ(mixed->recipe.rules[1].options.weights.storage->width, 2u);

  auto all = mixForBytes(makeRecipe(), makeSmall(), 1000);
  ASSERT_TRUE(bool(all));
  EXPECT_TRUE(all->recipe.rules.empty());
}

TEST(MixedRecipe, SaysWhatSizeCanBeReached) {
  EXPECT_EQ(errorOf(mixForBytes(makeRecipe(), makeSmall(), 74)),
            "74 bytes cannot be reached: with the fewest bits that are "
            "measured, weights take 75 bytes");
}

TEST(MixedRecipe, EscapesNames) {
  EXPECT_EQ(escapeGlob("/a*b?[c]{d}\\"), "/a\\*b\\?\\[c\\]\\{d\\}\\\\");
}

} // namespace
