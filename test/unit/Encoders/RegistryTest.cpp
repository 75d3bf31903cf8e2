//===- RegistryTest.cpp - Encoders by name, and bad input -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EncoderTestUtils.h"

#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// What an encoder may need, for weights of 4 channels and 6 inputs.
struct Example {
  std::vector<float> values = makeGaussian(24);
  std::vector<double> curvature = makeCosts(24);
  std::vector<float> activations = makeGaussian(60, 3);
  int64_t shape[2] = {4, 6};

  Weights get() const { return {values, shape, 0, curvature, activations, {}}; }
};

TEST(EncoderRegistry, HasEachNameOnceWithAllThereIsToSay) {
  StringRef before;
  for (const WeightEncoder *encoder : getWeightEncoders()) {
    const EncoderInfo &info = encoder->getInfo();
    EXPECT_LT(before, info.name);
    EXPECT_FALSE(info.description.empty());
    EXPECT_FALSE(info.citation.empty());
    before = info.name;
  }
  EXPECT_EQ(getWeightEncoders().size(), 33u);
}

TEST(EncoderRegistry, SuggestsNames) {
  std::string text = llvm::toString(findWeightEncoder("tvn").takeError());
  EXPECT_TRUE(StringRef(text).starts_with(
      "there is no encoder 'tvn'; did you mean 'twn'? (known: 'abc-net', "))
      << text;
}

TEST(EncoderRegistry, PrintsAll) {
  std::string text;
  llvm::raw_string_ostream os(text);
  printWeightEncoders(os);
  EXPECT_NE(text.find("twn - -a, 0 and a by a threshold of the mean magnitude "
                      "(Li 2016)\n"),
            std::string::npos);
  EXPECT_NE(text.find("  needs second moments from calibration\n"),
            std::string::npos);
  EXPECT_NE(
      text.find("  rounding: nearest-even  # how a weight becomes a code: "
                "nearest-even, nearest-away, floor, ceil, stochastic\n"),
      std::string::npos);
  EXPECT_NE(
      text.find("  factor: 0.7  # threshold over mean magnitude, 0 to 1\n"),
      std::string::npos);
}

TEST(EncoderOptions, RefusesWhatThereIsNot) {
  Example example;
  auto text = [&](StringRef name, const EncoderArguments &arguments) {
    return getErrorText(name, example.get(), arguments);
  };
  EXPECT_EQ(text("inq", {{"bit", "5"}}),
            "encoder 'inq': there is no option 'bit'; did you mean 'bits'? "
            "(known: 'bits', 'per')");
  EXPECT_EQ(text("inq", {{"bits", "7"}}),
            "encoder 'inq': option 'bits' is a whole number from 2 to 6, not "
            "'7'");
  EXPECT_EQ(text("inq", {{"bits", "4.5"}}),
            "encoder 'inq': option 'bits' is a whole number from 2 to 6, not "
            "'4.5'");
  EXPECT_EQ(
      text("twn", {{"factor", "nan"}}),
      "encoder 'twn': option 'factor' is a number from 0 to 1, not 'nan'");
  EXPECT_EQ(text("absmax", {{"rounding", "flor"}}),
            "encoder 'absmax': option 'rounding' has no value 'flor'; did you "
            "mean 'floor'? (known: 'nearest-even', 'nearest-away', 'floor', "
            "'ceil', 'stochastic')");
  EXPECT_EQ(
      text("shiftcnn", {{"bits", "5"}, {"terms", "4"}}),
      "encoder 'shiftcnn': 4 fields of 5 bits are more than powers of two "
      "fill; use fewer");
  EXPECT_EQ(text("admm", {{"grid", "pow2"}, {"bits", "6"}}),
            "encoder 'admm': a grid of powers of two has at most 5 bits");
  EXPECT_EQ(
      text("residual-kmeans", {{"stages", "3"}, {"centroids", "256"}}),
      "encoder 'residual-kmeans': 3 stages of 8 bits are more than the 16 "
      "bits of a code");
}

TEST(WeightEncoder, RefusesBadWeights) {
  Example example;
  Weights weights = example.get();
  weights.values = {};
  EXPECT_EQ(getErrorText("bwn", weights),
            "encoder 'bwn': there are no weights");
  weights = example.get();
  int64_t shape[] = {5, 5}, vector[] = {24};
  weights.shape = shape;
  EXPECT_EQ(
      getErrorText("bwn", weights),
      "encoder 'bwn': the shape has 25 elements, but there are 24 weights");
  weights = example.get();
  weights.axis = 2;
  EXPECT_EQ(getErrorText("bwn", weights),
            "encoder 'bwn': the channel axis 2 is none of the shape's 2 "
            "dimensions");
  weights = example.get();
  weights.shape = vector;
  EXPECT_EQ(
      getErrorText("product-kmeans", weights),
      "encoder 'product-kmeans': the weights have no dimension of inputs");
  std::vector<float> values = example.values;
  weights = example.get();
  weights.values = values;
  for (float bad : {std::numeric_limits<float>::quiet_NaN(),
                    std::numeric_limits<float>::infinity()}) {
    values[3] = bad;
    for (const WeightEncoder *encoder : getWeightEncoders())
      EXPECT_EQ(getErrorText(encoder->getInfo().name, weights),
                "encoder '" + encoder->getInfo().name.str() +
                    "': weight 3 is not finite");
  }
}

