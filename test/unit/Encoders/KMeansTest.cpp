//===- KMeansTest.cpp - Encoders for tables of numbers and vectors --------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EncoderTestUtils.h"

#include "../../../lib/Encoders/KMeans.h"
#include "../../../lib/Encoders/OutputError.h"

#include <set>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

Points makePoints(int64_t dim, size_t count, uint64_t seed) {
  Points points{dim, {}, {}};
  std::vector<float> values = makeGaussian(count * dim, seed);
  std::vector<double> costs = makeCosts(count * dim, seed);
  points.values.assign(values.begin(), values.end());
  points.costs.assign(costs.begin(), costs.end());
  return points;
}

/// The least cost of all assignments of points to `count` centroids.
double searchClusters(const Points &points, int64_t count) {
  int64_t choices = 1;
  for (int64_t i = 0; i < points.size(); ++i)
    choices *= count;
  double least = HUGE_VAL;
  for (int64_t choice = 0; choice < choices; ++choice) {
    double cost = 0;
    for (int64_t k = 0; k < count; ++k)
      for (int64_t d = 0; d < points.dim; ++d) {
        double sum = 0, weight = 0, square = 0;
        int64_t digits = choice;
        for (int64_t i = 0; i < points.size(); ++i, digits /= count) {
          if (digits % count != k)
            continue;
          double value = points.values[i * points.dim + d];
          double c = points.costs[i * points.dim + d];
          sum += c * value;
          weight += c;
          square += c * value * value;
        }
        cost += weight > 0 ? square - sum * sum / weight : 0;
      }
    least = std::min(least, cost);
  }
  return least;
}

TEST(Cluster, NeverCostsMore) {
  for (int64_t dim : {1, 3})
    for (double entropy : {0.0, 0.05}) {
      Points points = makePoints(dim, 500, 4);
      ClusterOptions options{
          16, dim == 1 ? ClusterInit::Linear : ClusterInit::Spread,
          /*seed=*/1, /*rounds=*/100, entropy};
      std::vector<double> costs;
      Clusters clusters = cluster(points, options, &costs);
      EXPECT_GT(costs.size(), 3u);
      for (size_t i = 1; i < costs.size(); ++i)
        EXPECT_LE(costs[i], costs[i - 1] * (1 + 1e-12));
      EXPECT_LE(clusters.size(), 16);
      if (entropy == 0)
        EXPECT_NEAR(getCost(points, clusters), costs.back(), 1e-9);
    }
}

TEST(Cluster, FindsWhatBruteForceFinds) {
  double found = 0, best = 0;
  for (int64_t dim : {1, 2})
    for (uint64_t seed = 1; seed < 8; ++seed) {
      Points points = makePoints(dim, 8, seed);
      double least = searchClusters(points, 3), cost = HUGE_VAL;
      for (uint64_t start = 0; start < 4; ++start) {
        ClusterOptions options{3, ClusterInit::Spread, start, 100};
        double one = getCost(points, cluster(points, options));
        EXPECT_GE(one, least - 1e-12);
        cost = std::min(cost, one);
      }
      found += cost;
      best += least;
    }
  EXPECT_LT(found, 1.1 * best);
}

TEST(Cluster, FindsClustersThatLieApart) {
  std::vector<float> noise = makeGaussian(40);
  Points points{1, {}, {}};
  for (int i = 0; i < 40; ++i)
    points.values.push_back(i % 4 * 10 + 0.1 * noise[i]);
  points.costs.assign(40, 1);
  for (ClusterInit init :
       {ClusterInit::Linear, ClusterInit::Quantile, ClusterInit::Spread}) {
    Clusters clusters = cluster(points, {4, init, 0, 100});
    EXPECT_EQ(clusters.size(), 4);
    for (int i = 0; i < 40; ++i)
      EXPECT_EQ(clusters.assignment[i], i % 4);
  }
}

