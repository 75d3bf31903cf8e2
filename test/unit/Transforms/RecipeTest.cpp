//===- RecipeTest.cpp - Reading recipes -----------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RecipeTestUtils.h"

#include "gtest/gtest.h"

using namespace mlir::lowbit;
using llvm::StringRef;

namespace {

TEST(Recipe, HasDefaultsForAllButTheName) {
  Recipe recipe = read("name: n");
  RecipeOptions options = recipe.getOptions({"layer", "conv2d"});
  EXPECT_EQ(recipe.name, "n");
  EXPECT_EQ(recipe.profile, Profile::Tosa);
  EXPECT_TRUE(*options.quantize);
  EXPECT_FALSE(options.activations.storage->isSigned);
  EXPECT_EQ(options.activations.storage->width, 8u);
  EXPECT_EQ(*options.activations.range, RangeMethod::MinMax);
  EXPECT_EQ(*options.activations.percentile, 99.99);
  EXPECT_TRUE(options.weights.storage->isSigned);
  EXPECT_TRUE(*options.weights.narrowRange);
  EXPECT_TRUE(*options.weights.perChannel);
  EXPECT_EQ(*options.weights.rounding, WeightRounding::Nearest);
  EXPECT_EQ(recipe.seed, 0u);
  EXPECT_EQ(*options.weights.onDisk, OnDisk::Automatic);
  EXPECT_FALSE(*options.absorbHighBias);
  EXPECT_FALSE(*options.equalize);
  EXPECT_FALSE(*options.correctBias);
  EXPECT_EQ(options.heads->width, 16u);
  EXPECT_EQ(options.softmax->width, 16u);
  EXPECT_FALSE(options.softmax->isSigned);
}

TEST(Recipe, ReadsEverySection) {
  Recipe recipe = read(R"(
# A comment.
name: "all"
description: |
  two
  lines
profile: tosa
activations: {storage: i5, range: moving-average, percentile: 75.5}
weights:
  storage: 'i3'
  narrow-range: false
  per-channel: false
  rounding: balanced
  on-disk: sparse-huffman
heads: {storage: i8}
softmax: {storage: u8}
absorb-high-bias: true
equalize: true
correct-bias: true
rules: []
)");
  EXPECT_EQ(recipe.description, "two\nlines");
  RecipeOptions options = recipe.getOptions({"layer", "conv2d"});
  EXPECT_TRUE(options.activations.storage->isSigned);
  EXPECT_EQ(options.activations.storage->width, 5u);
  EXPECT_EQ(*options.activations.range, RangeMethod::MovingAverage);
  EXPECT_EQ(*options.activations.percentile, 75.5);
  EXPECT_EQ(options.weights.storage->width, 3u);
  EXPECT_FALSE(*options.weights.narrowRange);
  EXPECT_FALSE(*options.weights.perChannel);
  EXPECT_EQ(*options.weights.rounding, WeightRounding::Balanced);
  EXPECT_EQ(*options.weights.onDisk, OnDisk::SparseHuffman);
  EXPECT_TRUE(*options.absorbHighBias);
  EXPECT_TRUE(*options.equalize);
  EXPECT_TRUE(*options.correctBias);
  EXPECT_EQ(options.heads->width, 8u);
  EXPECT_EQ(options.softmax->width, 8u);
}

TEST(Recipe, HasASeed) {
  Recipe recipe =
      read("name: n\nseed: 4294967295\nweights: {rounding: stochastic}");
  EXPECT_EQ(recipe.seed, 4294967295u);
  EXPECT_EQ(*recipe.defaults.weights.rounding, WeightRounding::Stochastic);
  std::string text;
  llvm::raw_string_ostream os(text);
  writeRecipe(recipe, os);
  EXPECT_EQ(read(text).seed, 4294967295u);
  EXPECT_EQ(*read(text).defaults.weights.rounding, WeightRounding::Stochastic);
}

TEST(Recipe, LastMatchingRuleWins) {
  Recipe recipe = read(R"(
name: rules
rules:
  - {layer: "conv*", quantize: false}
  - {op: depthwise_conv2d, equalize: true, weights: {storage: i2}}
  - {layer: "conv[12]", op: conv2d, quantize: true, weights: {storage: i4}}
)");
  EXPECT_TRUE(*recipe.getOptions({"conv1", "conv2d"}).quantize);
  EXPECT_EQ(recipe.getOptions({"conv1", "conv2d"}).weights.storage->width, 4u);
  EXPECT_FALSE(*recipe.getOptions({"conv3", "conv2d"}).quantize);
  EXPECT_FALSE(*recipe.getOptions({"conv1", "depthwise_conv2d"}).quantize);
  EXPECT_EQ(
      recipe.getOptions({"conv1", "depthwise_conv2d"}).weights.storage->width,
      2u);
  EXPECT_TRUE(*recipe.getOptions({"conv1", "depthwise_conv2d"}).equalize);
  EXPECT_FALSE(*recipe.getOptions({"conv1", "conv2d"}).equalize);
  EXPECT_TRUE(*recipe.getOptions({"dense", "conv2d"}).quantize);
  EXPECT_FALSE(recipe.getRuleOptions({"dense", "conv2d"}).quantize);
  EXPECT_EQ(recipe.rules[0].location, "r.yaml:4:13");
  EXPECT_EQ(recipe.rules[1].location, "r.yaml:5:5");
}

TEST(Recipe, GlobsSurviveMoves) {
  // A short text lies inside its string, which moves with it.
  Recipe first = read("name: n\nrules: [{layer: 'a?c', quantize: false}]");
  Recipe second = std::move(first);
  EXPECT_FALSE(*second.getOptions({"abc", "conv2d"}).quantize);
  EXPECT_TRUE(*second.getOptions({"abd", "conv2d"}).quantize);
}

TEST(Recipe, KnowsFloat) {
  EXPECT_FALSE(read("name: n").isFloat());
  EXPECT_TRUE(read("name: n\nrules: [{quantize: false}]").isFloat());
  EXPECT_FALSE(read("name: n\nrules: [{op: add, quantize: false}]").isFloat());
  EXPECT_FALSE(read("name: n\nrules: [{quantize: false}, {op: add, quantize: "
                    "true}]")
                   .isFloat());
}

TEST(Recipe, RefusesWhatIsNoRecipe) {
  EXPECT_EQ(errorOf(""), "r.yaml:1:1: expected the recipe to be a mapping");
  EXPECT_EQ(errorOf("- a"), "r.yaml:1:1: expected the recipe to be a mapping");
  EXPECT_EQ(errorOf("profile: tosa"), "r.yaml:1:1: the recipe has no name");
  EXPECT_EQ(errorOf("name: a\n---\nname: b"), "r.yaml:3:1: expected one "
                                              "document");
  EXPECT_TRUE(StringRef(errorOf("name: [a")).starts_with("r.yaml:1:"));
  // LLVM reads no root of the second document.
  EXPECT_TRUE(StringRef(errorOf("name: a\n%b: c|\n")).starts_with("r.yaml:"));
  EXPECT_TRUE(StringRef(errorOf("name: \"a")).starts_with("r.yaml:1:"));
}

TEST(Recipe, NamesAllRanges) {
  for (int i = 0; i <= static_cast<int>(RangeMethod::Mixed); ++i) {
    auto method = static_cast<RangeMethod>(i);
    std::string text =
        "name: a\nactivations: {range: " + getRangeMethodNames()[i].str() + "}";
    Recipe recipe = read(text);
    EXPECT_EQ(*recipe.defaults.activations.range, method);
    EXPECT_EQ(recipe.hasMixedRanges(), method == RangeMethod::Mixed);
  }
  EXPECT_TRUE(read("name: a\nrules: [{op: add, activations: {range: mixed}}]")
                  .hasMixedRanges());
}

TEST(Recipe, NamesAllProfiles) {
  for (StringRef name : getProfileNames()) {
    std::string text = ("name: a\nprofile: " + name).str();
    EXPECT_EQ(stringifyProfile(read(text).profile), name);
  }
}

TEST(Recipe, SuggestsKeys) {
  EXPECT_EQ(errorOf("name: a\nweight: {}"),
            "r.yaml:2:1: the recipe has no key 'weight'; did you mean "
            "'weights'? (known: 'activations', 'weights', 'heads', 'softmax', "
            "'detect-formats', 'absorb-high-bias', 'equalize', 'correct-bias' "
            "and 8 more)");
  EXPECT_EQ(errorOf("name: a\nweights: {per-chanel: true}"),
            "r.yaml:2:11: weights has no key 'per-chanel'; did you mean "
            "'per-channel'? (known: 'storage', 'narrow-range', 'per-channel', "
            "'rounding', 'on-disk', 'encoder')");
  EXPECT_EQ(errorOf("name: a\nname: b"),
            "r.yaml:2:1: the key 'name' occurs twice");
  EXPECT_EQ(errorOf("name: a\nrules: [{xyzzy: 1}]"),
            "r.yaml:2:10: a rule has no key 'xyzzy' (known: 'activations', "
            "'weights', 'heads', 'softmax', 'detect-formats', "
            "'absorb-high-bias', 'equalize', 'correct-bias' and 5 more)");
  EXPECT_EQ(errorOf("name: a\nequalise: true"),
            "r.yaml:2:1: the recipe has no key 'equalise'; did you mean "
            "'equalize'? (known: 'activations', 'weights', 'heads', "
            "'softmax', 'detect-formats', 'absorb-high-bias', 'equalize', "
            "'correct-bias' and 8 more)");
}

TEST(Recipe, ReadsFormats) {
  EXPECT_FALSE(read("name: n").importsFormats);
  EXPECT_FALSE(read("name: n\nformats: calibrated").importsFormats);
  EXPECT_TRUE(read("name: n\nformats: imported").importsFormats);
  EXPECT_FALSE(
      read("name: n\nformats: imported\nrules: [{quantize: false}]").isFloat());
}

TEST(Recipe, ReadsEncoders) {
  Recipe recipe = read("name: n");
  EXPECT_EQ(recipe.defaults.weights.encoder->name, "");
  EXPECT_FALSE(recipe.hasEncoders());
  recipe = read(R"(
name: n
weights: {encoder: twn}
rules:
  - layer: first
    weights: {encoder: none}
  - layer: last
    weights:
      encoder: {name: kmeans, centroids: 4, init: quantile}
)");
  EXPECT_TRUE(recipe.hasEncoders());
  auto getEncoder = [&](StringRef layer) {
    return *recipe.getOptions({layer, "conv2d"}).weights.encoder;
  };
  EXPECT_EQ(getEncoder("any").name, "twn");
  EXPECT_TRUE(getEncoder("any").arguments.empty());
  EXPECT_EQ(getEncoder("first").name, "");
  EXPECT_EQ(getEncoder("last").name, "kmeans");
  EXPECT_EQ(getEncoder("last").arguments,
            (std::map<std::string, std::string>{{"centroids", "4"},
                                                {"init", "quantile"}}));
}

TEST(Recipe, RefusesEncoders) {
  auto errorOfEncoder = [](StringRef text) {
    return errorOf(("name: a\nweights: {encoder: " + text + "}").str());
  };
  EXPECT_TRUE(StringRef(errorOfEncoder("tvn"))
                  .starts_with("r.yaml:2:20: there is no encoder 'tvn'; did "
                               "you mean 'twn'? (known: 'abc-net', "));
  EXPECT_EQ(
      errorOfEncoder("{name: inq, bit: 5}"),
      "r.yaml:2:32: encoder 'inq': there is no option 'bit'; did you mean "
      "'bits'? (known: 'bits', 'per')");
  EXPECT_EQ(
      errorOfEncoder("{name: inq, bits: 9}"),
      "r.yaml:2:32: encoder 'inq': option 'bits' is a whole number from 2 "
      "to 6, not '9'");
  EXPECT_EQ(errorOfEncoder("{name: inq, bits: 5, bits: 4}"),
            "r.yaml:2:41: the key 'bits' occurs twice");
  EXPECT_EQ(errorOfEncoder("{bits: 5}"),
            "r.yaml:2:21: expected 'name', the encoder, as the first key");
  EXPECT_EQ(errorOfEncoder("{}"),
            "r.yaml:2:20: expected the name of an encoder");
  EXPECT_EQ(errorOfEncoder("{name: [inq]}"), "r.yaml:2:27: expected a string");
  EXPECT_EQ(errorOfEncoder("[inq]"), "r.yaml:2:20: expected a string");
}

TEST(Recipe, RefusesValues) {
  EXPECT_EQ(errorOf("name: a\nformats: import"),
            "r.yaml:2:10: there is no kind of formats 'import'; did you mean "
            "'imported'? (known: 'calibrated', 'imported')");
  EXPECT_EQ(errorOf("name: a\nprofile: onx"),
            "r.yaml:2:10: there is no profile 'onx'; did you mean 'onnx'? "
            "(known: 'tosa', 'tflite-single', 'tflite-double', 'onnx')");
  EXPECT_EQ(errorOf("name: a\nactivations: {storage: u9}"),
            "r.yaml:2:24: there is no storage type 'u9'; did you mean 'u8'? "
            "(known: 'u8', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7', 'i8' and 6 "
            "more)");
  EXPECT_EQ(errorOf("name: a\nweights: {storage: u8}"),
            "r.yaml:2:20: there is no storage type 'u8'; did you mean 'i8'? "
            "(known: 'i2', 'i3', 'i4', 'i5', 'i6', 'i7', 'i8')");
  EXPECT_EQ(errorOf("name: a\nactivations: {range: percentil}"),
            "r.yaml:2:22: there is no range 'percentil'; did you mean "
            "'percentile'? (known: 'min-max', 'percentile', "
            "'moving-average', 'mse', 'kl', 'mixed')");
  for (StringRef bad : {"50", "101", "many", "nan"})
    EXPECT_EQ(
        errorOf(("name: a\nactivations: {percentile: " + bad + "}").str()),
        ("r.yaml:2:27: expected a percentile over 50 and up to 100, but "
         "found '" +
         bad + "'")
            .str());
  EXPECT_EQ(errorOf("name: a\nweights: {narrow-range: yes}"),
            "r.yaml:2:25: expected true or false, but found 'yes'");
  EXPECT_EQ(errorOf("name: a\nweights: {rounding: up}"),
            "r.yaml:2:21: there is no rounding 'up' (known: 'nearest', "
            "'balanced', 'stochastic')");
  for (StringRef bad : {"-1", "4294967296", "0x10", "any"})
    EXPECT_EQ(errorOf(("name: a\nseed: " + bad).str()),
              ("r.yaml:2:7: expected a whole number below 2^32, but found '" +
               bad + "'")
                  .str());
  EXPECT_EQ(errorOf("name: a\nequalize: maybe"),
            "r.yaml:2:11: expected true or false, but found 'maybe'");
  EXPECT_EQ(errorOf("name: [a]"), "r.yaml:1:7: expected a string");
  EXPECT_EQ(errorOf("name: a\nweights: i8"),
            "r.yaml:2:10: expected weights to be a mapping");
  EXPECT_EQ(errorOf("name: a\nrules: {}"),
            "r.yaml:2:8: expected rules to be a list");
  EXPECT_EQ(errorOf("name: a\nrules: [all]"),
            "r.yaml:2:9: expected a rule to be a mapping");
  EXPECT_TRUE(StringRef(errorOf("name: a\nrules: [{layer: 'a[', quantize: "
                                "false}]"))
                  .starts_with("r.yaml:2:17: not a glob: "));
  EXPECT_TRUE(StringRef(errorOf("name: a\nrules: [{op: convolution}]"))
                  .starts_with("r.yaml:2:14: there is no kind of operation "
                               "'convolution'"));
}

std::string write(const Recipe &recipe) {
  std::string text;
  llvm::raw_string_ostream os(text);
  writeRecipe(recipe, os);
  return text;
}

TEST(Recipe, SurvivesBeingWritten) {
  Recipe recipe = read(R"(
name: "quote \" and \\"
description: "a # b"
citation: Nobody 2018
argument: weights.encoder.bits
profile: tflite-double
activations: {storage: i5, range: percentile, percentile: 99.9}
weights: {storage: i3, narrow-range: false, per-channel: false, rounding: balanced, encoder: {name: inq, bits: 4}}
heads: {storage: i8}
softmax: {storage: u8}
absorb-high-bias: true
equalize: true
correct-bias: true
rules:
  - layer: "/a[0-9]/*"
    equalize: false
    op: conv2d
    weights: {storage: i4, on-disk: packed, encoder: none}
  - op: softmax
    activations: {range: moving-average}
  - position: last
    shape: "*x1x1x*"
    quantize: false
  - quantize: true
)");
  std::string text = write(recipe);
  Recipe again = read(text);
  EXPECT_EQ(again.name, "quote \" and \\");
  EXPECT_EQ(again.description, "a # b");
  EXPECT_EQ(again.citation, "Nobody 2018");
  EXPECT_EQ(again.argument, "weights.encoder.bits");
  EXPECT_EQ(again.profile, Profile::TfliteDouble);
  EXPECT_EQ(again.defaults.weights.rounding, WeightRounding::Balanced);
  EXPECT_EQ(again.defaults.absorbHighBias, true);
  EXPECT_EQ(again.defaults.equalize, true);
  EXPECT_EQ(again.defaults.correctBias, true);
  EXPECT_EQ(again.defaults.weights.encoder->name, "inq");
  EXPECT_EQ(again.defaults.weights.encoder->arguments.at("bits"), "4");
  EXPECT_EQ(again.rules[0].options.weights.encoder->name, "");
  EXPECT_EQ(again.rules[0].options.equalize, false);
  EXPECT_EQ(again.rules[0].options.weights.onDisk, OnDisk::Packed);
  EXPECT_EQ(again.rules[0].layer, "/a[0-9]/*");
  EXPECT_EQ(again.rules[0].op, "conv2d");
  EXPECT_EQ(again.rules[2].position, LayerPosition::Last);
  EXPECT_EQ(again.rules[2].shape, "*x1x1x*");
  EXPECT_TRUE(again.rules[3].isGeneral());
  EXPECT_EQ(again.getOptions({"b", "softmax"}).activations.range,
            RangeMethod::MovingAverage);
  EXPECT_EQ(*again.defaults.activations.percentile, 99.9);
  EXPECT_EQ(*again.defaults.weights.rounding, WeightRounding::Balanced);
  EXPECT_TRUE(*again.defaults.absorbHighBias);
  EXPECT_TRUE(*again.defaults.equalize);
  EXPECT_TRUE(*again.defaults.correctBias);
  EXPECT_EQ(write(again), text);
  for (StringRef name : getRecipeNames()) {
    llvm::Expected<Recipe> builtin = loadRecipe(name);
    ASSERT_TRUE(bool(builtin)) << llvm::toString(builtin.takeError());
    EXPECT_EQ(write(read(write(*builtin))), write(*builtin));
  }
}

TEST(Recipe, BuiltinsAreSound) {
  for (StringRef name : getRecipeNames()) {
    llvm::Expected<Recipe> recipe = loadRecipe(name);
    ASSERT_TRUE(bool(recipe)) << llvm::toString(recipe.takeError());
    EXPECT_EQ(recipe->name, name);
    EXPECT_FALSE(recipe->description.empty());
    if (!recipe->argument.empty())
      EXPECT_FALSE(recipe->citation.empty());
    EXPECT_EQ(recipe->isFloat(), name == "float");
  }
}

} // namespace
