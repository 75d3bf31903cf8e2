//===- OptimalPoints.cpp - Points of the least variance -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A number x between points a and b is sent as one of them at random; the variance of
// that is (b - x) (x - a). Numbers are counted between evenly spaced candidates, with
// their sums and sums of squares: so the variance between any two candidates is known at
// once, and the best way to the candidate j with k + 1 points is the best one to some
// i < j with k points, and the interval from there. All of it in integers, which
// cannot depend on the order of sums: 64 units between candidates, below 2^31 numbers.

#include "GradientLoops.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::lowbit;

static constexpr int64_t kUnits = 64;
/// Units from the middle to the last candidate.
static constexpr int64_t kReach = kCandidates / 2 * kUnits;
/// More than any cost, and still more with one added.
static constexpr int64_t kNoWay = int64_t(1) << 61;

GradientLoops::Points GradientLoops::makePoints() const {
  auto make = [&](ArrayRef<int64_t> shape, Type element) -> Value {
    return memref::AllocaOp::create(builder, MemRefType::get(shape, element),
                                    builder.getI64IntegerAttr(64));
  };
  constexpr int64_t all = kCandidates + 1;
  int64_t points = codec.getParametersPerBucket();
  Type i64 = builder.getI64Type();
  return {make(all, i64),
          make(all, i64),
          make(all, i64),
          make({2, all}, i64),
          make({points, all}, builder.getI16Type()),
          make(points, builder.getF32Type())};
}

namespace {

/// The search for one bucket's points.
class PointFinder {
public:
  PointFinder(const GradientLoops &loops, const GradientLoops::Points &points)
      : builder(loops.builder), scalar(builder), points(points),
        numPoints(loops.codec.getParametersPerBucket()) {}

  void build(const GradientLoops::Source &source,
             const GradientLoops::Bucket &bucket, Value distance) {
    for (Value sums : {points.counts, points.sums, points.squares})
      forRange(index(0), index(kCandidates + 1),
               [&](Value i) { scalar.store(scalar.integer(0, 64), sums, i); });
    countNumbers(source, bucket, distance);
    addUp();
    findCosts();
    choose();
  }

private:
  Value index(int64_t value) { return indexConstant(builder, value); }
  Value toIndex(Value value) {
    return castIndex(builder, value, builder.getIndexType());
  }

  void forRange(Value from, Value to, llvm::function_ref<void(Value)> body) {
    auto loop = scf::ForOp::create(builder, from, to, index(1));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  }

  void addTo(Value buffer, Value place, Value value) {
    scalar.store(scalar.add(scalar.load(buffer, place), value), buffer, place);
  }

  /// Counts each number behind the candidate below it.
  void countNumbers(const GradientLoops::Source &source,
                    const GradientLoops::Bucket &bucket, Value distance) {
    Value isZero =
        scalar.compare(arith::CmpFPredicate::OEQ, distance, scalar.real(0));
    Value divisor = scalar.select(isZero, scalar.real(1), distance);
    forRange(index(0), bucket.count, [&](Value i) {
      Value x = source.load(scalar, addIndex(builder, bucket.first, i));
      Value units =
          scalar.mul(scalar.div(x, divisor), scalar.real(double(kUnits)));
      units = scalar.min(units, scalar.real(double(kReach)));
      units = scalar.max(units, scalar.real(double(-kReach)));
      Value y = arith::FPToSIOp::create(builder, scalar.i64(), units);
      Value cell = scalar.shr(scalar.add(y, scalar.integer(kReach, 64)),
                              llvm::Log2_64(kUnits));
      // Numbers on the last candidate cost nothing in any cell next to it.
      cell = scalar.min(cell, scalar.integer(kCandidates - 1, 64));
      // Below the candidate behind the cell, and all others behind that.
      Value place = toIndex(scalar.add(cell, scalar.integer(1, 64)));
      addTo(points.counts, place, scalar.integer(1, 64));
      addTo(points.sums, place, y);
      addTo(points.squares, place, scalar.mul(y, y));
    });
  }

  Value getPlace(Value candidate) {
    Value wide = castIndex(builder, candidate, scalar.i64());
    return scalar.sub(scalar.mul(wide, scalar.integer(kUnits, 64)),
                      scalar.integer(kReach, 64));
  }

