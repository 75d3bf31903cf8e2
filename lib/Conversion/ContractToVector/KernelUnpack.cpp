//===- KernelUnpack.cpp - Weights of few bits, unpacked in registers ------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A byte of packed weights holds those of several steps, that of the first in its
// lowest bits: a block. One load so brings the vectors of a block's steps, which are
// shifted and masked. Of numbers of three bits, a block is eight steps in three vectors,
// whose bytes hold two each and a part of the last two. What is taken out is a number
// among the values that occur: a multiple of a step and a least value, or an index to a
// byte shuffle (KernelLookUp.cpp).

#include "KernelBuilder.h"
#include "PrimitiveTables.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// A block of vector `v` of a panel's weights, as they are in memory from `index` on.
SmallVector<Value> KernelBuilder::loadBlock(const Panel &panel,
                                            const Index &index, int64_t v) {
  int64_t size = primitive.lanes * primitive.products * packed->codes.joined;
  auto type = VectorType::get(
      {size}, cast<MemRefType>(packed->flat.getType()).getElementType());
  int64_t count = packed->codes.countVectors();
  // Where other primitives read them, too, a panel may have more lanes than this one's.
  int64_t stride = panel.runStride / count;
  SmallVector<Value> block;
  for (int64_t i = 0; i < count; ++i)
    block.push_back(
        vector::LoadOp::create(builder, loc, type, packed->flat,
                               materialize(index.plus(i * stride + v * size))));
  return block;
}

/// The weights of step `step` of a block, in bytes or, if these do not hold them, words.
Value KernelBuilder::unpackValues(ArrayRef<Value> block, int64_t step) {
  const WeightNumbers &codes = packed->codes;
  auto type = cast<VectorType>(block.front().getType());
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(type, builder.getI8IntegerAttr(value)));
  };
  // Where values are equally far apart, by a power of two, the distance is part of
  // the shift.
  std::optional<int64_t> distance = codes.getDistance();
  int64_t left = distance ? llvm::Log2_64(*distance) : 0;
  Value number;
  for (const WeightNumbers::Piece &piece :
       codes.getPieces(step / codes.joined)) {
    Value part = block[piece.vector];
    int64_t right = piece.at - piece.to - left;
    if (right > 0)
      part = arith::ShRUIOp::create(builder, loc, part, constant(right));
    else if (right < 0)
      part = arith::ShLIOp::create(builder, loc, part, constant(-right));
    int64_t mask = ((int64_t(1) << piece.count) - 1) << (piece.to + left);
    part = arith::AndIOp::create(builder, loc, part,
                                 constant(static_cast<int8_t>(mask)));
    number = number ? arith::OrIOp::create(builder, loc, number, part) : part;
  }
  if (codes.isWide())
    number = lookUpWords(number, step % codes.joined);
  else if (!distance)
    number = lookUpValues(number, codes.values);
  else if (codes.values.front() != 0 && !addsLeastAtOnce)
    number = arith::AddIOp::create(builder, loc, number,
                                   constant(codes.values.front()));
  return number;
}

/// The same, as wide as the primitive reads them.
Value KernelBuilder::unpack(ArrayRef<Value> block, int64_t step) {
  return extend(unpackValues(block, step), operands[1].format,
                primitive.operandWidth);
}

/// Whether sums start from the least value times the sum of the activations: those of one
/// row, or where weights must not be negative. If so, 16 bits may hold fewer steps.
bool KernelBuilder::startsFromLeast(const WeightNumbers &codes) {
  if (!codes.isPacked() || !codes.getDistance() || primitive.looksUpSums ||
      !primitive.readsBytes() || !primitive.feature.starts_with("avx") ||
      codes.values.front() == 0)
    return false;
  leastValue = codes.values.front();
  if (exchangesOperands(primitive))
    return true;
  if (tile.rows != 1 || isSignedStorage(op.getFormat(0)) ||
      shiftsCodes(primitive))
    return false;
  std::optional<int64_t> steps = countNumberSteps();
  if (!primitive.emitPartial)
    return codes.values.back() - codes.values.front() <=
           std::numeric_limits<int8_t>::max();
  if (steps)
    partialSteps = *steps;
  return steps.has_value();
}

