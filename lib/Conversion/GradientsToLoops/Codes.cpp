//===- Codes.cpp - Numbers, codes and fields of words ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// In a block, neighbours lie in the same bits of neighbouring words: a vector of
// codes is shifted as a whole into a vector of words, and no lane meets another.

#include "GradientLoops.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::lowbit;

//===----------------------------------------------------------------------===//
// Numbers and codes
//===----------------------------------------------------------------------===//

/// u = (word >> 8) / 2^24
static Value toUnit(const Lanes &lanes, Value word) {
  return lanes.mul(lanes.toReal(lanes.shr(word, 8)), lanes.real(0x1p-24));
}

/// The code of one of the two points around `a`.
Value GradientLoops::encodeBetween(const Lanes &lanes, Value a, Value multiples,
                                   Value u) const {
  Lanes scalar(builder);
  auto point = [&](Value number) {
    return lanes.splat(scalar.load(multiples, number));
  };
  int64_t count = codec.getParametersPerBucket();
  auto loop = scf::ForOp::create(
      builder, index(1), index(count - 1), index(1),
      ValueRange{lanes.integer(0), point(index(0)), point(index(1))});
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value number = loop.getInductionVar();
    ValueRange now = loop.getRegionIterArgs();
    Value low = point(number);
    Value isAbove = lanes.compare(arith::CmpFPredicate::OGE, a, low);
    Value code = lanes.splat(castIndex(builder, number, builder.getI32Type()));
    Value high = point(addIndex(builder, number, 1));
    scf::YieldOp::create(builder,
                         ValueRange{lanes.select(isAbove, code, now[0]),
                                    lanes.select(isAbove, low, now[1]),
                                    lanes.select(isAbove, high, now[2])});
  }
  Value low = loop.getResult(1);
  Value width = lanes.sub(loop.getResult(2), low);
  Value isUp = lanes.compare(arith::CmpFPredicate::OLT, lanes.mul(u, width),
                             lanes.sub(a, low));
  return lanes.add(loop.getResult(0),
                   lanes.select(isUp, lanes.integer(1), lanes.integer(0)));
}

Value GradientLoops::encode(const Lanes &lanes, Value x,
                            const Parameters &parameters, Value random) const {
  Value zero = lanes.real(0), one = lanes.integer(1);
  if (codec.getKind() == CodecKind::Signs)
    return lanes.select(lanes.compare(arith::CmpFPredicate::OGE, x, zero), one,
                        lanes.integer(0));
  Lanes scalar(builder);
  double levels = static_cast<double>(codec.getLevels());
  Value given = parameters.numbers[0];
  Value isZero =
      scalar.compare(arith::CmpFPredicate::OEQ, given, scalar.real(0));
  Value step = lanes.splat(scalar.select(isZero, scalar.real(1), given));
  Value u = toUnit(lanes, random);
  if (isOptimal())
    return encodeBetween(lanes, lanes.div(x, step), parameters.multiples, u);
  auto roundAtRandom = [&](Value a) {
    // Not negative, and at most `levels`.
    Value whole = lanes.toInteger(a);
    Value fraction = lanes.sub(a, lanes.toReal(whole));
    Value isUp = lanes.compare(arith::CmpFPredicate::OLT, u, fraction);
    return lanes.add(whole, lanes.select(isUp, one, lanes.integer(0)));
  };
  if (codec.getGrid() == CodecGrid::MidRise) {
    Value a = lanes.add(lanes.mul(lanes.div(x, step), lanes.real(0.5)),
                        lanes.real(levels * 0.5));
    return roundAtRandom(lanes.min(lanes.max(a, zero), lanes.real(levels)));
  }
  Value a = lanes.div(lanes.magnitude(x), step);
  Value k;
  if (codec.getLevels() == 1) {
    // No u is 1, so that floor and minimum change nothing.
    Value isUp = lanes.compare(arith::CmpFPredicate::OLT, u, a);
    k = lanes.select(isUp, one, lanes.integer(0));
  } else {
    k = roundAtRandom(lanes.min(a, lanes.real(levels)));
  }
  Value isNegative = lanes.compare(arith::CmpFPredicate::OLT, x, zero);
  Value offset = lanes.integer(codec.getLevels());
  return lanes.select(isNegative, lanes.sub(offset, k), lanes.add(offset, k));
}

Value GradientLoops::decode(const Lanes &lanes, Value code,
                            const Parameters &parameters,
                            Value gradients) const {
  if (codec.getKind() == CodecKind::Signs) {
    Value isNegative =
        lanes.compare(arith::CmpIPredicate::eq, code, lanes.integer(0));
    return lanes.select(isNegative, lanes.splat(parameters.numbers[0]),
                        lanes.splat(parameters.numbers[1]));
  }
  if (isOptimal()) {
    // Fields hold one code more than there are points.
    int64_t last = codec.getParametersPerBucket() - 1;
    code = lanes.min(code, lanes.integer(last));
    return lanes.realOf(lanes.gather(parameters.wire, parameters.first, code));
  }
  if (codec.getGrid() == CodecGrid::MidRise)
    code = lanes.shl(code, 1);
  Value offset = lanes.integer(codec.getLevels());
  if (gradients)
    offset = lanes.mul(offset, lanes.splat(gradients));
  return lanes.mul(lanes.toReal(lanes.sub(code, offset)),
                   lanes.splat(parameters.numbers[0]));
}

//===----------------------------------------------------------------------===//
// Codes and words
//===----------------------------------------------------------------------===//

