//===- KernelBody.cpp - What happens in registers -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Loads, and the primitive.

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

Value KernelBuilder::constantIndex(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value KernelBuilder::materialize(const Index &index) {
  Value sum;
  auto add = [&](Value term) {
    sum = sum ? arith::AddIOp::create(builder, loc, sum, term) : term;
  };
  for (auto [value, factor] : index.terms)
    add(factor == 1 ? value
                    : arith::MulIOp::create(builder, loc, value,
                                            constantIndex(factor)));
  if (!sum || index.constant != 0)
    add(constantIndex(index.constant));
  return sum;
}

/// Extends codes of `format` to integers of `width` bits.
Value KernelBuilder::extend(Value value, Type format, unsigned width) {
  Type element = getElementTypeOrSelf(value.getType());
  if (isa<FloatType>(element) || element.getIntOrFloatBitWidth() == width)
    return value;
  Type type = builder.getIntegerType(width);
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(type);
  if (isSignedStorage(format))
    return arith::ExtSIOp::create(builder, loc, type, value);
  return arith::ExtUIOp::create(builder, loc, type, value);
}

/// `count` elements `stride` apart, which is not 0. Only the first `valid` are
/// read; the others are zero.
Value KernelBuilder::loadWords(const LinearOperand &operand, const Index &index,
                               int64_t stride, int64_t count, int64_t valid) {
  Type element = operand.elementType;
  auto type = VectorType::get({count}, element);
  if (stride == 1 && valid >= count)
    return vector::LoadOp::create(builder, loc, type, operand.flat,
                                  materialize(index));
  SmallVector<Value> lanes;
  for (int64_t lane = 0; lane < std::min(count, valid); ++lane)
    lanes.push_back(memref::LoadOp::create(
        builder, loc, operand.flat, materialize(index.plus(lane * stride))));
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
  lanes.resize(count, zero);
  return vector::FromElementsOp::create(builder, loc, type, lanes);
}

/// The same as i32 or f32; one element for all lanes for a stride of 0.
Value KernelBuilder::loadLanes(const LinearOperand &operand, const Index &index,
                               int64_t stride, int64_t count, int64_t valid) {
  if (stride != 0)
    return extend(loadWords(operand, index, stride, count, valid),
                  operand.format, 32);
  Value scalar = extend(
      memref::LoadOp::create(builder, loc, operand.flat, materialize(index)),
      operand.format, 32);
  return vector::BroadcastOp::create(
      builder, loc, VectorType::get({count}, scalar.getType()), scalar);
}

/// The next `products` elements of an lhs row in one integer: two i16, or four
/// or eight i8. Of the last, incomplete group of a run only `count` are read; the
/// others are zero. Shifted codes differ in their highest bit.
Value KernelBuilder::loadGroup(const Index &index, int64_t count) {
  const LinearOperand &lhs = operands[0];
  unsigned width = lhs.elementType.getIntOrFloatBitWidth();
  Type word = builder.getIntegerType(primitive.products * width);
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getIntegerAttr(word, value));
  };
  Value group;
  if (count < primitive.products) {
    for (int64_t i = 0; i < count; ++i) {
      Value single = memref::LoadOp::create(builder, loc, lhs.flat,
                                            materialize(index.plus(i)));
      single = arith::ExtUIOp::create(builder, loc, word, single);
      if (i == 0) {
        group = single;
        continue;
      }
      single = arith::ShLIOp::create(builder, loc, single, constant(i * width));
      group = arith::OrIOp::create(builder, loc, group, single);
    }
  } else {
    auto type = VectorType::get({primitive.products}, lhs.elementType);
    Value loaded = vector::LoadOp::create(builder, loc, type, lhs.flat,
                                          materialize(index));
    Value single = vector::BitCastOp::create(
        builder, loc, VectorType::get({1}, word), loaded);
    group =
        vector::ExtractOp::create(builder, loc, single, ArrayRef<int64_t>{0});
  }
  if (!shiftsCodes())
    return group;
  // The first of eight bytes has the sign of a signed number.
  constexpr uint64_t highest = 0x8080808080808080;
  return arith::XOrIOp::create(
      builder, loc, group,
      constant(llvm::SignExtend64(highest, primitive.products * width)));
}

