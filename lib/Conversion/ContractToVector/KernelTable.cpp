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

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Bytes of the table for one byte of lhs.
static constexpr int64_t rowBytes = 32;

Value lowbit::getCountTable(OpBuilder &builder, ContractOp op) {
  auto module = op->getParentOfType<ModuleOp>();
  std::string name =
      ("__lowbit_" + stringifyProduct(op.getProduct()) + "_table").str();
  auto type = MemRefType::get({256 * rowBytes}, builder.getI8Type());
  if (!module.lookupSymbol(name)) {
    SmallVector<uint8_t> counts;
    for (unsigned byte = 0; byte < 256; ++byte)
      for (unsigned nibble : {byte & 15, byte >> 4})
        for (unsigned weight = 0; weight < 16; ++weight)
          counts.push_back(llvm::popcount(
              op.getProduct() == Product::XorPopcount ? nibble ^ weight
                                                      : nibble & weight));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    auto tensor = RankedTensorType::get(type.getShape(), type.getElementType());
    memref::GlobalOp::create(
        builder, op.getLoc(), name, builder.getStringAttr("private"), type,
        DenseElementsAttr::get(tensor, ArrayRef<uint8_t>(counts)),
        /*constant=*/true, builder.getI64IntegerAttr(64));
  }
  return memref::GetGlobalOp::create(builder, op.getLoc(), type, name);
}

/// The low bits of `vector`'s elements, or the others.
static Value splitElements(OpBuilder &builder, Location loc, Value vector,
                           int64_t bits, bool high) {
  auto constant = [&](int64_t value) -> Value {
    auto type = cast<VectorType>(vector.getType());
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(
            type, builder.getIntegerAttr(type.getElementType(), value)));
  };
  if (high)
    return arith::ShRUIOp::create(builder, loc, vector, constant(bits));
  return arith::AndIOp::create(builder, loc, vector,
                               constant((int64_t(1) << bits) - 1));
}

KernelBuilder::Accumulators KernelBuilder::lookUpRun(const Panel &panel,
                                                     ArrayRef<Index> rows,
                                                     const Index &rhs,
                                                     Accumulators sums) {
  // Each byte of lhs counts up to 8.
  constexpr int64_t most = 255 / 8;
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
    Value byte = memref::LoadOp::create(builder, loc, operands[0].flat,
                                        materialize(row));
    Value place = arith::IndexCastUIOp::create(builder, loc,
                                               builder.getIndexType(), byte);
    Index at = Index().plus(place, rowBytes);
    for (bool high : {false, true}) {
      Value entries = vector::LoadOp::create(
          builder, loc, half, table, materialize(at.plus(high ? 16 : 0)));
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

/// The sums of all columns in 32 bits.
KernelBuilder::Accumulators KernelBuilder::joinHalves(Accumulators sums) {
  auto type = VectorType::get({primitive.lanes / 2}, builder.getI32Type());
  SmallVector<int64_t> all;
  for (int64_t i = 0; i < primitive.lanes; ++i)
    all.push_back(i);
  Accumulators joined;
  for (size_t i = 0; i < sums.size(); i += 2) {
    Value low = arith::ExtUIOp::create(builder, loc, type, sums[i]);
    Value high = arith::ExtUIOp::create(builder, loc, type, sums[i + 1]);
    joined.push_back(vector::ShuffleOp::create(builder, loc, low, high, all));
  }
  return joined;
}

/// Stores bits, which the lanes of `value` hold, eight to a byte.
void KernelBuilder::storeBits(Value value, const Index &index, int64_t valid) {
  const LinearOperand &result = operands.back();
  int64_t lanes = primitive.lanes;
  Value zero = arith::ConstantOp::create(builder, loc,
                                         builder.getZeroAttr(value.getType()));
  Value bits = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne,
                                     value, zero);
  if (valid < lanes) {
    SmallVector<bool> inside(lanes);
    for (int64_t lane = 0; lane < lanes; ++lane)
      inside[lane] = lane < valid;
    auto type = cast<VectorType>(bits.getType());
    bits = arith::AndIOp::create(
        builder, loc, bits,
        arith::ConstantOp::create(builder, loc,
                                  DenseElementsAttr::get(type, inside)));
  }
  Index at;
  at.constant = index.constant / 8;
  for (auto [term, factor] : index.terms)
    at.terms.push_back({term, factor / 8});
  Value bytes = vector::BitCastOp::create(
      builder, loc, VectorType::get({lanes / 8}, builder.getI8Type()), bits);
  if (valid >= lanes) {
    vector::StoreOp::create(builder, loc, bytes, result.flat, materialize(at));
    return;
  }
  for (int64_t byte = 0;
       byte < static_cast<int64_t>(llvm::divideCeil(valid, 8)); ++byte) {
    Value scalar =
        vector::ExtractOp::create(builder, loc, bytes, ArrayRef<int64_t>{byte});
    memref::StoreOp::create(builder, loc, scalar, result.flat,
                            materialize(at.plus(byte)));
  }
}
