//===- Largest.cpp - The largest numbers and their places ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The magnitude of the last number that is sent is found bit by bit, from the
// highest on: a bit is set if there are still enough numbers of at least so much.
// It is exact, and each step is a pass that only counts.

#include "GradientLoops.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <cfloat>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// The loops of one operation, whose values it keeps.
class LargestEncoder {
public:
  LargestEncoder(const GradientLoops &loops, EncodeGradientOp op)
      : loops(loops), builder(loops.builder), scalar(builder), op(op),
        size(loops.size) {}

  void build() {
    addGradient();
    Value limit = findLimit();
    Value above = count(scalar.add(limit, scalar.integer(1)));
    Value ties = scalar.sub(scalar.integer(loops.codec.getCount()), above);
    send(limit, ties);
  }

private:
  Value index(int64_t value) { return indexConstant(builder, value); }

  static Value limited(const Lanes &lanes, Value value) {
    value = lanes.min(value, lanes.real(FLT_MAX));
    return lanes.max(value, lanes.real(-FLT_MAX));
  }

  /// What was not sent before, with the gradient.
  void addGradient() {
    FloatAttr momentum = loops.codec.getMomentum();
    loops.forNumbers(8, index(size), [&](const Lanes &lanes, Value i) {
      Value value = lanes.load(op.getGradient(), i);
      if (momentum) {
        Value place = addIndex(builder, i, size);
        Value velocity = lanes.mul(lanes.real(momentum.getValueAsDouble()),
                                   lanes.load(op.getState(), place));
        value = limited(lanes, lanes.add(velocity, value));
        lanes.store(value, op.getState(), place);
      }
      value = lanes.add(lanes.load(op.getState(), i), value);
      lanes.store(limited(lanes, value), op.getState(), i);
    });
  }

  /// How many magnitudes have bits of at least `least`, an i32.
  Value count(Value least) {
    Value sum = scalar.integer(0);
    Value start = index(0);
    auto loop = [&](const Lanes &lanes, Value from, Value to, Value initial) {
      int64_t step = std::max<int64_t>(1, lanes.getWidth());
      auto loop = scf::ForOp::create(builder, from, to, index(step), initial);
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(loop.getBody());
      Value bits = magnitudeBits(
          lanes, lanes.load(op.getState(), loop.getInductionVar()));
      Value isAbove =
          lanes.compare(arith::CmpIPredicate::sge, bits, lanes.splat(least));
      Value one = lanes.select(isAbove, lanes.integer(1), lanes.integer(0));
      scf::YieldOp::create(builder, lanes.add(loop.getRegionIterArg(0), one));
      return loop.getResult(0);
    };
    if (loops.vectorize) {
      constexpr int64_t width = 32;
      Lanes lanes(builder, width);
      start = index(size / width * width);
      Value sums = loop(lanes, index(0), start, lanes.integer(0));
      sum = vector::ReductionOp::create(builder, vector::CombiningKind::ADD,
                                        sums);
    }
    return loop(scalar, start, index(size), sum);
  }

  /// The bits of the least magnitude that is sent.
  Value findLimit() {
    auto loop = scf::ForOp::create(builder, index(0), index(31), index(1),
                                   scalar.integer(0));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value shift = castIndex(builder, loop.getInductionVar(), scalar.i32());
    Value bit = arith::ShRUIOp::create(builder,
                                       scalar.integer(int64_t(1) << 30), shift);
    Value trial = scalar.bitOr(loop.getRegionIterArg(0), bit);
    Value isEnough = scalar.compare(arith::CmpIPredicate::sge, count(trial),
                                    scalar.integer(loops.codec.getCount()));
    scf::YieldOp::create(
        builder, scalar.select(isEnough, trial, loop.getRegionIterArg(0)));
    return loop.getResult(0);
  }