/// Adds the least value times the sum of a run of bytes, from `row` on, to `sums`.
void KernelBuilder::addLeast(const Index &row, MutableArrayRef<Value> sums) {
  constexpr int64_t bytes = 32; // of vpsadbw
  auto type = VectorType::get({bytes}, builder.getI8Type());
  auto wide = VectorType::get({4}, builder.getI64Type());
  Value none =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  bool isSigned = isSignedStorage(op.getFormat(0));
  auto add = [&](Value total, const Index &index, int64_t valid) {
    Value codes = loadWords(operands[0], index, 1, bytes, valid);
    if (isSigned) // 128 higher
      codes = arith::XOrIOp::create(
          builder, loc, codes,
          arith::ConstantOp::create(
              builder, loc,
              DenseElementsAttr::get(type, builder.getI8IntegerAttr(-128))));
    Value sum = callIntrinsic(builder, loc, wide, "llvm.x86.avx2.psad.bw",
                              {codes, none});
    return arith::AddIOp::create(builder, loc, total, sum).getResult();
  };
  Value total =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(wide));
  int64_t full = run.length / bytes, rest = run.length % bytes;
  if (full != 0) {
    Accumulators totals;
    buildFor(
        full, total,
        [&](Value iv, ValueRange carried) {
          return Accumulators{add(carried.front(), row.plus(iv, bytes), bytes)};
        },
        totals);
    total = totals.front();
  }
  if (rest != 0)
    total = add(total, row.plus(full * bytes), rest);
  Value sum = vector::ReductionOp::create(builder, loc,
                                          vector::CombiningKind::ADD, total);
  sum = arith::TruncIOp::create(builder, loc, builder.getI32Type(), sum);
  if (isSigned)
    sum = arith::SubIOp::create(
        builder, loc, sum,
        arith::ConstantOp::create(
            builder, loc,
            builder.getI32IntegerAttr(128 * llvm::alignTo(run.length, bytes))));
  Value least = arith::ConstantOp::create(
      builder, loc, builder.getI32IntegerAttr(leastValue));
  sum = arith::MulIOp::create(builder, loc, sum, least);
  Value start =
      vector::BroadcastOp::create(builder, loc, sums.front().getType(), sum);
  for (Value &value : sums)
    value = arith::AddIOp::create(builder, loc, value, start);
}

/// Adds the products of `steps` steps of a block to `sums`, the last with only
/// `lastTerms` terms.
void KernelBuilder::multiplyAddBlock(const Panel &panel, ArrayRef<Index> rows,
                                     const Index &rhs, int64_t steps,
                                     int64_t lastTerms,
                                     MutableArrayRef<Value> sums) {
  int64_t products = primitive.products;
  auto terms = [&](int64_t step) {
    return step + 1 == steps ? lastTerms : products;
  };
  auto add = [&](Value &sum, Value activations, Value weights) {
    if (exchangesOperands(primitive))
      std::swap(activations, weights);
    if (!primitive.emitPartial) {
      sum = primitive.emit(builder, loc, sum, activations, weights);
      return;
    }
    bool isPartial = addsInWords(packed->codes);
    Value partial = primitive.emitPartial(
        builder, loc, isPartial ? sum : Value(), activations, weights);
    sum = isPartial ? partial : primitive.widen(builder, loc, sum, partial);
  };
  auto load = [&](int64_t v) { return loadBlock(panel, rhs, v); };
  if (rows.size() == 1) {
    // One block at a time, and the activations of all its steps.
    if (run.numGroups == 0)
      prefetchWeights(rhs, panel.runStride);
    SmallVector<Value> activations;
    for (int64_t step = 0; step < steps; ++step)
      activations.push_back(
          loadActivations(rows[0].plus(step * products), terms(step)));
    for (int64_t v = 0; v < panel.vectors; ++v) {
      SmallVector<Value> block = load(v);
      for (int64_t step = 0; step < steps; ++step)
        add(sums[v], activations[step], unpack(block, step));
    }
    return;
  }
  if (blockRoom) {
    expandBlock(panel, rhs, steps);
    auto addStep = [&](Value step, int64_t count, MutableArrayRef<Value> to) {
      SmallVector<Value> weights;
      int64_t size = primitive.lanes * products;
      Type width = cast<MemRefType>(blockRoom.getType()).getElementType();
      for (int64_t v = 0; v < panel.vectors; ++v)
        weights.push_back(extend(
            vector::LoadOp::create(builder, loc, VectorType::get({size}, width),
                                   blockRoom,
                                   materialize(Index().plus(v * size).plus(
                                       step, panel.vectors * size))),
            operands[1].format, primitive.operandWidth));
      for (auto [r, row] : llvm::enumerate(rows)) {
        Value activations = loadActivations(row.plus(step, products), count);
        for (int64_t v = 0; v < panel.vectors; ++v)
          add(to[r * panel.vectors + v], activations, weights[v]);
      }
    };
    int64_t full = lastTerms == products ? steps : steps - 1;
    if (full != 0) {
      Accumulators results;
      buildFor(
          full, sums,
          [&](Value iv, ValueRange carried) {
            Accumulators next(carried);
            addStep(iv, products, next);
            return next;
          },
          results);
      llvm::copy(results, sums.begin());
    }
    if (full != steps)
      addStep(constantIndex(full), lastTerms, sums);
    return;
  }
  SmallVector<SmallVector<Value>> blocks;
  for (int64_t v = 0; v < panel.vectors; ++v)
    blocks.push_back(load(v));
  for (int64_t step = 0; step < steps; ++step) {
    SmallVector<Value> weights;
    for (ArrayRef<Value> block : blocks)
      weights.push_back(unpack(block, step));
    for (auto [r, row] : llvm::enumerate(rows)) {
      Value activations =
          loadActivations(row.plus(step * products), terms(step));
      for (int64_t v = 0; v < panel.vectors; ++v)
        add(sums[r * panel.vectors + v], activations, weights[v]);
    }
  }
}

