//===- RecipeRulesTest.cpp - Rules and overrides of recipes ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RecipeTestUtils.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace mlir::lowbit;
using llvm::StringRef;

namespace {

TEST(RecipeRules, MatchesPositionsAndShapes) {
  Recipe recipe = read(R"(
name: rules
rules:
  - position: first
    weights: {storage: i7}
  - shape: "*x3x3x*"
    weights: {storage: i6}
  - position: last
    op: matmul
    weights: {storage: i5}
)");
  auto getWidth = [&](const RecipeLayer &layer) {
    return recipe.getOptions(layer).weights.storage->width;
  };
  EXPECT_EQ(getWidth({"a", "conv2d"}), 8u);
  EXPECT_EQ(getWidth({"a", "conv2d", true, false, "4x1x1x2"}), 7u);
  EXPECT_EQ(getWidth({"a", "conv2d", true, false, "4x3x3x2"}), 6u);
  EXPECT_EQ(getWidth({"a", "conv2d", false, true, "4x1x1x2"}), 8u);
  EXPECT_EQ(getWidth({"a", "matmul", true, true, "1x4x2"}), 5u);
}

TEST(RecipeRules, RefusesContradictions) {
  EXPECT_EQ(errorOf("name: a\nrules: [{quantize: false, weights: {storage: "
                    "i4}}]"),
            "r.yaml:2:9: a rule with 'quantize: false' leaves layers in float, "
            "so that it chooses no formats");
  EXPECT_EQ(errorOf("name: a\nrules: [{weights: {encoder: twn, per-channel: "
                    "true}}]"),
            "r.yaml:2:9: the encoder 'twn' chooses the format of weights; the "
            "rule chooses another");
  EXPECT_EQ(errorOf("name: a\nformats: imported\nheads: {storage: i8}"),
            "r.yaml:1:1: a recipe with 'formats: imported' takes those of the "
            "model, so that it chooses none");
}

/// What is wrong with overrides of the recipe `text`; empty if nothing is.
std::string errorOfOverrides(StringRef overrides, StringRef text) {
  Recipe recipe = read(text);
  return llvm::toString(overrideRecipe(recipe, overrides));
}

TEST(Recipe, RepeatsNothing) {
  // What other readers of YAML would multiply.
  EXPECT_EQ(errorOf("name: a\nweights: &w {storage: i4}\nheads: *w"),
            "r.yaml:3:10: expected heads to be a mapping");
  EXPECT_EQ(errorOf("name: &n a\ndescription: *n"),
            "r.yaml:2:16: expected a string");
  EXPECT_EQ(errorOf("name: a\nrules: [&r {equalize: true}, *r, *r]"),
            "r.yaml:2:32: expected a rule to be a mapping");
}

TEST(Recipe, SurvivesDeepNesting) {
  std::string deep = "name: a\nweights: " + std::string(50000, '[');
  EXPECT_EQ(errorOf(deep), "r.yaml:2:10: expected weights to be a mapping");
  EXPECT_EQ(errorOf("name: a\nrules: " + std::string(50000, '[')),
            "r.yaml:2:9: expected a rule to be a mapping");
}

TEST(Recipe, ReadsFilesOfBoundedSize) {
  llvm::SmallString<64> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("large", "yaml", path));
  llvm::FileRemover remover(path);
  auto load = [&](int64_t comments) {
    std::error_code error;
    llvm::raw_fd_ostream(path, error) << "name: a\n"
                                      << std::string(comments, '#');
    llvm::Expected<Recipe> recipe = loadRecipe(path);
    return recipe ? recipe->name : llvm::toString(recipe.takeError());
  };
  EXPECT_EQ(load(65528), "a");
  EXPECT_EQ(load(65529), ("cannot read recipe '" + path +
                          "': it has 65537 bytes, but at most 65536 are read")
                             .str());
}

