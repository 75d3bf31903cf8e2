//===- Product.cpp - Encoders for tables of vectors -----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodebookFormat.h"
#include "Families.h"
#include "LeastSquares.h"
#include "OutputError.h"
#include "Slices.h"

#include "lowbit/IR/Lowbit.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// The vectors of `weights` in the order of codes, without codes and tables.
static VectorCode cutVectors(const Weights &weights, int64_t axis, int64_t dim,
                             SmallVectorImpl<double> &costs) {
  VectorCode code;
  code.dim = dim;
  int64_t inner = 1, extent = weights.shape[axis];
  for (int64_t size : weights.shape.drop_front(axis + 1))
    inner *= size;
  int64_t outer = int64_t(weights.values.size()) / inner / extent;
  int64_t channelInner = 1, channels = 1;
  if (weights.axis) {
    channels = weights.shape[*weights.axis];
    for (int64_t size : weights.shape.drop_front(*weights.axis + 1))
      channelInner *= size;
  }
  int64_t places = llvm::divideCeil(extent, dim);
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t place = 0; place < places; ++place)
      for (int64_t i = 0; i < inner; ++i) {
        code.tables.push_back(place);
        code.codes.push_back(0);
        int64_t first = (o * extent + place * dim) * inner + i;
        code.channels.push_back(first / channelInner % channels);
        for (int64_t d = 0; d < dim; ++d) {
          bool isInside = place * dim + d < extent;
          int64_t element = first + d * inner;
          code.values.push_back(isInside ? weights.values[element] : 0);
          costs.push_back(!isInside ? 0
                          : weights.curvature.empty()
                              ? 1
                              : weights.curvature[element]);
          code.inputs.push_back(!isInside ? -1
                                : !weights.axis
                                    ? element
                                    : element / (channelInner * channels) *
                                              channelInner +
                                          element % channelInner);
        }
      }
  return code;
}

/// Makes the numbers of all tables multiples of a step with which sums of stages
/// fit into the option's bits.
static void roundTables(MutableArrayRef<Table> tables, int64_t stages,
                        const EncoderOptions &options) {
  double most = 0;
  for (size_t first = 0; first < tables.size(); first += stages) {
    double sum = 0;
    for (const Table &table : tables.slice(first, stages)) {
      double largest = 0;
      for (double number : table)
        largest = std::max(largest, std::abs(number));
      sum += largest;
    }
    most = std::max(most, sum);
  }
  double step = getEntryStep(options, most);
  for (Table &table : tables) {
    Clusters clusters{1, std::move(table), {}};
    roundCentroids(clusters, step);
    table = std::move(clusters.centroids);
  }
}

/// The nearest vector of each table, one stage after the other.
static SmallVector<int64_t> assignStages(const VectorCode &code,
                                         ArrayRef<Table> tables, int64_t stages,
                                         ArrayRef<double> costs,
                                         unsigned width) {
  SmallVector<int64_t> codes(code.size(), 0);
  for (int64_t vector = 0; vector < code.size(); ++vector) {
    int64_t first = vector * code.dim;
    Points rest{
        code.dim,
        {code.values.begin() + first, code.values.begin() + first + code.dim},
        {costs.begin() + first, costs.begin() + first + code.dim}};
    for (int64_t stage = 0; stage < stages; ++stage) {
      const Table &table = tables[code.tables[vector] * stages + stage];
      Clusters clusters{code.dim, table, {0}};
      assignToNearest(rest, clusters);
      int64_t index = clusters.assignment[0];
      codes[vector] |= index << (stage * width);
      for (int64_t d = 0; d < code.dim; ++d)
        rest.values[d] -= table[index * code.dim + d];
    }
  }
  return codes;
}