TEST(KMeansEncoder, KeepsFewDistinctValues) {
  std::vector<float> values = {1, 7, 2, 2, -4.5, 1, 7, 0};
  for (StringRef name : {"kmeans", "ecsq"})
    EXPECT_EQ(roundTrip(name, values, {{"centroids", "5"}}), values);
  int64_t shape[] = {2, 4};
  Weights weights{values, shape, 0};
  EncodedWeights encoded =
      encode("kmeans", weights, {{"centroids", "4"}, {"per", "channel"}});
  EXPECT_EQ(encoded.parameters[0].shape, SmallVector<int64_t>({2, 1, 4, 1}));
  EXPECT_EQ(decodeWeights(encoded, shape), values);
}

/// The largest number that all are multiples of, as a share of the largest number.
int64_t countSteps(const EncodedParameter &book, double most) {
  for (int64_t steps : {127, 32767}) {
    // The step is rounded up to few digits.
    double step = most / double(steps);
    int exponent;
    std::frexp(step, &exponent);
    double unit = std::ldexp(1.0, exponent - (steps == 127 ? 16 : 8));
    step = std::ceil(step / unit) * unit;
    if (llvm::all_of(book.numbers, [&](float number) {
          return std::nearbyint(number / step) * step == number;
        }))
      return steps;
  }
  return 0;
}

TEST(KMeansEncoder, HasEntriesOfIntegers) {
  std::vector<float> values = makeGaussian(640);
  float most = 0;
  for (float value : values)
    most = std::max(most, std::abs(value));
  int64_t shape[] = {640};
  Weights weights{values, shape, std::nullopt};
  for (StringRef name :
       {"kmeans", "ecsq", "deep-compression", "weighted-entropy"}) {
    auto count = [&](StringRef entries) {
      return countSteps(
          encode(name, weights, {{"entries", entries.str()}}).parameters[0],
          most);
    };
    EXPECT_EQ(count("i8"), 127) << name.str();
    EXPECT_EQ(count("i16"), 32767) << name.str();
    EXPECT_EQ(count("f32"), 0) << name.str();
  }
  // Codes are those of the nearest rounded number.
  EncodedWeights encoded = encode("kmeans", weights, {{"entries", "i8"}});
  std::vector<float> decoded = decodeWeights(encoded, shape);
  for (size_t i = 0; i < values.size(); ++i)
    for (float number : encoded.parameters[0].numbers)
      EXPECT_LE(std::abs(values[i] - decoded[i]), std::abs(values[i] - number));
}

TEST(ProductEncoder, HasEntriesOfIntegersWhoseSumsFit) {
  std::vector<float> values = makeGaussian(32 * 12);
  int64_t shape[] = {32, 12};
  Weights weights{values, shape, 0};
  for (StringRef name : {"product-kmeans", "residual-kmeans"}) {
    auto decode = [&](StringRef entries) {
      return decodeWeights(encode(name, weights, {{"entries", entries.str()}}),
                           shape);
    };
    std::vector<float> floats = decode("f32"), bytes = decode("i8");
    EXPECT_NE(floats, bytes);
    EXPECT_LT(getError(values, bytes), 1.1 * getError(values, floats));
    // All are multiples of one step, by 127 times at most.
    float most = 0, least = HUGE_VALF;
    for (float number : bytes) {
      most = std::max(most, std::abs(number));
      if (number != 0)
        least = std::min(least, std::abs(number));
    }
    EXPECT_LE(most, 127 * least);
  }
}

TEST(KMeansEncoder, WeighsByCurvature) {
  std::vector<float> values = {0, 1, 10, 11};
  EXPECT_EQ(
      roundTrip("hessian-kmeans", values, {{"centroids", "2"}}, {3, 1, 1, 3}),
      std::vector<float>({0.25, 0.25, 10.75, 10.75}));
  EXPECT_EQ(roundTrip("kmeans", values, {{"centroids", "2"}}),
            std::vector<float>({0.5, 0.5, 10.5, 10.5}));
}

