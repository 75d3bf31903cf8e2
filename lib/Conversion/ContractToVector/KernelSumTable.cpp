//===- KernelSumTable.cpp - Sums of activations, looked up ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where weights have two values, a sum of products is least * sum a + distance * T, and
// T the sum of those activations whose weight is the greater one. For each four
// activations of a row a table holds the 16 sums that they can have, which four bits of
// weights look up by a byte shuffle: for 32 columns at once. The sums, of up to 1020, are
// cut into their low five bits and the others, so that bytes hold those of eight groups;
// then the two are put together in 16 bits, which hold 64 groups, and these in 32. Tables of
// inner products, see KernelVectorTable.cpp, have more such pairs of parts.

#include "KernelBuilder.h"
#include "PrimitiveTables.h"

#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Activations that one look-up adds up, and bytes of the table for them.
static constexpr int64_t groupTerms = 4, groupBytes = 32;
/// Look-ups by one byte of weights.
static constexpr int64_t byteGroups = 2;
/// Bytes of weights whose sums bytes hold, and 16 bits.
static constexpr int64_t byteChunk = 4, wordChunk = 32;
static constexpr int64_t lowBits = WeightVectors::partBits;

std::string lowbit::refuseTable(ContractOp op, const ContractionLoops &loops) {
  // In the second cache, with room for weights.
  constexpr int64_t mostTerms = 16384;
  SmallVector<unsigned> summed;
  for (unsigned loop : loops.reduction)
    if (loops.sizes[loop] != 1)
      summed.push_back(loop);
  if (!loops.groups.empty() || !loops.batch.empty() || summed.size() != 1)
    return "its sums are not of one row";
  auto last = dyn_cast<AffineDimExpr>(op.getLhsMap().getResults().back());
  if (!last || last.getPosition() != summed[0])
    return "its sums do not go along the rows of lhs";
  if (loops.sizes[summed[0]] > mostTerms)
    return "its sums have more than " + std::to_string(mostTerms) + " terms";
  auto constant = op.getRhs().getDefiningOp<arith::ConstantOp>();
  if (!constant || getStorage(constant))
    return "its weights are not constant, or stored in another way";
  return "";
}

std::string lowbit::refuseSumTable(ContractOp op,
                                   const ContractionLoops &loops) {
  std::string reason = refuseTable(op, loops);
  if (!reason.empty())
    return reason;
  auto constant = op.getRhs().getDefiningOp<arith::ConstantOp>();
  if (!findTwoValues(constant.getValue()).isPacked())
    return "its weights have not two values";
  return "";
}

WeightNumbers lowbit::findTwoValues(Attribute value) {
  WeightNumbers codes;
  codes.values = listValues(value, 2);
  codes.bits = codes.values.size() == 2 ? 1 : 8;
  return codes;
}

/// Bytes of weights for each column, and parts of what one look-up finds.
int64_t KernelBuilder::countTableBytes() const {
  return llvm::divideCeil(vectors ? vectors->countSlots()
                                  : llvm::divideCeil(run.length, groupTerms),
                          byteGroups);
}
int64_t KernelBuilder::countTableParts() const {
  return vectors ? vectors->parts : 2;
}

/// Room for the table of one row, on the stack until the kernel ends.
void KernelBuilder::buildTabled(ArrayRef<Index> bases, const Index &weights) {
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Value stack = LLVM::StackSaveOp::create(builder, loc, pointer);
  if (looksUpWords()) {
    table = allocate(WeightVectors::blockPlaces * vectors->entries, 32);
    columnSums =
        allocate(llvm::alignTo(loops.sizes[loops.lane], primitive.lanes), 32);
    buildTiles([&](Value row) {
      buildVectorSums(addRow(bases, row).front());
      buildPanels(bases, weights, row);
    });
    LLVM::StackRestoreOp::create(builder, loc, stack);
    return;
  }
  int64_t groups = byteGroups * countTableBytes();
  table = allocate(groups * countTableParts() * (groupBytes / 2), 8);
  buildTiles([&](Value row) {
    Index lhs = addRow(bases, row).front();
    if (vectors)
      buildVectorTable(lhs);
    else
      rowSum = buildSumTable(lhs, groups);
    buildPanels(bases, weights, row);
  });
  LLVM::StackRestoreOp::create(builder, loc, stack);
}