  /// From what is in each cell to what is below each candidate c: of the numbers,
  /// P = c * sum - squares and Q = sum - c * count. The sum of (b - y) (y - a) over the
  /// numbers between a and b is P(b) - P(a) + a Q(b) - b Q(a).
  void addUp() {
    Value zero = scalar.integer(0, 64);
    auto loop = scf::ForOp::create(builder, index(0), index(kCandidates + 1),
                                   index(1), ValueRange{zero, zero, zero});
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value i = loop.getInductionVar(), place = getPlace(i);
    ValueRange before = loop.getRegionIterArgs();
    Value count = scalar.add(before[0], scalar.load(points.counts, i));
    Value sum = scalar.add(before[1], scalar.load(points.sums, i));
    Value squares = scalar.add(before[2], scalar.load(points.squares, i));
    scalar.store(scalar.sub(scalar.mul(place, sum), squares), points.squares,
                 i);
    scalar.store(scalar.sub(sum, scalar.mul(place, count)), points.sums, i);
    scf::YieldOp::create(builder, ValueRange{count, sum, squares});
  }

  Value loadCell(Value buffer, Value row, Value candidate) {
    return memref::LoadOp::create(builder, buffer, ValueRange{row, candidate});
  }
  void storeCell(Value value, Value buffer, Value row, Value candidate) {
    memref::StoreOp::create(builder, value, buffer, ValueRange{row, candidate});
  }

  /// The least costs to each candidate with 1, 2, ... points, and from where. All
  /// candidates are tried from one before the next, so that they go side by side.
  void findCosts() {
    Value candidates = index(kCandidates + 1);
    auto forget = [&](Value row) {
      forRange(index(0), candidates, [&](Value i) {
        storeCell(scalar.integer(kNoWay, 64), points.costs, row, i);
      });
    };
    forget(index(0));
    storeCell(scalar.integer(0, 64), points.costs, index(0), index(0));
    forRange(index(1), index(numPoints), [&](Value k) {
      Value row = remIndex(builder, k, 2);
      Value before = subIndex(builder, index(1), row);
      forget(row);
      forRange(
          subIndex(builder, k, index(1)), index(kCandidates), [&](Value a) {
            Value low = getPlace(a), q = scalar.load(points.sums, a);
            Value base = scalar.sub(loadCell(points.costs, before, a),
                                    scalar.load(points.squares, a));
            Value choice = castIndex(builder, a, builder.getI16Type());
            forRange(addIndex(builder, a, 1), candidates, [&](Value b) {
              Value cost = scalar.add(base, scalar.load(points.squares, b));
              cost = scalar.add(cost,
                                scalar.mul(low, scalar.load(points.sums, b)));
              cost = scalar.sub(cost, scalar.mul(getPlace(b), q));
              Value best = loadCell(points.costs, row, b);
              Value isLess =
                  scalar.compare(arith::CmpIPredicate::slt, cost, best);
              Value other = loadCell(points.choices, k, b);
              storeCell(scalar.select(isLess, cost, best), points.costs, row,
                        b);
              storeCell(scalar.select(isLess, choice, other), points.choices, k,
                        b);
            });
          });
    });
  }

  /// The way back from the last candidate.
  void choose() {
    auto loop = scf::ForOp::create(builder, index(0), index(numPoints),
                                   index(1), index(kCandidates));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value k = subIndex(builder, index(numPoints - 1), loop.getInductionVar());
    Value candidate = loop.getRegionIterArg(0);
    Value multiple = scalar.sub(castIndex(builder, candidate, scalar.i32()),
                                scalar.integer(kCandidates / 2));
    scalar.store(scalar.toReal(multiple), points.multiples, k);
    // The first point has none before it.
    Value isFirst = scalar.compare(arith::CmpIPredicate::eq, k, index(0));
    Value choice = loadCell(points.choices, k, candidate);
    scf::YieldOp::create(builder,
                         scalar.select(isFirst, index(0), toIndex(choice)));
  }

  ImplicitLocOpBuilder &builder;
  Lanes scalar;
  const GradientLoops::Points &points;
  int64_t numPoints;
};

} // namespace

void GradientLoops::findPoints(const Source &source, const Bucket &bucket,
                               Value distance, const Points &points) const {
  PointFinder(*this, points).build(source, bucket, distance);
}