/// Vectors of inputs in a row are coded with a table for each place along the
/// inputs' axis, which all output channels and kernel taps share. With several
/// stages, each codes what the ones before leave.
static llvm::Expected<EncodedWeights>
encodeProduct(const FunctionEncoder &encoder, MLIRContext *context,
              const Weights &weights, const EncoderOptions &options) {
  std::optional<int64_t> axis = getInputAxis(weights.shape, weights.axis);
  if (!axis)
    return encoder.makeError("the weights have no dimension of inputs");
  int64_t dim = options.getInteger("dim");
  int64_t stages = options.has("stages") ? options.getInteger("stages") : 1;
  unsigned width = llvm::Log2_64_Ceil(options.getInteger("centroids"));
  if (width * stages > 16)
    return encoder.makeError(llvm::Twine(stages) + " stages of " +
                             llvm::Twine(width) +
                             " bits are more than the 16 bits of a code");
  SmallVector<double, 0> costs;
  VectorCode code = cutVectors(weights, *axis, dim, costs);
  if (llvm::all_of(costs, [](double cost) { return cost == 0; }))
    costs.assign(costs.size(), 1);
  int64_t places = llvm::divideCeil(weights.shape[*axis], dim);

  ClusterOptions how;
  how.centroids = options.getInteger("centroids");
  how.init = ClusterInit::Spread;
  how.seed = options.getInteger("seed");
  how.rounds = options.getInteger("rounds");
  SmallVector<int64_t> codes(code.size(), 0);
  SmallVector<Table, 0> tables(places * stages);
  SmallVector<double, 0> rest = code.values;
  for (int64_t place = 0; place < places; ++place)
    for (int64_t stage = 0; stage < stages; ++stage) {
      Points points{dim, {}, {}};
      SmallVector<int64_t, 0> members;
      for (int64_t vector = 0; vector < code.size(); ++vector)
        if (code.tables[vector] == place)
          members.push_back(vector);
      for (int64_t vector : members)
        for (int64_t d = 0; d < dim; ++d) {
          points.values.push_back(rest[vector * dim + d]);
          points.costs.push_back(costs[vector * dim + d]);
        }
      Clusters clusters = cluster(points, how);
      roundCentroids(clusters, /*step=*/0);
      assignToNearest(points, clusters);
      for (auto [vector, index] :
           llvm::zip_equal(members, clusters.assignment)) {
        codes[vector] |= index << (stage * width);
        for (int64_t d = 0; d < dim; ++d)
          rest[vector * dim + d] -= clusters.centroids[index * dim + d];
      }
      tables[place * stages + stage] = clusters.centroids;
    }

  if (encoder.getInfo().needs == EncoderNeeds::SecondMoments) {
    code.codes.assign(codes.begin(), codes.end());
    code.books.assign(tables.begin(), tables.end());
    reduceOutputError(code, weights.axis ? weights.shape[*weights.axis] : 1,
                      getSecondMoments(weights),
                      options.getInteger("corrections"));
    codes.assign(code.codes.begin(), code.codes.end());
    tables.assign(code.books.begin(), code.books.end());
  }
  if (options.getChoice("entries") != "f32") {
    roundTables(tables, stages, options);
    // The correction has found better codes than the nearest.
    if (encoder.getInfo().needs != EncoderNeeds::SecondMoments)
      codes = assignStages(code, tables, stages, costs, width);
  }
  EncodedWeights result;
  result.format =
      CodebookType::get(context, width, unsigned(stages), dim, *axis);
  result.codeShape.assign(weights.shape.begin(), weights.shape.end());
  result.codeShape[*axis] = places;
  result.codes = std::move(codes);
  result.parameters.push_back(makeBook(tables, stages, dim));
  return result;
}

void lowbit::addProductEncoders(EncoderList &encoders) {
  auto add = [&](StringRef name, StringRef description, StringRef citation,
                 EncoderNeeds needs, StringRef dim,
                 std::vector<EncoderOption> more) {
    std::vector<EncoderOption> options = {
        integerOption("centroids", "16", 2, 256, "vectors in a table"),
        integerOption("dim", dim, 1, 64, "weights in a vector"),
        integerOption("rounds", "30", 0, 1000, "turns at most"),
        integerOption("seed", "0", 0, 1e15, "of where centroids are at first"),
        entriesOption()};
    llvm::append_range(options, more);
    encoders.push_back(std::make_unique<FunctionEncoder>(
        encodeProduct,
        EncoderInfo{name, description, citation, needs, std::move(options)}));
  };
  add("product-kmeans", "tables of vectors", "Gong 2014", EncoderNeeds::Weights,
      "4", {});
  add("residual-kmeans", "sums of vectors from several tables", "Gong 2014",
      EncoderNeeds::Weights, "4",
      {integerOption("stages", "2", 1, 8, "tables that are added up")});
  add("q-cnn", "tables of vectors that keep outputs", "Wu 2016",
      EncoderNeeds::SecondMoments, "4",
      {integerOption("corrections", "10", 0, 1000,
                     "turns of the correction at most")});
}
