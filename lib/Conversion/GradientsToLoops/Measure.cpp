//===- Measure.cpp - Parameters of buckets --------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Sums have 16 chains whatever the vectors are. What goes into a chain is exact in
// f64: a number of f32, or its square, so that fused and separate operations agree.
// The bits of magnitudes are compared as integers: the largest of them tells the
// largest number, and whether one is NaN or infinite. Of signs, the sums tell that:
// those of finite numbers are finite in f64. Vectors of f64 have 4 lanes, because longer
// ones gain nothing where a fast processor has two halves for them, and lose where it
// has fewer units for comparisons.

#include "GradientLoops.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <cfloat>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

static constexpr int64_t kChains = 16;
/// Chains in one vector, and such vectors.
static constexpr int64_t kWidth = 4, kParts = kChains / kWidth;

Value lowbit::magnitudeBits(const Lanes &lanes, Value real) {
  return lanes.bitAnd(lanes.bitsOf(real), lanes.integer(0x7FFFFFFF));
}

Value GradientLoops::Source::load(const Lanes &lanes, Value index) const {
  Value number = lanes.load(gradient, index);
  if (!state)
    return number;
  number = lanes.add(number, lanes.load(state, index));
  number = lanes.min(number, lanes.real(FLT_MAX));
  return lanes.max(number, lanes.real(-FLT_MAX));
}

Value GradientLoops::Source::take(const Lanes &lanes, Value index) const {
  Value number = load(lanes, index);
  if (state)
    lanes.store(number, state, index);
  return number;
}

Value GradientLoops::forBuckets(
    llvm::function_ref<Value(const Bucket &)> body) const {
  int64_t count = codec.getNumBuckets(size), full = codec.getBucketSize(size);
  if (count == 1)
    return body({index(0), index(0), index(size), index(0)});
  Value yes = Lanes(builder).integer(1, 1);
  auto loop =
      scf::ForOp::create(builder, index(0), index(count), index(1), yes);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value number = loop.getInductionVar();
  Value first = mulIndex(builder, number, full);
  Value rest = subIndex(builder, index(size), first);
  Value holds = body({number, first, minIndex(builder, rest, index(full)),
                      mulIndex(builder, number, codec.getBucketWords(full))});
  holds = Lanes(builder).bitAnd(holds, loop.getRegionIterArg(0));
  scf::YieldOp::create(builder, holds);
  return loop.getResult(0);
}

void GradientLoops::forNumbers(
    int64_t width, Value end,
    llvm::function_ref<void(const Lanes &, Value)> body) const {
  auto loop = [&](const Lanes &lanes, Value from, Value to, int64_t step) {
    auto loop = scf::ForOp::create(builder, from, to, index(step));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    body(lanes, loop.getInductionVar());
  };
  Value start = index(0);
  if (vectorize) {
    start = mulIndex(builder, divIndex(builder, end, width), width);
    loop(Lanes(builder, width), index(0), start, width);
  }
  loop(Lanes(builder), start, end, 1);
}

namespace {

/// The sums and extremes of a bucket, as lanes carry them.
struct Running {
  /// Bits of the largest magnitude, i32; not of signs. How many numbers are at
  /// least 0, a scalar i32; of signs only.
  Value largest, positive;
  /// Chains of f64: vectors of one sum lie together.
  SmallVector<Value> sums;

  SmallVector<Value> flatten() const {
    SmallVector<Value> values = {largest};
    if (positive)
      values.push_back(positive);
    llvm::append_range(values, sums);
    return values;
  }
};

} // namespace

static int64_t countSums(CodecAttr codec) {
  if (codec.getKind() == CodecKind::Signs)
    return 2;
  switch (codec.getScale()) {
  case CodecScale::Max:
  case CodecScale::Shift:
    return 0;
  case CodecScale::Norm:
    return 1;
  case CodecScale::Clipped:
    return 2;
  }
  llvm_unreachable("a scale");
}

/// `count`, an i32, and how many of `conditions` hold.
static Value countBits(const Lanes &lanes, Value conditions, Value count) {
  ImplicitLocOpBuilder &builder = lanes.getBuilder();
  Lanes scalar(builder);
  Value bits = conditions;
  if (lanes.getWidth() > 0) {
    Type word = builder.getIntegerType(lanes.getWidth());
    Value words = vector::BitCastOp::create(builder, VectorType::get({1}, word),
                                            conditions);
    bits = vector::ExtractOp::create(builder, words, ArrayRef<int64_t>{0});
    bits = math::CtPopOp::create(builder, bits);
  }
  return scalar.add(count, arith::ExtUIOp::create(builder, scalar.i32(), bits));
}

/// Takes `x` into what `running` has besides sums.
static void take(const Lanes &lanes, CodecAttr codec, Value x,
                 Running &running) {
  if (codec.getKind() == CodecKind::Signs) {
    Value isPositive =
        lanes.compare(arith::CmpFPredicate::OGE, x, lanes.real(0));
    running.positive = countBits(lanes, isPositive, running.positive);
    return;
  }
  running.largest = arith::MaxUIOp::create(lanes.getBuilder(), running.largest,
                                           magnitudeBits(lanes, x));
}