TEST(WeightEncoder, RefusesBadCalibration) {
  Example example;
  Weights weights = example.get();
  std::vector<double> costs = {1, 2};
  weights.curvature = costs;
  EXPECT_EQ(getErrorText("lab", weights),
            "encoder 'lab': there are 24 weights, but 2 curvatures");
  costs = example.curvature;
  costs[5] = -1;
  weights.curvature = costs;
  EXPECT_EQ(getErrorText("lab", weights),
            "encoder 'lab': curvature 5 is negative or not finite");
  weights.curvature = {};
  EXPECT_EQ(getErrorText("lab", weights),
            "encoder 'lab': needs the curvature of each weight");
  weights.activations = weights.activations.drop_back();
  EXPECT_EQ(getErrorText("q-cnn", weights),
            "encoder 'q-cnn': activations are no rows of 6 inputs");
  std::vector<float> activations = example.activations;
  activations[7] = std::numeric_limits<float>::infinity();
  weights.activations = activations;
  EXPECT_EQ(getErrorText("q-cnn", weights),
            "encoder 'q-cnn': activation 7 is not finite");
  weights.activations = {};
  EXPECT_EQ(getErrorText("q-cnn", weights),
            "encoder 'q-cnn': needs second moments, or activations, from "
            "calibration");
  std::vector<double> moments(35, 1);
  weights.secondMoments = moments;
  EXPECT_EQ(getErrorText("q-cnn", weights),
            "encoder 'q-cnn': second moments are no square of 6 inputs");
  moments.assign(36, std::numeric_limits<double>::quiet_NaN());
  weights.secondMoments = moments;
  EXPECT_EQ(getErrorText("q-cnn", weights),
            "encoder 'q-cnn': second moment 0 is not finite");
}

/// Every encoder takes what is extreme and finite; tryEncode checks the result.
TEST(WeightEncoder, TakesDegenerateWeights) {
  Example example;
  float tiny = std::numeric_limits<float>::denorm_min();
  float most = std::numeric_limits<float>::max();
  std::vector<double> nothing(24, 0);
  for (const WeightEncoder *encoder : getWeightEncoders())
    for (float scale : {0.0f, tiny, 1e-38f, 1.0f, -1.0f, 1e30f, most})
      for (bool isOneValue : {true, false})
        for (bool hasCosts : {true, false}) {
          std::vector<float> values;
          for (int i = 0; i < 24; ++i)
            values.push_back(scale * (isOneValue ? 1 : float(i % 3 - 1)));
          Weights weights = example.get();
          weights.values = values;
          if (!hasCosts)
            weights.curvature = nothing;
          StringRef name = encoder->getInfo().name;
          EncodedWeights encoded = encode(name, weights);
          for (float value : decodeWeights(encoded, weights.shape))
            EXPECT_TRUE(std::isfinite(value)) << name.str() << " " << scale;
        }
}

TEST(WeightEncoder, GivesZerosBack) {
  Example example;
  std::vector<float> zeros(24, 0);
  Weights weights = example.get();
  weights.values = zeros;
  for (const WeightEncoder *encoder : getWeightEncoders()) {
    StringRef name = encoder->getInfo().name;
    // One sign and levels around 0 have no 0.
    float nearest = name == "bwn" || name == "lab" ? 0x1p-126f
                    : name == "balanced"           ? 0x1p-126f
                                                   : 0.0f;
    for (float value : decodeWeights(encode(name, weights), weights.shape))
      EXPECT_EQ(std::abs(value), nearest) << name.str();
  }
}

/// With fewer distinct weights than centroids, each is one.
TEST(WeightEncoder, KeepsFewDistinctWeights) {
  Example example;
  std::vector<float> values;
  for (int i = 0; i < 24; ++i)
    values.push_back(float(i % 3) - 0.75f);
  Weights weights = example.get();
  weights.values = values;
  int64_t count = 0;
  for (const WeightEncoder *encoder : getWeightEncoders()) {
    auto hasOption = [&](StringRef name) {
      return llvm::any_of(
          encoder->getInfo().options,
          [&](const EncoderOption &o) { return o.name == name; });
    };
    if (!hasOption("centroids"))
      continue;
    ++count;
    EncoderArguments arguments = {{"centroids", "8"}};
    if (hasOption("prune"))
      arguments["prune"] = "0";
    StringRef name = encoder->getInfo().name;
    std::vector<float> decoded =
        decodeWeights(encode(name, weights, arguments), weights.shape);
    for (size_t i = 0; i < values.size(); ++i)
      EXPECT_NEAR(decoded[i], values[i], 1e-6) << name.str() << " " << i;
  }
  EXPECT_EQ(count, 8);
}

/// The same arguments, the same result.
TEST(WeightEncoder, IsDeterministic) {
  Example example;
  for (const WeightEncoder *encoder : getWeightEncoders()) {
    StringRef name = encoder->getInfo().name;
    EncodedWeights first = encode(name, example.get());
    EncodedWeights second = encode(name, example.get());
    EXPECT_EQ(first.format, second.format);
    EXPECT_EQ(first.codes, second.codes);
  }
}

} // namespace
