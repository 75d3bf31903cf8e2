//===- Stream.cpp - Levels in Elias's gamma code --------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Bits go one after the other, so that all of this is scalar code. A number takes two
// pieces of at most 32 bits: zeros with a one behind, and the bits below its highest.

#include "GradientLoops.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Where the stream in a wire is, and its two numbers.
struct Layout {
  Layout(CodecAttr codec, int64_t size)
      : bits(codec.getNumBuckets(size)), codes(bits + 1), stream(bits + 2),
        capacity(codec.getWireWords(size) - stream) {}
  int64_t bits, codes, stream, capacity;
};

/// Bits that no word holds yet: fewer than 32, in an i64, their number, and the words
/// that are full, both i64.
struct Pending {
  Value bits, count, words;
};

class StreamWriter {
public:
  StreamWriter(ImplicitLocOpBuilder &builder, Value wire, int64_t stream)
      : builder(builder), scalar(builder), wire(wire), stream(stream) {}

  /// Appends the `count` lowest bits of `value`, which has no others: i64, at
  /// most 32.
  Pending append(const Pending &now, Value value, Value count) const {
    Value shifted = arith::ShLIOp::create(builder, value, now.count);
    Value bits = scalar.bitOr(now.bits, shifted);
    Value total = scalar.add(now.count, count);
    Value isFull = scalar.compare(arith::CmpIPredicate::uge, total,
                                  scalar.integer(32, 64));
    auto full = scf::IfOp::create(builder, isFull, /*withElseRegion=*/false);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(full.thenBlock());
      store(bits, now.words);
    }
    auto ifFull = [&](Value yes, Value no) {
      return scalar.select(isFull, yes, no);
    };
    return {ifFull(scalar.shr(bits, 32), bits),
            ifFull(scalar.sub(total, scalar.integer(32, 64)), total),
            ifFull(scalar.add(now.words, scalar.integer(1, 64)), now.words)};
  }

  /// Appends a positive number, an i64 below 2^31.
  Pending appendGamma(const Pending &now, Value number) const {
    Value zeros = math::CountLeadingZerosOp::create(builder, number);
    Value lower = scalar.sub(scalar.integer(63, 64), zeros);
    Value one = scalar.integer(1, 64);
    Value power = arith::ShLIOp::create(builder, one, lower);
    Pending next = append(now, power, scalar.add(lower, one));
    return append(next, scalar.bitXor(number, power), lower);
  }

  void store(Value bits, Value word) const {
    Value place = addIndex(
        builder, castIndex(builder, word, builder.getIndexType()), stream);
    scalar.store(scalar.low(bits), wire, place);
  }

private:
  ImplicitLocOpBuilder &builder;
  Lanes scalar;
  Value wire;
  int64_t stream;
};

} // namespace