  /// Takes the number `i` if its magnitude is above `limit`, or is one of
  /// `state[1]` of just that; `state[0]` have been taken.
  SmallVector<Value> sendOne(Value i, Value limit, ValueRange state) {
    Value number = scalar.load(op.getState(), i);
    Value bits = magnitudeBits(scalar, number);
    Value zero = scalar.integer(0);
    Value isTie = scalar.bitAnd(
        scalar.compare(arith::CmpIPredicate::eq, bits, limit),
        scalar.compare(arith::CmpIPredicate::sgt, state[1], zero));
    Value isSent = scalar.bitOr(
        isTie, scalar.compare(arith::CmpIPredicate::sgt, bits, limit));
    auto branch = scf::IfOp::create(builder, isSent, /*withElseRegion=*/false);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(branch.thenBlock());
      Value place = castIndex(builder, state[0], builder.getIndexType());
      scalar.store(castIndex(builder, i, scalar.i32()), op.getWire(), place);
      scalar.store(scalar.bitsOf(number), op.getWire(),
                   addIndex(builder, place, loops.codec.getCount()));
      scalar.store(scalar.real(0), op.getState(), i);
      if (loops.codec.getMomentum())
        scalar.store(scalar.real(0), op.getState(), addIndex(builder, i, size));
    }
    auto one = [&](Value condition) {
      return scalar.select(condition, scalar.integer(1), zero);
    };
    return {scalar.add(state[0], one(isSent)),
            scalar.sub(state[1], one(isTie))};
  }

  /// `sendOne` of all numbers; vectors without any that is large enough are
  /// passed over.
  void send(Value limit, Value ties) {
    SmallVector<Value> state = {scalar.integer(0), ties};
    auto each = [&](Value from, Value to, ValueRange initial) {
      auto loop = scf::ForOp::create(builder, from, to, index(1), initial);
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(loop.getBody());
      scf::YieldOp::create(builder, sendOne(loop.getInductionVar(), limit,
                                            loop.getRegionIterArgs()));
      return llvm::to_vector(ValueRange(loop.getResults()));
    };
    Value start = index(0);
    if (loops.vectorize) {
      constexpr int64_t width = 16;
      Lanes lanes(builder, width);
      start = index(size / width * width);
      auto loop =
          scf::ForOp::create(builder, index(0), start, index(width), state);
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(loop.getBody());
      Value i = loop.getInductionVar();
      Value bits = magnitudeBits(lanes, lanes.load(op.getState(), i));
      Value largest = vector::ReductionOp::create(
          builder, vector::CombiningKind::MAXSI, bits);
      Value isSome = scalar.compare(arith::CmpIPredicate::sge, largest, limit);
      ValueRange now = loop.getRegionIterArgs();
      auto some = scf::IfOp::create(builder, now.getTypes(), isSome,
                                    /*withElseRegion=*/true);
      {
        OpBuilder::InsertionGuard inBranch(builder);
        builder.setInsertionPointToStart(some.elseBlock());
        scf::YieldOp::create(builder, now);
        builder.setInsertionPointToStart(some.thenBlock());
        scf::YieldOp::create(builder,
                             each(i, addIndex(builder, i, width), now));
      }
      scf::YieldOp::create(builder, some.getResults());
      state = llvm::to_vector(ValueRange(loop.getResults()));
    }
    each(start, index(size), state);
  }

  const GradientLoops &loops;
  ImplicitLocOpBuilder &builder;
  Lanes scalar;
  EncodeGradientOp op;
  int64_t size;
};

} // namespace

Value GradientLoops::encodeLargest(EncodeGradientOp op) const {
  return buildIfFinite(builder, checkFinite(op.getGradient()),
                       [&] { LargestEncoder(*this, op).build(); });
}

Value GradientLoops::decodeLargest(DecodeGradientOp op) const {
  Lanes scalar(builder);
  int64_t count = codec.getCount();
  // Places ascend below the size, or nothing is touched.
  auto check = scf::ForOp::create(
      builder, index(0), index(count), index(1),
      ValueRange{scalar.integer(-1, 64), scalar.integer(1, 1)});
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(check.getBody());
    Value place =
        scalar.extend(scalar.load(op.getWire(), check.getInductionVar()));
    Value isNext = scalar.compare(arith::CmpIPredicate::sgt, place,
                                  check.getRegionIterArg(0));
    Value isInside = scalar.compare(arith::CmpIPredicate::slt, place,
                                    scalar.integer(size, 64));
    Value holds = scalar.bitAnd(scalar.bitAnd(isNext, isInside),
                                check.getRegionIterArg(1));
    scf::YieldOp::create(builder, ValueRange{place, holds});
  }
  auto branch = scf::IfOp::create(builder, TypeRange(builder.getI32Type()),
                                  check.getResult(1), /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, scalar.integer(4));
  builder.setInsertionPointToStart(branch.thenBlock());
  if (!op.getAccumulate())
    fillZeros(op.getNumbers());
  auto loop = scf::ForOp::create(builder, index(0), index(count), index(1));
  {
    OpBuilder::InsertionGuard inLoop(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value i = loop.getInductionVar();
    Value place = castIndex(builder, scalar.load(op.getWire(), i),
                            builder.getIndexType());
    Value number =
        scalar.realOf(scalar.load(op.getWire(), addIndex(builder, i, count)));
    put(scalar, op, number, place);
  }
  scf::YieldOp::create(builder, scalar.integer(0));
  return branch.getResult(0);
}
