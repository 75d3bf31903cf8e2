//===- KernelVectorSums.cpp - Inner products, looked up one by one --------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where weights are vectors from tables of more entries than a byte shuffle finds, a row
// looks its inner products with them up in memory. Those of eight places are computed at a
// time, so that they stay in the first cache, and all columns add up what their numbers
// say. The sums of columns are on the stack meanwhile.

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Computes `columnSums` of the row at `row`: all, or those of the panels of a thread.
void KernelBuilder::buildVectorSums(const Index &row) {
  constexpr int64_t blockPlaces = WeightVectors::blockPlaces;
  auto type = VectorType::get({primitive.lanes}, builder.getI32Type());
  int64_t vectorCount =
      llvm::divideCeil(loops.sizes[loops.lane], primitive.lanes);
  buildFor({constantIndex(0), constantIndex(vectorCount)}, [&](Value iv) {
    Value zero =
        arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    vector::StoreOp::create(builder, loc, zero, columnSums,
                            materialize(Index().plus(iv, primitive.lanes)));
  });
  int64_t full = vectors->places / blockPlaces;
  int64_t rest = vectors->places % blockPlaces;
  // The last place may have fewer inputs than its vectors have coordinates.
  if (rest == 0 && run.length % vectors->dim != 0) {
    --full;
    rest = blockPlaces;
  }
  auto add = [&](Value block, int64_t places) {
    for (int64_t stage = 0; stage < vectors->stages; ++stage) {
      buildProductTable(row, block, stage, places);
      addProducts(block, stage, places);
    }
  };
  if (full != 0)
    buildFor({constantIndex(0), constantIndex(full)},
             [&](Value iv) { add(iv, blockPlaces); });
  if (rest != 0)
    add(constantIndex(full), rest);
}

/// Writes the inner products of the row at `row` with all vectors of a stage of the
/// `places` places of block `block`.
void KernelBuilder::buildProductTable(const Index &row, Value block,
                                      int64_t stage, int64_t places) {
  constexpr int64_t blockPlaces = WeightVectors::blockPlaces, chunk = 16;
  int64_t dim = vectors->dim, entries = vectors->entries;
  Type element = cast<MemRefType>(tables.getType()).getElementType();
  // Those of place `i` of the block, with `count` inputs.
  auto add = [&](Value i, int64_t count) {
    Value place = materialize(Index().plus(i, 1).plus(block, blockPlaces));
    SmallVector<Value> codes;
    for (int64_t d = 0; d < count; ++d) {
      Value code =
          memref::LoadOp::create(builder, loc, operands[0].flat,
                                 materialize(row.plus(d).plus(place, dim)));
      codes.push_back(extend(code, operands[0].format, 32));
    }
    Index from = Index().plus(stage * dim * entries);
    if (!vectors->isShared)
      from = from.plus(place, vectors->stages * dim * entries);
    auto multiply = [&](const Index &entry, int64_t length) {
      auto wide = VectorType::get({length}, builder.getI32Type());
      Value sum;
      for (auto [d, code] : llvm::enumerate(codes)) {
        Index at = from.plus(d * entries + entry.constant);
        llvm::append_range(at.terms, entry.terms);
        Value numbers = vector::LoadOp::create(
            builder, loc, VectorType::get({length}, element), tables,
            materialize(at));
        numbers = arith::ExtSIOp::create(builder, loc, wide, numbers);
        Value products = arith::MulIOp::create(
            builder, loc, numbers,
            vector::BroadcastOp::create(builder, loc, wide, code));
        sum =
            sum ? arith::AddIOp::create(builder, loc, sum, products) : products;
      }
      Index to = entry.plus(i, entries);
      vector::StoreOp::create(builder, loc, sum, table, materialize(to));
    };
    int64_t whole = entries / chunk;
    if (whole != 0)
      buildFor({constantIndex(0), constantIndex(whole)},
               [&](Value iv) { multiply(Index().plus(iv, chunk), chunk); });
    walkPieces(entries % chunk, [&](int64_t first, int64_t length) {
      multiply(Index().plus(whole * chunk + first), length);
    });
  };
  int64_t left = run.length % dim;
  std::optional<int64_t> number = getConstantIntValue(block);
  bool isCut =
      left != 0 && number && *number * blockPlaces + places == vectors->places;
  int64_t whole = isCut ? places - 1 : places;
  if (whole != 0)
    buildFor({constantIndex(0), constantIndex(whole)},
             [&](Value iv) { add(iv, dim); });
  if (isCut)
    add(constantIndex(whole), left);
}

/// Adds what a stage of block `block` looks up to `columnSums`.
void KernelBuilder::addProducts(Value block, int64_t stage, int64_t places) {
  int64_t columns = loops.sizes[loops.lane];
  int64_t blockBytes = vectors->countBlockBytes(places);
  // Blocks in front of this one are whole.
  Index numbers =
      Index()
          .plus(stage * columns * blockBytes)
          .plus(block,
                vectors->stages * columns *
                    vectors->countBlockBytes(WeightVectors::blockPlaces));
  Range range = {constantIndex(0), constantIndex(columns)};
  if (panelRange) {
    Value width = constantIndex(tile.vectors * primitive.lanes);
    range.first = arith::MulIOp::create(builder, loc, panelRange->first, width);
    range.last = arith::MinUIOp::create(
        builder, loc, range.last,
        arith::MulIOp::create(builder, loc, panelRange->last, width));
  }
  auto load = [&](const Index &block) {
    if (vectors->getBits() != 8)
      return loadNumbers(block, places);
    // Loading bytes one by one takes less than taking them out of a word.
    SmallVector<Value> entries;
    for (int64_t place = 0; place < places; ++place)
      entries.push_back(arith::IndexCastUIOp::create(
          builder, loc, builder.getIndexType(),
          memref::LoadOp::create(builder, loc, packed->flat,
                                 materialize(block.plus(place)))));
    return entries;
  };
  buildFor(range, [&](Value column) {
    Value sum = memref::LoadOp::create(builder, loc, columnSums, column);
    for (auto [i, entry] :
         llvm::enumerate(load(numbers.plus(column, blockBytes))))
      sum = arith::AddIOp::create(
          builder, loc, sum,
          memref::LoadOp::create(
              builder, loc, table,
              materialize(Index().plus(i * vectors->entries).plus(entry, 1))));
    memref::StoreOp::create(builder, loc, sum, columnSums, column);
  });
}

/// The sums of the columns of a panel.
KernelBuilder::Accumulators KernelBuilder::loadVectorSums(const Panel &panel) {
  auto type = VectorType::get({primitive.lanes}, builder.getI32Type());
  Accumulators sums;
  for (int64_t v = 0; v < panel.vectors; ++v)
    sums.push_back(vector::LoadOp::create(
        builder, loc, type, columnSums,
        materialize(panel.lane.plus(v * primitive.lanes))));
  return sums;
}
