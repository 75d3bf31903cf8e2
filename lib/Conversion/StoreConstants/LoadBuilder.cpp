//===- LoadBuilder.cpp - The code that decodes stored constants -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoadBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::lowbit;

LoadBuilder::LoadBuilder(ImplicitLocOpBuilder &builder,
                         memref::GlobalOp bytesGlobal,
                         memref::GlobalOp indexGlobal,
                         memref::GlobalOp memoryGlobal)
    : builder(builder) {
  bytes = get(bytesGlobal);
  index = get(indexGlobal);
  memory = get(memoryGlobal);
  int64_t size = memoryGlobal.getType().getNumElements();
  words16 = memref::ViewOp::create(
      builder, MemRefType::get({size / 2}, builder.getI16Type()), memory,
      constant(0), ValueRange());
}

void LoadBuilder::build(int64_t count) {
  scf::ForOp::create(
      builder, constant(0), constant(count), constant(1), ValueRange(),
      [&](OpBuilder &, Location, Value number, ValueRange) {
        decodeConstant(mul(number, constant(StoredSection::rowSize)));
        scf::YieldOp::create(builder);
      });
}

void LoadBuilder::decodeConstant(Value row) {
  Value entries = loadIndex(row);
  Value start = loadIndex(add(row, constant(1)));
  Value wordBytes = loadIndex(add(row, constant(2)));
  Stream values = loadStream(row, 3), gaps = loadStream(row, 7);
  // Places count words; so does where the constant starts.
  Value first = arith::DivUIOp::create(builder, start, wordBytes);
  Value zero = constant(0);
  scf::ForOp::create(
      builder, constant(0), entries, constant(1), ValueRange{first, zero, zero},
      [&](OpBuilder &, Location, Value, ValueRange state) {
        auto [gap, afterGap] = decodeSymbol(gaps, state[1]);
        auto [value, afterValue] = decodeSymbol(values, state[2]);
        Value place = add(state[0], loadByte(add(gaps.symbols, gap)));
        storeWord(place, value, values.symbols, wordBytes);
        scf::YieldOp::create(
            builder, ValueRange{add(place, constant(1)), afterGap, afterValue});
      });
}

LoadBuilder::Stream LoadBuilder::loadStream(Value row, unsigned column) {
  auto load = [&](unsigned offset) {
    return loadIndex(add(row, constant(column + offset)));
  };
  Stream stream;
  stream.symbols = load(0);
  stream.bits = load(1);
  stream.minLength = load(2);
  stream.counts = load(3);
  return stream;
}

std::pair<Value, Value> LoadBuilder::decodeSymbol(const Stream &stream,
                                                  Value place) {
  Value zero = constant(0), one = constant(1);
  // The shortest word, of up to 16 bits, lies in three bytes.
  Value byte = add(stream.bits, shr(place, constant(3)));
  Value window = shl(loadByte(byte), constant(16));
  window = bitOr(window, shl(loadByte(add(byte, one)), constant(8)));
  window = bitOr(window, loadByte(add(byte, constant(2))));
  Value behind =
      sub(sub(constant(24), bitAnd(place, constant(7))), stream.minLength);
  Value mask = sub(shl(one, stream.minLength), one);
  Value word = bitAnd(shr(window, behind), mask);

  // Longer words, bit by bit.
  auto loop = scf::WhileOp::create(
      builder, TypeRange(SmallVector<Type>(4, builder.getIndexType())),
      ValueRange{word, zero, stream.counts, add(place, stream.minLength)},
      [&](OpBuilder &, Location, ValueRange state) {
        Value count = loadIndex(state[2]);
        Value isLonger = arith::CmpIOp::create(
            builder, arith::CmpIPredicate::uge, state[0], count);
        scf::ConditionOp::create(builder, isLonger, state);
      },
      [&](OpBuilder &, Location, ValueRange state) {
        Value count = loadIndex(state[2]);
        Value at = loadByte(add(stream.bits, shr(state[3], constant(3))));
        Value bit = bitAnd(
            shr(at, sub(constant(7), bitAnd(state[3], constant(7)))), one);
        Value longer = bitOr(shl(sub(state[0], count), one), bit);
        scf::YieldOp::create(builder, ValueRange{longer, add(state[1], count),
                                                 add(state[2], one),
                                                 add(state[3], one)});
      });
  return {add(loop.getResult(1), loop.getResult(0)), loop.getResult(3)};
}

/// Stores the value whose number among `symbols` is `symbol` as the word `place`.
void LoadBuilder::storeWord(Value place, Value symbol, Value symbols,
                            Value wordBytes) {
  Value at = add(symbols, mul(symbol, wordBytes));
  Value isByte = arith::CmpIOp::create(builder, arith::CmpIPredicate::eq,
                                       wordBytes, constant(1));
  Value low = memref::LoadOp::create(builder, bytes, at);
  scf::IfOp::create(
      builder, isByte,
      [&](OpBuilder &, Location) {
        memref::StoreOp::create(builder, low, memory, place);
        scf::YieldOp::create(builder);
      },
      [&](OpBuilder &, Location) {
        Value high = loadByte(add(at, constant(1)));
        Value word = bitOr(loadByte(at), shl(high, constant(8)));
        Value narrow =
            arith::IndexCastUIOp::create(builder, builder.getI16Type(), word);
        memref::StoreOp::create(builder, narrow, words16, place);
        scf::YieldOp::create(builder);
      });
}

Value LoadBuilder::constant(int64_t value) {
  return arith::ConstantIndexOp::create(builder, value);
}

Value LoadBuilder::get(memref::GlobalOp global) {
  return memref::GetGlobalOp::create(builder, global.getType(),
                                     global.getSymName());
}

Value LoadBuilder::loadByte(Value at) {
  return arith::IndexCastUIOp::create(
      builder, builder.getIndexType(),
      memref::LoadOp::create(builder, bytes, at));
}

Value LoadBuilder::loadIndex(Value at) {
  return arith::IndexCastUIOp::create(
      builder, builder.getIndexType(),
      memref::LoadOp::create(builder, index, at));
}

Value LoadBuilder::add(Value lhs, Value rhs) {
  return arith::AddIOp::create(builder, lhs, rhs);
}
Value LoadBuilder::sub(Value lhs, Value rhs) {
  return arith::SubIOp::create(builder, lhs, rhs);
}
Value LoadBuilder::mul(Value lhs, Value rhs) {
  return arith::MulIOp::create(builder, lhs, rhs);
}
Value LoadBuilder::shl(Value lhs, Value rhs) {
  return arith::ShLIOp::create(builder, lhs, rhs);
}
Value LoadBuilder::shr(Value lhs, Value rhs) {
  return arith::ShRUIOp::create(builder, lhs, rhs);
}
Value LoadBuilder::bitAnd(Value lhs, Value rhs) {
  return arith::AndIOp::create(builder, lhs, rhs);
}
Value LoadBuilder::bitOr(Value lhs, Value rhs) {
  return arith::OrIOp::create(builder, lhs, rhs);
}
