//===- ActivationQuantizerTest.cpp - Reading quantizers -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Transforms/Recipe.h"

#include "gtest/gtest.h"

using namespace mlir::lowbit;
using llvm::StringRef;
using Kind = ActivationQuantizer::Kind;

namespace {

std::string errorOf(StringRef text) {
  llvm::Expected<ActivationQuantizer> read = parseActivationQuantizer(text);
  return read ? "no error" : llvm::toString(read.takeError());
}

ActivationQuantizer read(StringRef text) {
  llvm::Expected<ActivationQuantizer> quantizer =
      parseActivationQuantizer(text);
  if (quantizer)
    return std::move(*quantizer);
  ADD_FAILURE() << llvm::toString(quantizer.takeError());
  return {};
}

Recipe readRecipe(StringRef text) {
  llvm::Expected<Recipe> recipe = parseRecipe(text, "r.yaml");
  if (recipe)
    return std::move(*recipe);
  ADD_FAILURE() << llvm::toString(recipe.takeError());
  return {};
}

TEST(ActivationQuantizer, ReadsEachKind) {
  EXPECT_EQ(read("affine").kind, Kind::Affine);
  EXPECT_EQ(read("fixed-point").kind, Kind::FixedPoint);
  EXPECT_EQ(read("sign").kind, Kind::Sign);
  EXPECT_EQ(read("xnor").kind, Kind::ScaledSign);
  EXPECT_EQ(read("clip").bound, 1);
  EXPECT_EQ(read("clip  2.5").bound, 2.5);
  EXPECT_EQ(read("clip  2.5").text, "clip 2.5");
  EXPECT_EQ(read("hwgq").kind, Kind::HalfWave);
  EXPECT_EQ(read("log2").kind, Kind::Log2);
  EXPECT_EQ(read("dynamic").kind, Kind::Dynamic);
  EXPECT_EQ(read("dynamic-rows").kind, Kind::DynamicRows);
  EXPECT_EQ(read("residual-signs").kind, Kind::ResidualSigns);
  EXPECT_EQ(read("alternating-signs").kind, Kind::AlternatingSigns);
  ActivationQuantizer shifted = read("shifted-signs 0.25/1 -1/0.5");
  ASSERT_EQ(shifted.signs.size(), 2u);
  EXPECT_EQ(shifted.signs[1], std::pair(-1.0, 0.5));
}

TEST(ActivationQuantizer, SaysWhatIsWrong) {
  EXPECT_EQ(errorOf("sing"),
            "there is no quantizer 'sing'; did you mean 'sign'? (known: "
            "'affine', 'fixed-point', 'sign', 'xnor', 'clip', 'hwgq', "
            "'log2', 'shifted-signs' and 4 more)");
  EXPECT_EQ(errorOf("").substr(0, 27), "there is no quantizer '' (k");
  EXPECT_EQ(errorOf("sign 1"),
            "the quantizer 'sign' takes no numbers, but found 'sign 1'");
  for (StringRef bad : {"clip 0", "clip -1", "clip nan", "clip inf", "clip x",
                        "clip 1e39", "clip 1e-39", "clip 1 2"})
    EXPECT_EQ(errorOf(bad), "expected one positive number at most after "
                            "'clip', but found '" +
                                bad.str() + "'");
  for (StringRef bad : {"1", "1/", "/1", "1/0", "1/-1", "nan/1", "1/1/1"})
    EXPECT_EQ(errorOf(("shifted-signs " + bad).str()),
              "expected a shift and a positive scale, as '0.5/1', but found '" +
                  bad.str() + "'");
  EXPECT_EQ(errorOf("shifted-signs"),
            "expected 1 to 8 pairs, as '0.5/1', after 'shifted-signs', but "
            "found 0");
  EXPECT_EQ(errorOf("shifted-signs 1/1 1/1 1/1 1/1 1/1 1/1 1/1 1/1 1/1"),
            "expected 1 to 8 pairs, as '0.5/1', after 'shifted-signs', but "
            "found 9");
}

TEST(ActivationQuantizer, IsPartOfRecipes) {
  Recipe plain = readRecipe("name: n");
  EXPECT_EQ(plain.defaults.activations.quantizer->kind, Kind::Affine);
  EXPECT_TRUE(plain.needsRanges());
  EXPECT_EQ(plain.findQuantizer(), nullptr);

  StringRef text = "name: n\nactivations: {quantizer: dynamic}\n";
  Recipe dynamic = readRecipe(text);
  EXPECT_FALSE(dynamic.needsRanges());
  ASSERT_NE(dynamic.findQuantizer(), nullptr);
  EXPECT_EQ(dynamic.findQuantizer()->text, "dynamic");

  Recipe rules = readRecipe(
      (text + "rules: [{layer: a, activations: {quantizer: affine}},\n"
              "  {layer: b, activations: {quantizer: clip 6}}]")
          .str());
  EXPECT_TRUE(rules.needsRanges());
  std::string written;
  llvm::raw_string_ostream os(written);
  writeRecipe(rules, os);
  Recipe again = readRecipe(written);
  EXPECT_EQ(again.defaults.activations.quantizer->kind, Kind::Dynamic);
  EXPECT_EQ(again.rules[0].options.activations.quantizer->kind, Kind::Affine);
  EXPECT_EQ(again.rules[1].options.activations.quantizer->bound, 6);
}

} // namespace
