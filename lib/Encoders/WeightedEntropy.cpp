//===- WeightedEntropy.cpp - Tables by weighted entropy -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Park 2017: few weights are large and many are small, and clusters should be used
// as well as be useful. The importance of a weight is its square; weights of either
// sign are clustered by it, and stand for the root of their cluster's mean.

#include "WeightedEntropy.h"

#include "CodebookFormat.h"
#include "Families.h"
#include "Slices.h"

#include "lowbit/IR/Lowbit.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

SmallVector<int64_t>
lowbit::cutByWeightedEntropy(ArrayRef<double> importances, int64_t count,
                             unsigned rounds, std::vector<double> *entropies) {
  int64_t size = importances.size();
  count = std::min(count, size);
  SmallVector<double, 0> sums = {0}, logs = {0};
  for (auto [i, importance] : llvm::enumerate(importances)) {
    sums.push_back(sums.back() + importance);
    logs.push_back(std::log(double(size) / double(i + 1)));
  }
  // Of a part, up to a factor that all have.
  auto getShare = [&](int64_t from, int64_t to) {
    return (sums[to] - sums[from]) * logs[to - from];
  };
  SmallVector<int64_t> borders;
  for (int64_t k = 0; k <= count; ++k)
    borders.push_back(k * size / std::max<int64_t>(count, 1));
  auto record = [&] {
    if (!entropies)
      return;
    double sum = 0;
    for (int64_t k = 0; k < count; ++k)
      sum += getShare(borders[k], borders[k + 1]);
    entropies->push_back(sum / double(std::max<int64_t>(size, 1)));
  };
  record();
  bool moves = true;
  for (unsigned round = 0; moves && round < rounds; ++round) {
    moves = false;
    for (int64_t k = 1; k < count; ++k) {
      int64_t from = borders[k - 1], to = borders[k + 1], best = borders[k];
      double most = getShare(from, best) + getShare(best, to);
      for (int64_t place = from + 1; place < to; ++place) {
        double sum = getShare(from, place) + getShare(place, to);
        if (sum > most) {
          most = sum;
          best = place;
        }
      }
      moves |= best != borders[k];
      borders[k] = best;
    }
    record();
  }
  return borders;
}

namespace {

/// The clusters of magnitudes: where each starts, and what it stands for.
struct Levels {
  SmallVector<double> starts, numbers;

  /// The last one that starts at `magnitude` or before.
  int64_t find(double magnitude) const {
    return llvm::upper_bound(starts, magnitude) - starts.begin() - 1;
  }
};

} // namespace

static Levels findLevels(SmallVector<double, 0> magnitudes, int64_t count,
                         unsigned rounds) {
  llvm::sort(magnitudes);
  SmallVector<double, 0> distinct(magnitudes);
  distinct.erase(llvm::unique(distinct), distinct.end());
  Levels levels;
  if (int64_t(distinct.size()) <= count) {
    levels.starts.assign(distinct.begin(), distinct.end());
    levels.numbers = levels.starts;
    return levels;
  }
  auto importances = llvm::map_to_vector(
      magnitudes, [](double magnitude) { return magnitude * magnitude; });
  SmallVector<int64_t> borders =
      cutByWeightedEntropy(importances, count, rounds);
  for (int64_t k = 0; k + 1 < int64_t(borders.size()); ++k) {
    double sum = 0;
    for (int64_t i = borders[k]; i < borders[k + 1]; ++i)
      sum += importances[i];
    levels.starts.push_back(magnitudes[borders[k]]);
    levels.numbers.push_back(
        std::sqrt(sum / double(borders[k + 1] - borders[k])));
  }
  return levels;
}

static llvm::Expected<EncodedWeights>
encodeWeightedEntropy(const FunctionEncoder &encoder, MLIRContext *context,
                      const Weights &weights, const EncoderOptions &options) {
  int64_t centroids = options.getInteger("centroids");
  double most = 0;
  for (float value : weights.values)
    most = std::max<double>(most, std::abs(value));
  double step = getEntryStep(options, most);

  Slices slices(weights, options);
  SmallVector<Table, 0> tables(slices.size());
  EncodedWeights result;
  result.codes = slices.encode([&](int64_t index, const Slice &slice) {
    SmallVector<double, 0> magnitudes[2];
    for (double value : slice.values)
      magnitudes[value >= 0].push_back(std::abs(value));
    // Half of the table for each sign, unless it holds all numbers there are.
    SmallVector<double, 0> distinct(slice.values);
    llvm::sort(distinct);
    auto numDistinct = llvm::unique(distinct) - distinct.begin();
    int64_t count = numDistinct <= centroids ? centroids : centroids / 2;
    Levels levels[2];
    for (int side : {0, 1})
      levels[side] = findLevels(std::move(magnitudes[side]), count,
                                options.getInteger("rounds"));
    // Ascending: the largest magnitude below 0 is the first.
    Clusters table{1, {}, {}};
    for (double number : llvm::reverse(levels[0].numbers))
      table.centroids.push_back(-number);
    llvm::append_range(table.centroids, levels[1].numbers);
    roundCentroids(table, step);
    tables[index] = table.centroids;
    auto numNegative = int64_t(levels[0].numbers.size());
    SmallVector<int64_t, 0> codes;
    for (double value : slice.values)
      codes.push_back(value >= 0 ? numNegative + levels[1].find(value)
                                 : numNegative - 1 - levels[0].find(-value));
    return codes;
  });
  result.codeShape.assign(weights.shape.begin(), weights.shape.end());
  result.format =
      CodebookType::get(context, llvm::Log2_64_Ceil(centroids), /*stages=*/1,
                        /*dim=*/1, slices.getAxis());
  result.parameters.push_back(makeBook(tables, /*stages=*/1, /*dim=*/1));
  return result;
}

void lowbit::addWeightedEntropyEncoders(EncoderList &encoders) {
  encoders.push_back(std::make_unique<FunctionEncoder>(
      encodeWeightedEntropy,
      EncoderInfo{
          "weighted-entropy",
          "a table of clusters that are used much and mean much",
          "Park 2017",
          EncoderNeeds::Weights,
          {integerOption("centroids", "16", 2, 256, "numbers in the table"),
           perOption(/*channelFirst=*/false),
           integerOption("rounds", "50", 0, 1000, "turns at most"),
           entriesOption()}}));
}