/// Writes the table of the row at `row`, and returns the sum of its activations.
Value KernelBuilder::buildSumTable(const Index &row, int64_t groups) {
  auto add = [&](const Index &group, int64_t count, Value total) {
    auto words = VectorType::get({16}, builder.getI16Type());
    Value sums =
        arith::ConstantOp::create(builder, loc, builder.getZeroAttr(words));
    for (int64_t i = 0; i < count; ++i) {
      Value code = memref::LoadOp::create(
          builder, loc, operands[0].flat,
          materialize(row.plus(i).plus(materialize(group), groupTerms)));
      if (shiftsCodes(primitive)) {
        Value highest = arith::ConstantOp::create(
            builder, loc, builder.getI8IntegerAttr(-128));
        code = arith::XOrIOp::create(builder, loc, code, highest);
      }
      code = arith::ExtUIOp::create(builder, loc, builder.getI16Type(), code);
      SmallVector<int16_t> holds;
      for (int64_t entry = 0; entry < 16; ++entry)
        holds.push_back(-(entry >> i & 1));
      Value term = arith::AndIOp::create(
          builder, loc, vector::BroadcastOp::create(builder, loc, words, code),
          arith::ConstantOp::create(
              builder, loc,
              DenseElementsAttr::get(words, ArrayRef<int16_t>(holds))));
      sums = arith::AddIOp::create(builder, loc, sums, term);
    }
    auto splat = [&](int64_t value) -> Value {
      return arith::ConstantOp::create(
          builder, loc,
          DenseElementsAttr::get(words, builder.getI16IntegerAttr(value)));
    };
    Value parts[] = {
        arith::AndIOp::create(builder, loc, sums, splat((1 << lowBits) - 1)),
        arith::ShRUIOp::create(builder, loc, sums, splat(lowBits))};
    Index at = Index().plus(materialize(group), groupBytes);
    for (auto [i, part] : llvm::enumerate(parts)) {
      Value bytes = arith::TruncIOp::create(
          builder, loc, VectorType::get({16}, builder.getI8Type()), part);
      vector::StoreOp::create(builder, loc, bytes, table,
                              materialize(at.plus(i * 16)));
    }
    Value whole =
        vector::ExtractOp::create(builder, loc, sums, ArrayRef<int64_t>{15});
    whole = arith::ExtUIOp::create(builder, loc, builder.getI32Type(), whole);
    return arith::AddIOp::create(builder, loc, total, whole).getResult();
  };
  Value total =
      arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(0));
  int64_t full = run.length / groupTerms;
  if (full != 0) {
    Accumulators totals;
    buildFor(
        full, total,
        [&](Value iv, ValueRange carried) {
          return Accumulators{
              add(Index().plus(iv, 1), groupTerms, carried.front())};
        },
        totals);
    total = totals.front();
  }
  for (int64_t group = full; group < groups; ++group)
    total = add(Index().plus(group),
                std::max<int64_t>(run.length - group * groupTerms, 0), total);
  return total;
}

/// The sums of one row in a panel.
KernelBuilder::Accumulators KernelBuilder::lookUpSums(const Panel &panel) {
  if (looksUpWords())
    return loadVectorSums(panel);
  int64_t pairs = countTableParts() / 2;
  // Zeros of `bits` bits, `count` for each of two halves of each vector of columns.
  auto zeros = [&](unsigned bits, int64_t count) {
    auto type =
        VectorType::get({primitive.lanes / 2}, builder.getIntegerType(bits));
    Value zero =
        arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    return Accumulators(panel.vectors * 2 * count, zero);
  };
  // Chunks of `size` bytes of `count`, from `first` on.
  auto walk = [&](const Index &first, int64_t count, int64_t size,
                  Accumulators sums, auto body) {
    int64_t chunks = count / size, rest = count % size;
    Accumulators results = std::move(sums);
    if (chunks != 0) {
      Accumulators init = std::move(results);
      results.clear();
      buildFor(
          chunks, init,
          [&](Value iv, ValueRange carried) {
            return body(first.plus(iv, size), size, Accumulators(carried));
          },
          results);
    }
    if (rest != 0)
      results = body(first.plus(chunks * size), rest, std::move(results));
    return results;
  };
  Accumulators wide = walk(
      Index(), countTableBytes(), wordChunk, zeros(32, 1),
      [&](const Index &first, int64_t count, Accumulators sums) {
        Accumulators words =
            walk(first, count, byteChunk, zeros(16, pairs),
                 [&](const Index &byte, int64_t bytes, Accumulators carried) {
                   return addLookedUp(panel, byte, bytes, std::move(carried));
                 });
        for (auto [i, part] : llvm::enumerate(words)) {
          Value &sum = sums[i / pairs];
          Value extended =
              arith::ExtUIOp::create(builder, loc, sum.getType(), part);
          if (int64_t left = i % pairs * 2 * lowBits; left != 0)
            extended = arith::ShLIOp::create(
                builder, loc, extended,
                arith::ConstantOp::create(
                    builder, loc,
                    DenseElementsAttr::get(cast<ShapedType>(sum.getType()),
                                           builder.getI32IntegerAttr(left))));
          sum = arith::AddIOp::create(builder, loc, sum, extended);
        }
        return sums;
      });
  // least * sum a + distance * T, of columns in their order: halves of eight bytes
  // lie side by side in each 128 bits.
  const WeightNumbers &codes = packed->codes;
  auto type = VectorType::get({primitive.lanes}, builder.getI32Type());
  auto splat = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(type, builder.getI32IntegerAttr(value)));
  };
  Value start =
      vectors
          ? splat(static_cast<int32_t>(vectors->least * vectors->countSlots()))
          : arith::MulIOp::create(
                builder, loc,
                vector::BroadcastOp::create(builder, loc, type, rowSum),
                splat(codes.values[0]));
  SmallVector<int64_t> places;
  for (int64_t lane = 0; lane < primitive.lanes; ++lane)
    places.push_back(lane / 8 % 2 * 16 + lane / 16 * 8 + lane % 8);
  Accumulators sums;
  for (int64_t v = 0; v < panel.vectors; ++v) {
    Value sum = vector::ShuffleOp::create(builder, loc, wide[v * 2],
                                          wide[v * 2 + 1], places);
    if (!vectors)
      sum = arith::MulIOp::create(builder, loc, sum,
                                  splat(codes.values[1] - codes.values[0]));
    sums.push_back(arith::AddIOp::create(builder, loc, start, sum));
  }
  return sums;
}

