//===- KMeansEncoders.cpp - Encoders for tables of numbers ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodebookFormat.h"
#include "Families.h"
#include "Slices.h"

#include "lowbit/Encoders/Storage.h"
#include "lowbit/IR/Lowbit.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// The codes of a slice, and its table.
static SmallVector<int64_t, 0> encodeSlice(const Slice &slice,
                                           const EncoderOptions &options,
                                           double step, Table &table) {
  ClusterOptions how;
  how.centroids = options.getInteger("centroids");
  how.init = options.getChoice("init") == "linear" ? ClusterInit::Linear
                                                   : ClusterInit::Quantile;
  how.seed = 0;
  how.rounds = options.getInteger("rounds");
  if (options.has("entropy"))
    how.entropyCost = options.getNumber("entropy");

  Points points{1, {}, {}};
  SmallVector<int64_t, 0> codes(slice.size(), 0);
  std::vector<bool> isPruned(slice.size(), false);
  bool prunes = options.has("prune");
  if (prunes) {
    SmallVector<float, 0> values(slice.values.begin(), slice.values.end());
    isPruned = pruneByMagnitude(values, options.getNumber("prune"));
    --how.centroids;
  }
  for (auto [i, value] : llvm::enumerate(slice.values))
    if (!isPruned[i]) {
      points.values.push_back(value);
      points.costs.push_back(slice.costs[i]);
    }
  Clusters clusters = cluster(points, how);
  roundCentroids(clusters, step);
  if (how.entropyCost == 0)
    assignToNearest(points, clusters);
  if (prunes)
    table.push_back(0);
  llvm::append_range(table, clusters.centroids);
  const int64_t *next = clusters.assignment.begin();
  for (auto [i, code] : llvm::enumerate(codes))
    if (!isPruned[i])
      code = *next++ + int64_t(prunes);
  return codes;
}

/// Clusters of weights, whose means are the codebook. With the option `prune`,
/// the weights nearest to 0 have code 0, which is 0.
static llvm::Expected<EncodedWeights>
encodeKMeans(const FunctionEncoder &encoder, MLIRContext *context,
             const Weights &weights, const EncoderOptions &options) {
  Slices slices(weights, options);
  SmallVector<Table, 0> tables(slices.size());
  // No mean is over the largest magnitude.
  double most = 0;
  for (float value : weights.values)
    most = std::max<double>(most, std::abs(value));
  double step = getEntryStep(options, most);
  EncodedWeights result;
  result.codes = slices.encode([&](int64_t index, const Slice &slice) {
    return encodeSlice(slice, options, step, tables[index]);
  });
  result.codeShape.assign(weights.shape.begin(), weights.shape.end());
  result.format = CodebookType::get(
      context, llvm::Log2_64_Ceil(options.getInteger("centroids")),
      /*stages=*/1, /*dim=*/1, slices.getAxis());
  result.parameters.push_back(makeBook(tables, /*stages=*/1, /*dim=*/1));
  return result;
}

void lowbit::addKMeansEncoders(EncoderList &encoders) {
  auto add = [&](StringRef name, StringRef description, StringRef citation,
                 EncoderNeeds needs, std::vector<EncoderOption> more) {
    std::vector<EncoderOption> options = {
        integerOption("centroids", "16", 2, 256, "numbers in the table"),
        perOption(/*channelFirst=*/false),
        choiceOption("init", {"linear", "quantile"},
                     "where centroids are at first"),
        integerOption("rounds", "50", 0, 1000, "turns at most"),
        entriesOption()};
    llvm::append_range(options, more);
    encoders.push_back(std::make_unique<FunctionEncoder>(
        encodeKMeans,
        EncoderInfo{name, description, citation, needs, std::move(options)}));
  };
  EncoderOption entropy = numberOption(
      "entropy", "0", 0, 1e9, "what a bit of the entropy of codes costs");
  add("kmeans", "a table of cluster means", "Gong 2014", EncoderNeeds::Weights,
      {});
  add("hessian-kmeans", "a table of cluster means, weighted by curvature",
      "Choi 2017", EncoderNeeds::Curvature, {});
  add("ecsq", "a table of cluster means for codes of little entropy",
      "Choi 2017", EncoderNeeds::Weights, {entropy});
  add("deep-compression", "0 for small weights, a table for the others",
      "Han 2016", EncoderNeeds::Weights,
      {numberOption("prune", "0.5", 0, 1, "share of weights that become 0")});
}
