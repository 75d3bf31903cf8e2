//===- KernelTable.cpp - Counts of bits, looked up ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A byte of lhs stands for two nibbles, and each nibble for 16 bytes: how many bits
// count with each of the 16 nibbles that a weight can be. Weights are the indices of
// a byte shuffle, which so counts 4 bits for each of 32 columns. Counts are summed up
// in bytes as far as they hold them, then in 16 bits: even bytes are the columns of
// one half, odd bytes those of the other.
//
// Codes of two bits are looked up alike: a byte holds four of lhs, a nibble of weights
// two, or four signs, and what is found is the sum of their products, made positive.

#include "KernelBuilder.h"

#include "lowbit/Conversion/PackedTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Sums with the nibbles that a weight can be.
static constexpr int64_t nibbleBytes = 16;

static PackedTable buildTable(ContractOp op) {
  return PackedTable::build(op.getProduct(), op.getLhsValues(),
                            op.getRhsValues());
}

Value lowbit::getCountTable(OpBuilder &builder, ContractOp op) {
  auto module = op->getParentOfType<ModuleOp>();
  std::string name =
      ("__lowbit_" + stringifyProduct(op.getProduct()) + "_table").str();
  for (ArrayRef<int64_t> values : {op.getLhsValues(), op.getRhsValues()})
    for (int64_t value : values)
      name += (value < 0 ? "_n" : "_") + std::to_string(std::abs(value));
  PackedTable table = buildTable(op);
  auto type = MemRefType::get({static_cast<int64_t>(table.sums.size())},
                              builder.getI8Type());
  if (!module.lookupSymbol(name)) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    auto tensor = RankedTensorType::get(type.getShape(), type.getElementType());
    memref::GlobalOp::create(
        builder, op.getLoc(), name, builder.getStringAttr("private"), type,
        DenseElementsAttr::get(tensor, ArrayRef<uint8_t>(table.sums)),
        /*constant=*/true, builder.getI64IntegerAttr(64));
  }
  return memref::GetGlobalOp::create(builder, op.getLoc(), type, name);
}

/// The low bits of a number, or of a vector's elements, or the others.
static Value splitElements(OpBuilder &builder, Location loc, Value value,
                           int64_t bits, bool high) {
  auto constant = [&](int64_t number) -> Value {
    Type type = value.getType();
    TypedAttr attribute =
        builder.getIntegerAttr(getElementTypeOrSelf(type), number);
    if (auto vector = dyn_cast<VectorType>(type))
      attribute = DenseElementsAttr::get(vector, Attribute(attribute));
    return arith::ConstantOp::create(builder, loc, attribute);
  };
  if (high)
    return arith::ShRUIOp::create(builder, loc, value, constant(bits));
  return arith::AndIOp::create(builder, loc, value,
                               constant((int64_t(1) << bits) - 1));
}

KernelBuilder::Accumulators KernelBuilder::lookUpRun(const Panel &panel,
                                                     ArrayRef<Index> rows,
                                                     const Index &rhs,
                                                     Accumulators sums) {
  int64_t most = buildTable(op).getWordsInBytes();
  int64_t words =
      llvm::divideCeil(run.length, llvm::divideCeil(run.length, most));
  int64_t chunks = run.length / words, rest = run.length % words;
  auto moved = [&](auto move) {
    return llvm::to_vector(llvm::map_range(rows, move));
  };
  Accumulators results;
  buildFor(
      chunks, sums,
      [&](Value iv, ValueRange carried) {
        return lookUpChunk(
            panel, moved([&](const Index &row) { return row.plus(iv, words); }),
            rhs.plus(iv, words * panel.runStride), words,
            Accumulators(carried));
      },
      results);
  if (rest == 0)
    return results;
  return lookUpChunk(
      panel, moved([&](const Index &row) { return row.plus(chunks * words); }),
      rhs.plus(chunks * words * panel.runStride), rest, std::move(results));
}

/// Counts `words` bytes of each row in bytes, and adds them to the sums.
KernelBuilder::Accumulators
KernelBuilder::lookUpChunk(const Panel &panel, ArrayRef<Index> rows,
                           const Index &rhs, int64_t words, Accumulators sums) {
  auto bytes = VectorType::get({primitive.lanes}, builder.getI8Type());
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(bytes));
  Accumulators init(rows.size() * panel.vectors, zero), counts;
  buildFor(
      words, init,
      [&](Value iv, ValueRange carried) {
        SmallVector<Index> moved;
        for (const Index &row : rows)
          moved.push_back(row.plus(iv, 1));
        return lookUpByte(panel, moved, rhs.plus(iv, panel.runStride),
                          Accumulators(carried));
      },
      counts);
  for (auto [i, sum] : llvm::enumerate(sums)) {
    Value pairs =
        vector::BitCastOp::create(builder, loc, sum.getType(), counts[i / 2]);
    sum = arith::AddIOp::create(
        builder, loc, sum, splitElements(builder, loc, pairs, 8, i % 2 == 1));
  }
  return sums;
}

