//===- AlternatingSigns.cpp - Better scales and signs ---------------------===////
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// With G[i][j] the sum of b(i) b(j) over a slice, its size on the diagonal, and h[i]
// that of b(i) x, the scales s of least squares solve G s = h. G is decomposed as
// L D L^T, row by row, without a choice of pivots: it is positive definite unless
// planes depend on each other, and then a pivot is small and the scales stay.

#include "AlternatingSigns.h"

#include "Reals.h"

#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Pivots below this part of a slice's size are rounding errors of 0.
static constexpr float leastPivot = 0x1p-10f;

/// The bit of `plane` in `code`, an f32 of +1 or -1.
static Value buildSign(ImplicitLocOpBuilder &builder, Value code,
                       unsigned plane) {
  unsigned width = code.getType().getIntOrFloatBitWidth();
  Value bit = arith::AndIOp::create(
      builder, code, constantInt(builder, int64_t(1) << plane, width));
  Value isSet = arith::CmpIOp::create(builder, arith::CmpIPredicate::ne, bit,
                                      constantInt(builder, 0, width));
  return arith::SelectOp::create(builder, isSet, constantFloat(builder, 1),
                                 constantFloat(builder, -1));
}

namespace {

/// Solves the equations of one slice, in f32.
class SliceSolver {
public:
  /// `scalars` are G[i][j] for j < i, row by row, then h, then the former scales.
  SliceSolver(ImplicitLocOpBuilder &builder, ValueRange scalars, Value count,
              unsigned planes)
      : builder(builder), count(count), planes(planes),
        gram(scalars.take_front(planes * (planes - 1) / 2)),
        sums(scalars.drop_front(gram.size()).take_front(planes)),
        former(scalars.drop_front(gram.size() + planes).take_front(planes)) {}

  /// The scale of `plane`.
  Value solve(unsigned plane);

private:
  Value multiply(Value a, Value b) {
    return arith::MulFOp::create(builder, a, b);
  }
  Value subtract(Value a, Value b) {
    return arith::SubFOp::create(builder, a, b);
  }
  Value divide(Value a, Value b) {
    return arith::DivFOp::create(builder, a, b);
  }

  ImplicitLocOpBuilder &builder;
  Value count;
  unsigned planes;
  ValueRange gram, sums, former;
};

} // namespace

Value SliceSolver::solve(unsigned plane) {
  Value least = multiply(count, constantFloat(builder, leastPivot));
  Value isDefinite;
  SmallVector<SmallVector<Value>> lower(planes); // L[i][j] d[j], then L[i][j]
  SmallVector<Value> pivots, solution;
  unsigned next = 0;
  for (unsigned i = 0; i < planes; ++i) {
    Value pivot = count, sum = sums[i];
    for (unsigned j = 0; j < i; ++j) {
      Value product = gram[next++];
      for (unsigned m = 0; m < j; ++m)
        product = subtract(
            product, multiply(multiply(lower[i][m], lower[j][m]), pivots[m]));
      lower[i].push_back(divide(product, pivots[j]));
      pivot = subtract(pivot, multiply(lower[i][j], product));
      sum = subtract(sum, multiply(lower[i][j], solution[j]));
    }
    pivots.push_back(pivot);
    solution.push_back(sum);
    Value isLarge =
        arith::CmpFOp::create(builder, arith::CmpFPredicate::OGE, pivot, least);
    isDefinite =
        isDefinite
            ? arith::AndIOp::create(builder, isDefinite, isLarge).getResult()
            : isLarge;
  }
  for (unsigned i = planes; i-- > plane;) {
    solution[i] = divide(solution[i], pivots[i]);
    for (unsigned m = i + 1; m < planes; ++m)
      solution[i] = subtract(solution[i], multiply(lower[m][i], solution[m]));
  }
  Value scale = limitFloat(builder, solution[plane]);
  return arith::SelectOp::create(builder, isDefinite, scale, former[plane]);
}

/// The code whose sum of `scales` is nearest to `x`; the least of several.
static Value findNearest(ImplicitLocOpBuilder &builder, Value x,
                         ValueRange scales, unsigned width) {
  Value best, least;
  for (int64_t code = 0; code < int64_t(1) << scales.size(); ++code) {
    Value sum = constantFloat(builder, 0);
    for (auto [plane, scale] : llvm::enumerate(scales))
      sum = code >> plane & 1
                ? arith::AddFOp::create(builder, sum, scale).getResult()
                : arith::SubFOp::create(builder, sum, scale).getResult();
    Value distance =
        math::AbsFOp::create(builder, arith::SubFOp::create(builder, x, sum));
    Value number = constantInt(builder, code, width);
    if (!best) {
      best = number;
      least = distance;
      continue;
    }
    Value isNearer = arith::CmpFOp::create(builder, arith::CmpFPredicate::OLT,
                                           distance, least);
    best = arith::SelectOp::create(builder, isNearer, number, best);
    least = arith::SelectOp::create(builder, isNearer, distance, least);
  }
  return best;
}

void lowbit::refineSigns(ImplicitLocOpBuilder &builder,
                         const SliceBuilder &slices, Value numbers, Value count,
                         ScaledSigns &signs) {
  unsigned planes = signs.scales.size();
  Type word = cast<RankedTensorType>(signs.codes.getType()).getElementType();
  Type f32 = builder.getF32Type();
  SmallVector<Value> equations;
  for (unsigned i = 0; i < planes; ++i)
    for (unsigned j = 0; j < i; ++j)
      equations.push_back(slices.reduce(
          signs.codes,
          [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
            Value product =
                arith::MulFOp::create(inner, buildSign(inner, scalars[0], i),
                                      buildSign(inner, scalars[0], j));
            return arith::AddFOp::create(inner, scalars[1], product);
          }));
  for (unsigned i = 0; i < planes; ++i)
    equations.push_back(slices.reduce(
        {signs.codes, numbers},
        [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
          Value product = arith::MulFOp::create(
              inner, buildSign(inner, scalars[0], i), scalars[1]);
          return arith::AddFOp::create(inner, scalars[2], product);
        }));
  llvm::append_range(equations, signs.scales);
  for (unsigned plane = 0; plane < planes; ++plane)
    signs.scales[plane] = slices.forSlices(
        equations, f32, [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
          return SliceSolver(inner, scalars, count, planes).solve(plane);
        });
  signs.codes = slices.forElements(
      numbers, signs.scales, word,
      [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
        return findNearest(inner, scalars[0], scalars.slice(1, planes),
                           word.getIntOrFloatBitWidth());
      });
}