void GradientLoops::writeStream(Value scratch, Value wire) const {
  Lanes scalar(builder);
  Layout layout(codec, size);
  int64_t buckets = codec.getNumBuckets(size);
  forNumbers(8, index(buckets), [&](const Lanes &lanes, Value i) {
    lanes.store(lanes.load(scratch, i), wire, i);
  });
  StreamWriter writer(builder, wire, layout.stream);
  // What goes from code to code: pending bits, the place of the last one, how many.
  Value zero = scalar.integer(0, 64), one = scalar.integer(1, 64);
  SmallVector<Value> state = {zero, zero, zero, scalar.integer(-1, 64), zero};
  auto buckets64 =
      scf::ForOp::create(builder, index(0), index(buckets), index(1), state);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(buckets64.getBody());
    Value number = buckets64.getInductionVar();
    int64_t full = codec.getBucketSize(size);
    Value first = mulIndex(builder, number, full);
    Value count =
        minIndex(builder, subIndex(builder, index(size), first), index(full));
    Value words =
        addIndex(builder, mulIndex(builder, number, codec.getBucketWords(full)),
                 buckets);
    auto loop = scf::ForOp::create(builder, index(0), count, index(1),
                                   buckets64.getRegionIterArgs());
    {
      OpBuilder::InsertionGuard inLoop(builder);
      builder.setInsertionPointToStart(loop.getBody());
      Value element = loop.getInductionVar();
      Value level = scalar.sub(readCode(scratch, words, element),
                               scalar.integer(codec.getLevels()));
      Value isSent =
          scalar.compare(arith::CmpIPredicate::ne, level, scalar.integer(0));
      ValueRange now = loop.getRegionIterArgs();
      auto sent = scf::IfOp::create(builder, now.getTypes(), isSent,
                                    /*withElseRegion=*/true);
      {
        OpBuilder::InsertionGuard inBranch(builder);
        builder.setInsertionPointToStart(sent.elseBlock());
        scf::YieldOp::create(builder, now);
        builder.setInsertionPointToStart(sent.thenBlock());
        Value place = castIndex(builder, addIndex(builder, first, element),
                                builder.getI64Type());
        Pending pending = {now[0], now[1], now[2]};
        pending = writer.appendGamma(pending, scalar.sub(place, now[3]));
        Value isNegative =
            scalar.compare(arith::CmpIPredicate::slt, level, scalar.integer(0));
        pending =
            writer.append(pending, scalar.select(isNegative, one, zero), one);
        Value magnitude =
            scalar.max(level, scalar.sub(scalar.integer(0), level));
        pending = writer.appendGamma(pending, scalar.extend(magnitude));
        scf::YieldOp::create(builder, ValueRange{pending.bits, pending.count,
                                                 pending.words, place,
                                                 scalar.add(now[4], one)});
      }
      scf::YieldOp::create(builder, sent.getResults());
    }
    scf::YieldOp::create(builder, loop.getResults());
  }
  ValueRange end = buckets64.getResults();
  Value hasRest = scalar.compare(arith::CmpIPredicate::ne, end[1], zero);
  auto rest = scf::IfOp::create(builder, hasRest, /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(rest.thenBlock());
    writer.store(end[0], end[2]);
  }
  // Fewer than 2^32, as the verifier sees to.
  Value bits = scalar.add(scalar.shl(end[2], 5), end[1]);
  scalar.store(scalar.low(bits), wire, index(layout.bits));
  scalar.store(scalar.low(end[4]), wire, index(layout.codes));
}

namespace {

class StreamReader {
public:
  StreamReader(ImplicitLocOpBuilder &builder, Value wire, const Layout &layout)
      : builder(builder), scalar(builder), wire(wire), layout(layout) {}

  /// A gamma code at the bit `at`, an i64, and the bit behind it. `isCode`
  /// becomes false for more zeros than a number of 31 bits has.
  Value readGamma(Value &at, Value &isCode) const {
    Value bits = peek(at);
    // 33 bits, the highest set: at most 32 zeros.
    Value zeros = math::CountTrailingZerosOp::create(
        builder, scalar.bitOr(bits, scalar.integer(int64_t(1) << 32, 64)));
    isCode =
        scalar.bitAnd(isCode, scalar.compare(arith::CmpIPredicate::ule, zeros,
                                             scalar.integer(30, 64)));
    Value one = scalar.integer(1, 64);
    at = scalar.add(at, scalar.add(zeros, one));
    Value power = arith::ShLIOp::create(builder, one, zeros);
    Value lower = scalar.bitAnd(peek(at), scalar.sub(power, one));
    at = scalar.add(at, zeros);
    return scalar.bitOr(power, lower);
  }

  /// The next bit.
  Value readBit(Value &at) const {
    Value bit = scalar.bitAnd(peek(at), scalar.integer(1, 64));
    at = scalar.add(at, scalar.integer(1, 64));
    return bit;
  }

private:
  /// At least 33 bits from the bit `at` on; zeros behind the last word.
  Value peek(Value at) const {
    Value word = scalar.shr(at, 5);
    Value pair = scalar.bitOr(
        load(word),
        scalar.shl(load(scalar.add(word, scalar.integer(1, 64))), 32));
    return arith::ShRUIOp::create(builder, pair,
                                  scalar.bitAnd(at, scalar.integer(31, 64)));
  }