/// One byte of each row.
KernelBuilder::Accumulators KernelBuilder::lookUpByte(const Panel &panel,
                                                      ArrayRef<Index> rows,
                                                      const Index &rhs,
                                                      Accumulators counts) {
  auto half = VectorType::get({16}, builder.getI8Type());
  auto whole = VectorType::get({primitive.lanes}, builder.getI8Type());
  SmallVector<Value> nibbles[2];
  for (int64_t v = 0; v < panel.vectors; ++v) {
    Value weights = loadWeights(rhs.plus(v * primitive.lanes));
    for (bool high : {false, true})
      nibbles[high].push_back(splitElements(builder, loc, weights, 4, high));
  }
  SmallVector<int64_t> twice;
  for (int64_t i = 0; i < primitive.lanes; ++i)
    twice.push_back(i % 16);
  for (auto [r, row] : llvm::enumerate(rows)) {
    Value word = memref::LoadOp::create(builder, loc, operands[0].flat,
                                        materialize(row));
    bool isWide = !word.getType().isInteger(8); // a byte for each nibble
    auto place = [&](Value byte) {
      Value number = arith::IndexCastUIOp::create(builder, loc,
                                                  builder.getIndexType(), byte);
      return Index().plus(number, isWide ? nibbleBytes : 2 * nibbleBytes);
    };
    for (bool high : {false, true}) {
      Index at = isWide ? place(splitElements(builder, loc, word, 8, high))
                        : place(word).plus(high ? nibbleBytes : 0);
      Value entries =
          vector::LoadOp::create(builder, loc, half, table, materialize(at));
      entries =
          vector::ShuffleOp::create(builder, loc, entries, entries, twice);
      for (int64_t v = 0; v < panel.vectors; ++v) {
        Value found = LLVM::CallIntrinsicOp::create(
                          builder, loc, whole,
                          builder.getStringAttr("llvm.x86.avx2.pshuf.b"),
                          ValueRange{entries, nibbles[high][v]})
                          .getResult(0);
        Value &count = counts[r * panel.vectors + v];
        count = arith::AddIOp::create(builder, loc, count, found);
      }
    }
  }
  return counts;
}

/// The sums of all columns in 32 bits, and no more made positive.
KernelBuilder::Accumulators KernelBuilder::joinHalves(Accumulators sums) {
  auto type = VectorType::get({primitive.lanes / 2}, builder.getI32Type());
  SmallVector<int64_t> all;
  for (int64_t i = 0; i < primitive.lanes; ++i)
    all.push_back(i);
  int64_t added = 2 * buildTable(op).least;
  for (unsigned loop : loops.reduction)
    added *= loops.sizes[loop];
  Accumulators joined;
  for (size_t i = 0; i < sums.size(); i += 2) {
    Value low = arith::ExtUIOp::create(builder, loc, type, sums[i]);
    Value high = arith::ExtUIOp::create(builder, loc, type, sums[i + 1]);
    Value sum = vector::ShuffleOp::create(builder, loc, low, high, all);
    if (added != 0)
      sum = arith::AddIOp::create(
          builder, loc, sum,
          arith::ConstantOp::create(
              builder, loc,
              DenseElementsAttr::get(cast<VectorType>(sum.getType()),
                                     builder.getI32IntegerAttr(added))));
    joined.push_back(sum);
  }
  return joined;
}

/// Stores codes of a bit or two, which the lanes of `value` hold, side by side in words.
void KernelBuilder::storeBits(Value value, const Index &index, int64_t valid) {
  const LinearOperand &result = operands.back();
  int64_t lanes = primitive.lanes, codes = op.getCodesPerWord();
  if (valid < lanes) {
    auto type = cast<VectorType>(value.getType());
    SmallVector<int32_t> inside(lanes, 0);
    std::fill_n(inside.begin(), valid, -1);
    value = arith::AndIOp::create(
        builder, loc, value,
        arith::ConstantOp::create(
            builder, loc,
            DenseElementsAttr::get(type, ArrayRef<int32_t>(inside))));
  }
  Index at;
  at.constant = index.constant / codes;
  for (auto [term, factor] : index.terms)
    at.terms.push_back({term, factor / codes});
  Value words = vector::BitCastOp::create(
      builder, loc, VectorType::get({lanes / codes}, result.elementType),
      packCodes(builder, loc, value, op.getPackedBits()));
  if (valid >= lanes) {
    vector::StoreOp::create(builder, loc, words, result.flat, materialize(at));
    return;
  }
  int64_t count = llvm::divideCeil(valid, codes);
  for (int64_t word = 0; word < count; ++word) {
    Value scalar =
        vector::ExtractOp::create(builder, loc, words, ArrayRef<int64_t>{word});
    memref::StoreOp::create(builder, loc, scalar, result.flat,
                            materialize(at.plus(word)));
  }
}