TEST(KMeansEncoder, HasLessEntropyWhereItCosts) {
  std::vector<float> values = makeGaussian(1000);
  int64_t shape[] = {1000};
  auto getEntropy = [&](StringRef cost) {
    EncodedWeights encoded =
        encode("ecsq", {values, shape, std::nullopt},
               {{"centroids", "32"}, {"entropy", cost.str()}});
    std::vector<double> counts(32, 0);
    for (int64_t code : encoded.codes)
      ++counts[code];
    double bits = 0;
    for (double count : counts)
      if (count > 0)
        bits -= count / 1000 * std::log2(count / 1000);
    return bits;
  };
  double little = getEntropy("0.05");
  EXPECT_GT(getEntropy("0"), 4);
  EXPECT_LT(little, 3.2);
  EXPECT_LT(getEntropy("0.5"), little);
}

TEST(KMeansEncoder, PrunesForDeepCompression) {
  std::vector<float> values = makeGaussian(1000);
  std::vector<float> decoded =
      roundTrip("deep-compression", values, {{"prune", "0.7"}});
  double most = 0, least = HUGE_VAL;
  int64_t zeros = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    zeros += decoded[i] == 0;
    double magnitude = std::abs(values[i]);
    if (decoded[i] == 0)
      most = std::max(most, magnitude);
    else
      least = std::min(least, magnitude);
  }
  EXPECT_EQ(zeros, 700);
  EXPECT_LE(most, least);
  // Centroids near 0 have no weights.
  size_t distinct = std::set<float>(decoded.begin(), decoded.end()).size();
  EXPECT_GT(distinct, 8u);
  EXPECT_LE(distinct, 16u);
}

TEST(ProductEncoder, IsKMeansForVectorsOfOne) {
  // Each place has few distinct values: they stay.
  std::vector<float> values = {1, 5, 2, 6, 1, 6, 2, 5};
  int64_t shape[] = {4, 2};
  Weights weights{values, shape, 0};
  EncodedWeights encoded =
      encode("product-kmeans", weights, {{"dim", "1"}, {"centroids", "2"}});
  EXPECT_EQ(encoded.parameters[0].shape, SmallVector<int64_t>({2, 1, 2, 1}));
  EXPECT_EQ(decodeWeights(encoded, shape), values);
}

TEST(ProductEncoder, CodesVectorsThatReachBeyondTheEnd) {
  std::vector<float> values = makeGaussian(2 * 3 * 5 * 7);
  int64_t shape[] = {2, 3, 5, 7};
  Weights weights{values, shape, 0};
  EncodedWeights encoded =
      encode("product-kmeans", weights, {{"dim", "4"}, {"centroids", "32"}});
  EXPECT_EQ(encoded.codeShape, SmallVector<int64_t>({2, 3, 5, 2}));
  EXPECT_EQ(encoded.parameters[0].shape, SmallVector<int64_t>({2, 1, 30, 4}));
  // No more vectors than centroids: all come back.
  EXPECT_EQ(decodeWeights(encoded, shape), values);
  // Along another dimension, since channels are the last.
  weights.axis = 3;
  encoded = encode("product-kmeans", weights, {{"dim", "4"}});
  EXPECT_EQ(encoded.codeShape, SmallVector<int64_t>({2, 3, 2, 7}));
}

TEST(ProductEncoder, LosesLessWithMoreStages) {
  std::vector<float> values = makeGaussian(64 * 16);
  int64_t shape[] = {64, 16};
  Weights weights{values, shape, 0};
  double before = HUGE_VAL;
  for (StringRef stages : {"1", "2", "4"}) {
    EncodedWeights encoded =
        encode("residual-kmeans", weights, {{"stages", stages.str()}});
    double error = getError(values, decodeWeights(encoded, shape));
    EXPECT_LT(error, before);
    before = error;
  }
}

/// The mean squared error of outputs, from the definition.
double getOutputError(ArrayRef<float> values, ArrayRef<float> decoded,
                      ArrayRef<float> activations, int64_t inputs) {
  double sum = 0;
  for (size_t first = 0; first < activations.size(); first += inputs)
    for (size_t row = 0; row < values.size(); row += inputs) {
      double error = 0;
      for (int64_t i = 0; i < inputs; ++i)
        error += (double(values[row + i]) - double(decoded[row + i])) *
                 double(activations[first + i]);
      sum += error * error;
    }
  return sum * double(inputs) / double(activations.size());
}

