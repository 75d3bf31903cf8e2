//===- KernelVectorNumbers.cpp - Numbers of vectors in memory -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Weights that are vectors from tables are numbers of their entries in memory: of as many
// bits as an entry's number needs, and eight places of a column side by side, which a
// load or two bring, and shifts and masks take out.

#include "KernelBuilder.h"

#include "lowbit/IR/WeightTables.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Bytes of the words by which numbers are loaded, and how many are taken out of one that
/// have more than eight bits.
static constexpr int64_t wordBytes = 8, wideNumbers = 4;

namespace {
/// Where in a block a word begins: its first number, byte and bit.
struct NumberWord {
  int64_t first, byte, bit;
};
} // namespace

/// The words that hold `count` numbers of `bits` bits.
static SmallVector<NumberWord> listWords(int64_t count, unsigned bits) {
  SmallVector<NumberWord> words = {{0, 0, 0}};
  if (bits > 8 && count > wideNumbers)
    words.push_back(
        {wideNumbers, wideNumbers * bits / 8, wideNumbers * bits % 8});
  return words;
}

/// Makes `vectors` of the constant rhs and the tables of `op`, or says why not.
std::string KernelBuilder::findTables() {
  const LinearOperand &rhs = operands[1];
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  bool splat = false;
  ArrayRef<char> bytes =
      global ? getGlobalBytes(global, splat) : ArrayRef<char>();
  if (bytes.empty())
    return "its weights are not constant";
  auto walk = [&](ArrayRef<unsigned> list) {
    SmallVector<int64_t> offsets;
    walkLoops(loops, list, rhs.strides, 0,
              [&](int64_t offset) { offsets.push_back(offset); });
    return offsets;
  };
  SmallVector<int64_t> batches = walk(loops.batch);
  SmallVector<int64_t> terms = walk(loops.reduction);
  int64_t lanes = loops.sizes[loops.lane];
  auto get = [&](int64_t column, int64_t term) -> int64_t {
    int64_t at = splat ? 0
                       : batches[column / lanes] +
                             column % lanes * rhs.strides[loops.lane] +
                             terms[term];
    if (rhs.elementType.isInteger(8))
      return static_cast<int8_t>(bytes[at]);
    return reinterpret_cast<const int16_t *>(bytes.data())[at];
  };
  WeightVectors found;
  std::string reason = findVectors(op->getAttr(kTablesAttr),
                                   WeightShape::get(loops), get, found);
  if (reason.empty())
    vectors = std::move(found);
  return reason;
}

/// A constant of `numbers`, in bytes if they fit.
Value KernelBuilder::createTables(ArrayRef<int16_t> numbers) {
  bool isByte = vectors->hasBytes();
  SmallVector<char> bytes;
  for (int16_t number : numbers) {
    bytes.push_back(number & 0xFF);
    if (!isByte)
      bytes.push_back(number >> 8);
  }
  memref::GlobalOp global = getConstantGlobal(op, operands[1]);
  memref::GlobalOp made =
      createPackedGlobal(builder, global, "_tables", bytes,
                         builder.getIntegerType(isByte ? 8 : 16));
  keepWords(made);
  return memref::GetGlobalOp::create(builder, loc, made.getType(),
                                     made.getSymName());
}

/// Finds the vectors of weights whose panels are made of them: where the choice of the
/// primitive says so. Others are packed as they are.
void KernelBuilder::planVectors() {
  if (!op->hasAttr(kTablesAttr) || primitive.kind != LaneKind::Columns ||
      primitive.looksUpVectors || !loops.groups.empty())
    return;
  int64_t length = WeightShape::get(loops).length;
  if (run.length % length == 0)
    findTables(); // or does not
}

/// Numbers as weights, whose strides are in columns.
PackedWeights KernelBuilder::packVectors() {
  SmallVector<char> numbers = vectors->packNumbers();
  // The last words that are loaded end inside.
  int64_t rest = vectors->countPlaces() % WeightVectors::blockPlaces;
  for (int64_t count : {rest, WeightVectors::blockPlaces}) {
    if (count == 0 || count > vectors->countPlaces())
      continue;
    for (const NumberWord &word : listWords(count, vectors->getBits())) {
      int64_t spare = word.byte + wordBytes - vectors->countBlockBytes(count);
      int64_t size = vectors->countNumberBytes() + std::max<int64_t>(spare, 0);
      numbers.resize(std::max<size_t>(numbers.size(), size), 0);
    }
  }
  memref::GlobalOp global = getConstantGlobal(op, operands[1]);
  memref::GlobalOp made = createPackedGlobal(builder, global, "_numbers",
                                             numbers, builder.getI8Type());
  keepWords(made);
  if (expandsVectors())
    tables = createTables(vectors->numbers);
  int64_t lanes = loops.sizes[loops.lane];
  int64_t width = tile.vectors * primitive.lanes;
  PackedWeights result;
  result.flat = memref::GetGlobalOp::create(builder, loc, made.getType(),
                                            made.getSymName());
  result.batchStride = lanes;
  result.panelStride = width;
  result.tailOffset = lanes / width * width;
  result.outerStride = result.runStride = 0;
  result.tailOuterStride = result.tailRunStride = 0;
  result.vectorSize = primitive.lanes;
  return result;
}

/// The numbers of `count` places of a column, which begin at byte `index`.
SmallVector<Value> KernelBuilder::loadNumbers(const Index &index,
                                              int64_t count) {
  unsigned bits = vectors->getBits();
  Type i64 = builder.getI64Type();
  auto bytes = VectorType::get({wordBytes}, builder.getI8Type());
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getI64IntegerAttr(value));
  };
  SmallVector<Value> numbers;
  SmallVector<NumberWord> words = listWords(count, bits);
  for (auto [i, word] : llvm::enumerate(words)) {
    Value whole = vector::LoadOp::create(builder, loc, bytes, packed->flat,
                                         materialize(index.plus(word.byte)));
    whole = vector::BitCastOp::create(builder, loc, VectorType::get({1}, i64),
                                      whole);
    whole =
        vector::ExtractOp::create(builder, loc, whole, ArrayRef<int64_t>{0});
    int64_t end = i + 1 < words.size() ? words[i + 1].first : count;
    for (int64_t place = word.first; place < end; ++place) {
      Value number = whole;
      if (int64_t shift = word.bit + (place - word.first) * bits)
        number = arith::ShRUIOp::create(builder, loc, number, constant(shift));
      number = arith::AndIOp::create(builder, loc, number,
                                     constant((int64_t(1) << bits) - 1));
      numbers.push_back(arith::IndexCastUIOp::create(
          builder, loc, builder.getIndexType(), number));
    }
  }
  return numbers;
}
