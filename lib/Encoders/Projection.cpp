//===- Projection.cpp - Encoders for any grid by projection ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Projection.h"

#include "Families.h"
#include "PlanesFormat.h"
#include "UniformFormat.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

double lowbit::getCost(const Slice &slice, ArrayRef<double> grid,
                       const Projection &projection) {
  double sum = 0;
  for (auto [value, cost, level] :
       llvm::zip_equal(slice.values, slice.costs, projection.levels)) {
    double error = value - projection.scale * grid[level];
    sum += cost * error * error;
  }
  return sum;
}

void lowbit::chooseLevels(const Slice &slice, ArrayRef<double> grid,
                          Projection &projection) {
  SmallVector<double> middles;
  for (size_t i = 1; i < grid.size(); ++i)
    middles.push_back(projection.scale * (grid[i - 1] + grid[i]) / 2);
  projection.levels.clear();
  for (double value : slice.values)
    projection.levels.push_back(llvm::upper_bound(middles, value) -
                                middles.begin());
}

/// The scale of least cost; as it was where all levels are 0.
static void solveScale(const Slice &slice, ArrayRef<double> grid,
                       Projection &projection) {
  double product = 0, square = 0;
  for (auto [value, cost, level] :
       llvm::zip_equal(slice.values, slice.costs, projection.levels)) {
    product += cost * value * grid[level];
    square += cost * grid[level] * grid[level];
  }
  if (product > 0)
    projection.scale = product / square;
}

Projection lowbit::projectOntoGrid(const Slice &slice, ArrayRef<double> grid,
                                   unsigned rounds,
                                   std::vector<std::vector<double>> *costs) {
  double most = slice.getMost();
  if (most == 0) {
    Projection projection;
    chooseLevels(slice, grid, projection);
    return projection;
  }
  double mean = slice.sumMagnitudes() / slice.sumCosts();
  std::optional<Projection> best;
  double least = 0;
  for (double start : {most / grid.back(), mean}) {
    if (start <= 0)
      continue;
    Projection projection{start, {}};
    std::vector<double> seen;
    chooseLevels(slice, grid, projection);
    seen.push_back(getCost(slice, grid, projection));
    for (unsigned round = 0; round < rounds; ++round) {
      SmallVector<int64_t, 0> before = projection.levels;
      solveScale(slice, grid, projection);
      seen.push_back(getCost(slice, grid, projection));
      chooseLevels(slice, grid, projection);
      seen.push_back(getCost(slice, grid, projection));
      if (projection.levels == before)
        break;
    }
    if (!best || seen.back() < least) {
      best = projection;
      least = seen.back();
    }
    if (costs)
      costs->push_back(std::move(seen));
  }
  return *best;
}

/// The levels of the option `grid`, ascending.
static SmallVector<double> makeGrid(StringRef name, unsigned bits) {
  if (name == "binary")
    return {-1, 1};
  SmallVector<double> grid = {0};
  int64_t top = (int64_t(1) << (bits - 1)) - 1;
  for (int64_t i = 1; i <= top; ++i)
    grid.push_back(name == "pow2" ? std::ldexp(1.0, int(i) - 1) : double(i));
  for (int64_t i = 1; i <= top; ++i)
    grid.push_back(-grid[i]);
  llvm::sort(grid);
  return grid;
}

static llvm::Expected<EncodedWeights>
encodeProjection(const FunctionEncoder &encoder, MLIRContext *context,
                 const Weights &weights, const EncoderOptions &options) {
  StringRef name = options.getChoice("grid");
  bool isTernary = name == "ternary", isBinary = name == "binary";
  bool isPow2 = name == "pow2";
  auto bits = isTernary ? 2 : static_cast<unsigned>(options.getInteger("bits"));
  if (isPow2 && bits > 5)
    return encoder.makeError("a grid of powers of two has at most 5 bits");
  SmallVector<double> grid = makeGrid(name, bits);
  // The code of a level: 0 for 0, or a sign and a magnitude.
  int64_t zero = int64_t(grid.size()) / 2, top = zero;
  Slices slices(weights, options);
  SmallVector<float> scales;
  auto codes = slices.encode([&](int64_t, const Slice &slice) {
    Projection projection =
        projectOntoGrid(slice, grid, options.getInteger("rounds"));
    // Of powers of two, the scale is the greatest.
    double unit = isPow2 ? std::ldexp(1.0, int(top) - 1) : 1;
    float scale = toUsableScale(projection.scale * unit, isPow2 ? 1 - top : 0);
    projection.scale = scale / unit;
    chooseLevels(slice, grid, projection);
    scales.push_back(scale);
    if (isTernary)
      scales.push_back(-scale);
    SmallVector<int64_t, 0> codes;
    for (int64_t level : projection.levels) {
      int64_t code = isBinary ? level : level - zero;
      if (code < 0 && isTernary)
        code = 2;
      else if (code < 0 && isPow2)
        code = -code | (int64_t(1) << (bits - 1));
      codes.push_back(code);
    }
    return codes;
  });
  if (isPow2)
    return makePow2(context, weights, slices, bits, /*fields=*/1, /*drop=*/0,
                    1 - top, scales, std::move(codes));
  if (isBinary || isTernary)
    return makePlanes(context, weights, slices,
                      isBinary ? Alphabet::Sign : Alphabet::Bit,
                      isBinary ? 1 : 2, scales, std::move(codes));
  return makeUniform(context, weights, slices,
                     UniformStorage::getSymmetric(bits), scales,
                     SmallVector<int64_t>(scales.size(), 0), std::move(codes));
}

void lowbit::addProjectionEncoders(EncoderList &encoders) {
  auto add = [&](StringRef name, StringRef description, StringRef citation,
                 EncoderNeeds needs) {
    encoders.push_back(std::make_unique<FunctionEncoder>(
        encodeProjection,
        EncoderInfo{
            name,
            description,
            citation,
            needs,
            {choiceOption("grid", {"ternary", "binary", "pow2", "linear"},
                          "levels over the scale"),
             integerOption("bits", "3", 2, 8, "of grids pow2 and linear"),
             perOption(/*channelFirst=*/false),
             integerOption("rounds", "20", 1, 1000, "turns at most")}}));
  };
  add("admm", "any grid, with levels and scale in turn", "Leng 2018",
      EncoderNeeds::Weights);
  add("laq", "any grid, with levels and scale in turn, weighted by curvature",
      "Hou 2018", EncoderNeeds::Curvature);
}