/// The operand of one step: a group repeated in all lanes, or one of each row.
Value KernelBuilder::loadActivations(ArrayRef<Index> rows, int64_t count) {
  const LinearOperand &lhs = operands[0];
  if (primitive.products == 1) {
    Value scalar = memref::LoadOp::create(builder, loc, lhs.flat,
                                          materialize(rows.front()));
    auto type = VectorType::get({primitive.lanes}, scalar.getType());
    return vector::BroadcastOp::create(builder, loc, type, scalar);
  }
  SmallVector<Value> groups;
  for (const Index &row : rows)
    groups.push_back(loadGroup(row, count));
  int64_t numGroups = rows.size() == 1 ? primitive.lanes : rows.size();
  auto words = VectorType::get({numGroups}, groups[0].getType());
  Value vector =
      rows.size() == 1
          ? vector::BroadcastOp::create(builder, loc, words, groups[0])
                .getResult()
          : vector::FromElementsOp::create(builder, loc, words, groups)
                .getResult();
  auto type =
      VectorType::get({numGroups * primitive.products}, lhs.elementType);
  return vector::BitCastOp::create(builder, loc, type, vector);
}

/// A vector of packed weights, as wide as the primitive reads them.
Value KernelBuilder::loadWeights(const Index &index) {
  auto type = VectorType::get({primitive.lanes * primitive.products},
                              operands[1].elementType);
  Value weights = vector::LoadOp::create(builder, loc, type, packed->flat,
                                         materialize(index));
  return extend(weights, operands[1].format, primitive.operandWidth);
}

/// Adds up `terms` products in 16 bits, and the sums in 32.
KernelBuilder::Accumulators
KernelBuilder::multiplyAddPartial(const Panel &panel, ArrayRef<Index> rows,
                                  const Index &rhs, int64_t terms,
                                  Accumulators sums) {
  SmallVector<Value> partial(sums.size());
  int64_t products = primitive.products, count = primitive.lanes * products;
  for (int64_t first = 0; first < terms; first += products) {
    Index step = rhs.plus(first / products * panel.runStride);
    SmallVector<Value> weights;
    for (int64_t v = 0; v < panel.vectors; ++v)
      weights.push_back(loadWeights(step.plus(v * count)));
    for (auto [r, row] : llvm::enumerate(rows)) {
      Value activations =
          loadActivations(row.plus(first), std::min(products, terms - first));
      for (int64_t v = 0; v < panel.vectors; ++v) {
        Value &sum = partial[r * panel.vectors + v];
        sum = primitive.emitPartial(builder, loc, sum, activations, weights[v]);
      }
    }
  }
  for (auto [sum, part] : llvm::zip(sums, partial))
    sum = primitive.widen(builder, loc, sum, part);
  return sums;
}

KernelBuilder::Accumulators
KernelBuilder::multiplyAdd(const Panel &panel, ArrayRef<Index> rows,
                           const Index &rhs, int64_t terms, Accumulators sums) {
  int64_t count = primitive.lanes * primitive.products;
  SmallVector<Value> weights;
  for (int64_t v = 0; v < panel.vectors; ++v)
    weights.push_back(loadWeights(rhs.plus(v * count)));
  // Row by row: one register holds activations at a time.
  int64_t together = primitive.rows;
  for (int64_t r = 0, end = rows.size() / together; r < end; ++r) {
    Value activations =
        loadActivations(rows.slice(r * together, together), terms);
    for (int64_t v = 0; v < panel.vectors; ++v) {
      Value &sum = sums[r * panel.vectors + v];
      sum = primitive.emit(builder, loc, sum, activations, weights[v]);
    }
  }
  return sums;
}