/// Adds `x` to chains of each sum, by `addTo`.
static void addUp(
    const Lanes &lanes, CodecAttr codec, Value x,
    llvm::function_ref<void(int64_t, llvm::function_ref<Value(Value)>)> addTo) {
  int64_t count = countSums(codec);
  if (count == 0)
    return;
  Value wide = lanes.widen(x);
  if (codec.getKind() == CodecKind::Signs) {
    // As integers, f64 of the other sign are on the other side of 0, which is 0. It
    // leaves a sum as it is, and so do zeros of either sign. NaN goes into one.
    Value bits = lanes.bitsOf(wide), zero = lanes.integer(0, 64);
    Value parts[2] = {lanes.realOf(lanes.min(bits, zero)),
                      lanes.realOf(lanes.max(bits, zero))};
    for (int64_t sum = 0; sum < count; ++sum)
      addTo(sum, [&](Value before) { return lanes.add(before, parts[sum]); });
    return;
  }
  addTo(0, [&](Value sum) { return lanes.fma(wide, wide, sum); });
  if (count == 2)
    addTo(1, [&](Value sum) { return lanes.add(sum, wide); });
}

GradientLoops::Chains GradientLoops::makeChains() const {
  Chains chains;
  auto type = MemRefType::get({kChains}, builder.getF64Type());
  for (int64_t i = 0, e = countSums(codec); i < e; ++i)
    chains.buffers.push_back(
        memref::AllocaOp::create(builder, type, builder.getI64IntegerAttr(64)));
  return chains;
}

/// Adds the chains up.
static Value join(ImplicitLocOpBuilder &builder, Value buffer) {
  Lanes scalar(builder);
  SmallVector<Value> chains;
  for (int64_t i = 0; i < kChains; ++i)
    chains.push_back(scalar.load(buffer, indexConstant(builder, i)));
  for (int64_t half = kChains / 2; half > 0; half /= 2)
    for (int64_t i = 0; i < half; ++i)
      chains[i] = scalar.add(chains[i], chains[i + half]);
  return chains[0];
}

/// The sums of `count` numbers from `first` on.
static Running run(const GradientLoops &loops,
                   const GradientLoops::Source &source, Value first,
                   Value count, const GradientLoops::Chains &chains) {
  ImplicitLocOpBuilder &builder = loops.builder;
  CodecAttr codec = loops.codec;
  bool isSigns = codec.getKind() == CodecKind::Signs;
  Lanes scalar(builder);
  auto unflatten = [&](ValueRange values) {
    Running running;
    running.largest = values[0];
    if (isSigns)
      running.positive = values[1];
    running.sums.assign(values.begin() + 1 + isSigns, values.end());
    return running;
  };
  auto loop = [&](Value from, Value to, int64_t step, const Running &initial,
                  llvm::function_ref<void(Value, Running &)> body) {
    auto loop = scf::ForOp::create(builder, from, to, loops.index(step),
                                   initial.flatten());
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Running running = unflatten(loop.getRegionIterArgs());
    body(loop.getInductionVar(), running);
    scf::YieldOp::create(builder, running.flatten());
    return unflatten(loop.getResults());
  };

  Running running;
  running.largest = scalar.integer(0);
  if (isSigns)
    running.positive = scalar.integer(0);
  Value start = loops.index(0);
  Lanes lanes(builder, kChains);
  Running vectors;
  vectors.largest = lanes.integer(0);
  if (isSigns)
    vectors.positive = running.positive;
  Lanes narrow(builder, kWidth);
  vectors.sums.assign(kParts * chains.buffers.size(), narrow.wideReal(0));
  if (loops.vectorize) {
    start = mulIndex(builder, divIndex(builder, count, kChains), kChains);
    vectors = loop(
        loops.index(0), start, kChains, vectors, [&](Value i, Running &now) {
          Value place = addIndex(builder, first, i);
          Value x = source.take(lanes, place);
          take(lanes, codec, x, now);
          for (int64_t part = 0; part < kParts; ++part) {
            int64_t behind = part * kWidth;
            // Loading again is cheaper than cutting.
            Value piece =
                source.state
                    ? narrow.slice(x, behind)
                    : source.load(narrow, addIndex(builder, place, behind));
            addUp(narrow, codec, piece, [&](int64_t sum, auto add) {
              Value &chain = now.sums[kParts * sum + part];
              chain = add(chain);
            });
          }
        });
    auto reduce = [&](vector::CombiningKind kind, Value vector) -> Value {
      return vector::ReductionOp::create(builder, kind, vector);
    };
    running.largest = reduce(vector::CombiningKind::MAXUI, vectors.largest);
    running.positive = vectors.positive;
  }
  for (auto [sum, buffer] : llvm::enumerate(chains.buffers)) {
    for (int64_t part = 0; loops.vectorize && part < kParts; ++part)
      narrow.store(vectors.sums[kParts * sum + part], buffer,
                   loops.index(part * kWidth));
    if (!loops.vectorize)
      loops.forNumbers(kChains, loops.index(kChains),
                       [&, chain = buffer](const Lanes &one, Value i) {
                         one.store(one.wideReal(0), chain, i);
                       });
  }
  Running rest = running;
  running = loop(start, count, 1, rest, [&](Value i, Running &now) {
    Value chain = remIndex(builder, i, kChains);
    Value x = source.take(scalar, addIndex(builder, first, i));
    take(scalar, codec, x, now);
    addUp(scalar, codec, x, [&](int64_t sum, auto add) {
      Value buffer = chains.buffers[sum];
      scalar.store(add(scalar.load(buffer, chain)), buffer, chain);
    });
  });
  for (Value buffer : chains.buffers)
    running.sums.push_back(join(builder, buffer));
  return running;
}