/// Adds what `bytes` bytes of weights from `first` on look up to sums of 16 bits.
KernelBuilder::Accumulators KernelBuilder::addLookedUp(const Panel &panel,
                                                       const Index &first,
                                                       int64_t bytes,
                                                       Accumulators sums) {
  auto half = VectorType::get({16}, builder.getI8Type());
  auto whole = VectorType::get({primitive.lanes}, builder.getI8Type());
  auto words = VectorType::get({primitive.lanes / 2}, builder.getI16Type());
  auto constant = [&](ArrayRef<int8_t> values) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     DenseElementsAttr::get(whole, values));
  };
  Value mask = constant(int8_t(15)), four = constant(int8_t(4));
  SmallVector<int64_t> twice, low, high;
  SmallVector<int8_t> factors;
  for (int64_t i = 0; i < primitive.lanes; ++i) {
    twice.push_back(i % 16);
    low.push_back(i / 16 * 16 + i % 16 / 2 + i % 2 * primitive.lanes);
    high.push_back(low.back() + 8);
    factors.push_back(i % 2 == 0 ? 1 : 1 << lowBits);
  }
  // Parts of the sums, the lowest first, for each vector of columns.
  int64_t count = countTableParts();
  SmallVector<Value> parts(panel.vectors * count);
  Value at = materialize(first);
  for (int64_t byte = 0; byte < bytes; ++byte) {
    SmallVector<Value> entries;
    for (int64_t i = 0; i < byteGroups * count; ++i) {
      int64_t stride = byteGroups * count * 16;
      Index entry = Index().plus(byte * stride + i * 16).plus(at, stride);
      Value loaded =
          vector::LoadOp::create(builder, loc, half, table, materialize(entry));
      entries.push_back(
          vector::ShuffleOp::create(builder, loc, loaded, loaded, twice));
    }
    for (int64_t v = 0; v < panel.vectors; ++v) {
      Value weights = vector::LoadOp::create(
          builder, loc, whole, packed->flat,
          materialize(
              panel.weights.plus(byte * panel.runStride + v * primitive.lanes)
                  .plus(at, panel.runStride)));
      Value nibbles[] = {arith::AndIOp::create(builder, loc, weights, mask),
                         arith::ShRUIOp::create(builder, loc, weights, four)};
      for (int64_t i = 0; i < byteGroups * count; ++i) {
        Value found =
            callIntrinsic(builder, loc, whole, "llvm.x86.avx2.pshuf.b",
                          {entries[i], nibbles[i / count]});
        Value &part = parts[v * count + i % count];
        part = part ? arith::AddIOp::create(builder, loc, part, found) : found;
      }
    }
  }
  for (int64_t i = 0; i < panel.vectors * 2; ++i)
    for (int64_t pair = 0; pair < count / 2; ++pair) {
      const Value *lowest = &parts[i / 2 * count + pair * 2];
      Value pairs = vector::ShuffleOp::create(
          builder, loc, lowest[0], lowest[1], i % 2 == 0 ? low : high);
      Value joined =
          callIntrinsic(builder, loc, words, "llvm.x86.avx2.pmadd.ub.sw",
                        {pairs, constant(factors)});
      Value &sum = sums[i * (count / 2) + pair];
      sum = arith::AddIOp::create(builder, loc, sum, joined);
    }
  return sums;
}
