//===- KernelVectorTable.cpp - Inner products, looked up ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Weights of a product codebook are vectors from tables. The inner products of a row of
// activations with all vectors of a table are computed once, and then looked up by all
// columns: KernelSumTable.cpp does that with numbers of 16 entries each. Inner products
// count from the least one on, and are cut into parts of five bits, two and two of which
// meet in 16 bits. With several stages, each has a table.

#include "KernelBuilder.h"

#include "lowbit/IR/WeightTables.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Numbers of tables, coordinate by coordinate, filled up to `entries` entries.
static SmallVector<int16_t> transposeTables(const WeightVectors &vectors,
                                            int64_t entries) {
  int64_t size = vectors.entries * vectors.dim;
  SmallVector<int16_t> numbers;
  for (size_t table = 0; table < vectors.numbers.size(); table += size)
    for (int64_t d = 0; d < vectors.dim; ++d)
      for (int64_t i = 0; i < entries; ++i)
        numbers.push_back(i < vectors.entries
                              ? vectors.numbers[table + i * vectors.dim + d]
                              : 0);
  return numbers;
}

/// Packs the weights by `plan`: where they are vectors, their numbers.
std::optional<PackedWeights> KernelBuilder::pack(PackingPlan &plan,
                                                 std::string &reason) {
  const LinearOperand &rhs = operands[1];
  if (expandsVectors())
    return packVectors();
  if (!primitive.looksUpVectors) {
    auto result =
        packWeights(builder, op, loops, operands[0], rhs, run, primitive, plan);
    if (!result)
      reason = "its weights are not constant";
    return result;
  }
  reason = findTables();
  if (reason.empty() && looksUpWords()) {
    tables = createTables(transposeTables(*vectors, vectors->entries));
    return packVectors();
  }
  if (reason.empty())
    reason = measureProducts(op, *vectors);
  if (!reason.empty())
    return std::nullopt;
  tables = createTables(transposeTables(*vectors, WeightVectors::numEntries));
  SmallVector<char> numbers(vectors->indices.begin(), vectors->indices.end());
  plan.indices = numbers;
  LinearOperand indices = rhs;
  indices.elementType = builder.getI8Type();
  indices.strides.assign(rhs.strides.size(), 0);
  indices.strides[loops.lane] = vectors->countSlots();
  ReductionRun slots;
  slots.length = vectors->countSlots();
  tile.vectors = plan.tile.vectors = std::min(tile.vectors, 8 / vectors->parts);
  tile.vectors = plan.tile.vectors = std::max<int64_t>(tile.vectors, 1);
  return packWeights(builder, op, loops, operands[0], indices, slots, primitive,
                     plan);
}

/// Writes the inner products of the row at `row` with all vectors of all tables.
void KernelBuilder::buildVectorTable(const Index &row) {
  constexpr int64_t entries = WeightVectors::numEntries;
  auto wide = VectorType::get({entries}, builder.getI32Type());
  auto narrow = VectorType::get({entries}, builder.getI8Type());
  auto numbers = VectorType::get(
      {entries}, cast<MemRefType>(tables.getType()).getElementType());
  auto splat = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(wide, builder.getI32IntegerAttr(value)));
  };
  int64_t dim = vectors->dim, stages = vectors->stages, parts = vectors->parts;
  // The tables of `place`, whose vectors have `count` coordinates in the row.
  auto add = [&](Value place, int64_t count) {
    SmallVector<Value> codes;
    for (int64_t d = 0; d < count; ++d) {
      Value code =
          memref::LoadOp::create(builder, loc, operands[0].flat,
                                 materialize(row.plus(d).plus(place, dim)));
      if (shiftsCodes(primitive))
        code = arith::XOrIOp::create(
            builder, loc, code,
            arith::ConstantOp::create(builder, loc,
                                      builder.getI8IntegerAttr(-128)));
      code = arith::ExtUIOp::create(builder, loc, builder.getI32Type(), code);
      codes.push_back(vector::BroadcastOp::create(builder, loc, wide, code));
    }
    for (int64_t stage = 0; stage < stages; ++stage) {
      Value sums = splat(-vectors->least);
      for (auto [d, code] : llvm::enumerate(codes)) {
        Index at = Index().plus((stage * dim + d) * entries);
        if (!vectors->isShared)
          at = at.plus(place, stages * dim * entries);
        Value row = vector::LoadOp::create(builder, loc, numbers, tables,
                                           materialize(at));
        row = arith::ExtSIOp::create(builder, loc, wide, row);
        sums = arith::AddIOp::create(
            builder, loc, sums, arith::MulIOp::create(builder, loc, row, code));
      }
      for (int64_t part = 0; part < parts; ++part) {
        Value bits = arith::ShRUIOp::create(
            builder, loc, sums, splat(part * WeightVectors::partBits));
        bits = arith::AndIOp::create(builder, loc, bits,
                                     splat((1 << WeightVectors::partBits) - 1));
        bits = arith::TruncIOp::create(builder, loc, narrow, bits);
        vector::StoreOp::create(
            builder, loc, bits, table,
            materialize(Index()
                            .plus((stage * parts + part) * entries)
                            .plus(place, stages * parts * entries)));
      }
    }
  };
  int64_t full = run.length / dim, rest = run.length % dim;
  if (full != 0)
    buildFor({constantIndex(0), constantIndex(full)},
             [&](Value iv) { add(iv, dim); });
  if (rest != 0)
    add(constantIndex(full), rest);
  // The last byte of numbers may hold one that stands for nothing.
  if (vectors->countSlots() % 2 != 0)
    for (int64_t part = 0; part < parts; ++part)
      vector::StoreOp::create(
          builder, loc,
          arith::ConstantOp::create(builder, loc, builder.getZeroAttr(narrow)),
          table,
          constantIndex((vectors->countSlots() * parts + part) * entries));
}

std::string KernelBuilder::describeVectors() const {
  std::string text =
      "numbers of " + std::to_string(vectors->dim) + "-vectors, ";
  std::string stages =
      vectors->stages == 1
          ? ""
          : ", in " + std::to_string(vectors->stages) + " stages";
  if (primitive.looksUpVectors)
    return text + "whose inner products with a row " + primitive.name.str() +
           " looks up" + stages;
  return text + "which are looked up in " +
         std::to_string(vectors->countTableBytes()) + " bytes of tables" +
         stages + ", once for each panel, before " + primitive.name.str() +
         " multiplies";
}
