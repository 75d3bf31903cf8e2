//===- KernelSums.cpp - The loops along a sum -----------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Outer loops around one run of terms, and the run in steps of the primitive: a last
// step with what is left, or chunks of steps that 16 bits hold.

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// What sums of a tile in a panel start from.
KernelBuilder::Accumulators KernelBuilder::createZeros(const Panel &panel) {
  Type element = primitive.isFloat ? Type(builder.getF32Type())
                                   : Type(builder.getI32Type());
  auto type = VectorType::get({primitive.lanes * primitive.rows}, element);
  int64_t count = outerTogether * tile.rows / primitive.rows * panel.vectors;
  if (primitive.looksUp) {
    type = VectorType::get({primitive.lanes / 2}, builder.getI16Type());
    count *= 2;
  }
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  return Accumulators(count, zero);
}

/// How far weights are apart along the outer loop number `depth`.
int64_t KernelBuilder::getRhsStride(const Panel &panel, unsigned depth) {
  if (!packed)
    return operands[1].strides[run.outer[depth]];
  int64_t stride = panel.outerStride;
  for (unsigned inner : ArrayRef(run.outer).drop_front(depth + 1))
    stride *= loops.sizes[inner];
  return stride;
}

KernelBuilder::Accumulators
KernelBuilder::reduce(const Panel &panel, ArrayRef<Index> rows, Index rhs,
                      unsigned depth, Index step, Accumulators sums) {
  if (depth + (run.writesOutLast ? 1 : 0) == run.outer.size())
    return reduceRun(panel, rows, rhs, step, std::move(sums));
  unsigned loop = run.outer[depth];
  int64_t rhsStride = getRhsStride(panel, depth);
  Accumulators results;
  buildFor(
      loops.sizes[loop], sums,
      [&](Value iv, ValueRange carried) {
        return reduce(panel, rows, rhs.plus(iv, rhsStride), depth + 1,
                      step.plus(iv, operands[0].strides[loop]),
                      Accumulators(carried));
      },
      results);
  return results;
}

/// The most iterations of a loop along a run that are written out: of a run of few steps
/// all, as what a loop takes would be noticed.
int64_t KernelBuilder::countStepsWrittenOut(int64_t terms) const {
  constexpr int64_t mostSteps = 8;
  return terms <= mostSteps * primitive.products ? mostSteps : 1;
}

KernelBuilder::Accumulators KernelBuilder::reduceRun(const Panel &panel,
                                                     ArrayRef<Index> rows,
                                                     const Index &rhs,
                                                     const Index &step,
                                                     Accumulators sums) {
  auto at = [&](ArrayRef<Index> indices, const Index &offset) {
    SmallVector<Index> moved(indices);
    for (Index &index : moved) {
      index.constant += offset.constant;
      llvm::append_range(index.terms, offset.terms);
    }
    return moved;
  };
  if (primitive.kind == LaneKind::Channels)
    return multiplyAddChannels(panel, at(rows, step), rhs, std::move(sums));
  if (primitive.looksUp)
    return lookUpRun(panel, at(rows, step), rhs, std::move(sums));
  if (addsLeastAtOnce)
    for (auto [r, row] : llvm::enumerate(at(rows, step)))
      addLeast(row,
               MutableArrayRef(sums).slice(r * panel.vectors, panel.vectors));
  if (packed && packed->codes.isPacked())
    return addsInWords(packed->codes)
               ? reducePartialBlocks(panel, at(rows, step), rhs,
                                     std::move(sums))
               : reduceBlocks(panel, at(rows, step), rhs, run.length,
                              std::move(sums));
  if (primitive.emitPartial)
    return reducePartial(panel, at(rows, step), rhs, std::move(sums));

  int64_t steps = run.length / primitive.products;
  Accumulators results = std::move(sums);
  if (steps != 0) {
    Accumulators init = std::move(results);
    results.clear();
    buildFor(
        steps, init,
        [&](Value iv, ValueRange carried) {
          return multiplyAdd(panel, at(rows, step.plus(iv, primitive.products)),
                             rhs.plus(iv, panel.runStride), primitive.products,
                             Accumulators(carried));
        },
        results, countStepsWrittenOut(run.length));
  }
  if (run.length % primitive.products != 0)
    results =
        multiplyAdd(panel, at(rows, step.plus(steps * primitive.products)),
                    rhs.plus(steps * panel.runStride),
                    run.length % primitive.products, std::move(results));
  return results;
}

/// The same in chunks of as many steps as 16 bits hold the sums of.
KernelBuilder::Accumulators KernelBuilder::reducePartial(const Panel &panel,
                                                         ArrayRef<Index> rows,
                                                         const Index &rhs,
                                                         Accumulators sums) {
  int64_t terms = partialSteps * primitive.products;
  int64_t chunks = run.length / terms, rest = run.length % terms;
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
          return multiplyAddPartial(
              panel, moved, rhs.plus(iv, partialSteps * panel.runStride), terms,
              Accumulators(carried));
        },
        results, countStepsWrittenOut(run.length));
  }
  if (rest != 0) {
    SmallVector<Index> moved;
    for (const Index &row : rows)
      moved.push_back(row.plus(chunks * terms));
    results = multiplyAddPartial(
        panel, moved, rhs.plus(chunks * partialSteps * panel.runStride), rest,
        std::move(results));
  }
  return results;
}

/// Adds what 16 bits do not hold, vector by vector.
KernelBuilder::Accumulators KernelBuilder::addExcess(const Panel &panel,
                                                     ArrayRef<Index> rows,
                                                     Accumulators sums) {
  const PackedExcess &excess = *packed->excess;
  Type index = builder.getIndexType();
  auto read = [&](Value list, Value at) -> Value {
    return arith::IndexCastUIOp::create(
        builder, loc, index, memref::LoadOp::create(builder, loc, list, at));
  };
  int64_t size = primitive.lanes * primitive.products;
  int64_t terms = std::min(run.length, primitive.products);
  auto type = VectorType::get({size}, operands[1].elementType);
  for (int64_t v = 0; v < panel.vectors; ++v) {
    auto at = [&](int64_t offset) {
      return materialize(Index().plus(panel.firstVector, 1).plus(v + offset));
    };
    Accumulators column;
    for (size_t r = 0; r < rows.size(); ++r)
      column.push_back(sums[r * panel.vectors + v]);
    auto loop = scf::ForOp::create(builder, loc, read(excess.starts, at(0)),
                                   read(excess.starts, at(1)), constantIndex(1),
                                   column);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(loop.getBody());
    Value step = loop.getInductionVar();
    Value offset = read(excess.offsets, step);
    Value weights =
        vector::LoadOp::create(builder, loc, type, excess.weights,
                               materialize(Index().plus(step, size)));
    Accumulators added;
    for (auto [row, sum] : llvm::zip(rows, loop.getRegionIterArgs())) {
      Value codes = loadActivations(row.plus(offset, 1), terms);
      Value part = primitive.emitPartial(builder, loc, Value(), codes, weights);
      added.push_back(primitive.widen(builder, loc, sum, part));
    }
    scf::YieldOp::create(builder, loc, added);
    for (size_t r = 0; r < rows.size(); ++r)
      sums[r * panel.vectors + v] = loop.getResult(r);
  }
  return sums;
}