/// The terms of a run, by as many as the primitive takes at once; of all columns of
/// the window if they are written out.
SmallVector<KernelBuilder::Taps> KernelBuilder::listTaps(const Panel &panel) {
  SmallVector<int64_t> lhsOffsets =
      getRunOffsets(loops, run, operands[0].strides);
  SmallVector<int64_t> rhsOffsets =
      getRunOffsets(loops, run, operands[1].strides);
  int64_t columns = 1, columnStride = 0;
  if (run.writesOutLast) {
    columns = loops.sizes[run.outer.back()];
    columnStride = operands[0].strides[run.outer.back()];
  }
  SmallVector<Taps> taps;
  for (int64_t column = 0; column < columns; ++column)
    for (int64_t term = 0; term < run.length; term += primitive.products) {
      Taps group;
      group.column = column * columnStride;
      int64_t end = std::min(term + primitive.products, run.length);
      for (int64_t i = term; i < end; ++i)
        group.lhs.push_back(group.column + lhsOffsets[i]);
      group.rhs = packed ? column * panel.outerStride +
                               term / primitive.products * panel.runStride
                         : rhsOffsets[term];
      taps.push_back(group);
    }
  return taps;
}

/// What `taps` read of lhs, as wide as the primitive reads it; by twos, interleaved,
/// where it takes two.
Value KernelBuilder::loadTaps(const Taps &taps, const Index &lhs,
                              int64_t valid) {
  SmallVector<Value> words;
  for (int64_t offset : taps.lhs)
    words.push_back(
        loadWords(operands[0], lhs.plus(offset), 1, primitive.lanes, valid));
  if (primitive.products == 1)
    return extend(words[0], operands[0].format, primitive.operandWidth);
  assert(primitive.products == 2 && "interleaves two words at most");
  if (words.size() == 2)
    return extend(
        vector::InterleaveOp::create(builder, loc, words[0], words[1]),
        operands[0].format, primitive.operandWidth);
  // The last of an odd number meets a weight of zero in its upper half.
  Value wide = extend(words[0], operands[0].format, 2 * primitive.operandWidth);
  auto type = VectorType::get({2 * primitive.lanes},
                              builder.getIntegerType(primitive.operandWidth));
  return vector::BitCastOp::create(builder, loc, type, wide);
}

KernelBuilder::Accumulators
KernelBuilder::multiplyAddChannels(const Panel &panel, ArrayRef<Index> lhs,
                                   const Index &rhs, Accumulators sums) {
  SmallVector<Taps> taps = listTaps(panel);
  // What neighbouring rows share is read once, and used while it is there.
  struct Step {
    int64_t position;
    size_t taps, row;
  };
  SmallVector<Step> steps;
  int64_t rowStride =
      rowLoops.size() == 1 ? rowLoops.front().strides[0] : int64_t(0);
  for (auto [i, group] : llvm::enumerate(taps))
    for (size_t row = 0; row < lhs.size(); ++row)
      steps.push_back({group.column + int64_t(row) * rowStride, i, row});
  if (run.writesOutLast)
    llvm::sort(steps, [](const Step &a, const Step &b) {
      return std::tie(a.position, a.taps, a.row) <
             std::tie(b.position, b.taps, b.row);
    });
  for (int64_t v = 0; v < panel.vectors; ++v) {
    int64_t first = v * primitive.lanes, valid = panel.valid - first;
    SmallVector<Value> weights(taps.size());
    DenseMap<std::pair<int64_t, int64_t>, Value> known;
    for (const Step &step : steps) {
      const Taps &group = taps[step.taps];
      Value &loaded = weights[step.taps];
      if (!loaded)
        loaded =
            packed
                ? loadWeights(rhs.plus(group.rhs + first * primitive.products))
                : extend(loadWords(operands[1], rhs.plus(first + group.rhs), 1,
                                   primitive.lanes, valid),
                         operands[1].format, primitive.operandWidth);
      // Where the first of the words is, and how far the second one is behind it.
      int64_t begin = step.position - group.column + group.lhs.front();
      int64_t apart =
          group.lhs.size() == 1 ? -1 : group.lhs.back() - group.lhs.front();
      Value once;
      Value &words =
          run.writesOutLast && rowStride != 0 ? known[{begin, apart}] : once;
      if (!words)
        words = loadTaps(group, lhs[step.row].plus(first), valid);
      Value &sum = sums[step.row * panel.vectors + v];
      sum = primitive.emit(builder, loc, sum, words, loaded);
    }
  }
  return sums;
}