/// `terms` terms in blocks, from the start of one on.
KernelBuilder::Accumulators KernelBuilder::reduceBlocks(const Panel &panel,
                                                        ArrayRef<Index> rows,
                                                        const Index &rhs,
                                                        int64_t terms,
                                                        Accumulators sums) {
  int64_t products = primitive.products, steps = packed->codes.countSteps();
  int64_t blocks = terms / (steps * products);
  int64_t rest = terms % (steps * products);
  Accumulators results = std::move(sums);
  if (blocks != 0) {
    Accumulators init = std::move(results);
    results.clear();
    buildFor(
        blocks, init,
        [&](Value iv, ValueRange carried) {
          SmallVector<Index> moved;
          for (const Index &row : rows)
            moved.push_back(row.plus(iv, steps * products));
          Accumulators next(carried);
          multiplyAddBlock(panel, moved, rhs.plus(iv, panel.runStride), steps,
                           products, next);
          return next;
        },
        results, countWrittenOut());
  }
  if (rest != 0) {
    SmallVector<Index> moved;
    for (const Index &row : rows)
      moved.push_back(row.plus(blocks * steps * products));
    int64_t last = rest % products;
    multiplyAddBlock(panel, moved, rhs.plus(blocks * panel.runStride),
                     llvm::divideCeil(rest, products),
                     last == 0 ? products : last, results);
  }
  return results;
}

/// The same by way of 16 bits, which hold the sums of `partialSteps` steps, of whole blocks.
KernelBuilder::Accumulators
KernelBuilder::reducePartialBlocks(const Panel &panel, ArrayRef<Index> rows,
                                   const Index &rhs, Accumulators sums) {
  int64_t products = primitive.products, steps = packed->codes.countSteps();
  int64_t terms = std::max(partialSteps, steps) * products;
  auto widened = [&](ArrayRef<Index> moved, const Index &weights, int64_t count,
                     Accumulators wide) {
    auto type =
        VectorType::get({primitive.lanes * products / 2}, builder.getI16Type());
    Value zero =
        arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    Accumulators partial = reduceBlocks(panel, moved, weights, count,
                                        Accumulators(wide.size(), zero));
    for (auto [sum, part] : llvm::zip(wide, partial))
      sum = primitive.widen(builder, loc, sum, part);
    return wide;
  };
  int64_t chunks = run.length / terms, rest = run.length % terms;
  int64_t chunkStride = terms / (steps * products) * panel.runStride;
  Accumulators results = std::move(sums);
  if (chunks != 0) {
    Accumulators init = std::move(results);
    results.clear();
    buildFor(
        chunks, init,
        [&](Value iv, ValueRange carried) {
          SmallVector<Index> moved;
          for (const Index &row : rows)
            moved.push_back(row.plus(iv, terms));
          return widened(moved, rhs.plus(iv, chunkStride), terms,
                         Accumulators(carried));
        },
        results, countWrittenOut());
  }
  if (rest != 0) {
    SmallVector<Index> moved;
    for (const Index &row : rows)
      moved.push_back(row.plus(chunks * terms));
    results = widened(moved, rhs.plus(chunks * chunkStride), rest,
                      std::move(results));
  }
  return results;
}