TEST(RecipeOverrides, TakesOverrides) {
  StringRef text = "name: n\nargument: weights.encoder.bits\n"
                   "weights: {encoder: {name: inq, bits: 5}}";
  Recipe recipe = read(text);
  ASSERT_FALSE(bool(overrideRecipe(recipe, "4")));
  EXPECT_EQ(recipe.name, "n:4");
  EXPECT_EQ(recipe.defaults.weights.encoder->name, "inq");
  EXPECT_EQ(recipe.defaults.weights.encoder->arguments.at("bits"), "4");
  recipe = read(text);
  ASSERT_FALSE(bool(overrideRecipe(
      recipe, "weights.encoder.per=channel,activations.storage=u4,"
              "profile=onnx,activations.percentile=99.5")));
  EXPECT_EQ(
      recipe.defaults.weights.encoder->arguments,
      (std::map<std::string, std::string>{{"bits", "5"}, {"per", "channel"}}));
  EXPECT_EQ(recipe.defaults.activations.storage->width, 4u);
  EXPECT_EQ(*recipe.defaults.activations.percentile, 99.5);
  EXPECT_EQ(recipe.profile, Profile::Onnx);
  recipe = read(text);
  ASSERT_FALSE(bool(overrideRecipe(recipe, "weights.encoder=none")));
  EXPECT_FALSE(recipe.hasEncoders());
}

TEST(RecipeOverrides, RefusesOverrides) {
  StringRef text = "name: n\nargument: weights.encoder.bits\n"
                   "weights: {encoder: {name: inq, bits: 5}}";
  auto errorOf = [&](StringRef overrides) {
    return errorOfOverrides(overrides, text);
  };
  EXPECT_EQ(errorOf("7"), "recipe 'n', '7': encoder 'inq': option 'bits' is a "
                          "whole number from 2 to 6, not '7'");
  EXPECT_EQ(errorOf(""),
            "recipe 'n', '': expected an argument, or entry=value");
  EXPECT_EQ(errorOf("heads.storage=i8,5"),
            "recipe 'n', '5': it takes one argument; expected entry=value");
  EXPECT_EQ(errorOf("wieghts.storage=i8"),
            "recipe 'n', 'wieghts.storage=i8': the recipe has no key "
            "'wieghts'; did you mean 'weights'? (known: 'activations', "
            "'weights', 'heads', 'softmax', 'detect-formats', "
            "'absorb-high-bias', 'equalize', 'correct-bias' and 2 more)");
  EXPECT_EQ(errorOf("name=m").substr(0, 45),
            "recipe 'n', 'name=m': the recipe has no key '");
  EXPECT_EQ(errorOf("a b=1"), "recipe 'n', 'a b=1': 'a b' is no entry, such as "
                              "weights.encoder.bits");
  EXPECT_EQ(errorOf("profile={}"),
            "recipe 'n', 'profile={}': expected a name or a number, but found "
            "'{}'");
  EXPECT_EQ(errorOfOverrides("5", "name: n"),
            "recipe 'n', '5': it takes no argument, only entry=value");
  EXPECT_EQ(errorOfOverrides("heads.storage=i8", "name: n\nformats: imported"),
            "recipe 'n', 'heads.storage=i8': a recipe with 'formats: imported' "
            "takes those of the model, so that it chooses none");
  EXPECT_EQ(errorOfOverrides("weights.encoder.bits=5", "name: n"),
            "recipe 'n', 'weights.encoder.bits=5': expected 'name', the "
            "encoder, as the first key");
}

TEST(RecipeOverrides, FindsOverridesInNames) {
  auto getName = [](StringRef text) {
    llvm::Expected<Recipe> recipe = loadRecipe(text);
    return recipe ? recipe->name : llvm::toString(recipe.takeError());
  };
  EXPECT_EQ(getName("inq:4"), "inq:4");
  EXPECT_EQ(getName("inq"), "inq");
  EXPECT_EQ(getName("inq:"),
            "recipe 'inq', '': expected an argument, or entry=value");
  EXPECT_EQ(getName("inqq:4").substr(0, 47),
            "there is no recipe 'inqq'; did you mean 'inq'? ");
  EXPECT_EQ(getName("a:b/c.yaml:4"),
            "cannot read recipe 'a:b/c.yaml': No such file or directory");
  EXPECT_EQ(getName("a/b:4"),
            "cannot read recipe 'a/b:4': No such file or directory");
  EXPECT_EQ(getName("b.yml:4"),
            "cannot read recipe 'b.yml': No such file or directory");
}

} // namespace