/// The f32 nearest to `wide`, an f64, and at most the largest one.
static Value narrow(ImplicitLocOpBuilder &builder, Value wide) {
  Lanes scalar(builder);
  wide = scalar.min(wide, scalar.wideReal(FLT_MAX));
  return arith::TruncFOp::create(builder, builder.getF32Type(), wide);
}

GradientLoops::Measured GradientLoops::measure(const Source &source,
                                               const Bucket &bucket,
                                               const Chains &chains) const {
  Lanes scalar(builder);
  Running sums = run(*this, source, bucket.first, bucket.count, chains);
  Measured measured;
  measured.isFinite = scalar.compare(arith::CmpIPredicate::ult, sums.largest,
                                     scalar.integer(kInfinityBits));
  Value zero = scalar.wideReal(0);
  auto toWide = [&](Value count) -> Value {
    return arith::UIToFPOp::create(builder, builder.getF64Type(), count);
  };
  Value count = castIndex(builder, bucket.count, builder.getI32Type());
  if (codec.getKind() == CodecKind::Signs) {
    Value infinity = scalar.wideReal(std::numeric_limits<double>::infinity());
    auto isFinite = [&](Value sum) {
      return scalar.compare(arith::CmpFPredicate::OLT, scalar.magnitude(sum),
                            infinity);
    };
    measured.isFinite =
        scalar.bitAnd(isFinite(sums.sums[0]), isFinite(sums.sums[1]));
    Value counts[2] = {scalar.sub(count, sums.positive), sums.positive};
    for (auto [sum, members] : llvm::zip(sums.sums, counts)) {
      Value some = scalar.max(members, scalar.integer(1));
      Value mean = scalar.div(sum, toWide(some));
      measured.parameters.numbers.push_back(
          arith::TruncFOp::create(builder, builder.getF32Type(), mean));
    }
    return measured;
  }
  Value scale = scalar.realOf(sums.largest);
  switch (codec.getScale()) {
  case CodecScale::Max:
    break;
  case CodecScale::Shift:
    measured.parameters.numbers.push_back(
        buildShiftStep(builder, scale, codec.getLevels()));
    return measured;
  case CodecScale::Norm:
    scale = narrow(builder, scalar.sqrt(sums.sums[0]));
    break;
  case CodecScale::Clipped: {
    Value number = toWide(count);
    Value mean = scalar.div(sums.sums[1], number);
    Value variance =
        scalar.sub(scalar.div(sums.sums[0], number), scalar.mul(mean, mean));
    Value deviation = scalar.sqrt(scalar.max(variance, zero));
    Value bound =
        narrow(builder,
               scalar.mul(deviation,
                          scalar.wideReal(codec.getClip().getValueAsDouble())));
    Value isBound =
        scalar.compare(arith::CmpFPredicate::OGT, bound, scalar.real(0));
    scale = scalar.select(isBound, scalar.min(scale, bound), scale);
    break;
  }
  }
  int64_t levels = isOptimal() ? kCandidates / 2 : codec.getLevels();
  measured.parameters.numbers.push_back(buildStep(builder, scale, levels));
  return measured;
}

Value GradientLoops::checkFinite(Value numbers) const {
  // The extremes of the kind that has no sums.
  MLIRContext *context = builder.getContext();
  GradientLoops plain = {builder,
                         CodecAttr::get(context, CodecKind::Levels, 0,
                                        CodecScale::Max, 1, CodecGrid::MidTread,
                                        1, CodecCoding::Fields, 1, FloatAttr(),
                                        FloatAttr(), 0),
                         size, vectorize};
  Running extremes =
      run(plain, {numbers, Value()}, index(0), index(size), Chains());
  Lanes scalar(builder);
  return scalar.compare(arith::CmpIPredicate::ult, extremes.largest,
                        scalar.integer(kInfinityBits));
}

Value GradientLoops::measureSteps(MeasureGradientOp op) const {
  Lanes scalar(builder);
  Chains chains = makeChains();
  return buildIfFinite(builder, checkFinite(op.getGradient()), [&] {
    forBuckets([&](const Bucket &bucket) {
      Measured measured = measure({op.getGradient(), Value()}, bucket, chains);
      scalar.store(measured.parameters.numbers[0], op.getSteps(),
                   bucket.number);
      return scalar.integer(1, 1);
    });
  });
}