TEST(QCnnEncoder, CorrectsTheErrorOfOutputs) {
  std::vector<float> values = makeGaussian(32 * 12),
                     noise = makeGaussian(480, 9);
  // Inputs that go together.
  std::vector<float> activations;
  for (size_t i = 0; i < noise.size(); ++i)
    activations.push_back(noise[i] + 3 * noise[i / 12]);
  int64_t shape[] = {32, 2, 6};
  Weights weights{values, shape, 0, {}, activations};
  std::vector<float> plain =
      decodeWeights(encode("product-kmeans", weights, {{"dim", "3"}}), shape);
  EncodedWeights encoded = encode("q-cnn", weights, {{"dim", "3"}});
  std::vector<float> corrected = decodeWeights(encoded, shape);
  EXPECT_LT(getOutputError(values, corrected, activations, 12),
            0.5 * getOutputError(values, plain, activations, 12));
  // Second moments say all that matters.
  std::vector<double> moments(144, 0);
  for (size_t first = 0; first < activations.size(); first += 12)
    for (int i = 0; i < 12; ++i)
      for (int j = 0; j < 12; ++j)
        moments[i * 12 + j] += double(activations[first + i]) *
                               double(activations[first + j]) / 40;
  weights.activations = {};
  weights.secondMoments = moments;
  std::vector<float> same =
      decodeWeights(encode("q-cnn", weights, {{"dim", "3"}}), shape);
  EXPECT_LT(getError(corrected, same), 1e-6);
  // Without correlation there is nothing to correct.
  moments.assign(144, 0);
  for (int i = 0; i < 12; ++i)
    moments[i * 13] = 1;
  std::vector<float> equal =
      decodeWeights(encode("q-cnn", weights, {{"dim", "3"}}), shape);
  EXPECT_LE(getError(values, equal), getError(values, plain) * (1 + 1e-6));
}

TEST(OutputError, NeverCostsMore) {
  constexpr int64_t channels = 8, inputs = 6, dim = 2;
  std::vector<float> values = makeGaussian(channels * inputs);
  std::vector<float> samples = makeGaussian(20 * inputs, 5);
  std::vector<double> moments(inputs * inputs, 0);
  for (size_t first = 0; first < samples.size(); first += inputs)
    for (int i = 0; i < inputs; ++i)
      for (int j = 0; j < inputs; ++j)
        moments[i * inputs + j] += samples[first + i] * samples[first + j];
  VectorCode code;
  code.dim = dim;
  code.values.assign(values.begin(), values.end());
  for (int64_t vector = 0; vector < channels * inputs / dim; ++vector) {
    code.tables.push_back(0);
    code.channels.push_back(vector / (inputs / dim));
    code.codes.push_back(vector % 3);
    for (int64_t d = 0; d < dim; ++d)
      code.inputs.push_back(vector * dim % inputs + d);
  }
  code.books.push_back({0.5, 0.5, -0.5, 0.5, 0.5, -0.5});
  std::vector<double> costs;
  reduceOutputError(code, channels, moments, 50, &costs);
  EXPECT_GT(costs.size(), 3u);
  for (size_t i = 1; i < costs.size(); ++i)
    EXPECT_LE(costs[i], costs[i - 1] * (1 + 1e-12));
  // What it says is what the definition says.
  double expected = 0;
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t i = 0; i < inputs; ++i)
      for (int64_t j = 0; j < inputs; ++j) {
        auto error = [&](int64_t input) {
          int64_t vector = c * inputs / dim + input / dim;
          return double(values[c * inputs + input]) -
                 code.books[0][code.codes[vector] * dim + input % dim];
        };
        expected += error(i) * moments[i * inputs + j] * error(j);
      }
  EXPECT_NEAR(costs.back(), expected, 1e-9 * costs.front());
}

} // namespace