void GradientLoops::writeCodes(
    const Bucket &bucket, Value words, Value first, const RandomSource *random,
    llvm::function_ref<Value(const Lanes &, Value, Value)> code) const {
  int64_t bits = codec.getFieldBits(), fields = codec.getFieldsPerWord();
  int64_t block = 8 * fields;
  Lanes scalar(builder), lanes(builder, 8);
  Value blocks = divIndex(builder, bucket.count, block);
  Value start = index(0);
  OpBuilder::InsertionGuard guard(builder);
  // Random words come in fours of the gradient.
  bool isWhole = codec.getNumBuckets(size) == 1 || codec.getBucket() % 4 == 0;
  if (vectorize && (!random || isWhole)) {
    start = mulIndex(builder, blocks, 8);
    auto loop = scf::ForOp::create(builder, index(0), blocks, index(1));
    OpBuilder::InsertionGuard inLoop(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value number = loop.getInductionVar();
    Value base =
        addIndex(builder, bucket.first, mulIndex(builder, number, block));
    // Four fields at a time: their words are random together, and sums of four
    // need few constants and do not wait for each other.
    int64_t group = std::min<int64_t>(fields, 4);
    SmallVector<Value> randomWords(group);
    auto append = [&](Value &sum, Value part, int64_t shift) {
      if (shift > 0)
        part = lanes.shl(part, shift);
      sum = sum ? lanes.bitOr(sum, part) : part;
    };
    Value sum;
    for (int64_t field = 0; field < fields; field += group) {
      Value place = addIndex(builder, base, 8 * field), part;
      if (random)
        randomWords = random->getVectors(builder, place, group);
      for (int64_t i = 0; i < group; ++i)
        append(part,
               code(lanes, addIndex(builder, place, 8 * i), randomWords[i]),
               bits * i);
      append(sum, part, bits * field);
    }
    lanes.store(sum, words,
                addIndex(builder, first, mulIndex(builder, number, 8)));
  }
  // Word by word: of the last block, or of all.
  Value rest = remIndex(builder, bucket.count, block);
  Value end = addIndex(builder, mulIndex(builder, blocks, 8),
                       minIndex(builder, rest, index(8)));
  auto loop = scf::ForOp::create(builder, start, end, index(1));
  builder.setInsertionPointToStart(loop.getBody());
  Value word = loop.getInductionVar();
  Value element =
      addIndex(builder, mulIndex(builder, divIndex(builder, word, 8), block),
               remIndex(builder, word, 8));
  Value behind = subIndex(builder, bucket.count, element);
  Value count =
      minIndex(builder, divIndex(builder, addIndex(builder, behind, 7), 8),
               index(fields));
  auto inner =
      scf::ForOp::create(builder, index(0), count, index(1), scalar.integer(0));
  {
    OpBuilder::InsertionGuard inLoop(builder);
    builder.setInsertionPointToStart(inner.getBody());
    Value field = inner.getInductionVar();
    Value place = addIndex(builder, addIndex(builder, bucket.first, element),
                           mulIndex(builder, field, 8));
    Value randomWord = random ? random->getWord(builder, place) : Value();
    Value shift = castIndex(builder, mulIndex(builder, field, bits),
                            builder.getI32Type());
    Value shifted =
        arith::ShLIOp::create(builder, code(scalar, place, randomWord), shift);
    scf::YieldOp::create(builder,
                         scalar.bitOr(inner.getRegionIterArg(0), shifted));
  }
  scalar.store(inner.getResult(0), words, addIndex(builder, first, word));
}

Value GradientLoops::readCode(Value words, Value first, Value element) const {
  int64_t bits = codec.getFieldBits();
  int64_t block = 8 * codec.getFieldsPerWord();
  Lanes scalar(builder);
  Value word =
      addIndex(builder, mulIndex(builder, divIndex(builder, element, block), 8),
               remIndex(builder, element, 8));
  Value field = divIndex(builder, remIndex(builder, element, block), 8);
  Value shift =
      castIndex(builder, mulIndex(builder, field, bits), builder.getI32Type());
  Value shifted = arith::ShRUIOp::create(
      builder, scalar.load(words, addIndex(builder, first, word)), shift);
  return scalar.bitAnd(shifted, scalar.integer((int64_t(1) << bits) - 1));
}

void GradientLoops::readCodes(
    const Bucket &bucket, Value words, Value first,
    llvm::function_ref<void(const Lanes &, Value, Value)> use) const {
  int64_t bits = codec.getFieldBits(), fields = codec.getFieldsPerWord();
  int64_t block = 8 * fields;
  Lanes scalar(builder), lanes(builder, 8);
  Value start = index(0);
  OpBuilder::InsertionGuard guard(builder);
  if (vectorize) {
    Value blocks = divIndex(builder, bucket.count, block);
    start = mulIndex(builder, blocks, block);
    auto loop = scf::ForOp::create(builder, index(0), blocks, index(1));
    OpBuilder::InsertionGuard inLoop(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value number = loop.getInductionVar();
    Value word = lanes.load(
        words, addIndex(builder, first, mulIndex(builder, number, 8)));
    Value base =
        addIndex(builder, bucket.first, mulIndex(builder, number, block));
    Value mask = lanes.integer((int64_t(1) << bits) - 1);
    for (int64_t field = 0; field < fields; ++field)
      use(lanes, addIndex(builder, base, 8 * field),
          lanes.bitAnd(field > 0 ? lanes.shr(word, bits * field) : word, mask));
  }
  auto loop = scf::ForOp::create(builder, start, bucket.count, index(1));
  builder.setInsertionPointToStart(loop.getBody());
  Value element = loop.getInductionVar();
  use(scalar, addIndex(builder, bucket.first, element),
      readCode(words, first, element));
}