  Value load(Value word) const {
    Value last = scalar.integer(layout.capacity - 1, 64);
    Value inside = scalar.compare(arith::CmpIPredicate::ule, word, last);
    Value place = castIndex(builder, scalar.select(inside, word, last),
                            builder.getIndexType());
    Value bits = scalar.extend(
        scalar.load(wire, addIndex(builder, place, layout.stream)));
    return scalar.select(inside, bits, scalar.integer(0, 64));
  }

  ImplicitLocOpBuilder &builder;
  Lanes scalar;
  Value wire;
  const Layout &layout;
};

} // namespace

Value GradientLoops::readStream(DecodeGradientOp op) const {
  Lanes scalar(builder);
  Layout layout(codec, size);
  Value wire = op.getWire();
  auto header = [&](int64_t place) {
    return scalar.extend(scalar.load(wire, index(place)));
  };
  auto isAtMost = [&](Value value, Value limit) {
    return scalar.compare(arith::CmpIPredicate::ule, value, limit);
  };
  Value bits = header(layout.bits), codes = header(layout.codes);
  Value isValid =
      scalar.bitAnd(isAtMost(bits, scalar.integer(32 * layout.capacity, 64)),
                    isAtMost(codes, scalar.integer(size, 64)));
  if (!op.getAccumulate())
    fillZeros(op.getNumbers());
  Value none = scalar.integer(0, 64);
  Value count = castIndex(builder, scalar.select(isValid, codes, none),
                          builder.getIndexType());
  StreamReader reader(builder, wire, layout);
  // The next bit, the place of the last code, and whether all is well.
  auto loop =
      scf::ForOp::create(builder, index(0), count, index(1),
                         ValueRange{none, scalar.integer(-1, 64), isValid});
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    ValueRange now = loop.getRegionIterArgs();
    auto going = scf::IfOp::create(builder, now.getTypes(), now[2],
                                   /*withElseRegion=*/true);
    {
      OpBuilder::InsertionGuard inBranch(builder);
      builder.setInsertionPointToStart(going.elseBlock());
      scf::YieldOp::create(builder, now);
      builder.setInsertionPointToStart(going.thenBlock());
      Value at = now[0], isCode = now[2];
      Value place = scalar.add(now[1], reader.readGamma(at, isCode));
      Value isNegative =
          scalar.compare(arith::CmpIPredicate::ne, reader.readBit(at), none);
      Value magnitude = reader.readGamma(at, isCode);
      for (Value holds :
           {isAtMost(place, scalar.integer(size - 1, 64)),
            isAtMost(magnitude, scalar.integer(codec.getLevels(), 64)),
            isAtMost(at, bits)})
        isCode = scalar.bitAnd(isCode, holds);
      auto write = scf::IfOp::create(builder, isCode, /*withElseRegion=*/false);
      {
        OpBuilder::InsertionGuard inWrite(builder);
        builder.setInsertionPointToStart(write.thenBlock());
        Value element = castIndex(builder, place, builder.getIndexType());
        Value bucket = divIndex(builder, element, codec.getBucketSize(size));
        Value step = scalar.realOf(scalar.load(wire, bucket));
        Value level = scalar.low(magnitude);
        level = scalar.select(isNegative, scalar.sub(scalar.integer(0), level),
                              level);
        put(scalar, op, scalar.mul(scalar.toReal(level), step), element);
      }
      scf::YieldOp::create(builder, ValueRange{at, place, isCode});
    }
    scf::YieldOp::create(builder, going.getResults());
  }
  Value isWhole =
      scalar.compare(arith::CmpIPredicate::eq, loop.getResult(0), bits);
  return scalar.select(scalar.bitAnd(loop.getResult(2), isWhole),
                       scalar.integer(0), scalar.integer(4));
}
